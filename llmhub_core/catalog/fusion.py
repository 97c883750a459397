"""From what sources say to one record per served model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, frozen

from llmhub_core.catalog.identity import (
    Grouping,
    Placement,
    ServedRow,
    Tables,
    group,
)
from llmhub_core.catalog.identity.providers import canonical_provider, providers
from llmhub_core.catalog.merge import INTRINSIC, Merged, Voice, lend, merge
from llmhub_core.catalog.precedence import Precedence
from llmhub_core.catalog.ratings import Carried, Rated, rate
from llmhub_core.catalog.statistics import tags, tiers
from llmhub_core.records.model import (
    Callable,
    CanonicalModel,
    Facts,
    Origin,
    Refusal,
    Unmatched,
)
from llmhub_core.records.observation import BaseModel, Harvest, Probe

__all__ = ["Fused", "fuse"]

_UNRATED = Carried()


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


def fuse(
    harvests: Mapping[str, Harvest], *, tables: Tables, precedence: Precedence
) -> Fused:
    """Fuse what all sources say.

    Args:
        harvests: By source name; neither their order nor the order of the rows
            in them matters.
        tables: Aliases and denials of names.
        precedence: Whom to believe, per field.

    Returns:
        One model per distinct served model: every observation is in one of them
        or among the refusals.
    """
    rows, source_ids, refused = _rows(harvests)
    merged = {row_id: merge(voices, precedence) for row_id, voices in rows.items()}
    grouping = group(
        [_served_row(row_id, merged[row_id].values) for row_id in sorted(merged)],
        tables,
    )
    _share(merged, grouping, _bases(harvests, grouping))
    rated = rate(harvests, grouping, tables)
    newest = max(
        (
            m.values["release_date"]
            for m in merged.values()
            if "release_date" in m.values
        ),
        default=None,
    )
    evidence = _Evidence(
        grouping=grouping,
        rated=rated,
        listings=_listings(harvests),
        providers=frozenset(providers()),
    )
    models = [
        _model(row_id, merged[row_id], source_ids[row_id], evidence)
        for row_id in sorted(merged)
    ]
    placed = [
        evolve(model, tags=tags(model, newest=newest), **tier)
        for model, tier in zip(models, tiers(models), strict=True)
    ]
    return Fused(
        models=tuple(placed), refused=tuple(refused), unmatched=rated.unmatched
    )


def _rows(
    harvests: Mapping[str, Harvest],
) -> tuple[dict[str, list[Voice]], dict[str, dict[str, str]], list[Refusal]]:
    rows: dict[str, list[Voice]] = defaultdict(list)
    source_ids: dict[str, dict[str, str]] = defaultdict(dict)
    refused: list[Refusal] = []
    for source in sorted(harvests):
        harvest = harvests[source]
        origin = Origin(source=source, as_of=harvest.as_of)
        refused += [evolve(refusal, source=source) for refusal in harvest.refused]
        for served in sorted(harvest.served, key=lambda s: (s.record, repr(s.facts))):
            provider = canonical_provider(served.provider)
            row_id = f"{provider}:{served.model_id}"
            if source in source_ids[row_id]:
                twin = source_ids[row_id][source]
                reason = f"the same model as {twin}"
                refused.append(
                    Refusal(source=source, record=served.record, reason=reason)
                )
                continue
            source_ids[row_id][source] = served.record
            rows[row_id].append(Voice(origin=origin, facts=served.facts))
    return rows, source_ids, refused


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


def _bases(harvests: Mapping[str, Harvest], grouping: Grouping) -> dict[str, Merged]:
    """Find the group of each record about an underlying model."""
    found: dict[str, Merged] = {}
    for source in sorted(harvests):
        origin = Origin(source=source, as_of=harvests[source].as_of)
        for base in sorted(harvests[source].bases, key=lambda b: b.record):
            group_id = _base_group(base, grouping)
            if group_id is not None and group_id not in found:
                found[group_id] = _said(base.facts, origin)
    return found


def _base_group(base: BaseModel, grouping: Grouping) -> str | None:
    row_id = f"{canonical_provider(base.lab)}:{base.model_id}"
    if row_id in grouping.placements:
        return grouping.placements[row_id].group
    group_id = f"{base.lab}/{base.model_id}"
    return group_id if group_id in grouping.groups else None


def _said(facts: Facts, origin: Origin) -> Merged:
    return merge([Voice(origin=origin, facts=facts)], Precedence(default=()))


def _share(
    merged: Mapping[str, Merged], grouping: Grouping, bases: Mapping[str, Merged]
) -> None:
    """Lend facts of the weights to the rows that lack them."""
    for group_id, found in grouping.groups.items():
        members = [
            merged[row_id]
            for row_id in found.rows
            if grouping.placements[row_id].suspicion is None
        ]
        lenders = list(members)
        for member in members:
            if group_id in bases:
                lend(member, bases[group_id], INTRINSIC, "base")
            for name in INTRINSIC:
                if name in member.values:
                    continue
                said = {lender.values.get(name) for lender in lenders} - {None}
                # Hosts that contradict each other lend nothing.
                if len(said) == 1:
                    lender = next(m for m in lenders if name in m.values)
                    lend(member, lender, (name,), "group")


@frozen(kw_only=True)
class _Listing:
    """The models that one provider listed, and whether those are all it serves."""

    ids: frozenset[str]
    complete: bool


def _listings(harvests: Mapping[str, Harvest]) -> dict[str, _Listing]:
    """What each provider answered that was asked and has a listing."""
    found: dict[str, _Listing] = {}
    probes: Iterable[Probe] = (
        probe for source in sorted(harvests) for probe in harvests[source].probes
    )
    for probe in probes:
        if probe.model_ids is not None:
            provider = canonical_provider(probe.provider)
            before = found.get(provider, _Listing(ids=frozenset(), complete=True))
            found[provider] = _Listing(
                ids=before.ids.union(probe.model_ids),
                complete=before.complete and probe.complete,
            )
    return found


@frozen(kw_only=True)
class _Evidence:
    """What holds for all rows: groups, ratings, and who can be called."""

    grouping: Grouping
    rated: Rated
    listings: Mapping[str, _Listing]
    providers: frozenset[str]

    def callable(self, provider: str, model_id: str) -> tuple[Callable, str | None]:
        """Say whether a model can be called, and if not, why."""
        if provider not in self.providers:
            return "no", f"any-llm has no provider {provider!r}"
        listing = self.listings.get(provider)
        if listing is None:
            return "not_probed", None
        if model_id in listing.ids:
            return "yes", None
        if not listing.complete:
            return "not_probed", f"{provider} also serves what it does not list"
        return "no", f"{provider} was asked and does not list it"


def _model(
    row_id: str, merged: Merged, source_ids: Mapping[str, str], evidence: _Evidence
) -> CanonicalModel:
    provider, _, model_id = row_id.partition(":")
    placement = evidence.grouping.placements[row_id]
    carried = evidence.rated.rows.get(row_id, _UNRATED)
    overall = carried.overall
    callable_, callable_note = evidence.callable(provider, model_id)
    return CanonicalModel(
        canonical_id=row_id,
        provider=provider,
        model_id=model_id,
        group=placement.group,
        lab=evidence.grouping.groups[placement.group].vendor,
        callable=callable_,
        callable_note=callable_note,
        source_ids=source_ids,
        arena_score=overall.score if overall else None,
        arena_ci_low=overall.ci_low if overall else None,
        arena_ci_high=overall.ci_high if overall else None,
        rating_note=carried.note,
        ratings=carried.ratings,
        provenance=merged.provenance,
        conflicts=merged.conflicts,
        flags=_flags(merged.values, placement),
        **merged.values,
    )


def _flags(values: Mapping[str, Any], placement: Placement) -> tuple[str, ...]:
    """Name what is wrong with a row on its own evidence."""

    def above(first: str, second: str) -> bool:
        one, two = values.get(first), values.get(second)
        return one is not None and two is not None and one > two

    checks = {
        "cache-price-over-input": above(
            "price_cache_read_per_million", "price_input_per_million"
        ),
        "name-disagrees": placement.suspicion is not None,
        "output-over-context": above("max_output_tokens", "context_tokens"),
        "updated-before-released": above("release_date", "last_updated"),
        "zero-price": values.get("price_basis") == "zero",
    }
    return tuple(sorted(name for name, holds in checks.items() if holds))
