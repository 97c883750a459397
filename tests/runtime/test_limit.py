"""One timer bounds many waits, and breaks off no other."""

from __future__ import annotations

import asyncio

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


def test_a_closed_limit_leaves_no_timer_behind() -> None:
    """Nothing holds on to a call that has ended."""

    async def scene() -> None:
        limit = Limit()
        with limit.within(LONG, TooLateError):
            await asyncio.sleep(0)
        timer = limit._timer
        assert timer is not None
        limit.close()
        assert timer.cancelled()

    asyncio.run(scene())


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
