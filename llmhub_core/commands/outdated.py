"""``llmhub outdated``: what an upgrade would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmhub_core.commands.completion import roles, selectors
from llmhub_core.commands.options import (
    as_json,
    env,
    markdown,
    no_llm,
    offline,
    selector_model,
    spec_path,
)

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console

__all__ = ["command"]


@click.command()
@click.argument("roles", nargs=-1, metavar="[ROLE]...", shell_complete=roles)
@spec_path("The spec; the lock is beside it.")
@env
@click.option(
    "--selector",
    shell_complete=selectors,
    help="The selector that was given to generate, if any.",
)
@selector_model
@no_llm
@offline
@as_json
@markdown
@click.pass_context
def command(ctx: click.Context, /, roles: tuple[str, ...], **options: Any) -> None:
    """Say what an upgrade would change.

    Chooses all roles, or the ROLEs named, anew from a fresh catalog, as `generate
    --upgrade` does, and writes nothing. Exits 1 when something would change, or a
    locked model is deprecated or gone.
    """
    from llmhub_core.commands.comparison import show
    from llmhub_core.outlook import outdated
    from llmhub_core.settings import load_settings

    console: Console = ctx.obj
    with console.progress("asking the sources") as progress:
        outlook = outdated(
            options["spec_path"],
            env=options["env"],
            roles=roles,
            selector=options["selector"],
            selector_model=options["selector_model"],
            llm=not options["no_llm"],
            settings=load_settings(offline=True if options["offline"] else None),
            progress=progress,
        )
    if outlook.provision is not None and outlook.provision.warning:
        console.warn(outlook.provision.warning)
    show(
        console,
        (outlook.report,),
        as_json=options["as_json"],
        as_markdown=options["markdown"],
        title="What an upgrade would change",
        nothing="an upgrade would change nothing",
    )
    for finding in outlook.retired:
        console.warn(finding.problem)
    if outlook.report.roles or outlook.retired:
        ctx.exit(1)
