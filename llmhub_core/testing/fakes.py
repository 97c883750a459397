"""Stand-ins for what the core hands to plugins, and for plugins themselves."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from urllib.parse import urlencode

from attrs import define, field

from llmhub_core.contracts import CatalogSource, SourceContext
from llmhub_core.errors import SourceUnavailableError
from llmhub_core.plugins import Installed, Plugin
from llmhub_core.records.observation import Harvest, Payload
from llmhub_core.records.spec import ProviderSpec

__all__ = ["FakeSourceContext", "ScriptedSource", "address_of", "plugged"]


@define(kw_only=True)
class FakeSourceContext:
    """A source's context without network and cache.

    Attributes:
        answers: By address, query included, or by key of a recorded probe: bytes,
            something to be written as JSON, or an exception to raise. What is
            not there is "HTTP 404".
        kept_answers: What counts as kept, in the same form; also by name.
        environ: Environment variables.
        providers: Provider settings of the spec.
        offline: When True, kept answers are served instead.
        timeout_seconds: How long one request may take.
        fetched_at: When everything was transferred.
        asked: Every address and key that was asked for, in order.
    """

    answers: Mapping[str, Any] = field(factory=dict)
    kept_answers: Mapping[str, Any] = field(factory=dict)
    environ: Mapping[str, str] = field(factory=dict)
    providers: Mapping[str, ProviderSpec] = field(factory=dict)
    offline: bool = False
    timeout_seconds: float = 30.0
    fetched_at: str = "2026-11-22T10:00:00Z"
    asked: list[str] = field(factory=list)

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        """Answer a request."""
        address = address_of(url, params)
        self.asked.append(address)
        if self.offline:
            return self._kept(address, name)
        return self._payload(address, self.answers, "HTTP 404", transferred=True)

    async def kept(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        """Answer with the kept copy."""
        return self._kept(address_of(url, params), name)

    @contextmanager
    def together(self) -> Iterator[SourceContext]:
        """Open a part; nothing is kept here, so it is this context itself."""
        yield self

    async def recorded(
        self, key: str, probe: Callable[[], Awaitable[bytes]]
    ) -> Payload:
        """Answer with what is given under the key, or else run the probe."""
        self.asked.append(key)
        if self.offline:
            return self._kept(key)
        given = self.answers if key in self.answers else {key: await probe()}
        return self._payload(key, given, "", transferred=True)

    def _kept(self, address: str, name: str | None = None) -> Payload:
        missing = "offline, and no answer is kept" if self.offline else "not kept"
        if name is not None and name in self.kept_answers:
            address = name
        return self._payload(address, self.kept_answers, missing, transferred=False)

    def _payload(
        self, address: str, given: Mapping[str, Any], missing: str, *, transferred: bool
    ) -> Payload:
        answer = given.get(address, SourceUnavailableError(address, missing))
        if isinstance(answer, BaseException):
            raise answer
        return Payload(
            url=address,
            body=answer if isinstance(answer, bytes) else json.dumps(answer).encode(),
            fetched_at=self.fetched_at,
            transferred=transferred,
        )


class ScriptedSource:
    """A source that does what it is told.

    Args:
        script: Called with the context; what it returns is the harvest.
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    def __init__(self, script: Callable[[SourceContext], Awaitable[Harvest]]) -> None:
        self._script = script

    async def fetch(self, context: SourceContext) -> Harvest:
        """Follow the script."""
        return await self._script(context)


def plugged(name: str, source: CatalogSource) -> Plugin[CatalogSource]:
    """Present a source as if a distribution had brought it."""
    installed = Installed(
        kind="source",
        name=name,
        distribution=f"{name}-distribution",
        version="1.0",
        target=f"{type(source).__module__}:{type(source).__qualname__}",
    )
    return Plugin(installed=installed, instance=source)


def address_of(url: str, params: Mapping[str, str] | None) -> str:
    """An address with its query, parameters in order of their names."""
    return f"{url}?{urlencode(sorted(params.items()))}" if params else url
