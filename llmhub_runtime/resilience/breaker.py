"""Circuit breakers: who failed lately is left alone for a while.

A breaker is closed while all is well. It opens after some failures in a row, or when
half of the attempts of the last minute failed, and stays open for a cooldown. Then one
call may probe: its success closes the breaker, its failure opens it again.

There is one breaker for each model of a provider, which every failure that tells of an
outage counts for, and one for each provider, which counts only failures to reach it
at all. The time comes from outside, in seconds of any steady clock.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable

from llmhub_runtime.fork import begins_anew

__all__ = ["Breaker", "Breakers"]

_WINDOW_SECONDS = 60.0
_SLICE_SECONDS = 10.0
_FEWEST_ATTEMPTS = 5
_FAILED_SHARE = 0.5


class Breaker:
    """One breaker. Its methods may be called from any thread.

    Attributes:
        fell_silent: The last failure was that nothing came; it took long to notice.
    """

    def __init__(self) -> None:
        self.fell_silent = False
        self._lock = threading.Lock()
        self._failed_in_a_row = 0
        self._slices: dict[int, tuple[int, int]] = {}  # number: (attempts, failures)
        self._open_until: float | None = None
        self._probing_until = float("-inf")

    @property
    def is_closed(self) -> bool:
        """Whether calls go through freely."""
        return self._open_until is None

    def rest_seconds(self, now: float, early_seconds: float = 0.0) -> float:
        """Return how long calls have to stay away: zero or less when one may go now.

        Args:
            now: The time.
            early_seconds: By how much the cooldown is cut short.
        """
        until = self._open_until
        if until is None:
            return 0.0
        return max(until - early_seconds, self._probing_until) - now

    def admit(
        self, now: float, patience_seconds: float, early_seconds: float = 0.0
    ) -> bool:
        """Ask to make an attempt, and if it is a probe, become the only one.

        Args:
            now: The time.
            patience_seconds: How long to wait for the result of a probe that is never
                told before another call may probe.
            early_seconds: By how much the cooldown is cut short.
        """
        if self._open_until is None:
            return True
        with self._lock:
            if self.rest_seconds(now, early_seconds) > 0:
                return False
            if self._open_until is not None:
                self._probing_until = now + patience_seconds
            return True

    def release(self) -> None:
        """Take a probe back that came to no result."""
        self._probing_until = float("-inf")

    def succeeded(self, now: float) -> bool:
        """Count a success; return whether it closed the breaker."""
        with self._lock:
            self._failed_in_a_row = 0
            if self._open_until is None:
                self._count(now, failures=0)
                return False
            self._open_until = None
            self._probing_until = float("-inf")
            self._slices.clear()
            return True

    def failed(
        self,
        now: float,
        *,
        allowed_fails: int,
        cooldown_seconds: float,
        probe: bool,
        silent: bool = False,
    ) -> bool:
        """Count a failure; return whether it opened the breaker."""
        with self._lock:
            self.fell_silent = silent
            if self._open_until is not None:
                if probe:  # others were under way when it opened: nothing new
                    self._open_until = now + cooldown_seconds
                    self._probing_until = float("-inf")
                return False
            self._failed_in_a_row += 1
            attempts, failures = self._count(now, failures=1)
            often = attempts >= _FEWEST_ATTEMPTS and failures >= max(
                allowed_fails, _FAILED_SHARE * attempts
            )
            if self._failed_in_a_row < allowed_fails and not often:
                return False
            self._open_until = now + cooldown_seconds
            return True

    def _count(self, now: float, *, failures: int) -> tuple[int, int]:
        number = int(now // _SLICE_SECONDS)
        if number not in self._slices:
            oldest = number - int(_WINDOW_SECONDS / _SLICE_SECONDS)
            for other in [one for one in self._slices if one <= oldest]:
                del self._slices[other]
            self._slices[number] = 0, 0
        attempts, failed = self._slices[number]
        self._slices[number] = attempts + 1, failed + failures
        if not failures:
            return 0, 0  # nobody asks
        counts = self._slices.values()
        return sum(one[0] for one in counts), sum(one[1] for one in counts)


class Breakers:
    """The breakers of one hub, by whom they guard."""

    def __init__(self) -> None:
        self._breakers: dict[Hashable, Breaker] = {}
        begins_anew(self)

    def __getitem__(self, guarded: Hashable) -> Breaker:
        breaker = self._breakers.get(guarded)
        return breaker or self._breakers.setdefault(guarded, Breaker())

    def forget(self) -> None:
        """Begin anew in a forked child, where a lock may have no holder any more."""
        self._breakers = {}
