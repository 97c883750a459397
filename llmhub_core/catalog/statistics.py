"""Tiers over the whole catalog, and tags.

A tier says in which fifth of its kind a model stands. The whole catalog counts,
whatever keys the user has: adding a key moves nobody's tier.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from datetime import date

from attrs import frozen

from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.rating import Rating

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
        """Return 1 for the lowest fifth to 5; a value on a bound is in the lower.

        Without a distribution there is one fifth, the first.
        """
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


def _mean_score(ratings: Sequence[Rating], categories: Sequence[str]) -> float | None:
    """Mean of the default text ratings of some categories; None if one lacks."""
    first: dict[str, float] = {}
    for rating in ratings:
        if rating.board == "text" and rating.category in categories:
            first.setdefault(rating.category, rating.score)
    return sum(first.values()) / len(first) if len(first) == len(categories) else None


def tiers(
    models: Sequence[CanonicalModel], *, uncounted: Container[str] = ()
) -> list[dict[str, int | None]]:
    """Place every model in its fifths, among all of its kind.

    Args:
        models: The catalog; ratings with the default label first.
        uncounted: Canonical ids of models that are placed, and do not count in
            the distributions.

    Returns:
        Per model, in the order given, its ``cost_tier`` (1 is cheapest) and its
        ``quality_tier``, ``reasoning_tier`` (mean of math and hard prompts) and
        ``creative_tier`` (1 is best). No number, no tier. Ratings count every
        underlying model once, however many hosts it has; prices count each host.
    """
    counted = [model.canonical_id not in uncounted for model in models]
    ids = [model.canonical_id for model in models]
    groups = [model.group or model.canonical_id for model in models]
    found = {
        name: _fifths(models, values, hosts, counted)
        for name, values, hosts in (
            ("cost_tier", [reference_price(model) for model in models], ids),
            # The smaller the better, as with prices.
            ("quality_tier", _negated(m.arena_score for m in models), groups),
            ("reasoning_tier", _means(models, ("math", "hard_prompts")), groups),
            ("creative_tier", _means(models, ("creative_writing",)), groups),
        )
    }
    return [
        dict(zip(found, placed, strict=True))
        for placed in zip(*found.values(), strict=True)
    ]


def _means(
    models: Iterable[CanonicalModel], categories: Sequence[str]
) -> list[float | None]:
    # Hosts of one model share one tuple of ratings.
    known: dict[int, float | None] = {}
    for model in models:
        if id(model.ratings) not in known:
            known[id(model.ratings)] = _mean_score(model.ratings, categories)
    return _negated(known[id(model.ratings)] for model in models)


def _negated(scores: Iterable[float | None]) -> list[float | None]:
    return [None if score is None else -score for score in scores]


def _fifths(
    models: Sequence[CanonicalModel],
    values: Sequence[float | None],
    hosts: Sequence[str],
    counted: Sequence[bool],
) -> list[int | None]:
    """Place each value among those of its kind; equal hosts count once."""
    best: dict[str | None, dict[str, float]] = defaultdict(dict)
    for model, value, host, counts in zip(models, values, hosts, counted, strict=True):
        if value is not None and counts:
            of_kind = best[model.kind]
            # Of several modes of one model the best one counts.
            of_kind[host] = min(value, of_kind.get(host, value))
    scales = {kind: Scale.over(found.values()) for kind, found in best.items()}
    nothing = Scale(())
    return [
        None if value is None else scales.get(model.kind, nothing).fifth(value)
        for model, value in zip(models, values, strict=True)
    ]


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
