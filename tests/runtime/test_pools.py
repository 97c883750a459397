"""What clients do as the hub needs it: close what they set out to, set no timers."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any

import pytest

from llmhub_runtime.pools import close_whole_lists, set_no_timers

httpx = pytest.importorskip("httpx")

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Place:
    """Where connections come in, and how many of them are open."""

    def __init__(self) -> None:
        self.open = 0
        self.address = ""
        self.delay_seconds = 0.0
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one connection's requests until it is closed."""
        self.open += 1
        self.writers.append(writer)
        with suppress(ConnectionResetError):
            while await reader.read(65536):
                await asyncio.sleep(self.delay_seconds)
                writer.write(ANSWER)
        self.open -= 1
        writer.close()

    async def wait_until(self, count: Callable[[], int]) -> None:
        """Wait for a while until so many connections are open."""
        for _ in range(500):
            if self.open == count():
                break
            await asyncio.sleep(0.001)


@asynccontextmanager
async def place() -> AsyncGenerator[Place, None]:
    """A server on loopback."""
    where = Place()
    server = await asyncio.start_server(where.serve, "127.0.0.1", 0)
    where.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        yield where
        gc.collect()  # closes what was lost
        await where.wait_until(lambda: 0)
        for writer in where.writers:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def closes_all(steps: int, *, mended: bool) -> tuple[bool, int]:
    """Cancel a request that has six expired connections to close.

    Args:
        steps: After how many turns of the event loop.
        mended: Whether the pool has been.

    Returns:
        Whether the request had ended before, and how many connections are lost.
    """
    limits = httpx.Limits(keepalive_expiry=0.02)
    no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # httpx's own takes a while
    http = httpx.AsyncClient(limits=limits, verify=no_tls)
    async with place() as where, http:
        if mended:
            close_whole_lists(SimpleNamespace(_client=http))
        pool = http._transport._pool
        await asyncio.gather(*(http.get(where.address) for _ in range(6)))
        await asyncio.sleep(0.03)
        request = asyncio.create_task(http.get(where.address))
        for _ in range(steps):
            await asyncio.sleep(0)
        ended = request.done()
        request.cancel()
        await asyncio.wait([request])
        assert ended or request.cancelled()
        await where.wait_until(lambda: len(pool.connections))
        return ended, where.open - len(pool.connections)


def lost(*, mended: bool) -> Iterator[int]:
    """Yield how many connections are lost, by the turn that brings the cancel."""
    for steps in range(200):
        ended, missing = asyncio.run(closes_all(steps, mended=mended))
        yield missing
        if ended:
            break


def test_a_cancelled_request_closes_all_that_expired() -> None:
    """Whenever it is cancelled, no connection is left that its pool does not have."""
    assert set(lost(mended=True)) == {0}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_httpcore_needs_it() -> None:
    """Left as it is, a pool loses the rest: once it does not, drop the mending."""
    assert any(lost(mended=False))
    gc.collect()  # what was lost is told here, not in another test


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_clients_of_any_llm_are_mended(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a proxy, too, the pools are found where the SDKs keep them."""
    pytest.importorskip(provider)
    from any_llm import AnyLLM

    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client: Any = AnyLLM.create(provider, "k-1")
    close_whole_lists(client.client)
    http = client.client._client
    pools = [one._pool for one in (http._transport, *http._mounts.values()) if one]
    assert len(pools) > 1
    assert all(one._close_connections.func.__name__ == "_close_all" for one in pools)


async def waits_for_a_late_answer(*, mended: bool) -> bool:
    """Ask a slow server through a client whose own limit is short."""
    no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with place() as where, httpx.AsyncClient(verify=no_tls, timeout=0.02) as http:
        where.delay_seconds = 0.06
        if mended:
            set_no_timers(SimpleNamespace(_client=http))
        try:
            answer = await http.get(where.address)
        except httpx.ReadTimeout:
            return False
        return bool(answer.text == "ok")


def test_a_client_leaves_the_time_to_the_hub() -> None:
    """It waits for longer than its own limit; left as it is, it does not."""
    assert asyncio.run(waits_for_a_late_answer(mended=True))
    assert not asyncio.run(waits_for_a_late_answer(mended=False))


def test_other_sdks_stay_as_they_are() -> None:
    """One that is not built on httpx, and a provider without a client."""
    for sdk in (SimpleNamespace(_client=SimpleNamespace()), None):
        close_whole_lists(sdk)
        set_no_timers(sdk)
