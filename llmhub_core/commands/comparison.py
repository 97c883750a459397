"""How commands show what differs between two states of a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmhub_core.commands.console import Console
    from llmhub_core.lock.report import Comparison, Report

__all__ = ["show"]


def show(
    console: Console,
    reports: Sequence[Report],
    *,
    as_json: bool,
    as_markdown: bool,
    title: str,
    nothing: str,
) -> None:
    """Print comparisons.

    Args:
        console: Where to.
        reports: One per environment.
        as_json: For programs.
        as_markdown: For a pull request.
        title: Headline of the Markdown.
        nothing: What to say where nothing differs.
    """
    if as_json:
        console.json([_plain(report) for report in reports])
        return
    if as_markdown:
        from llmhub_core.lock.report import markdown

        for report in reports:
            many = f" ({report.env})" if len(reports) > 1 else ""
            console.data(markdown(report, title=f"{title}{many}"))
        return
    for report in reports:
        _print(console, report, nothing)


def _print(console: Console, report: Report, nothing: str) -> None:
    from llmhub_core.commands.console import counted

    if not report.roles:
        console.note(f"{report.env}: {nothing}")
        return
    console.data(console.strong(f"{report.env}: {counted(len(report.roles), 'role')}"))
    for role in report.roles:
        console.data(f"  {console.strong(role.change.role)}")
        for word in (*role.words, *_month(role)):
            console.data(f"    {word}")
    before, after = report.usd_per_month_before, report.usd_per_month_after
    if before is not None and after is not None:
        console.data(f"  together per month ${before:,.2f} -> ${after:,.2f}")


def _month(role: Comparison) -> tuple[str, ...]:
    before, after = role.usd_per_month_before, role.usd_per_month_after
    if before is None and after is None:
        return ()
    was = "unknown" if before is None else f"${before:,.2f}"
    now = "unknown" if after is None else f"${after:,.2f}"
    return (f"per month {was} -> {now}",)


def _plain(report: Report) -> dict[str, Any]:
    from attrs import asdict

    return {
        "env": report.env,
        "usd_per_month_before": report.usd_per_month_before,
        "usd_per_month_after": report.usd_per_month_after,
        "roles": [asdict(role) for role in report.roles],
    }
