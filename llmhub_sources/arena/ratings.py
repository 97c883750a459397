"""Ratings of a board, from whatever columns they come in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import frozen

from llmhub_core.records.catalog import Refusal
from llmhub_core.records.observation import RatedModel
from llmhub_sources.documents import Fields

__all__ = ["Columns", "category_name", "rated", "unrepeated"]

#: Older names of categories, and what the dataset calls them today.
_RENAMED: Final[Mapping[str, str]] = {
    "full": "overall",
    "hard_6": "hard_prompts",
    "hard_english_6": "hard_prompts_english",
    "if": "instruction_following",
    "long_user": "longer_query",
    "multiturn": "multi_turn",
    "no_tie": "exclude_ties",
}

# Ratings lie between 800 and 1900 today; the interval of a rare name is wide.
_LOWEST, _HIGHEST = 100.0, 10_000.0


@frozen(kw_only=True)
class Columns:
    """What a shape calls the rating and the ends of its 95 % interval."""

    score: str
    low: str
    high: str


def category_name(written: str) -> str:
    """A category as the dataset calls it today: ``hard_6`` is ``hard_prompts``."""
    name = written.strip().lower().replace(" ", "_").replace("-", "_")
    return _RENAMED.get(name, name)


def rated(
    row: Fields, *, name: str, board: str, category: str, columns: Columns
) -> RatedModel | None:
    """Read one rating.

    Args:
        row: The row; ``organization``, ``vote_count`` and
            ``leaderboard_publish_date`` are read where it has them.
        name: Name of the model on the board.
        board: Name of the board.
        category: Name of the category, as the live dataset calls it.
        columns: What this shape calls the numbers.

    Returns:
        The rating; None, and the row refused, when there is no number.
    """

    def number(column: str) -> float | None:
        return row.number(
            column, least=_LOWEST, most=_HIGHEST, wanted="a rating of the Elo kind"
        )

    score = number(columns.score)
    if score is None:
        why = row.refused.pop().reason if row.refused else "is missing"
        row.refuse_record(f"{columns.score}: {why}")
        return None
    low, high = number(columns.low), number(columns.high)
    for column, out_of_place in (
        (columns.low, low is not None and low > score),
        (columns.high, high is not None and high < score),
    ):
        if out_of_place:
            row.refuse(column, "the interval does not hold the rating")
            low = high = None
    return RatedModel(
        name=name,
        organization=row.text("organization"),
        board=board,
        category=category,
        score=score,
        ci_low=low,
        ci_high=high,
        votes=row.count("vote_count"),
        published_on=row.day("leaderboard_publish_date"),
    )


def unrepeated(
    ratings: Iterable[RatedModel],
) -> tuple[tuple[RatedModel, ...], tuple[Refusal, ...]]:
    """Keep each name once per category.

    A repeated row counts once. Where two rows of one name disagree nobody can say
    which is the model's, so neither is.

    Returns:
        What is left, in the order given, and one refusal per row that is not.
    """
    found: dict[tuple[str, str, str], list[RatedModel]] = defaultdict(list)
    for rating in ratings:
        found[rating.board, rating.category, rating.name].append(rating)
    kept: list[RatedModel] = []
    refused: list[Refusal] = []
    for (board, category, name), rows in found.items():
        record = f"{board}/{category}/{name}"
        if all(row == rows[0] for row in rows):
            kept.append(rows[0])
            refused += [Refusal(record=record, reason="is listed twice")] * (
                len(rows) - 1
            )
        else:
            scores = ", ".join(f"{row.score:.1f}" for row in rows)
            reason = f"is listed {len(rows)} times with different ratings: {scores}"
            refused += [Refusal(record=record, reason=reason)] * len(rows)
    return tuple(kept), tuple(refused)
