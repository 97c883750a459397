"""What a shell completes beyond commands and options: names in the spec, plugins."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from llmhub_core.records.spec import Spec

__all__ = ["environments", "roles", "selectors"]


def roles(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The roles of the spec that the line names, or of the one in this folder."""
    spec = _spec(ctx)
    return [] if spec is None else _fitting(spec.roles, incomplete)


def environments(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[str]:
    """The environments of that spec."""
    spec = _spec(ctx)
    return [] if spec is None else _fitting(spec.environments, incomplete)


def selectors(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The selectors that are installed."""
    from llmhub_core.plugins import discover

    return _fitting((plugin.name for plugin in discover("selector")), incomplete)


def _spec(ctx: click.Context) -> Spec | None:
    from llmhub_core.errors import LLMHubError
    from llmhub_core.spec import load_spec

    try:
        return load_spec(ctx.params.get("spec_path") or Path("llmhub.spec.yaml"))
    except LLMHubError:  # in the middle of a line there is nobody to tell
        return None


def _fitting(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
