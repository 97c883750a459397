"""``llmhub catalog``: bring it up to date, look into it."""

from __future__ import annotations

import click

from llmhub_core.commands.lazy import LazyGroup

__all__ = ["command"]


@click.group(
    cls=LazyGroup,
    package=__name__,
    modules=(
        "changes",
        "conflicts",
        "export",
        "refresh",
        "refused",
        "search",
        "show",
        "unmatched",
    ),
)
def command() -> None:
    """The models: bring them up to date, look into them."""
