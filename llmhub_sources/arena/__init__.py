"""Arena: human-preference ratings per board and category, style-controlled."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, ClassVar

from attrs import evolve, field, frozen, validators

from llmhub_core.contracts import SourceContext
from llmhub_core.errors import SourceDataError, SourceUnavailableError
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.observation import Harvest, RatedModel
from llmhub_sources.arena.boards import BOARDS, MORE_BOARDS, Board
from llmhub_sources.arena.catalog import read_catalog
from llmhub_sources.arena.dataset import Get, read_board
from llmhub_sources.arena.pages import read_page
from llmhub_sources.documents import is_local, join

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
        pages_url: A mirror of the leaderboard's pages, ``text.json`` and so on below
            it, read for boards that the dataset does not give; None for none.
        catalog_url: The ``data`` folder of lmarena/arena-catalog, read for boards
            that neither of them gives.
    """

    dataset_url: str = field(
        default="https://datasets-server.huggingface.co",
        validator=[validators.instance_of(str), validators.min_len(1)],
    )
    pages_url: str | None = field(
        default=None,
        validator=validators.optional(
            validators.and_(validators.instance_of(str), validators.min_len(1))
        ),
    )
    catalog_url: str = field(
        default="https://raw.githubusercontent.com/lmarena/arena-catalog/main/data",
        validator=[validators.instance_of(str), validators.min_len(1)],
    )


@frozen(kw_only=True)
class _Found:
    """What was found of one board, and what was not.

    Attributes:
        name: Its name.
        ratings: Its ratings; none when it can't be had.
        refused: Its rows that are none.
        missing: What could not be had, in words.
        why: Why the last of that could not be had.
        taken: What was taken instead, in words.
        origin: ``dataset``, ``kept``, ``page`` or ``catalog``; None for nothing.
    """

    name: str
    ratings: tuple[RatedModel, ...] = ()
    refused: tuple[Refusal, ...] = ()
    missing: tuple[str, ...] = ()
    why: str = ""
    taken: str | None = None
    origin: str | None = None

    @property
    def note(self) -> str | None:
        """What the user should know of it."""
        if not self.missing:
            return None
        taken = f", {self.taken} taken" if self.taken else ""
        return f"{self.name}: {', '.join(self.missing)}{taken}"

    @property
    def published_on(self) -> str:
        """Its newest date, or nothing."""
        return max((rating.published_on or "" for rating in self.ratings), default="")

    def without(
        self, what: str, error: SourceUnavailableError | SourceDataError
    ) -> _Found:
        """Add something that could not be had."""
        missing = (*self.missing, f"no {what} ({error.reason})")
        return evolve(self, missing=missing, why=error.reason)

    def instead(self, found: _Found, origin: str, taken: str) -> _Found:
        """What was found in place of what is missing so far."""
        return evolve(
            found, missing=self.missing, why=self.why, taken=taken, origin=origin
        )


class ArenaSource:
    """Ratings of the Arena leaderboards (CC BY 4.0, https://arena.ai).

    The live dataset comes first, board by board. Where it fails, the newer of what is
    kept of it and of a mirror of the pages stands in, and where there is neither, the
    frozen file of arena-catalog; it is not fetched otherwise.
    """

    contract_version: ClassVar[int] = 1
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
            *(self._board(context, board, gate) for board in BOARDS)
        )
        more: list[_Found] = []
        # A service that is down is not asked for the boards that matter less.
        if any(board.origin == "dataset" for board in found):
            more = await asyncio.gather(
                *(self._board(context, board, gate) for board in MORE_BOARDS)
            )
        notes = (*(board.note for board in found if board.note), *_notes(more))
        boards = [*found, *more]
        # Kept answers alone are for the core to serve, and to call stale.
        if all(board.origin in {None, "kept"} for board in boards):
            reasons = {board.why for board in boards}
            reason = reasons.pop() if len(reasons) == 1 else "; ".join(notes)
            raise SourceUnavailableError(self._options.dataset_url, reason)
        return Harvest(
            ratings=tuple(rating for board in boards for rating in board.ratings),
            refused=tuple(refusal for board in boards for refusal in board.refused),
            as_of=max(board.published_on for board in boards) or None,
            notes=notes,
        )

    async def _board(
        self, context: SourceContext, board: Board, gate: asyncio.Semaphore
    ) -> _Found:
        base = self._options.dataset_url

        async def read(get: Get, config: str, *, paged: bool) -> _Found:
            ratings, refused = await read_board(
                get, base, config, board=board.name, gate=gate, paged=paged
            )
            return _Found(name=board.name, ratings=ratings, refused=refused)

        none = _Found(name=board.name)
        # The kept answer before the next config: that one has another scale.
        for config in board.configs:
            try:
                with context.together() as part:
                    found = await read(part.get, config, paged=not is_local(base))
                return none.instead(found, "dataset", config)
            except (SourceUnavailableError, SourceDataError) as error:
                none = none.without(config, error)
            with suppress(SourceUnavailableError, SourceDataError):
                found = await read(context.kept, config, paged=True)
                kept = none.instead(found, "kept", "its kept answer")
                page = await self._page(context, board, none)
                return max(kept, page, key=lambda found: found.published_on)
        page = await self._page(context, board, none)
        return page if page.ratings else await self._file(context, board, page)

    async def _page(self, context: SourceContext, board: Board, none: _Found) -> _Found:
        """Read a mirror of the board's page, if there is one."""
        base = self._options.pages_url
        if base is None:
            return none
        try:
            with context.together() as part:
                address, name = join(base, f"{board.page}.json"), f"{board.page} page"
                payload = await part.get(address, name=name)
                ratings, refused = read_page(payload, board=board.name)
        except (SourceUnavailableError, SourceDataError) as error:
            return none.without("page", error)
        found = _Found(name=board.name, ratings=ratings, refused=refused)
        return none.instead(found, "page", f"its page of {found.published_on}")

    async def _file(self, context: SourceContext, board: Board, none: _Found) -> _Found:
        """Read the board's file in arena-catalog, if it has one."""
        if board.file is None:
            return none
        try:
            with context.together() as part:
                address = join(self._options.catalog_url, board.file)
                payload = await part.get(address, name=board.file)
                ratings, refused = read_catalog(payload, board=board.name)
        except (SourceUnavailableError, SourceDataError) as error:
            return none.without("arena-catalog", error)
        found = _Found(name=board.name, ratings=ratings, refused=refused)
        return none.instead(found, "catalog", "arena-catalog of December 2025")


def _notes(more: Iterable[_Found]) -> tuple[str, ...]:
    """Say what was taken, and in one line what can't be had for one reason."""
    notes = [board.note for board in more if board.note and board.ratings]
    absent: dict[str, list[str]] = defaultdict(list)
    for board in more:
        if not board.ratings:
            absent[board.why].append(board.name)
    notes += [f"other boards: no {', '.join(absent[why])} ({why})" for why in absent]
    return tuple(notes)
