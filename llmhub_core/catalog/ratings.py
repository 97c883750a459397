"""Ratings brought to the served models that they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from attrs import frozen

from llmhub_core.catalog.identity import (
    Grouping,
    Join,
    Placement,
    RatedName,
    Tables,
    default_rating,
    join,
)
from llmhub_core.records.model import Rating, Unmatched
from llmhub_core.records.observation import Harvest, RatedModel

__all__ = ["OVERALL", "Carried", "Rated", "rate"]

#: The board and category whose rating stands for a model in general.
OVERALL = ("text", "overall")

_NameKey = tuple[str, str, str]


@frozen(kw_only=True)
class Carried:
    """The ratings of one served model.

    Attributes:
        ratings: All of them, by board and category; within one category the
            default comes first.
        overall: The default overall rating, or None.
        note: Which rating that is and why, or None.
    """

    ratings: tuple[Rating, ...] = ()
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


def rate(harvests: Mapping[str, Harvest], grouping: Grouping, tables: Tables) -> Rated:
    """Join the boards' names to groups of models, and ratings to their rows.

    Args:
        harvests: By source name.
        grouping: The served models, grouped.
        tables: Aliases and denials.
    """
    named = _by_name(harvests)
    names = [RatedName(name=n, organization=o, board=b) for n, o, b in sorted(named)]
    result = join(names, grouping, tables)
    by_row: dict[str, list[Join]] = defaultdict(list)
    for found in result.joins:
        for row_id in found.rows:
            by_row[row_id].append(found)
    # Hosts of one model share their ratings: some 400 tuples serve 1,300 rows.
    shared: dict[tuple[tuple[int, ...], bool | None, str | None], Carried] = {}
    rows: dict[str, Carried] = {}
    for row_id, joins in by_row.items():
        placement = grouping.placements[row_id]
        key = (tuple(id(j) for j in joins), placement.thinking, placement.effort)
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


def _by_name(harvests: Mapping[str, Harvest]) -> dict[_NameKey, list[RatedModel]]:
    """Gather the categories of each name; of two boards the newer one counts."""
    best: dict[tuple[_NameKey, str], tuple[str, str, RatedModel]] = {}
    for source in sorted(harvests):
        for rated in harvests[source].ratings:
            name = (rated.name, rated.organization or "", rated.board)
            key = (name, rated.category)
            claim = (rated.published_on or "", repr(rated), rated)
            if key not in best or claim[:2] > best[key][:2]:
                best[key] = claim
    named: dict[_NameKey, list[RatedModel]] = defaultdict(list)
    for (name, _), (_, _, rated) in sorted(best.items(), key=lambda item: item[0]):
        named[name].append(rated)
    return named


def _carried(
    joins: Sequence[Join],
    placement: Placement,
    named: Mapping[_NameKey, Sequence[RatedModel]],
) -> Carried:
    found: dict[tuple[str, str], list[Rating]] = defaultdict(list)
    overall: Rating | None = None
    note: str | None = None
    boards = sorted({j.rated.board for j in joins})
    for board in boards:
        left = [j for j in joins if j.rated.board == board]
        while left:
            # The default first, then the default of what is left, and so on.
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


def _ratings(
    found: Join, named: Mapping[_NameKey, Sequence[RatedModel]], *, proxy: bool
) -> list[Rating]:
    key = (found.rated.name, found.rated.organization, found.rated.board)
    label = found.label
    mode = {True: "thinking", False: "no-thinking", None: None}[label.thinking]
    return [
        Rating(
            name=rated.name,
            board=rated.board,
            category=rated.category,
            score=rated.score,
            ci_low=rated.ci_low,
            ci_high=rated.ci_high,
            votes=rated.votes,
            published_on=rated.published_on,
            mode=mode,
            effort=label.effort,
            proxy=proxy,
            rules=found.rules,
        )
        for rated in named[key]
    ]
