"""One client per key, kept for as long as the event loop that it belongs to.

The connections of an async client are bound to the event loop that opened them. So
each loop has a shelf of its own, and the shelf ends with the loop: ``asyncio.run``
closes the async generators of its loop before the loop itself, and a shelf lives in
one. Two ``asyncio.run`` in a row get two shelves and leave no socket behind.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from attrs import define, field

from llmhub_runtime.errors import HubClosedError
from llmhub_runtime.fork import begins_anew, leave_to_parent

__all__ = ["ClientPool", "Held"]

C = TypeVar("C")


@define(kw_only=True, eq=False)
class Held(Generic[C]):
    """A client on its shelf.

    Attributes:
        client: The client itself.
        stamp: What it was made from; another stamp needs another client.
        users: How many attempts use it now.
        retired: It is off the shelf, and closed as soon as nobody uses it.
    """

    client: C
    stamp: object
    users: int = 0
    retired: bool = False


@define(kw_only=True, eq=False)
class _Shelf(Generic[C]):
    """The clients of one event loop.

    Attributes:
        clients: The clients by key.
        doors: Who builds a client holds the lock of its key.
        life: Ends with the loop, and closes the clients then.
        ended: It has; nothing is put on the shelf from here on.
    """

    clients: dict[Hashable, Held[C]] = field(factory=dict)
    doors: dict[Hashable, asyncio.Lock] = field(factory=dict)
    life: AsyncGenerator[None, None] | None = None
    ended: bool = False


# A loop holds its tasks weakly; these must live until they are done.
_CLOSING: set[asyncio.Task[None]] = set()


class ClientPool(Generic[C]):
    """Clients by event loop and key.

    Args:
        close: Closes one client, on the loop that it belongs to; must not raise.
    """

    def __init__(self, close: Callable[[C], Coroutine[Any, Any, None]]) -> None:
        self._close_client = close
        self._lock = threading.Lock()
        self._shelves: dict[asyncio.AbstractEventLoop, _Shelf[C]] = {}
        self._closed = False
        begins_anew(self)

    def find(self, key: Hashable, stamp: object) -> Held[C] | None:
        """Take the running loop's client of a key, if it is made; to be given back.

        Args:
            key: Whose client it is.
            stamp: What it is made from; one of another stamp will not do.

        Raises:
            HubClosedError: The pool is closed.
        """
        self.check_open()
        shelf = self._shelves.get(asyncio.get_running_loop())
        held = None if shelf is None else shelf.clients.get(key)
        if held is None or held.stamp != stamp:
            return None
        held.users += 1
        return held

    async def make(
        self, key: Hashable, stamp: object, build: Callable[[], Awaitable[C]]
    ) -> Held[C]:
        """Make and take the running loop's client of a key; see ``find``.

        Args:
            key: Whose client it is.
            stamp: What it is made from; one of another stamp is replaced.
            build: Makes the client. Calls that come meanwhile wait for it.

        Raises:
            HubClosedError: The pool is closed, or was while the client was built.
        """
        shelf = await self._shelf()
        async with shelf.doors.setdefault(key, asyncio.Lock()):
            held = self.find(key, stamp)
            if held is not None:  # while the door was shut
                return held
            client = await build()
            if shelf.ended:
                await self._close_client(client)
                raise HubClosedError
            former = shelf.clients.get(key)
            held = shelf.clients[key] = Held(client=client, stamp=stamp, users=1)
            if former is not None:
                self.retire(former)
            return held

    def check_open(self) -> None:
        """Raise HubClosedError when the pool is closed."""
        if self._closed:
            raise HubClosedError

    async def _shelf(self) -> _Shelf[C]:
        loop = asyncio.get_running_loop()
        shelf = self._shelves.get(loop)
        if shelf is None:
            shelf = _Shelf()
            shelf.life = self._life(loop, shelf)
            await anext(shelf.life)  # the loop knows it from here on
            with self._lock:
                for other in [one for one in self._shelves if one.is_closed()]:
                    del self._shelves[other]
                self._shelves[loop] = shelf
        return shelf

    async def give_back(self, held: Held[C]) -> None:
        """Say that one attempt uses a client no longer."""
        held.users -= 1
        if held.retired and not held.users:
            await self._close_client(held.client)

    def retire(self, held: Held[C]) -> None:
        """Close a client that is off its shelf, when its last user gives it back."""
        held.retired = True
        if not held.users:
            _spawn(asyncio.get_running_loop(), self._close_client(held.client))

    def keep(self, wanted: Callable[[Hashable], bool]) -> None:
        """Retire, on every loop, the clients whose key is not wanted any more."""
        with self._lock:
            shelves = list(self._shelves.items())
        for loop, shelf in shelves:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._sift, shelf.clients, wanted)

    def _sift(
        self, clients: dict[Hashable, Held[C]], wanted: Callable[[Hashable], bool]
    ) -> None:
        for key in [one for one in clients if not wanted(one)]:
            self.retire(clients.pop(key))

    async def aclose(self) -> None:
        """Close the running loop's clients, and ask other loops to close theirs."""
        self._closed = True
        running = asyncio.get_running_loop()
        shelf = self._shelves.get(running)
        if shelf is not None and shelf.life is not None:
            await shelf.life.aclose()
        self.close()

    def close(self) -> None:
        """Ask every loop to close its clients as soon as it runs."""
        self._closed = True
        with self._lock:
            shelves = list(self._shelves.items())
            self._shelves.clear()
        for loop, shelf in shelves:
            if shelf.life is not None and not loop.is_closed():
                loop.call_soon_threadsafe(_end, loop, shelf.life)

    def forget(self) -> None:
        """Begin anew in a forked child: the connections are the parent's."""
        leave_to_parent(self._shelves)
        self._lock = threading.Lock()
        self._shelves = {}

    async def _life(
        self, loop: asyncio.AbstractEventLoop, shelf: _Shelf[C]
    ) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            shelf.ended = True
            with self._lock:
                if self._shelves.get(loop) is shelf:
                    del self._shelves[loop]
            while shelf.clients:
                _, held = shelf.clients.popitem()
                await self._close_client(held.client)


def _end(loop: asyncio.AbstractEventLoop, life: AsyncGenerator[None, None]) -> None:
    _spawn(loop, life.aclose())


def _spawn(loop: asyncio.AbstractEventLoop, closing: Coroutine[Any, Any, None]) -> None:
    task = loop.create_task(closing)
    _CLOSING.add(task)
    task.add_done_callback(_CLOSING.discard)
