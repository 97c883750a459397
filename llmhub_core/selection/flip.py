"""The price at which another model would be the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

from attrs import evolve

from llmhub_core.contracts import Selector, SelectorContext
from llmhub_core.records.candidate import Candidate, Candidates
from llmhub_core.records.explanation import Flip
from llmhub_core.records.need import RoleNeed
from llmhub_core.selection.front import pareto_front
from llmhub_core.selection.pricing import Rates, expected_cost, rates

__all__ = ["flip"]

#: Halvings of the price range: the answer is exact to 1/4096 of today's price.
_HALVINGS = 12
_STEP = 0.5**_HALVINGS


def flip(selector: Selector, candidates: Candidates, canonical_id: str) -> Flip | None:
    """Find how far one price of a model must fall for it to be ranked first.

    The output price moves where the workload has output that is billed, else the
    input price. The selector is asked again for every price that is tried, without
    a way to ask a language model. Only what stands on the Pareto front can keep
    another from the first place, so the price is sought among these; everybody then
    confirms it, or is asked for every price as well.

    Args:
        selector: Ranked the candidates.
        candidates: The eligible models of the role.
        canonical_id: One of them.

    Returns:
        The highest price found at which it is first; None when its price is
        unknown or nothing, when it is first already, or when no price makes it so.
    """
    everybody = candidates.kept
    today = next(c for c in everybody if c.canonical_id == canonical_id)
    need = candidates.need
    found = rates(today.model, need.workload.input_tokens)
    side: Literal["input", "output"] = (
        "output" if need.workload.output_tokens and found.output else "input"
    )
    price = getattr(found, side)
    if today.cost is None or not price:
        return None

    def first_at(rivals: Sequence[Candidate], share: float) -> bool:
        offered = _priced(today, need, evolve(found, **{side: share * price}))
        kept = [offered if c is today else c for c in rivals]
        ranking = selector.rank(need, kept, SelectorContext())
        return ranking.order[0].canonical_id == canonical_id

    front = {c.canonical_id for c in pareto_front(everybody)}
    few = [c for c in everybody if c is today or c.canonical_id in front]
    share = _share(partial(first_at, few))
    if not _holds(share, partial(first_at, everybody)):
        share = _share(partial(first_at, everybody))
    if share is None:
        return None
    return Flip(
        canonical_id=canonical_id,
        side=side,
        price_per_million=price,
        below_per_million=share * price,
    )


def _share(first_at: Callable[[float], bool]) -> float | None:
    """The highest share of a price at which a model is first, if it is not at all."""
    if first_at(1.0) or not first_at(0.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if first_at(middle):
            low = middle
        else:
            high = middle
    return low


def _holds(share: float | None, first_at: Callable[[float], bool]) -> bool:
    """Whether a share that was found is the one, or there is none as was found."""
    if share is None:
        return first_at(1.0) or not first_at(0.0)
    return first_at(share) and not first_at(share + _STEP)


def _priced(candidate: Candidate, need: RoleNeed, prices: Rates) -> Candidate:
    """The same candidate at other prices; they already are those of its tier."""
    model = evolve(
        candidate.model,
        price_input_per_million=prices.input,
        price_output_per_million=prices.output,
        price_cache_read_per_million=prices.cache_read,
        price_tiers=None,
    )
    return evolve(candidate, cost=expected_cost(model, need.workload))
