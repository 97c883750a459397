"""A limit on how long a task waits, of which an event loop bears thousands.

``asyncio.timeout`` sets up a timer for each wait and takes it down again, which is a
good part of what a call, or reading a part of a stream, costs. Here a wait notes when
it is over, and one timer of the loop looks at all of them when the first comes due.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from types import TracebackType
from typing import Self
from weakref import WeakKeyDictionary

__all__ = ["Limit"]


class Limit:
    """Bounds the waits of one task at a time, one wait after the other.

    ::

        with limit.within(seconds, TooLate):
            await something()  # raises TooLate(seconds) when it takes longer

    As with ``asyncio.timeout``, a task that is cancelled by others stays cancelled.

    Attributes:
        due: When the present wait is over, by the loop's clock.
    """

    def __init__(self) -> None:
        self.due = 0.0
        self._seconds = 0.0
        self._late: Callable[[float], Exception] = TimeoutError
        self._expired = False
        self._task: asyncio.Task[object] | None = None
        self._cancelled_before = 0
        self._alarm: _Alarm | None = None

    def within(self, seconds: float, late: Callable[[float], Exception]) -> Self:
        """Bound the next wait.

        Args:
            seconds: How long it may take.
            late: Makes what is raised when it takes longer, of ``seconds``. Whatever
                the wait makes of being broken off, this comes in its place.
        """
        self._seconds, self._late = seconds, late
        return self

    def expire(self) -> None:
        """Break the wait off."""
        self._expired = True
        if self._task is not None:
            self._task.cancel()

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("a limit needs a task: there is nothing to cancel")
        self._task = task
        self._cancelled_before = task.cancelling()
        self.due = due = loop.time() + self._seconds
        alarm = self._alarm
        if alarm is None:
            alarm = self._alarm = _alarm_of(loop)
        alarm.waiting.add(self)
        if due < alarm.due:
            alarm.set(due, loop)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task, self._task = self._task, None
        if self._alarm is not None:
            self._alarm.waiting.discard(self)
        if task is None or not self._expired:
            return
        self._expired = False
        others = task.uncancel() > self._cancelled_before
        if kind is None or (not issubclass(kind, Exception) and others):
            return
        if issubclass(kind, (Exception, asyncio.CancelledError)):
            raise self._late(self._seconds) from None


class _Alarm:
    """The timer that the limits of a loop share.

    Attributes:
        waiting: Who is to be woken when it is due.
        due: When it rings, by the loop's clock.
    """

    def __init__(self) -> None:
        self.waiting: set[Limit] = set()
        self.due = math.inf

    def set(self, due: float, loop: asyncio.AbstractEventLoop) -> None:
        """Look at who waits at a time that is earlier than the one set before."""
        # The handle is not kept: it holds the loop, by which this is found.
        self.due = due
        loop.call_at(due, self._look, due)

    def _look(self, due: float) -> None:
        if due != self.due:
            return  # another one was set for an earlier time, and sees to all
        self.due = math.inf
        for limit in [one for one in self.waiting if one.due <= due]:
            self.waiting.discard(limit)
            limit.expire()
        if self.waiting:
            first = min(one.due for one in self.waiting)
            self.set(first, asyncio.get_running_loop())


_ALARMS: WeakKeyDictionary[asyncio.AbstractEventLoop, _Alarm] = WeakKeyDictionary()


def _alarm_of(loop: asyncio.AbstractEventLoop) -> _Alarm:
    alarm = _ALARMS.get(loop)
    if alarm is None:
        alarm = _ALARMS[loop] = _Alarm()
    return alarm
