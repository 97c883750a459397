"""The HTTP door against a real server on loopback, well-behaved and not."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TypeAlias

import attrs
import pytest
from structlog.testing import capture_logs

from llmhub_core import http
from llmhub_core.errors import SourceUnavailableError
from llmhub_core.http import Answer, Client

Handle: TypeAlias = Callable[[int, asyncio.StreamWriter], Awaitable[None]]

SECRET = "s3cr3t-abcdef"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_BACKOFF_SECONDS", 0.0)


@attrs.define
class Upstream:
    """A server that answers byte for byte what a test tells it to."""

    port: int = 0
    requests: list[bytes] = attrs.field(factory=list)
    connections: int = 0

    def url(self, path: str = "/api.json") -> str:
        """An address on this server, with secrets in it."""
        mark = "&" if "?" in path else "?"
        return f"http://ann:{SECRET}@127.0.0.1:{self.port}{path}{mark}api_key={SECRET}"


@contextlib.asynccontextmanager
async def upstream(handle: Handle) -> AsyncIterator[Upstream]:
    """Serve every request with `handle`, which gets its number from 1."""
    served = Upstream()
    serving: set[asyncio.Task[None] | None] = set()

    async def connected(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        serving.add(asyncio.current_task())
        served.connections += 1
        # The test's end cancels it: that is how it is meant to end.
        gone = (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(*gone):
            while True:
                served.requests.append(await reader.readuntil(b"\r\n\r\n"))
                await handle(len(served.requests), writer)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        for task in serving:
            assert task is not None
            task.cancel()
            await task
        await asyncio.sleep(0)  # closed transports say goodbye in the next round


def reply(status: int, body: bytes = b"", *, length: int = -1, **headers: str) -> bytes:
    """One HTTP answer; ``length`` overrides what it says of its length."""
    lines = [f"HTTP/1.1 {status} Whatever"]
    lines.append(f"Content-Length: {len(body) if length < 0 else length}")
    lines += [f"{name.replace('_', '-')}: {text}" for name, text in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def always(*answers: bytes) -> Handle:
    """Answer these in turn, the last one for ever."""

    async def handle(number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(answers[min(number, len(answers)) - 1])

    return handle


def fetch(
    handle: Handle,
    *,
    path: str = "/api.json",
    etag: str | None = None,
    last_modified: str | None = None,
    timeout_seconds: float = 30.0,
    max_bytes: int = http.MAX_BYTES,
) -> tuple[Answer | SourceUnavailableError, Upstream]:
    """Fetch once from such a server; nothing that comes of it tells the secret."""

    async def run() -> tuple[Answer | SourceUnavailableError, Upstream]:
        async with (
            upstream(handle) as served,
            Client(timeout_seconds=timeout_seconds, max_bytes=max_bytes) as client,
        ):
            try:
                answer = await client.get(
                    served.url(path), etag=etag, last_modified=last_modified
                )
            except SourceUnavailableError as error:
                return error, served
            return answer, served

    with capture_logs() as logs:
        outcome, served = asyncio.run(run())
    assert SECRET not in repr(logs)
    assert SECRET not in f"{outcome} {outcome!r}"
    return outcome, served


def reason(handle: Handle, *, attempts: int, **how: object) -> str:
    """Why fetching from such a server failed, after so many requests."""
    outcome, served = fetch(handle, **how)  # type: ignore[arg-type]
    assert isinstance(outcome, SourceUnavailableError)
    assert outcome.url.startswith(f"http://***@127.0.0.1:{served.port}/")
    assert len(served.requests) == attempts
    return outcome.reason


# ---------------------------------------------------------------- good answers


def test_an_answer_comes_with_its_validators() -> None:
    """Body, ETag and Last-Modified are handed on for the next time."""
    when = "Sun, 22 Nov 2026 10:00:00 GMT"
    body = reply(200, b'{"a": 1}', ETag='"v1"', Last_Modified=when)
    outcome, _ = fetch(always(body))
    assert outcome == Answer(
        status=200, body=b'{"a": 1}', etag='"v1"', last_modified=when
    )


def test_validators_are_sent_and_304_is_understood() -> None:
    """A kept copy is revalidated, and nothing is transferred when it still holds."""
    outcome, served = fetch(
        always(reply(304)), etag='"v1"', last_modified="Sun, 22 Nov 2026 10:00:00 GMT"
    )
    assert isinstance(outcome, Answer)
    assert (outcome.status, outcome.body) == (304, b"")
    assert b'If-None-Match: "v1"\r\n' in served.requests[0]
    assert b"If-Modified-Since: Sun, 22 Nov 2026 10:00:00 GMT" in served.requests[0]


def test_a_304_that_nobody_asked_for_is_no_answer() -> None:
    """Without a kept copy there is nothing that could be unchanged."""
    assert reason(always(reply(304)), attempts=1) == "HTTP 304"


def test_compressed_answers_are_decoded() -> None:
    """What is transferred small is handed on whole."""
    body = reply(200, gzip.compress(b"[1, 2]"), Content_Encoding="gzip")
    outcome, served = fetch(always(body))
    assert isinstance(outcome, Answer)
    assert outcome.body == b"[1, 2]"
    assert b"Accept-Encoding: gzip" in served.requests[0]


def test_json_may_call_itself_plain_text() -> None:
    """Raw files on code hosts are served as text/plain."""
    outcome, _ = fetch(always(reply(200, b"{}", Content_Type="text/plain")))
    assert isinstance(outcome, Answer)


# ---------------------------------------------------------------- passing failures


@pytest.mark.parametrize(
    "after",
    [
        {},
        {"Retry_After": "0"},
        {"Retry_After": format_datetime(datetime.now(UTC) - timedelta(hours=1))},
        {"Retry_After": "Wed, 21 Oct 2015 07:28:00 -0000"},
        {"Retry_After": "soon"},
        {"Retry_After": "\u00b2"},
    ],
)
@pytest.mark.parametrize("status", [408, 425, 429, 502, 503, 504])
def test_a_busy_upstream_is_asked_again(status: int, after: dict[str, str]) -> None:
    """Twice busy, then an answer; ``Retry-After`` in either form, or garbage."""
    busy = reply(status, **after)
    outcome, served = fetch(always(busy, busy, reply(200, b"{}")))
    assert isinstance(outcome, Answer)
    assert len(served.requests) == 3


def test_retry_after_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait that was asked for is the wait that is made."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(http.asyncio, "sleep", sleep)
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=8))
    busy = [reply(429, Retry_After="7"), reply(503, Retry_After=at)]
    outcome, _ = fetch(always(*busy, reply(200, b"{}")))
    assert isinstance(outcome, Answer)
    assert waits[0] == 7.0
    assert 5.0 < waits[1] <= 8.0


def test_without_retry_after_the_waits_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second wait is twice the first."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(http, "_BACKOFF_SECONDS", 0.25)
    monkeypatch.setattr(http.asyncio, "sleep", sleep)
    assert reason(always(reply(503)), attempts=3) == "HTTP 503"
    assert waits[:2] == [0.25, 0.5]


def test_a_long_wait_is_not_waited_for() -> None:
    """Whoever asks for a minute is left alone, and the reason says so."""
    text = reason(always(reply(429, Retry_After="60")), attempts=1)
    assert text == "HTTP 429 and asks to wait 60 s"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 500, 501])
def test_a_refusal_is_final(status: int) -> None:
    """Asking again would change nothing."""
    assert reason(always(reply(status)), attempts=1) == f"HTTP {status}"


async def _reset(number: int, writer: asyncio.StreamWriter) -> None:
    writer.write(reply(200, b'{"half":', length=1000))
    await writer.drain()
    writer.transport.abort()


async def _close(number: int, writer: asyncio.StreamWriter) -> None:
    writer.write(reply(200, b'{"half":', length=1000))
    await writer.drain()
    writer.close()


async def _hang_up(number: int, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize(
    "handle",
    [
        _reset,
        _close,
        always(reply(200, b"no gzip at all", Content_Encoding="gzip")),
    ],
)
def test_a_broken_answer_is_asked_for_again(handle: Handle) -> None:
    """Half an answer is none: three times, then it is an error."""
    text = "the answer broke off or can't be decoded"
    assert reason(handle, attempts=3) == text


def test_an_upstream_that_hangs_up_is_asked_again() -> None:
    """Three times as well, each of which aiohttp doubles for a reused connection."""
    assert reason(_hang_up, attempts=6) == "no connection: Server disconnected"


def test_a_connection_that_heals_is_no_error() -> None:
    """Broken off once, whole the second time."""

    async def handle(number: int, writer: asyncio.StreamWriter) -> None:
        await (_reset if number == 1 else always(reply(200, b"{}")))(number, writer)

    outcome, served = fetch(handle)
    assert isinstance(outcome, Answer)
    assert len(served.requests) == 2


def test_a_refused_connection_is_named() -> None:
    """Nobody listens there: the reason says so, without the credentials."""

    async def run() -> str:
        async with upstream(always()) as gone:
            url = gone.url()
        async with Client() as client:
            with pytest.raises(SourceUnavailableError) as caught:
                await client.get(url)
        assert SECRET not in str(caught.value)
        return caught.value.reason

    assert asyncio.run(run()).startswith("no connection: Connect call failed")


# ---------------------------------------------------------------- no answers


async def _silence(number: int, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _drip(number: int, writer: asyncio.StreamWriter) -> None:
    writer.write(reply(200, length=1000))
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("handle", [_silence, _drip])
def test_time_is_limited_to_the_last_byte(handle: Handle) -> None:
    """Silence and endless dripping both run out of time, once."""
    text = reason(handle, attempts=1, timeout_seconds=0.2)
    assert text == "no answer within 0.2 s"


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8"])
def test_a_web_page_is_no_document(kind: str) -> None:
    """A typing error in an address often answers a page with status 200."""
    page = reply(200, b"<html></html>", Content_Type=kind)
    text = reason(always(page), attempts=1)
    assert text == "answered a web page, not a document"


def test_a_redirect_to_a_web_page_is_no_document() -> None:
    """models.dev answers unknown paths with a redirect to its front page."""
    page = reply(200, b"<html></html>", Content_Type="text/html")
    text = reason(always(reply(302, Location="/"), page), attempts=2)
    assert text == "answered a web page, not a document"


def test_a_redirect_to_a_document_is_followed() -> None:
    """Mirrors move."""
    moved = reply(301, Location="/new.json")
    outcome, served = fetch(always(moved, reply(200, b"{}")))
    assert isinstance(outcome, Answer)
    assert served.requests[1].startswith(b"GET /new.json ")


def test_redirects_in_a_circle_end() -> None:
    """A circle is noticed."""
    outcome, _ = fetch(always(reply(302, Location="/again")))
    assert isinstance(outcome, SourceUnavailableError)
    assert outcome.reason == "redirects without end"


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_a_redirect_leads_nowhere_but_http(location: str) -> None:
    """An upstream can't make us read local files."""
    text = reason(always(reply(302, Location=location)), attempts=1)
    assert text == "the address, or one that it redirects to, can't be used"


