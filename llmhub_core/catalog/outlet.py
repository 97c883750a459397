"""A source's way out: network and cache behind one door."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from attrs import evolve, field, frozen

from llmhub_core.cache import Cache, Entry
from llmhub_core.errors import LLMHubError, SourceUnavailableError
from llmhub_core.http import Client
from llmhub_core.records.observation import Payload
from llmhub_core.records.spec import ProviderSpec
from llmhub_core.redaction import redacted, redacted_url

__all__ = ["Outlet"]


@frozen(kw_only=True)
class _New:
    """One answer that waits to be kept."""

    key: str
    head: Mapping[str, str]
    body: bytes = field(repr=False)


@frozen(kw_only=True)
class Outlet:
    """What a source is handed: see :class:`llmhub_core.contracts.SourceContext`.

    New answers wait until :meth:`commit`, which is called only when the whole
    source succeeded: one that does not parse never replaces one that did.

    Attributes:
        used: Every payload that was handed out.
        stood_in: Those of them that :meth:`kept` gave.
    """

    source: str
    cache: Cache
    client: Client
    environ: Mapping[str, str] = field(repr=False)
    providers: Mapping[str, ProviderSpec]
    offline: bool
    timeout_seconds: float
    used: list[Payload] = field(factory=list, repr=False)
    stood_in: list[Payload] = field(factory=list, repr=False)
    _new: list[_New] = field(factory=list, repr=False, alias="new")

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        """Fetch a document, or revalidate the kept copy."""
        address = _address(url, params)
        if urlsplit(url).scheme not in {"http", "https"}:
            # A file is its own kept copy.
            answer = await asyncio.to_thread(self.client.read_file, url)
            return self._use(redacted_url(address), answer.body, _now())
        key = name or _key(address)
        entry = self._read(key)
        if self.offline:
            return self._kept(address, entry)
        # A named answer may have come from elsewhere: its validators mean nothing
        # to this address.
        here = entry is not None and entry.head.get("url") == redacted_url(address)
        head: Mapping[str, str] = entry.head if entry and here else {}
        answer = await self.client.get(
            address,
            etag=head.get("etag"),
            last_modified=head.get("last_modified"),
        )
        if answer.status == 304:
            return self._kept(address, entry)
        validators = {"etag": answer.etag, "last_modified": answer.last_modified}
        return self._take(key, redacted_url(address), answer.body, validators)

    async def kept(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        """Hand out the kept copy of a document, asking nobody."""
        address = _address(url, params)
        payload = self._kept(address, self._read(name or _key(address)))
        self.stood_in.append(payload)
        return payload

    @contextmanager
    def together(self) -> Iterator[Outlet]:
        """Open a part whose answers are kept all or not at all."""
        part = evolve(self, new=[])
        yield part
        self._new.extend(part._new)  # noqa: SLF001 - another of this very class

    async def recorded(
        self, key: str, probe: Callable[[], Awaitable[bytes]]
    ) -> Payload:
        """Run something that is not HTTP and keep its answer like a payload."""
        if self.offline:
            return self._kept(key, self._read(key))
        limit = asyncio.timeout(self.timeout_seconds)
        try:
            async with limit:
                body = await probe()
        except LLMHubError:
            raise
        # A probe runs somebody's SDK: whatever it raises, it gave no answer.
        except Exception as error:  # noqa: BLE001
            reason = f"{type(error).__name__}: {error}"
            if limit.expired():
                reason = f"no answer within {self.timeout_seconds:g} s"
            reason = redacted(reason, self.environ)
            raise SourceUnavailableError(key, reason) from None
        return self._take(_key(key), redacted_url(key), body, {})

    def commit(self) -> None:
        """Keep what was fetched, all of it before another process keeps its own."""
        if not self._new:
            return
        with self.cache.locked():
            for new in self._new:
                self.cache.write(
                    "payloads", self.source, new.key, head=new.head, body=new.body
                )

    def has_kept_answers(self) -> bool:
        """Whether anything of this source was ever kept."""
        return self.cache.path("payloads", self.source).is_dir()

    def _read(self, key: str) -> Entry | None:
        return self.cache.read("payloads", self.source, key)

    def _take(
        self, key: str, url: str, body: bytes, validators: Mapping[str, str | None]
    ) -> Payload:
        fetched_at = _now()
        head = {"url": url, "fetched_at": fetched_at}
        head |= {name: value for name, value in validators.items() if value}
        self._new.append(_New(key=key, head=head, body=body))
        return self._use(url, body, fetched_at)

    def _kept(self, address: str, entry: Entry | None) -> Payload:
        if entry is None:
            reason = "offline, and no answer is kept" if self.offline else "not kept"
            raise SourceUnavailableError(redacted_url(address), reason)
        url = entry.head.get("url", redacted_url(address))
        fetched_at = entry.head.get("fetched_at", "")
        return self._use(url, entry.body, fetched_at, transferred=False)

    def _use(
        self, url: str, body: bytes, fetched_at: str, *, transferred: bool = True
    ) -> Payload:
        payload = Payload(
            url=url, body=body, fetched_at=fetched_at, transferred=transferred
        )
        self.used.append(payload)
        return payload


def _address(url: str, params: Mapping[str, str] | None) -> str:
    if not params:
        return url
    mark = "&" if urlsplit(url).query else "?"
    return f"{url}{mark}{urlencode(sorted(params.items()))}"


def _key(address: str) -> str:
    """Name the kept answer; a credential never becomes part of a file name."""
    shown = redacted_url(address)
    if shown == address:
        return address
    return f"{shown} {hashlib.sha256(address.encode()).hexdigest()}"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
