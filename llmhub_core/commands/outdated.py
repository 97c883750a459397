"""``llmhub outdated``: what an upgrade would change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console

__all__ = ["command"]


@click.command()
@click.argument("roles", nargs=-1, metavar="[ROLE]...")
@click.option(
    "--spec",
    "spec_path",
    type=click.Path(path_type=Path),
    default=Path("llmhub.spec.yaml"),
    show_default=True,
    help="The spec; the lock is beside it.",
)
@click.option("--env", help="Environment of the spec; its own by default.")
@click.option("--selector", help="The selector that was given to generate, if any.")
@click.option(
    "--selector-model",
    metavar="PROVIDER:MODEL",
    help="The model that llm-assisted asks; that of the role llmhub.selector by "
    "default.",
)
@click.option("--no-llm", is_flag=True, help="Forbid selectors to call a model.")
@click.option("--offline", is_flag=True, help="Never touch the network.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", is_flag=True, help="Print Markdown, for a pull request.")
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
