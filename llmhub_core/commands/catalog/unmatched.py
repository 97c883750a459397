"""``llmhub catalog unmatched``: rated names that no served model carries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from llmhub_core.commands.catalog.options import check_known, limit, load, note_rest
from llmhub_core.commands.options import as_json, offline
from llmhub_core.commands.table import Column

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console
    from llmhub_core.records.catalog import Catalog, Unmatched

__all__ = ["command"]


@click.command()
@click.argument("text", required=False)
@click.option("--board", help="Only names of this board: text, vision, ...")
@click.option(
    "--reason",
    type=click.Choice(("no-row", "denied", "ambiguous")),
    help="Only names that were left alone for this reason.",
)
@limit
@offline
@as_json
@click.pass_context
def command(
    ctx: click.Context,
    *,
    text: str | None,
    board: str | None,
    reason: str | None,
    limit: int,
    offline: bool,
    as_json: bool,
) -> None:
    """List rated names without a served model, and why.

    With TEXT, those whose name or candidates contain it. "no-row" means that
    nobody serves such a model, "ambiguous" that several could be meant, "denied"
    that a reviewed table forbids the join.
    """
    from attrs import asdict

    console: Console = ctx.obj
    catalog = load(console, offline=offline)
    check_known("board", board, _boards(catalog))
    wanted = (text or "").casefold()
    missed = [
        miss
        for miss in catalog.unmatched
        if board in {None, miss.board}
        and reason in {None, miss.reason}
        and wanted in " ".join((miss.name, *miss.candidates)).casefold()
    ]
    if as_json:
        console.json([asdict(miss) for miss in missed])
        return
    rows = _rows(missed)
    console.table(
        (
            Column("rated name"),
            Column("boards", folds=True, rank=2),
            Column("reason", rank=1),
            Column("detail", folds=True),
            Column("candidates", folds=True, rank=3),
        ),
        rows[:limit],
    )
    note_rest(console, min(limit, len(rows)), len(rows))


def _boards(catalog: Catalog) -> set[str]:
    """The boards that rate anything, those without an unmatched name too."""
    rated = {rating.board for model in catalog for rating in model.ratings}
    return rated | {miss.board for miss in catalog.unmatched}


def _rows(missed: Sequence[Unmatched]) -> list[tuple[str, ...]]:
    """One row per name: most are on several boards."""
    boards = defaultdict(list)
    for miss in missed:
        key = (miss.name, miss.reason, miss.detail, " ".join(miss.candidates))
        boards[key].append(miss.board)
    return [
        (name, " ".join(sorted(set(on))), reason, detail, candidates)
        for (name, reason, detail, candidates), on in boards.items()
    ]
