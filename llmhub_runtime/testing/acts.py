"""What a provider does with a request, as data.

An act is one request's fate; a script says which act meets which request. ``wire``
performs them on the socket.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from llmhub_runtime.testing.tempo import scaled

__all__ = ["HEALTHY", "Act", "Answer", "Refusal", "Reset", "Script", "Silence"]

Ending: TypeAlias = Literal["whole", "no_done", "no_finish", "cut", "stalled"]


@frozen(kw_only=True)
class Answer:
    """A status 200 and an answer, whole or not.

    Attributes:
        wait_seconds: The silence between the headers and the first token.
        ending: ``whole`` is a good answer. ``no_done`` is one without the sentinel
            ``[DONE]``. ``no_finish`` ends in good order after ``words``, without a
            finish reason. ``cut`` hangs up after ``words``. ``stalled`` goes silent
            after ``words`` for ``stall_seconds``, and then hangs up.
        words: After how many words that happens.
        stall_seconds: See ``ending``.
        garbage_at: An event that is no JSON comes before this word, or never.
        prefill: Whether a last message by the assistant is accepted.
    """

    wait_seconds: float = 0.0
    ending: Ending = "whole"
    words: int = 0
    stall_seconds: float = 0.0
    garbage_at: int | None = None
    prefill: bool = True


@frozen(kw_only=True)
class Refusal:
    """An error of the provider, in the form of its API.

    Attributes:
        status: The HTTP status.
        code: Why, in OpenAI's words: ``context_length_exceeded``,
            ``content_policy_violation``, ``invalid_prefill`` or another; None for
            what the status says already.
        message: What the provider says; None for what it says as a rule.
        retry_after_seconds: Sent as ``Retry-After``, unless None.
    """

    status: int
    code: str | None = None
    message: str | None = None
    retry_after_seconds: float | None = None


@frozen(kw_only=True)
class Reset:
    """The connection is reset (TCP RST) before a byte of an answer."""


@frozen(kw_only=True)
class Silence:
    """The request is taken and never answered; in the end the provider hangs up.

    Attributes:
        seconds: When that is.
    """

    seconds: float


Act: TypeAlias = Answer | Refusal | Reset | Silence

HEALTHY = Answer()
"""A good answer."""


@frozen(kw_only=True)
class Script:
    """Which act meets which request.

    Attributes:
        acts: The first request meets the first one, and so on; the last one meets all
            that come later.
        outage_seconds: When given, it is time that counts: until then every request
            meets the first act, later ones the last.
    """

    acts: tuple[Act, ...] = field(default=(HEALTHY,), converter=tuple[Act, ...])
    outage_seconds: float | None = None

    def act(self, number: int, at_seconds: float) -> Act:
        """Return the act for the request of this number, from 0, at this time."""
        if self.outage_seconds is not None:
            return self.acts[0 if at_seconds < self.outage_seconds else -1]
        return self.acts[min(number, len(self.acts) - 1)]

    def scaled(self, scale: float) -> Script:
        """Return the same script in slow or quick motion."""
        acts = tuple(scaled(act, scale) for act in self.acts)
        return evolve(scaled(self, scale), acts=acts)
