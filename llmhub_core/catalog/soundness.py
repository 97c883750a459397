"""What a sound value looks like, one check per sort of value.

A check returns what is wrong with a value that is not None, or None. Types are
exact: ``True`` is no number and ``128000.0`` no number of tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, TypeAlias, get_args

from attrs import fields

from llmhub_core.records import model
from llmhub_core.records.model import Facts, PriceTier

__all__ = [
    "FACT_CHECKS",
    "PRICES",
    "TIER_CHECKS",
    "Check",
    "count",
    "day",
    "identifier",
    "line",
    "result",
    "said",
    "score",
    "shown",
]

Check: TypeAlias = Callable[[Any], str | None]

_LONGEST_TEXT = 200
_LONGEST_REASON = 300
#: Larger ones are typing errors: no context window comes near.
_MOST_TOKENS = 1_000_000_000
#: The dearest model of 2026 costs 600 US dollars per million tokens.
_HIGHEST_PRICE = 100_000.0
_HIGHEST_SCORE = 10_000.0
#: Indices, percentages, fractions and sums of dollars stay well below.
_HIGHEST_RESULT = 10_000_000.0
#: No date of a language model is older than the transformer.
_FIRST_YEAR, _LAST_YEAR = 2017, 2100
_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?", re.ASCII)
_NUMBERS = (float, int)


def said(value: object) -> str:
    """Describe a value in a few printable words."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**18:
        return "a huge number"  # Python may refuse to write it out
    if isinstance(value, (str, bytes)):
        return ascii(value[:40])
    if isinstance(value, (bool, int, float)):
        return ascii(value)
    return f"a {type(value).__name__}"


def shown(text: object) -> str:
    """Make a text fit for a terminal and a file: one printable line, not endless."""
    line = " ".join(text.split()) if isinstance(text, str) else said(text)
    if not line.isprintable():
        line = ascii(line)[1:-1]
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}..."


def identifier(value: object) -> str | None:
    """Text that can be sent, printed and split: no space, no control sign."""
    if (
        type(value) is str
        and 0 < len(value) <= _LONGEST_TEXT
        and value.isprintable()
        and " " not in value
    ):
        return None
    return f"{said(value)} can't be an id"


def line(value: object) -> str | None:
    """One line of printable text."""
    if type(value) is str and 0 < len(value) <= _LONGEST_TEXT and value.isprintable():
        return None
    return f"{said(value)} is not a line of text"


def count(value: object) -> str | None:
    """A whole number from 0."""
    if type(value) is int and 0 <= value <= _MOST_TOKENS:
        return None
    return f"{said(value)} is not a count"


def score(value: object) -> str | None:
    """A rating of the Elo kind."""
    if type(value) in _NUMBERS and 0 < value <= _HIGHEST_SCORE:  # type: ignore[operator]
        return None
    return f"{said(value)} is not a rating"


def result(value: object) -> str | None:
    """The score of a benchmark, in whatever unit."""
    if type(value) in _NUMBERS and -_HIGHEST_RESULT <= value <= _HIGHEST_RESULT:  # type: ignore[operator]
        return None
    return f"{said(value)} is not the result of a benchmark"


def day(value: object) -> str | None:
    """``YYYY-MM`` or ``YYYY-MM-DD`` that the calendar has and that can be meant."""
    if type(value) is str and len(value) <= 10 and _is_day(value):
        return None
    return f"{said(value)} is not the date of a model"


@lru_cache(maxsize=4096)  # five thousand rows have some nine hundred dates
def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        when = date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    except ValueError:
        return False
    return _FIRST_YEAR <= when.year <= _LAST_YEAR


def _flag(value: object) -> str | None:
    return None if type(value) is bool else f"{said(value)} is neither True nor False"


def _tokens(value: object) -> str | None:
    if type(value) is int and 0 < value <= _MOST_TOKENS:
        return None
    return f"{said(value)} is not a number of tokens"


def _price(value: object) -> str | None:
    # What is not finite fails the bounds.
    if type(value) in _NUMBERS and 0 <= value <= _HIGHEST_PRICE:  # type: ignore[operator]
        return None
    return f"{said(value)} is not a price in US dollars per million tokens"


def _words(value: object) -> str | None:
    if type(value) is tuple and all(identifier(word) is None for word in value):
        return None
    return f"{said(value)} is not a tuple of words"


def _one_of(literal: Any) -> Check:
    known = frozenset(get_args(literal))

    def check(value: object) -> str | None:
        if type(value) is str and value in known:
            return None
        return f"{said(value)} is none of {', '.join(sorted(known))}"

    return check


def _tiers(value: object) -> str | None:
    if type(value) is not tuple or not all(type(tier) is PriceTier for tier in value):
        return f"{said(value)} is not a tuple of price tiers"
    for tier in value:
        for name, check in TIER_CHECKS:
            known = getattr(tier, name)
            if known is not None and (problem := check(known)):
                return problem
    steps = [tier.above_context_tokens for tier in value]
    return None if steps == sorted(set(steps)) else "the steps do not rise"


#: Checks of :class:`~llmhub_core.records.model.PriceTier`, by field.
TIER_CHECKS: Final[tuple[tuple[str, Check], ...]] = tuple(
    (field.name, _tokens if field.name == "above_context_tokens" else _price)
    for field in fields(PriceTier)
)

#: Fields that belong to one price list.
PRICES: Final = tuple(f.name for f in fields(Facts) if f.name.startswith("price_"))

_OTHERS: Final[Mapping[str, Check]] = {
    "display_name": line,
    "family": line,
    "kind": _one_of(model.Kind),
    "status": _one_of(model.Status),
    "price_basis": _one_of(model.PriceBasis),
    "price_tiers": _tiers,
    # A budget may be 0, which switches thinking off.
    "reasoning_budget_min_tokens": count,
}


def _check_of(name: str, hint: str) -> Check:
    if name in _OTHERS:
        return _OTHERS[name]
    if name.startswith("price_"):
        return _price
    by_type = {"bool": _flag, "int": _tokens, "str": day, "tuple[str, ...]": _words}
    return by_type[hint.removesuffix(" | None")]


#: Checks of :class:`~llmhub_core.records.model.Facts`, by field, in their order.
FACT_CHECKS: Final[tuple[tuple[str, Check], ...]] = tuple(
    (field.name, _check_of(field.name, str(field.type))) for field in fields(Facts)
)
