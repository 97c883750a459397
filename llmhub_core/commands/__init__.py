"""The ``llmhub`` command: a thin skin over the Python API.

Every command module imports click alone; what does the work is imported when the
command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

__all__ = ["cli", "main"]

_COMMANDS = {
    "catalog": "catalog",
    "generate": "generate",
    "init": "init",
    "plugins": "plugins",
    "spec": "spec",
    "status": "status",
}


class _Lazy(click.Group):
    """A group whose commands are imported when they are looked at."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"llmhub_core.commands.{_COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], _COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        from importlib.metadata import version

        click.echo(f"llmhub {version('llmhub-core')}")
        ctx.exit()


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("-v", "--verbose", is_flag=True, help="Print every event to stderr.")
@click.option(
    "-q", "--quiet", is_flag=True, help="No messages but warnings and errors."
)
@click.option("--no-color", is_flag=True, help="Plain text, as with NO_COLOR.")
@click.option("--debug", is_flag=True, help="Show tracebacks of errors.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and exit.",
)
@click.pass_context
def cli(
    ctx: click.Context,
    *,
    verbose: bool,
    quiet: bool,
    no_color: bool,
    debug: bool,
) -> None:
    """What a package manager does for dependencies, for models.

    Write what each role of your app needs into llmhub.spec.yaml; `llmhub generate`
    chooses the models, pins them in llmhub.lock and writes llmhub.yaml, which
    llmhub_runtime reads in production.
    """
    from llmhub_core.commands.console import Console

    ctx.obj = Console(quiet=quiet, no_color=no_color, debug=debug)
    if verbose:
        from llmhub_core.trace import configure

        configure()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 fine, 1 found something, 2 usage, 3 network."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    from llmhub_core.errors import LLMHubError

    try:
        # `ctx.exit(1)` comes back as a return value; commands return nothing else.
        status = cli.main(args=given, prog_name="llmhub", standalone_mode=False)
    except click.Abort:
        click.echo("stopped; nothing was written", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except LLMHubError as error:
        if "--debug" in given:
            raise
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(status or 0)
