"""``llmhub plugins list``: every plugin, and whether it works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmhub_core.commands.options import as_json

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console

__all__ = ["command"]


@click.command()
@as_json
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """List every plugin: who brings it, and whether it works."""
    console: Console = ctx.obj
    rows = _rows()
    if as_json:
        console.json(rows)
        return
    console.table(
        ("kind", "name", "from", "state", ""),
        [
            (
                row["kind"],
                row["name"],
                f"{row['distribution'] or 'unknown'} {row['version'] or ''}".strip(),
                "works" if row["works"] else "broken",
                row["summary"] if row["works"] else row["reason"],
            )
            for row in rows
        ],
    )


def _rows() -> list[dict[str, Any]]:
    import inspect

    from attrs import asdict

    from llmhub_core.errors import PluginError
    from llmhub_core.plugins import KINDS, discover, load, passed_over
    from llmhub_core.settings import load_settings

    settings = load_settings()
    rows: list[dict[str, Any]] = []
    for kind in KINDS:
        for installed in discover(kind):
            row = {**asdict(installed), "works": True, "reason": None, "summary": ""}
            try:
                if (reason := passed_over(installed, settings)) is not None:
                    row |= {"works": False, "reason": reason}
                    rows.append(row)
                    continue
                plugin = load(kind, installed.name, settings)
            except PluginError as error:
                row |= {"works": False, "reason": str(error)}
            else:
                described = inspect.getdoc(type(plugin.instance)) or ""
                row["summary"] = described.partition("\n")[0].replace("``", "`")
            rows.append(row)
    return rows
