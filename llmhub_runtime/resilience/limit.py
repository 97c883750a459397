"""A limit on how long a task waits that costs one timer for many waits.

``asyncio.timeout`` sets up a timer for each wait and takes it down again. For every
part of a stream that is a good part of what reading it costs; here a wait notes when
it is over, and the timer looks at that when it comes due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

__all__ = ["Limit"]


class Limit:
    """Bounds the waits of one task at a time, one wait after the other.

    ::

        with limit.within(seconds, TooLate):
            await something()  # raises TooLate(seconds) when it takes longer

    As with ``asyncio.timeout``, a task that is cancelled by others stays cancelled.
    """

    def __init__(self) -> None:
        self._seconds = 0.0
        self._late: Callable[[float], Exception] = TimeoutError
        self._due = 0.0
        self._expired = False
        self._task: asyncio.Task[object] | None = None
        self._cancelled_before = 0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = 0.0

    def within(self, seconds: float, late: Callable[[float], Exception]) -> Self:
        """Bound the next wait.

        Args:
            seconds: How long it may take.
            late: Makes what is raised when it takes longer, of ``seconds``. Whatever
                the wait makes of being broken off, this comes in its place.
        """
        self._seconds, self._late = seconds, late
        return self

    def close(self) -> None:
        """Take the timer down; nothing is waited for any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("a limit needs a task: there is nothing to cancel")
        self._task = task
        self._cancelled_before = task.cancelling()
        self._expired = False
        self._due = due = loop.time() + self._seconds
        if self._timer is None or self._timer_due > due:
            self.close()
            self._look_at(loop, due)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task, self._task = self._task, None
        if task is None or not self._expired:
            return
        others = task.uncancel() > self._cancelled_before
        if kind is None or (not issubclass(kind, Exception) and others):
            return
        if issubclass(kind, (Exception, asyncio.CancelledError)):
            raise self._late(self._seconds) from None

    def _look_at(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._timer_due = due
        self._timer = loop.call_at(due, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._task is None:
            return  # the next wait sets it up again
        loop = asyncio.get_running_loop()
        if loop.time() < self._due:
            self._look_at(loop, self._due)
            return
        self._expired = True
        self._task.cancel()
