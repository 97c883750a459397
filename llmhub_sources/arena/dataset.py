"""The live leaderboard dataset, read page by page.

``GET {base}/rows?dataset=lmarena-ai/leaderboard-dataset&config=C&split=latest
&offset=N&length=100`` answers ``{"rows": [{"row_idx", "row", "truncated_cells"}],
"num_rows_total"}``; a row is one model in one category. The dataset is CC BY 4.0,
Arena (arena.ai), and replaced as a whole every few days.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Mapping
from typing import Any, Final, Protocol

from llmhub_core.errors import SourceDataError
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.observation import Payload, RatedModel
from llmhub_sources.arena.ratings import Columns, category_name, rated, unrepeated
from llmhub_sources.documents import Fields, is_day, join, read_document, said

__all__ = ["Get", "read_board"]


class Get(Protocol):
    """Where pages come from: the network, or what is kept."""

    def __call__(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Awaitable[Payload]:
        """Return one document."""


DATASET: Final = "lmarena-ai/leaderboard-dataset"
#: The service refuses longer pages.
_PAGE_ROWS = 100
#: The largest board has 11,000 rows; a total beyond this is not one.
_MOST_ROWS = 100_000
_COLUMNS: Final = Columns(score="rating", low="rating_lower", high="rating_upper")


async def read_board(
    get: Get,
    base: str,
    config: str,
    *,
    board: str,
    gate: asyncio.Semaphore,
    paged: bool = True,
) -> tuple[tuple[RatedModel, ...], tuple[Refusal, ...]]:
    """Read all rows of one config as one board.

    Args:
        get: Gives documents.
        base: Address of the dataset service, or of a folder.
        config: Name of the config, such as ``text_style_control``.
        board: Name for the board.
        gate: Bounds the requests that are under way.
        paged: False for a folder that holds ``<config>.json`` with the list of all
            rows.

    Raises:
        SourceUnavailableError: A page did not answer.
        SourceDataError: A page has another form, or the dataset was replaced twice
            while it was read.
    """
    if paged:
        rows = await _rows(get, base, config, gate)
    else:
        rows = await _listed(get, join(base, f"{config}.json"))
    ratings: list[RatedModel] = []
    refused: list[Refusal] = []
    days = Counter(day for row in rows if (day := _day(row)))
    usual = min(days, key=lambda day: (-days[day], day), default=None)
    for place, row in enumerate(rows):
        rating, problems = _rating(row, board, place)
        refused += problems
        if rating is None:
            continue
        if rating.published_on not in {None, usual}:
            # One stray date must not outdate the whole board.
            record = f"{board}/{rating.category}/{rating.name}"
            reason = f"is of {rating.published_on}, the board of {usual}"
            refused.append(Refusal(record=record, reason=reason))
            continue
        ratings.append(rating)
    kept, repeated = unrepeated(ratings)
    if not kept:
        raise SourceDataError(join(base, config), "holds no rating that can be read")
    return kept, (*refused, *repeated)


def _rating(
    data: object, board: str, place: int
) -> tuple[RatedModel | None, list[Refusal]]:
    record = f"{board}#{place}"
    if not isinstance(data, dict):
        return None, [Refusal(record=record, reason=f"{said(data)} is not a row")]
    row = Fields(data, record)
    name, category = row.text("model_name"), row.text("category")
    if name is None or category is None:
        reason = "has no name" if name is None else "has no category"
        return None, [Refusal(record=record, reason=reason)]
    category = category_name(category)
    row = Fields(data, f"{board}/{category}/{name}")
    rating = rated(row, name=name, board=board, category=category, columns=_COLUMNS)
    return rating, row.refused


async def _listed(get: Get, address: str) -> list[Any]:
    payload = await get(address)
    document = read_document(payload)
    if not isinstance(document, list):
        raise SourceDataError(payload.url, f"{said(document)} is not a list of rows")
    return document


async def _rows(get: Get, base: str, config: str, gate: asyncio.Semaphore) -> list[Any]:
    # Replaced between two pages: read again, once.
    for _ in range(2):
        pages = await _pages(get, base, config, gate)
        rows = [row for page in pages for row in page.rows]
        if len({page.total for page in pages}) == 1 and _is_whole(rows, pages[0].total):
            return rows
    raise SourceDataError(join(base, f"rows ({config})"), "changes while it is read")


def _is_whole(rows: list[Any], total: int) -> bool:
    return len(rows) == total and len({_day(row) for row in rows} - {None}) <= 1


def _day(row: object) -> str | None:
    """The date of a row; one that is none costs the row, not the board."""
    day = row.get("leaderboard_publish_date") if isinstance(row, dict) else None
    return day if isinstance(day, str) and is_day(day) else None


class _Page:
    """One page: its rows, and how many rows there are in all."""

    __slots__ = ("rows", "total")

    def __init__(self, payload: Payload, offset: int) -> None:
        document = read_document(payload)
        rows = document.get("rows") if isinstance(document, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise SourceDataError(payload.url, "is not a page of rows")
        places = [row.get("row_idx") for row in rows]
        if places != list(range(offset, offset + len(rows))):
            raise SourceDataError(payload.url, "has rows that were not asked for")
        total = document.get("num_rows_total")
        if type(total) is not int or not 0 < total <= _MOST_ROWS:
            raise SourceDataError(payload.url, f"claims {said(total)} rows")
        # A cell that was cut short is not the value.
        self.rows = [
            None if row.get("truncated_cells") else row.get("row") for row in rows
        ]
        self.total = total


async def _pages(
    get: Get, base: str, config: str, gate: asyncio.Semaphore
) -> list[_Page]:
    async def page(offset: int) -> _Page:
        params = {
            "dataset": DATASET,
            "config": config,
            "split": "latest",
            "offset": str(offset),
            "length": str(_PAGE_ROWS),
        }
        async with gate:
            # A name, because another mirror has the same pages.
            name = f"{config} {offset}"
            payload = await get(join(base, "rows"), params=params, name=name)
            return _Page(payload, offset)

    first = await page(0)
    try:
        async with asyncio.TaskGroup() as group:
            rest = [
                group.create_task(page(offset))
                for offset in range(_PAGE_ROWS, first.total, _PAGE_ROWS)
            ]
    except ExceptionGroup as failed:
        # One page is reason enough, and the others were called off.
        raise failed.exceptions[0] from None
    return [first, *(task.result() for task in rest)]
