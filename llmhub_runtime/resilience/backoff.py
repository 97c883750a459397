"""How long to wait before the next attempt on the same candidate."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from llmhub_runtime.resilience.policy import Policy

__all__ = ["backoff_seconds", "retry_after_seconds"]


def backoff_seconds(policy: Policy, retry: int, chance: Callable[[], float]) -> float:
    """Return the wait before a retry.

    Args:
        policy: Where the numbers are.
        retry: Which retry it is, from 1.
        chance: Draws a number from 0 to 1.

    Source:
        Exponential backoff with a part of each wait left to chance: M. Brooker,
        "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. A part of 1 is
        his full jitter, 0.5 his equal jitter; below ``1 - 1 / multiplier`` no wait is
        shorter than the one before.
    """
    try:
        growth = policy.backoff_multiplier ** (retry - 1)
    except OverflowError:
        growth = math.inf
    longest = policy.backoff_initial_seconds * growth
    longest = min(longest, policy.backoff_max_seconds)
    return longest * (1 - policy.backoff_jitter * chance())


def retry_after_seconds(
    value: str | None, now: Callable[[], float] = time.time
) -> float | None:
    """Read a ``Retry-After`` header: a number of seconds or a date (RFC 9110, 10.2.3).

    Args:
        value: The header's text, or None when there was none.
        now: The time of day, in seconds since the epoch.

    Returns:
        Seconds from now, zero for a date that has passed; None for what is neither.
    """
    if value is None:
        return None
    text = value.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = max(0.0, parsedate_to_datetime(text).timestamp() - now())
        except (ValueError, OverflowError):
            return None
    return seconds if 0 <= seconds < float("inf") else None
