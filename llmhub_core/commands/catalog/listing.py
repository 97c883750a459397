"""Many models in one table."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from llmhub_core.commands.table import Column

if TYPE_CHECKING:
    from llmhub_core.catalog.query import Order
    from llmhub_core.commands.console import Console
    from llmhub_core.records.model import CanonicalModel

__all__ = ["callable_mark", "prices", "print_hosts", "print_models"]


def print_models(
    console: Console, models: Collection[CanonicalModel], order: Order | None = None
) -> None:
    """Print one line per served model; what they are sorted by is dropped last."""
    from llmhub_core.commands.console import rating

    columns = (
        Column("model"),
        Column("kind", rank=6),
        Column("in $/M", right=True, rank=2),
        Column("out $/M", right=True, rank=3),
        Column("context", right=True, rank=1 if order == "context" else 5),
        Column("rating", rank=1 if order == "rating" else 4),
        *((Column("released", rank=1),) if order == "released" else ()),
        Column("callable", rank=7),
        Column("tags", folds=True, rank=8),
    )
    rows = [
        (
            entry.canonical_id,
            entry.kind or "unknown",
            *prices(entry),
            _tokens(entry.context_tokens),
            rating(entry.arena_score, entry.arena_ci_low, entry.arena_ci_high),
            *((entry.release_date or "unknown",) if order == "released" else ()),
            callable_mark(entry),
            " ".join(entry.tags),
        )
        for entry in models
    ]
    console.table(columns, rows)


def print_hosts(console: Console, models: Collection[CanonicalModel]) -> None:
    """Print everybody who serves one model; what they share is not repeated."""
    columns = (
        Column("model"),
        Column("in $/M", right=True),
        Column("out $/M", right=True),
        Column("cached in", right=True, rank=4),
        Column("context", right=True, rank=1),
        Column("output", right=True, rank=3),
        Column("callable", rank=2),
        Column("check", folds=True, rank=5),
    )
    rows = [
        (
            entry.canonical_id,
            *prices(entry),
            _cached(entry),
            _tokens(entry.context_tokens),
            _tokens(entry.max_output_tokens),
            callable_mark(entry),
            " ".join(entry.flags),
        )
        for entry in models
    ]
    console.table(columns, rows)


def prices(model: CanonicalModel) -> tuple[str, str]:
    """Write what a million tokens cost in and out, or why that can't be said.

    A price of zero is never printed as one: it is ``free`` where the source says
    so, ``in a plan`` where a subscription covers it, and otherwise ``0, unclear``.
    """
    from llmhub_core.commands.console import dollars

    words = {"free": "free", "subscription": "in a plan", "zero": "0, unclear"}
    word = words.get(model.price_basis or "")
    if word is not None:
        return word, word
    known = (model.price_input_per_million, model.price_output_per_million)
    return (
        "unknown" if known[0] is None else dollars(known[0]),
        "unknown" if known[1] is None else dollars(known[1]),
    )


def callable_mark(model: CanonicalModel) -> str:
    """Write in few words whether a model can be called."""
    if model.callable == "no":
        return "no: not in any-llm" if _unsupported(model) else "no: not listed"
    return model.callable.replace("_", " ")


def _unsupported(model: CanonicalModel) -> bool:
    from llmhub_core.catalog.identity.providers import providers

    return model.provider not in providers()


def _cached(model: CanonicalModel) -> str:
    from llmhub_core.commands.console import dollars

    return dollars(model.price_cache_read_per_million)


def _tokens(count: int | None) -> str:
    return "unknown" if count is None else f"{count:,}"
