"""Ask every source at once; a bad one spoils no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from attrs import evolve, frozen

from llmhub_core.cache import Cache
from llmhub_core.catalog.bounds import check_size
from llmhub_core.catalog.inspection import inspect
from llmhub_core.catalog.outlet import Outlet
from llmhub_core.catalog.soundness import shown
from llmhub_core.catalog.visit import visit
from llmhub_core.contracts import CatalogSource
from llmhub_core.errors import SourceDataError
from llmhub_core.http import Client
from llmhub_core.isolation import CutOffError, in_words
from llmhub_core.plugins import Plugin
from llmhub_core.records.catalog import SourceState, SourceStatus
from llmhub_core.records.observation import Harvest
from llmhub_core.records.spec import ProviderSpec
from llmhub_core.redaction import redacted
from llmhub_core.settings import Settings
from llmhub_core.trace import emit

__all__ = ["Gathered", "Progress", "gather"]

#: Told about each source as it ends.
Progress: TypeAlias = Callable[[SourceStatus], None]

#: Reading kept answers is parsing alone; a source that hangs does so again.
_KEPT_SECONDS = 15.0

#: A source of fewer rows may halve on any day.
_FEW = 10


@frozen(kw_only=True)
class Gathered:
    """One source's harvest, None when it gave nothing, and how that went."""

    status: SourceStatus
    harvest: Harvest | None


async def gather(
    plugins: Sequence[Plugin[CatalogSource]],
    *,
    settings: Settings,
    cache: Cache,
    providers: Mapping[str, ProviderSpec] | None = None,
    progress: Progress | None = None,
    expected: Mapping[str, SourceStatus] | None = None,
) -> tuple[Gathered, ...]:
    """Fetch from all sources at the same time.

    A source that fails is asked again with its kept answers alone, so that an
    older harvest stands in; when that fails too it is skipped with its reason.
    One that gives less than half of what it gave is not believed, and counts as
    failed: upstreams break in the middle more often than they halve. Sources that are
    not our own run in threads of their own, and are cut off where they hang or flood
    memory.

    Args:
        plugins: The sources.
        settings: Times, proxy, environment, offline or not.
        cache: Where answers are kept.
        providers: Provider settings of the spec.
        progress: Called as each source ends.
        expected: By source, what it gave to the kept catalog; None to believe
            whatever comes.

    Returns:
        One entry per source, in the order given.
    """
    async with Client(
        timeout_seconds=settings.timeout_seconds, proxy=settings.proxy
    ) as client:

        async def one(plugin: Plugin[CatalogSource]) -> Gathered:
            outlet = Outlet(
                source=plugin.name,
                cache=cache,
                client=client,
                # Read only: what one source writes there, the others would read.
                environ=MappingProxyType(settings.environ),
                providers=MappingProxyType(providers or {}),
                offline=settings.offline,
                timeout_seconds=settings.timeout_seconds,
            )
            gathered = await _ask(
                plugin,
                outlet,
                settings.source_timeout_seconds,
                settings.plugin_memory_mb,
                (expected or {}).get(plugin.name),
            )
            if progress is not None:
                progress(gathered.status)
            return gathered

        return tuple(await asyncio.gather(*(one(plugin) for plugin in plugins)))


async def _ask(
    plugin: Plugin[CatalogSource],
    outlet: Outlet,
    limit_seconds: float,
    memory_mb: float,
    expected: SourceStatus | None,
) -> Gathered:
    try:
        harvest = await _fetch(plugin, outlet, limit_seconds, memory_mb)
        # One that had nobody to ask has nothing to be believed.
        _believe(harvest, expected if outlet.used else None)
    except _FailedError as failed:
        return await _ask_the_cache(
            plugin, outlet, limit_seconds, memory_mb, str(failed)
        )
    # Many small files: a thread, so that the other sources go on meanwhile.
    await asyncio.to_thread(outlet.commit)
    emit("source.fetched", source=plugin.name, served=len(harvest.served))
    if outlet.stood_in:
        reason = "a part could not be fetched, and its kept answer stands in"
        return _gathered(plugin, outlet, "stale", harvest, reason)
    revalidated = outlet.used and not any(p.transferred for p in outlet.used)
    return _gathered(plugin, outlet, "cached" if revalidated else "fresh", harvest)


