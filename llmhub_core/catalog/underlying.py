"""Records about underlying models, brought to the groups that they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import frozen

from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.catalog.likeness import alike, written
from llmhub_core.catalog.placing import Place
from llmhub_core.catalog.precedence import Precedence
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Origin
from llmhub_core.records.observation import BaseModel, Harvest

__all__ = ["INTRINSIC", "Saying", "Underlying", "group_of", "underlying"]

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
class Saying:
    """One value that somebody gives for a fact of the weights.

    Attributes:
        value: Never None.
        origin: Whose it is.
        said_of: The record, or the row, that it was said of.
    """

    value: Any
    origin: Origin
    said_of: str


@frozen(kw_only=True)
class Underlying:
    """What is said of underlying models, and what of it is of no use.

    Attributes:
        sayings: By group and by field, at most one per source, whom to believe
            first.
        refused: Records of models that nobody serves, and fields in which two
            records of one source contradict each other.
    """

    sayings: Mapping[str, Mapping[str, tuple[Saying, ...]]]
    refused: tuple[Refusal, ...]


def underlying(
    harvests: Mapping[str, Harvest],
    places: Mapping[str, Place],
    members: Collection[str],
    precedence: Precedence,
) -> Underlying:
    """Find the group of each record about an underlying model.

    Args:
        harvests: Where those records are.
        places: Places by row id.
        members: Ids of the groups.
        precedence: Whom to believe where sources differ.
    """
    found: dict[str, dict[str, list[Saying]]] = defaultdict(dict)
    refused: list[Refusal] = []
    for source, harvest in sorted(harvests.items()):
        origin = Origin(source=source, as_of=harvest.as_of, via="base")
        about: dict[str, list[BaseModel]] = defaultdict(list)
        for base in sorted(harvest.bases, key=_order):
            group_id = group_of(base, places, members)
            if group_id is None:
                reason = "nobody serves this underlying model"
                refused.append(
                    Refusal(source=source, record=base.record, reason=reason)
                )
            else:
                about[group_id].append(base)
        for group_id, bases in about.items():
            for name in INTRINSIC:
                said, contradictions = _of_source(source, name, bases)
                refused += contradictions
                if said is not None:
                    value, record = said
                    saying = Saying(value=value, origin=origin, said_of=record)
                    found[group_id].setdefault(name, []).append(saying)

    sayings = {
        group_id: {
            name: tuple(sorted(said, key=partial(_rank, precedence, name)))
            for name, said in of_group.items()
        }
        for group_id, of_group in found.items()
    }
    return Underlying(sayings=sayings, refused=tuple(refused))


def _of_source(
    source: str, name: str, bases: Sequence[BaseModel]
) -> tuple[tuple[Any, str] | None, list[Refusal]]:
    """Return what one source says, and of which record; nothing if that differs."""
    known = dict.fromkeys(
        (value, base.record)
        for base in bases
        if (value := getattr(base.facts, name)) is not None
    )
    if not known:
        return None, []
    said = tuple(known)
    rivals = {
        one: next((other for other in said if not alike(name, one[0], other[0])), None)
        for one in said
    }
    # "2025-01" may have none while others differ about the day.
    any_rival = next(filter(None, rivals.values()), None)
    if any_rival is None:
        return said[0], []
    return None, [
        Refusal(
            source=source,
            record=record,
            field=name,
            reason=_contradiction(value, rivals[value, record] or any_rival),
        )
        for value, record in said
    ]


def _contradiction(value: Any, rival: tuple[Any, str]) -> str:
    return (
        f"{written(value)} here and {written(rival[0])} in {rival[1]}, which is the "
        f"same model: neither is used"
    )


def _rank(precedence: Precedence, name: str, saying: Saying) -> tuple[int, str]:
    return precedence.rank(name, saying.origin.source)


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
