"""Models are listed by what is known to hold, in an order that is total."""

from __future__ import annotations

import random
from typing import Any

import pytest
from attrs import fields_dict
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.catalog.query import (
    CAPABILITIES,
    ORDERS,
    Filters,
    Order,
    checked,
    list_models,
    ordered,
)
from llmhub_core.errors import FilterError
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel
from llmhub_core.testing.catalogs import catalogs


def _model(canonical_id: str, **facts: Any) -> CanonicalModel:
    provider, _, model_id = canonical_id.partition(":")
    return CanonicalModel(
        canonical_id=canonical_id, provider=provider, model_id=model_id, **facts
    )


FULL = _model(
    "openai:full",
    kind="chat",
    lab="openai",
    tags=("new", "tools"),
    supports_attachment=True,
    supports_reasoning=True,
    supports_structured_output=True,
    supports_temperature=True,
    supports_tool_call=True,
    input_modalities=("audio", "image", "pdf", "text", "video"),
    output_modalities=("audio", "image", "text", "video"),
    price_basis="listed",
    price_input_per_million=2.0,
    price_output_per_million=8.0,
    context_tokens=200_000,
    arena_score=1400.0,
    open_weights=True,
    callable="yes",
    release_date="2026-05-01",
)
BARE = _model(
    "mistral:bare",
    kind="embedding",
    lab="mistral",
    supports_attachment=False,
    supports_reasoning=False,
    supports_structured_output=False,
    supports_temperature=False,
    supports_tool_call=False,
    input_modalities=("text",),
    output_modalities=("text",),
    price_basis="listed",
    price_input_per_million=3.0,
    price_output_per_million=9.0,
    context_tokens=199_999,
    arena_score=1399.9,
    open_weights=False,
    callable="no",
    release_date="2026-05",
)
DARK = _model("nobody:dark")
CATALOG = Catalog(models=(BARE, DARK, FULL))

CONDITIONS: dict[str, dict[str, Any]] = {
    "kind": {"kinds": ("chat",)},
    "lab": {"labs": ("openai",)},
    "input price": {"max_price_input": 2.0},
    "output price": {"max_price_output": 8},
    "context": {"min_context": 200_000},
    "rating": {"min_rating": 1400},
    "weights": {"open_weights": True},
    **{name: {"capabilities": (name,)} for name in CAPABILITIES},
}


@pytest.mark.parametrize("asked", CONDITIONS.values(), ids=CONDITIONS)
def test_what_is_not_known_neither_fits_nor_fails(asked: dict[str, Any]) -> None:
    """One fits, one does not, and of the third nothing is known: it is counted."""
    listing = list_models(CATALOG, Filters(**asked))
    assert (listing.models, listing.undecided) == ((FULL,), 1)


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, "openai:full mistral:bare nobody:dark"),
        ({"providers": ("openai", "mistral")}, "openai:full mistral:bare"),
        ({"providers": (" OpenAI ",)}, "openai:full"),
        ({"kinds": ("chat", "embedding")}, "openai:full mistral:bare"),
        ({"tags": ("new", "tools")}, "openai:full"),
        ({"open_weights": False}, "mistral:bare"),
        ({"callable": "yes"}, "openai:full"),
        ({"callable": "possible"}, "openai:full nobody:dark"),
        ({"providers": ("mistral",), "kinds": ("chat",)}, ""),
        ({"capabilities": ("tools", "vision"), "kinds": ("embedding",)}, ""),
        ({"max_price_input": 0}, ""),
    ],
)
def test_all_conditions_hold_at_once(asked: dict[str, Any], ids: str) -> None:
    """One of the providers, one of the kinds, all of the capabilities and tags."""
    found = list_models(CATALOG, Filters(**asked)).models
    assert [model.canonical_id for model in found] == ids.split()


def test_what_is_ruled_out_is_not_undecided() -> None:
    """A model whose kind is wrong is out, whatever else is not known of it."""
    asked = Filters(providers=("openai",), min_context=1)
    assert list_models(CATALOG, asked).undecided == 0


