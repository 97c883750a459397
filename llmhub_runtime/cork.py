"""Requests that leave in one piece.

httpcore sends the head of a request and its body one after the other: two system calls,
two turns of the event loop and two segments on the wire, or records of TLS, for what is
mostly a few hundred bytes. Here what is written waits until the answer is asked for, as
behind the ``TCP_CORK`` of tcp(7). For a small request that is a twentieth of all that a
call costs the caller.
"""

from __future__ import annotations

from typing import Any

__all__ = ["cork"]

# What is larger goes out at once: there is nothing to save, and much to copy.
_HELD_BYTES = 65_536


def cork(pool: Any) -> None:
    """Make the connections of a pool of httpcore's send each request in one piece.

    Args:
        pool: The pool; those that it has opened already stay as they are.
    """
    pool._network_backend = _Network(pool._network_backend)  # noqa: SLF001


class _Network:
    """A network backend of httpcore's whose streams are corked."""

    def __init__(self, network: Any) -> None:
        self._network = network

    async def connect_tcp(self, *where: Any, **how: Any) -> _Stream:
        return _Stream(await self._network.connect_tcp(*where, **how))

    async def connect_unix_socket(self, *where: Any, **how: Any) -> _Stream:
        return _Stream(await self._network.connect_unix_socket(*where, **how))

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


class _Stream:
    """A network stream of httpcore's that writes when it is read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._held = b""
        self._is_read = False

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
        return self._stream.get_extra_info(info)
