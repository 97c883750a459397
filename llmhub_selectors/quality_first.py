"""The best model; among equals the cheaper one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from attrs import frozen

from llmhub_core.contracts import SelectorContext
from llmhub_core.records.candidate import Candidate, Ranked, Ranking
from llmhub_core.records.need import RoleNeed
from llmhub_selectors.order import by_promise, dear, tie, weak
from llmhub_selectors.words import facts

__all__ = ["Band", "QualityFirst", "bands"]


@frozen(kw_only=True)
class Band:
    """Candidates that the ratings can't tell from the best of them.

    Attributes:
        best: Lower end of the best one's interval.
        least: Lower end from which on a candidate belongs here.
        members: At least one.
    """

    best: float
    least: float
    members: tuple[Candidate, ...]


class QualityFirst:
    """Best quality; inside the interval of the best, cheaper wins.

    The rule, exactly. What is compared is the lower end of a rating's interval. The
    best remaining candidate (of equal ones the higher rating) opens a band that
    reaches down by the distance between its rating and its lower end; whoever is in
    the band ties with it. Bands follow
    each other until every rated candidate is in one. The order is:

    1. band after band; in a band those with a price by expected cost, then the
       higher rating; those without a price after them, by rating;
    2. not rated, after every rated one: the newer release, then the dearer, for
       price is the only sign of quality that is left; unknown prices last.

    Ties end in :func:`~llmhub_selectors.order.tie`.
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        """See :class:`llmhub_core.contracts.Selector`."""
        order: list[Ranked] = []
        for number, band in enumerate(bands(candidates), 1):
            members = sorted(
                band.members, key=lambda c: (dear(c), weak(c), *tie(need, c))
            )
            order += [
                Ranked(
                    canonical_id=candidate.canonical_id,
                    reason=_reason(candidate, place, number, band),
                    score=candidate.quality.value if candidate.quality else None,
                )
                for place, candidate in enumerate(members, 1)
            ]
        unrated = sorted(
            (c for c in candidates if c.quality is None),
            key=lambda c: (*by_promise(c), *tie(need, c)),
        )
        notes = () if order else ("no candidate is rated: newest, then dearest, first",)
        order += [
            Ranked(
                canonical_id=candidate.canonical_id,
                reason=f"{facts(candidate)}; released "
                f"{candidate.released_on or 'at an unknown date'}",
            )
            for candidate in unrated
        ]
        return Ranking(order=tuple(order), notes=notes)


def bands(candidates: Sequence[Candidate]) -> Iterator[Band]:
    """Part the rated candidates into bands, the best first."""
    rated = sorted(
        ((c.quality, c) for c in candidates if c.quality is not None),
        key=lambda pair: (-pair[0].value, -pair[0].score),
    )
    start = 0
    while start < len(rated):
        best = rated[start][0]
        # A board whose interval lies above its own rating must not hang the run.
        least = best.value - max(best.score - best.value, 0.0)
        end = start
        while end < len(rated) and rated[end][0].value >= least:
            end += 1
        members = tuple(candidate for _, candidate in rated[start:end])
        yield Band(best=best.value, least=least, members=members)
        start = end


def _reason(candidate: Candidate, place: int, number: int, band: Band) -> str:
    reach = f"{band.least:.1f} to {band.best:.1f}"
    head = "best band" if number == 1 else f"band {number}"
    return (
        f"{facts(candidate)}; no. {place} by price of {len(band.members)} in the "
        f"{head} ({reach} at 95 %)"
    )
