"""Harvests checked at the door: what can't be meant becomes a refusal.

Sources are written by strangers. Behind this module a price is a finite number
from 0, a date is in the calendar and an id is one printable word. A bad field is
unknown and its record stands; a record without a sound id goes.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any, TypeVar, cast

from attrs import evolve

from llmhub_core.catalog.merits import benchmarks, rated
from llmhub_core.catalog.soundness import (
    FACT_CHECKS,
    PRICES,
    day,
    identifier,
    said,
    shown,
)
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Facts
from llmhub_core.records.observation import (
    BaseModel,
    Harvest,
    Probe,
    RatedModel,
    ServedModel,
)

__all__ = ["inspect"]

R = TypeVar("R", ServedModel, BaseModel, RatedModel, Probe)

_values = attrgetter(*(name for name, _ in FACT_CHECKS))
_prices = attrgetter(*PRICES)
_NUMBERS = tuple(name for name in PRICES if name != "price_basis")


def inspect(harvest: Harvest) -> Harvest:
    """Keep what is sound.

    Args:
        harvest: What a source returned; nothing in it is trusted.

    Returns:
        The same harvest when all of it is sound; otherwise one without the bad
        records and fields, and with a refusal for each of them.
    """
    refused: list[Refusal] = []
    kept: dict[str, Any] = {
        "served": _kept(harvest.served, ServedModel, "served", refused),
        "bases": _kept(harvest.bases, BaseModel, "bases", refused),
        "ratings": _kept(harvest.ratings, RatedModel, "ratings", refused),
        "probes": _kept(harvest.probes, Probe, "probes", refused),
        "refused": _told(_of_type(harvest.refused, Refusal, "refused", refused)),
        "notes": _told(_of_type(harvest.notes, str, "notes", refused)),
        "as_of": harvest.as_of,
    }
    if harvest.as_of is not None and (problem := day(harvest.as_of)):
        refused.append(Refusal(record="harvest", field="as_of", reason=problem))
        kept["as_of"] = None
    if all(getattr(harvest, name) is value for name, value in kept.items()):
        return harvest
    kept["refused"] = (*kept["refused"], *refused)
    return Harvest(**kept)


def _of_type(
    records: object, cls: type[Any], where: str, refused: list[Refusal]
) -> Any:
    if not isinstance(records, (tuple, list)):
        reason = f"{said(records)} is not a tuple"
        refused.append(Refusal(record=where, reason=reason))
        return ()
    wrong = [place for place, item in enumerate(records) if type(item) is not cls]
    if not wrong:
        return records
    refused += [
        Refusal(
            record=f"{where}[{place}]",
            reason=f"{said(records[place])} is not a {cls.__name__}",
        )
        for place in wrong
    ]
    return tuple(item for item in records if type(item) is cls)


def _told(told: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refusals and notes of the source itself, in words that can be shown."""
    readable = tuple(map(_readable, told))
    return told if readable == tuple(told) else readable


def _readable(told: Any) -> Any:
    if isinstance(told, str):
        return shown(told)
    return Refusal(
        record=shown(told.record),
        reason=shown(told.reason),
        field=None if told.field is None else shown(told.field),
    )


def _kept(
    records: object, cls: type[R], where: str, refused: list[Refusal]
) -> tuple[R, ...]:
    typed = _of_type(records, cls, where, refused)
    check = _CHECKS[cls]
    before = len(refused)
    kept = [
        sound
        for place, record in enumerate(typed)
        if (sound := check(record, f"{where}[{place}]", refused)) is not None
    ]
    return typed if len(refused) == before else tuple(kept)


def _served(
    served: ServedModel, where: str, refused: list[Refusal]
) -> ServedModel | None:
    problem = (
        identifier(served.record)
        or _provider(served.provider)
        or identifier(served.model_id)
    )
    if problem:
        refused.append(Refusal(record=_name(served, where), reason=problem))
        return None
    facts = _facts(served.facts, served.record, refused)
    return served if facts is served.facts else evolve(served, facts=facts)


