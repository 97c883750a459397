"""``llmhub plugins check``: installed plugins held against their contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmhub_core.commands.options import as_json

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console

__all__ = ["command"]


@click.command()
@click.argument("name", required=False)
@click.option("--offline", is_flag=True, help="Ask no upstream: use kept answers.")
@as_json
@click.pass_context
def command(
    ctx: click.Context, *, name: str | None, offline: bool, as_json: bool
) -> None:
    """Hold plugins against their contracts: NAME, or all of them.

    Runs the checks of llmhub_core.testing, which authors run as tests. A source is
    first asked for real; what its upstream answers is then used, whole and damaged.
    Exits 1 when a plugin does not load or breaks its contract.
    """
    from attrs import asdict

    from llmhub_core.settings import load_settings
    from llmhub_core.testing.conformance import examine

    console: Console = ctx.obj
    settings = load_settings(offline=True if offline else None)
    reports = examine(name, settings)
    if as_json:
        console.json([{**asdict(r), "conforms": r.conforms} for r in reports])
    else:
        for report in reports:
            _print(console, report)
    if not all(report.conforms for report in reports):
        ctx.exit(1)


def _print(console: Console, report: Any) -> None:
    if report.reason is not None:
        console.data(f"broken   {report.plugin}")
        console.data(f"         {report.reason}")
        return
    kept = sum(verdict.state == "kept" for verdict in report.verdicts)
    word = "conforms" if report.conforms else "broken"
    console.data(
        f"{word:<8} {report.plugin}: keeps {kept} of {len(report.verdicts)} clauses"
    )
    told: dict[tuple[str, str], list[str]] = {}
    for verdict in report.verdicts:
        if verdict.state != "kept":
            told.setdefault((verdict.state, verdict.problem), []).append(verdict.clause)
    for (state, problem), clauses in told.items():
        console.data(f"  {state} {', '.join(clauses)}")
        console.data(f"    {problem}")
