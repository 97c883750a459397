"""Ratings brought to the served models that they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

from llmhub_core.catalog.boards import RatedBy
from llmhub_core.catalog.identity import (
    Grouping,
    Join,
    Placement,
    RatedName,
    Tables,
    default_rating,
    join,
)
from llmhub_core.catalog.identity.ratings import describe
from llmhub_core.records.catalog import Unmatched
from llmhub_core.records.rating import Rating

__all__ = ["OVERALL", "Carried", "Rated", "rate"]

#: The board and category whose rating stands for a model in general.
OVERALL = ("text", "overall")

_Named: TypeAlias = Mapping[RatedName, Sequence[RatedBy]]


@frozen(kw_only=True)
class Carried:
    """The ratings of one served model.

    Attributes:
        ratings: All of them, by board and category; within one category the
            default comes first.
        overall: The default overall rating, or None.
        note: Which rating that is and why, or which one stands in; or None.
        inherited: Ratings of the predecessor, on boards that do not rate the model.
    """

    ratings: tuple[Rating, ...] = ()
    inherited: tuple[Rating, ...] = ()
    overall: Rating | None = None
    note: str | None = None


@frozen(kw_only=True)
class Rated:
    """What became of the boards' names.

    Attributes:
        rows: By canonical id; a model without a rating is absent.
        unmatched: Names without a served model, by name and board.
    """

    rows: Mapping[str, Carried]
    unmatched: tuple[Unmatched, ...]


def rate(ratings: Sequence[RatedBy], grouping: Grouping, tables: Tables) -> Rated:
    """Join the boards' names to groups of models, and ratings to their rows.

    Args:
        ratings: The ratings that count, in board and category order.
        grouping: The served models, grouped.
        tables: Aliases and denials.

    Returns:
        Every name is carried by a row or among the unmatched.
    """
    named: dict[RatedName, list[RatedBy]] = defaultdict(list)
    for by in ratings:
        named[_name(by)].append(by)
    result = join(named, grouping, tables)
    by_row: dict[str, list[Join]] = defaultdict(list)
    for found in result.joins:
        for row_id in found.rows:
            by_row[row_id].append(found)
    # Hosts of one model share their ratings: some 400 tuples serve 3,000 rows.
    shared: dict[tuple[tuple[int, ...], bool | None, str | None], Carried] = {}
    rows: dict[str, Carried] = {}
    for row_id, joins in by_row.items():
        placement = grouping.placements[row_id]
        key = (tuple(map(id, joins)), placement.thinking, placement.effort)
        if key not in shared:
            shared[key] = _carried(joins, placement, named)
        rows[row_id] = shared[key]
    unmatched = tuple(
        Unmatched(
            name=miss.rated.name,
            board=miss.rated.board,
            reason=miss.reason,
            detail=miss.detail,
            candidates=miss.candidates,
        )
        for miss in result.unmatched
    )
    return Rated(rows=rows, unmatched=unmatched)


def _name(by: RatedBy) -> RatedName:
    rated = by.rated
    return RatedName(
        name=rated.name, organization=rated.organization or "", board=rated.board
    )


def _carried(joins: Sequence[Join], placement: Placement, named: _Named) -> Carried:
    found: dict[tuple[str, str], list[Rating]] = defaultdict(list)
    overall: Rating | None = None
    note: str | None = None
    for board in sorted({j.rated.board for j in joins}):
        left = [j for j in joins if j.rated.board == board]
        # The default first, then the default of what is left, and so on.
        while left:
            choice = default_rating(left, placement)
            left.remove(choice.join)
            for rating in _ratings(choice.join, named, proxy=choice.proxy):
                found[rating.board, rating.category].append(rating)
                if (rating.board, rating.category) == OVERALL and overall is None:
                    overall, note = rating, choice.reason
    return Carried(
        ratings=tuple(rating for key in sorted(found) for rating in found[key]),
        overall=overall,
        note=note,
    )


def _ratings(found: Join, named: _Named, *, proxy: bool) -> list[Rating]:
    label = found.label
    mode = {True: "thinking", False: "no-thinking", None: None}[label.thinking]
    return [
        Rating(
            name=by.rated.name,
            board=by.rated.board,
            category=by.rated.category,
            score=by.rated.score,
            ci_low=by.rated.ci_low,
            ci_high=by.rated.ci_high,
            votes=by.rated.votes,
            published_on=by.rated.published_on,
            mode=mode,
            effort=label.effort,
            label=describe(label),
            proxy=proxy,
            rules=found.rules,
            source=by.source,
        )
        for by in named[found.rated]
    ]
