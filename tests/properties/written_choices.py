"""Who comes first and who follows, by the written rules and by looking at each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, log2
from typing import Any

from llmhub_core.records.model import CanonicalModel
from tests.properties.written_numbers import Keys, World, cost
from tests.properties.written_specs import Data, provider_of, providers_of, workload


class Entrant:
    """An eligible model with its numbers; infinite where unknown."""

    def __init__(
        self, model: CanonicalModel, role: Data, world: World, keys: Keys
    ) -> None:
        self.model = model
        price = cost(model, workload(role))
        grade = world.grades(keys).get(model.canonical_id)
        self.priced, self.rated = price is not None, grade is not None
        self.usd = inf if price is None else price
        self.low = -inf if grade is None else grade.low
        self.score = -inf if grade is None else grade.score
        self.latency = world.latency(model)
        wishes = role.get("preferences", {})
        order = providers_of(wishes.get("providers", ()))
        place = model.provider in order
        lab = None if model.lab is None else provider_of(model.lab)
        self.last = (
            order.index(model.provider) if place else len(order),
            model.status not in ("stable", None),
            bool(model.flags),
            lab != model.provider,
            model.canonical_id,
        )
        released = world.released(model) or ""
        date = [-int(part) for part in released.split("-") if part]
        self.age = (not date, *date, *[0] * (3 - len(date)))


def beats(one: Entrant, other: Entrant) -> bool:
    """At most as dear, at least as good, and one of both strictly."""
    return (
        one.priced
        and one.rated
        and other.priced
        and other.rated
        and one.usd <= other.usd
        and one.low >= other.low
        and (one.usd < other.usd or one.low > other.low)
    )


def first_unbeaten(
    found: Sequence[Entrant], among: Sequence[Entrant], key: Callable[[Entrant], Any]
) -> Entrant:
    """The first by a key whom nobody of the others beats."""
    ordered = sorted(found, key=key)
    return next(e for e in ordered if not any(beats(other, e) for other in among))


def winner(  # noqa: C901, PLR0911 - one return for each rule that is written
    selector: str, options: Data, role: Data, found: Sequence[Entrant]
) -> Entrant:
    """Who comes first under the written rule, by looking at each."""
    wishes = role.get("preferences", {})
    quality, thrifty = wishes.get("quality"), wishes.get("cost") == "low"
    gap = options.get("gap", {"high": 30, "low": 300}.get(quality, 100))
    rated = [e for e in found if e.rated]
    if selector == "quality-first":
        if not rated:
            return min(found, key=_promise)
        best = max(rated, key=lambda e: (e.low, e.score))
        band = [e for e in rated if e.low >= best.low - max(best.score - best.low, 0)]
        return min(band, key=lambda e: (e.usd, -e.low, e.last))
    both = [e for e in rated if e.priced]
    floor = max((e.low for e in both or rated), default=inf) - gap
    enough = [e for e in rated if e.low >= floor]
    priced = [e for e in enough if e.priced]
    if selector == "cost-first":
        if not enough:
            return min(found, key=lambda e: (e.usd, e.age, e.last))
        return min(enough, key=lambda e: (e.usd, -e.low, e.last))
    if selector == "latency-first":
        if priced:
            return first_unbeaten(
                priced, priced, lambda e: (e.latency, e.usd, -e.low, e.last)
            )
        if enough:
            return min(enough, key=lambda e: (e.latency, -e.low, e.last))
        return min(found, key=lambda e: (e.latency, e.usd, e.age, e.last))
    if priced:
        ceiling = 2 * min(e.usd for e in priced) if thrifty else inf
        within = [e for e in priced if e.usd <= ceiling]
        return first_unbeaten(within, priced, _useful(role, options))
    if enough:
        return min(enough, key=lambda e: (-e.low, e.last))
    if quality == "high" and not thrifty:
        return min(found, key=_promise)
    return min(found, key=lambda e: (e.usd, e.age, e.last))


def _promise(entrant: Entrant) -> tuple[Any, ...]:
    dearer = -entrant.usd if entrant.priced else 0.0
    # The cost decides once more, then the rating that nobody has.
    return (entrant.age, dearer, entrant.usd, entrant.last)


def _useful(role: Data, options: Data) -> Callable[[Entrant], tuple[Any, ...]]:
    wishes, load = role.get("preferences", {}), workload(role)
    points = (
        {"high": 8, "low": 1}.get(wishes.get("quality"), 2),
        {"high": 1, "low": 8}.get(wishes.get("cost"), 2),
        {"high": 1, "medium": 2, "low": 8}.get(wishes.get("latency"), 1),
    )
    wq, wc, wl = (each / sum(points) for each in points)
    cheap = max(load["input_tokens"] + load["output_tokens"], 1) * 0.1 / 1e6
    doubling = options.get("points_per_doubling", 25)
    step = options.get("points_per_class", 10)

    def key(e: Entrant) -> tuple[Any, ...]:
        dear = wc * doubling * log2(1 + e.usd / cheap)
        utility = wq * e.low - dear - wl * step * e.latency
        return (-round(utility, 6), e.usd, -e.low, e.last)

    return key


def shared(one: CanonicalModel, chain: Sequence[CanonicalModel]) -> int:
    """How much a model shares with those before it, from nothing (0) to all (4)."""

    def same(name: str) -> bool:
        value = getattr(one, name)
        return value is not None and any(getattr(o, name) == value for o in chain)

    if same("provider"):
        return 4 if same("group") else 3
    if same("group"):
        return 2
    return 1 if same("lab") else 0


def stands_in(role: Data, one: CanonicalModel, first: CanonicalModel) -> bool:
    """Whether one does what the first does, where the kind alone does not tell."""
    require = role.get("require", {})
    if role["kind"] in ("embedding", "other"):
        return one.group is not None and one.group == first.group
    return role["kind"] != "audio" or all(
        side in require
        or {*(getattr(one, side) or ())} >= {*(getattr(first, side) or ())}
        for side in ("input_modalities", "output_modalities")
    )


def backups(role: Data, ranked: Sequence[CanonicalModel], count: int) -> list[str]:
    """Who follows the first of a ranking: the least shared fate, then the rank."""
    chain = [ranked[0]]
    left = [model for model in ranked[1:] if stands_in(role, model, ranked[0])]
    while left and len(chain) <= count:
        # `min` takes the first of equals: the highest in the ranking.
        best = min(left, key=lambda model: shared(model, chain))
        left.remove(best)
        chain.append(best)
    return [model.canonical_id for model in chain[1:]]
