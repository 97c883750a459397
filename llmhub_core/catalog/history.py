"""What became of models: recorded at each refresh, looked up afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attrs import evolve

from llmhub_core.cache import Cache
from llmhub_core.catalog.annals import open_annals, write_annals
from llmhub_core.catalog.comparison import advance
from llmhub_core.catalog.garbage import uncollected
from llmhub_core.catalog.identity.providers import canonical_provider, parse_model_id
from llmhub_core.catalog.lookup import goes_by
from llmhub_core.catalog.retirement import successors
from llmhub_core.catalog.standing import read_answers
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.history import Change, Tombstone
from llmhub_core.records.observation import Harvest
from llmhub_core.trace import emit

__all__ = [
    "changes",
    "checked_at",
    "is_meant",
    "record",
    "tombstone",
    "tombstones",
    "watched",
]


@uncollected()
def record(
    cache: Cache,
    catalog: Catalog,
    harvests: Mapping[str, Harvest],
    *,
    made_with: str,
) -> None:
    """Take down a new catalog, before it replaces the old one.

    A process that is killed in between has lost nothing: the next refresh compares
    with what is written here. A damaged history begins anew.

    Args:
        cache: Where the history is kept; the caller holds its lock.
        catalog: The new catalog, with the statuses of its sources.
        harvests: What it was made of.
        made_with: The conditions that it was made under.
    """
    kept = open_annals(cache)
    before = None if kept is None else kept.history()
    after = advance(before, catalog, read_answers(catalog.sources, harvests), made_with)
    write_annals(cache, after)
    found = sum(change.found_at == after.checked_at for change in after.changes)
    emit("history.recorded", changes=found, tombstones=len(after.tombstones))


def checked_at(cache: Cache) -> str | None:
    """When the sources were last asked for it, ISO 8601 UTC; None without any."""
    kept = open_annals(cache)
    return None if kept is None else kept.checked_at


def changes(
    cache: Cache,
    *,
    since: str = "",
    providers: Collection[str] = (),
    model: str | None = None,
    kinds: Collection[str] = (),
    fields: Collection[str] = (),
) -> tuple[Change, ...]:
    """What refreshes found different, the newest first, then by id.

    Args:
        cache: Where the history is kept.
        since: Leave out what was found before this date or time, ISO 8601 UTC.
        providers: Only models of these, by any of their names; empty for all.
        model: Only this one: ``provider:model`` in any of its forms, or a model id
            at any provider.
        kinds: Only these kinds of change; empty for all.
        fields: Only these fields of a model; empty for all.
    """
    kept = open_annals(cache)
    if kept is None:
        return ()
    names = {canonical_provider(name) for name in providers}
    found = [
        change
        for change in kept.changes
        if change.found_at >= since
        and (not names or change.provider in names)
        and (model is None or is_meant(change.canonical_id, model))
        and (not kinds or change.kind in kinds)
        and (not fields or change.field in fields)
    ]
    return tuple(sorted(found, key=lambda change: change.found_at, reverse=True))


def is_meant(canonical_id: str, model: str) -> bool:
    """Whether a model is asked for by its id in any form, or without its provider."""
    parsed = parse_model_id(model)
    asked = {model, None if parsed is None else ":".join(parsed)}
    return canonical_id in asked or canonical_id.partition(":")[2] == model


def watched(cache: Cache) -> frozenset[str]:
    """Ids of all models that the history tells of, listed and gone."""
    kept = open_annals(cache)
    if kept is None:
        return frozenset()
    changed = (change.canonical_id for change in kept.changes)
    return frozenset((*kept.standings, *kept.tombstones, *changed))


def tombstone(cache: Cache, canonical_id: str) -> Tombstone | None:
    """What is left of a model that nobody lists any more; None for all others.

    Args:
        cache: Where the history is kept.
        canonical_id: The model.
    """
    kept = open_annals(cache)
    stone = None if kept is None else kept.tombstones.get(canonical_id)
    if kept is None or stone is None:
        return None
    return evolve(stone, successors=successors(kept, canonical_id))


def tombstones(cache: Cache, name: str) -> tuple[Tombstone, ...]:
    """What is left of a model at everybody who lists it no more, its lab first.

    Args:
        cache: Where the history is kept.
        name: Its id without the provider, or the id of the underlying model, with
            its lab or without.
    """
    kept = open_annals(cache)
    if kept is None:
        return ()
    found = [
        evolve(stone, successors=successors(kept, canonical_id))
        for canonical_id, stone in sorted(kept.tombstones.items())
        if goes_by(name, canonical_id.partition(":")[2], stone.group or "")
    ]
    return tuple(sorted(found, key=lambda stone: not _is_at_lab(stone)))


def _is_at_lab(stone: Tombstone) -> bool:
    lab = (stone.group or "").partition("/")[0]
    return stone.canonical_id.startswith(f"{canonical_provider(lab)}:")
