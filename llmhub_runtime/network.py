"""A network below httpcore that takes fewer system calls.

httpcore sends the head of a request and its body one after the other: two system calls,
two turns of the event loop and two segments on the wire, or records of TLS, for what is
mostly a few hundred bytes. Here what is written waits until the answer is asked for, as
behind the ``TCP_CORK`` of tcp(7). For a small request that is a twentieth of all that a
call costs the caller.

Twice a call a pool asks every connection that is idle whether its server has hung up.
anyio, which httpcore stands on, looks up the addresses of both sides for that. Here the
system is asked what it is about and nothing else.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["Network"]

# What is larger goes out at once: there is nothing to save, and much to copy.
_HELD_BYTES = 65_536


class Network:
    """A network backend of httpcore's, by way of another."""

    def __init__(self, network: Any) -> None:
        self._network = network

    async def connect_tcp(self, *where: Any, **how: Any) -> _Stream:
        """Connect to a host and port."""
        return _Stream(await self._network.connect_tcp(*where, **how))

    async def connect_unix_socket(self, *where: Any, **how: Any) -> _Stream:
        """Connect to a socket of the file system."""
        return _Stream(await self._network.connect_unix_socket(*where, **how))

    async def sleep(self, seconds: float) -> None:
        """Wait before connecting again."""
        await self._network.sleep(seconds)


class _Stream:
    """A network stream of httpcore's that writes when it is read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._held = b""
        self._is_read = False
        self._is_readable: Callable[[], bool] | None = None

    async def write(self, buffer: bytes, **how: Any) -> None:
        # Who reads already will not come by again to send it: HTTP/2 does that.
        if not self._is_read and len(self._held) + len(buffer) <= _HELD_BYTES:
            self._held += buffer
            return
        held, self._held = self._held, b""
        await self._stream.write(held, **how)
        await self._stream.write(buffer, **how)

    async def read(self, max_bytes: int, **how: Any) -> bytes:
        self._is_read = True
        try:
            if self._held:
                held, self._held = self._held, b""
                await self._send(held, **how)
            data: bytes = await self._stream.read(max_bytes, **how)
            return data
        finally:
            self._is_read = False

    async def _send(self, held: bytes, **how: Any) -> None:
        try:
            await self._stream.write(held, **how)
        except Exception as error:
            # httpcore reads all the same: servers that refuse a request close it early.
            if type(error).__name__ != "WriteError":
                raise

    async def start_tls(self, *how: Any, **more: Any) -> _Stream:
        return _Stream(await self._stream.start_tls(*how, **more))

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        if info != "is_readable":
            return self._stream.get_extra_info(info)
        if self._is_readable is None:
            self._is_readable = _look_at(self._stream)
        return self._is_readable()


def _look_at(stream: Any) -> Callable[[], bool]:
    """Return what says whether reading would return at once: with data, or the end."""
    socket = stream.get_extra_info("socket")
    number = -1 if socket is None else socket.fileno()
    if number < 0 or not hasattr(select, "poll"):
        return partial(stream.get_extra_info, "is_readable")
    poll = select.poll()
    poll.register(number, select.POLLIN)
    # Once it is closed, another may have its number.
    return lambda: socket.fileno() != number or bool(poll.poll(0))
