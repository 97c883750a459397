"""A catalog to choose from: built anew, kept from before, or embedded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from llmhub_core.blocking import blocking
from llmhub_core.cache import Cache
from llmhub_core.catalog import history, store
from llmhub_core.catalog.freshness import (
    age_seconds,
    fingerprint,
    is_due,
    note_attempt,
    now,
    was_in_vain,
)
from llmhub_core.catalog.fusion import fuse
from llmhub_core.catalog.gather import Gathered, Progress, gather
from llmhub_core.catalog.identity import load_tables
from llmhub_core.catalog.listings import Listings, read_listings
from llmhub_core.catalog.precedence import load_precedence
from llmhub_core.errors import CatalogUnavailableError, PluginLoadError
from llmhub_core.plugins import BrokenPlugin, load_sources
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.records.observation import Harvest
from llmhub_core.records.spec import ProviderSpec
from llmhub_core.settings import Settings
from llmhub_core.trace import emit

__all__ = ["Provision", "age_seconds", "aprovide", "arefresh", "provide", "refresh"]


@frozen(kw_only=True)
class Provision:
    """A catalog, and how it came to be the one to use.

    Attributes:
        catalog: Never empty.
        sources: What each source gave when they were asked just now; empty when
            nobody was asked.
        replaced: Whether the catalog was built just now.
        kept: Whether a new catalog could be written to the cache.
        warning: What is older than it should be, or missing, and why; or None.
    """

    catalog: Catalog
    sources: tuple[SourceStatus, ...] = ()
    replaced: bool = False
    kept: bool = False
    warning: str | None = None


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
        expected = store.load_sources(cache, fingerprint=made_with)
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


async def aprovide(
    settings: Settings,
    *,
    providers: Mapping[str, ProviderSpec] | None = None,
    source_options: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress | None = None,
) -> Provision:
    """Return the catalog to choose from, asking the sources only when it is due.

    The kept catalog serves while it is younger than ``ttl_seconds`` and was made
    with the same sources, options and tables. Offline it serves at any age; where
    it is lost, it is made anew of the kept answers, and without those the embedded
    one serves. Sources that did not answer are left alone for ten minutes.

    Raises:
        CatalogUnavailableError: There is no catalog of any kind.
        SettingsError: And the errors of plugins, as in :func:`arefresh`.
    """
    cache = Cache(settings.cache_dir)
    made_with = fingerprint(settings, source_options)
    kept = store.load(cache, fingerprint=None if settings.offline else made_with)
    if kept is not None and (
        settings.offline or not is_due(kept, settings.ttl_seconds)
    ):
        emit("catalog.loaded", origin=kept.origin, models=len(kept))
        return Provision(catalog=kept)
    if settings.offline and not cache.path("payloads").is_dir():
        return _fall_back(None, (), "offline, and no catalog is kept")
    if not settings.offline and was_in_vain(cache, made_with):
        reason = "the sources did not answer a moment ago"
        return _fall_back(store.load(cache), (), reason)
    return await arefresh(
        settings,
        providers=providers,
        source_options=source_options,
        progress=progress,
    )


provide = blocking(aprovide)


# ---------------------------------------------------------------- building


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
            return _fall_back(older, statuses, reason, read_listings(harvests))
        fused = fuse(
            harvests,
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
    fed = {status.name for status in older.sources if status.served or status.rated}
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
    if status.state == "skipped":
        return f"{status.name}: {status.reason}; nothing of it is in the catalog"
    return None


def _fall_back(
    older: Catalog | None,
    statuses: tuple[SourceStatus, ...],
    reason: str,
    listings: Listings | None = None,
) -> Provision:
    catalog = older or store.load_snapshot()
    if catalog is None:
        raise CatalogUnavailableError([reason])
    kind = "kept" if older is not None else "embedded"
    warning = f"{reason}; using the {kind} catalog of {catalog.checked_at}"
    if older is None and listings is not None and listings.providers:
        catalog = _listed_now(catalog, listings)
        warning += f", and what {', '.join(listings.providers)} lists now"
    emit("catalog.loaded", origin=catalog.origin, models=len(catalog))
    return Provision(catalog=catalog, sources=statuses, warning=warning)


def _listed_now(catalog: Catalog, listings: Listings) -> Catalog:
    """Say of the models of the embedded catalog which of them can be called."""
    models = []
    for model in catalog:
        can, note = listings.callable(model.provider, model.model_id)
        models.append(evolve(model, callable=can, callable_note=note))
    return store.encode(evolve(catalog, models=tuple(models)))[0]


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
