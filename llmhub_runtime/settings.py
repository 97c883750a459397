"""How a call behaves when a provider is slow or down: one typed record.

The same keys may stand on a role, on a provider and at the top of ``llmhub.yaml``; for
each key the nearest place that sets it wins, and what no place sets is None.
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
    positive_count,
    seconds_text,
)

__all__ = ["SETTINGS", "UNSET", "CallSettings"]


@frozen(kw_only=True)
class CallSettings:
    """Limits and retries of a call.

    Only ``timeout_seconds`` acts in this version. The others are read, checked, kept
    and written, and wait for failover: setting them changes no call yet.

    Attributes:
        timeout_seconds: How long one attempt may take; for a stream, until its first
            chunk. YAML key ``timeout``.
        num_retries: Additional attempts on the same model. Does not act yet.
        deadline_seconds: How long the whole call may take. YAML key ``deadline``.
            Does not act yet.
        ttft_timeout_seconds: How long a stream's first token may take. YAML key
            ``ttft_timeout``. Does not act yet.
        stream_idle_timeout_seconds: The longest silence inside a stream. YAML key
            ``stream_idle_timeout``. Does not act yet.
        allowed_fails: Failures before a model is left alone for a while. Does not act
            yet.
        cooldown_seconds: For how long it is left alone. YAML key ``cooldown_time``.
            Does not act yet.
        commit: When a stream's answer is handed out: ``first_token`` or ``complete``.
            Does not act yet.
        retry_on: Error classes that are tried again. Does not act yet.
        fallback_on: Error classes that go to the next fallback. Does not act yet.
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

    def over(self, farther: CallSettings) -> CallSettings:
        """Return these settings with their gaps filled from a place farther away."""
        if farther == UNSET:
            return self
        own = asdict(self, recurse=False)
        return evolve(farther, **{k: v for k, v in own.items() if v is not None})


UNSET = CallSettings()
"""Settings that leave everything to a place farther away."""

_SECONDS = Scalar(duration, seconds_text)
_CLASSES = Scalar(error_classes, list)

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
)
"""Their keys in ``llmhub.yaml``."""
