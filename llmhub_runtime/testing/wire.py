"""HTTP/1.1 by hand, on asyncio's streams: the only way to break it exactly.

A web framework can't reset a connection before the headers, leave a stream open and
silent, or end a chunked body without its last chunk. Providers and what stands before
them do all three.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from attrs import frozen

from llmhub_runtime.testing.acts import Act, Answer, Refusal, Reset, Silence
from llmhub_runtime.testing.dialects import WORDS, Asked, Dialect

__all__ = ["Connection", "HungUp", "Request"]

# Two shorts on Windows, two ints elsewhere: linger is on, for no time at all.
_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class HungUp(Exception):  # noqa: N818 (an event, not an error)
    """The client went away."""


@frozen(kw_only=True)
class Request:
    """A request as it came in.

    Attributes:
        method: The HTTP method.
        path: The path, without a query.
        headers: By their names in lower case.
        body: The JSON that was sent; empty when it was none.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class Connection:
    """One connection of a client.

    Args:
        reader: What comes in.
        writer: What goes out.
        word_seconds: The pause between two words of a stream.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        word_seconds: float,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._word_seconds = word_seconds

    async def request(self) -> Request | None:
        """Read the next request; None when the client closed the connection."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
            method, target, _ = first.split(" ", 2)
            pairs = (line.partition(":") for line in lines)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            content = await self._body(headers)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        body: Any = None
        with contextlib.suppress(ValueError):
            body = json.loads(content)
        return Request(
            method=method,
            path=target.partition("?")[0],
            headers=headers,
            body=body if isinstance(body, dict) else {},
        )

    async def perform(self, act: Act, dialect: Dialect, asked: Asked) -> str:
        """Meet a request with an act.

        Returns:
            What was done, in words.

        Raises:
            HungUp: The client was gone before the end of it.
        """
        match act:
            case Reset():
                self.reset()
                return "reset the connection"
            case Silence(seconds=seconds):
                await self._pause(seconds)
                self.hang_up()
                return f"hung up after {seconds:g} s of silence"
            case Refusal():
                return await self._refuse(act, dialect)
            case Answer(prefill=False) if asked.prefilled:
                return await self._refuse(
                    Refusal(status=400, code="invalid_prefill"), dialect
                )
            case Answer() if asked.streams:
                return await self._stream(act, dialect, asked)
            case Answer():
                return await self._answer(act, dialect, asked)

    async def refuse(self, status: int, message: str) -> None:
        """Answer what is no request of an API."""
        await self._json(status, {"error": {"message": message}}, {})

    def reset(self) -> None:
        """Reset the connection."""
        found = self._writer.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._writer.transport.abort()

    def hang_up(self) -> None:
        """Close the connection in good order, whatever is left to say."""
        self._writer.close()

    @property
    def closed(self) -> bool:
        """Whether this side has closed it."""
        return self._writer.is_closing()

    async def _body(self, headers: Mapping[str, str]) -> bytes:
        if "chunked" not in headers.get("transfer-encoding", "").lower():
            return await self._reader.readexactly(int(headers.get("content-length", 0)))
        parts = []
        while size := int((await self._line()).partition(b";")[0], 16):
            parts.append(await self._reader.readexactly(size))
            await self._line()
        while await self._line():  # trailers
            pass
        return b"".join(parts)

    async def _line(self) -> bytes:
        return (await self._reader.readuntil(b"\r\n"))[:-2]

    async def _refuse(self, refusal: Refusal, dialect: Dialect) -> str:
        headers = {}
        if refusal.retry_after_seconds is not None:
            headers["Retry-After"] = f"{refusal.retry_after_seconds:g}"
        await self._json(refusal.status, dialect.refusal(refusal), headers)
        why = f" {refusal.code}" if refusal.code else ""
        when = f", Retry-After: {headers['Retry-After']}" if headers else ""
        return f"refused with {refusal.status}{why}{when}"

    async def _answer(self, answer: Answer, dialect: Dialect, asked: Asked) -> str:
        content = json.dumps(dialect.whole(asked)).encode()
        head = _head(
            200, {"Content-Type": "application/json", "Content-Length": len(content)}
        )
        if answer.ending in ("cut", "stalled"):
            part = len(content) * answer.words // len(WORDS)
            await self._send(head + content[:part])
            if answer.ending == "stalled":
                await self._pause(answer.stall_seconds)
            self.hang_up()
            what = "stalled" if answer.ending == "stalled" else "hung up"
            return f"{what} after {part} of {len(content)} bytes"
        if answer.garbage_at is not None:
            content = content[: len(content) // 2] + b" " * (
                len(content) - len(content) // 2
            )
            await self._send(head + content)
            return "answered with something that is not JSON"
        if answer.wait_seconds:
            await self._send(head)
            await self._pause(answer.wait_seconds)
            await self._send(content)
        else:
            await self._send(head + content)
        return "answered"

    async def _stream(self, answer: Answer, dialect: Dialect, asked: Asked) -> str:
        events = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}
        await self._send(_head(200, events))
        if answer.wait_seconds:
            await self._pause(answer.wait_seconds)
        for event in dialect.opening(asked):
            await self._chunk(event)
        if answer.ending in ("cut", "stalled", "no_finish"):
            return await self._half_a_stream(answer, dialect, asked)
        await self._words(WORDS, answer.garbage_at, dialect, asked)
        for event in dialect.closing(asked):
            await self._chunk(event)
        if answer.ending != "no_done" and dialect.sentinel:
            await self._chunk(dialect.sentinel)
        await self._send(b"0\r\n\r\n")
        if answer.garbage_at is None:
            return "answered"
        return (
            f"answered, with an event that is no JSON after {answer.garbage_at} words"
        )

    async def _half_a_stream(
        self, answer: Answer, dialect: Dialect, asked: Asked
    ) -> str:
        await self._words(WORDS[: answer.words], answer.garbage_at, dialect, asked)
        if answer.ending == "no_finish":
            await self._send(b"0\r\n\r\n")
            return f"ended after {answer.words} words without a finish reason"
        if answer.ending == "stalled":
            await self._pause(answer.stall_seconds)
        self.hang_up()
        what = "stalled" if answer.ending == "stalled" else "hung up"
        return f"{what} after {answer.words} words"

    async def _words(
        self,
        words: tuple[str, ...],
        garbage_at: int | None,
        dialect: Dialect,
        asked: Asked,
    ) -> None:
        for number, word in enumerate(words):
            if number == garbage_at:
                await self._chunk(dialect.garbage(asked))
            await self._chunk(dialect.word(asked, word))
            if self._word_seconds:
                await asyncio.sleep(self._word_seconds)

    async def _json(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        content = json.dumps(body).encode()
        standard = {"Content-Type": "application/json", "Content-Length": len(content)}
        await self._send(_head(status, standard | dict(headers)) + content)

    async def _chunk(self, event: str) -> None:
        content = event.encode()
        await self._send(b"%x\r\n%b\r\n" % (len(content), content))

    async def _send(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except ConnectionError:
            raise HungUp from None
        if self._reader.at_eof():
            raise HungUp

    async def _pause(self, seconds: float) -> None:
        """Say nothing for a while, and notice when the client goes away."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                try:
                    gone = not await self._reader.read(1)
                except ConnectionError:
                    gone = True
                if gone:
                    raise HungUp


def _head(status: int, headers: Mapping[str, object]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_reason(status)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
