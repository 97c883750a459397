"""What went wrong with one attempt, in the words that decide what comes next."""

from __future__ import annotations

from attrs import frozen

from llmhub_runtime.values import ErrorClass

__all__ = ["Fault"]


@frozen(kw_only=True)
class Fault:
    """A failed attempt.

    Attributes:
        error_class: What ``retry_on`` and ``fallback_on`` call it.
        status: The HTTP status; None when there was no answer.
        retry_after_seconds: How long the provider asks to be left alone.
        silent: Nothing came within a limit of ours. Asking again would only take as
            long again.
        unreachable: There was not even a connection, whatever the model.
        unsent: Nothing was sent, so it says nothing of whoever was to be asked.
    """

    error_class: ErrorClass
    status: int | None = None
    retry_after_seconds: float | None = None
    silent: bool = False
    unreachable: bool = False
    unsent: bool = False

    @property
    def tells_of_outage(self) -> bool:
        """Whether circuit breakers count it: it is no fault of the request."""
        return self.error_class in _OUTAGE


_OUTAGE = frozenset({"rate_limit", "timeout", "connection", "server_error"})
