"""``llmhub catalog show``: list models, or look at one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llmhub_core.commands.catalog.options import as_json, load, offline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmhub_core.commands.console import Console
    from llmhub_core.records.model import CanonicalModel

__all__ = ["command"]


@click.command()
@click.argument("model", required=False)
@click.option("--provider", help="Only models of this provider.")
@click.option("--kind", help="Only models of this kind: chat, embedding, ...")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=40,
    show_default=True,
    help="How many models to list; JSON has all.",
)
@offline
@as_json
@click.pass_context
def command(
    ctx: click.Context,
    *,
    model: str | None,
    provider: str | None,
    kind: str | None,
    limit: int,
    offline: bool,
    as_json: bool,
) -> None:
    """List models by rating, or show one MODEL.

    MODEL is provider:model or provider/model, shown with the origin of every value;
    a name without its provider lists everybody who serves that model, cheapest
    first.
    """
    from attrs import asdict

    from llmhub_core.catalog.lookup import find, hosts, listed

    console: Console = ctx.obj
    catalog = load(console, offline=offline)
    if model is None:
        chosen = listed(catalog, provider=provider, kind=kind)
        if as_json:
            console.json([asdict(entry) for entry in chosen])
            return
        _print_list(console, chosen[:limit])
        if len(chosen) > limit:
            console.note(f"{len(chosen) - limit:,} more; see --limit")
        return
    found = find(catalog, model)
    if found is not None:
        if as_json:
            console.json(asdict(found))
        else:
            _print_model(console, found)
        return
    served = hosts(catalog, model)
    if as_json:
        console.json([asdict(entry) for entry in served])
    else:
        _print_list(console, served)


def _print_list(console: Console, models: Iterable[CanonicalModel]) -> None:
    from llmhub_core.commands.console import dollars, rating

    rows = [
        (
            entry.canonical_id,
            entry.kind or "unknown",
            dollars(entry.price_input_per_million),
            dollars(entry.price_output_per_million),
            f"{entry.context_tokens:,}" if entry.context_tokens else "-",
            rating(entry.arena_score, entry.arena_ci_low, entry.arena_ci_high),
            " ".join(entry.tags),
        )
        for entry in models
    ]
    console.table(("model", "kind", "in $/M", "out $/M", "context", "rating", ""), rows)


def _print_model(console: Console, model: CanonicalModel) -> None:
    from attrs import fields

    from llmhub_core.records.model import Facts

    name = model.display_name or "no display name"
    console.data(f"{console.strong(model.canonical_id)}  {name}")
    console.data(f"  underlying model  {model.group or 'unknown'}")
    note = f" ({model.callable_note})" if model.callable_note else ""
    console.data(f"  callable          {model.callable.replace('_', ' ')}{note}")
    places = (model.cost_tier, model.quality_tier)
    if any(place is not None for place in places):
        tiers = ", ".join(
            f"{name} {place} of 5"
            for name, place in zip(("cost", "quality"), places, strict=True)
            if place is not None
        )
        console.data(f"  tiers             {tiers}")
    if model.flags:
        console.data(f"  check             {', '.join(model.flags)}")
    rows = []
    for field in fields(Facts):
        value = getattr(model, field.name)
        origin = model.provenance.get(field.name)
        said = "" if origin is None else f"{origin.source} {origin.as_of or ''}".strip()
        lent = f", of the {origin.via}" if origin is not None and origin.via else ""
        rows.append((field.name, _plain(value), f"{said}{lent}"))
    console.table(("fact", "value", "from"), rows)
    _print_ratings(console, model)
    for conflict in model.conflicts:
        console.data(
            f"  {conflict.field}: {conflict.lost_from.source} says {conflict.lost}, "
            f"{conflict.kept_from.source}'s {conflict.kept} is kept"
        )


def _plain(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _print_ratings(console: Console, model: CanonicalModel) -> None:
    from llmhub_core.commands.console import rating

    if not model.ratings:
        return
    if model.rating_note:
        console.data(f"  rating: {model.rating_note}")
    rows = [
        (
            f"{entry.board}/{entry.category}",
            rating(entry.score, entry.ci_low, entry.ci_high),
            entry.name,
            entry.published_on or "",
            ", ".join(entry.rules),
        )
        for entry in model.ratings
    ]
    console.table(("board", "rating", "rated as", "published", "joined by"), rows)
