"""What an answer costs, from a model's prices and the answer's usage."""

from __future__ import annotations

from attrs import asdict, evolve

from llmhub_runtime.metering.pricing import Pricing
from llmhub_runtime.metering.usage import Usage

__all__ = ["cost_usd"]

_PER = 1_000_000


def cost_usd(pricing: Pricing | None, usage: Usage | None) -> float | None:
    """Price one answer.

    Tokens that are read from a cache, written to it, or audio have a price of their
    own, and without it the cost is unknown. Reasoning without a price of its own is
    output. When the input is longer than a tier's ``above_tokens``, the tier's prices
    hold for the whole answer, as with Anthropic's, Google's and OpenAI's long inputs.

    Args:
        pricing: US dollars per million tokens; None for unknown.
        usage: Tokens; None for unknown.

    Returns:
        US dollars. None when a price of tokens that were used is unknown, or when the
        usage contradicts itself. Never 0 for what is not known to be free.

    Source:
        models.dev, whose prices the config carries; ``tiers`` have no price of their
        own for reasoning and audio, so those of the base hold.
    """
    if pricing is None or usage is None:
        return None
    plain_in = (
        usage.input_tokens
        - usage.cache_read_tokens
        - usage.cache_write_tokens
        - usage.input_audio_tokens
    )
    plain_out = usage.output_tokens - usage.reasoning_tokens - usage.output_audio_tokens
    if plain_in < 0 or plain_out < 0:
        return None
    rates = _rates(pricing, usage.input_tokens)
    output, reasoning = rates.output_per_million, rates.reasoning_per_million
    cost = 0.0
    for tokens, price in (
        (plain_in, rates.input_per_million),
        (plain_out, output),
        (usage.cache_read_tokens, rates.cache_read_per_million),
        (usage.cache_write_tokens, rates.cache_write_per_million),
        (usage.reasoning_tokens, output if reasoning is None else reasoning),
        (usage.input_audio_tokens, rates.input_audio_per_million),
        (usage.output_audio_tokens, rates.output_audio_per_million),
    ):
        if tokens:
            if price is None:
                return None
            cost += tokens * price
    return cost / _PER if usage.input_tokens or usage.output_tokens else None


def _rates(pricing: Pricing, input_tokens: int) -> Pricing:
    """Return the base with the prices of the highest tier that the input reaches."""
    reached = [tier for tier in pricing.tiers if input_tokens > tier.above_tokens]
    if not reached:
        return pricing
    tier = asdict(max(reached, key=lambda tier: tier.above_tokens))
    del tier["above_tokens"]
    own = {name: price for name, price in tier.items() if price is not None}
    return evolve(pricing, **own)
