"""One client per key, kept for as long as the event loop that it belongs to.

The connections of an async client are bound to the event loop that opened them. So
each loop has a shelf of its own, and the shelf ends with the loop: ``asyncio.run``
closes the async generators of its loop before the loop itself, and a shelf lives in
one. Two ``asyncio.run`` in a row get two shelves and leave no socket behind.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from typing import Generic, TypeAlias, TypeVar

from llmhub_runtime.fork import begins_anew, leave_to_parent

__all__ = ["ClientPool"]

C = TypeVar("C")

_Shelf: TypeAlias = tuple[dict[Hashable, C], AsyncGenerator[None, None]]

# A loop holds its tasks weakly; these must live until they are done.
_CLOSING: set[asyncio.Task[None]] = set()


class ClientPool(Generic[C]):
    """Clients by event loop and key.

    Args:
        close: Closes one client, on the loop that it belongs to; must not raise.
    """

    def __init__(self, close: Callable[[C], Awaitable[None]]) -> None:
        self._close_client = close
        self._lock = threading.Lock()
        self._shelves: dict[asyncio.AbstractEventLoop, _Shelf[C]] = {}
        begins_anew(self)

    async def clients(self) -> dict[Hashable, C]:
        """Return the running loop's clients, to look into and to add to."""
        loop = asyncio.get_running_loop()
        shelf = self._shelves.get(loop)
        if shelf is None:
            clients: dict[Hashable, C] = {}
            shelf = clients, self._life(loop, clients)
            await anext(shelf[1])  # the loop knows it from here on
            with self._lock:
                for other in [one for one in self._shelves if one.is_closed()]:
                    del self._shelves[other]
                self._shelves[loop] = shelf
        return shelf[0]

    async def aclose(self) -> None:
        """Close the running loop's clients, and ask other loops to close theirs."""
        running = asyncio.get_running_loop()
        shelf = self._shelves.get(running)
        if shelf is not None:
            await shelf[1].aclose()
        self.close()

    def close(self) -> None:
        """Ask every loop to close its clients as soon as it runs."""
        with self._lock:
            shelves = list(self._shelves.items())
            self._shelves.clear()
        for loop, (_, life) in shelves:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_close_on, loop, life)

    def forget(self) -> None:
        """Begin anew in a forked child: the connections are the parent's."""
        leave_to_parent(self._shelves)
        self._lock = threading.Lock()
        self._shelves = {}

    async def _life(
        self, loop: asyncio.AbstractEventLoop, clients: dict[Hashable, C]
    ) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            with self._lock:
                shelf = self._shelves.get(loop)
                if shelf is not None and shelf[0] is clients:
                    del self._shelves[loop]
            for client in clients.values():
                await self._close_client(client)
            clients.clear()


def _close_on(
    loop: asyncio.AbstractEventLoop, life: AsyncGenerator[None, None]
) -> None:
    task = loop.create_task(life.aclose())
    _CLOSING.add(task)
    task.add_done_callback(_CLOSING.discard)
