"""The fastest model that is good enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from attrs import field, frozen, validators

from llmhub_core.contracts import SelectorContext
from llmhub_core.records.candidate import Candidate, Ranked, Ranking
from llmhub_core.records.need import RoleNeed
from llmhub_selectors.floor import Floor, quality_floor
from llmhub_selectors.order import by_price, dear, front, fronted, tie, weak
from llmhub_selectors.words import facts

__all__ = ["LatencyFirst", "LatencyFirstOptions"]


@frozen(kw_only=True)
class LatencyFirstOptions:
    """Options under ``selectors.latency-first`` or a role's ``selector_options``.

    Attributes:
        gap: Rating points below the best candidate that are still good enough;
            None takes 30, 100 or 300 by the quality preference.
    """

    gap: float | None = field(
        default=None, validator=validators.optional(validators.ge(0))
    )


class LatencyFirst:
    """Fastest above the quality floor, on the Pareto front of cost and quality.

    The rule, exactly. The floor is that of
    :class:`~llmhub_selectors.cost_first.CostFirst`. The order is:

    1. of those rated at or above the floor, with a price, and on the Pareto front
       (no candidate has at most its cost and at least its rating, and one of them
       better), the fastest; of equally fast ones the cheapest, then the best rated;
    2. the others at or above the floor with a price, on the front or not: by
       latency, then cost, then rating;
    3. rated at or above the floor, price unknown: by latency, then rating;
    4. rated below the floor: by rating, then latency;
    5. not rated: by latency, then cost, then the newer.

    Ties end in :func:`~llmhub_selectors.order.tie`. As long as no source measures
    latency, it is a proxy (size and reasoning), and the reasons say so.
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = LatencyFirstOptions

    def __init__(self, options: LatencyFirstOptions | None = None) -> None:
        self._options = options or LatencyFirstOptions()

    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        """See :class:`llmhub_core.contracts.Selector`."""
        floor = quality_floor(need, candidates, self._options.gap)
        enough = [c for c in candidates if floor.admits(c) and c.cost is not None]

        def key(candidate: Candidate) -> tuple[Any, ...]:
            slow = candidate.latency.value
            last = tie(need, candidate)
            if candidate.quality is None:
                return (5, slow, *by_price(candidate), *last)
            if not floor.admits(candidate):
                return (4, weak(candidate), slow, dear(candidate), *last)
            if candidate.cost is None:
                return (3, slow, weak(candidate), *last)
            return (2, slow, dear(candidate), weak(candidate), *last)

        ordered = fronted(sorted(candidates, key=key), front(enough))
        notes = (
            ["no candidate is rated: by latency alone"] if floor.least is None else []
        )
        if all(c.latency.basis == "proxy" for c in candidates):
            notes.append("latency is a proxy (size and reasoning), not measured")
        return Ranking(
            order=tuple(
                Ranked(
                    canonical_id=candidate.canonical_id,
                    reason=_reason(candidate, floor),
                )
                for candidate in ordered
            ),
            notes=tuple(notes),
        )


def _reason(candidate: Candidate, floor: Floor) -> str:
    latency = candidate.latency
    speed = f"latency {latency.value:g} ({latency.basis}: {latency.reason})"
    said = f"{speed}, {facts(candidate)}"
    if candidate.quality is not None and not floor.admits(candidate):
        return f"{said}; below the floor of {floor.least or 0:.1f}"
    return said
