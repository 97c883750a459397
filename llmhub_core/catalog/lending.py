"""Facts of the weights, lent to the hosts that do not state them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from attrs import evolve, frozen

from llmhub_core.catalog.dissent import dissent, reference
from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.catalog.likeness import alike
from llmhub_core.catalog.merge import Loan, Merged, lent
from llmhub_core.catalog.placing import Place
from llmhub_core.catalog.precedence import Precedence
from llmhub_core.catalog.rows import public
from llmhub_core.catalog.underlying import INTRINSIC, Saying, underlying
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Origin
from llmhub_core.records.observation import Harvest

__all__ = ["Shared", "share"]


@frozen(kw_only=True)
class Shared:
    """Rows with what was lent to them, and records that are of no use to any.

    Attributes:
        rows: By row id.
        unaware: The rows of which a key told more than the others know, as the
            others know them.
        refused: Of the records about underlying models.
    """

    rows: Mapping[str, Merged]
    unaware: Mapping[str, Merged]
    refused: tuple[Refusal, ...]


@frozen(kw_only=True)
class _Common:
    """What the rows of one group have in common: loans, and who should know."""

    loans: Mapping[str, Loan]
    sayings: Mapping[str, Sequence[Saying]]


def share(
    merged: Mapping[str, Merged],
    known: Mapping[str, Merged],
    places: Mapping[str, Place],
    harvests: Mapping[str, Harvest],
    precedence: Precedence,
) -> Shared:
    """Lend each row the facts of its underlying model that it lacks.

    A record about the underlying model is asked first, then the other hosts.
    Where hosts contradict each other, nothing is lent. Who says otherwise than the
    lab, or than most hosts, gets a conflict for it.

    Args:
        merged: What is known of each row, by row id.
        known: The same without what only the user's keys told, for the rows that
            are known without them: what a key tells is lent to nobody else.
        places: Every row's place.
        harvests: Where the records about underlying models are.
        precedence: Whom to believe of those records.
    """
    # A row whose id and name contradict each other neither lends nor borrows.
    sound = {i: p for i, p in places.items() if p.placement.suspicion is None}
    heard = {i: p for i, p in sound.items() if i in known}
    common, refused = _common(known, heard, public(harvests), precedence)
    rows = {
        row_id: _with(merged[row_id], place, common) for row_id, place in heard.items()
    }
    unaware = {
        row_id: _with(row, places[row_id], common) if row_id in sound else row
        for row_id, row in known.items()
        if row.values != merged[row_id].values
    }
    if len(heard) < len(sound) or len(public(harvests)) < len(harvests):
        # What a key brought borrows from all, and lends to none that do without.
        wider, refused = _common(merged, sound, harvests, precedence)
        rows |= {
            row_id: _with(merged[row_id], place, wider)
            for row_id, place in sound.items()
            if row_id not in heard
        }
    return Shared(rows={**merged, **rows}, unaware=unaware, refused=refused)


def _with(merged: Merged, place: Place, common: Mapping[str, _Common]) -> Merged:
    shared = common.get(place.placement.group)
    if shared is None:
        return merged
    row = lent(merged, shared.loans)
    pinned = place.placement.thinking is not None
    conflicts = dissent(row, shared.sayings, pinned=pinned)
    return evolve(row, conflicts=row.conflicts + conflicts) if conflicts else row


def _common(
    merged: Mapping[str, Merged],
    places: Mapping[str, Place],
    harvests: Mapping[str, Harvest],
    precedence: Precedence,
) -> tuple[dict[str, _Common], tuple[Refusal, ...]]:
    """Find what the rows of each group have in common."""
    members: dict[str, list[str]] = defaultdict(list)
    for row_id in sorted(places):
        members[places[row_id].placement.group].append(row_id)
    about = underlying(harvests, places, members, precedence)
    common: dict[str, _Common] = {}
    for group_id, row_ids in members.items():
        of_base = about.sayings.get(group_id, {})
        if len(row_ids) == 1 and not of_base:
            continue
        rows = {row_id: merged[row_id] for row_id in row_ids}
        loans = _agreed(list(rows.values()))
        loans |= {
            name: (said[0].value, said[0].origin) for name, said in of_base.items()
        }
        free = {i: r for i, r in rows.items() if places[i].placement.thinking is None}
        sayings = {**reference(free, _at_lab(free, places)), **of_base}
        common[group_id] = _Common(loans=loans, sayings=sayings)
    return common, about.refused


def _at_lab(row_ids: Collection[str], places: Mapping[str, Place]) -> set[str]:
    return {
        row_id
        for row_id in row_ids
        if (lab := places[row_id].lab) is not None
        and canonical_provider(lab) == row_id.partition(":")[0]
    }


def _agreed(rows: Sequence[Merged]) -> dict[str, Loan]:
    """What all agree on who say anything; the first of them is named."""
    loans: dict[str, Loan] = {}
    for name in INTRINSIC:
        known = [row for row in rows if name in row.values]
        if known:
            value = known[0].values[name]
            if all(alike(name, value, row.values[name]) for row in known):
                loans[name] = (value, _lent_by_group(known[0].provenance[name]))
    return loans


@cache
def _lent_by_group(origin: Origin) -> Origin:
    return evolve(origin, via="group")
