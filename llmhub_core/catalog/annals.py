"""The history as one file in the cache.

Its three lines are read apart: what is listed, what is gone, what changed. The
first tells in a few milliseconds whether a model is still listed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from attrs import asdict, fields

from llmhub_core.cache import Cache, Entry
from llmhub_core.catalog.comparison import History
from llmhub_core.catalog.standing import FIELDS, Standing
from llmhub_core.codec import loads
from llmhub_core.records.history import Change, Tombstone
from llmhub_core.trace import logger

__all__ = ["Annals", "open_annals", "write_annals"]

_NAME: Final = ("history.json",)
#: Raised when the meaning of tombstones or changes changes.
_FORM: Final = "1"
_CHANGE: Final = tuple(attribute.name for attribute in fields(Change))
_NOTHING: Final[Mapping[str, Any]] = {
    "rows": {},
    "heard": [],
    "listers": [],
    "told_by": [],
}


class Annals:
    """The kept history, of which each part is read when it is asked for.

    Args:
        entry: The kept file; its seal is verified.
    """

    def __init__(self, entry: Entry) -> None:
        self.checked_at = entry.head["checked_at"]
        self.made_with = entry.head["made_with"]
        self._listed, self._gone, self._changed = entry.body.split(b"\n")

    def standing(self, canonical_id: str) -> Standing | None:
        """What is known of a model that is listed, or may be; None for others."""
        row = self._register["rows"].get(canonical_id)
        return None if row is None else self._standing(row)

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """All of those, by id."""
        rows = self._register["rows"]
        return {name: self._standing(row) for name, row in rows.items()}

    @cached_property
    def tombstones(self) -> Mapping[str, Tombstone]:
        """Every model that is gone, by id."""
        return {
            row["canonical_id"]: Tombstone(**row | {"listed_by": (*row["listed_by"],)})
            for row in loads(self._gone)
        }

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What was found different, oldest first."""
        return tuple(
            Change(**dict(zip(_CHANGE, row, strict=True)))
            for row in loads(self._changed)
        )

    def history(self) -> History:
        """Read all of it."""
        return History(
            checked_at=self.checked_at,
            made_with=self.made_with,
            heard=frozenset(self._register["heard"]),
            standings=self.standings,
            tombstones=self.tombstones,
            changes=self.changes,
        )

    @cached_property
    def _register(self) -> Mapping[str, Any]:
        register: Mapping[str, Any] = loads(self._listed)
        # What other fields were kept can't be compared with these.
        return register if register["fields"] == list(FIELDS) else _NOTHING

    @cached_property
    def _listers(self) -> list[frozenset[str]]:
        return [frozenset(names) for names in self._register["listers"]]

    @cached_property
    def _told_by(self) -> list[tuple[str | None, ...]]:
        return [tuple(names) for names in self._register["told_by"]]

    def _standing(self, row: list[Any]) -> Standing:
        listers, told_by, last_listed_at, *values = row
        return Standing(
            self._listers[listers],
            tuple(values),
            self._told_by[told_by],
            last_listed_at,
        )


def open_annals(cache: Cache) -> Annals | None:
    """Open the kept history.

    Returns:
        None when there is none, or it is damaged, or of another version: then the
        history begins anew with the next refresh.
    """
    entry = cache.read(*_NAME)
    if entry is None:
        return None
    if entry.head.get("form") != _FORM:
        path = str(cache.path(*_NAME))
        logger().warning("cache.discarded", path=path, reason="it has another form")
        return None
    return Annals(entry)


def write_annals(cache: Cache, history: History) -> bool:
    """Keep a history in place of the one before; say whether it was kept."""
    head = {
        "checked_at": history.checked_at,
        "form": _FORM,
        "made_with": history.made_with,
    }
    gone = [
        asdict(stone, filter=lambda _, value: value is not None and value != ())
        | {"listed_by": stone.listed_by}
        for _, stone in sorted(history.tombstones.items())
    ]
    changed = [
        [getattr(change, name) for name in _CHANGE] for change in history.changes
    ]
    lines = (_register(history), gone, changed)
    return cache.write(*_NAME, head=head, body=b"\n".join(map(_json, lines)))


def _register(history: History) -> dict[str, Any]:
    """Write who lists and who tells once each: many models share them."""
    listers: dict[frozenset[str], int] = {}
    told_by: dict[tuple[str | None, ...], int] = {}
    rows = {
        name: [
            listers.setdefault(standing.listers, len(listers)),
            told_by.setdefault(standing.told_by, len(told_by)),
            standing.last_listed_at,
            *standing.values,
        ]
        for name, standing in sorted(history.standings.items())
    }
    return {
        "fields": FIELDS,
        "heard": sorted(history.heard),
        "listers": [sorted(names) for names in listers],
        "told_by": list(told_by),
        "rows": rows,
    }


def _json(data: Any) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()