def test_only_some_models_can_be_chosen_from() -> None:
    """Hosts of one model, for example; conditions hold among them too."""
    among = (BARE, DARK)
    assert list_models(CATALOG, among=among).models == (BARE, DARK)
    listing = list_models(CATALOG, Filters(kinds=("embedding",)), among=among)
    assert (listing.models, listing.undecided) == ((BARE,), 1)


@pytest.mark.parametrize(
    ("asked", "noun", "suggestions"),
    [
        ({"providers": ("opnai",)}, "provider", ("openai",)),
        ({"kinds": ("chatt",)}, "kind", ("chat",)),
        ({"labs": ("mistrall",)}, "lab", ("mistral",)),
        ({"capabilities": ("tool",)}, "capability", ("tools",)),
        ({"tags": ("neww",)}, "tag", ("new",)),
        ({"tags": ("zzzzz",)}, "tag", ()),
    ],
)
def test_an_unknown_name_is_refused_with_near_ones(
    asked: dict[str, Any], noun: str, suggestions: tuple[str, ...]
) -> None:
    """Nothing could fit: a mistake is more likely than an empty answer."""
    with pytest.raises(FilterError) as caught:
        list_models(CATALOG, Filters(**asked))
    assert caught.value.noun == noun
    assert caught.value.suggestions[: len(suggestions)] == suggestions
    assert bool(caught.value.suggestions) is bool(suggestions)


def test_providers_are_known_by_either_name() -> None:
    """models.dev's name is any-llm's; a provider without models is no mistake."""
    filters = checked(CATALOG, Filters(providers=("google", "togetherai", "nobody")))
    assert filters.providers == ("gemini", "together", "nobody")
    assert list_models(CATALOG, Filters(providers=("groq",))).models == ()


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("rating", "openai:full mistral:bare nobody:dark"),
        ("price", "openai:full mistral:bare nobody:dark"),
        ("context", "openai:full mistral:bare nobody:dark"),
        ("released", "openai:full mistral:bare nobody:dark"),
        ("name", "mistral:bare nobody:dark openai:full"),
    ],
)
def test_what_is_not_known_comes_last(order: Order, ids: str) -> None:
    """The highest rating, context and date first, the lowest price first."""
    found = list_models(CATALOG, order=order).models
    assert [model.canonical_id for model in found] == ids.split()


def test_hosts_without_a_price_stand_by_the_reason() -> None:
    """In a plan, then a bare zero, then not known at all."""
    models = [
        CanonicalModel(canonical_id=f"{n}:m", provider=n, model_id="m", price_basis=why)
        for n, why in (("a", None), ("b", "zero"), ("c", None), ("d", "subscription"))
    ]
    assert [m.provider for m in ordered(models, "price")] == ["d", "b", "a", "c"]


@given(catalogs(), st.sampled_from(ORDERS), st.randoms(use_true_random=False))
def test_an_order_is_total(
    catalog: Catalog, order: Order, chance: random.Random
) -> None:
    """However the models come, they are listed in one order, and none is lost."""
    shuffled = list(catalog.models)
    chance.shuffle(shuffled)
    assert ordered(shuffled, order) == ordered(catalog.models, order)
    assert sorted(m.canonical_id for m in ordered(shuffled, order)) == [
        model.canonical_id for model in catalog
    ]


@given(catalogs(), st.sampled_from(sorted(CONDITIONS)))
def test_nothing_unknown_is_listed(catalog: Catalog, name: str) -> None:
    """Who is listed fits by himself; who is not is undecided or ruled out."""
    asked = CONDITIONS[name] | {"labs": ()}
    listing = list_models(catalog, Filters(**asked))
    for model in listing.models:
        alone = list_models(Catalog(models=(model,)), Filters(**asked))
        assert (alone.models, alone.undecided) == ((model,), 0)
    assert len(listing.models) + listing.undecided <= len(catalog)


def test_every_field_of_the_filters_is_tested_here() -> None:
    """A new condition needs its line above."""
    covered = {field for asked in CONDITIONS.values() for field in asked}
    assert covered | {"providers", "tags", "callable"} == set(fields_dict(Filters))
