"""Requests leave in one piece and arrive whole; who hangs up is noticed."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from llmhub_runtime.network import Network
from llmhub_runtime.pools import use_network

httpx = pytest.importorskip("httpx")
httpcore = pytest.importorskip("httpcore")

HEAD_END = b"\r\n\r\n"


class Wire:
    """A network of httpcore's that takes down what is written to it."""

    def __init__(self, network: Any) -> None:
        self._network = network
        self.written: list[bytes] = []

    async def connect_tcp(self, *where: Any, **how: Any) -> Any:
        """Connect, and listen in."""
        stream = await self._network.connect_tcp(*where, **how)
        write = stream.write

        async def note(buffer: bytes, **how: Any) -> None:
            self.written += [buffer] if buffer else []
            await write(buffer, **how)

        stream.write = note
        return stream


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each request with the length of its body, and the sum of its bytes."""
    while head := await read_head(reader):
        (length,) = (
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        )
        body = await reader.readexactly(length)
        answer = b"%d %d" % (length, sum(body))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer))
        writer.write(answer)
    writer.close()
    await writer.wait_closed()


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """Read the head of a request; nothing when there is none any more."""
    try:
        return await reader.readuntil(HEAD_END)
    except asyncio.IncompleteReadError:
        return b""


async def hung_up() -> None:
    """Wait until the server has seen that its callers are gone."""
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})


def client(**how: Any) -> Any:
    """Return a client of httpx that has no certificates to read."""
    return httpx.AsyncClient(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), **how)


@asynccontextmanager
async def listening(*, corked: bool) -> AsyncGenerator[tuple[Any, Wire, str], None]:
    """Give a client, what it writes, and the address of a server that echoes."""
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    http = client()
    pool = http._transport._pool
    pool._network_backend = wire = Wire(pool._network_backend)
    if corked:
        use_network(SimpleNamespace(_client=http))
    async with server:
        async with http:
            yield http, wire, address
        await hung_up()


def written(body: bytes, *, corked: bool, times: int = 1) -> list[bytes]:
    """Return what is written for a body, which arrives as it was sent."""

    async def main() -> list[bytes]:
        async with listening(corked=corked) as (http, wire, address):
            for _ in range(times):
                answer = await http.post(address, content=body)
                assert answer.text == f"{len(body)} {sum(body)}"
            return wire.written

    return asyncio.run(main())


def test_head_and_body_leave_together() -> None:
    """One request is one write, and so is the next on the same connection."""
    pieces = written(b'{"a": 1}', corked=True, times=2)
    assert [piece.partition(HEAD_END)[2] for piece in pieces] == [b'{"a": 1}'] * 2


def test_httpcore_needs_it() -> None:
    """Left alone it writes twice: once it does not, drop the cork."""
    head, body = written(b'{"a": 1}', corked=False)
    assert head.endswith(HEAD_END)
    assert body == b'{"a": 1}'


@pytest.mark.parametrize("size", [65_000, 65_536, 1_000_000])
def test_a_large_body_is_not_held_back(size: int) -> None:
    """It arrives whole, and is not copied to be sent with its head."""
    pieces = written(bytes(range(250)) * (size // 250), corked=True)
    assert [len(piece) > 0 for piece in pieces] == [True] * (1 if size < 65_200 else 2)


class Stream:
    """A network stream that a test scripts."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.seen: list[Any] = []
        self.answers: asyncio.Queue[bytes] = asyncio.Queue()

    async def write(self, buffer: bytes, **how: float) -> None:
        """Take note of what is written, or fail."""
        self.seen.append((buffer, how))
        if self.error is not None:
            raise self.error

    async def read(self, max_bytes: int, **how: float) -> bytes:
        """Wait for an answer."""
        self.seen.append(how)
        return (await self.answers.get())[:max_bytes]

    async def start_tls(self, context: object, **how: object) -> Stream:
        """Go on in secret."""
        self.seen.append((context, how))
        return self

    async def aclose(self) -> None:
        """Take note of the end."""
        self.seen.append("closed")

    def get_extra_info(self, info: str) -> str:
        """Tell what is asked."""
        return f"{info} of it"


