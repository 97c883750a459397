"""The files of lmarena/arena-catalog: an older state of the same boards.

``{category: {name: {"rating", "rating_q025", "rating_q975"}}}``, without votes,
makers or a date; frozen since December 2025. Categories are renamed to what the
live dataset calls them.
"""

from __future__ import annotations

from typing import Final

from llmhub_core.errors import SourceDataError
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.observation import Payload, RatedModel
from llmhub_sources.arena.ratings import Columns, category_name, rated, unrepeated
from llmhub_sources.documents import Fields, read_document, said

__all__ = ["read_catalog"]

_COLUMNS: Final = Columns(score="rating", low="rating_q025", high="rating_q975")


def read_catalog(
    payload: Payload, *, board: str
) -> tuple[tuple[RatedModel, ...], tuple[Refusal, ...]]:
    """Read one file as one board.

    Raises:
        SourceDataError: It has another form, or holds no rating.
    """
    document = read_document(payload)
    if not isinstance(document, dict):
        raise SourceDataError(payload.url, f"{said(document)} is not a map of boards")
    ratings: list[RatedModel] = []
    refused: list[Refusal] = []
    for key, rows in document.items():
        category = category_name(key)
        if not key.isprintable() or not isinstance(rows, dict):
            reason = "is not a category with a map of models"
            refused.append(Refusal(record=f"{board}/{said(key)}", reason=reason))
            continue
        for name, data in rows.items():
            record = f"{board}/{category}/{name if name.isprintable() else said(name)}"
            if not name or not name.isprintable() or not isinstance(data, dict):
                refused.append(Refusal(record=record, reason="is not a rated name"))
                continue
            row = Fields(data, record)
            rating = rated(
                row, name=name, board=board, category=category, columns=_COLUMNS
            )
            refused += row.refused
            if rating is not None:
                ratings.append(rating)
    # `full` and `overall` in one file are the same category.
    kept, repeated = unrepeated(ratings)
    if not kept:
        raise SourceDataError(payload.url, "holds no rating that can be read")
    return kept, (*refused, *repeated)
