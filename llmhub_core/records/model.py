"""What is known about one served model, and the catalog of all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from attrs import field, frozen

__all__ = [
    "CanonicalModel",
    "Catalog",
    "Conflict",
    "Facts",
    "Kind",
    "Origin",
    "PriceTier",
    "Rating",
    "Refusal",
    "SourceStatus",
    "Unmatched",
]

Kind = Literal[
    "chat", "embedding", "rerank", "image", "audio", "video", "moderation", "other"
]
Callable = Literal["yes", "no", "not_probed"]
PriceBasis = Literal["listed", "free", "subscription", "zero"]
RatingBasis = Literal["measured", "inherited"]
SourceState = Literal["fresh", "cached", "stale", "skipped", "snapshot"]
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
        kept: The value in the fused record, as JSON text.
        kept_from: Its origin.
        lost: The value that was not taken, as JSON text.
        lost_from: Its origin.
    """

    field: str
    kept: str
    kept_from: Origin
    lost: str
    lost_from: Origin


@frozen(kw_only=True)
class Rating:
    """One human-preference rating of an underlying model.

    Attributes:
        name: The name on the board.
        board: ``text``, ``vision``, ``webdev``, ``search``, ...
        category: ``overall``, ``coding``, ``math``, ...
        score: Bradley-Terry rating on the board's Elo-like scale.
        ci_low: Lower end of the 95 % interval.
        ci_high: Upper end of the 95 % interval.
        votes: Number of votes, or None where the board does not say.
        published_on: Date of the board, ``YYYY-MM-DD``, or None.
        mode: ``thinking``, ``no-thinking`` or None: the mode that was rated.
        effort: Reasoning effort that was rated, or None.
        proxy: True when the rating was earned in a mode or at an effort that a
            plain call does not use.
        rules: Names of the identity rules that joined the name to the model.
        basis: ``inherited`` when it belongs to a predecessor.
        source: Name of the source plugin that brought it.
    """

    name: str
    board: str
    category: str
    score: float
    ci_low: float | None = None
    ci_high: float | None = None
    votes: int | None = None
    published_on: str | None = None
    mode: str | None = None
    effort: str | None = None
    proxy: bool = False
    rules: tuple[str, ...] = ()
    basis: RatingBasis = "measured"
    source: str = ""


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
        cost_tier: 1 (cheapest fifth) to 5; None without a price.
        quality_tier: 1 (best fifth) to 5 by the overall rating.
        reasoning_tier: 1 to 5 by the math and hard-prompt ratings.
        creative_tier: 1 to 5 by the creative-writing rating.
        provenance: Per known field of :class:`Facts`, and for ``arena_score``,
            where its value came from.
        conflicts: Values of other sources that lost.
        flags: Names of the checks that this row fails, such as
            ``name-disagrees`` or ``output-over-context``.
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
    cost_tier: int | None = None
    quality_tier: int | None = None
    reasoning_tier: int | None = None
    creative_tier: int | None = None
    tags: tuple[str, ...] = ()
    provenance: Mapping[str, Origin] = field(factory=dict, hash=False, repr=False)
    conflicts: tuple[Conflict, ...] = ()
    flags: tuple[str, ...] = ()


@frozen(kw_only=True)
class Refusal:
    """One record of a source, or one field of it, that did not enter the catalog.

    Attributes:
        source: Name of the source plugin; empty while the source itself speaks.
        record: The id of the record in that source.
        reason: Why it was refused, in words.
        field: The refused field as the source calls it, such as ``cost.input``:
            that fact is unknown and the rest of the record stands. None when the
            whole record was refused.
    """

    record: str
    reason: str
    source: str = ""
    field: str | None = None


@frozen(kw_only=True)
class Unmatched:
    """A rated name for which no served model was found.

    Attributes:
        name: The name on the board.
        board: The board.
        reason: ``no-row``, ``denied`` or ``ambiguous``.
        detail: The same in a sentence.
        candidates: Ids of the groups that came near or can't be told apart.
    """

    name: str
    board: str
    reason: str
    detail: str = ""
    candidates: tuple[str, ...] = ()


@frozen(kw_only=True)
class SourceStatus:
    """What one source contributed to a catalog.

    Attributes:
        name: Name of the source plugin.
        distribution: Distribution that installed it.
        version: Version of that distribution.
        state: ``fresh`` (transferred now), ``cached`` (revalidated, unchanged),
            ``stale`` (failed now, older answer used), ``skipped`` (failed and
            nothing to fall back on) or ``snapshot`` (embedded with the package).
        fetched_at: When its newest payload was transferred, ISO 8601 UTC.
        as_of: Date that the data itself carries, or None.
        reason: Why it is stale or skipped; None when all is well.
        served: Number of served models it described.
        rated: Number of ratings it gave.
        refused: Number of its records that were refused.
        transferred_bytes: Bytes that came over the network this time.
        notes: Remarks for the user, such as a provider that did not answer.
    """

    name: str
    state: SourceState
    distribution: str | None = None
    version: str | None = None
    fetched_at: str | None = None
    as_of: str | None = None
    reason: str | None = None
    served: int = 0
    rated: int = 0
    refused: int = 0
    transferred_bytes: int = 0
    notes: tuple[str, ...] = ()


def _count(values: tuple[object, ...]) -> str:
    return f"<{len(values)}>"


@frozen(kw_only=True)
class Catalog:
    """All fused models, in canonical-id order, and how they came about.

    Attributes:
        models: Sorted by ``canonical_id``, each id once.
        sources: Sorted by name.
        refused: Records that did not enter, with reasons.
        unmatched: Rated names without a served model.
        digest: SHA-256 of the content; equal digests mean equal models.
        checked_at: When the sources were last asked, ISO 8601 UTC; not part of
            the digest.
        origin: ``built``, ``cache`` or ``snapshot``.
    """

    # The repr counts: written out, 5,000 models take half a second, and asyncio
    # asks for the repr of a task's result when it installs its signal handler.
    models: tuple[CanonicalModel, ...] = field(repr=_count)
    sources: tuple[SourceStatus, ...] = ()
    refused: tuple[Refusal, ...] = field(default=(), repr=_count)
    unmatched: tuple[Unmatched, ...] = field(default=(), repr=_count)
    digest: str = ""
    checked_at: str = ""
    origin: Literal["built", "cache", "snapshot"] = "built"
    _by_id: Mapping[str, CanonicalModel] = field(
        init=False, repr=False, eq=False, hash=False
    )

    @_by_id.default
    def _index(self) -> Mapping[str, CanonicalModel]:
        return {model.canonical_id: model for model in self.models}

    def __len__(self) -> int:
        return len(self.models)

    def __iter__(self) -> Iterator[CanonicalModel]:
        return iter(self.models)

    def get(self, canonical_id: str) -> CanonicalModel | None:
        """Return the model of that canonical id, or None."""
        return self._by_id.get(canonical_id)
