"""hypothesis strategies for the records.

:func:`records` makes any record that has the right types, however odd; the
others make what a sound source says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st

from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Facts, PriceTier
from llmhub_core.records.observation import (
    BaseModel,
    Harvest,
    Probe,
    RatedModel,
    ServedModel,
)
from llmhub_core.testing.candidates import candidates
from llmhub_core.testing.catalogs import catalogs
from llmhub_core.testing.roles import needs, role_specs, specs

__all__ = [
    "candidates",
    "catalogs",
    "facts",
    "harvests",
    "json_values",
    "needs",
    "records",
    "role_specs",
    "specs",
]

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
_DAYS = ("2023-06", "2024-02-29", "2024-10", "2025-08-07", "2026-05-01", "2026-06-01")
_TOKENS = (1, 4_096, 128_000, 200_000, 1_000_000)
_FLAG = (True, False)

#: What may be said of a model, and the values to choose from.
_SAID: Mapping[str, Sequence[Any]] = {
    "display_name": ("GPT-5", "Claude Opus 4.5", "Llama"),
    "family": ("gpt", "claude", "llama"),
    "kind": ("chat", "chat", "chat", "embedding"),
    "supports_reasoning": _FLAG,
    "supports_tool_call": _FLAG,
    "supports_structured_output": _FLAG,
    "input_modalities": (("text",), ("image", "text"), ("audio", "text")),
    "output_modalities": (("text",), ("image",)),
    "reasoning_efforts": ((), ("low", "high")),
    "context_tokens": _TOKENS,
    "max_output_tokens": _TOKENS,
    "knowledge_cutoff": _DAYS,
    "release_date": _DAYS,
    "last_updated": _DAYS,
    "open_weights": _FLAG,
    "status": ("stable", "beta", "deprecated"),
}
_AMOUNTS = tuple(
    name
    for name in attrs.fields_dict(Facts)
    if name.startswith("price_") and name.endswith("_per_million")
)


def _prices(chance: Random) -> dict[str, Any]:
    """A price list that agrees with itself, or why there is none."""
    basis = chance.choice((None, "listed", "listed", "free", "subscription", "zero"))
    if basis == "free":
        return {"price_basis": basis, _AMOUNTS[0]: 0.0, _AMOUNTS[1]: 0.0}
    if basis != "listed":
        return {"price_basis": basis}
    known = {*_AMOUNTS[:2], *chance.sample(_AMOUNTS, 2)}
    prices: dict[str, Any] = {name: chance.randint(1, 800) / 8 for name in known}
    if chance.random() < 0.2:
        above = PriceTier(above_context_tokens=200_000, input_per_million=100.0)
        prices["price_tiers"] = (above,)
    return {"price_basis": basis, **prices}


@st.composite
def facts(draw: st.DrawFn, *, priced: bool = True) -> Facts:
    """What a sound source may say of a model.

    Args:
        draw: Given by hypothesis. Two numbers make all of it, because a hundred
            drawn fields take longer than what is tested with them: one says which
            facts are known, fewer the smaller it is, the other what they are.
        priced: False leaves prices out, as for an underlying model.
    """
    known = draw(st.integers(0, 2 ** (len(_SAID) + 1) - 1))
    chance = Random(draw(st.integers(0, 999)))  # noqa: S311 - no secret
    said = {name: chance.choice(values) for name, values in _SAID.items()}
    values = {
        name: value
        for bit, (name, value) in enumerate(said.items())
        if known >> bit & 1
    }
    if priced and known >> len(_SAID) & 1:
        values |= _prices(chance)
    return Facts(**values)


@st.composite
def harvests(draw: st.DrawFn, *, max_size: int = 6) -> Harvest:
    """What a sound source may bring: models, ratings, probes and refusals.

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

    refusals = st.builds(
        lambda number, field: Refusal(
            record=f"openai/bad-{number}", field=field, reason="is not meant"
        ),
        st.integers(1, 9),
        st.sampled_from((None, "cost")),
    )

    def some(records: st.SearchStrategy[T]) -> tuple[T, ...]:
        return tuple(draw(st.lists(records, max_size=max_size)))

    return Harvest(
        served=some(served),
        bases=some(bases),
        ratings=some(ratings),
        probes=some(probes),
        refused=some(refusals),
        as_of=draw(st.sampled_from((None, "2026-06-08"))),
    )
