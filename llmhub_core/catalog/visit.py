"""A stranger's source, fetched in a thread and an event loop of its own.

What it blocks there is only itself. Its way out still leads through the core's loop,
where the connections, the proxy and the kept answers are.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from llmhub_core.catalog.outlet import Outlet
from llmhub_core.contracts import CatalogSource, SourceContext
from llmhub_core.errors import SourceUnavailableError
from llmhub_core.isolation import aconfined
from llmhub_core.records.observation import Payload
from llmhub_core.records.spec import ProviderSpec

__all__ = ["visit"]

T = TypeVar("T")


async def visit(
    source: CatalogSource, outlet: Outlet, *, seconds: float, memory_mb: float
) -> object:
    """Fetch, and cut the source off when it hangs or floods memory.

    Args:
        source: Whose fetch is called; it may block.
        outlet: Its way out, used on the loop that runs this.
        seconds: How long the fetch may take.
        memory_mb: By how much the process may grow meanwhile.

    Returns:
        What it returned; nothing of it is checked.

    Raises:
        CutOffError: It took too long or too much.
        BaseException: Whatever it raised.
    """
    border = _Border(asyncio.get_running_loop())

    def stay() -> object:
        return asyncio.run(border.enter(source, _Visa(outlet, border)))

    try:
        return await aconfined(stay, seconds=seconds, memory_mb=memory_mb)
    finally:
        border.close()


class _Border:
    """What passes between the loop of the core and that of the source."""

    def __init__(self, home: asyncio.AbstractEventLoop) -> None:
        self._home = home
        self._abroad: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[object] | None = None
        self._errands: set[concurrent.futures.Future[Any]] = set()
        self._closed = False

    async def enter(self, source: CatalogSource, context: SourceContext) -> object:
        """Run the source, on the loop that is its own."""
        self._abroad = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        return await source.fetch(context)

    async def at_home(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Have something done on the core's loop and await it here."""
        if self._closed:
            raise SourceUnavailableError("the context", "its run is over")
        errand = asyncio.run_coroutine_threadsafe(make(), self._home)
        self._errands.add(errand)
        try:
            return await asyncio.wrap_future(errand)
        finally:
            self._errands.discard(errand)

    def close(self) -> None:
        """Let nothing through any more, and end what is still under way."""
        self._closed = True
        for errand in tuple(self._errands):
            errand.cancel()
        if self._abroad is not None and self._task is not None:
            # A loop that is closed has nothing to be ended.
            with contextlib.suppress(RuntimeError):
                self._abroad.call_soon_threadsafe(self._task.cancel)


class _Visa:
    """A source's context on its own side: see ``llmhub_core.contracts``."""

    def __init__(self, outlet: Outlet, border: _Border) -> None:
        self._outlet = outlet
        self._border = border

    @property
    def environ(self) -> Mapping[str, str]:
        return self._outlet.environ

    @property
    def providers(self) -> Mapping[str, ProviderSpec]:
        return self._outlet.providers

    @property
    def offline(self) -> bool:
        return self._outlet.offline

    @property
    def timeout_seconds(self) -> float:
        return self._outlet.timeout_seconds

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        return await self._border.at_home(
            lambda: self._outlet.get(url, params=params, name=name)
        )

    async def kept(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Payload:
        return await self._border.at_home(
            lambda: self._outlet.kept(url, params=params, name=name)
        )

    @contextmanager
    def together(self) -> Iterator[SourceContext]:
        with self._outlet.together() as part:
            yield _Visa(part, self._border)

    async def recorded(
        self, key: str, probe: Callable[[], Awaitable[bytes]]
    ) -> Payload:
        abroad = asyncio.get_running_loop()

        async def run() -> bytes:
            return await probe()

        async def probe_abroad() -> bytes:
            # The probe is the source's own code: it runs, and blocks, over there.
            return await asyncio.wrap_future(
                asyncio.run_coroutine_threadsafe(run(), abroad)
            )

        return await self._border.at_home(
            lambda: self._outlet.recorded(key, probe_abroad)
        )
