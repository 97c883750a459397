"""The catalog to choose from: kept from before, built anew when due, or embedded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from llmhub_core.blocking import blocking
from llmhub_core.cache import Cache
from llmhub_core.catalog import store
from llmhub_core.catalog.freshness import fingerprint, is_due, was_in_vain
from llmhub_core.errors import CatalogUnavailableError
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.records.spec import ProviderSpec
from llmhub_core.settings import Settings
from llmhub_core.trace import emit

if TYPE_CHECKING:
    from llmhub_core.catalog.gather import Progress

__all__ = ["Provision", "aprovide", "fall_back", "provide"]


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
        SettingsError: And the errors of plugins, as in
            :func:`~llmhub_core.catalog.build.arefresh`.
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
        return fall_back(None, (), "offline, and no catalog is kept")
    if not settings.offline and was_in_vain(cache, made_with):
        reason = "the sources did not answer a moment ago"
        return fall_back(store.load(cache), (), reason)
    # Left out where a kept catalog serves: to fuse takes many modules.
    from llmhub_core.catalog.build import arefresh

    return await arefresh(
        settings,
        providers=providers,
        source_options=source_options,
        progress=progress,
    )


provide = blocking(aprovide)


def fall_back(
    older: Catalog | None, statuses: tuple[SourceStatus, ...], reason: str
) -> Provision:
    """Do without a new catalog.

    Args:
        older: The kept catalog, or None when the embedded one must serve.
        statuses: What each source gave, when they were asked just now.
        reason: Why there is no new one.

    Raises:
        CatalogUnavailableError: There is no embedded catalog either.
    """
    catalog = older or store.load_snapshot()
    if catalog is None:
        raise CatalogUnavailableError([reason])
    kind = "kept" if older is not None else "embedded"
    warning = f"{reason}; using the {kind} catalog of {catalog.checked_at}"
    emit("catalog.loaded", origin=catalog.origin, models=len(catalog))
    return Provision(catalog=catalog, sources=statuses, warning=warning)
