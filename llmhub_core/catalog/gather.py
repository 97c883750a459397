"""Ask every source at once; a bad one spoils no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from attrs import evolve, field, frozen

from llmhub_core.cache import Cache, Entry
from llmhub_core.contracts import CatalogSource
from llmhub_core.errors import LLMHubError, SourceUnavailableError
from llmhub_core.http import Client
from llmhub_core.plugins import Plugin
from llmhub_core.records.model import SourceStatus
from llmhub_core.records.observation import Harvest, Payload
from llmhub_core.records.spec import ProviderSpec
from llmhub_core.settings import Settings
from llmhub_core.trace import emit

__all__ = ["Gathered", "Progress", "gather"]

#: Told about each source as it ends: its name and its state.
Progress = Callable[[SourceStatus], None]


@frozen(kw_only=True)
class Gathered:
    """One source's harvest, None when it gave nothing, and how that went."""

    status: SourceStatus
    harvest: Harvest | None


@frozen(kw_only=True)
class _Outlet:
    """The source's context: network and cache behind one door.

    New answers wait in ``pending`` and are kept only when the whole source
    succeeds: an answer that does not parse never replaces one that did.
    """

    name: str
    cache: Cache
    client: Client
    environ: Mapping[str, str] = field(repr=False)
    providers: Mapping[str, ProviderSpec]
    offline: bool
    timeout_seconds: float
    pending: list[tuple[str, dict[str, str], bytes]] = field(factory=list, repr=False)
    used: list[Payload] = field(factory=list, repr=False)

    async def get(
        self, url: str, *, params: Mapping[str, str] | None = None
    ) -> Payload:
        """See :class:`llmhub_core.contracts.SourceContext`."""
        address = _address(url, params)
        if urlsplit(url).scheme not in {"http", "https"}:
            # A file is its own kept copy.
            answer = await asyncio.to_thread(self.client.read_file, url)
            return self._use(address, answer.body, _now(), transferred=True)
        kept = self.cache.read("payloads", self.name, address)
        if self.offline:
            return self._kept(address, kept)
        head: Mapping[str, str] = kept.head if kept else {}
        answer = await self.client.get(
            address,
            etag=head.get("etag"),
            last_modified=head.get("last_modified"),
        )
        if answer.status == 304 and kept is not None:
            return self._kept(address, kept)
        validators = {"etag": answer.etag, "last_modified": answer.last_modified}
        fetched_at = _now()
        self._keep(address, fetched_at, answer.body, validators)
        return self._use(address, answer.body, fetched_at, transferred=True)

    async def kept(
        self, url: str, *, params: Mapping[str, str] | None = None
    ) -> Payload:
        """See :class:`llmhub_core.contracts.SourceContext`."""
        address = _address(url, params)
        return self._kept(address, self.cache.read("payloads", self.name, address))

    @contextmanager
    def together(self) -> Iterator[_Outlet]:
        """See :class:`llmhub_core.contracts.SourceContext`."""
        part = evolve(self, pending=[])
        yield part
        self.pending.extend(part.pending)

    async def recorded(
        self, key: str, probe: Callable[[], Awaitable[bytes]]
    ) -> Payload:
        """See :class:`llmhub_core.contracts.SourceContext`."""
        if self.offline:
            return self._kept(key, self.cache.read("payloads", self.name, key))
        body = await probe()
        fetched_at = _now()
        self._keep(key, fetched_at, body, {})
        return self._use(key, body, fetched_at, transferred=True)

    def commit(self) -> None:
        """Keep what was fetched."""
        for address, head, body in self.pending:
            self.cache.write("payloads", self.name, address, head=head, body=body)

    def _keep(
        self,
        address: str,
        fetched_at: str,
        body: bytes,
        validators: Mapping[str, str | None],
    ) -> None:
        head = {"url": address, "fetched_at": fetched_at}
        head |= {name: value for name, value in validators.items() if value}
        self.pending.append((address, head, body))

    def _kept(self, address: str, kept: Entry | None) -> Payload:
        if kept is None:
            reason = "offline, and no answer is kept" if self.offline else "not kept"
            raise SourceUnavailableError(address, reason)
        fetched_at = kept.head.get("fetched_at", "")
        return self._use(address, kept.body, fetched_at, transferred=False)

    def _use(
        self, address: str, body: bytes, fetched_at: str, *, transferred: bool
    ) -> Payload:
        payload = Payload(
            url=address, body=body, fetched_at=fetched_at, transferred=transferred
        )
        self.used.append(payload)
        return payload