class Below:
    """A network that connects to one scripted stream."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.slept: list[float] = []

    async def connect_tcp(self, host: str, *, port: int) -> Stream:
        """Connect."""
        self.stream.seen.append((host, port))
        return self.stream

    async def sleep(self, seconds: float) -> None:
        """Take note of the wait."""
        self.slept.append(seconds)


async def corked(stream: Stream) -> Any:
    """Return the stream as our network gives it."""
    found = await Network(Below(stream)).connect_tcp("host", port=1)
    assert stream.seen == [("host", 1)]
    stream.seen.clear()
    return found


def run(check: Callable[[], Any]) -> None:
    """Run a check on an event loop of its own."""
    asyncio.run(check())


def test_what_is_written_while_somebody_reads_leaves_at_once() -> None:
    """Two requests may share a connection: neither waits for the other's answer."""

    async def main() -> None:
        stream = Stream()
        outer = await corked(stream)
        await outer.write(b"first ")
        await outer.write(b"one")
        assert stream.seen == []
        reads = asyncio.create_task(outer.read(4))
        await asyncio.sleep(0)
        assert stream.seen == [(b"first one", {}), {}]
        await outer.write(b"second", timeout=3.0)
        assert stream.seen[2:] == [
            (b"", {"timeout": 3.0}),
            (b"second", {"timeout": 3.0}),
        ]
        stream.answers.put_nowait(b"answer")
        assert await reads == b"answ"
        await outer.write(b"third")
        assert stream.seen[4:] == []

    run(main)


def test_a_refusal_that_comes_early_is_read() -> None:
    """A server that closes before it has all may have said why."""

    async def main() -> None:
        stream = Stream(httpcore.WriteError("gone"))
        outer = await corked(stream)
        stream.answers.put_nowait(b"413")
        await outer.write(b"too much")
        assert await outer.read(10, timeout=2.0) == b"413"
        assert stream.seen == [(b"too much", {"timeout": 2.0}), {"timeout": 2.0}]

    run(main)


def test_what_else_goes_wrong_is_raised() -> None:
    """A write that takes too long is no answer, and the stream is not read."""

    async def main() -> None:
        stream = Stream(httpcore.WriteTimeout("late"))
        outer = await corked(stream)
        await outer.write(b"text")
        stream.answers.put_nowait(b"ok")
        with pytest.raises(httpcore.WriteTimeout):
            await outer.read(10)
        assert stream.seen == [(b"text", {})]
        stream.error = None
        assert await outer.read(10) == b"ok"
        assert stream.seen[1:] == [{}]

    run(main)


def test_the_rest_of_a_stream_is_its_own() -> None:
    """TLS goes on corked; closing sends nothing of a request that was given up."""

    async def main() -> None:
        stream = Stream()
        below = Below(stream)
        await Network(below).sleep(0.5)
        assert below.slept == [0.5]
        outer = await corked(stream)
        inner = await outer.start_tls("context", server_hostname="host")
        assert stream.seen == [("context", {"server_hostname": "host"})]
        await inner.write(b"given up")
        assert inner.get_extra_info("socket") == "socket of it"
        await inner.aclose()
        assert stream.seen[1:] == ["closed"]

    run(main)


