"""A group of commands that imports each when it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from importlib import import_module
from typing import Any

import click

from llmhub_core.commands.stdout import keep_for_data

__all__ = ["LazyGroup"]

_guarded: set[click.Command] = set()


def _guard(command: click.Command) -> None:
    """Keep stdout for data while a command runs; its help is printed before that."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _guard(inner)
    elif command.callback is not None and command not in _guarded:
        _guarded.add(command)
        run = command.callback

        @wraps(run)
        def guarded(*args: Any, **options: Any) -> Any:
            keep_for_data()
            return run(*args, **options)

        command.callback = guarded


class LazyGroup(click.Group):
    """Commands that are modules of one package.

    Every command module imports click alone and names its command ``command``;
    what does the work is imported when the command runs, so that ``--help``
    answers at once.

    Args:
        package: The package that the modules are in.
        modules: Their names, which are those of the commands too, in the order in
            which help lists them.
    """

    def __init__(
        self, *args: Any, package: str, modules: Sequence[str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._package = package
        self._modules = list(modules)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return self._modules

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None when there is none of that name."""
        del ctx
        if cmd_name not in self._modules:
            return None
        command: click.Command = import_module(f"{self._package}.{cmd_name}").command
        _guard(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was typed, or say what was probably meant."""
        if args[0] not in self._modules and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], self._modules, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)
