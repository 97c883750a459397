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
from typing import Any, Generic, NoReturn, TypeVar, cast

from llmhub_runtime.errors import (
    AttemptTimeoutError,
    StreamInterruptedError,
    UnusableAnswerError,
    caused_by,
)
from llmhub_runtime.metering.usage import read_usage
from llmhub_runtime.resilience.attempts import Course
from llmhub_runtime.resilience.events import log_stream_finalised
from llmhub_runtime.resilience.incoming import Incoming
from llmhub_runtime.resilience.policy import Policy, policy_of
from llmhub_runtime.resilience.progress import Progress
from llmhub_runtime.resilience.sse import every_event_counts
from llmhub_runtime.resilience.turn import turn_of
from llmhub_runtime.resolve import Candidate
from llmhub_runtime.values import ErrorClass

__all__ = ["open_stream"]

T = TypeVar("T")

# A provider that has said how the answer ends may still tell its usage, and should
# close the stream, which leaves the connection fit for the next call.
_USAGE_GRACE_SECONDS = 1.0
_CLOSING_GRACE_SECONDS = 0.1

_CUT_SHORT = "ended without a finish reason: it was cut short"


async def open_stream(
    course: Course,
    attempt: Callable[[Candidate], Awaitable[Incoming[T]]],
    progress: Callable[[], Progress],
) -> AsyncGenerator[T, None]:
    """Get a stream from the first candidate whose stream can be committed.

    Args:
        course: The call.
        attempt: Makes one attempt: connects, and opens a stream.
        progress: Begins to follow a stream.

    Returns:
        Its parts. It is started: dropping or closing it, at any time, closes the
        source. It raises StreamInterruptedError where the answer breaks off.

    Raises:
        CallFailedError: No candidate's stream came that far.
        Exception: What an attempt raised that is not the provider's.
    """
    while True:
        candidate, limit = await course.next()
        policy = policy_of(candidate.settings)
        counts = every_event_counts.set(policy.commit == "complete")
        stream: _Watched[T] | None = None
        try:
            with course.limit.within(
                limit, partial(_silence, candidate, "first token")
            ):
                source = await attempt(candidate)
                stream = _Watched(course, candidate, policy, source, progress())
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
            parts = stream.parts()
            await anext(parts)
            return cast("AsyncGenerator[T, None]", parts)
        finally:
            every_event_counts.reset(counts)


class _Watched(Generic[T]):
    """A stream that is watched: what it holds back, and how it goes on."""

    def __init__(
        self,
        course: Course,
        candidate: Candidate,
        policy: Policy,
        source: Incoming[T],
        progress: Progress,
    ) -> None:
        self._course = course
        self._limit = course.limit
        self._candidate = candidate
        self._late = partial(_silence, candidate, "next chunk")
        self._idle = policy.stream_idle_timeout_seconds
        self._bounded = policy.bounds_streams or policy.commit == "complete"
        self._left: float | None = None
        self._source = source
        self._progress = progress
        self._held: deque[T] = deque()
        self._ended = False
        self._loop = asyncio.get_running_loop()
        self._turn = turn_of(self._loop)

    async def first_token(self) -> None:
        """Read up to the first token; whoever asks bounds that."""
        part = self._source.first
        try:
            while True:
                if part is None:
                    part = await anext(self._source.parts)
                if self._follow(part):
                    self._held.append(part)
                if self._progress.begun:
                    break
                part = None
        except StopAsyncIteration:
            raise self._unusable(_CUT_SHORT, "connection") from None
        except Exception as error:
            self._source.clear(error)
            raise
        self._course.journal.first_token_at = time.monotonic()
        if self._bounded:
            self._left = self._course.seconds_left

    async def complete(self) -> None:
        """Read up to the end."""
        try:
            while True:
                part = await self._next()
                if part is not None:
                    self._held.append(part)
        except StopAsyncIteration:
            await self._end()

    async def parts(self) -> AsyncGenerator[T | None, None]:
        """Give None, to be started, and then the parts: first those held back."""
        try:
            yield None
            while self._held:
                yield self._held.popleft()
            while not self._ended:
                try:
                    part = await self._next()
                except StopAsyncIteration:
                    break
                except Exception as error:  # noqa: BLE001 (it is raised again)
                    await self._break_off(error)
                if part is not None:
                    yield part
        finally:
            await self._end()
            self._course.journal.end()

    async def discard(self) -> None:
        """Close the source; it came to nothing."""
        if not self._ended:
            self._ended = True
            await self._source.close()

    def _next(self) -> Coroutine[Any, Any, T | None]:
        """Return the next part in time, or StopAsyncIteration after a whole answer.

        None stands for a part that is not for the caller.
        """
        return self._last() if self._progress.whole else self._awaited()

    async def _awaited(self) -> T | None:
        """Return the next part of an answer that is not whole yet."""
        if self._turn.is_over(self._loop):
            await asyncio.sleep(0)
        patience, asked = self._idle, 0.0
        if self._left is not None:
            patience, asked = max(min(patience, self._left), 0.0), time.monotonic()
        try:
            with self._limit.within(patience, self._late):
                part = await anext(self._source.parts)
        except StopAsyncIteration:
            raise self._unusable(_CUT_SHORT, "connection") from None
        except Exception as error:
            self._source.clear(error)
            raise
        if self._left is not None:
            self._left -= time.monotonic() - asked
        return part if self._follow(part) else None

    async def _last(self) -> T | None:
        """Return what comes after the end of an answer: its usage, or nothing."""
        untold = self._course.journal.usage is None
        patience = _USAGE_GRACE_SECONDS if untold else _CLOSING_GRACE_SECONDS
        try:
            with self._limit.within(patience, self._late):
                part = await anext(self._source.parts)
            return part if self._follow(part) else None
        except StopAsyncIteration:
            raise
        except Exception:  # noqa: BLE001 (the answer is whole, whatever comes after)
            log_stream_finalised(self._candidate)
            raise StopAsyncIteration from None

    def _follow(self, part: T) -> bool:
        """Take note of a part; is it for the caller?"""
        usage = read_usage(part)
        if usage is not None:
            self._course.journal.usage = usage
        progress = self._progress
        progress.feed(part)
        if progress.problem is not None:
            raise self._unusable(progress.problem)
        return self._source.hands_out(part)

    def _unusable(
        self, problem: str, error_class: ErrorClass = "server_error"
    ) -> UnusableAnswerError:
        candidate = self._candidate
        return UnusableAnswerError(
            candidate.provider, candidate.model, problem, error_class
        )

    async def _break_off(self, error: Exception) -> NoReturn:
        """Raise what becomes of an error when it is too late to ask others."""
        await self.discard()
        if not self._course.interrupted(self._candidate, error):
            raise error
        journal = self._course.journal
        interrupted = StreamInterruptedError(
            journal.role, journal.attempts, self._progress.text
        )
        raise caused_by(interrupted, error) from error

    async def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._course.succeeded(self._candidate)
            await self._source.close()


def _silence(candidate: Candidate, awaited: str, limit: float) -> AttemptTimeoutError:
    return AttemptTimeoutError(candidate.provider, candidate.model, limit, awaited)
