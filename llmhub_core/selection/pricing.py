"""What one request of a role's workload costs at one model."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from llmhub_core.records.candidate import Cost
from llmhub_core.records.model import CanonicalModel, PriceTier
from llmhub_core.records.spec import Workload

__all__ = ["Rates", "expected_cost", "rates"]

#: Kinds that answer with numbers, not with tokens that are billed.
_SILENT = frozenset({"embedding", "rerank", "moderation"})

_MILLION = 1_000_000


@frozen(kw_only=True)
class Rates:
    """Prices that hold for a request of a given size; None is unknown.

    Attributes:
        input: US dollars per million input tokens.
        output: US dollars per million output tokens.
        cache_read: US dollars per million input tokens read from the cache.
    """

    input: float | None
    output: float | None
    cache_read: float | None


def rates(model: CanonicalModel, input_tokens: int) -> Rates:
    """Look up the prices of a model for requests of a given input size.

    Of the context tiers below the input size the highest one holds; what it does
    not say stays at the base price. Only listed and free prices count: a bare 0/0
    or a subscription is no price. Output is free where nothing is generated
    (embeddings, reranking, moderation).

    Args:
        model: The catalog's record.
        input_tokens: Tokens sent per request.

    Source:
        models.dev, ``cost`` and ``cost.tiers``.
    """
    if model.price_basis == "free":
        return Rates(input=0.0, output=0.0, cache_read=0.0)
    if model.price_basis != "listed":
        return Rates(input=None, output=None, cache_read=None)
    price_input = model.price_input_per_million
    price_output = model.price_output_per_million
    cache_read = model.price_cache_read_per_million
    if model.price_tiers and (tier := _tier(model.price_tiers, input_tokens)):
        price_input = _first(tier.input_per_million, price_input)
        price_output = _first(tier.output_per_million, price_output)
        cache_read = _first(tier.cache_read_per_million, cache_read)
    if model.kind in _SILENT:
        price_output = 0.0
    return Rates(input=price_input, output=price_output, cache_read=cache_read)


def expected_cost(model: CanonicalModel, workload: Workload) -> Cost | None:
    """Reckon the expected cost of one request.

    ``(fresh * input + cached * cache_read + output * price_output) / 1e6`` with
    ``cached = cached_input * input_tokens``. Without a listed cache price, cached
    tokens cost as much as fresh ones. Reasoning tokens are part of the output and
    cost what output costs; a separate price for them counts from when the catalog
    says that a plain call of the model reasons, that is, when it reasons and
    neither an effort nor a switch can keep it from doing so.

    Args:
        model: The catalog's record.
        workload: Tokens per request.

    Returns:
        US dollars, or None when a price that the workload needs is unknown.
    """
    found = rates(model, workload.input_tokens)
    price_output = found.output
    reasoning = model.price_reasoning_per_million
    if price_output is not None and reasoning and _always_reasons(model):
        price_output = max(price_output, reasoning)
    cached = workload.cached_input * workload.input_tokens
    bill = (
        (workload.input_tokens - cached, found.input),
        (cached, _first(found.cache_read, found.input)),
        (workload.output_tokens, price_output),
    )
    total = 0.0
    for tokens, price in bill:
        if tokens:
            if price is None:
                return None
            total += tokens * price
    # Sums of the same prices in another order must tie.
    usd = round(total / _MILLION, 12)
    return Cost(
        usd_per_request=usd,
        basis="free" if model.price_basis == "free" else "listed",
    )


def _tier(tiers: Iterable[PriceTier], input_tokens: int) -> PriceTier | None:
    reached = [tier for tier in tiers if input_tokens > tier.above_context_tokens]
    return max(reached, key=lambda tier: tier.above_context_tokens, default=None)


def _first(value: float | None, otherwise: float | None) -> float | None:
    return otherwise if value is None else value


def _always_reasons(model: CanonicalModel) -> bool:
    return (
        model.supports_reasoning is True
        and model.reasoning_efforts == ()
        and not model.reasoning_toggle
    )
