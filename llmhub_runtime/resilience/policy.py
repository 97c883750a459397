"""What holds for one candidate of a call, every gap filled with a default."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import lru_cache

from attrs import field, frozen

from llmhub_runtime.settings import BackoffSettings, CallSettings
from llmhub_runtime.values import Commit, ErrorClass

__all__ = ["TTFT_SECONDS", "Policy", "policy_of"]

_TRANSIENT: AbstractSet[ErrorClass] = frozenset(
    {"rate_limit", "timeout", "connection", "server_error"}
)
_ELSEWHERE: AbstractSet[ErrorClass] = frozenset({"context_window", "auth", "not_found"})
TTFT_SECONDS = 10.0
"""A stream's first token, while somebody else could be asked."""


@frozen(kw_only=True)
class Policy:
    """Limits and retries, with the numbers that hold when nobody says otherwise.

    Attributes:
        num_retries: Additional attempts on the same candidate. As in the openai SDK.
        timeout_seconds: One attempt; for a stream, until its first token.
        deadline_seconds: The whole call; for a stream, until its first token.
        bounds_streams: Whether the deadline holds for all of a stream, counting only
            the time in which the provider is waited for. It does when one was set;
            otherwise an answer may go on for as long as it keeps coming.
        ttft_timeout_seconds: A stream's first token. None, unless one was set, takes
            ten seconds as long as somebody else could be asked, which leaves a
            fallback five of the fifteen after which Failover Bench calls a first token
            slow, and otherwise waits: some models think for longer than that.
        stream_idle_timeout_seconds: The longest silence inside a stream.
        allowed_fails: Failures in a row that open the circuit breaker; it also opens
            when half of at least five attempts within a minute failed.
        cooldown_seconds: How long it stays open before one call may probe.
        commit: ``first_token`` hands a stream out from its first token on; ``complete``
            when all of it has arrived.
        retry_on: Classes that are tried again on the same candidate.
        fallback_on: Classes that go to the next candidate.
        backoff_initial_seconds: The longest first wait before a retry.
        backoff_max_seconds: The longest wait of all.
        backoff_multiplier: Growth of the waits.
        backoff_jitter: Part of a wait that is left to chance; 1 is full jitter. By
            default every wait up to the longest is at least 1.2 times the one before.
            Full jitter spreads many callers best, but a quarter of its second waits
            are shorter than the first, which is no backing off.
        respect_retry_after: Wait as long as the provider says.
        max_retry_after_seconds: The longest wait that a provider may ask for.
        max_fallbacks: How many candidates after the first one call may ask.
        longest_silence_seconds: How long an attempt may go without a sign of life,
            whatever its kind.
    """

    num_retries: int = 2
    timeout_seconds: float = 60.0
    deadline_seconds: float = 120.0
    bounds_streams: bool = False
    ttft_timeout_seconds: float | None = None
    stream_idle_timeout_seconds: float = 15.0
    allowed_fails: int = 3
    cooldown_seconds: float = 20.0
    commit: Commit = "first_token"
    retry_on: AbstractSet[ErrorClass] = _TRANSIENT
    fallback_on: AbstractSet[ErrorClass] = _TRANSIENT | _ELSEWHERE
    backoff_initial_seconds: float = 0.5
    backoff_max_seconds: float = 8.0
    backoff_multiplier: float = 2.0
    backoff_jitter: float = 0.4
    respect_retry_after: bool = True
    max_retry_after_seconds: float = 60.0
    max_fallbacks: int = 5
    longest_silence_seconds: float = field(init=False)

    @longest_silence_seconds.default
    def _longest_silence_seconds(self) -> float:
        return max(
            self.timeout_seconds,
            self.ttft_timeout_seconds or 0.0,
            self.stream_idle_timeout_seconds,
        )

    def limit_seconds(self, *, streams: bool, last: bool) -> float:
        """How long an attempt may take.

        Args:
            streams: It lasts until the first token only.
            last: Nobody could be asked after it.
        """
        if not streams:
            return self.timeout_seconds
        first_token = self.ttft_timeout_seconds
        if first_token is None:
            first_token = self.timeout_seconds if last else TTFT_SECONDS
        return min(self.timeout_seconds, first_token)


@lru_cache(maxsize=1024)
def policy_of(settings: CallSettings) -> Policy:
    """Fill the gaps of the settings with the defaults."""
    backoff = settings.backoff or BackoffSettings()
    chosen = {
        "num_retries": settings.num_retries,
        "timeout_seconds": settings.timeout_seconds,
        "deadline_seconds": settings.deadline_seconds,
        "bounds_streams": settings.deadline_seconds is not None,
        "ttft_timeout_seconds": settings.ttft_timeout_seconds,
        "stream_idle_timeout_seconds": settings.stream_idle_timeout_seconds,
        "allowed_fails": settings.allowed_fails,
        "cooldown_seconds": settings.cooldown_seconds,
        "commit": settings.commit,
        "retry_on": _set(settings.retry_on),
        "fallback_on": _set(settings.fallback_on),
        "backoff_initial_seconds": backoff.initial_seconds,
        "backoff_max_seconds": backoff.max_seconds,
        "backoff_multiplier": backoff.multiplier,
        "backoff_jitter": backoff.jitter,
        "respect_retry_after": settings.respect_retry_after,
        "max_retry_after_seconds": settings.max_retry_after_seconds,
        "max_fallbacks": settings.max_fallbacks,
    }
    return Policy(**{k: v for k, v in chosen.items() if v is not None})  # type: ignore[arg-type]


def _set(classes: tuple[ErrorClass, ...] | None) -> frozenset[ErrorClass] | None:
    return None if classes is None else frozenset(classes)
