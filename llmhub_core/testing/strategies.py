"""hypothesis strategies for the records.

:func:`records` makes any record that has the right types, however odd; the
others make what a sound source says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st

from llmhub_core.records.model import Facts, PriceTier
from llmhub_core.records.observation import (
    BaseModel,
    Harvest,
    Probe,
    RatedModel,
    ServedModel,
)

__all__ = ["facts", "harvests", "json_values", "records"]

T = TypeVar("T")

#: Any text that can be written as UTF-8.
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_NUMBER = st.floats(allow_nan=False, allow_infinity=False)
_SCALAR = st.none() | st.booleans() | st.integers() | _NUMBER | _TEXT


def json_values() -> st.SearchStrategy[Any]:
    """Anything that JSON can say."""
    return st.recursive(
        _SCALAR,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4)
        ),
        max_leaves=8,
    )


def records(cls: type[T]) -> st.SearchStrategy[T]:
    """Any record of a class: the right types, and any value within them."""
    hints = get_type_hints(cls)
    arguments = {
        attribute.name: _of(hints[attribute.name])
        for attribute in attrs.fields(cls)  # type: ignore[arg-type]
        if attribute.init
    }
    return st.builds(cls, **arguments)


_SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    Any: _SCALAR,
    NoneType: st.none(),
    bool: st.booleans(),
    bytes: st.binary(max_size=12),
    float: _NUMBER,
    int: st.integers(),
    object: _SCALAR,
    str: _TEXT,
}


def _of(kind: Any) -> st.SearchStrategy[Any]:
    origin, inner = get_origin(kind), get_args(kind)
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if origin is Literal:
        return st.sampled_from(inner)
    if origin in {Union, UnionType}:
        return st.one_of(*map(_of, inner))
    if origin is Mapping:
        return st.dictionaries(*map(_of, inner), max_size=3)
    if origin is tuple and inner[1:] == (...,):
        return st.lists(_of(inner[0]), max_size=3).map(tuple)
    return st.tuples(*map(_of, inner)) if origin is tuple else records(kind)


# ---------------------------------------------------------------- what is sound

_PROVIDERS = ("openai", "anthropic", "openrouter", "groq", "nowhere")
_MODELS = (
    "gpt-5",
    "gpt-5-mini",
    "gpt-5-2025-08-07",
    "claude-opus-4-5",
    "claude-opus-4-5:thinking",
    "openai/gpt-5",
    "llama-3.1-8b-instruct",
    "text-embedding-3-small",
)
_NAMES = (
    "gpt-5",
    "gpt-5-high",
    "gpt-5-mini",
    "claude-opus-4-5",
    "claude-opus-4-5-thinking-32k",
    "llama-3.1-8b-instruct",
    "nobody-knows-7b",
)
_PRICE_FIELDS = tuple(
    name for name in attrs.fields_dict(Facts) if "_per_million" in name
)


def _days() -> st.SearchStrategy[str]:
    days = st.dates(date(2023, 1, 1), date(2026, 12, 31)).map(date.isoformat)
    return days | days.map(lambda day: day[:7])


def _unless_unknown(values: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | values


@st.composite
def _prices(draw: st.DrawFn) -> dict[str, Any]:
    basis = draw(st.sampled_from((None, "listed", "free", "subscription", "zero")))
    if basis == "free":
        return {"price_basis": basis, **dict.fromkeys(_PRICE_FIELDS[:2], 0.0)}
    if basis != "listed":
        return {"price_basis": basis}
    price = st.floats(0.01, 200.0)
    prices = {name: draw(_unless_unknown(price)) for name in _PRICE_FIELDS[2:]}
    prices |= {name: draw(price) for name in _PRICE_FIELDS[:2]}
    tier = st.builds(
        PriceTier,
        above_context_tokens=st.just(200_000),
        input_per_million=price,
        output_per_million=price,
    )
    tiers = draw(_unless_unknown(st.tuples(tier)))
    return {"price_basis": basis, "price_tiers": tiers, **prices}


@st.composite
def facts(draw: st.DrawFn, *, priced: bool = True) -> Facts:
    """What a sound source may say of a model.

    Args:
        draw: Given by hypothesis.
        priced: False leaves prices out, as for an underlying model.
    """
    flag, tokens = st.booleans(), st.integers(1, 2_000_000)
    modalities = st.sampled_from((("text",), ("image", "text"), ("audio", "text")))
    said: dict[str, st.SearchStrategy[Any]] = {
        "display_name": st.sampled_from(("GPT-5", "Claude Opus 4.5", "Llama")),
        "family": st.sampled_from(("gpt", "claude", "llama")),
        "kind": st.sampled_from(("chat", "embedding")),
        "supports_reasoning": flag,
        "supports_tool_call": flag,
        "supports_structured_output": flag,
        "input_modalities": modalities,
        "output_modalities": st.just(("text",)),
        "reasoning_efforts": st.sampled_from(((), ("low", "high"))),
        "context_tokens": tokens,
        "max_output_tokens": tokens,
        "knowledge_cutoff": _days(),
        "release_date": _days(),
        "last_updated": _days(),
        "open_weights": flag,
        "status": st.sampled_from(("stable", "beta", "deprecated")),
    }
    values = {name: draw(_unless_unknown(value)) for name, value in said.items()}
    return Facts(**values, **(draw(_prices()) if priced else {}))


@st.composite
def harvests(draw: st.DrawFn, *, max_size: int = 6) -> Harvest:
    """What a sound source may bring: models, ratings and probes that can meet.

    Args:
        draw: Given by hypothesis.
        max_size: Most records of each sort.
    """
    served = st.builds(
        lambda provider, model_id, said: ServedModel(
            provider=provider,
            model_id=model_id,
            record=f"{provider}/{model_id}",
            facts=said,
        ),
        st.sampled_from(_PROVIDERS),
        st.sampled_from(_MODELS),
        facts(),
    )
    bases = st.builds(
        lambda model_id, said: BaseModel(
            lab="openai", model_id=model_id, record=f"openai/{model_id}", facts=said
        ),
        st.sampled_from(_MODELS[:3]),
        facts(priced=False),
    )
    ratings = st.builds(
        lambda name, category, score, day: RatedModel(
            name=name,
            board="text",
            category=category,
            score=score,
            ci_low=score - 5,
            ci_high=score + 5,
            votes=100,
            published_on=day,
        ),
        st.sampled_from(_NAMES),
        st.sampled_from(("overall", "math", "hard_prompts", "creative_writing")),
        st.integers(900, 1500).map(float),
        st.sampled_from(("2026-06-01", "2026-06-08")),
    )
    probes = st.builds(
        lambda provider, ids: Probe(provider=provider, model_ids=ids),
        st.sampled_from(_PROVIDERS),
        st.none() | st.lists(st.sampled_from(_MODELS), max_size=3).map(tuple),
    )

    def some(records: st.SearchStrategy[T]) -> tuple[T, ...]:
        return tuple(draw(st.lists(records, max_size=max_size)))

    return Harvest(
        served=some(served),
        bases=some(bases),
        ratings=some(ratings),
        probes=some(probes),
        as_of=draw(_unless_unknown(st.just("2026-06-08"))),
    )
