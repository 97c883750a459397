"""``llmhub explain``: why this model, why not that one, and what if."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmhub_core.commands.completion import roles, selectors
from llmhub_core.commands.options import as_json, env, offline, spec_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmhub_core.commands.console import Console
    from llmhub_core.inquiry import Answer, Inquiry, Supposed
    from llmhub_core.selection.chosen import Chosen

__all__ = ["command"]


def _drawable(
    ctx: click.Context, param: click.Parameter, value: Path | None
) -> Path | None:
    if value is not None and value.suffix.lower() != ".svg":
        message = f"File '{value}' does not end in .svg, and SVG is what is drawn."
        raise click.BadParameter(message, ctx, param)
    return value


@click.command()
@click.argument("role", shell_complete=roles)
@spec_path("The spec; the lock is read from beside it.")
@env
@click.option(
    "--selector",
    shell_complete=selectors,
    help="Selector, over what the spec says.",
)
@click.option(
    "--why-not",
    multiple=True,
    metavar="MODEL",
    help="Account for a model that was not chosen; may be repeated.",
)
@click.option(
    "--what-if",
    multiple=True,
    metavar="KEY=VALUE",
    help="Suppose the spec said otherwise, such as preferences.cost=low; may be "
    "repeated.",
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.svg",
    callback=_drawable,
    help="Draw cost against quality of all eligible models.",
)
@click.option("--chart", is_flag=True, help="Draw it here, in characters.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="How many places of the ranking to show.",
)
@offline
@as_json
@click.pass_context
def command(ctx: click.Context, /, role: str, **options: Any) -> None:
    """Say why ROLE gets its model; nothing is decided or written.

    The role is chosen from the catalog as it is now. Where the lock pins another
    model, that is said.
    """
    from llmhub_core.inquiry import inquire
    from llmhub_core.settings import load_settings

    console: Console = ctx.obj
    with console.progress("asking the sources") as progress:
        inquiry = inquire(
            options["spec_path"],
            role,
            env=options["env"],
            selector=options["selector"],
            why_not=options["why_not"],
            what_if=options["what_if"],
            top=options["top"],
            settings=load_settings(offline=True if options["offline"] else None),
            progress=progress,
        )
    if inquiry.provision.warning:
        console.warn(inquiry.provision.warning)
    if options["as_json"]:
        console.json(_plain(inquiry))
    else:
        _print(console, inquiry, chart=options["chart"])
    if options["plot"] is not None:
        _draw(console, inquiry, options["plot"])


def _print(console: Console, inquiry: Inquiry, *, chart: bool) -> None:
    import shutil

    from llmhub_core.commands.decision import described, print_reasons

    choice = inquiry.chosen.choice
    console.data(
        described(
            console,
            choice,
            f"{choice.selector}, from today's catalog",
            requests_per_month=_requests(inquiry.chosen),
        )
    )
    pinned = inquiry.pinned
    if pinned is not None:
        same = pinned.primary.canonical_id == choice.primary.canonical_id
        console.data(
            "  lock     pins this model"
            if same
            else f"  lock     pins {pinned.primary.canonical_id}: `llmhub outdated` "
            "compares, `llmhub generate --upgrade` changes"
        )
    print_reasons(console, inquiry.explanation)
    for alike in _grouped(inquiry.answers):
        _print_answer(console, inquiry, *alike)
    if inquiry.supposed is not None:
        _print_supposed(console, inquiry, inquiry.supposed)
    if chart:
        from llmhub_core.selection.chart import chart as drawn
        from llmhub_core.selection.picture import picture

        width = min(shutil.get_terminal_size().columns, 100)
        console.data("")
        console.data(drawn(picture(inquiry.chosen.candidates, choice), width=width))


def _grouped(answers: Sequence[Answer]) -> list[tuple[Answer, ...]]:
    """Hosts of one model that have the same to say for themselves, together."""
    alike: dict[tuple[object, ...], list[Answer]] = {}
    for number, answer in enumerate(answers):
        limits = tuple(name for name, _ in answer.rejection.reasons)
        key = ("out", limits) if limits else ("in", answer.model.group or number)
        alike.setdefault((*key, answer.model.group or number), []).append(answer)
    last = len(answers)
    return [
        tuple(sorted(group, key=lambda a: (a.place or last, a.model.canonical_id)))
        for group in alike.values()
    ]


def _print_answer(
    console: Console, inquiry: Inquiry, answer: Answer, *alike: Answer
) -> None:
    from llmhub_core.commands.console import counted
    from llmhub_core.commands.decision import flipped

    name = answer.rejection.canonical_id
    more = f" and {counted(len(alike), 'other host')} of it" if alike else ""
    console.data("\n" + console.strong(f"why not {name}") + more)
    if answer.rejection.reasons:
        for limit, why in answer.rejection.reasons:
            console.data(f"  it {why} ({limit})")
        console.data("  take these away, and it is eligible")
        return
    if answer.place is None:
        console.data("  it is eligible; the selector left it out of its ranking")
        return
    first = inquiry.chosen.choice.primary.canonical_id
    if answer.place == 1:
        console.data("  it is the first" if name == first else "  it is ranked first")
        return
    console.data(f"  it is eligible, no. {answer.place:,}: {answer.reason}")
    if answer.flip is not None:
        console.data(f"  it {flipped(answer.flip)}")
    else:
        console.data("  no price of its own would make it the first")


def _print_supposed(console: Console, inquiry: Inquiry, supposed: Supposed) -> None:
    from llmhub_core.commands.decision import described

    console.data("\n" + console.strong(f"if {', '.join(supposed.changes)}"))
    if supposed.chosen is None:
        console.data(f"  nothing could serve: {supposed.problem}")
        return
    before, after = inquiry.chosen.choice, supposed.chosen.choice
    if before.primary.canonical_id == after.primary.canonical_id:
        console.data(f"  {after.primary.canonical_id} would still be chosen")
    console.data(
        described(
            console,
            after,
            f"{after.selector}, supposed",
            requests_per_month=_requests(supposed.chosen),
        )
    )
    if after.eligible != before.eligible:
        was = f"instead of {before.eligible:,}"
        console.data(f"  eligible {after.eligible:,} models {was}")


def _requests(chosen: Chosen) -> int | None:
    return chosen.candidates.need.workload.requests_per_month


def _draw(console: Console, inquiry: Inquiry, path: Path) -> None:
    from llmhub_core.errors import OutputError
    from llmhub_core.files import write_atomically
    from llmhub_core.selection.picture import picture
    from llmhub_core.selection.svg import svg

    if not path.absolute().parent.is_dir():
        raise OutputError(path, "can't be written: there is no such folder")
    drawn = picture(inquiry.chosen.candidates, inquiry.chosen.choice)
    write_atomically(path, svg(drawn).encode())
    console.note(f"wrote {path}")


def _plain(inquiry: Inquiry) -> dict[str, Any]:
    from attrs import asdict

    from llmhub_core.selection.picture import picture

    supposed = inquiry.supposed
    catalog = inquiry.provision.catalog
    return {
        "role": inquiry.role,
        "env": inquiry.spec.env,
        "catalog": {"digest": catalog.digest, "checked_at": catalog.checked_at},
        "choice": asdict(inquiry.chosen.choice),
        "pinned": asdict(inquiry.pinned) if inquiry.pinned is not None else None,
        "explanation": asdict(inquiry.explanation),
        "why_not": [_answer(answer) for answer in inquiry.answers],
        "what_if": None
        if supposed is None
        else {
            "changes": supposed.changes,
            "problem": supposed.problem,
            "choice": asdict(supposed.chosen.choice) if supposed.chosen else None,
        },
        "points": [
            asdict(point)
            for point in picture(
                inquiry.chosen.candidates, inquiry.chosen.choice
            ).points
        ],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    from attrs import asdict

    return {
        "model": answer.model.canonical_id,
        "reasons": [
            {"limit": name, "why": why} for name, why in answer.rejection.reasons
        ],
        "place": answer.place,
        "reason": answer.reason,
        "flip": asdict(answer.flip) if answer.flip is not None else None,
    }