def _base(base: BaseModel, where: str, refused: list[Refusal]) -> BaseModel | None:
    problem = (
        identifier(base.record) or _provider(base.lab) or identifier(base.model_id)
    )
    if problem:
        refused.append(Refusal(record=_name(base, where), reason=problem))
        return None
    facts = _facts(base.facts, base.record, refused)
    results = benchmarks(base.benchmarks, base.record, refused)
    if facts is base.facts and results is base.benchmarks:
        return base
    return evolve(base, facts=facts, benchmarks=results)


def _provider(value: object) -> str | None:
    problem = identifier(value)
    # The first of these marks divides provider and model in a canonical id.
    if problem is None and (":" in str(value) or "/" in str(value)):
        return f"{said(value)} can't be a provider"
    return problem


def _name(record: ServedModel | BaseModel, where: str) -> str:
    return where if identifier(record.record) else record.record


def _facts(facts: object, record: str, refused: list[Refusal]) -> Facts:
    if type(facts) is not Facts:
        refused.append(Refusal(record=record, reason=f"{said(facts)} is not Facts"))
        return Facts()
    problems = {
        name: problem
        for (name, check), value in zip(FACT_CHECKS, _values(facts), strict=True)
        if value is not None and (problem := check(value))
    }
    sound = evolve(facts, **dict.fromkeys(problems)) if problems else facts
    if any(price is not None for price in _prices(sound)):
        unpriced = _unpriced(sound)
        problems |= unpriced
        sound = evolve(sound, **dict.fromkeys(unpriced)) if unpriced else sound
    refused += [
        Refusal(record=record, field=name, reason=problem)
        for name, problem in problems.items()
    ]
    return sound


def _unpriced(facts: Facts) -> dict[str, str]:
    """Fields of a price list that contradicts itself, with the reason."""
    known = [name for name in _NUMBERS if getattr(facts, name) is not None]
    amounts = [getattr(facts, name) for name in known if name != "price_tiers"]
    match facts.price_basis:
        case "listed" if not amounts:
            return dict.fromkeys([*known, "price_basis"], "lists no price")
        case "listed" if not any(amounts):
            reason = "0 is no listed price: it is free, or unknown"
            return dict.fromkeys([*known, "price_basis"], reason)
        case "free" if any(amounts) or facts.price_tiers:
            return dict.fromkeys([*known, "price_basis"], "is free and has a price")
        case "listed" | "free":
            return {}
        case _:
            reason = "a price needs the price_basis listed or free"
            return dict.fromkeys(known, reason)


def _probe(probe: Probe, where: str, refused: list[Refusal]) -> Probe | None:
    if problem := _provider(probe.provider):
        refused.append(Refusal(record=where, reason=problem))
        return None
    changes: dict[str, Any] = {}
    problems: list[tuple[str, str]] = []
    complete, ids = cast("tuple[object, object]", (probe.complete, probe.model_ids))
    if type(complete) is not bool:
        problems.append(("complete", f"{said(complete)} is neither True nor False"))
        changes["complete"] = False
    if isinstance(ids, (tuple, list)):
        bad = [("model_ids", problem) for i in ids if (problem := identifier(i))]
        problems += bad
        if bad:
            changes["model_ids"] = tuple(i for i in ids if identifier(i) is None)
    elif ids is not None:
        problems.append(("model_ids", f"{said(ids)} is not a tuple of ids"))
        changes["model_ids"] = None
    refused += [
        Refusal(record=probe.provider, field=name, reason=problem)
        for name, problem in problems
    ]
    return evolve(probe, **changes) if changes else probe


_CHECKS: dict[type, Any] = {
    ServedModel: _served,
    BaseModel: _base,
    RatedModel: rated,
    Probe: _probe,
}
