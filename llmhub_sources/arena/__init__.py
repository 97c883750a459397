"""Arena: human-preference ratings per board and category, style-controlled."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, ClassVar, Final

from attrs import evolve, field, frozen, validators

from llmhub_core.contracts import CONTRACT_VERSION, SourceContext
from llmhub_core.errors import SourceDataError, SourceUnavailableError
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.observation import Harvest, RatedModel
from llmhub_sources.arena.catalog import read_catalog
from llmhub_sources.arena.dataset import Get, read_board
from llmhub_sources.documents import join

__all__ = ["ArenaOptions", "ArenaSource"]

#: A free public service: not more than this many of its pages at once.
_PAGES_AT_ONCE = 4


@frozen(kw_only=True)
class ArenaOptions:
    """Settings of the source ``arena``.

    Attributes:
        dataset_url: The dataset service; ``/rows`` is read below it. A ``file:``
            address or a folder holds ``<config>.json`` instead, each the list of
            that config's rows, such as ``text_style_control.json``.
        catalog_url: The ``data`` folder of lmarena/arena-catalog, read for boards
            that the dataset does not give.
    """

    dataset_url: str = field(
        default="https://datasets-server.huggingface.co",
        validator=[validators.instance_of(str), validators.min_len(1)],
    )
    catalog_url: str = field(
        default="https://raw.githubusercontent.com/lmarena/arena-catalog/main/data",
        validator=[validators.instance_of(str), validators.min_len(1)],
    )


@frozen(kw_only=True)
class _Board:
    """One board: its configs, the best one first, and its file in arena-catalog."""

    name: str
    configs: tuple[str, ...]
    file: str | None = None


#: A rating that is not style-controlled lies some 40 points elsewhere, so of each
#: board one config is taken, never two.
_BOARDS: Final = (
    _Board(
        name="text",
        configs=("text_style_control",),
        file="leaderboard-text-style-control.json",
    ),
    _Board(
        name="vision",
        configs=("vision_style_control",),
        file="leaderboard-vision-style-control.json",
    ),
    _Board(name="search", configs=("search_style_control", "search")),
    _Board(name="webdev", configs=("webdev",)),
)


@frozen(kw_only=True)
class _Found:
    """What was found of one board, and what was not.

    Attributes:
        ratings: Its ratings; none when it can't be had.
        refused: Its rows that are none.
        note: What is missing, and what was taken instead.
        kept: Whether a kept answer was taken because the service had none.
    """

    ratings: tuple[RatedModel, ...] = ()
    refused: tuple[Refusal, ...] = ()
    note: str | None = None
    kept: bool = False


class ArenaSource:
    """Ratings of the Arena leaderboards (CC BY 4.0, https://arena.ai).

    The live dataset comes first, board by board, then what is kept of it. For a
    board of which there is neither, the frozen file of arena-catalog stands in; it
    is not fetched otherwise.
    """

    contract_version: ClassVar[int] = CONTRACT_VERSION
    options_class: ClassVar[type[Any] | None] = ArenaOptions

    def __init__(self, options: ArenaOptions | None = None) -> None:
        self._options = options or ArenaOptions()

    async def fetch(self, context: SourceContext) -> Harvest:
        """Fetch all boards at once.

        Raises:
            SourceUnavailableError: No board answered.
        """
        gate = asyncio.Semaphore(_PAGES_AT_ONCE)
        found = await asyncio.gather(
            *(self._board(context, board, gate) for board in _BOARDS)
        )
        ratings = tuple(rating for board in found for rating in board.ratings)
        notes = tuple(board.note for board in found if board.note)
        # Kept answers alone are for the core to serve, and to call stale.
        if all(board.kept or not board.ratings for board in found):
            raise SourceUnavailableError(self._options.dataset_url, "; ".join(notes))
        dates = (rating.published_on for rating in ratings)
        return Harvest(
            ratings=ratings,
            refused=tuple(refusal for board in found for refusal in board.refused),
            as_of=max((day for day in dates if day), default=None),
            notes=notes,
        )

    async def _board(
        self, context: SourceContext, board: _Board, gate: asyncio.Semaphore
    ) -> _Found:
        async def read(get: Get, config: str) -> _Found:
            base = self._options.dataset_url
            ratings, refused = await read_board(
                get, base, config, board=board.name, gate=gate
            )
            return _Found(ratings=ratings, refused=refused)

        missing: list[str] = []

        def taken(found: _Found, what: str) -> _Found:
            return evolve(
                found, note=f"{board.name}: {', '.join(missing)}, {what} taken"
            )

        # The kept answer before the next config: that one has another scale.
        for config in board.configs:
            try:
                with context.together() as part:
                    found = await read(part.get, config)
                return taken(found, config) if missing else found
            except (SourceUnavailableError, SourceDataError) as error:
                missing.append(f"no {config} ({error.reason})")
            with suppress(SourceUnavailableError, SourceDataError):
                found = evolve(await read(context.kept, config), kept=True)
                return taken(found, "its kept answer")
        if board.file is None:
            return _Found(note=f"{board.name}: {', '.join(missing)}")
        try:
            payload = await context.get(join(self._options.catalog_url, board.file))
            ratings, refused = read_catalog(payload, board=board.name)
        except (SourceUnavailableError, SourceDataError) as error:
            missing.append(f"no arena-catalog ({error.reason})")
            return _Found(note=f"{board.name}: {', '.join(missing)}")
        found = _Found(ratings=ratings, refused=refused)
        return taken(found, "arena-catalog of December 2025")
