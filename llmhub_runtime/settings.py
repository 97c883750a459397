"""How a call behaves when a provider is slow or down: what ``llmhub.yaml`` says of it.

The same keys may stand on a role, on a provider, at the top of ``llmhub.yaml`` and
among the arguments of a call; for each key the nearest place that sets it wins. What
no place sets is None here, and has the default of ``resilience.policy.Policy``.
"""

from __future__ import annotations

from attrs import asdict, evolve, field, frozen
from attrs.converters import optional

from llmhub_runtime.codec import Entry, Scalar, Table
from llmhub_runtime.values import (
    Commit,
    ErrorClass,
    commit,
    count,
    duration,
    error_classes,
    factor,
    flag,
    fraction,
    positive_count,
    seconds_text,
)

__all__ = ["BACKOFF", "SETTINGS", "UNSET", "BackoffSettings", "CallSettings"]


@frozen(kw_only=True)
class BackoffSettings:
    """How the waits between retries grow, unless the provider says how long to wait.

    Attributes:
        initial_seconds: The longest first wait. YAML key ``initial``.
        max_seconds: The longest wait of all. YAML key ``max``.
        multiplier: By how much each wait may be longer than the one before.
        jitter: Which part of a wait is left to chance: 1 draws it from the whole
            range down to zero (full jitter), 0 waits as long as can be.
    """

    initial_seconds: float | None = field(default=None, converter=optional(duration))
    max_seconds: float | None = field(default=None, converter=optional(duration))
    multiplier: float | None = field(default=None, converter=optional(factor))
    jitter: float | None = field(default=None, converter=optional(fraction))


@frozen(kw_only=True, cache_hash=True)
class CallSettings:
    """Limits and retries of a call, as far as one place sets them.

    Attributes:
        num_retries: Additional attempts on the same model.
        timeout_seconds: How long one attempt may take; for a stream, until its first
            token. YAML key ``timeout``.
        deadline_seconds: How long the whole call may take, waits and fallbacks
            included. YAML key ``deadline``.
        ttft_timeout_seconds: How long a stream's first token may take. YAML key
            ``ttft_timeout``.
        stream_idle_timeout_seconds: The longest silence inside a stream. YAML key
            ``stream_idle_timeout``.
        allowed_fails: Failures in a row before a model is left alone for a while.
        cooldown_seconds: For how long it is left alone. YAML key ``cooldown_time``.
        commit: When a stream's answer is handed out: ``first_token`` or ``complete``.
        retry_on: Error classes that are tried again on the same model.
        fallback_on: Error classes that go to the next fallback.
        backoff: How the waits between retries grow.
        respect_retry_after: Wait as long as the provider says.
        max_retry_after_seconds: The longest wait that a provider may ask for; one that
            asks for more is not waited for. YAML key ``max_retry_after``.
        max_fallbacks: How many fallbacks one call may go through.
    """

    num_retries: int | None = field(default=None, converter=optional(count))
    timeout_seconds: float | None = field(default=None, converter=optional(duration))
    deadline_seconds: float | None = field(default=None, converter=optional(duration))
    ttft_timeout_seconds: float | None = field(
        default=None, converter=optional(duration)
    )
    stream_idle_timeout_seconds: float | None = field(
        default=None, converter=optional(duration)
    )
    allowed_fails: int | None = field(default=None, converter=optional(positive_count))
    cooldown_seconds: float | None = field(default=None, converter=optional(duration))
    commit: Commit | None = field(default=None, converter=optional(commit))
    retry_on: tuple[ErrorClass, ...] | None = field(
        default=None, converter=optional(error_classes)
    )
    fallback_on: tuple[ErrorClass, ...] | None = field(
        default=None, converter=optional(error_classes)
    )
    backoff: BackoffSettings | None = None
    respect_retry_after: bool | None = field(default=None, converter=optional(flag))
    max_retry_after_seconds: float | None = field(
        default=None, converter=optional(duration)
    )
    max_fallbacks: int | None = field(default=None, converter=optional(count))

    def over(self, farther: CallSettings) -> CallSettings:
        """Return these settings with their gaps filled from a place farther away."""
        if farther == UNSET:
            return self
        if self == UNSET:
            return farther
        own = asdict(self, recurse=False)
        return evolve(farther, **{k: v for k, v in own.items() if v is not None})


UNSET = CallSettings()
"""Settings that leave everything to a place farther away."""

_SECONDS = Scalar(duration, seconds_text)
_CLASSES = Scalar(error_classes, list)
BACKOFF = Table(
    BackoffSettings,
    Entry("initial", _SECONDS, "initial_seconds"),
    Entry("max", _SECONDS, "max_seconds"),
    Entry("multiplier", Scalar(factor)),
    Entry("jitter", Scalar(fraction)),
)
"""The keys below ``backoff``."""

SETTINGS = Table(
    CallSettings,
    Entry("num_retries", Scalar(count)),
    Entry("timeout", _SECONDS, "timeout_seconds"),
    Entry("deadline", _SECONDS, "deadline_seconds"),
    Entry("ttft_timeout", _SECONDS, "ttft_timeout_seconds"),
    Entry("stream_idle_timeout", _SECONDS, "stream_idle_timeout_seconds"),
    Entry("allowed_fails", Scalar(positive_count)),
    Entry("cooldown_time", _SECONDS, "cooldown_seconds"),
    Entry("commit", Scalar(commit)),
    Entry("retry_on", _CLASSES),
    Entry("fallback_on", _CLASSES),
    Entry("backoff", BACKOFF),
    Entry("respect_retry_after", Scalar(flag)),
    Entry("max_retry_after", _SECONDS, "max_retry_after_seconds"),
    Entry("max_fallbacks", Scalar(count)),
)
"""Their keys in ``llmhub.yaml``."""
