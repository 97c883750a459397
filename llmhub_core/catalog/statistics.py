"""Tiers over the whole catalog, and tags.

A tier says in which fifth of its kind a model stands. The whole catalog counts,
whatever keys the user has: adding a key moves nobody's tier.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from attrs import frozen

from llmhub_core.records.model import CanonicalModel, Rating

__all__ = ["QUANTILES", "Scale", "reference_price", "tags", "tiers"]

#: Where one fifth ends and the next begins.
QUANTILES = (0.2, 0.4, 0.6, 0.8)

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
        """Measure a distribution, interpolating linearly between its values."""
        ordered = sorted(values)
        if not ordered:
            return cls(())
        return cls(tuple(_quantile(ordered, share) for share in QUANTILES))

    def fifth(self, value: float) -> int:
        """Return 1 for the lowest fifth to 5 for the highest."""
        return bisect_left(self.bounds, value) + 1


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


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


def _score(model: CanonicalModel, categories: Sequence[str]) -> float | None:
    """Mean of the default text ratings of some categories; None if one lacks."""
    first: dict[str, Rating] = {}
    for rating in model.ratings:
        if rating.board == "text":
            first.setdefault(rating.category, rating)
    found = [first[category].score for category in categories if category in first]
    return sum(found) / len(found) if len(found) == len(categories) else None


def tiers(models: Sequence[CanonicalModel]) -> list[dict[str, int | None]]:
    """Place every model in its fifths.

    Args:
        models: The whole catalog; ratings with the default label first.

    Returns:
        Per model, in the order given, its ``cost_tier`` (1 is cheapest) and
        ``quality_tier``, ``reasoning_tier`` (mean of math and hard prompts) and
        ``creative_tier`` (1 is best). No number, no tier. Quality distributions
        count every underlying model once, however many hosts it has.
    """
    scores: dict[str, Callable[[CanonicalModel], float | None]] = {
        "quality_tier": lambda model: model.arena_score,
        "reasoning_tier": lambda model: _score(model, ("math", "hard_prompts")),
        "creative_tier": lambda model: _score(model, ("creative_writing",)),
    }
    result: list[dict[str, int | None]] = [{} for _ in models]
    for name, measure in scores.items():
        values = [measure(model) for model in models]
        once = {
            (model.kind, model.group or model.canonical_id): value
            for model, value in zip(models, values, strict=True)
            if value is not None
        }
        scales = _scales((kind, value) for (kind, _), value in once.items())
        for place, model, value in zip(result, models, values, strict=True):
            # Fifths count from the lowest; the best tier is 1.
            place[name] = (
                6 - scales[model.kind].fifth(value) if value is not None else None
            )
    prices = [reference_price(model) for model in models]
    scales = _scales(
        (model.kind, price)
        for model, price in zip(models, prices, strict=True)
        if price is not None
    )
    for place, model, price in zip(result, models, prices, strict=True):
        place["cost_tier"] = (
            scales[model.kind].fifth(price) if price is not None else None
        )
    return result


def _scales(pairs: Iterable[tuple[Any, float]]) -> dict[Any, Scale]:
    values: dict[Any, list[float]] = {}
    for kind, value in pairs:
        values.setdefault(kind, []).append(value)
    return {kind: Scale.over(found) for kind, found in values.items()}


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
