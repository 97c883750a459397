"""The catalog as CSV: one row per model, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from attrs import fields

from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel

__all__ = ["export_csv"]

#: Too deep for a cell; the JSON has them.
_DEEP = frozenset(
    {
        "benchmarks",
        "conflicts",
        "inherited_ratings",
        "price_tiers",
        "provenance",
        "ratings",
        "source_ids",
    }
)
_FIELDS = tuple(
    attribute.name
    for attribute in fields(CanonicalModel)
    if attribute.name not in _DEEP
)
_FIRST = ("canonical_id", "provider", "model_id", "group", "lab", "display_name")
_COLUMNS = (*_FIRST, *(name for name in _FIELDS if name not in _FIRST))

#: A cell that begins so is a formula to Excel, LibreOffice and Google Sheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def export_csv(
    catalog: Catalog, models: Iterable[CanonicalModel] | None = None
) -> bytes:
    """Write a catalog as a table: UTF-8, commas, lines ending in CR LF (RFC 4180).

    What is not known is an empty cell; several values of one field are joined by
    ``; ``. A text that a spreadsheet would take for a formula gets an apostrophe
    before it, so ids that begin with ``@`` have one.

    Args:
        catalog: What to write.
        models: Those to write; all of them when None.

    Returns:
        Columns for the fields of a model, then ``source_id.SOURCE`` per source and
        ``rating.BOARD.CATEGORY`` with the default rating per board and category,
        as they occur in the whole catalog.
    """
    sources = sorted({source for model in catalog for source in model.source_ids})
    boards = sorted(
        {
            (rating.board, rating.category)
            for of in {id(m.ratings): m.ratings for m in catalog}.values()
            for rating in of
        }
    )
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(
        (
            *_COLUMNS,
            *(f"source_id.{source}" for source in sources),
            *(f"rating.{board}.{category}" for board, category in boards),
        )
    )
    for model in catalog.models if models is None else models:
        first: dict[tuple[str, str], float] = {}
        for rating in model.ratings:
            first.setdefault((rating.board, rating.category), rating.score)
        values = (
            *(getattr(model, name) for name in _COLUMNS),
            *(model.source_ids.get(source) for source in sources),
            *(first.get(board) for board in boards),
        )
        writer.writerow(map(_cell, values))
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = value if isinstance(value, str) else "; ".join(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
