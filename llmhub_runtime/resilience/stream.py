"""Watches streams: first token, silence, and whether the answer ends as one.

Nothing is handed out before the stream is committed: until its first token, or all of
it with ``commit: complete``, it may begin anew elsewhere. After that it either ends
whole or with an error that carries what was said.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Generic, Self, TypeVar

from llmhub_runtime.errors import (
    AttemptTimeoutError,
    StreamInterruptedError,
    UnusableAnswerError,
    caused_by,
)
from llmhub_runtime.resilience.attempts import Course
from llmhub_runtime.resilience.events import log_stream_finalised
from llmhub_runtime.resilience.policy import Policy, policy_of
from llmhub_runtime.resilience.progress import Progress
from llmhub_runtime.resilience.sse import every_event_counts
from llmhub_runtime.resolve import Candidate

__all__ = ["WatchedStream", "open_stream"]

T = TypeVar("T")

# A provider that has said how the answer ends may still tell its usage, and should
# close the stream, which leaves the connection fit for the next call.
_USAGE_GRACE_SECONDS = 1.0
_CLOSING_GRACE_SECONDS = 0.1


async def open_stream(
    course: Course,
    attempt: Callable[[Candidate], Awaitable[AsyncGenerator[T, None]]],
    progress: Callable[[], Progress],
) -> WatchedStream[T]:
    """Get a stream from the first candidate whose stream can be committed.

    Args:
        course: The call.
        attempt: Makes one attempt: connects, and returns the parts.
        progress: Begins to follow a stream.

    Raises:
        CallFailedError: No candidate's stream came that far.
        Exception: What an attempt raised that is not the provider's.
    """
    while True:
        candidate, limit = await course.next()
        policy = policy_of(candidate.settings)
        counts = every_event_counts.set(policy.commit == "complete")
        stream: WatchedStream[T] | None = None
        try:
            with course.limit.within(
                limit, partial(_silence, candidate, "first token")
            ):
                source = await attempt(candidate)
                stream = WatchedStream(course, candidate, policy, source, progress())
                await stream.first_token()
            if policy.commit == "complete":
                await stream.complete()
        except Exception as error:
            if stream is not None:
                await stream.discard()
            if not course.failed(candidate, error):
                raise
        except BaseException:
            course.abandoned()
            if stream is not None:
                await stream.discard()
            raise
        else:
            course.answered(candidate)
            return stream
        finally:
            every_event_counts.reset(counts)


class WatchedStream(Generic[T]):
    """The parts of a committed stream.

    Iterating raises StreamInterruptedError where the answer breaks off.
    """

    def __init__(
        self,
        course: Course,
        candidate: Candidate,
        policy: Policy,
        source: AsyncGenerator[T, None],
        progress: Progress,
    ) -> None:
        self._course = course
        self._candidate = candidate
        self._late = partial(_silence, candidate, "next chunk")
        self._idle = policy.stream_idle_timeout_seconds
        self._bounded = policy.bounds_streams or policy.commit == "complete"
        self._left: float | None = None
        self._source = source
        self._progress = progress
        self._held: deque[T] = deque()
        self._ended = False

    async def first_token(self) -> None:
        """Read up to the first token."""
        while not self._progress.begun:
            self._held.append(await self._read())
        self._course.journal.first_token_at = time.monotonic()
        if self._bounded:
            self._left = self._course.seconds_left

    async def complete(self) -> None:
        """Read up to the end."""
        while not self._ended:
            try:
                self._held.append(await self._next())
            except StopAsyncIteration:
                break

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if self._held:
            return self._held.popleft()
        if self._ended:
            raise StopAsyncIteration
        try:
            return await self._next()
        except StopAsyncIteration:
            raise
        except Exception as error:
            await self.discard()
            if not self._course.interrupted(self._candidate, error):
                raise
            journal = self._course.journal
            interrupted = StreamInterruptedError(
                journal.role, journal.attempts, self._progress.text
            )
            raise caused_by(interrupted, error) from error

    async def aclose(self) -> None:
        """Stop: what is not read by now is not wanted."""
        self._held.clear()
        await self._end()

    async def discard(self) -> None:
        """Close the source; it came to nothing."""
        self._ended = True
        await self._source.aclose()

    def _next(self) -> Coroutine[Any, Any, T]:
        """Return the next part in time, or StopAsyncIteration after a whole answer."""
        if self._progress.whole:
            return self._last()
        return self._read(self._idle) if self._left is None else self._counted()

    async def _counted(self) -> T:
        """Return the next part within what is left of the time for all of them."""
        left = max(self._left or 0.0, 0.0)
        asked = time.monotonic()
        try:
            return await self._read(min(self._idle, left))
        finally:
            self._left = left - (time.monotonic() - asked)

    async def _last(self) -> T:
        """Return what comes after the end of the answer: its usage, or nothing."""
        timer = asyncio.timeout(None)
        try:
            async with timer:
                loop = asyncio.get_running_loop()
                soon = loop.call_later(_CLOSING_GRACE_SECONDS, self._bound, timer)
                try:
                    return await self._read()
                finally:
                    soon.cancel()
        except StopAsyncIteration:
            raise
        except Exception:  # noqa: BLE001 (the answer is whole, whatever comes after)
            await self._end()
            log_stream_finalised(self._candidate)
            raise StopAsyncIteration from None

    def _bound(self, timer: asyncio.Timeout) -> None:
        """End the wait for what comes last, now or when its usage is long due."""
        told = self._course.journal.usage_is_told
        more = 0.0 if told else _USAGE_GRACE_SECONDS - _CLOSING_GRACE_SECONDS
        timer.reschedule(asyncio.get_running_loop().time() + more)

    async def _read(self, limit: float | None = None) -> T:
        try:
            if limit is None:  # who asks sees to that
                part = await anext(self._source)
            else:
                with self._course.limit.within(limit, self._late):
                    part = await anext(self._source)
        except StopAsyncIteration:
            if not self._progress.whole:
                raise UnusableAnswerError(
                    self._candidate.provider,
                    self._candidate.model,
                    "ended without a finish reason: it was cut short",
                    "connection",
                ) from None
            await self._end()
            raise
        self._progress.feed(part)
        if self._progress.problem is not None:
            raise UnusableAnswerError(
                self._candidate.provider, self._candidate.model, self._progress.problem
            )
        return part

    async def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._course.succeeded(self._candidate)
        await self._source.aclose()


def _silence(candidate: Candidate, awaited: str, limit: float) -> AttemptTimeoutError:
    return AttemptTimeoutError(candidate.provider, candidate.model, limit, awaited)
