"""Facts of the weights, lent to the hosts that do not state them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Literal

from attrs import frozen

from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.catalog.merge import Loan, Merged, lent
from llmhub_core.catalog.placing import Place
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Origin
from llmhub_core.records.observation import BaseModel, Harvest

__all__ = ["INTRINSIC", "Shared", "group_of", "share"]

#: True of the weights at whatever host serves them. Prices and limits are the
#: host's own, and so is whether it offers tools or structured output.
INTRINSIC = (
    "family",
    "kind",
    "supports_reasoning",
    "knowledge_cutoff",
    "open_weights",
    "release_date",
)


@frozen(kw_only=True)
class Shared:
    """Rows with what was lent to them, and bases without a row."""

    rows: Mapping[str, Merged]
    refused: tuple[Refusal, ...]


def share(
    merged: Mapping[str, Merged],
    places: Mapping[str, Place],
    harvests: Mapping[str, Harvest],
) -> Shared:
    """Lend each row the facts of its underlying model that it lacks.

    A record about the underlying model is asked first, then the other hosts.
    Where several of them contradict each other, nothing is lent.

    Args:
        merged: What is known of each row, by row id.
        places: Every row's place.
        harvests: Where the records about underlying models are.
    """
    # A row whose id and name contradict each other neither lends nor borrows.
    sound = {i: p for i, p in places.items() if p.placement.suspicion is None}
    known = {i: p for i, p in sound.items() if not p.keyed}
    rows, refused = _lend(merged, known, harvests)
    if len(known) < len(sound):
        # What a key brought borrows from all, and lends to none that do without.
        wider, refused = _lend(merged, sound, harvests)
        rows = {**wider, **rows}
    return Shared(rows={**merged, **rows}, refused=tuple(refused))


def _lend(
    merged: Mapping[str, Merged],
    places: Mapping[str, Place],
    harvests: Mapping[str, Harvest],
) -> tuple[dict[str, Merged], list[Refusal]]:
    """Return the rows of these places with what is lent among them."""
    members: dict[str, list[str]] = defaultdict(list)
    for row_id in sorted(places):
        members[places[row_id].placement.group].append(row_id)
    bases, refused = _bases(harvests, places, members)
    rows: dict[str, Merged] = {}
    for group_id, row_ids in members.items():
        loans: dict[str, Loan] = {}
        if len(row_ids) > 1 or group_id in bases:
            loans |= _agreed([_own(merged[row_id]) for row_id in row_ids], "group")
            loans |= _agreed(bases.get(group_id, ()), "base")
        rows |= {row_id: lent(merged[row_id], loans) for row_id in row_ids}
    return rows, refused


def _own(merged: Merged) -> dict[str, Loan]:
    return {
        name: (merged.values[name], merged.provenance[name])
        for name in INTRINSIC
        if name in merged.values
    }


def _agreed(
    said: Sequence[Mapping[str, Loan]], via: Literal["base", "group"]
) -> dict[str, Loan]:
    """What all agree on who say anything; the first of them is named."""
    loans: dict[str, Loan] = {}
    for name in INTRINSIC:
        known = [facts[name] for facts in said if name in facts]
        if known and all(value == known[0][0] for value, _ in known):
            value, origin = known[0]
            loans[name] = (value, _via(origin, via))
    return loans


@cache
def _via(origin: Origin, via: Literal["base", "group"]) -> Origin:
    return Origin(source=origin.source, as_of=origin.as_of, via=via)


def _bases(
    harvests: Mapping[str, Harvest],
    places: Mapping[str, Place],
    members: Collection[str],
) -> tuple[dict[str, list[dict[str, Loan]]], list[Refusal]]:
    """Find the group of each record about an underlying model."""
    found: dict[str, list[dict[str, Loan]]] = defaultdict(list)
    refused: list[Refusal] = []
    for source, harvest in sorted(harvests.items()):
        origin = Origin(source=source, as_of=harvest.as_of)
        for base in sorted(harvest.bases, key=_order):
            group_id = group_of(base, places, members)
            if group_id is None:
                reason = "nobody serves this underlying model"
                refused.append(
                    Refusal(source=source, record=base.record, reason=reason)
                )
            else:
                found[group_id].append(
                    {
                        name: (value, origin)
                        for name in INTRINSIC
                        if (value := getattr(base.facts, name)) is not None
                    }
                )
    return found, refused


def _order(base: BaseModel) -> tuple[str, str]:
    return base.record, repr(base.facts)


def group_of(
    base: BaseModel, places: Mapping[str, Place], members: Collection[str]
) -> str | None:
    """The group of the row that the lab itself serves, or the one of that name.

    Args:
        base: A record about an underlying model.
        places: Places by row id.
        members: Ids of the groups.

    Returns:
        The id of its group, or None when nobody serves it.
    """
    place = places.get(f"{canonical_provider(base.lab)}:{base.model_id}")
    if place is not None:
        return place.placement.group
    group_id = f"{base.lab}/{base.model_id}"
    return group_id if group_id in members else None
