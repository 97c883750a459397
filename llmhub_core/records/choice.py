"""The decision for one role, with the facts that decided."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from llmhub_core.records.candidate import Cost, Latency, Quality, Relaxation
from llmhub_core.records.model import PriceTier

__all__ = ["Choice", "Pick"]


@frozen(kw_only=True)
class Pick:
    """One chosen model and what was known of it when it was chosen.

    Attributes:
        canonical_id: The model.
        provider: any-llm's provider name.
        model_id: The id to send.
        group: The underlying model.
        lab: Who made it.
        reason: Why, in one line.
        score: The selector's score, or None.
        cost: Expected cost of one request, or None when unknown.
        quality: Rating that was compared, or None.
        latency: Latency that was compared.
        price_input_per_million: US dollars per million tokens, or None.
        price_output_per_million: US dollars per million tokens, or None.
        price_cache_read_per_million: US dollars per million tokens, or None.
        price_cache_write_per_million: US dollars per million tokens, or None.
        price_reasoning_per_million: US dollars per million tokens, or None.
        price_input_audio_per_million: US dollars per million tokens, or None.
        price_output_audio_per_million: US dollars per million tokens, or None.
        price_tiers: Other prices for large contexts.
        context_tokens: Context window, or None.
        max_output_tokens: Output limit, or None.
        capabilities: Names of what it is known to support, sorted.
        params: Call parameters, fitted to this model.
        dropped_params: Parameters left out, each with the reason.
        notes: Warnings about this pick, such as shared fate with the primary.
    """

    canonical_id: str
    provider: str
    model_id: str
    reason: str
    group: str | None = None
    lab: str | None = None
    score: float | None = None
    cost: Cost | None = None
    quality: Quality | None = None
    latency: Latency | None = None
    price_input_per_million: float | None = None
    price_output_per_million: float | None = None
    price_cache_read_per_million: float | None = None
    price_cache_write_per_million: float | None = None
    price_reasoning_per_million: float | None = None
    price_input_audio_per_million: float | None = None
    price_output_audio_per_million: float | None = None
    price_tiers: tuple[PriceTier, ...] = ()
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    capabilities: tuple[str, ...] = ()
    params: Mapping[str, object] = field(factory=dict, hash=False)
    dropped_params: Mapping[str, str] = field(factory=dict, hash=False)
    notes: tuple[str, ...] = ()


@frozen(kw_only=True)
class Choice:
    """A primary, its backups, and how they were found.

    Attributes:
        role: Name of the role.
        mode: The runtime's mode: ``chat``, ``embedding``, ...
        primary: The model that serves the role.
        backups: Models that take over, in order.
        selector: Name of the selector that ranked.
        eligible: How many models satisfied every hard constraint.
        considered: How many models the catalog holds.
        relaxed: Constraints that gave way.
        notes: Remarks of the selector and of the assembly.
        answer: What the selector wants pinned, or None.
    """

    role: str
    mode: str
    primary: Pick
    selector: str
    eligible: int
    considered: int
    backups: tuple[Pick, ...] = ()
    relaxed: tuple[Relaxation, ...] = ()
    notes: tuple[str, ...] = ()
    answer: str | None = None
