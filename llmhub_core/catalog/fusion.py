"""From what sources say to one record per served model."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from llmhub_core.catalog.boards import newest_boards
from llmhub_core.catalog.evidence import benchmarks
from llmhub_core.catalog.flags import flags
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
    known = _known(collected.rows, merged, precedence)
    keyed = merged.keys() - known.keys()
    placing = place(
        [_served_row(row_id, known.get(row_id, merged[row_id])) for row_id in merged],
        tuple(merged),
        keyed,
        boards.ratings,
        tables,
        inherit_ratings=inherit_ratings,
    )
    shared = share(merged, known, placing.places, harvests, precedence)
    tested = benchmarks(harvests, placing.places)
    listings = read_listings(harvests)

    def draft(row: Row, facts: Merged) -> dict[str, Any]:
        return _draft(row, facts, placing.places[row.row_id], tested, listings)

    drafts = [draft(row, shared.rows[row.row_id]) for row in collected.rows]
    unaware = {
        row.row_id: CanonicalModel(**draft(row, shared.unaware[row.row_id]))
        for row in collected.rows
        if row.row_id in shared.unaware
    }
    refused = [
        *_said_by_sources(harvests),
        *collected.refused,
        *boards.refused,
        *shared.refused,
    ]
    return Fused(
        models=_finished(drafts, keyed, unaware, placing.places),
        refused=tuple(sorted(refused, key=_order)),
        unmatched=placing.unmatched,
    )


def _known(
    rows: Sequence[Row], merged: Mapping[str, Merged], precedence: Precedence
) -> dict[str, Merged]:
    """Merge what everybody hears, of the rows that everybody hears of."""
    return {
        row.row_id: merged[row.row_id]
        if row.public is row.voices
        else merge(row.public, precedence)
        for row in rows
        if row.public
    }


def _finished(
    drafts: list[dict[str, Any]],
    keyed: Container[str],
    unaware: Mapping[str, CanonicalModel],
    places: Mapping[str, Place],
) -> tuple[CanonicalModel, ...]:
    """Add what depends on the whole catalog: tiers, tags and flags.

    All are measured by what everybody knows: without what a key brought, and as
    the ``unaware`` know the models of which a key told more.
    """
    models = [CanonicalModel(**draft) for draft in drafts]
    among = [
        unaware.get(model.canonical_id, model)
        for model in models
        if model.canonical_id not in keyed
    ]
    newest = max((model.release_date or "" for model in among), default="")
    doubts = {row_id: place.placement.suspicion for row_id, place in places.items()}
    for draft, model, tier, flagged in zip(
        drafts,
        models,
        tiers(models, among=among),
        flags(models, doubts, among=among),
        strict=True,
    ):
        draft |= {
            **tier,
            "flags": flagged,
            "tags": tags(model, newest=newest or None),
        }
    return tuple(CanonicalModel(**draft) for draft in drafts)


def _served_row(row_id: str, merged: Merged) -> ServedRow:
    provider, _, model_id = row_id.partition(":")
    values = merged.values
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
    }


def _said_by_sources(harvests: Mapping[str, Harvest]) -> list[Refusal]:
    return [
        evolve(refusal, source=source)
        for source, harvest in harvests.items()
        for refusal in harvest.refused
    ]


def _order(refusal: Refusal) -> tuple[str, str, str, str]:
    return refusal.source, refusal.record, refusal.field or "", refusal.reason
