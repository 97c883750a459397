"""Tiers over the whole catalog, and tags.

A tier says in which fifth of its kind a model stands. The whole catalog counts,
whatever keys the user has: adding a key moves nobody's tier.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TypeAlias

from attrs import frozen

from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.rating import Rating

__all__ = ["Scale", "reference_price", "tags", "tiers"]

#: The default workload, tokens per request, on which cost tiers rest.
_INPUT_TOKENS = 1000
_OUTPUT_TOKENS = 300

_LONG_CONTEXT_TOKENS = 200_000
_NEW_DAYS = 90


@frozen
class Scale:
    """Four bounds that cut a distribution into fifths.

    Attributes:
        bounds: Values at 20, 40, 60 and 80 %, ascending; empty without data.
    """

    bounds: tuple[float, ...]

    @classmethod
    def over(cls, values: Iterable[float]) -> Scale:
        """Measure a distribution, interpolating linearly between its values.

        The bound at ``k`` fifths lies at place ``k * (n - 1) / 5`` of the ``n``
        ordered values, counted from 0.
        """
        ordered = sorted(values)
        if not ordered:
            return cls(())
        return cls(tuple(_bound(ordered, fifths) for fifths in (1, 2, 3, 4)))

    def fifth(self, value: float) -> int:
        """Return 1 for the lowest fifth to 5; a value on a bound is in the lower.

        Without a distribution there is one fifth, the first.
        """
        return bisect_left(self.bounds, value) + 1


_NO_SCALE = Scale(())


def _bound(ordered: Sequence[float], fifths: int) -> float:
    # In whole numbers: a bound that falls on a value is that value, to the last bit.
    place, rest = divmod(fifths * (len(ordered) - 1), 5)
    if rest == 0:
        return ordered[place]
    low, high = ordered[place], ordered[place + 1]
    return low + (high - low) * rest / 5


def reference_price(model: CanonicalModel) -> float | None:
    """US dollars for one request of 1,000 tokens in and 300 out; None unknown."""
    if model.price_basis not in {"listed", "free"}:
        return None
    if model.price_input_per_million is None:
        return None
    output = model.price_output_per_million
    if output is None:
        output = 0.0 if model.kind == "embedding" else None
    if output is None:
        return None
    dollars = model.price_input_per_million * _INPUT_TOKENS + output * _OUTPUT_TOKENS
    return dollars / 1_000_000


def _mean_score(ratings: Sequence[Rating], categories: Sequence[str]) -> float | None:
    """Mean of the default text ratings of some categories; None if one lacks."""
    first: dict[str, float] = {}
    for rating in ratings:
        if rating.board == "text" and rating.category in categories:
            first.setdefault(rating.category, rating.score)
    return sum(first.values()) / len(first) if len(first) == len(categories) else None


def tiers(
    models: Sequence[CanonicalModel], *, among: Sequence[CanonicalModel] | None = None
) -> list[dict[str, int | None]]:
    """Place every model in its fifths, among all of its kind.

    Args:
        models: The models to place; ratings with the default label first.
        among: The models that make the distributions: what everybody knows,
            whatever keys one has. All of ``models`` when None.

    Returns:
        Per model, in the order given, its ``cost_tier`` (1 is cheapest) and its
        ``quality_tier``, ``reasoning_tier`` (mean of math and hard prompts) and
        ``creative_tier`` (1 is best). No number, no tier. Ratings count every
        underlying model once, however many hosts it has; prices count each host.
    """
    known = models if among is None else among
    found: dict[str, list[int | None]] = {}
    for name, measure, hosts in _measures():
        scales = _scales(known, measure(known), hosts)
        placed = zip(models, measure(models), strict=True)
        found[name] = [
            None if value is None else scales.get(model.kind, _NO_SCALE).fifth(value)
            for model, value in placed
        ]
    return [
        dict(zip(found, of_model, strict=True))
        for of_model in zip(*found.values(), strict=True)
    ]


_Values: TypeAlias = list[float | None]


def _measures() -> Iterator[
    tuple[str, Callable[[Iterable[CanonicalModel]], _Values], Callable[..., str]]
]:
    """Name of each tier, its values (the smaller the better), and what counts once."""
    yield "cost_tier", lambda models: [reference_price(m) for m in models], _host
    yield "quality_tier", lambda models: _negated(m.arena_score for m in models), _group
    yield "reasoning_tier", _means("math", "hard_prompts"), _group
    yield "creative_tier", _means("creative_writing"), _group


def _host(model: CanonicalModel) -> str:
    return model.canonical_id


def _group(model: CanonicalModel) -> str:
    return model.group or model.canonical_id


def _means(
    *categories: str,
) -> Callable[[Iterable[CanonicalModel]], _Values]:
    def measure(models: Iterable[CanonicalModel]) -> _Values:
        # Hosts of one model share one tuple of ratings.
        known: dict[int, float | None] = {}
        models = tuple(models)
        for model in models:
            if id(model.ratings) not in known:
                known[id(model.ratings)] = _mean_score(model.ratings, categories)
        return _negated(known[id(model.ratings)] for model in models)

    return measure


def _negated(scores: Iterable[float | None]) -> _Values:
    return [None if score is None else -score for score in scores]


def _scales(
    models: Sequence[CanonicalModel],
    values: _Values,
    counted: Callable[[CanonicalModel], str],
) -> dict[str | None, Scale]:
    """Measure the distribution of each kind; of what counts once, the best value."""
    best: dict[str | None, dict[str, float]] = defaultdict(dict)
    for model, value in zip(models, values, strict=True):
        if value is not None:
            of_kind, name = best[model.kind], counted(model)
            of_kind[name] = min(value, of_kind.get(name, value))
    return {kind: Scale.over(found.values()) for kind, found in best.items()}


def tags(model: CanonicalModel, *, newest: str | None) -> tuple[str, ...]:
    """Name what a model is known to be, sorted.

    Args:
        model: The fused model.
        newest: The newest release date of the catalog: ``new`` means within 90
            days of it. No clock is read, so that the same data gives the same
            tags on any day.
    """
    known = {
        "reasoning": model.supports_reasoning is True,
        "tools": model.supports_tool_call is True,
        "structured-output": model.supports_structured_output is True,
        "vision": "image" in (model.input_modalities or ()),
        "audio-input": "audio" in (model.input_modalities or ()),
        "image-output": "image" in (model.output_modalities or ()),
        "open-weights": model.open_weights is True,
        "long-context": (model.context_tokens or 0) >= _LONG_CONTEXT_TOKENS,
        "free": model.price_basis == "free",
        "deprecated": model.status == "deprecated",
        "new": _within(model.release_date, newest, _NEW_DAYS),
    }
    return tuple(sorted(tag for tag, holds in known.items() if holds))


def _within(when: str | None, newest: str | None, days: int) -> bool:
    if when is None or newest is None:
        return False
    return 0 <= _ordinal(newest) - _ordinal(when) <= days


def _ordinal(when: str) -> int:
    # A month stands for its first day.
    return date.fromisoformat(f"{when}-01-01"[:10]).toordinal()
