"""The event loop behind the synchronous calls: one thread of a hub's own.

any-llm's clients belong to the event loop that first used them, so synchronous calls
share one loop that lives as long as the hub, and with it one set of connections.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import queue
import threading
from collections.abc import AsyncGenerator, Awaitable, Coroutine
from typing import Any, Generic, Self, TypeVar

from llmhub_runtime.errors import HubClosedError
from llmhub_runtime.fork import begins_anew, leave_to_parent

__all__ = ["LoopThread", "Reading"]

T = TypeVar("T")

_JOIN_SECONDS = 5.0


class LoopThread:
    """Runs coroutines for threads that have no event loop.

    The thread starts with the first coroutine. It is a daemon: a program that ends
    without closing its hub is not kept waiting by it.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stopped = False
        self._left: set[asyncio.Future[Any]] = set()
        begins_anew(self)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end and return what it returns.

        Raises:
            HubClosedError: The thread was stopped, before or meanwhile.
        """
        future = self.submit(coroutine)
        try:
            return self.result(future)
        finally:
            # An interrupt of the waiting thread must not leave the call running.
            future.cancel()
            del future  # as in ``result``

    def result(self, future: concurrent.futures.Future[T]) -> T:
        """Wait for what was submitted; see ``run``."""
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            if self._stopped:
                raise HubClosedError from None
            raise
        finally:
            del future  # holds the exception, whose traceback holds this frame

    def settle(self, awaitable: Awaitable[Any]) -> None:
        """Wait for something awaitable; on the thread itself, let it run on its own."""
        if self.is_current():
            task = asyncio.ensure_future(awaitable)
            self._left.add(task)
            task.add_done_callback(self._left.discard)
        else:
            self.run(_awaited(awaitable))

    def check_caller(self) -> None:
        """Refuse to be waited for by the thread itself.

        Raises:
            RuntimeError: It would wait for itself, for ever.
        """
        if self.is_current():
            raise RuntimeError(
                "a synchronous call can't be made from a coroutine that another "
                "synchronous call runs: await the async twin there"
            )

    def is_current(self) -> bool:
        """Whether the caller runs on the thread itself."""
        return threading.current_thread() is self._thread

    def read(self, source: AsyncGenerator[T, None]) -> Reading[T]:
        """Begin to read an async generator, for a thread to iterate over."""
        return Reading(self, source)

    def stop(self) -> None:
        """Cancel what runs, close the loop and end the thread."""
        with self._lock:
            loop, thread, first = self._loop, self._thread, not self._stopped
            self._stopped = True  # before any call can hear of it
            if loop is not None and first:
                loop.call_soon_threadsafe(loop.stop)
        if thread is not None and thread is not threading.current_thread():
            thread.join(_JOIN_SECONDS)

    def forget(self) -> None:
        """Begin anew in a forked child, where the thread does not exist."""
        leave_to_parent(self._loop)
        self._lock = threading.RLock()
        self._loop = self._thread = None

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start a coroutine.

        Raises:
            HubClosedError: The thread was stopped.
        """
        with self._lock:
            if self._stopped:
                coroutine.close()
                raise HubClosedError
            loop = self._loop or self._started()
            return asyncio.run_coroutine_threadsafe(coroutine, loop)

    def _started(self) -> asyncio.AbstractEventLoop:
        self._loop = loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=_main, args=(loop,), name="llmhub-runtime", daemon=True
        )
        self._thread.start()
        return loop


class Reading(Generic[T]):
    """The items of an async generator that lives on a loop's thread.

    One task reads all of them, as a source may count on a context of its own, and it
    reads ahead: a model's answer fits into memory. Close it to close the source.
    """

    def __init__(self, runner: LoopThread, source: AsyncGenerator[T, None]) -> None:
        self._runner = runner
        self._source = source
        self._items: queue.SimpleQueue[T | _End] = queue.SimpleQueue()
        self._task: asyncio.Task[Any] | None = None
        self._reader = runner.submit(self._read())
        items = self._items
        self._reader.add_done_callback(lambda _: items.put(_End()))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        item = self._items.get()
        if not isinstance(item, _End):
            return item
        self._items.put(item)
        self._runner.result(self._reader)
        raise StopIteration

    def close(self) -> None:
        """Stop reading and close the source before returning."""
        if self._reader.done():
            return
        self._reader.cancel()
        # The garbage collector may close a stream on the loop's own thread, which
        # can't wait there for itself; the cancelled task will close the source.
        if not self._runner.is_current():
            with contextlib.suppress(HubClosedError):
                self._runner.run(self._closed())

    async def _read(self) -> None:
        self._task = asyncio.current_task()
        async with contextlib.aclosing(self._source) as items:
            async for item in items:
                self._items.put(item)

    async def _closed(self) -> None:
        if self._task is not None:  # pragma: no branch (tasks begin in turn)
            await asyncio.wait([self._task])
        await self._source.aclose()


class _End:
    """Stands behind the last item of a source."""


def _main(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(_settled(tasks))
        # Closes the streams, and the clients that live as long as the loop does.
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def _awaited(awaitable: Awaitable[Any]) -> None:
    await awaitable


async def _settled(tasks: set[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
