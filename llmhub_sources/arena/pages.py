"""Pages of the leaderboard as mirrors of them write them down.

``{"meta": {"leaderboard", "fetched_at", "last_updated", "model_count"}, "models":
[{"rank", "model", "vendor", "score", "ci", "votes"}]}``: one page, which is the
overall category, rounded to whole points; ``ci`` is half the 95 % interval. Arena
itself publishes the dataset instead.
"""

from __future__ import annotations

import re
from typing import Any, Final

from llmhub_core.errors import SourceDataError
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.observation import Payload, RatedModel
from llmhub_sources.arena.ratings import Columns, rated, unrepeated
from llmhub_sources.documents import Fields, is_day, read_document, said

__all__ = ["read_page"]

_COLUMNS: Final = Columns(score="score", low="low", high="high")
#: English, whatever the locale: "Apr 16, 2026".
_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_WRITTEN_DAY = re.compile(r"(\w{3}) (\d{1,2}), (\d{4})", re.ASCII)


def read_page(
    payload: Payload, *, board: str
) -> tuple[tuple[RatedModel, ...], tuple[Refusal, ...]]:
    """Read one page as the overall category of one board.

    Raises:
        SourceDataError: It has another form, fewer rows than it says, or no rating.
    """
    document = read_document(payload)
    rows = document.get("models") if isinstance(document, dict) else None
    meta = document.get("meta") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not isinstance(meta, dict):
        raise SourceDataError(payload.url, "is not a page with meta and models")
    announced = meta.get("model_count")
    if announced is not None and announced != len(rows):
        problem = f"has {len(rows)} of {said(announced)} models"
        raise SourceDataError(payload.url, problem)
    published_on = _published_on(meta)
    ratings: list[RatedModel] = []
    refused: list[Refusal] = []
    for place, data in enumerate(rows):
        rating, problems = _rating(data, board, place, published_on)
        refused += problems
        if rating is not None:
            ratings.append(rating)
    kept, repeated = unrepeated(ratings)
    if not kept:
        raise SourceDataError(payload.url, "holds no rating that can be read")
    return kept, (*refused, *repeated)


def _rating(
    data: object, board: str, place: int, published_on: str | None
) -> tuple[RatedModel | None, list[Refusal]]:
    record = f"{board}#{place}"
    if not isinstance(data, dict):
        return None, [Refusal(record=record, reason=f"{said(data)} is not a row")]
    row = Fields(data, record)
    name = row.text("model")
    if name is None:
        return None, [Refusal(record=record, reason="has no name")]
    row = Fields(data, f"{board}/overall/{name}")
    columns: dict[str, Any] = {
        "score": data.get("score"),
        "organization": data.get("vendor"),
        "vote_count": data.get("votes"),
        "leaderboard_publish_date": published_on,
    }
    half = row.number("ci", least=0.0, most=1000.0, wanted="half an interval")
    score = data.get("score")
    if half is not None and isinstance(score, (int, float)):
        columns |= {"low": score - half, "high": score + half}
    given = Fields(columns, f"{board}/overall/{name}", refused=row.refused)
    rating = rated(given, name=name, board=board, category="overall", columns=_COLUMNS)
    return rating, row.refused


def _published_on(meta: dict[str, Any]) -> str | None:
    """The day of the board, else that on which the page was fetched."""
    written = _WRITTEN_DAY.fullmatch(str(meta.get("last_updated")))
    if written is not None and written[1] in _MONTHS:
        month = _MONTHS.index(written[1]) + 1
        day = f"{written[3]}-{month:02}-{int(written[2]):02}"
        if is_day(day):
            return day
    fetched = str(meta.get("fetched_at"))[:10]
    return fetched if len(fetched) == 10 and is_day(fetched) else None
