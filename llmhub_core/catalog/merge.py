"""What several sources say of one model, merged field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from attrs import evolve, fields, frozen

from llmhub_core.catalog.likeness import alike, written
from llmhub_core.catalog.precedence import Precedence
from llmhub_core.records.model import Conflict, Facts, Origin

__all__ = ["Loan", "Merged", "Voice", "lent", "merge"]

_FIELDS = tuple(attribute.name for attribute in fields(Facts))
_PRICES = frozenset(name for name in _FIELDS if name.startswith("price_"))
_NOTHING = Facts()

#: A value that is lent, and where it comes from.
Loan: TypeAlias = tuple[Any, Origin]


@frozen(kw_only=True)
class Voice:
    """One source's facts about a model, and who says them."""

    origin: Origin
    facts: Facts


@frozen(kw_only=True)
class Merged:
    """Known values, who said each of them, and what was said otherwise."""

    values: Mapping[str, Any]
    provenance: Mapping[str, Origin]
    conflicts: tuple[Conflict, ...] = ()


def merge(voices: Sequence[Voice], precedence: Precedence) -> Merged:
    """Merge what sources say of one served model.

    The first voice in order of precedence that knows a field decides it. Prices
    belong together: all of them come from one voice, so that no row mixes two
    price lists. It is the first one in the order of ``price_basis`` that lists a
    price or says that the model is free.

    Args:
        voices: At least one, in any order, of different sources.
        precedence: Whom to believe.

    Returns:
        Only known fields; a None never displaces a value. Whatever another voice
        says otherwise is among the conflicts, also prices of which the list that
        was taken is silent.
    """
    speaking = [voice for voice in voices if voice.facts != _NOTHING]
    if len(speaking) <= 1:
        return _alone((speaking or voices)[0])
    values: dict[str, Any] = {}
    provenance: dict[str, Origin] = {}
    conflicts: list[Conflict] = []
    lister = _lister(speaking, precedence)
    for name in _FIELDS:
        ranked = _ranked(speaking, name, precedence)
        said = [
            (voice.origin, value)
            for voice in ranked
            if (value := getattr(voice.facts, name)) is not None
        ]
        if not said:
            continue
        if name in _PRICES:
            origin, value = lister.origin, getattr(lister.facts, name)
        else:
            origin, value = said[0]
        if value is not None:
            provenance[name], values[name] = origin, value
        conflicts += [
            Conflict(
                field=name,
                kept=written(value),
                kept_from=origin,
                lost=written(other),
                lost_from=its_origin,
            )
            for its_origin, other in said
            if its_origin != origin and not alike(name, value, other)
        ]
    return Merged(values=values, provenance=provenance, conflicts=tuple(conflicts))


def lent(merged: Merged, loans: Mapping[str, Loan]) -> Merged:
    """Fill unknown fields with what is known of the same underlying model.

    Args:
        merged: What is known of one row; nothing of it is replaced.
        loans: By field; the origins say that they are lent.
    """
    missing = {name: loans[name] for name in loans if name not in merged.values}
    if not missing:
        return merged
    return evolve(
        merged,
        values={**merged.values, **{n: value for n, (value, _) in missing.items()}},
        provenance={**merged.provenance, **{n: o for n, (_, o) in missing.items()}},
    )


def _alone(voice: Voice) -> Merged:
    # Nine rows in ten have one voice; this saves them the sorting.
    facts = voice.facts
    values = {
        name: value for name in _FIELDS if (value := getattr(facts, name)) is not None
    }
    return Merged(values=values, provenance=dict.fromkeys(values, voice.origin))


def _ranked(voices: Sequence[Voice], name: str, precedence: Precedence) -> list[Voice]:
    return sorted(voices, key=lambda v: precedence.rank(name, v.origin.source))


def _lister(voices: Sequence[Voice], precedence: Precedence) -> Voice:
    return min(_ranked(voices, "price_basis", precedence), key=_silence_on_prices)


def _silence_on_prices(voice: Voice) -> int:
    facts = voice.facts
    if facts.price_basis in {"listed", "free"}:
        return 0
    if facts.price_basis is not None:
        return 1  # no price, but why there is none
    return 2 if any(getattr(facts, name) is not None for name in _PRICES) else 3
