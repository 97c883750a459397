"""``llmhub catalog export``: the catalog for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmhub_core.commands.catalog.options import (
    filters_of,
    load,
    note_rest,
    with_filters,
)
from llmhub_core.commands.options import offline
from llmhub_core.commands.stdout import data_stream

if TYPE_CHECKING:
    from llmhub_core.catalog.export import Format
    from llmhub_core.commands.console import Console

__all__ = ["command"]


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(("json", "csv", "parquet")),
    default="json",
    show_default=True,
    help="json has everything; csv is flat; parquet is typed.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write, whole or not at all; stdout by default.",
)
@with_filters
@offline
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    form: Format,
    output: Path | None,
    offline: bool,
    **filters: Any,
) -> None:
    """Write the catalog as JSON, CSV or Parquet.

    With filters, the models that fit; the JSON always has all that was refused
    and unmatched.
    """
    from llmhub_core.catalog.export import export_catalog
    from llmhub_core.catalog.query import list_models
    from llmhub_core.commands.console import counted
    from llmhub_core.files import write_atomically

    console: Console = ctx.obj
    if form == "parquet" and output is None and data_stream().isatty():
        raise click.UsageError("Parquet is not for terminals: name a file, --output.")
    catalog = load(console, offline=offline)
    listing = list_models(catalog, filters_of(console, catalog, filters), order="name")
    with console.progress("writing") as _:
        data = export_catalog(catalog, form, models=listing.models)
    found = len(listing.models)
    if output is None:
        stream = data_stream()
        stream.buffer.write(data)
        stream.flush()  # here, where a full disk is still an error of the command
    else:
        write_atomically(output, data)
        console.note(f"{output}: {counted(found, 'model')}, {len(data):,} bytes")
    note_rest(console, found, found, listing.undecided)
