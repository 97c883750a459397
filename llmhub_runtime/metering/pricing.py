"""What a model costs, so that a call can be priced without a catalog.

Every price is in US dollars per million tokens. None means unknown, never free.
"""

from __future__ import annotations

from attrs import field, frozen
from attrs.converters import optional

from llmhub_runtime.codec import Entry, Many, Scalar, Table
from llmhub_runtime.values import positive_count, price

__all__ = ["PRICING", "Pricing", "PricingTier"]


@frozen(kw_only=True)
class PricingTier:
    """Other prices for calls whose input is longer than a limit.

    None means that the base price holds.

    Attributes:
        above_tokens: The tier holds for calls with more input tokens than this.
    """

    above_tokens: int = field(converter=positive_count)
    input_per_million: float | None = field(default=None, converter=optional(price))
    output_per_million: float | None = field(default=None, converter=optional(price))
    cache_read_per_million: float | None = field(
        default=None, converter=optional(price)
    )
    cache_write_per_million: float | None = field(
        default=None, converter=optional(price)
    )


@frozen(kw_only=True)
class Pricing:
    """What a model costs, in US dollars per million tokens.

    Attributes:
        tiers: Other prices for long inputs, in the order of the file.
    """

    input_per_million: float | None = field(default=None, converter=optional(price))
    output_per_million: float | None = field(default=None, converter=optional(price))
    cache_read_per_million: float | None = field(
        default=None, converter=optional(price)
    )
    cache_write_per_million: float | None = field(
        default=None, converter=optional(price)
    )
    reasoning_per_million: float | None = field(default=None, converter=optional(price))
    input_audio_per_million: float | None = field(
        default=None, converter=optional(price)
    )
    output_audio_per_million: float | None = field(
        default=None, converter=optional(price)
    )
    tiers: tuple[PricingTier, ...] = field(
        default=(), converter=tuple[PricingTier, ...]
    )


_PRICE = Scalar(price)
_PRICES = (
    Entry("input", _PRICE, "input_per_million"),
    Entry("output", _PRICE, "output_per_million"),
    Entry("cache_read", _PRICE, "cache_read_per_million"),
    Entry("cache_write", _PRICE, "cache_write_per_million"),
)
_TIER = Table(PricingTier, Entry("above_tokens", Scalar(positive_count)), *_PRICES)
PRICING = Table(
    Pricing,
    *_PRICES,
    Entry("reasoning", _PRICE, "reasoning_per_million"),
    Entry("input_audio", _PRICE, "input_audio_per_million"),
    Entry("output_audio", _PRICE, "output_audio_per_million"),
    Entry("tiers", Many(_TIER)),
)
"""Their keys in ``llmhub.yaml``."""
