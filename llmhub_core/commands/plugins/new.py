"""``llmhub plugins new``: the package of a plugin, ready to be changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console

__all__ = ["command"]


@click.command()
@click.argument("kind", type=click.Choice(["source", "selector", "exporter"]))
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder in which the package's folder is made.",
)
@click.pass_context
def command(ctx: click.Context, *, kind: str, name: str, into: Path) -> None:
    """Write the package of a new plugin, with tests that pass.

    It makes the folder llmhub-NAME, with code that works, tests that pass and a
    README; nothing that exists is overwritten.
    """
    from llmhub_core.scaffold import write_package

    console: Console = ctx.obj
    folder = write_package(kind, name, into)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            console.note(f"wrote {path}")
    console.note(
        f"next: cd {folder}, pip install -e '.[test]', pytest, llmhub plugins list"
    )
