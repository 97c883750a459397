"""``llmhub plugins show``: one plugin, its options and where each is set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmhub_core.commands.options import as_json

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console

__all__ = ["command"]

_SPEC = Path("llmhub.spec.yaml")


@click.command()
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["source", "selector", "exporter"]),
    help="Of which kind, where several have the name.",
)
@as_json
@click.pass_context
def command(ctx: click.Context, *, name: str, kind: str | None, as_json: bool) -> None:
    """Show one plugin: who brings it, its options, where each is set.

    Options are looked up in llmhub.spec.yaml of this folder, in the environment and
    in config.toml, in this order.
    """
    from attrs import asdict

    from llmhub_core.portrait import portraits
    from llmhub_core.settings import load_settings
    from llmhub_core.spec import load_spec

    console: Console = ctx.obj
    spec = load_spec(_SPEC) if _SPEC.is_file() else None
    found = portraits(name, load_settings(), spec=spec, kind=kind)
    if as_json:
        console.json([asdict(portrait) for portrait in found])
        return
    for portrait in found:
        _print(console, asdict(portrait))


def _print(console: Console, portrait: dict[str, Any]) -> None:
    console.data(console.strong(f"{portrait['kind']} {portrait['name']}"))
    owner = f"{portrait['distribution'] or 'unknown'} {portrait['version'] or ''}"
    for label, text in (
        ("from", owner.strip()),
        ("code", portrait["target"]),
        ("contract", str(portrait["contract_version"] or "unknown")),
        ("state", "works" if portrait["works"] else f"broken: {portrait['reason']}"),
    ):
        console.data(f"  {label:<9} {text}")
    if portrait["doc"]:
        lines = (f"  {line}".rstrip() for line in portrait["doc"].splitlines())
        console.data("\n".join(("", *lines)))
    if portrait["works"] and not portrait["options"]:
        console.data("\n  It takes no options.")
    console.table(
        ("option", "value", "set in", "default", ""),
        [
            (o["name"], o["value"], o["origin"], o["default"], o["doc"])
            for o in portrait["options"]
        ],
    )
