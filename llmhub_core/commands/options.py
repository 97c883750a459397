"""Options that commands share, so that one name means one thing everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from llmhub_core.commands.completion import environments

__all__ = [
    "as_json",
    "env",
    "markdown",
    "no_llm",
    "offline",
    "selector_model",
    "spec_path",
]

F = TypeVar("F", bound=Callable[..., Any])


def spec_path(meaning: str) -> Callable[[F], F]:
    """Make the option for the spec's path; ``meaning`` is its help."""
    return click.option(
        "--spec",
        "spec_path",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("llmhub.spec.yaml"),
        show_default=True,
        help=meaning,
    )


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
env = click.option(
    "--env",
    shell_complete=environments,
    help="Environment of the spec; its own by default.",
)
markdown = click.option(
    "--markdown", is_flag=True, help="Print Markdown, for a pull request."
)
no_llm = click.option(
    "--no-llm", is_flag=True, help="Forbid selectors to call a model."
)
offline = click.option("--offline", is_flag=True, help="Never touch the network.")
selector_model = click.option(
    "--selector-model",
    metavar="PROVIDER:MODEL",
    help="The model that llm-assisted asks; that of the role llmhub.selector by "
    "default.",
)
