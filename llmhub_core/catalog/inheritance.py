"""Ratings of a predecessor, for a model that nobody has rated yet.

A new release is served weeks before a board has votes for it. Until then it may
stand where the model before it stood, in the same line and size class, with an
interval as wide as such releases have turned out to differ: that is measured on
all pairs of the catalog of which both are rated, category by category.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from llmhub_core.catalog.identity import Group, Grouping, Placement
from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.catalog.ratings import OVERALL, Carried, Rated
from llmhub_core.records.rating import Rating

__all__ = ["ENOUGH_PAIRS", "Drift", "drifts", "inherit"]

#: Fewer pairs than this say nothing about the next one.
ENOUGH_PAIRS = 20

_Key = tuple[str, str]
_UNRATED = Carried()


@frozen(kw_only=True)
class Drift:
    """By how much a model's rating differs from its predecessor's.

    Attributes:
        down: Points that the interval is widened by at its lower end: 97.5 % of
            the pairs lost no more.
        up: The same at its upper end, for gains.
        pairs: Number of pairs that this rests on.
    """

    down: float
    up: float
    pairs: int


def inherit(rated: Rated, grouping: Grouping) -> Rated:
    """Give models that no board has rated the ratings of their predecessor.

    Board by board: a model that a board rates in one category inherits nothing of
    that board. Only rated predecessors that stand right before a model count, and
    only categories in which at least 20 pairs show what an inheritance is worth.

    Args:
        rated: The ratings that were earned, by row.
        grouping: The served models, grouped, each with its predecessor.

    Returns:
        The same ratings; what was inherited stands apart from them.
    """
    standing = {
        group_id: _standing(group, rated) for group_id, group in grouping.groups.items()
    }
    measured = drifts(
        [
            (standing[group.predecessor], standing[group_id])
            for group_id, group in grouping.groups.items()
            if group.predecessor is not None
            and _is_of_another_version(group, grouping.groups[group.predecessor])
        ]
    )
    rows = dict(rated.rows)
    for group_id in sorted(grouping.groups):
        group = grouping.groups[group_id]
        before = group.predecessor
        if before is None or not standing[before]:
            continue
        legacy = _legacy(before, standing[before], measured)
        boards = {board for board, _ in standing[group_id]}
        heirloom = tuple(rating for rating in legacy if rating.board not in boards)
        for row_id in group.rows:
            placement = grouping.placements[row_id]
            fitting = tuple(r for r in heirloom if _fits(placement, r))
            if fitting:
                carried = rows.get(row_id, _UNRATED)
                rows[row_id] = _with(carried, fitting, measured)
    return evolve(rated, rows=rows)


def drifts(
    pairs: Sequence[tuple[Mapping[_Key, Rating], Mapping[_Key, Rating]]],
) -> Mapping[_Key, Drift]:
    """Measure how far successors have moved away from their predecessors.

    Args:
        pairs: Ratings by board and category, of the earlier and the later model.

    Returns:
        By board and category, where at least 20 pairs are rated: the 2.5th and
        the 97.5th percentile (nearest rank) of the differences, neither of them
        narrowing an interval.
    """
    differences: dict[_Key, list[float]] = defaultdict(list)
    for earlier, later in pairs:
        for key in earlier.keys() & later.keys():
            differences[key].append(later[key].score - earlier[key].score)
    found = {}
    for key, values in sorted(differences.items()):
        if len(values) >= ENOUGH_PAIRS:
            values.sort()
            # Nearest rank: the smallest k with k/n >= 2.5 %, counted from each end.
            rank = -(-25 * len(values) // 1000)
            down, up = max(0.0, -values[rank - 1]), max(0.0, values[-rank])
            found[key] = Drift(down=down, up=up, pairs=len(values))
    return found


def _is_of_another_version(group: Group, before: Group) -> bool:
    """Whether a pair tells how versions differ: snapshots of one differ less."""
    return group.signature.stem != before.signature.stem


def _standing(group: Group, rated: Rated) -> Mapping[_Key, Rating]:
    """The default rating of a group in every category.

    The lab's own row speaks for it, else the first in order that has ratings.
    """
    own = f"{canonical_provider(group.vendor or '')}:"
    rows = sorted(
        (row for row in group.rows if row in rated.rows),
        key=lambda row: (not row.startswith(own), row),
    )
    found: dict[_Key, Rating] = {}
    for rating in rated.rows[rows[0]].ratings if rows else ():
        found.setdefault((rating.board, rating.category), rating)
    return found


def _fits(placement: Placement, rating: Rating) -> bool:
    """Whether a row may stand on a rating: one that pins a mode, on no other."""
    if placement.suspicion is not None:
        return False
    if placement.effort is not None and placement.effort != rating.effort:
        return False
    thinking = rating.mode == "thinking" if rating.mode else None
    return placement.thinking is None or placement.thinking == thinking


def _legacy(
    before: str, standing: Mapping[_Key, Rating], measured: Mapping[_Key, Drift]
) -> list[Rating]:
    legacy = []
    for key, rating in sorted(standing.items(), key=lambda pair: pair[0]):
        drift = measured.get(key)
        # An unknown interval can't be widened.
        if drift is None or rating.ci_low is None or rating.ci_high is None:
            continue
        legacy.append(
            evolve(
                rating,
                ci_low=rating.ci_low - drift.down,
                ci_high=rating.ci_high + drift.up,
                basis="inherited",
                inherited_from=before,
                rules=(*rating.rules, "predecessor"),
            )
        )
    return legacy


def _with(
    carried: Carried, heirloom: Sequence[Rating], measured: Mapping[_Key, Drift]
) -> Carried:
    overall = next((r for r in heirloom if (r.board, r.category) == OVERALL), None)
    note = carried.note
    if overall is not None:
        drift = measured[OVERALL]
        note = (
            f"not rated yet: {overall.name!r} of its predecessor "
            f"{overall.inherited_from} stands in, its interval widened by "
            f"{drift.down:.0f} points down and {drift.up:.0f} up, as "
            f"{drift.pairs} pairs of models differ"
        )
    return evolve(carried, inherited=tuple(heirloom), note=note)
