"""The ``llmhub`` command: a thin skin over the Python API."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence

import click

from llmhub_core.commands.lazy import LazyGroup
from llmhub_core.commands.stdout import (
    close_for_good,
    data_stream,
    give_back,
    make_writable,
)

__all__ = ["cli", "main"]

_PATIENCE_SECONDS = 5.0

#: New objects between two looks for garbage; Python's own 700 are for programs that
#: last, and a catalog is a few hundred thousand objects that all stay.
_OBJECTS_BETWEEN_LOOKS = 1_000_000


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        from importlib.metadata import version

        click.echo(f"llmhub {version('llmhub-core')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    package=__name__,
    modules=(  # as one comes to need them
        "init",
        "generate",
        "explain",
        "outdated",
        "diff",
        "status",
        "drill",
        "spec",
        "catalog",
        "plugins",
    ),
    epilog="Exit codes: 0 fine, 1 a check found something, 2 usage or configuration, "
    "3 network, 130 stopped by you.",
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

    Write what each role of your app needs into llmhub.spec.yaml (`llmhub init`
    starts one); `llmhub generate` chooses the models, pins them in llmhub.lock and
    writes llmhub.yaml, which llmhub_runtime reads in production.
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

    make_writable()
    if arguments is None:
        gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    try:
        # `ctx.exit(1)` comes back as a return value; commands return nothing else.
        status = cli.main(args=given, prog_name="llmhub", standalone_mode=False) or 0
    except click.Abort:
        click.echo("stopped; no file is half written", err=True)
        status = 130
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except LLMHubError as error:
        if "--debug" in given:
            raise
        click.echo(f"error: {error}", err=True)
        status = error.exit_code
    except OSError as error:  # such as a full disk below stdout
        if "--debug" in given:
            raise
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"error: {where}{error.strerror or error}", err=True)
        status = 2
    finally:
        if arguments is not None:
            give_back()  # called from Python: the process goes on
    if arguments is None:
        _end_what_was_left_behind(status)
        close_for_good()
        # Python looks for garbage once more as it ends, among everything there is: a
        # tenth of the time of a command that read the catalog.
        gc.freeze()
    sys.exit(status)


def _end_what_was_left_behind(status: int) -> None:
    """See to it that the process ends, whatever plugins left running.

    A thread of theirs that was cut off ends with the process, at once. Other threads
    that they started, and what they registered for the end, get a moment.
    """
    isolation = sys.modules.get("llmhub_core.isolation")
    if isolation is None:
        return
    import threading

    if isolation.any_left_behind():
        _leave(status)
    watch = threading.Timer(_PATIENCE_SECONDS, _leave, (status,))
    watch.daemon = True
    watch.start()


def _leave(status: int) -> None:
    for stream in (sys.stdout, data_stream(), sys.stderr):
        # There may be none, or a plugin closed it.
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(status)