async def _ask_the_cache(
    plugin: Plugin[CatalogSource],
    outlet: Outlet,
    limit_seconds: float,
    memory_mb: float,
    reason: str,
) -> Gathered:
    if not outlet.offline and outlet.has_kept_answers():
        offline = evolve(outlet, offline=True, used=[], stood_in=[], new=[])
        limit_seconds = min(limit_seconds, _KEPT_SECONDS)
        try:
            harvest = await _fetch(plugin, offline, limit_seconds, memory_mb)
        except _FailedError:
            pass  # the first reason tells more
        else:
            if offline.used:
                emit("source.stale", source=plugin.name, reason=reason)
                return _gathered(plugin, offline, "stale", harvest, reason)
    emit("source.failed", source=plugin.name, reason=reason)
    return _gathered(plugin, outlet, "skipped", None, reason)


class _FailedError(Exception):
    """A source gave nothing, for the reason given."""


def _believe(harvest: Harvest, expected: SourceStatus | None) -> None:
    """Refuse a harvest that has less than half of what was expected.

    Raises:
        _FailedError: It has.
    """
    if expected is None or harvest.probes:
        # What providers list depends on whose keys are set.
        return
    for what, found, before in (
        ("models", len(harvest.served), expected.served),
        ("ratings", len(harvest.ratings), expected.rated),
    ):
        if before >= _FEW and found * 2 < before:
            message = (
                f"gives {found:,} where it gave {before:,} {what}; if that is right, "
                "run `llmhub catalog refresh --accept-shrink`"
            )
            raise _FailedError(message)


async def _fetch(
    plugin: Plugin[CatalogSource],
    outlet: Outlet,
    limit_seconds: float,
    memory_mb: float,
) -> Harvest:
    limit = asyncio.timeout(limit_seconds)
    try:
        if plugin.installed.is_ours:
            async with limit:
                harvest: object = await plugin.instance.fetch(outlet)
        else:
            harvest = await visit(
                plugin.instance, outlet, seconds=limit_seconds, memory_mb=memory_mb
            )
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise  # it is us who are called off, by Ctrl-C or the caller
        raise _FailedError("called itself off") from None
    except CutOffError as error:
        raise _FailedError(str(error)) from error
    # Whatever a plugin raises, the other sources still count.
    except Exception as error:
        reason = f"not done within {limit_seconds:g} s"
        if not limit.expired():
            reason = redacted(in_words(error), outlet.environ)
        raise _FailedError(shown(reason)) from error
    if not isinstance(harvest, Harvest):
        message = f"returned {type(harvest).__name__}, not a Harvest"
        raise _FailedError(message)
    try:
        check_size(harvest)
    except SourceDataError as error:
        raise _FailedError(f"its {error}") from error
    sound = inspect(harvest)
    found = (sound.served, sound.bases, sound.ratings, sound.probes)
    if outlet.used and not any(found):
        # Believed, it would empty the catalog.
        problems = [f"{r.record}: {r.reason}" for r in sound.refused[:1]]
        raise _FailedError("; ".join(["gave nothing that can be used", *problems]))
    return evolve(sound, notes=tuple(redacted(n, outlet.environ) for n in sound.notes))


def _gathered(
    plugin: Plugin[CatalogSource],
    outlet: Outlet,
    state: SourceState,
    harvest: Harvest | None,
    reason: str | None = None,
) -> Gathered:
    found = harvest or Harvest()
    payloads = outlet.used if harvest is not None else ()
    status = SourceStatus(
        name=plugin.name,
        state=state,
        distribution=plugin.installed.distribution,
        version=plugin.installed.version,
        fetched_at=max((p.fetched_at for p in payloads), default=None),
        as_of=found.as_of,
        reason=reason,
        served=len(found.served),
        rated=len(found.ratings),
        refused=len(found.refused),
        transferred_bytes=sum(len(p.body) for p in outlet.used if p.transferred),
        notes=found.notes,
    )
    return Gathered(status=status, harvest=harvest)
