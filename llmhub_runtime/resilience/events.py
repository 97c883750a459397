"""What is logged of a call that does not go smoothly, to ``llmhub_runtime``.

=====================  =======  =====================================================
Event                  Level    When
=====================  =======  =====================================================
``attempt.failed``     WARNING  an attempt failed; says what comes next
``breaker.opened``     WARNING  a model, or a provider, is left alone for a while
``breaker.closed``     INFO     it answered again
``stream.finalised``   INFO     a provider said all and did not end its stream
``event.skipped``      WARNING  a provider sent a part of a stream that is not JSON
=====================  =======  =====================================================

Each record has the event's name as its attribute ``event``. Messages hold what the
provider said, without keys.
"""

from __future__ import annotations

import logging

from llmhub_runtime.metadata import Attempt
from llmhub_runtime.resolve import Candidate

__all__ = [
    "log_attempt_failed",
    "log_breaker_closed",
    "log_breaker_opened",
    "log_stream_finalised",
]

logger = logging.getLogger("llmhub_runtime")


def log_attempt_failed(role: str, attempt: Attempt, next_step: str) -> None:
    """An attempt failed; ``next_step`` is what comes next."""
    logger.warning(
        "attempt.failed: role %r, %s; %s",
        role,
        attempt,
        next_step,
        extra={"event": "attempt.failed"},
    )


def log_breaker_opened(candidate: Candidate, seconds: float) -> None:
    """A model failed too often."""
    logger.warning(
        "breaker.opened: %s of %s failed too often and is left alone for %.3g s",
        candidate.model,
        candidate.provider,
        seconds,
        extra={"event": "breaker.opened"},
    )


def log_breaker_closed(candidate: Candidate) -> None:
    """A model answers again."""
    logger.info(
        "breaker.closed: %s of %s answers again",
        candidate.model,
        candidate.provider,
        extra={"event": "breaker.closed"},
    )


def log_stream_finalised(candidate: Candidate) -> None:
    """A provider said all, and did not end its stream properly."""
    logger.info(
        "stream.finalised: %s of %s did not end its stream after the answer",
        candidate.model,
        candidate.provider,
        extra={"event": "stream.finalised"},
    )
