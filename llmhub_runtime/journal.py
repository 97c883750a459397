"""What happens in one call, written down while it happens."""

from __future__ import annotations

import time

from attrs import evolve

from llmhub_runtime.metadata import Attempt, CallMetadata
from llmhub_runtime.metering.cost import cost_usd
from llmhub_runtime.metering.usage import Usage
from llmhub_runtime.request import Request
from llmhub_runtime.resolve import Candidate, ResolvedCall

__all__ = ["Journal"]


class Journal:
    """The course of one call: what hooks, errors and answers tell of it afterwards.

    Args:
        resolved: The role and its candidates.
        request: What is asked; it collects the notes and the usage.
    """

    def __init__(self, resolved: ResolvedCall, request: Request) -> None:
        self._resolved = resolved
        self._request = request
        self.started = time.monotonic()
        self.attempts: list[Attempt] = []
        self.candidate: Candidate = resolved.candidates[0]
        self.first_token_at: float | None = None
        self._ended: float | None = None

    @property
    def role(self) -> str:
        """The role that was called."""
        return self._resolved.role

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Who may answer, best first."""
        return self._resolved.candidates

    @property
    def usage(self) -> Usage | None:
        """What the answer used, as far as the provider has said so."""
        return self._request.usage

    @usage.setter
    def usage(self, told: Usage) -> None:
        self._request.usage = told

    def answered(self, candidate: Candidate, began: float, wait: float) -> None:
        """Note an attempt that got an answer, or a stream's first token."""
        self.candidate = candidate
        self.attempts.append(
            Attempt(
                provider=candidate.provider,
                model=candidate.model,
                duration_seconds=time.monotonic() - began,
                wait_seconds=wait,
            )
        )

    def failed(self, attempt: Attempt) -> None:
        """Note an attempt that failed."""
        self.attempts.append(attempt)

    def interrupted(self, attempt: Attempt) -> None:
        """Correct the last attempt: its stream broke off after its first token."""
        began_after = self.attempts[-1].wait_seconds
        self.attempts[-1] = evolve(attempt, wait_seconds=began_after)

    def end(self) -> None:
        """Note the end of the call; later ends change nothing."""
        if self._ended is None:
            self._ended = time.monotonic()

    def record(self) -> CallMetadata:
        """Return what there is to tell by now."""
        usage = self.usage
        first = self.first_token_at
        return CallMetadata(
            role=self.role,
            provider=self.candidate.provider,
            model=self.candidate.model,
            attempts=tuple(self.attempts),
            duration_seconds=(self._ended or time.monotonic()) - self.started,
            time_to_first_token_seconds=None if first is None else first - self.started,
            input_tokens=None if usage is None else usage.input_tokens,
            output_tokens=None if usage is None else usage.output_tokens,
            cost_usd=cost_usd(self.candidate.pricing, usage),
            notes=tuple(self._request.notes),
        )
