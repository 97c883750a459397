"""What a ``cost`` object means: US dollars per million tokens, or no price at all.

A bare 0/0 is not a price. It may be a free model, a plan that covers the tokens, a
local server, a preview or a gap, so only what the source says is believed.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import Any, Final

from llmhub_core.records.model import PriceBasis, PriceTier
from llmhub_sources.documents import Fields

__all__ = ["price_facts"]

#: The dearest model of 2026 costs 600; a price above this is a typing error.
_HIGHEST_PRICE = 100_000.0
#: The cheapest of 14,000 listed prices is 0.001; what lies below, and is not 0, is
#: a price per token (600 would be 0.0006).
_LOWEST_PRICE = 0.001

_FREE_ID = re.compile(r"(?:^|[:/-])free$")
_FREE_NAME = re.compile(r"\(free\)|(?:^|\s)free$")

#: 0/0 at these providers means that a plan or an allowance covers the tokens.
_PLAN: Final = re.compile(r"(?:^|-)(?:coding|token)-plan(?:-|$)")
_PLANS: Final = frozenset(
    {
        "github-copilot",  # a subscription
        "github-models",  # an allowance per day, with a GitHub account
        "gitlab",  # GitLab Duo, a subscription
        "kimi-for-coding",  # a subscription
        "nvidia",  # trial credits of build.nvidia.com
        "opencode-go",  # a subscription
    }
)

#: What a tier may list and :class:`~llmhub_core.records.model.PriceTier` has not.
_UNREAD: Final = ("reasoning", "input_audio", "output_audio")

#: Our field, and models.dev's.
_PARTS: Final = (
    ("price_input_per_million", "input"),
    ("price_output_per_million", "output"),
    ("price_reasoning_per_million", "reasoning"),
    ("price_cache_read_per_million", "cache_read"),
    ("price_cache_write_per_million", "cache_write"),
    ("price_input_audio_per_million", "input_audio"),
    ("price_output_audio_per_million", "output_audio"),
)


def _amount(cost: Fields, name: str) -> float | None:
    amount = cost.number(
        name,
        least=0.0,
        most=_HIGHEST_PRICE,
        wanted="a price in US dollars per million tokens",
    )
    if amount and amount < _LOWEST_PRICE:
        cost.refuse(name, f"{amount:g} is too little for a million tokens")
        return None
    return amount


def _basis(provider: str, model_id: str, name: str | None) -> PriceBasis:
    """What a 0/0 means."""
    if _FREE_ID.search(model_id.lower()) or _FREE_NAME.search((name or "").lower()):
        return "free"
    if provider in _PLANS or _PLAN.search(provider):
        return "subscription"
    return "zero"


def _tier(rates: Fields, above: int, unpaid: Container[str]) -> PriceTier:
    for name in ("input", "output"):
        if rates.raw(name) is None:
            rates.refuse(name, "a longer context has no price for it")
        elif rates.raw(name) == 0 and name not in unpaid:
            rates.refuse(name, "0 is no price for a longer context")
    return PriceTier(
        above_context_tokens=above,
        input_per_million=_amount(rates, "input"),
        output_per_million=_amount(rates, "output"),
        cache_read_per_million=_amount(rates, "cache_read"),
        cache_write_per_million=_amount(rates, "cache_write"),
    )


def _refuse_unread(rows: Iterable[Fields]) -> None:
    for row in rows:
        for name in _UNREAD:
            if row.raw(name) is not None:
                row.refuse(name, "is not read for a longer context")


def _tiers(cost: Fields, unpaid: Container[str]) -> tuple[PriceTier, ...] | None:
    """Read the tiers; one that can't be read makes all of them unknown.

    A missing tier would let a long request be priced by the tier below it, and one
    at no price would give it away.

    Args:
        cost: The object.
        unpaid: What costs nothing at all: 0 is no mistake there.
    """
    before = len(cost.refused)
    rows = cost.items("tiers")
    if not rows:
        legacy = None if len(cost.refused) > before else cost.table("context_over_200k")
        if legacy is None:
            return None
        found = [_tier(legacy, 200_000, unpaid)]
    else:
        found = []
        for row in rows:
            threshold = row.table("tier")
            if threshold is None or threshold.text("type") != "context":
                row.refuse("tier", "is not a threshold of the context")
                continue
            above = threshold.count("size", least=1)
            if above is None:
                row.refuse("tier", "has no size")
                continue
            found.append(_tier(row, above, unpaid))
    if len(cost.refused) > before:
        return None
    found.sort(key=lambda tier: tier.above_context_tokens)
    thresholds = [tier.above_context_tokens for tier in found]
    if len(set(thresholds)) < len(thresholds):
        cost.refuse("tiers", "two tiers have the same threshold")
        return None
    _refuse_unread(rows or ())
    return tuple(found) or None


def price_facts(
    cost: Fields, *, provider: str, model_id: str, display_name: str | None
) -> dict[str, Any]:
    """Read one ``cost`` object.

    Args:
        cost: The object.
        provider: The provider's id.
        model_id: The model's id at that provider.
        display_name: The model's display name.

    Returns:
        Values for the price fields of :class:`llmhub_core.records.model.Facts`;
        empty when there is no price to speak of.
    """
    amounts = {field: _amount(cost, name) for field, name in _PARTS}
    paid = (amounts["price_input_per_million"], amounts["price_output_per_million"])
    if any(paid):
        tiers = _tiers(cost, {"output"} if paid[1] == 0 else ())
        return amounts | {"price_tiers": tiers, "price_basis": "listed"}
    # Half of a 0/0 says even less than a whole one.
    whole = None not in paid
    for field, name in _PARTS:
        if amounts[field] or (amounts[field] == 0 and not whole):
            cost.refuse(name, "is no price where input and output have none")
            amounts[field] = None
    for tier in _tiers(cost, ("input", "output")) or ():
        if tier.input_per_million or tier.output_per_million:
            cost.refuse("tiers", "are no prices where input and output have none")
            break
    if not whole:
        return {}
    basis = _basis(provider, model_id, display_name)
    return {**(amounts if basis == "free" else {}), "price_basis": basis}