@asynccontextmanager
async def connected(kind: str, tmp_path: Path) -> AsyncGenerator[tuple[Any, Any], None]:
    """Give our stream and the one below it, and the server's end of them."""
    ends: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def keep(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ends.put(writer)

    network = Network(httpcore.AnyIOBackend())
    if kind == "unix":
        server = await asyncio.start_unix_server(keep, tmp_path / "s")
        ours = await network.connect_unix_socket(str(tmp_path / "s"))
    else:
        server = await asyncio.start_server(keep, "127.0.0.1", 0)
        ours = await network.connect_tcp(*server.sockets[0].getsockname())
    async with server:
        theirs = await ends.get()
        try:
            yield ours, theirs
        finally:
            theirs.close()
            await theirs.wait_closed()


async def readable(ours: Any) -> bool:
    """Wait for it to become readable, which a closed server's end makes it."""
    for _ in range(1000):
        if ours.get_extra_info("is_readable"):
            return True
        await asyncio.sleep(0.001)
    return False


KINDS = ["tcp", *(["unix"] if hasattr(asyncio, "start_unix_server") else [])]


@pytest.mark.parametrize("kind", KINDS)
def test_data_and_the_end_make_a_connection_readable(kind: str, tmp_path: Path) -> None:
    """As httpcore's own look at it says, before and after each of them."""

    async def main() -> None:
        async with connected(kind, tmp_path) as (ours, theirs):
            below = ours._stream
            looks = [ours, below]
            said = [one.get_extra_info("is_readable") for one in looks]
            assert said == [False, False]
            theirs.write(b"!")
            await theirs.drain()
            assert await readable(ours)
            assert below.get_extra_info("is_readable")
            assert await ours.read(5) == b"!"
            said = [one.get_extra_info("is_readable") for one in looks]
            assert said == [False, False]
            theirs.close()
            assert await readable(ours)
            assert below.get_extra_info("is_readable")
            await ours.aclose()

    asyncio.run(main())


def test_closed_connection_is_readable_whoever_has_its_number(tmp_path: Path) -> None:
    """Its number may be that of another's socket by now, on which nothing has come."""

    async def main() -> None:
        async with connected("tcp", tmp_path) as (ours, _):
            number = ours.get_extra_info("socket").fileno()
            assert not ours.get_extra_info("is_readable")
            await ours.aclose()
            with ExitStack() as stack:
                quiet = [
                    stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
                    for _ in range(20)
                ]
                assert number in {one.fileno() for one in quiet}
                assert ours.get_extra_info("is_readable")

    asyncio.run(main())


def test_connection_that_is_closed_already_is_readable(tmp_path: Path) -> None:
    """At the first look, too, and where there is nothing to look at with."""

    async def main() -> None:
        async with connected("tcp", tmp_path) as (ours, _):
            await ours.aclose()
            assert ours.get_extra_info("is_readable")
        odd = await corked(Stream())
        odd._stream.get_extra_info = {"socket": None, "is_readable": "as below"}.get
        assert odd.get_extra_info("is_readable") == "as below"

    asyncio.run(main())


def test_looks_without_poll_are_left_to_httpcore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows has none."""

    async def main() -> None:
        async with connected("tcp", tmp_path) as (ours, theirs):
            monkeypatch.delattr("select.poll", raising=False)
            assert not ours.get_extra_info("is_readable")
            theirs.close()
            assert await readable(ours)
            await ours.aclose()

    asyncio.run(main())


@pytest.mark.skipif(
    not hasattr(asyncio, "start_unix_server"), reason="the system has no such sockets"
)
def test_unix_sockets_are_corked_as_well(tmp_path: Path) -> None:
    """A provider behind a socket of the file system answers."""

    async def main() -> None:
        path = tmp_path / "s"
        server = await asyncio.start_unix_server(echo, path)
        no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        transport = httpx.AsyncHTTPTransport(uds=str(path), verify=no_tls)
        http = client(transport=transport)
        use_network(SimpleNamespace(_client=http))
        async with server:
            async with http:
                answer = await http.post("http://host/", content=b"\1\2")
                assert answer.text == "2 3"
            await hung_up()

    run(main)


def test_what_is_not_httpcores_stays_as_it_is() -> None:
    """An SDK that sends some other way has nothing to cork."""
    pool = SimpleNamespace(_close_connections=None)
    http = SimpleNamespace(event_hooks={}, _transport=SimpleNamespace(_pool=pool))
    use_network(SimpleNamespace(_client=http))
    use_network(object())
    assert vars(pool) == {"_close_connections": None}
