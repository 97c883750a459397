"""``llmhub catalog search``: find models by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from llmhub_core.commands.catalog.options import (
    filters_of,
    limit,
    load,
    note_rest,
    with_filters,
)
from llmhub_core.commands.options import as_json, offline
from llmhub_core.commands.table import Column

if TYPE_CHECKING:
    from llmhub_core.catalog.search import Hit
    from llmhub_core.commands.console import Console

__all__ = ["command"]


@click.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--all", "each", is_flag=True, help="One line per host, not per model.")
@with_filters
@limit
@offline
@as_json
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    text: Sequence[str],
    each: bool,
    limit: int,
    offline: bool,
    as_json: bool,
    **filters: Any,
) -> None:
    """Find models by id, name, lab or provider.

    Case and punctuation do not matter, and what is mistyped is found when nothing
    else is: "gpt5.1", "anthropic opus", "gemni flash". One line per underlying
    model, best match first, then by rating.
    """
    from llmhub_core.catalog.export.document import model_document
    from llmhub_core.catalog.search import search
    from llmhub_core.commands.catalog.listing import print_models

    console: Console = ctx.obj
    catalog = load(console, offline=offline)
    hits = search(catalog, " ".join(text), filters_of(console, catalog, filters))
    models = [model for hit in hits for model in hit.models]
    if as_json and each:
        console.json([model_document(model) for model in models])
    elif as_json:
        console.json([_told(hit) for hit in hits])
    elif each:
        print_models(console, models[:limit])
        note_rest(console, min(limit, len(models)), len(models))
    else:
        _print(console, hits[:limit])
        note_rest(console, min(limit, len(hits)), len(hits))
    if hits and hits[0].match == "near":
        console.note("nothing is called exactly that; these come near")


def _told(hit: Hit) -> dict[str, Any]:
    from llmhub_core.catalog.search import cheapest

    first = cheapest(hit.models)
    # Some hosts advertise in the name ("Stealth: ... (20% off)"); most do not.
    names = Counter(one.display_name for one in hit.models if one.display_name)
    return {
        "group": hit.group,
        "match": hit.match,
        "display_name": next((name for name, _ in names.most_common(1)), None),
        "lab": hit.models[0].lab,
        "kind": hit.models[0].kind,
        "arena_score": hit.score,
        "cheapest_listed": first.canonical_id if first is not None else None,
        "models": [model.canonical_id for model in hit.models],
    }


def _print(console: Console, hits: Sequence[Hit]) -> None:
    columns = (
        Column("model"),
        Column("kind", rank=4),
        Column("rating", rank=1),
        Column("hosts", right=True, rank=2),
        Column("lowest list price", rank=3),
        Column("at", rank=3),
        Column("free at", right=True, rank=5),
    )
    console.table(columns, [_row(hit) for hit in hits])


def _row(hit: Hit) -> tuple[str, ...]:
    from llmhub_core.catalog.search import cheapest
    from llmhub_core.commands.catalog.listing import prices

    first = cheapest(hit.models)
    free = sum(model.price_basis == "free" for model in hit.models)
    return (
        hit.group,
        hit.models[0].kind or "unknown",
        "not rated" if hit.score is None else f"{hit.score:.0f}",
        f"{len(hit.models):,}",
        "none" if first is None else " / ".join(prices(first)),
        "" if first is None else first.provider,
        str(free or ""),
    )
