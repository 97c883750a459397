"""``llmhub plugins``: what is installed, whether it is sound, how to write one."""

from __future__ import annotations

import click

from llmhub_core.commands.lazy import LazyGroup

__all__ = ["command"]


@click.group(cls=LazyGroup, package=__name__, modules=("check", "list", "new", "show"))
def command() -> None:
    """The sources, selectors and exporters that are installed."""
