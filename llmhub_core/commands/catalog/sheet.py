"""One model: everything that is known of it, and where that comes from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from llmhub_core.commands.table import Column

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console
    from llmhub_core.records.model import CanonicalModel, Conflict, Origin, PriceTier

__all__ = ["print_model"]

#: Hosts of the same model that are shown with one of them.
_HOSTS = 8

_BASES = {
    "listed": "the provider's price list",
    "free": "free of charge, as the source says",
    "subscription": "part of a plan: what a call costs is not known",
    "zero": "0 for input and output, which may mean anything: not known",
}


def print_model(
    console: Console,
    model: CanonicalModel,
    hosts: Collection[CanonicalModel] = (),
    nearby: Mapping[str, str] | None = None,
) -> None:
    """Print one model.

    Args:
        console: Where to print.
        model: What to print.
        hosts: Everybody who serves the same model, cheapest first.
        nearby: Names on boards that are not it, and why; told where it is unrated.
    """
    from llmhub_core.commands.catalog.evidence import print_evidence
    from llmhub_core.commands.catalog.listing import print_hosts

    name = model.display_name or "no display name"
    console.data(f"{console.strong(model.canonical_id)}  {name}")
    for noun, says in _about(model):
        console.data(f"  {noun:<18}{says}")
    if not model.ratings:
        for rated, why in (nearby or {}).items():
            console.data(f"  {'not rated as':<18}{rated}: {why}")
    _print_facts(console, model)
    print_evidence(console, model)
    if len(hosts) > 1:
        # The model itself is shown wherever it stands.
        near = [host for host in hosts if host.canonical_id != model.canonical_id]
        console.data(f"{len(hosts)} hosts of {model.group}, by price:")
        shown = {host.canonical_id for host in near[: _HOSTS - 1]}
        shown.add(model.canonical_id)
        print_hosts(console, [h for h in hosts if h.canonical_id in shown])
        if len(hosts) > len(shown):
            console.data(
                f"  {len(hosts) - len(shown)} more: llmhub catalog show {model.group}"
            )


def _about(model: CanonicalModel) -> Iterator[tuple[str, str]]:
    from llmhub_core.catalog.endpoints import elsewhere
    from llmhub_core.commands.console import rating

    yield "underlying model", model.group or "unknown"
    yield "lab", model.lab or "unknown"
    note = f" ({model.callable_note})" if model.callable_note else ""
    yield "callable", f"{model.callable.replace('_', ' ')}{note}"
    for source, source_id in sorted(model.source_ids.items()):
        yield f"in {source}", source_id
    places = [
        f"{name} {place} of 5"
        for name, place in (
            ("cost", model.cost_tier),
            ("quality", model.quality_tier),
            ("reasoning", model.reasoning_tier),
            ("creative", model.creative_tier),
        )
        if place is not None
    ]
    if places:
        yield "tiers", f"{', '.join(places)} (1 is best)"
    score = rating(model.arena_score, model.arena_ci_low, model.arena_ci_high)
    if model.rating_note is not None:
        told = model.arena_score is None  # by the note, why there is none
        yield "rating", model.rating_note if told else f"{score}: {model.rating_note}"
    elif model.kind == "chat":
        boards = ", ".join(sorted({rating.board for rating in model.ratings}))
        why = (
            f"rated on {boards} only" if boards else "no rated name is known to mean it"
        )
        yield "rating", f"none overall: {why}"
    if model.tags:
        yield "tags", ", ".join(model.tags)
    if model.price_basis is not None:
        yield "price", _BASES[model.price_basis]
    out_of_reach = elsewhere(model.provider, model.model_id)
    if out_of_reach is not None:
        yield "endpoint", f"{out_of_reach}; roles leave it out unless they name it"
    for flag, why in model.flags.items():
        yield "check", f"{flag}: {why}"


def _print_facts(console: Console, model: CanonicalModel) -> None:
    from attrs import fields

    from llmhub_core.records.model import Facts

    rows = []
    for field in fields(Facts):
        losers = [c for c in model.conflicts if c.field == field.name]
        rows.append(
            (
                field.name,
                _plain(getattr(model, field.name)),
                _said(model.provenance.get(field.name)),
                "; ".join(map(_lost, losers)),
            )
        )
    columns = [
        Column("fact"),
        Column("value", folds=True),
        Column("from", folds=True, rank=1),
    ]
    if model.conflicts:
        columns.append(Column("others say", folds=True))
    console.table(columns, [row[: len(columns)] for row in rows])


def _said(origin: Origin | None) -> str:
    if origin is None:
        return ""
    lent = {"base": "of the underlying model", "group": "of another host"}
    parts = (origin.source, origin.as_of, lent.get(origin.via or ""))
    return " ".join(filter(None, parts))


def _lost(conflict: Conflict) -> str:
    where = f": {conflict.said_of}" if conflict.said_of is not None else ""
    return f"{conflict.lost} ({_said(conflict.lost_from)}{where})"


def _plain(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(_item, value)) or "none"
    if isinstance(value, float):
        from llmhub_core.numerals import plain

        return plain(value, 12)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _item(item: str | PriceTier) -> str:
    if isinstance(item, str):
        return item
    from llmhub_core.commands.console import dollars

    prices = {
        "in": item.input_per_million,
        "out": item.output_per_million,
        "cache read": item.cache_read_per_million,
        "cache write": item.cache_write_per_million,
    }
    told = [
        f"{dollars(price)} {what}"
        for what, price in prices.items()
        if price is not None
    ]
    return f"above {item.above_context_tokens:,} tokens: {' '.join(told) or 'unknown'}"
