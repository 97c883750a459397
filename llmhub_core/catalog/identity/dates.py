"""Dates in names: ``20251101``, ``2025-11-01``, ``08-2024``, ``0905``, ``2507``."""

from __future__ import annotations

import datetime as dt

from llmhub_core.catalog.identity.signature import Stamp
from llmhub_core.catalog.identity.tokens import Piece

__all__ = ["days_between", "take_stamp"]

_FIRST_YEAR, _LAST_YEAR = 2022, 2035
_MONTHS = {
    name: number
    for number, name in enumerate(
        "january february march april may june july august september october "
        "november december".split(),
        start=1,
    )
}


def _stamp(year: int | None, month: int, day: int | None) -> Stamp | None:
    if year is not None and not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    if not 1 <= month <= 12:
        return None
    if day is not None:
        try:
            dt.date(year or 2024, month, day)
        except ValueError:
            return None
    return Stamp(year=year, month=month, day=day)


def _compact(digits: str) -> Stamp | None:
    """Read 8, 6 or 4 digits."""
    if len(digits) == 8:
        return _stamp(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    if len(digits) == 6:
        return _stamp(int(digits[:4]), int(digits[4:]), None) or _stamp(
            2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:])
        )
    if len(digits) == 4:
        return _stamp(None, int(digits[:2]), int(digits[2:])) or _year_month(
            digits[:2], digits[2:]
        )
    return None


def _year_month(year: str, month: str) -> Stamp | None:
    return _stamp(2000 + int(year), int(month), None)


def _spread(parts: list[str]) -> tuple[Stamp | None, int]:
    """Read a date written as several numbers; say how many it took."""
    lengths = [len(part) for part in parts]
    if lengths[:3] == [4, 2, 2]:
        return _stamp(*map(int, parts[:3])), 3
    if lengths[:3] == [2, 2, 2]:
        found = _stamp(2000 + int(parts[0]), int(parts[1]), int(parts[2]))
        if found is not None:
            return found, 3
    if lengths[:2] == [2, 4]:
        return _stamp(int(parts[1]), int(parts[0]), None), 2
    if lengths[:2] == [4, 2]:
        return _stamp(int(parts[0]), int(parts[1]), None), 2
    if lengths[:2] == [2, 2]:
        return _stamp(None, int(parts[0]), int(parts[1])), 2
    return None, 0


def _at(pieces: list[Piece], index: int) -> tuple[Stamp | None, int]:
    """Read the date that starts at a piece; say how many pieces it took."""
    kind, text = pieces[index]
    if kind == "word":
        return _named_month(text, pieces[index + 1 : index + 2])
    if kind == "version":  # "older v0314"
        digits = text[1:]
        is_date = len(digits) == 4 and digits.isdigit()
        return (_compact(digits), 1) if is_date else (None, 0)
    if kind != "number":
        return None, 0
    if len(text) == 5 and text[2] == "." and text[0] == "2":  # "Large 24.11"
        return _year_month(text[:2], text[3:]), 1
    return _in_digits(text, pieces[index + 1 : index + 3])


def _named_month(text: str, following: list[Piece]) -> tuple[Stamp | None, int]:
    month = _MONTHS.get(text)
    for _, year in following:
        if month and len(year) == 4 and year.isdigit():
            return _stamp(int(year), month, None), 2
    return None, 0


def _in_digits(text: str, following: list[Piece]) -> tuple[Stamp | None, int]:
    if not text.isdigit():
        return None, 0
    compact = _compact(text)
    if compact is not None:
        return compact, 1
    run = [text]
    for kind, digits in following:
        if kind != "number" or not digits.isdigit():
            break
        run.append(digits)
    return _spread(run)


def take_stamp(pieces: list[Piece]) -> Stamp | None:
    """Remove the date from the pieces and return it.

    Of several dates the last counts and the others stay, as words of the name.
    """
    for index in range(len(pieces) - 1, -1, -1):
        if pieces[index][0] in ("size", "amount", "letter", "tail"):
            continue
        # The longest reading that ends here wins: look further left first.
        for start in range(max(0, index - 2), index + 1):
            stamp, taken = _at(pieces, start)
            if stamp is not None and start + taken == index + 1:
                del pieces[start : start + taken]
                return stamp
    return None


def days_between(stamp: Stamp, date: str | None) -> int | None:
    """Return the distance in days between a stamp and an ISO date.

    A part that either does not name is not held against them: a stamp without a
    year is measured in the date's own year, one without a day counts its whole
    month, and so does a date without a day.

    Args:
        stamp: The date in a name.
        date: ``YYYY-MM-DD`` or ``YYYY-MM``, or None.

    Returns:
        The distance, or None when the date is missing or no date.
    """
    try:
        parts = [int(part) for part in (date or "").split("-")]
        if len(parts) not in (2, 3):
            return None
        year, month = parts[0], parts[1]
        if stamp.day is None or len(parts) == 2:
            dt.date(year, month, 1)
            months = (year - (stamp.year or year)) * 12 + month - stamp.month
            return abs(months) * 31
        there = dt.date(year, month, parts[2])
        here = dt.date(stamp.year or year, stamp.month, stamp.day)
    except ValueError:
        return None
    return abs((there - here).days)
