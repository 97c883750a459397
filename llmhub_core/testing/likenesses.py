"""Values that the strategies share: few of them, so that ties are frequent.

Equal prices, equal ratings, limits that are met exactly and facts that are unknown
must be what a test sees all the time, not what it is lucky to see once.
"""

from __future__ import annotations

from typing import TypeVar

from hypothesis import strategies as st

__all__ = [
    "DATES",
    "LABS",
    "NAMES",
    "PRICES",
    "PROVIDERS",
    "SCORES",
    "or_unknown",
    "some",
]

T = TypeVar("T")

PROVIDERS = ("openai", "anthropic", "groq", "mistral")
LABS = (None, "openai", "anthropic", "meta")
NAMES = ("alpha", "alpha-mini", "beta-8b", "gamma:free", "delta/pro")
PRICES = (0.0, 0.1, 0.5, 3.0, 15.0)
SCORES = (1200.0, 1300.0, 1330.0, 1400.0, 1412.0)
DATES = ("2023-10", "2024-06", "2024-06-15", "2025-01-31")


def or_unknown(values: tuple[T, ...]) -> st.SearchStrategy[T | None]:
    """One of the values, or None."""
    return st.sampled_from((*values, None))


def some(values: tuple[T, ...]) -> st.SearchStrategy[tuple[T, ...]]:
    """None, one or two of the values."""
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)
