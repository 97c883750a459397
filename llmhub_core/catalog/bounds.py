"""How much one source may say."""

from __future__ import annotations

from typing import Final

from llmhub_core.errors import SourceDataError
from llmhub_core.records.observation import Harvest

__all__ = ["MAX_CHARACTERS", "MAX_ROWS", "check_size"]

#: All that is served by all providers is near 6,000 models, all boards 20,000 rows.
MAX_ROWS: Final = 200_000
#: In names, ids, reasons and notes together.
MAX_CHARACTERS: Final = 64_000_000

_ROWS: Final = ("served", "bases", "ratings", "probes", "refused", "notes")


def check_size(harvest: Harvest) -> None:
    """Refuse a harvest that floods the catalog.

    Raises:
        SourceDataError: It has too many rows, or too much text in them.
    """
    parts = [getattr(harvest, name) for name in _ROWS]
    rows = sum(len(part) for part in parts if isinstance(part, (tuple, list)))
    if rows > MAX_ROWS:
        reason = f"has {rows:,} rows, where {MAX_ROWS:,} are allowed"
        raise SourceDataError("harvest", reason)
    characters = 0
    for part in parts:
        for row in part if isinstance(part, (tuple, list)) else ():
            characters += _characters(row)
            if characters > MAX_CHARACTERS:
                reason = f"has more than {MAX_CHARACTERS:,} characters of text"
                raise SourceDataError("harvest", reason)


def _characters(row: object) -> int:
    if isinstance(row, str):
        return len(row)
    total = 0
    for name in ("record", "name", "model_id", "reason", "note"):
        text = getattr(row, name, None)
        if isinstance(text, str):
            total += len(text)
    ids = getattr(row, "model_ids", None)
    if isinstance(ids, (tuple, list)):
        total += sum(len(text) for text in ids if isinstance(text, str))
    return total
