"""The thread behind synchronous calls."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import gc
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest

from llmhub_runtime import HubClosedError, LLMHub, RuntimeConfig
from llmhub_runtime.connecting import aclose
from llmhub_runtime.runner import LoopThread

SAY = [{"role": "user", "content": "hello"}]


@pytest.fixture
def runner() -> Iterator[LoopThread]:
    """A thread, stopped at the end."""
    runner = LoopThread()
    yield runner
    runner.stop()


class Source:
    """An async generator of numbers that notes when it is closed."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.closed = threading.Event()

    async def items(self) -> AsyncGenerator[int, None]:
        """Give the numbers, then wait for ever."""
        try:
            for number in range(self.last):
                yield number
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.closed.set()


async def started(source: AsyncGenerator[int, None]) -> int:
    """Take the first item."""
    return await anext(source)


def test_what_a_coroutine_raises_is_raised(runner: LoopThread) -> None:
    """Its own exception, in the thread that waits."""

    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        runner.run(fail())


def test_context_of_the_caller_is_seen(runner: LoopThread) -> None:
    """Context variables reach the coroutine, as tracing expects."""
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable")
    variable.set(7)

    async def look() -> int:
        return variable.get()

    assert runner.run(look()) == 7


def test_coroutine_that_cancels_itself_is_not_a_closed_hub(runner: LoopThread) -> None:
    """Only a stopped thread means a closed hub."""

    async def give_up() -> None:
        raise asyncio.CancelledError

    with pytest.raises(concurrent.futures.CancelledError):
        runner.run(give_up())


def test_interrupt_of_the_waiting_thread_cancels(
    runner: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control-C while a call runs does not leave it running."""
    cancelled = threading.Event()

    async def long() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    def interrupted(self: Any, timeout: float | None = None) -> None:
        raise KeyboardInterrupt

    runner.run(asyncio.sleep(0))
    with monkeypatch.context() as patch:
        patch.setattr(concurrent.futures.Future, "result", interrupted)
        with pytest.raises(KeyboardInterrupt):
            runner.run(long())
    runner.run(asyncio.sleep(0))
    assert runner._loop is not None
    # It never began, or it was cancelled; either way nothing of it is left.
    assert len(asyncio.all_tasks(runner._loop)) == 0


def test_reading_that_never_began_closes_its_source(runner: LoopThread) -> None:
    """Also when the loop had no time for it in between."""
    source = Source(2)
    items = source.items()
    assert runner.run(started(items)) == 0
    busy, loop = threading.Event(), runner._loop
    assert loop is not None
    loop.call_soon_threadsafe(busy.wait)
    reading = runner.read(items)
    threading.Timer(0.05, busy.set).start()
    reading.close()
    assert source.closed.is_set()
    reading.close()


def test_reading_ends_more_than_once(runner: LoopThread) -> None:
    """An iterator that is exhausted stays so."""

    async def two() -> AsyncGenerator[int, None]:
        yield 1
        yield 2

    reading = runner.read(two())
    assert list(reading) == [1, 2]
    assert list(reading) == []


def test_reading_closed_on_the_loops_own_thread_does_not_wait(
    runner: LoopThread,
) -> None:
    """As the garbage collector may do; the source is closed all the same."""
    source = Source(1)
    reading = runner.read(source.items())
    assert next(reading) == 0
    assert runner._loop is not None
    runner._loop.call_soon_threadsafe(reading.close)
    assert source.closed.wait(60)


def test_awaitable_is_settled_on_the_loops_own_thread(runner: LoopThread) -> None:
    """Where nobody can wait, it runs on its own."""
    done = threading.Event()

    async def note() -> None:
        await asyncio.sleep(0)
        done.set()

    async def inside() -> None:
        runner.settle(note())

    runner.run(inside())
    assert done.wait(60)
    runner.run(asyncio.sleep(0))
    assert not runner._left


def test_stop_ends_everything(runner: LoopThread) -> None:
    """The running are cancelled, the next refused; twice is as good as once."""
    source = Source(1)
    reading = runner.read(source.items())
    assert next(reading) == 0
    runner.stop()
    runner.stop()
    assert source.closed.is_set()
    with pytest.raises(HubClosedError):
        next(reading)
    with pytest.raises(HubClosedError):
        runner.run(asyncio.sleep(0))
    with pytest.raises(HubClosedError):
        runner.read(source.items())


def test_stop_from_the_thread_itself(runner: LoopThread) -> None:
    """As the garbage collector may do; it can't wait for itself."""
    runner.run(asyncio.sleep(0))
    loop, thread = runner._loop, runner._thread
    assert loop is not None
    assert thread is not None
    loop.call_soon_threadsafe(runner.stop)
    thread.join(60)
    assert loop.is_closed()


def test_async_hook_of_a_stream_that_the_loops_thread_drops(
    config: RuntimeConfig,
) -> None:
    """The after-hook runs even then."""
    told = threading.Event()

    async def after(result: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        told.set()

    with LLMHub(config_obj=config, on_after_call=after) as hub:
        stream = hub.completion("llm.chat", SAY, stream=True)
        next(stream)
        opened = hub._opened
        assert opened is not None
        loop = opened[0]._runner._loop
        assert loop is not None
        loop.call_soon_threadsafe(stream.close)
        assert told.wait(60)


def test_errors_leave_no_cycles(runner: LoopThread) -> None:
    """A failed call is freed at once, not when the garbage collector comes by."""

    class TracedError(Exception):
        freed = threading.Event()

        def __del__(self) -> None:
            self.freed.set()

    async def fail() -> None:
        raise TracedError

    gc.collect()
    gc.disable()
    try:
        with pytest.raises(TracedError):
            runner.run(fail())
        runner.run(asyncio.sleep(0))
        assert TracedError.freed.wait(5)
    finally:
        gc.enable()


def test_things_are_closed_whatever_they_call_it() -> None:
    """``aclose`` or ``close``, a coroutine function or not, or neither."""
    called: list[str] = []

    class Plain:
        def close(self) -> None:
            called.append("close")

    class Coroutine:
        async def close(self) -> None:
            called.append("await close")

    class Modern(Plain):
        async def aclose(self) -> None:
            called.append("aclose")

    async def main() -> None:
        for thing in (Plain(), Coroutine(), Modern(), object(), None):
            await aclose(thing)

    asyncio.run(main())
    assert called == ["close", "await close", "aclose"]
