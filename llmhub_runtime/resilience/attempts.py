"""Makes the attempts that failover decides on: waits, limits, and what is told of them.

This is where the clock is read and where tasks sleep. No task is started: a limit is a
timer on the caller's own task, and a caller who is cancelled is so at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NoReturn, TypeVar

from llmhub_runtime.errors import (
    AttemptTimeoutError,
    CallFailedError,
    CircuitOpenError,
    EnvVarMissingError,
    ProviderNotInstalledError,
    UnknownProviderError,
    UnusableAnswerError,
    caused_by,
)
from llmhub_runtime.journal import Journal
from llmhub_runtime.metadata import Attempt
from llmhub_runtime.resilience.answer import is_malformed
from llmhub_runtime.resilience.breaker import Breakers
from llmhub_runtime.resilience.classify import classify
from llmhub_runtime.resilience.events import (
    log_attempt_failed,
    log_breaker_closed,
    log_breaker_opened,
)
from llmhub_runtime.resilience.failover import Decision, Failover, GiveUp, Route
from llmhub_runtime.resilience.fault import Fault
from llmhub_runtime.resilience.limit import Limit
from llmhub_runtime.resilience.policy import policy_of
from llmhub_runtime.resilience.words import words_of
from llmhub_runtime.resolve import Candidate

__all__ = ["Course", "answer"]

T = TypeVar("T")

# Nothing was sent: what is wrong is the setup, and its error says so best.
_UNSENT = (
    EnvVarMissingError,
    ProviderNotInstalledError,
    UnknownProviderError,
)
# A cold disk takes seconds for an SDK; what takes this long is stuck.
_LONGEST_PREPARATION_SECONDS = 60.0
_REASONS = {
    "refused": "asking elsewhere is not called for",
    "exhausted": "no candidate is left",
    "deadline": "the deadline has passed",
    "resting": "the other candidates failed lately and are left alone",
}


class Course:
    """One call on its way through its candidates.

    Args:
        candidates: Who may answer, best first.
        breakers: The hub's.
        journal: Where everything is noted.
        prepare: Gets ready to ask a candidate, if there is anything to be done. No
            limit counts it; after a minute it is a failed attempt.
        streams: Whether an attempt lasts until the first token only.

    Attributes:
        journal: The same.
        limit: Bounds the waits for the candidates.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        breakers: Breakers,
        journal: Journal,
        *,
        prepare: Callable[[Candidate], Awaitable[None] | None] = lambda _: None,
        streams: bool = False,
    ) -> None:
        self.journal = journal
        self.limit = Limit()
        self._candidates = candidates
        self._prepare = prepare
        self._failover = Failover(
            [_route(candidate, breakers) for candidate in candidates],
            journal.started,
            streams=streams,
        )
        self._began = journal.started
        self._wait = 0.0
        self._first: Exception | None = None
        self._unsent = True
        self._decision = self._failover.begin(journal.started)

    @property
    def seconds_left(self) -> float:
        """How long it is to the deadline."""
        return self._failover.deadline - time.monotonic()

    async def next(self) -> tuple[Candidate, float]:
        """Wait for the time of the next attempt.

        Returns:
            Whom to ask, and how many seconds it may take.

        Raises:
            CallFailedError: There is no next attempt. It is also an instance of what
                the first one raised.
        """
        decision = self._decision
        if isinstance(decision, GiveUp):
            self._give_up(decision)
        if decision.wait_seconds > 0:
            await asyncio.sleep(decision.wait_seconds)
        self._wait = decision.wait_seconds
        self._began = time.monotonic()
        candidate = self._candidates[decision.candidate]
        preparation = self._prepare(candidate)
        if preparation is not None and not await self._prepared(candidate, preparation):
            return await self.next()
        # A hook, or a busy event loop, may have taken its time.
        left = max(self._failover.deadline - self._began, 0.0)
        return candidate, min(decision.limit_seconds, left)

    async def _prepared(
        self, candidate: Candidate, preparation: Awaitable[None]
    ) -> bool:
        """Wait for a preparation, but not for ever; is it done?"""
        limit = _LONGEST_PREPARATION_SECONDS
        timer = asyncio.timeout(limit)
        try:
            async with timer:
                await preparation
        except TimeoutError:
            if not timer.expired():
                raise
            late = AttemptTimeoutError(
                candidate.provider, candidate.model, limit, "import of the SDK"
            )
            self.failed(candidate, late)
            return False
        except asyncio.CancelledError:
            self.abandoned()
            raise
        now = time.monotonic()
        self._failover.extend(now - self._began)
        self._began = now
        return True

    def answered(self, candidate: Candidate) -> None:
        """Note that the attempt got an answer, or a stream's first token."""
        self._first = None  # its traceback leads here: together they would linger
        self.journal.answered(candidate, self._began, self._wait)

    def succeeded(self, candidate: Candidate) -> None:
        """Tell the breakers that the answer was whole."""
        if self._failover.succeeded(time.monotonic()):
            log_breaker_closed(candidate)

    def failed(self, candidate: Candidate, error: Exception) -> bool:
        """Note that the attempt failed and decide what comes next.

        Returns:
            False for an error that is not the provider's: it belongs to the caller.
        """
        error = _readable(candidate, error)
        fault = classify(error)
        if fault is None:
            self.abandoned()
            return False
        now = time.monotonic()
        attempt = _attempt(candidate, error, fault, now - self._began, self._wait)
        self.journal.failed(attempt)
        if self._first is None:
            self._first = error
        self._unsent = self._unsent and isinstance(error, _UNSENT)
        self._decision = self._failover.failed(fault, now)
        log_attempt_failed(self.journal.role, attempt, self._said(self._decision))
        self._log_opened(candidate)
        return True

    def interrupted(self, candidate: Candidate, error: Exception) -> bool:
        """Note that an answer broke off after its first token; as ``failed``."""
        error = _readable(candidate, error)
        fault = classify(error)
        if fault is None:
            self.abandoned()
            return False
        now = time.monotonic()
        attempt = _attempt(candidate, error, fault, now - self._began, self._wait)
        self.journal.interrupted(attempt)
        self._failover.interrupted(fault, now)
        log_attempt_failed(
            self.journal.role, attempt, "a part of it is handed out already"
        )
        self._log_opened(candidate)
        return True

    def abandoned(self) -> None:
        """Note that the attempt was broken off without a result."""
        self._failover.abandoned()

    def _log_opened(self, candidate: Candidate) -> None:
        if self._failover.opened:
            seconds = policy_of(candidate.settings).cooldown_seconds
            log_breaker_opened(candidate, seconds)

    def _said(self, decision: Decision) -> str:
        if isinstance(decision, GiveUp):
            return f"given up: {_REASONS[decision.reason]}"
        if decision.retry:
            return f"asked again in {decision.wait_seconds:.3g} s"
        candidate = self._candidates[decision.candidate]
        return f"{candidate.model} of {candidate.provider} is asked"

    def _give_up(self, decision: GiveUp) -> NoReturn:
        role, first, self._first = self.journal.role, self._first, None
        if first is None:
            raise CircuitOpenError(role, decision.rest_seconds or 0.0)
        if self._unsent:
            raise first
        reason = _REASONS[decision.reason]
        error = CallFailedError(role, self.journal.attempts, reason)
        try:
            raise caused_by(error, first) from first
        finally:
            del first, error  # their tracebacks hold this frame


