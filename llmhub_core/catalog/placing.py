"""Where every row belongs and which ratings it carries.

Keys must move nothing: a model that only the user's keys brought to light is
placed among the others, but the others are grouped and rated as if it were not
there. Otherwise two people would see two catalogs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attrs import evolve, frozen

from llmhub_core.catalog.boards import RatedBy
from llmhub_core.catalog.identity import (
    Grouping,
    Placement,
    ServedRow,
    Tables,
    group,
)
from llmhub_core.catalog.inheritance import inherit
from llmhub_core.catalog.ratings import Carried, Rated, rate
from llmhub_core.records.catalog import Unmatched

__all__ = ["Place", "Placing", "place"]

_UNRATED = Carried()


@frozen(kw_only=True)
class Place:
    """One row's place.

    Attributes:
        placement: Its group, mode and effort.
        lab: Who made the model, or None.
        carried: Its ratings.
        keyed: True when only the user's keys brought it.
    """

    placement: Placement
    lab: str | None
    carried: Carried
    keyed: bool = False


@frozen(kw_only=True)
class Placing:
    """Every row's place, by row id, and the rated names that found none."""

    places: dict[str, Place]
    unmatched: tuple[Unmatched, ...]


def place(
    rows: Sequence[ServedRow],
    row_ids: Sequence[str],
    keyed: Collection[str],
    ratings: Sequence[RatedBy],
    tables: Tables,
    *,
    inherit_ratings: bool = True,
) -> Placing:
    """Group all rows and bring the ratings to them.

    Args:
        rows: What identity needs to know of each row.
        row_ids: Their canonical ids, in the same order.
        keyed: Ids of those that only the user's keys brought.
        ratings: The ratings that count.
        tables: Aliases and denials.
        inherit_ratings: Whether unrated models take ratings of their predecessor.
    """

    def carried(grouping: Grouping) -> Rated:
        rated = rate(ratings, grouping, tables)
        return inherit(rated, grouping) if inherit_ratings else rated

    known = [r for r, i in zip(rows, row_ids, strict=True) if i not in keyed]
    grouping = group(known, tables)
    rated = carried(grouping)
    places = {row_id: _place(row_id, grouping, rated) for row_id in grouping.placements}
    if not keyed:
        return Placing(places=places, unmatched=rated.unmatched)
    wider = group(rows, tables)
    rated = carried(wider)
    for row_id in sorted(keyed):
        found = _place(row_id, wider, rated)
        group_id = _among(found.placement, wider, grouping)
        placement = evolve(found.placement, group=group_id)
        places[row_id] = evolve(found, placement=placement, keyed=True)
    return Placing(places=places, unmatched=rated.unmatched)


def _place(row_id: str, grouping: Grouping, rated: Rated) -> Place:
    placement = grouping.placements[row_id]
    return Place(
        placement=placement,
        lab=grouping.groups[placement.group].vendor,
        carried=rated.rows.get(row_id, _UNRATED),
    )


def _among(placement: Placement, wider: Grouping, grouping: Grouping) -> str:
    """Name the group of a keyed row as the rows that it joins are grouped."""
    for mate in wider.groups[placement.group].rows:
        if mate in grouping.placements:
            return grouping.placements[mate].group
    # None of them is known: a group of its own, under a name that is free.
    group_id = placement.group
    return f"{group_id}~keyed" if group_id in grouping.groups else group_id
