"""What several sources say of one model, merged field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from attrs import asdict, fields, frozen

from llmhub_core.catalog.precedence import Precedence
from llmhub_core.records.model import Conflict, Facts, Origin

__all__ = ["INTRINSIC", "Merged", "Voice", "lend", "merge"]

_FIELDS = tuple(attribute.name for attribute in fields(Facts))
_PRICES = frozenset(name for name in _FIELDS if name.startswith("price_"))

#: Facts of the weights, true at whatever host serves them. Prices and limits
#: are the host's own, and so is whether it offers tools or structured output.
INTRINSIC = (
    "family",
    "kind",
    "supports_reasoning",
    "knowledge_cutoff",
    "open_weights",
    "release_date",
)


@frozen(kw_only=True)
class Voice:
    """One source's facts about a served model, and who says them."""

    origin: Origin
    facts: Facts


@frozen(kw_only=True)
class Merged:
    """Known values, who said each of them, and what was said otherwise."""

    values: dict[str, Any]
    provenance: dict[str, Origin]
    conflicts: tuple[Conflict, ...] = ()


def merge(voices: Sequence[Voice], precedence: Precedence) -> Merged:
    """Merge what sources say of one served model.

    The first voice in order of precedence that knows a field decides it. Prices
    belong together: all of them come from the first voice that has a price, so
    that no row mixes two price lists.

    Args:
        voices: At least one, in any order.
        precedence: Whom to believe.

    Returns:
        Only known fields; a None never displaces a value.
    """
    if len(voices) == 1:
        return _alone(voices[0])
    values: dict[str, Any] = {}
    provenance: dict[str, Origin] = {}
    conflicts: list[Conflict] = []
    lister = _lister(voices, precedence)
    for name in _FIELDS:
        spoken = [
            (voice, value)
            for voice in _ordered(voices, name, precedence)
            if (value := getattr(voice.facts, name)) is not None
        ]
        if lister is not None and name in _PRICES:
            spoken.sort(key=lambda pair: pair[0] is not lister)
            if spoken and spoken[0][0] is not lister:
                continue
        if spoken:
            first, kept = spoken[0]
            values[name] = kept
            provenance[name] = first.origin
            conflicts += _conflicts(name, first, kept, spoken[1:])
    return Merged(values=values, provenance=provenance, conflicts=tuple(conflicts))


def lend(merged: Merged, lender: Merged, names: Iterable[str], via: str) -> None:
    """Fill unknown fields from what is known of the same underlying model.

    Args:
        merged: Gains values where it has none; nothing of it is replaced.
        lender: Facts about the same weights.
        names: The fields that may be lent.
        via: ``base`` or ``group``; marks the origin.
    """
    for name in names:
        if name not in merged.values and name in lender.values:
            merged.values[name] = lender.values[name]
            merged.provenance[name] = _lent(lender.provenance[name], via)


def _alone(voice: Voice) -> Merged:
    # Nine rows in ten have one voice; this saves them the sorting.
    facts = voice.facts
    values = {
        name: value for name in _FIELDS if (value := getattr(facts, name)) is not None
    }
    return Merged(values=values, provenance=dict.fromkeys(values, voice.origin))


@cache
def _lent(origin: Origin, via: str) -> Origin:
    return Origin(source=origin.source, as_of=origin.as_of, via=via)  # type: ignore[arg-type]


def _ordered(voices: Iterable[Voice], name: str, precedence: Precedence) -> list[Voice]:
    return sorted(voices, key=lambda v: precedence.rank(name, v.origin.source))


def _lister(voices: Sequence[Voice], precedence: Precedence) -> Voice | None:
    for voice in _ordered(voices, "price_basis", precedence):
        if voice.facts.price_basis in {"listed", "free"}:
            return voice
    return None


def _conflicts(
    name: str, first: Voice, kept: object, rest: Sequence[tuple[Voice, object]]
) -> list[Conflict]:
    return [
        Conflict(
            field=name,
            kept=_text(kept),
            kept_from=first.origin,
            lost=_text(value),
            lost_from=voice.origin,
        )
        for voice, value in rest
        if value != kept
    ]


def _text(value: Any) -> str:
    return json.dumps(value, default=asdict, sort_keys=True, ensure_ascii=False)
