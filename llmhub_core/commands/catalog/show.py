"""``llmhub catalog show``: list models, or look at one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from llmhub_core.commands.catalog.options import (
    filters_of,
    limit,
    load,
    note_rest,
    order,
    with_filters,
)
from llmhub_core.commands.options import as_json, offline

if TYPE_CHECKING:
    from llmhub_core.catalog.query import Listing, Order
    from llmhub_core.commands.console import Console
    from llmhub_core.records.catalog import Catalog
    from llmhub_core.records.history import Tombstone
    from llmhub_core.records.model import CanonicalModel

__all__ = ["command"]


@click.command()
@click.argument("model", required=False)
@with_filters
@order
@limit
@offline
@as_json
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    model: str | None,
    order: Order | None,
    limit: int,
    offline: bool,
    as_json: bool,
    **filters: Any,
) -> None:
    """List models, or show one MODEL.

    MODEL is provider:model or provider/model, shown with the origin of every
    value. A name without its provider lists everybody who serves that model, by
    price. Of a model that is listed no more, by either name, what is remembered is
    shown, and what is listed in its place.

    What is asked for must be known to hold: a model without a known price is
    under no price.
    """
    from llmhub_core.catalog.export.document import model_document
    from llmhub_core.catalog.lookup import find, hosts
    from llmhub_core.catalog.query import Filters, list_models
    from llmhub_core.commands.catalog.past import print_quitters

    console: Console = ctx.obj
    catalog = load(console, offline=offline)
    asked = filters_of(console, catalog, filters)
    found = None if model is None else find(catalog, model)
    if found is not None:
        if asked != Filters() or order is not None:
            message = (
                f"{found.canonical_id} is one model, and options narrow or sort many; "
                "its name without the provider stands for all its hosts."
            )
            raise click.UsageError(message, ctx)
        if as_json:
            console.json(model_document(found))
        else:
            _print_one(console, catalog, found)
        return
    if model is not None and _print_gone(console, catalog, model, as_json=as_json):
        return
    served = None if model is None else hosts(catalog, model)
    by = order or ("rating" if served is None else "price")
    listing = list_models(catalog, asked, order=by, among=served)
    if as_json:
        console.json([model_document(entry) for entry in listing.models])
    elif model is None:
        _print_all(console, listing, by, limit)
    else:
        given = ctx.get_parameter_source("limit") is not ParameterSource.DEFAULT
        _print_served(console, listing, limit if given else None)
        print_quitters(console, model)


def _print_gone(
    console: Console, catalog: Catalog, name: str, *, as_json: bool
) -> bool:
    """Print what is left of a model that nobody lists any more; say if there is."""
    from attrs import asdict

    from llmhub_core.catalog.lookup import is_served
    from llmhub_core.commands.catalog.past import (
        print_tombstones,
        tombstone_of,
        tombstones_of,
    )

    one = tombstone_of(name)
    if one is not None:
        stones: tuple[Tombstone, ...] = (one,)
    else:
        stones = () if is_served(catalog, name) else tombstones_of(name)
    if as_json and one is not None:
        console.json({"tombstone": asdict(one)})
    elif as_json and stones:
        console.json({"tombstones": [asdict(stone) for stone in stones]})
    else:
        print_tombstones(console, stones)
    return bool(stones)


def _print_one(console: Console, catalog: Catalog, model: CanonicalModel) -> None:
    from llmhub_core.catalog.lookup import of_group, rated_nearby
    from llmhub_core.commands.catalog.past import print_changes
    from llmhub_core.commands.catalog.sheet import print_model

    hosts = of_group(catalog, model.group)
    print_model(console, model, hosts, rated_nearby(catalog, model.group))
    print_changes(console, model.canonical_id)


def _print_all(console: Console, listing: Listing, by: Order, limit: int) -> None:
    from llmhub_core.commands.catalog.listing import print_models

    print_models(console, listing.models[:limit], by)
    found = len(listing.models)
    note_rest(console, min(limit, found), found, listing.undecided)


def _print_served(console: Console, listing: Listing, limit: int | None) -> None:
    """One table per underlying model: one name may be given to several.

    All of them, because who serves a model is few; unless a limit is asked for.
    """
    from llmhub_core.catalog.search import spokesman
    from llmhub_core.commands.catalog.listing import print_hosts
    from llmhub_core.commands.console import counted, rating

    for group in dict.fromkeys(model.group for model in listing.models):
        same = [model for model in listing.models if model.group == group]
        rated = spokesman(same) or same[0]
        score = rating(rated.arena_score, rated.arena_ci_low, rated.arena_ci_high)
        head = f"{console.strong(group or 'unknown')}  {counted(len(same), 'host')}"
        console.data(f"{head}, {'' if rated.arena_score is None else 'rated '}{score}")
        if rated.arena_score is None and rated.rating_note is not None:
            console.data(f"  {rated.rating_note}")
        print_hosts(console, same[:limit])
        note_rest(console, len(same[:limit]), len(same))
    note_rest(console, len(listing.models), len(listing.models), listing.undecided)
