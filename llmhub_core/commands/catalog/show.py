"""``llmhub catalog show``: list models, or look at one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmhub_core.commands.catalog.options import (
    as_json,
    filters_of,
    limit,
    load,
    note_rest,
    offline,
    order,
    with_filters,
)

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
    price.

    What is asked for must be known to hold: a model without a known price is
    under no price.
    """
    from attrs import asdict

    from llmhub_core.catalog.export.document import model_document
    from llmhub_core.catalog.lookup import find, hosts
    from llmhub_core.catalog.query import list_models

    console: Console = ctx.obj
    catalog = load(console, offline=offline)
    asked = filters_of(console, catalog, filters)
    found = None if model is None else find(catalog, model)
    if found is not None:
        if as_json:
            console.json(model_document(found))
        else:
            _print_one(console, catalog, found)
        return
    gone = None if model is None else _tombstone(model)
    if gone is not None:
        if as_json:
            console.json({"tombstone": asdict(gone)})
        else:
            name = gone.display_name or "no display name"
            console.data(f"{console.strong(gone.canonical_id)}  {name}")
            console.data(f"  {gone}")
        return
    served = None if model is None else hosts(catalog, model)
    by = order or ("rating" if served is None else "price")
    listing = list_models(catalog, asked, order=by, among=served)
    if as_json:
        console.json([model_document(entry) for entry in listing.models])
    elif served is None:
        _print_all(console, listing, limit)
    else:
        _print_served(console, listing)


def _tombstone(model: str) -> Tombstone | None:
    """What is left of a model that was listed before."""
    from llmhub_core.cache import Cache
    from llmhub_core.catalog.history import tombstone
    from llmhub_core.catalog.identity.providers import parse_model_id
    from llmhub_core.settings import load_settings

    parsed = parse_model_id(model)
    if parsed is None:
        return None
    return tombstone(Cache(load_settings().cache_dir), ":".join(parsed))


def _print_one(console: Console, catalog: Catalog, model: CanonicalModel) -> None:
    from llmhub_core.catalog.lookup import of_group
    from llmhub_core.commands.catalog.sheet import print_model

    print_model(console, model, of_group(catalog, model.group))


def _print_all(console: Console, listing: Listing, limit: int) -> None:
    from llmhub_core.commands.catalog.listing import print_models

    print_models(console, listing.models[:limit])
    found = len(listing.models)
    note_rest(console, min(limit, found), found, listing.undecided)


def _print_served(console: Console, listing: Listing) -> None:
    """One table per underlying model: one name may be given to several."""
    from llmhub_core.commands.catalog.listing import print_hosts
    from llmhub_core.commands.console import counted, rating

    for group in dict.fromkeys(model.group for model in listing.models):
        same = [model for model in listing.models if model.group == group]
        rated = next((m for m in same if m.arena_score is not None), same[0])
        score = rating(rated.arena_score, rated.arena_ci_low, rated.arena_ci_high)
        console.data(
            f"{console.strong(group or 'unknown')}  {counted(len(same), 'host')}, "
            f"{'' if rated.arena_score is None else 'rated '}{score}"
        )
        print_hosts(console, same)
    note_rest(console, len(listing.models), len(listing.models), listing.undecided)
