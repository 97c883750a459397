"""The price at which another model would be the first."""

from __future__ import annotations

from typing import Literal

from attrs import evolve

from llmhub_core.contracts import Selector, SelectorContext
from llmhub_core.records.candidate import Candidate, Candidates
from llmhub_core.records.explanation import Flip
from llmhub_core.records.need import RoleNeed
from llmhub_core.selection.pricing import Rates, expected_cost, rates

__all__ = ["flip"]

#: Halvings of the price range: the answer is exact to 1/4096 of today's price.
_HALVINGS = 12


def flip(selector: Selector, candidates: Candidates, canonical_id: str) -> Flip | None:
    """Find how far one price of a model must fall for it to be ranked first.

    The output price moves where the workload has output that is billed, else the
    input price. The selector is asked again for every price that is tried, without
    a way to ask a language model.

    Args:
        selector: Ranked the candidates.
        candidates: The eligible models of the role.
        canonical_id: One of them.

    Returns:
        The highest price found at which it is first; None when its price is
        unknown or nothing, when it is first already, or when no price makes it so.
    """
    kept = list(candidates.kept)
    place = [c.canonical_id for c in kept].index(canonical_id)
    today = kept[place]
    need = candidates.need
    found = rates(today.model, need.workload.input_tokens)
    side: Literal["input", "output"] = (
        "output" if need.workload.output_tokens and found.output else "input"
    )
    price = getattr(found, side)
    if today.cost is None or not price:
        return None

    def first_at(share: float) -> bool:
        kept[place] = _priced(today, need, evolve(found, **{side: share * price}))
        ranking = selector.rank(need, kept, SelectorContext())
        return ranking.order[0].canonical_id == canonical_id

    if first_at(1.0) or not first_at(0.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if first_at(middle):
            low = middle
        else:
            high = middle
    return Flip(
        canonical_id=canonical_id,
        side=side,
        price_per_million=price,
        below_per_million=low * price,
    )


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
