"""``llmhub catalog``: bring it up to date, look into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmhub_core.catalog.build import Provision
    from llmhub_core.commands.console import Console
    from llmhub_core.records.catalog import SourceStatus
    from llmhub_core.records.model import CanonicalModel

__all__ = ["command"]

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_offline = click.option("--offline", is_flag=True, help="Never touch the network.")


@click.group()
def command() -> None:
    """The models: bring them up to date, look into them."""


@command.command()
@_as_json
@click.pass_context
def refresh(ctx: click.Context, *, as_json: bool) -> None:
    """Ask every source and rebuild the catalog.

    Exits 3 when no new catalog came of it; the old one stays.
    """
    from attrs import asdict

    from llmhub_core.catalog.build import refresh as rebuild
    from llmhub_core.settings import load_settings

    console: Console = ctx.obj
    with console.progress("asking the sources") as progress:
        provision = rebuild(load_settings(), progress=progress)
    if as_json:
        catalog = provision.catalog
        console.json(
            {
                "models": len(catalog),
                "digest": catalog.digest,
                "checked_at": catalog.checked_at,
                "origin": catalog.origin,
                "replaced": provision.replaced,
                "kept": provision.kept,
                "warning": provision.warning,
                "sources": [asdict(status) for status in provision.sources],
                "unmatched": len(catalog.unmatched),
            }
        )
    else:
        _print_refresh(console, provision)
    _warn(console, provision)
    if not provision.replaced:
        ctx.exit(3)


def _print_refresh(console: Console, provision: Provision) -> None:
    from llmhub_core.commands.console import counted

    catalog = provision.catalog
    rows = [_source_row(status) for status in provision.sources]
    console.table(("source", "state", "age", "models", "ratings", "refused", ""), rows)
    priced = sum(model.price_input_per_million is not None for model in catalog)
    rated = sum(model.arena_score is not None for model in catalog)
    providers = len({model.provider for model in catalog})
    console.data(
        f"{counted(len(catalog), 'model')} of {counted(providers, 'provider')}: "
        f"{priced:,} with a price, {rated:,} with a rating; "
        f"{counted(len(catalog.unmatched), 'rated name')} without a served model"
    )
    for kind, count in _kinds(catalog):
        console.data(f"  {kind:<12}{count:>6,}")


def _source_row(status: SourceStatus) -> tuple[str, ...]:
    from llmhub_core.commands.console import age_of

    remark = "; ".join(filter(None, (status.reason, *status.notes)))
    size = f", {status.transferred_bytes:,} bytes" if status.transferred_bytes else ""
    return (
        status.name,
        f"{status.state}{size}",
        age_of(status.fetched_at),
        f"{status.served:,}",
        f"{status.rated:,}",
        f"{status.refused:,}",
        remark,
    )


def _kinds(models: Iterable[CanonicalModel]) -> list[tuple[str, int]]:
    from collections import Counter

    counted = Counter(model.kind or "unknown" for model in models)
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def _warn(console: Console, provision: Provision) -> None:
    if provision.warning:
        console.warn(provision.warning)
    if provision.replaced and not provision.kept:
        console.warn("the cache folder can't be written, so nothing was kept")


@command.command()
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
@_offline
@_as_json
@click.pass_context
def show(
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

    from llmhub_core.catalog.build import provide
    from llmhub_core.catalog.lookup import find, hosts, listed
    from llmhub_core.settings import load_settings

    console: Console = ctx.obj
    with console.progress("asking the sources") as progress:
        provision = provide(
            load_settings(offline=True if offline else None), progress=progress
        )
    _warn(console, provision)
    catalog = provision.catalog
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