async def gather(
    plugins: Sequence[Plugin[CatalogSource]],
    *,
    settings: Settings,
    cache: Cache,
    providers: Mapping[str, ProviderSpec] | None = None,
    progress: Progress | None = None,
) -> tuple[Gathered, ...]:
    """Fetch from all sources at the same time.

    A source that fails is asked again with its kept answers alone, so that an
    older harvest stands in; when that fails too it is skipped with its reason.

    Args:
        plugins: The sources.
        settings: Times, proxy, environment, offline or not.
        cache: Where answers are kept.
        providers: Provider settings of the spec.
        progress: Called as each source ends.

    Returns:
        One entry per source, in the order given.
    """
    async with Client(
        timeout_seconds=settings.timeout_seconds, proxy=settings.proxy
    ) as client:

        async def one(plugin: Plugin[CatalogSource]) -> Gathered:
            gathered = await _fetch(plugin, settings, cache, client, providers or {})
            if progress is not None:
                progress(gathered.status)
            return gathered

        return tuple(await asyncio.gather(*(one(plugin) for plugin in plugins)))


async def _fetch(
    plugin: Plugin[CatalogSource],
    settings: Settings,
    cache: Cache,
    client: Client,
    providers: Mapping[str, ProviderSpec],
) -> Gathered:
    def outlet(*, offline: bool) -> _Outlet:
        return _Outlet(
            name=plugin.name,
            cache=cache,
            client=client,
            environ=settings.environ,
            providers=providers,
            offline=offline,
            timeout_seconds=settings.timeout_seconds,
        )

    context = outlet(offline=settings.offline)
    harvest, reason = await _try(plugin, context, settings.source_timeout_seconds)
    if harvest is not None:
        context.commit()
        state = "fresh" if any(p.transferred for p in context.used) else "cached"
        emit("source.fetched", source=plugin.name, served=len(harvest.served))
        return _gathered(plugin, context, state, harvest, None)
    if not settings.offline:
        context = outlet(offline=True)
        harvest, _ = await _try(plugin, context, settings.source_timeout_seconds)
        if harvest is not None and context.used:
            emit("source.stale", source=plugin.name, reason=reason)
            return _gathered(plugin, context, "stale", harvest, reason)
    emit("source.failed", source=plugin.name, reason=reason)
    return _gathered(plugin, context, "skipped", None, reason)


async def _try(
    plugin: Plugin[CatalogSource], context: _Outlet, limit_seconds: float
) -> tuple[Harvest | None, str | None]:
    try:
        async with asyncio.timeout(limit_seconds):
            harvest = await plugin.instance.fetch(context)
    except LLMHubError as error:
        return None, str(error)
    except TimeoutError:
        return None, f"not done within {limit_seconds:g} s"
    # Whatever a plugin raises, the other sources still count.
    except Exception as error:  # noqa: BLE001
        return None, f"{type(error).__name__}: {error}"
    if not isinstance(harvest, Harvest):
        return None, f"returned {type(harvest).__name__}, not a Harvest"
    return harvest, None


def _gathered(
    plugin: Plugin[CatalogSource],
    context: _Outlet,
    state: str,
    harvest: Harvest | None,
    reason: str | None,
) -> Gathered:
    found = harvest or Harvest()
    status = SourceStatus(
        name=plugin.name,
        state=state,  # type: ignore[arg-type]
        distribution=plugin.installed.distribution,
        version=plugin.installed.version,
        fetched_at=max((p.fetched_at for p in context.used), default=None),
        as_of=found.as_of,
        reason=reason,
        served=len(found.served),
        rated=len(found.ratings),
        refused=len(found.refused),
        transferred_bytes=sum(len(p.body) for p in context.used if p.transferred),
        notes=found.notes,
    )
    return Gathered(status=status, harvest=harvest)


def _address(url: str, params: Mapping[str, str] | None) -> str:
    return f"{url}?{urlencode(sorted(params.items()))}" if params else url


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
