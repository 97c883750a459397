"""The best trade of quality, cost and speed."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log2
from typing import Any, ClassVar

from attrs import field, frozen, validators

from llmhub_core.contracts import SelectorContext
from llmhub_core.records.candidate import Candidate, Ranked, Ranking
from llmhub_core.records.need import RoleNeed
from llmhub_selectors.floor import Floor, quality_floor
from llmhub_selectors.order import by_price, by_promise, dear, front, fronted, tie, weak
from llmhub_selectors.words import facts

__all__ = ["CEILING", "Balanced", "BalancedOptions", "utility"]

#: With ``cost: low``, how many times the cheapest good enough candidate's cost
#: another one may cost.
CEILING = 2.0

#: Below this price of a million tokens, differences in price hardly matter.
_CHEAP_PER_MILLION = 0.1


@frozen(kw_only=True)
class BalancedOptions:
    """Options under ``selectors.balanced`` or a role's ``selector_options``.

    Attributes:
        gap: Rating points below the best candidate that are still good enough;
            None takes 30, 100 or 300 by the quality preference.
        points_per_doubling: Rating points that a doubled price must bring, where
            quality and cost weigh the same.
        points_per_class: Rating points that one class of latency is worth, where
            quality and latency weigh the same.
    """

    gap: float | None = field(
        default=None, validator=validators.optional(validators.ge(0))
    )
    points_per_doubling: float = field(default=25.0, validator=validators.ge(0))
    points_per_class: float = field(default=10.0, validator=validators.ge(0))


class Balanced:
    """Weighted utility over the Pareto front of cost and quality.

    The rule, exactly. Candidates with a rating and a price are good enough at or
    above the floor of :class:`~llmhub_selectors.cost_first.CostFirst`. With ``cost:
    low`` they may cost at most twice as much as the cheapest of these. The utility,
    in weighted rating points, is

    ``wq * value - wc * 25 * log2(1 + cost / cheap) - wl * 10 * latency``

    with the weights of the need, the lower end of the rating's interval, the
    expected cost, and the latency class; ``cheap`` is the workload at $0.10 per
    million tokens, so that a free model is not infinitely better than a cheap one.
    The order is:

    1. of those good enough, within the ceiling, and on the Pareto front (no candidate
       has at most its cost and at least its rating, and one of them better), the one
       of the highest utility;
    2. the others that are good enough and within the ceiling: by utility;
    3. good enough above the ceiling: by utility;
    4. rated at or above the floor without a price: by rating;
    5. rated below the floor: by rating, then cost;
    6. not rated: by cost, then the newer; with ``quality: high``, unless cost is
       ``low``, the newer first, then the dearer.

    Ties end in the lower cost, the higher rating and
    :func:`~llmhub_selectors.order.tie`.
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = BalancedOptions

    def __init__(self, options: BalancedOptions | None = None) -> None:
        self._options = options or BalancedOptions()

    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        """See :class:`llmhub_core.contracts.Selector`."""
        floor = quality_floor(need, candidates, self._options.gap)
        enough = [c for c in candidates if floor.admits(c) and c.cost is not None]
        cheapest = min(map(dear, enough), default=0.0)
        ceiling = CEILING * cheapest if need.cost == "low" else inf
        scores = {c.canonical_id: utility(need, c, self._options) for c in enough}
        lavish = need.quality == "high" and need.cost != "low"

        def key(candidate: Candidate) -> tuple[Any, ...]:
            last = (dear(candidate), weak(candidate), *tie(need, candidate))
            if candidate.quality is None:
                order = by_promise if lavish else by_price
                return (6, *order(candidate), *last)
            if not floor.admits(candidate):
                return (5, weak(candidate), *last)
            if candidate.cost is None:
                return (4, weak(candidate), *last)
            score = scores[candidate.canonical_id]
            if dear(candidate) > ceiling:
                return (3, -score, *last)
            return (2, -score, *last)

        # Latency can lift one that is beaten above all of the front.
        ordered = fronted(sorted(candidates, key=key), front(enough))
        return Ranking(
            order=tuple(
                Ranked(
                    canonical_id=candidate.canonical_id,
                    reason=_reason(candidate, place, len(enough), floor),
                    score=scores.get(candidate.canonical_id),
                )
                for place, candidate in enumerate(ordered, 1)
            ),
            notes=_notes(ordered[0], floor, lavish=lavish),
        )


def utility(need: RoleNeed, candidate: Candidate, options: BalancedOptions) -> float:
    """Weighted rating points of a candidate with a rating and a price.

    Args:
        need: Weights and workload.
        candidate: Has a rating and a price.
        options: Exchange rates between points, price and latency.
    """
    tokens = need.workload.input_tokens + need.workload.output_tokens
    cheap = max(tokens, 1) * _CHEAP_PER_MILLION / 1_000_000
    weights = need.weights
    points = (
        weights.quality * -weak(candidate)
        - weights.cost * options.points_per_doubling * log2(1 + dear(candidate) / cheap)
        - weights.latency * options.points_per_class * candidate.latency.value
    )
    return round(points, 6)


def _reason(candidate: Candidate, place: int, enough: int, floor: Floor) -> str:
    said = facts(candidate)
    if candidate.quality is None:
        return f"{said}; released {candidate.released_on or 'unknown'}"
    if not floor.admits(candidate):
        return f"{said}; below the floor of {floor.least or 0:.1f}"
    if candidate.cost is None:
        return f"{said}; after every model with a price"
    return f"{said}; no. {place} of {enough} at or above {floor.least or 0:.1f}"


def _notes(first: Candidate, floor: Floor, *, lavish: bool) -> tuple[str, ...]:
    notes: list[str] = []
    if floor.least is None:
        rule = "newest, then dearest, first" if lavish else "by price alone"
        notes.append(f"no candidate is rated: {rule}")
    if first.cost is None:
        notes.append("no candidate that is good enough has a known price")
    return tuple(notes)