async def answer(
    course: Course,
    attempt: Callable[[Candidate], Awaitable[T]],
    check: Callable[[Candidate, T], None] | None,
) -> T:
    """Get an answer in one piece from the first candidate that gives one.

    Args:
        course: The call.
        attempt: Makes one attempt.
        check: Raises UnusableAnswerError for an answer that is none.

    Raises:
        CallFailedError: Nobody answered.
        Exception: What an attempt raised that is not the provider's.
    """
    while True:
        candidate, limit = await course.next()
        late = partial(AttemptTimeoutError, candidate.provider, candidate.model)
        try:
            with course.limit.within(limit, late):
                response = await attempt(candidate)
            if check is not None:
                check(candidate, response)
        except Exception as error:
            if not course.failed(candidate, error):
                raise
        except BaseException:
            course.abandoned()
            raise
        else:
            course.answered(candidate)
            course.succeeded(candidate)
            return response


def _route(candidate: Candidate, breakers: Breakers) -> Route:
    provider = candidate.provider, candidate.endpoint.api_base
    return Route(
        policy_of(candidate.settings),
        breakers[*provider, candidate.model],
        breakers[provider],
        provider,
        candidate.context_tokens,
    )


def _readable(candidate: Candidate, error: Exception) -> Exception:
    """Say of an answer that could not be read that it is none."""
    if not is_malformed(error, candidate.params):
        return error
    problem = "does not have the form of one"
    unusable = UnusableAnswerError(candidate.provider, candidate.model, problem)
    unusable.__cause__ = error
    return unusable


def _attempt(
    candidate: Candidate, error: Exception, fault: Fault, seconds: float, wait: float
) -> Attempt:
    return Attempt(
        provider=candidate.provider,
        model=candidate.model,
        error_class=fault.error_class,
        error_type=type(error).__name__,
        message=words_of(error),
        status=fault.status,
        duration_seconds=seconds,
        wait_seconds=wait,
    )
