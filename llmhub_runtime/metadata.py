"""What became of a call: who answered, after how many attempts, how fast, how dear.

Every answer carries its record as the attribute ``llmhub``, which ``call_metadata``
returns with its type. It is no field of any-llm's models and not dumped with them.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from llmhub_runtime.values import ErrorClass

__all__ = ["Attempt", "CallMetadata", "attach", "call_metadata"]


@frozen(kw_only=True)
class Attempt:
    """One request to one candidate.

    Attributes:
        provider: Who was asked.
        model: For which model.
        error_class: What went wrong; None when it answered.
        error_type: The name of the exception, such as ``RateLimitError``.
        message: What the provider said went wrong, without keys.
        status: The HTTP status of a refusal; None without one.
        duration_seconds: From the request to the answer; for a stream that answers,
            to its first token.
        wait_seconds: How long was waited before this attempt.
    """

    provider: str
    model: str
    error_class: ErrorClass | None = None
    error_type: str | None = None
    message: str | None = None
    status: int | None = None
    duration_seconds: float
    wait_seconds: float = 0.0

    @property
    def outcome(self) -> str:
        """Who was asked, and what went wrong if anything did."""
        told = f"{self.provider} {self.model}"
        if self.error_class is not None:
            status = "" if self.status is None else f" {self.status}"
            told += f": {self.error_class}{status} ({self.message or self.error_type})"
        return told

    def __str__(self) -> str:
        return f"{self.outcome} after {self.duration_seconds:.3g} s"


@frozen(kw_only=True)
class CallMetadata:
    """One call to a role.

    Attributes:
        role: The role that was called.
        provider: Who answered.
        model: With which model, by the name in the config.
        attempts: Every attempt, the first one first; the last one answered.
        duration_seconds: From the call to its end; for a stream that still goes on,
            until now.
        time_to_first_token_seconds: From the call to a stream's first token; None for
            an answer in one piece.
        input_tokens: What the provider counted; None when it did not say.
        output_tokens: Likewise.
        cost_usd: The price of the answer by the config's ``pricing``; None when that
            or the usage is unknown.
        notes: What was asked otherwise than the parameters say, and why.
    """

    role: str
    provider: str
    model: str
    attempts: tuple[Attempt, ...]
    duration_seconds: float
    time_to_first_token_seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    notes: tuple[str, ...] = ()


def call_metadata(answer: object) -> CallMetadata | None:
    """Return the record of the call behind an answer.

    Args:
        answer: What a call of the hub returned; of a stream, also while it goes on.

    Returns:
        Its record; None for what is not the answer of a call, and for answers that
        are plain bytes (speech), which can't carry one: the after-hook has it.
    """
    record = getattr(answer, "llmhub", None)
    return record if isinstance(record, CallMetadata) else None


def attach(answer: object, record: CallMetadata) -> None:
    """Let an answer carry its record, if it can carry anything."""
    held: Any = getattr(answer, "__dict__", None)
    if held is not None:
        held["llmhub"] = record
