"""How good one model is said to be: ratings, why they are its own, benchmarks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
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
        ("rated as", model.ratings),
        (
            "not rated there itself; its predecessor is, intervals widened, as",
            model.inherited_ratings,
        ),
    ):
        for same in _by_join(ratings):
            _print_ratings(console, title, same)
    _print_rules(console, (*model.ratings, *model.inherited_ratings))
    if model.benchmarks:
        console.data("benchmarks, as published; harnesses and versions differ:")
        _print_benchmarks(console, model.benchmarks)


def _by_join(ratings: Iterable[Rating]) -> list[list[Rating]]:
    """Ratings of one name in one setting, joined in one way, belong together."""
    found = defaultdict(list)
    for rating in ratings:
        found[rating.name, rating.label, rating.rules].append(rating)
    return list(found.values())


def _print_ratings(console: Console, title: str, ratings: Sequence[Rating]) -> None:
    from llmhub_core.commands.console import rating

    first = ratings[0]
    setting = f"{first.label}, not a plain call" if first.proxy else first.label
    console.data(f"{title} {console.strong(first.name)} ({setting})")
    if first.rules:
        console.data(f"  joined by {', '.join(first.rules)}")
    columns = (
        Column("board"),
        Column("rating"),
        Column("votes", right=True, rank=1),
        Column("published", rank=2),
        Column("from", rank=3),
    )
    rows = [
        (
            f"{entry.board}/{entry.category}",
            rating(entry.score, entry.ci_low, entry.ci_high),
            "-" if entry.votes is None else f"{entry.votes:,}",
            entry.published_on or "-",
            entry.source,
        )
        for entry in ratings
    ]
    console.table(columns, rows)


def _print_rules(console: Console, ratings: Iterable[Rating]) -> None:
    """Say in words what the rules mean that joined the names to the model."""
    from llmhub_core.catalog.identity import RULES

    used = dict.fromkeys(rule for entry in ratings for rule in entry.rules)
    said = [(rule, RULES[rule]) for rule in used if rule in RULES]
    if said:
        console.data("the rules that joined these names:")
    for rule, means in said:
        console.data(f"  {rule:<{max(len(rule) for rule, _ in said)}}  {means}")
    if said:
        console.data("")


def _print_benchmarks(console: Console, benchmarks: tuple[Benchmark, ...]) -> None:
    from llmhub_core.numerals import plain

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
            plain(entry.score),
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
