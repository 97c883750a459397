"""A catalog built anew of what the sources say, where that is not worse."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from llmhub_core.blocking import blocking
from llmhub_core.cache import Cache
from llmhub_core.catalog import history, store
from llmhub_core.catalog.freshness import fingerprint, note_attempt, now
from llmhub_core.catalog.fusion import fuse
from llmhub_core.catalog.gather import Gathered, Progress, gather
from llmhub_core.catalog.identity import load_tables
from llmhub_core.catalog.listings import Listings, read_listings
from llmhub_core.catalog.precedence import load_precedence
from llmhub_core.catalog.provision import Provision, fall_back
from llmhub_core.catalog.standin import with_embedded_ratings
from llmhub_core.errors import PluginLoadError
from llmhub_core.plugins import BrokenPlugin, load_sources
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.records.observation import Harvest
from llmhub_core.records.spec import ProviderSpec
from llmhub_core.settings import Settings
from llmhub_core.trace import emit

__all__ = ["arefresh", "refresh"]


async def arefresh(
    settings: Settings,
    *,
    providers: Mapping[str, ProviderSpec] | None = None,
    source_options: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress | None = None,
    accept_shrink: bool = False,
) -> Provision:
    """Ask all sources and build a catalog of what they say.

    What can't be fetched, or is less than half of what it was, is replaced by its
    kept answer. The kept catalog gives way only to one that no source is lost from,
    and never to an empty one. What changed is taken down in the history.

    Args:
        settings: The run's settings.
        providers: Provider settings of the spec, for their keys and addresses.
        source_options: Options of sources, from the spec.
        progress: Called as each source ends.
        accept_shrink: Believe sources that give less than half of what they gave.

    Raises:
        CatalogUnavailableError: No source answered, none is kept, and there is
            no embedded catalog.
        PluginNotFoundError: A source that the settings name is not installed.
        PluginOptionsError: The options of a source do not validate.
        SettingsError: A table of the user's is malformed.
    """
    cache = Cache(settings.cache_dir)
    plugins, broken = load_sources(settings, source_options)
    made_with = fingerprint(settings, source_options)
    expected: Mapping[str, SourceStatus] = {}
    if not accept_shrink:
        known = store.load_sources(cache, fingerprint=made_with)
        # What was lent to a source is not what it gave.
        expected = {n: s for n, s in known.items() if s.state != "snapshot"}
    gathered = await gather(
        plugins,
        settings=settings,
        cache=cache,
        providers=providers,
        progress=progress,
        expected=expected,
    )
    # Half a second of work, and a lock to wait for: not on the event loop.
    return await asyncio.to_thread(
        _conclude,
        settings,
        cache,
        {g.status.name: g.harvest for g in gathered if g.harvest is not None},
        _statuses(gathered, broken),
        made_with,
    )


refresh = blocking(arefresh)


def _conclude(
    settings: Settings,
    cache: Cache,
    harvests: Mapping[str, Harvest],
    statuses: tuple[SourceStatus, ...],
    made_with: str,
) -> Provision:
    """Replace the kept catalog, unless what came is worse than what is kept."""
    # The lock: another process must not replace what is compared here.
    with cache.locked():
        older = store.load(cache)
        # Offline there is no second try: better the embedded one than half of one.
        rival = older or (store.load_snapshot() if settings.offline else None)
        reason = _shortcoming(statuses, harvests, rival)
        if reason is not None:
            if not settings.offline:
                note_attempt(cache, made_with)
            provision = fall_back(older, statuses, reason)
            if older is None:
                provision = _listed_now(provision, read_listings(harvests))
            return provision
        known, statuses = with_embedded_ratings(harvests, statuses)
        fused = fuse(
            known,
            tables=load_tables(settings.config_dir),
            precedence=load_precedence(settings.precedence),
            inherit_ratings=settings.inherit_ratings,
        )
        catalog, data = store.encode(
            Catalog(
                models=fused.models,
                sources=statuses,
                refused=fused.refused,
                unmatched=fused.unmatched,
                checked_at=_asked_at(statuses) if settings.offline else now(),
            )
        )
        emit("catalog.fused", models=len(catalog), digest=catalog.digest)
        history.record(cache, catalog, harvests, made_with=made_with)
        kept = store.save(cache, catalog, data, fingerprint=made_with)
    return Provision(
        catalog=catalog,
        sources=statuses,
        replaced=True,
        kept=kept,
        warning="; ".join(filter(None, map(_complaint, statuses))) or None,
    )


def _asked_at(statuses: Sequence[SourceStatus]) -> str:
    """When the newest of the kept answers came: offline nobody is asked."""
    return max((s.fetched_at for s in statuses if s.fetched_at), default=now())


def _shortcoming(
    statuses: Sequence[SourceStatus],
    harvests: Mapping[str, Harvest],
    older: Catalog | None,
) -> str | None:
    """Why the answers make no catalog, or none better than the older one."""
    giving = [status for status in statuses if status.served or status.rated]
    reasons = [f"{s.name}: {s.reason}" for s in statuses if s.reason is not None]
    if not any(status.served for status in giving):
        return "; ".join(reasons) or "no source lists any model"
    if reasons and not any(h.served and not h.probes for h in harvests.values()):
        # Providers that were asked with the user's keys list ids and nothing else.
        return "; ".join(reasons)
    if older is None:
        return None
    fed = {
        status.name
        for status in older.sources
        if (status.served or status.rated) and status.state != "snapshot"
    }
    for status in statuses:
        if status.state == "skipped" and status.name in fed:
            return f"{status.name} gives nothing now ({status.reason})"
    if all(status.state == "stale" for status in giving):
        return "; ".join(f"{s.name}: {s.reason}" for s in giving)
    return None


def _complaint(status: SourceStatus) -> str | None:
    if status.state == "stale":
        when = f" of {status.fetched_at}" if status.fetched_at else ""
        return f"{status.name}: {status.reason}; its answer{when} stands in"
    if status.state == "snapshot":
        day = (status.fetched_at or "")[:10]
        return f"{status.name}: {status.reason}; the ratings embedded on {day} stand in"
    if status.state == "skipped":
        return f"{status.name}: {status.reason}; nothing of it is in the catalog"
    return None


def _listed_now(provision: Provision, listings: Listings) -> Provision:
    """Say of the models of the embedded catalog which of them can be called."""
    if not listings.providers:
        return provision
    models = []
    for model in provision.catalog:
        can, note = listings.callable(model.provider, model.model_id)
        models.append(evolve(model, callable=can, callable_note=note))
    listed = evolve(provision.catalog, models=tuple(models))
    return evolve(
        provision,
        catalog=store.encode(listed)[0],
        warning=f"{provision.warning}, and what {', '.join(listings.providers)} "
        "lists now",
    )


def _statuses(
    gathered: Sequence[Gathered], broken: Sequence[BrokenPlugin]
) -> tuple[SourceStatus, ...]:
    found = [entry.status for entry in gathered]
    found += [_skipped(error) for error in broken]
    return tuple(sorted(found, key=lambda status: status.name))


def _skipped(error: BrokenPlugin) -> SourceStatus:
    owner = error if isinstance(error, PluginLoadError) else None
    return SourceStatus(
        name=error.name,
        state="skipped",
        distribution=owner.distribution if owner else None,
        version=owner.version if owner else None,
        reason=str(error),
    )
