"""What is known about one served model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

from llmhub_core.records.rating import Benchmark, Rating

__all__ = [
    "CanonicalModel",
    "Conflict",
    "Facts",
    "Kind",
    "Origin",
    "PriceTier",
]

Kind = Literal[
    "chat", "embedding", "rerank", "image", "audio", "video", "moderation", "other"
]
Callable = Literal["yes", "no", "not_probed"]
PriceBasis = Literal["listed", "free", "subscription", "zero"]
Status = Literal["stable", "beta", "alpha", "deprecated"]


@frozen(kw_only=True)
class PriceTier:
    """Prices that apply when a request's context is larger than a threshold.

    Attributes:
        above_context_tokens: The tier holds for requests above this many tokens.
        input_per_million: US dollars per million input tokens.
        output_per_million: US dollars per million output tokens.
        cache_read_per_million: US dollars per million cached input tokens read.
        cache_write_per_million: US dollars per million input tokens cached.
    """

    above_context_tokens: int
    input_per_million: float | None = None
    output_per_million: float | None = None
    cache_read_per_million: float | None = None
    cache_write_per_million: float | None = None


@frozen(kw_only=True)
class Facts:
    """Everything a source may say about a model; None is "not said".

    Prices are US dollars per million tokens, limits are tokens, dates are
    ``YYYY-MM`` or ``YYYY-MM-DD``.

    Attributes:
        price_basis: What a price of this row means: ``listed`` for a price list
            entry, ``free`` where the source says so, ``subscription`` where a
            plan covers the tokens, ``zero`` for a bare 0/0 that may mean any of
            them. Only ``listed`` and ``free`` carry numbers.
        reasoning_efforts: Effort levels that the model accepts; an empty tuple
            means that it reasons and its effort can't be set.
        reasoning_toggle: Whether reasoning can be switched on and off.
        status: ``stable`` where the source lists the model without reservation.
    """

    display_name: str | None = None
    family: str | None = None
    kind: Kind | None = None
    supports_reasoning: bool | None = None
    supports_tool_call: bool | None = None
    supports_structured_output: bool | None = None
    supports_temperature: bool | None = None
    supports_attachment: bool | None = None
    reasoning_efforts: tuple[str, ...] | None = None
    reasoning_toggle: bool | None = None
    reasoning_budget_min_tokens: int | None = None
    reasoning_budget_max_tokens: int | None = None
    input_modalities: tuple[str, ...] | None = None
    output_modalities: tuple[str, ...] | None = None
    context_tokens: int | None = None
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    price_input_per_million: float | None = None
    price_output_per_million: float | None = None
    price_reasoning_per_million: float | None = None
    price_cache_read_per_million: float | None = None
    price_cache_write_per_million: float | None = None
    price_input_audio_per_million: float | None = None
    price_output_audio_per_million: float | None = None
    price_tiers: tuple[PriceTier, ...] | None = None
    price_basis: PriceBasis | None = None
    knowledge_cutoff: str | None = None
    release_date: str | None = None
    last_updated: str | None = None
    open_weights: bool | None = None
    status: Status | None = None


@frozen(kw_only=True)
class Origin:
    """Where a value came from.

    Attributes:
        source: Name of the source plugin.
        as_of: Date of the source's data, ``YYYY-MM-DD``, or None.
        via: ``base`` when the source said it of the underlying model, ``group``
            when another host of the same model lent it; None when it was said of
            this very row.
    """

    source: str
    as_of: str | None = None
    via: Literal["base", "group"] | None = None


@frozen(kw_only=True)
class Conflict:
    """One field on which sources disagree.

    Attributes:
        field: Name of the field of :class:`Facts`.
        kept: The value in the fused record, as JSON text. ``null`` where the price
            list that was taken is silent: prices of two lists are never mixed.
        kept_from: Its origin.
        lost: The value that was not taken, as JSON text.
        lost_from: Its origin; its ``via`` tells whether this was said of the row
            itself, of the underlying model, or of another host's row.
        said_of: The record of the underlying model, or the other host's row, that
            the lost value was said of; None when it was said of this very row.
    """

    field: str
    kept: str
    kept_from: Origin
    lost: str
    lost_from: Origin
    said_of: str | None = None


@frozen(kw_only=True)
class CanonicalModel(Facts):
    """One model at one provider, fused from all sources.

    Attributes:
        canonical_id: ``provider:model_id`` with any-llm's provider name.
        group: Id of the underlying model, shared by all who host it.
        lab: Who made the model, or None when not recognised.
        callable: Whether any-llm can call it with the keys at hand:
            ``not_probed`` when that provider was not asked.
        callable_note: Why it can't be called, or None.
        source_ids: Per source, the id under which it knows this model.
        arena_score: Default overall text rating, see ``rating_note``.
        rating_note: Which rating the score is and why, in words.
        ratings: All ratings of the underlying model, all boards and categories.
        inherited_ratings: Ratings of its predecessor, on boards that do not rate
            the model itself; they count in no tier.
        benchmarks: Results of the underlying model on automated benchmarks.
        cost_tier: 1 (cheapest fifth) to 5; None without a price.
        quality_tier: 1 (best fifth) to 5 by the overall rating.
        reasoning_tier: 1 to 5 by the math and hard-prompt ratings.
        creative_tier: 1 to 5 by the creative-writing rating.
        provenance: Per known field of :class:`Facts`, and for ``arena_score``,
            where its value came from.
        conflicts: Values of other sources that lost.
        flags: What is suspicious about this row: by name of the check that it
            fails, such as ``name-disagrees``, a sentence with the figures.
    """

    canonical_id: str
    provider: str
    model_id: str
    group: str | None = None
    lab: str | None = None
    callable: Callable = "not_probed"
    callable_note: str | None = None
    source_ids: Mapping[str, str] = field(factory=dict, hash=False)
    arena_score: float | None = None
    arena_ci_low: float | None = None
    arena_ci_high: float | None = None
    rating_note: str | None = None
    ratings: tuple[Rating, ...] = ()
    inherited_ratings: tuple[Rating, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()
    cost_tier: int | None = None
    quality_tier: int | None = None
    reasoning_tier: int | None = None
    creative_tier: int | None = None
    tags: tuple[str, ...] = ()
    provenance: Mapping[str, Origin] = field(factory=dict, hash=False, repr=False)
    conflicts: tuple[Conflict, ...] = ()
    flags: Mapping[str, str] = field(factory=dict, hash=False)
