"""One timer bounds the waits of all, and each ends at its own time."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

import pytest

from llmhub_runtime.resilience.limit import Limit

SOON, LONG = 0.02, 30.0


class TooLateError(Exception):
    """What the tests let a limit raise."""


def test_a_wait_that_takes_too_long_ends_in_the_error_asked_for() -> None:
    """It is told the seconds, and the task goes on as if nobody had cancelled it."""

    async def scene() -> None:
        limit = Limit()
        with pytest.raises(TooLateError) as caught, limit.within(SOON, TooLateError):
            await asyncio.sleep(LONG)
        assert caught.value.args == (SOON,)
        task = asyncio.current_task()
        assert task is not None
        assert not task.cancelling()
        await asyncio.sleep(0)

    asyncio.run(scene())


def test_no_time_at_all_is_too_long_for_any_wait() -> None:
    """As at a deadline that has passed."""

    async def scene() -> None:
        with pytest.raises(TooLateError), Limit().within(0.0, TooLateError):
            await asyncio.sleep(LONG)

    asyncio.run(scene())


def test_each_wait_has_its_own_time_on_the_same_timer() -> None:
    """Waits that are shorter than the limit are not added up."""

    async def scene() -> None:
        limit = Limit()
        for _ in range(6):
            with limit.within(5 * SOON, TooLateError):
                await asyncio.sleep(SOON)
        with pytest.raises(TooLateError), limit.within(5 * SOON, TooLateError):
            await asyncio.sleep(LONG)

    asyncio.run(scene())


def test_a_shorter_wait_is_over_before_the_timer_of_a_longer_one() -> None:
    """The timer comes due with the wait that ends first."""

    async def scene() -> None:
        limit = Limit()
        with limit.within(LONG, TooLateError):
            await asyncio.sleep(0)
        with pytest.raises(TooLateError), limit.within(SOON, TooLateError):
            await asyncio.sleep(LONG)

    asyncio.run(scene())


def test_what_takes_long_between_waits_is_not_counted() -> None:
    """Whoever reads a stream may take their time with what they have read."""

    async def scene() -> None:
        limit = Limit()
        with limit.within(SOON, TooLateError):
            await asyncio.sleep(0)
        await asyncio.sleep(3 * SOON)
        with limit.within(LONG, TooLateError):
            await asyncio.sleep(SOON)

    asyncio.run(scene())


def test_an_error_that_being_broken_off_was_turned_into_is_replaced() -> None:
    """SDKs say all sorts of things when they are cancelled."""

    async def scene() -> None:
        async def sdk() -> None:
            try:
                await asyncio.sleep(LONG)
            except asyncio.CancelledError:
                raise ConnectionError("the connection was closed") from None

        with pytest.raises(TooLateError), Limit().within(SOON, TooLateError):
            await sdk()

    asyncio.run(scene())


def test_errors_of_the_wait_itself_pass_through() -> None:
    """Only what comes of the limit is replaced."""

    async def scene() -> None:
        with pytest.raises(ConnectionError), Limit().within(LONG, TooLateError):
            raise ConnectionError

    asyncio.run(scene())


def test_an_answer_that_is_found_while_broken_off_counts() -> None:
    """The task is not left cancelled."""

    async def scene() -> None:
        with Limit().within(SOON, TooLateError):
            with pytest.raises(asyncio.CancelledError):
                await asyncio.sleep(LONG)
            answer = "there after all"
        await asyncio.sleep(0)
        assert answer

    asyncio.run(scene())


def test_a_task_that_others_cancel_stays_cancelled() -> None:
    """Also when its time is over in the same moment."""

    async def scene() -> None:
        async def wait() -> None:
            with Limit().within(0.0, TooLateError):
                await asyncio.sleep(LONG)

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)  # it waits
        await asyncio.sleep(0)  # its time is over as soon as this task lets go
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    asyncio.run(scene())


def test_waits_of_many_tasks_share_a_timer_and_end_each_at_its_time() -> None:
    """In whichever order they begin."""

    async def scene(factors: tuple[int, ...]) -> None:
        ended: list[int] = []

        async def wait(factor: int) -> None:
            limit = Limit()
            with pytest.raises(TooLateError), limit.within(factor * SOON, TooLateError):
                await asyncio.sleep(LONG)
            ended.append(factor)

        await asyncio.gather(*map(wait, factors))
        assert ended == sorted(factors)

    for factors in ((1, 3, 5), (5, 3, 1), (3, 7, 1, 5)):
        asyncio.run(scene(factors))


def test_a_thousand_waits_cost_one_timer() -> None:
    """The first sets it up, the others come after it."""

    async def scene() -> None:
        timers = 0
        loop: Any = asyncio.get_running_loop()
        call_at = loop.call_at

        def counted(*args: Any, **named: Any) -> Any:
            nonlocal timers
            timers += 1
            return call_at(*args, **named)

        loop.call_at = counted
        for _ in range(1000):
            with Limit().within(LONG, TooLateError):
                await asyncio.sleep(0)
        assert timers == 1

    asyncio.run(scene())


def test_a_wait_that_has_ended_is_forgotten() -> None:
    """Nothing holds on to a call that is over, nor to the loop when that is."""

    async def scene() -> weakref.ref[object]:
        limit = Limit()
        with limit.within(LONG, TooLateError):
            await asyncio.sleep(0)
        ended = weakref.ref(limit)
        del limit
        assert ended() is None
        return weakref.ref(asyncio.get_running_loop())

    loop = asyncio.run(scene())
    gc.collect()
    assert loop() is None


def test_only_a_task_can_be_bounded() -> None:
    """There is nothing else that could be broken off."""
    loop = asyncio.new_event_loop()
    raised: list[BaseException] = []

    def bound() -> None:
        try:
            with Limit().within(LONG, TooLateError):
                raised.append(AssertionError("it was entered"))
        except RuntimeError as error:
            raised.append(error)
        loop.stop()

    loop.call_soon(bound)
    loop.run_forever()
    loop.close()
    assert "needs a task" in str(raised[0])
