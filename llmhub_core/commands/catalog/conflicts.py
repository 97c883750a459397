"""``llmhub catalog conflicts``: what sources disagree on, and rows that look wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from llmhub_core.commands.catalog.options import finite, limit, load, note_rest
from llmhub_core.commands.options import as_json, offline
from llmhub_core.commands.table import Column

if TYPE_CHECKING:
    from llmhub_core.catalog.conflicts import Disagreement, Side, Suspicion
    from llmhub_core.commands.console import Console

__all__ = ["command"]

# Written out: the module that sorts is imported when it does.
_KINDS = ("price", "capability", "limit", "date", "name", "group")

#: Options that say something of a disagreement, and nothing of a row.
_NOT_OF_ROWS = ("field", "kind", "source", "min_size")


@click.command()
@click.option("--field", help="Only this fact: price_input_per_million, ...")
@click.option(
    "--kind", type=click.Choice(_KINDS), help="Only disagreements of this sort."
)
@click.option("--provider", help="Only models of this provider.")
@click.option(
    "--model",
    "--group",
    "model",
    help="Only this model, or by its name without a provider, all who serve it.",
)
@click.option("--source", help="Only what this source says or contradicts.")
@click.option(
    "--min-size",
    type=click.FloatRange(min=0),
    callback=finite,
    metavar="SHARE",
    help="Only numbers at least so far apart: 0.1 is 10 %.",
)
@click.option("--suspicious", is_flag=True, help="List the rows that fail a check.")
@limit
@offline
@as_json
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    suspicious: bool,
    limit: int,
    offline: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """List what sources disagree on, the weightiest first.

    Prices come first, then capabilities, limits, dates and names, each by how far
    the values are apart; last hosts that say otherwise of the same model than its
    lab, or than most hosts ("group").

    Rows that contradict themselves or their likes are listed by --suspicious, which
    --provider and --model narrow.
    """
    from llmhub_core.catalog.conflicts import Asked, disagreements, suspicions

    console: Console = ctx.obj
    idle = [name for name in _NOT_OF_ROWS if asked[name] is not None]
    if suspicious and idle:
        flag = f"--{idle[0].replace('_', '-')}"
        message = f"{flag} does not narrow --suspicious; --provider and --model do."
        raise click.UsageError(message, ctx)
    catalog = load(console, offline=offline)
    wanted = Asked(**asked)
    doubted = suspicions(catalog, wanted)
    told = disagreements(catalog, wanted)
    if as_json:
        console.json(
            {
                "conflicts": [] if suspicious else [_document(one) for one in told],
                "suspicious": [_suspicion(one) for one in doubted],
            }
        )
    elif suspicious:
        _print_suspicions(console, doubted, limit)
    else:
        _print_disagreements(console, told, limit)
        if doubted:
            rows = len({one.canonical_id for one in doubted})
            console.note(f"{rows:,} rows fail a check; see --suspicious")


def _print_disagreements(
    console: Console, told: Sequence[Disagreement], limit: int
) -> None:
    rows = _rows(told)
    console.table(
        (
            Column("model"),
            Column("sort", rank=3),
            Column("fact"),
            Column("kept", folds=True),
            Column("from", folds=True, rank=2),
            Column("others say", folds=True),
            Column("from", folds=True, rank=1),
            Column("apart", right=True, rank=4),
        ),
        rows[:limit],
    )
    note_rest(console, min(limit, len(rows)), len(rows))


def _rows(told: Sequence[Disagreement]) -> list[tuple[str, ...]]:
    """One row per disagreement; hosts that err alike about one model share one."""
    hosts: dict[tuple[object, ...], list[Disagreement]] = defaultdict(list)
    for one in told:
        of = one.group if one.kind == "group" else one.canonical_id
        key = (
            of,
            one.field,
            str(one.kept.value),
            str(one.lost.value),
            one.lost.said_of,
        )
        hosts[(one.kind, one.lost.source, *key)].append(one)
    return [
        (
            one.canonical_id if not more else f"{one.canonical_id} + {len(more)}",
            one.kind,
            one.field,
            _value(one.field, one.kept.value),
            _whose(one.kept),
            _value(one.field, one.lost.value),
            _whose(one.lost),
            _apart(one.size),
        )
        for one, *more in hosts.values()
    ]


def _print_suspicions(
    console: Console, doubted: Sequence[Suspicion], limit: int
) -> None:
    from llmhub_core.catalog.flags import FLAGS

    console.table(
        (Column("model"), Column("check"), Column("why", folds=True)),
        [(one.canonical_id, one.flag, one.says) for one in doubted[:limit]],
    )
    for flag, rows in Counter(one.flag for one in doubted).items():
        console.note(f"{rows:>6,}  {flag}: {FLAGS.get(flag, 'of another version')}")
    note_rest(console, min(limit, len(doubted)), len(doubted))


def _value(field: str, value: Any) -> str:
    from llmhub_core.commands.console import dollars

    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:,}" if field.endswith("_tokens") else dollars(value)
    if isinstance(value, list):
        return ", ".join(_item(item) for item in value) or "none"
    return str(value)


def _item(item: Any) -> str:
    if isinstance(item, str):
        return item
    from llmhub_core.commands.console import per_million

    prices = per_million(item["input_per_million"], item["output_per_million"])
    return f"above {item['above_context_tokens']:,} tokens {prices}"


def _whose(side: Side) -> str:
    said_of = f"of {side.said_of}" if side.said_of else ""
    return " ".join(filter(None, (side.source, side.date, said_of)))


def _apart(size: float | None) -> str:
    if size is None:
        return ""
    return "from 0" if size == float("inf") else f"{size:,.0%}"


def _document(told: Disagreement) -> dict[str, Any]:
    from attrs import asdict

    document = asdict(told)
    if told.size == float("inf"):
        document["size"] = None  # JSON has no infinity
    return document


def _suspicion(doubted: Suspicion) -> dict[str, Any]:
    from attrs import asdict

    from llmhub_core.catalog.flags import FLAGS

    return {**asdict(doubted), "means": FLAGS.get(doubted.flag)}
