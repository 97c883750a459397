"""``llmhub diff``: what changed between two locks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmhub_core.commands.options import as_json, markdown, spec_path

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console

__all__ = ["command"]


@click.command()
@click.argument("before", default="HEAD", metavar="[REV or FILE]")
@click.argument(
    "after",
    required=False,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="[FILE]",
)
@spec_path("The spec; the lock is beside it.")
@click.option("--env", help="One environment; all of the locks by default.")
@as_json
@markdown
@click.pass_context
def command(
    ctx: click.Context, /, before: str, after: Path | None, **options: Any
) -> None:
    """Compare the lock with that of a git revision, or a file.

    Shows per role what serves it before and after, with cost, rating, context and
    capabilities. Exits 1 when something differs.
    """
    from llmhub_core.commands.comparison import show
    from llmhub_core.outlook import differences

    console: Console = ctx.obj
    reports = differences(
        options["spec_path"], before=before, after=after, env=options["env"]
    )
    show(
        console,
        reports,
        as_json=options["as_json"],
        as_markdown=options["markdown"],
        title=f"Models since {before}",
        nothing="nothing differs",
    )
    if any(report.roles for report in reports):
        ctx.exit(1)