def test_what_is_not_http_is_named() -> None:
    """Another service on that port."""
    text = reason(always(b"220 mail.example ESMTP\r\n\r\n"), attempts=1)
    assert text == "the answer is not HTTP"


def test_an_address_that_is_none_is_named() -> None:
    """The reason does not repeat what may hold a credential."""

    async def run() -> None:
        async with Client() as client:
            with pytest.raises(SourceUnavailableError, match="can't be used") as caught:
                await client.get(f"http://:{SECRET}@")
        assert SECRET not in str(caught.value)

    asyncio.run(run())


# ---------------------------------------------------------------- junk


def test_an_answer_that_says_it_is_too_large_is_not_read() -> None:
    """200 MB of junk cost nothing when the server announces them."""
    body = reply(200, b"x", length=200_000_000)
    text = reason(always(body), attempts=1, max_bytes=1 << 20)
    assert text == "the answer is larger than 1 MB"


def test_an_endless_answer_is_left_early() -> None:
    """The server notices that nobody reads on, soon after the limit."""
    sent = 0

    async def endless(number: int, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()
            sent += 65536

    text = reason(endless, attempts=1, max_bytes=1 << 20)
    assert text == "the answer is larger than 1 MB"
    assert sent < 16 << 20


def test_a_compression_bomb_is_defused() -> None:
    """A hundred megabytes in a tenth of one are refused without that much memory."""
    zeros = gzip.compress(b"\0" * (128 << 20), compresslevel=6)
    bomb = reply(200, zeros, Content_Encoding="gzip")
    tracemalloc.start()
    try:
        outcome, _ = fetch(always(bomb), max_bytes=1 << 20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(outcome, SourceUnavailableError)
    assert peak < 64 << 20


# ---------------------------------------------------------------- proxies


def test_the_proxy_of_the_settings_is_used() -> None:
    """The request goes to the proxy, with the whole address, and nowhere else."""

    async def run() -> list[bytes]:
        async with upstream(always(reply(200, b"{}"))) as served:
            proxy = f"http://u:{SECRET}@127.0.0.1:{served.port}"
            async with Client(proxy=proxy) as client:
                await client.get("http://models.example/api.json")
            return served.requests

    (request,) = asyncio.run(run())
    assert request.startswith(b"GET http://models.example/api.json HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic " in request


def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a setting of ours, the variables that every tool knows count."""

    async def run() -> list[bytes]:
        async with upstream(always(reply(200, b"{}"))) as served, Client() as client:
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{served.port}")
            await client.get("http://models.example/api.json")
            return served.requests

    (request,) = asyncio.run(run())
    assert request.startswith(b"GET http://models.example/api.json HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("status", "text"),
    [(407, "the proxy answered HTTP 407"), (0, "no connection to the proxy: ")],
)
def test_a_proxy_that_refuses_is_named(status: int, text: str) -> None:
    """It is the proxy that is to blame, and its password stays secret."""

    async def run() -> SourceUnavailableError:
        async with upstream(always(reply(status or 200))) as served:
            proxy = f"http://u:{SECRET}@127.0.0.1:{served.port}"
            if status:
                return await _refused(proxy)
        return await _refused(proxy)

    error = asyncio.run(run())
    assert error.reason.startswith(text)
    assert SECRET not in f"{error} {error!r} {error.__cause__!r}"


async def _refused(proxy: str) -> SourceUnavailableError:
    async with Client(proxy=proxy) as client:
        with pytest.raises(SourceUnavailableError) as caught:
            await client.get("https://models.example/api.json")
    return caught.value


# ---------------------------------------------------------------- connections, files


def test_one_connection_serves_a_run() -> None:
    """Pages of one board come over the connection that is already there."""

    async def run() -> int:
        async with upstream(always(reply(200, b"{}"))) as served, Client() as client:
            for page in range(5):
                await client.get(served.url(f"/rows?offset={page}"))
            return served.connections

    assert asyncio.run(run()) == 1


def test_a_client_that_fetches_nothing_imports_nothing() -> None:
    """Offline runs and files do without aiohttp."""
    code = """if True:
        import asyncio, sys
        from llmhub_core.http import Client

        async def run():
            async with Client() as client:
                client.read_file(sys.executable)

        asyncio.run(run())
        sys.exit("aiohttp" in sys.modules)
    """
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_files_are_read_by_path_and_by_address(tmp_path: Path) -> None:
    """A path, a file: address, and one with signs that addresses escape."""
    path = tmp_path / "a folder" / "api#1.json"
    path.parent.mkdir()
    path.write_bytes(b"[1]")
    whole = Answer(status=200, body=b"[1]", etag=None, last_modified=None)
    client = Client()
    assert client.read_file(str(path)) == whole
    assert client.read_file(path.as_uri()) == whole
    assert client.read_file(path.as_uri().replace("///", "//localhost/")) == whole


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("nowhere.json", "can't be read: No such file or directory"),
        ("file:///", "can't be read: Is a directory"),
        ("file://server/share/x", "a file: address can't name the host 'server'"),
        ("ftp://host/x", "ftp: addresses are not supported"),
        ("nul\0", "embedded null byte"),
    ],
)
def test_a_file_that_can_not_be_read_is_named(url: str, text: str) -> None:
    """The reason tells an absent file from an address of another kind."""
    with pytest.raises(SourceUnavailableError) as caught:
        Client().read_file(url)
    assert caught.value.reason == text


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """Files have the limit of answers."""
    (tmp_path / "big").write_bytes(b"x" * 1025)
    with pytest.raises(SourceUnavailableError, match=r"larger than 0\.000976562 MB"):
        Client(max_bytes=1024).read_file(str(tmp_path / "big"))
    assert Client(max_bytes=1025).read_file(str(tmp_path / "big")).status == 200
