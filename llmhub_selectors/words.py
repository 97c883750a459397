"""Numbers as the reasons of a ranking say them."""

from __future__ import annotations

from math import floor, log10

from llmhub_core.records.candidate import Candidate

__all__ = ["facts", "money", "rating"]


def money(candidate: Candidate) -> str:
    """Expected cost with two significant digits: ``$0.0041 per request``."""
    cost = candidate.cost
    if cost is None:
        return "price unknown"
    usd = cost.usd_per_request
    if usd == 0:
        return "free"
    digits = max(2, 1 - floor(log10(usd)))
    return f"${usd:.{digits}f} per request"


def rating(candidate: Candidate) -> str:
    """Rating and lower end of its interval: ``rating 1502 (>=1495.3 at 95 %)``.

    The lower end is what is compared, so it has a decimal: 1495.3 and 1494.9 lie on
    either side of a floor of 1495.1.
    """
    quality = candidate.quality
    if quality is None:
        return "no rating"
    basis = "" if quality.basis == "measured" else f", {quality.basis}"
    return f"rating {quality.score:.0f} (>={quality.value:.1f} at 95 %{basis})"


def facts(candidate: Candidate) -> str:
    """What was compared, in one breath."""
    return f"{rating(candidate)}, {money(candidate)}"
