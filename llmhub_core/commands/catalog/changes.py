"""``llmhub catalog changes``: what refreshes found different."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from llmhub_core.commands.catalog.options import check_known, limit, note_rest
from llmhub_core.commands.options import as_json
from llmhub_core.commands.table import Column

if TYPE_CHECKING:
    from llmhub_core.cache import Cache
    from llmhub_core.commands.console import Console
    from llmhub_core.records.history import Change

__all__ = ["command"]

_KINDS = ("added", "removed", "price", "limits", "status", "capability", "rating")
_DAYS = {"d": 1, "w": 7}


def _moment(ctx: click.Context, param: click.Parameter, text: str) -> str:
    """Return a time that can be compared, ISO 8601 UTC."""
    try:
        if span := re.fullmatch(r"(\d{1,4})([dw])", text.strip()):
            days = int(span[1]) * _DAYS[span[2]]
            moment = datetime.now(UTC) - timedelta(days=days)
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        message = (
            f"{text!r} is neither a date such as 2026-08-31 nor days or weeks such "
            "as 30d or 4w."
        )
        raise click.BadParameter(message, ctx, param) from None


@click.command()
@click.option(
    "--since",
    callback=_moment,
    default="30d",
    show_default=True,
    metavar="AGE|DATE",
    help="How far back: 30d, 4w, or a date.",
)
@click.option("--provider", "providers", multiple=True, help="Only of this provider.")
@click.option("--model", help="Only this model, at one provider or at all of them.")
@click.option(
    "--kind",
    "kinds",
    # Written out: the record that defines them is imported when it is needed.
    type=click.Choice(_KINDS),
    multiple=True,
    help="Only changes of this kind.",
)
@click.option("--field", "fields", multiple=True, help="Only changes of this field.")
@limit
@as_json
@click.pass_context
def command(
    ctx: click.Context,
    *,
    since: str,
    providers: tuple[str, ...],
    model: str | None,
    kinds: tuple[str, ...],
    fields: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> None:
    """Tell what came, went and changed between refreshes.

    The time is that of the refresh that found it. Only what a source really said
    counts: one that failed, or that nobody asked, changes nothing.
    """
    from llmhub_core.cache import Cache
    from llmhub_core.catalog.history import changes, checked_at
    from llmhub_core.settings import load_settings

    console: Console = ctx.obj
    _check_fields(fields)
    cache = Cache(load_settings().cache_dir)
    found = changes(
        cache,
        since=since,
        providers=providers,
        model=model,
        kinds=kinds,
        fields=fields,
    )
    if not found:
        _check_names(cache, providers, model)
    if as_json:
        console.json([_plain(change) for change in found])
    elif found:
        _print(console, found[:limit])
        note_rest(console, limit, len(found))
    if not found:
        last = checked_at(cache)
        console.note(
            f"no change since {since[:10]}; the sources were last asked on {last[:10]}"
            if last
            else "no history yet: it begins with the first `llmhub catalog refresh`, "
            "and the second one can tell what changed"
        )


def _check_fields(fields: tuple[str, ...]) -> None:
    from llmhub_core.catalog.standing import KINDS

    for field in fields:
        if field not in KINDS:
            import difflib

            near = difflib.get_close_matches(field, KINDS, n=1)
            known = ", ".join(KINDS)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known are {known}."
            message = f"no changes of {field!r} are kept. {hint}"
            raise click.BadParameter(message, param_hint="--field")


def _check_names(cache: Cache, providers: tuple[str, ...], model: str | None) -> None:
    """Tell nothing changed from nothing meant; without a history nobody knows."""
    from llmhub_core.catalog.history import is_meant, watched
    from llmhub_core.catalog.identity import providers as named

    ids = watched(cache)
    if not ids:
        return
    known = {*named.providers(), *(one.partition(":")[0] for one in ids)}
    for name in providers:
        check_known("provider", named.canonical_provider(name), known)
    if model is not None and not any(is_meant(one, model) for one in ids):
        check_known("model", model, {one.partition(":")[2] for one in ids})


def _print(console: Console, found: tuple[Change, ...]) -> None:
    columns = (
        Column("found", rank=1),
        Column("model"),
        Column("what"),
        Column("before", folds=True),
        Column("after", folds=True),
        Column("change", right=True, rank=2),
    )
    console.table(columns, [_row(change) for change in found])


def _row(change: Change) -> tuple[str, ...]:
    percent = change.percent
    return (
        change.found_at[:10],
        change.canonical_id,
        change.field or change.kind,
        "" if change.field is None else _shown(change, change.before),
        "" if change.field is None else _shown(change, change.after),
        "" if percent is None else f"{percent:+.0f} %",
    )


def _shown(change: Change, value: object) -> str:
    from llmhub_core.commands.console import dollars

    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if change.kind == "price":
            return dollars(value)
        return f"{value:,.0f}"
    return str(value)


def _plain(change: Change) -> dict[str, object]:
    from attrs import asdict

    return {**asdict(change), "percent": change.percent}
