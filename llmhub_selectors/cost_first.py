"""The cheapest model that is good enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from attrs import field, frozen, validators

from llmhub_core.contracts import SelectorContext
from llmhub_core.records.candidate import Candidate, Ranked, Ranking
from llmhub_core.records.need import RoleNeed
from llmhub_selectors.floor import Floor, quality_floor
from llmhub_selectors.order import by_price, dear, tie, weak
from llmhub_selectors.words import facts

__all__ = ["CostFirst", "CostFirstOptions"]


@frozen(kw_only=True)
class CostFirstOptions:
    """Options under ``selectors.cost-first`` or a role's ``selector_options``.

    Attributes:
        gap: Rating points below the best candidate that are still good enough;
            None takes 30, 100 or 300 by the quality preference.
    """

    gap: float | None = field(
        default=None, validator=validators.optional(validators.ge(0))
    )


class CostFirst:
    """Cheapest expected cost at or above the quality floor.

    The rule, exactly. The floor lies a gap of rating points below the best
    candidate that has a rating and a price: 30 for ``quality: high``, 100 for
    ``medium`` or nothing said, 300 for ``low``. What is compared is the lower end
    of a rating's interval. The order is:

    1. rated at or above the floor, with a price: by expected cost, then the higher
       rating, then :func:`~llmhub_selectors.order.tie`;
    2. rated at or above the floor, price unknown: by rating;
    3. rated below the floor: by rating, then cost;
    4. not rated: by expected cost, unknown last, then the newer release.

    An unknown price is never cheapest, an unrated model never good enough while a
    rated one is there.
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = CostFirstOptions

    def __init__(self, options: CostFirstOptions | None = None) -> None:
        self._options = options or CostFirstOptions()

    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        """See :class:`llmhub_core.contracts.Selector`."""
        floor = quality_floor(need, candidates, self._options.gap)

        def key(candidate: Candidate) -> tuple[Any, ...]:
            last = tie(need, candidate)
            if candidate.quality is None:
                return (4, *by_price(candidate), *last)
            if not floor.admits(candidate):
                return (3, weak(candidate), dear(candidate), *last)
            # An unknown price is dearer than any: rules 1 and 2 are one order.
            return (1, dear(candidate), weak(candidate), *last)

        ordered = sorted(candidates, key=key)
        enough = sum(floor.admits(c) and c.cost is not None for c in candidates)
        return Ranking(
            order=tuple(
                Ranked(
                    canonical_id=candidate.canonical_id,
                    reason=_reason(candidate, place, enough, floor),
                )
                for place, candidate in enumerate(ordered, 1)
            ),
            notes=_notes(ordered[0], floor),
        )


def _reason(candidate: Candidate, place: int, enough: int, floor: Floor) -> str:
    said = facts(candidate)
    if floor.least is None:
        return f"{said}; no. {place} by price, no candidate is rated"
    if candidate.quality is None:
        return f"{said}; after every rated model"
    if not floor.admits(candidate):
        return f"{said}; below the floor of {floor.least:.1f}"
    if candidate.cost is None:
        return f"{said}; after every model with a price"
    return f"{said}; no. {place} by price of {enough} at or above {floor.least:.1f}"


def _notes(first: Candidate, floor: Floor) -> tuple[str, ...]:
    notes: list[str] = []
    if floor.least is None:
        notes.append("no candidate is rated: chosen by price alone")
    if first.cost is None:
        notes.append("no candidate that is good enough has a known price")
    return tuple(notes)
