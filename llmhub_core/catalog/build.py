"""A catalog to choose from: built anew, kept from before, or embedded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from llmhub_core.blocking import blocking
from llmhub_core.cache import Cache
from llmhub_core.catalog import store
from llmhub_core.catalog.fusion import fuse
from llmhub_core.catalog.gather import Gathered, Progress, gather
from llmhub_core.catalog.identity import load_tables
from llmhub_core.catalog.precedence import load_precedence
from llmhub_core.codec import digest
from llmhub_core.errors import CatalogUnavailableError, PluginLoadError
from llmhub_core.plugins import BrokenPlugin, discover, load_sources
from llmhub_core.records.model import Catalog, SourceStatus
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
        warning: Why an older catalog stands in, or None.
    """

    catalog: Catalog
    sources: tuple[SourceStatus, ...] = ()
    replaced: bool = False
    kept: bool = False
    warning: str | None = None


def age_seconds(catalog: Catalog) -> float | None:
    """Seconds since the sources of a catalog were last asked; None if unknown."""
    try:
        checked = datetime.fromisoformat(catalog.checked_at)
    except ValueError:
        return None
    return (datetime.now(UTC) - checked).total_seconds()


async def arefresh(
    settings: Settings,
    *,
    providers: Mapping[str, ProviderSpec] | None = None,
    source_options: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress | None = None,
) -> Provision:
    """Ask all sources and build a catalog of what they say.

    What can't be asked is replaced by its kept answer. The kept catalog gives
    way only to one that no source is missing from; and never to an empty one.

    Args:
        settings: The run's settings.
        providers: Provider settings of the spec, for their keys and addresses.
        source_options: Options of sources, from the spec.
        progress: Called as each source ends.

    Raises:
        CatalogUnavailableError: No source answered, none is kept, and there is
            no embedded catalog.
    """
    cache = Cache(settings.cache_dir)
    plugins, broken = load_sources(settings, source_options)
    gathered = await gather(
        plugins, settings=settings, cache=cache, providers=providers, progress=progress
    )
    statuses = _statuses(gathered, broken)
    harvests = {g.status.name: g.harvest for g in gathered if g.harvest is not None}
    older = store.load(cache)
    reason = _unfit(statuses, served=sum(len(h.served) for h in harvests.values()))
    if reason is not None or _lost(statuses, older):
        return _fall_back(older, statuses, reason)
    fused = fuse(
        harvests,
        tables=load_tables(settings.config_dir),
        precedence=load_precedence(),
    )
    catalog, data = store.encode(
        Catalog(
            models=fused.models,
            sources=statuses,
            refused=fused.refused,
            unmatched=fused.unmatched,
            checked_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
    )
    emit("catalog.fused", models=len(catalog), digest=catalog.digest)
    with cache.locked():
        kept = store.save(cache, catalog, data, fingerprint=_fingerprint(settings))
    return Provision(catalog=catalog, sources=statuses, replaced=True, kept=kept)


refresh = blocking(arefresh)


async def aprovide(
    settings: Settings,
    *,
    providers: Mapping[str, ProviderSpec] | None = None,
    source_options: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress | None = None,
) -> Provision:
    """Return the catalog to choose from, asking the sources only when it is due.

    The kept catalog serves while it is younger than ``ttl_seconds`` and the same
    sources are installed. Offline it serves at any age, and the embedded one
    where there is none.

    Raises:
        CatalogUnavailableError: There is no catalog of any kind.
    """
    cache = Cache(settings.cache_dir)
    fresh = store.load(cache, fingerprint=_fingerprint(settings))
    if fresh is not None:
        age = age_seconds(fresh)
        if settings.offline or (age is not None and 0 <= age < settings.ttl_seconds):
            emit("catalog.loaded", origin=fresh.origin, models=len(fresh))
            return Provision(catalog=fresh)
    if settings.offline:
        return _fall_back(store.load(cache), (), None)
    return await arefresh(
        settings,
        providers=providers,
        source_options=source_options,
        progress=progress,
    )


provide = blocking(aprovide)


def _fingerprint(settings: Settings) -> str:
    """Digest of what is installed: another set of sources is another catalog."""
    names = [
        (plugin.name, plugin.distribution, plugin.version)
        for plugin in discover("source")
        if settings.sources is None or plugin.name in settings.sources
    ]
    return digest(names)


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


def _unfit(statuses: Sequence[SourceStatus], *, served: int) -> str | None:
    if served:
        return None
    reasons = [f"{s.name}: {s.reason}" for s in statuses if s.reason is not None]
    return "; ".join(reasons) or "no source lists any model"


def _lost(statuses: Sequence[SourceStatus], older: Catalog | None) -> bool:
    """Whether a source that fed the older catalog gives nothing at all now."""
    gone = {status.name for status in statuses if status.state == "skipped"}
    fed = {s.name for s in older.sources if s.served or s.rated} if older else set()
    return bool(gone & fed)


def _fall_back(
    older: Catalog | None, statuses: tuple[SourceStatus, ...], reason: str | None
) -> Provision:
    catalog = older or store.load_snapshot()
    if catalog is None:
        reasons = [f"{s.name}: {s.reason}" for s in statuses if s.reason is not None]
        raise CatalogUnavailableError(reasons or ["offline, and none is kept"])
    emit("catalog.loaded", origin=catalog.origin, models=len(catalog))
    if not statuses and older is not None:
        return Provision(catalog=catalog)
    kind = "embedded" if catalog.origin == "snapshot" else "kept"
    lead = reason or "a source that fed it gives nothing now"
    lead = lead if statuses else "offline, and no catalog is kept"
    warning = f"{lead}; using the {kind} catalog of {catalog.checked_at}"
    return Provision(catalog=catalog, sources=statuses, warning=warning)
