"""``llmhub drill``: sixteen provider faults against your own roles, on loopback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmhub_core.commands.options import as_json

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console
    from llmhub_runtime import RuntimeConfig
    from llmhub_runtime.testing import Form, Scorecard

__all__ = ["command"]

_FORMS: tuple[Form, ...] = ("whole", "stream")


@click.command()
@click.argument("roles", nargs=-1, metavar="[ROLE]...")
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("llmhub.yaml"),
    show_default=True,
    help="The config whose roles are drilled.",
)
@click.option(
    "--time-scale",
    type=click.FloatRange(min=0.01, max=1.0),
    default=0.1,
    show_default=True,
    help="1 is real time; 0.1 makes six seconds of a minute, for the faults and for "
    "your settings alike.",
)
@click.option(
    "--form",
    "forms",
    type=click.Choice(["whole", "stream"]),
    multiple=True,
    help="Whole answers or streams; both, unless given.",
)
@click.option("--sync", is_flag=True, help="Call through the sync interface.")
@click.option(
    "--commit",
    type=click.Choice(["first_token", "complete"]),
    help="Try a stream setting that the roles do not have.",
)
@as_json
@click.option(
    "--markdown",
    "markdown_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the scorecards to this file.",
)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    roles: tuple[str, ...],
    config_path: Path,
    time_scale: float,
    forms: tuple[Form, ...],
    sync: bool,
    commit: str | None,
    as_json: bool,
    markdown_path: Path | None,
) -> None:
    """Put roles through sixteen provider faults, on loopback.

    The providers are played on 127.0.0.1 with your models, settings and fallbacks. No
    key is read, nothing is sent to anybody. Without ROLE all of them are drilled.
    Exit 1 when a fault is failed: a hang, half an answer as a success, or a provider
    that was hammered.
    """
    from llmhub_core.errors import LLMHubError
    from llmhub_runtime import LLMHubRuntimeError, load_config, parse_settings
    from llmhub_runtime.testing import drill

    console: Console = ctx.obj
    # What fails is in the scorecard; the runtime's warnings would say it again.
    logging.getLogger("llmhub_runtime").setLevel(logging.ERROR)
    try:
        config = load_config(config_path)
        settings = parse_settings({} if commit is None else {"commit": commit})
        cards = [
            drill(
                config,
                role,
                form=form,
                style="sync" if sync else "async",
                scale=time_scale,
                settings=settings,
            )
            for role, form in _planned(console, config, roles, forms)
        ]
    except LLMHubRuntimeError as error:
        raise LLMHubError(str(error)) from error
    if as_json:
        console.json([card.as_data() for card in cards])
    else:
        for card in cards:
            _print(console, card)
    if markdown_path is not None:
        from llmhub_core.files import write_atomically
        from llmhub_runtime.testing import as_markdown

        write_atomically(markdown_path, as_markdown(cards).encode())
        console.note(f"wrote {markdown_path}")
    if any(card.failed for card in cards):
        ctx.exit(1)


def _planned(
    console: Console,
    config: RuntimeConfig,
    roles: tuple[str, ...],
    forms: tuple[Form, ...],
) -> Iterator[tuple[str, Form]]:
    """Say which role is drilled in which form, one after the other."""
    from llmhub_runtime import UnknownRoleError
    from llmhub_runtime.testing import can_drill

    for role in roles:
        if role not in config.roles:
            raise UnknownRoleError(role, config.roles)
    for role in roles or tuple(config.roles):
        spec = config.roles[role]
        if not can_drill(spec):
            console.warn(f"{role}: there are no faults for {spec.mode} calls")
            continue
        for form in forms or _FORMS:
            if form == "whole" or spec.mode != "embedding":
                console.note(f"drilling {role}, {form} ...")
                yield role, form


def _print(console: Console, card: Scorecard) -> None:
    from llmhub_core.commands.table import Column

    console.data(console.strong(card.title))
    console.data(" -> ".join(card.candidates))
    for note in card.notes:
        console.data(console.faint(note))
    rows = [
        (
            row.id,
            row.name,
            row.verdict,
            "-" if row.seconds is None else f"{row.seconds:.1f}",
            f"{row.primary_requests}+{row.other_requests}",
            row.reason,
        )
        for row in card.rows
    ]
    heads = (
        Column("fault"),
        Column(""),
        Column("verdict"),
        Column("seconds", right=True, rank=1),
        Column("requests", right=True, rank=2),
        Column("why", folds=True),
    )
    console.table(heads, rows)
    console.data(f"{card.summary}\n")
