"""JSON from strangers: read a document, then each field of a record on its own.

Nothing here guesses. A value that does not fit is unknown, and the record keeps a
note of what was refused and why; only a document without form is an error.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from llmhub_core.errors import SourceDataError
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.observation import Payload

__all__ = ["Fields", "is_day", "is_local", "is_sound", "join", "read_document", "said"]

_LONGEST_TEXT = 200
#: Larger counts are typing errors: no context window comes near.
_LARGEST_COUNT = 1_000_000_000
#: Python refuses to read a whole number of more than 4,300 digits at all.
_LONGEST_DIGITS = 300
#: No date of a language model is older than the transformer.
_FIRST_YEAR = 2017
_LAST_YEAR = 2100
_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?", re.ASCII)
# Compared with `type`: true is an int to Python's isinstance.
_NUMBERS = (int, float)


class _Clash:
    """Stands where one object gave one key two different values."""

    def __repr__(self) -> str:
        return "two different values"


_CLASH: Final = _Clash()


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_DIGITS else math.inf


def _same(one: object, other: object) -> bool:
    # 1, 1.0 and true are equal in Python and three things in JSON.
    return type(one) is type(other) and one == other


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) == len(pairs):
        return data
    seen: dict[str, Any] = {}
    for key, value in pairs:
        seen[key] = _CLASH if key in seen and not _same(seen[key], value) else value
    return seen


def read_document(payload: Payload) -> Any:
    """Decode a JSON document.

    Numbers that are none (``NaN``, ``Infinity``, ``1e400``) come through as floats
    that are not finite, so that they cost their own field and not the document. A
    key that one object gives two different values has a value that fits nothing.

    Raises:
        SourceDataError: Not JSON, not Unicode, or nested beyond reason.
    """
    try:
        return json.loads(payload.body, object_pairs_hook=_object, parse_int=_whole)
    except ValueError as error:
        raise SourceDataError(payload.url, f"is not JSON: {error}") from None
    except RecursionError:
        raise SourceDataError(payload.url, "is nested too deeply") from None


def join(base: str, path: str) -> str:
    """Put a path below a base address, which may be a folder."""
    return f"{base.rstrip('/')}/{path}"


def is_local(address: str) -> bool:
    """Whether an address is a ``file:`` address or a path."""
    return urlsplit(address).scheme not in {"http", "https"}


def is_sound(text: str) -> bool:
    """Whether a text can be an id: printable, without spaces, not too long."""
    return 0 < len(text) <= _LONGEST_TEXT and text.isprintable() and " " not in text


def is_day(text: str) -> bool:
    """Whether a text is ``YYYY-MM`` or ``YYYY-MM-DD`` and can date a model."""
    if not _DAY.fullmatch(text):
        return False
    try:
        when = date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    except ValueError:
        return False
    return _FIRST_YEAR <= when.year <= _LAST_YEAR


def said(value: object) -> str:
    """Describe a value in a few printable words."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**18:
        return "a huge number"
    # A long text is cut before `ascii` makes it six times longer.
    text = ascii(value[:40] if isinstance(value, str) else value)
    names = {"True": "true", "False": "false", "None": "null"}
    return names.get(text, text[:60])


class Fields:
    """One JSON object, read field by field.

    Args:
        data: The object.
        record: Id of the record that it belongs to, for refusals.
        path: Where in the record the object stands, such as ``cost.``.
        refused: Where refusals go; shared by the objects of one record.
    """

    __slots__ = ("_data", "_path", "_record", "refused")

    def __init__(
        self,
        data: Mapping[str, Any],
        record: str,
        *,
        path: str = "",
        refused: list[Refusal] | None = None,
    ) -> None:
        self._data = data
        self._record = record
        self._path = path
        self.refused: list[Refusal] = [] if refused is None else refused

    def refuse(self, name: str, reason: str) -> None:
        """Note that a field was refused."""
        self.refused.append(
            Refusal(record=self._record, reason=reason, field=self._path + name)
        )

    def refuse_record(self, reason: str) -> None:
        """Note that the record as a whole was refused."""
        self.refused.append(Refusal(record=self._record, reason=reason))

    def _refuse(self, name: str, value: object, wanted: str) -> None:
        self.refuse(name, f"{said(value)} is not {wanted}")

    def raw(self, name: str) -> Any:
        """The value as it came, or None."""
        return self._data.get(name)

    def text(self, name: str) -> str | None:
        """A line of printable text, without space at its ends."""
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            text = value.strip()
            if text.isprintable() and len(text) <= _LONGEST_TEXT:
                return text or None
        self._refuse(name, value, "a line of text")
        return None

    def flag(self, name: str) -> bool | None:
        """``true`` or ``false``; nothing else stands for either."""
        value = self._data.get(name)
        if value is None or isinstance(value, bool):
            return value
        self._refuse(name, value, "true or false")
        return None

    def number(
        self, name: str, *, least: float, most: float, wanted: str
    ) -> float | None:
        """A finite number within bounds, both included."""
        value = self._data.get(name)
        if value is None:
            return None
        # What is not finite fails the bounds.
        if type(value) in _NUMBERS and least <= value <= most:
            return float(value)
        self._refuse(name, value, wanted)
        return None

    def count(self, name: str, *, least: int = 0) -> int | None:
        """A whole number; ``128000.0`` is one."""
        value = self._data.get(name)
        if value is None:
            return None
        if (
            type(value) in _NUMBERS
            and least <= value <= _LARGEST_COUNT
            and value == int(value)
        ):
            return int(value)
        self._refuse(name, value, "a whole number of that kind")
        return None

    def day(self, name: str) -> str | None:
        """A date, ``YYYY-MM`` or ``YYYY-MM-DD``, that the calendar has."""
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, str) and is_day(value):
            return value
        self._refuse(name, value, "a date of a model")
        return None

    def words(self, name: str) -> tuple[str, ...] | None:
        """A list of words; one that is not spoils the list."""
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, list) and all(
            isinstance(word, str) and is_sound(word) for word in value
        ):
            return tuple(dict.fromkeys(value))
        self._refuse(name, value, "a list of words")
        return None

    def items(self, name: str) -> tuple[Fields, ...] | None:
        """A list of objects; one that is not spoils the list."""
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return tuple(
                self.within(item, f"{name}.{place}.")
                for place, item in enumerate(value)
            )
        self._refuse(name, value, "a list of objects")
        return None

    def table(self, name: str) -> Fields | None:
        """An object within this one."""
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, dict):
            return self.within(value, f"{name}.")
        self._refuse(name, value, "an object")
        return None

    def within(self, data: Mapping[str, Any], path: str) -> Fields:
        """An object that stands at a path within this one."""
        return Fields(data, self._record, path=self._path + path, refused=self.refused)
