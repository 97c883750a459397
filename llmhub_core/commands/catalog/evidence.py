"""How good one model is said to be: ratings, why they are its own, benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmhub_core.commands.table import Column

if TYPE_CHECKING:
    from llmhub_core.commands.console import Console
    from llmhub_core.records.model import CanonicalModel
    from llmhub_core.records.rating import Benchmark, Rating

__all__ = ["print_evidence"]


def print_evidence(console: Console, model: CanonicalModel) -> None:
    """Print all ratings with the rules that joined them, and all benchmarks."""
    for title, ratings in (
        ("ratings", model.ratings),
        ("ratings of its predecessor, intervals widened", model.inherited_ratings),
    ):
        if ratings:
            console.data(f"{title}:")
            _print_ratings(console, ratings)
    if model.ratings or model.inherited_ratings:
        _print_rules(console, (*model.ratings, *model.inherited_ratings))
    if model.benchmarks:
        console.data("benchmarks, as published; harnesses and versions differ:")
        _print_benchmarks(console, model.benchmarks)


def _print_ratings(console: Console, ratings: tuple[Rating, ...]) -> None:
    from llmhub_core.commands.console import rating

    columns = (
        Column("board"),
        Column("rating"),
        Column("votes", right=True, rank=3),
        Column("rated as"),
        Column("setting", folds=True, rank=1),
        Column("published", rank=4),
        Column("joined by", folds=True, rank=2),
    )
    rows = [
        (
            f"{entry.board}/{entry.category}",
            rating(entry.score, entry.ci_low, entry.ci_high),
            "-" if entry.votes is None else f"{entry.votes:,}",
            entry.name,
            f"{entry.label}, not a plain call" if entry.proxy else entry.label,
            entry.published_on or "-",
            " ".join(entry.rules),
        )
        for entry in ratings
    ]
    console.table(columns, rows)


def _print_rules(console: Console, ratings: tuple[Rating, ...]) -> None:
    from llmhub_core.catalog.identity import RULES

    used = dict.fromkeys(rule for entry in ratings for rule in entry.rules)
    width = max(map(len, used), default=0)
    for rule in used:
        console.data(f"  {rule:<{width}}  {RULES.get(rule, '')}".rstrip())


def _print_benchmarks(console: Console, benchmarks: tuple[Benchmark, ...]) -> None:
    columns = (
        Column("benchmark"),
        Column("result", right=True),
        Column("metric", rank=1),
        Column("setting", folds=True, rank=2),
        Column("date", rank=3),
        Column("from", rank=4),
    )
    rows = [
        (
            entry.name,
            f"{entry.score:g}",
            entry.metric or "-",
            ", ".join(
                filter(
                    None, (entry.variant, entry.version, entry.dataset, entry.harness)
                )
            ),
            entry.dated_on or "-",
            entry.source,
        )
        for entry in benchmarks
    ]
    console.table(columns, rows)
