"""``llmhub catalog refused``: records of sources that did not enter the catalog."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from llmhub_core.commands.catalog.options import check_known, limit, load, note_rest
from llmhub_core.commands.options import as_json, offline
from llmhub_core.commands.table import Column

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console

__all__ = ["command"]


@click.command()
@click.option("--source", help="Only records of this source.")
@click.option("--record", help="Only records whose id contains this text.")
@click.option("--field", help="Only refused fields of this name, such as cost.input.")
@click.option("--reason", help="Only reasons that contain this text.")
@limit
@offline
@as_json
@click.pass_context
def command(
    ctx: click.Context,
    *,
    source: str | None,
    record: str | None,
    field: str | None,
    reason: str | None,
    limit: int,
    offline: bool,
    as_json: bool,
) -> None:
    """List records of sources that were refused, and why.

    Where a field is named, that value alone was refused: it is unknown, and the
    rest of the record is in the catalog.
    """
    from attrs import asdict

    console: Console = ctx.obj
    catalog = load(console, offline=offline)
    check_known("source", source, {status.name for status in catalog.sources})
    refused = [
        refusal
        for refusal in catalog.refused
        if source in {None, refusal.source}
        and field in {None, refusal.field}
        and (record or "").casefold() in refusal.record.casefold()
        and (reason or "").casefold() in refusal.reason.casefold()
    ]
    if as_json:
        console.json([asdict(refusal) for refusal in refused])
        return
    console.table(
        (
            Column("source", rank=1),
            Column("record"),
            Column("field"),
            Column("reason", folds=True),
        ),
        [
            (entry.source, entry.record, entry.field or "all of it", entry.reason)
            for entry in refused[:limit]
        ],
    )
    counts = Counter(entry.source for entry in refused)
    for name, count in sorted(counts.items()):
        console.data(f"  {name:<12}{count:>6,}")
    note_rest(console, min(limit, len(refused)), len(refused))
