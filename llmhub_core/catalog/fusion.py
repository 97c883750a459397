"""From what sources say to one record per served model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from llmhub_core.catalog.boards import newest_boards
from llmhub_core.catalog.evidence import benchmarks
from llmhub_core.catalog.garbage import uncollected
from llmhub_core.catalog.identity import ServedRow, Tables
from llmhub_core.catalog.lending import share
from llmhub_core.catalog.listings import Listings, read_listings
from llmhub_core.catalog.merge import Merged, merge
from llmhub_core.catalog.placing import Place, place
from llmhub_core.catalog.precedence import Precedence
from llmhub_core.catalog.rows import Row, collect_rows
from llmhub_core.catalog.statistics import tags, tiers
from llmhub_core.records.catalog import Refusal, Unmatched
from llmhub_core.records.model import CanonicalModel, Origin
from llmhub_core.records.observation import Harvest
from llmhub_core.records.rating import Benchmark

__all__ = ["Fused", "fuse"]


@frozen(kw_only=True)
class Fused:
    """The models, and everything that did not become part of one.

    Attributes:
        models: In canonical-id order.
        refused: Records without a place, with reasons.
        unmatched: Rated names without a served model.
    """

    models: tuple[CanonicalModel, ...]
    refused: tuple[Refusal, ...]
    unmatched: tuple[Unmatched, ...]


@uncollected()
def fuse(
    harvests: Mapping[str, Harvest],
    *,
    tables: Tables,
    precedence: Precedence,
    inherit_ratings: bool = True,
) -> Fused:
    """Fuse what all sources say.

    Args:
        harvests: By source name; neither their order nor the order of the rows
            in them matters.
        tables: Aliases and denials of names.
        precedence: Whom to believe, per field.
        inherit_ratings: Whether unrated models take ratings of their predecessor.

    Returns:
        One model per distinct served model: every observation is in one of them,
        or among the refusals or the unmatched.
    """
    collected = collect_rows(harvests)
    boards = newest_boards(harvests, precedence)
    merged = {row.row_id: merge(row.voices, precedence) for row in collected.rows}
    keyed = {row.row_id for row in collected.rows if row.keyed}
    placing = place(
        [_served_row(row_id, merged[row_id].values) for row_id in merged],
        tuple(merged),
        keyed,
        boards.ratings,
        tables,
        inherit_ratings=inherit_ratings,
    )
    shared = share(merged, placing.places, harvests)
    tested = benchmarks(harvests, placing.places)
    listings = read_listings(harvests)
    drafts = [
        _draft(
            row, shared.rows[row.row_id], placing.places[row.row_id], tested, listings
        )
        for row in collected.rows
    ]
    refused = [
        *_said_by_sources(harvests),
        *collected.refused,
        *boards.refused,
        *shared.refused,
    ]
    return Fused(
        models=_finished(drafts, keyed),
        refused=tuple(sorted(refused, key=_order)),
        unmatched=placing.unmatched,
    )


def _finished(
    drafts: list[dict[str, Any]], keyed: set[str]
) -> tuple[CanonicalModel, ...]:
    """Add what depends on the whole catalog: tiers and tags."""
    models = [CanonicalModel(**draft) for draft in drafts]
    newest = max(
        (m.release_date or "" for m in models if m.canonical_id not in keyed),
        default="",
    )
    for draft, model, tier in zip(
        drafts, models, tiers(models, uncounted=keyed), strict=True
    ):
        draft |= {**tier, "tags": tags(model, newest=newest or None)}
    return tuple(CanonicalModel(**draft) for draft in drafts)


def _served_row(row_id: str, values: Mapping[str, Any]) -> ServedRow:
    provider, _, model_id = row_id.partition(":")
    return ServedRow(
        provider=provider,
        model_id=model_id,
        display_name=values.get("display_name"),
        release_date=values.get("release_date"),
        last_updated=values.get("last_updated"),
        reasoning=values.get("supports_reasoning"),
        efforts=values.get("reasoning_efforts"),
    )


def _draft(
    row: Row,
    merged: Merged,
    place: Place,
    tested: Mapping[str, tuple[Benchmark, ...]],
    listings: Listings,
) -> dict[str, Any]:
    provider, _, model_id = row.row_id.partition(":")
    callable_, callable_note = listings.callable(provider, model_id)
    overall = place.carried.overall
    provenance = merged.provenance
    rating: dict[str, Any] = {}
    if overall is not None:
        rating = {
            "arena_score": overall.score,
            "arena_ci_low": overall.ci_low,
            "arena_ci_high": overall.ci_high,
        }
        origin = Origin(source=overall.source, as_of=overall.published_on)
        provenance = {**provenance, "arena_score": origin}
    return {
        **merged.values,
        **rating,
        "canonical_id": row.row_id,
        "provider": provider,
        "model_id": model_id,
        "group": place.placement.group,
        "lab": place.lab,
        "callable": callable_,
        "callable_note": callable_note,
        "source_ids": row.source_ids,
        "rating_note": place.carried.note,
        "ratings": place.carried.ratings,
        "inherited_ratings": place.carried.inherited,
        "benchmarks": tested.get(place.placement.group, ()),
        "provenance": provenance,
        "conflicts": merged.conflicts,
        "flags": _flags(merged.values, place),
    }


def _flags(values: Mapping[str, Any], place: Place) -> tuple[str, ...]:
    """Name what is wrong with a row on its own evidence."""
    known = values.get
    released, updated = known("release_date") or "", known("last_updated") or ""
    # "2025-01" may be any day of that month.
    precision = min(len(released), len(updated))
    checks = {
        "cache-price-over-input": _above(
            known("price_cache_read_per_million"), known("price_input_per_million")
        ),
        "name-disagrees": place.placement.suspicion is not None,
        "output-over-context": _above(
            known("max_output_tokens"), known("context_tokens")
        ),
        "updated-before-released": released[:precision] > updated[:precision],
        "zero-price": known("price_basis") == "zero",
    }
    return tuple(name for name, holds in checks.items() if holds)


def _above(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and one > other


def _said_by_sources(harvests: Mapping[str, Harvest]) -> list[Refusal]:
    return [
        evolve(refusal, source=source)
        for source, harvest in harvests.items()
        for refusal in harvest.refused
    ]


def _order(refusal: Refusal) -> tuple[str, str, str, str]:
    return refusal.source, refusal.record, refusal.field or "", refusal.reason
