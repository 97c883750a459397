"""Models are found by what people type."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from llmhub_core.catalog.lookup import find, hosts, of_group, rated_nearby, suggest
from llmhub_core.errors import UnknownModelError
from llmhub_core.records.catalog import Catalog, Unmatched
from llmhub_core.records.model import CanonicalModel


def _model(canonical_id: str, **facts: Any) -> CanonicalModel:
    provider, _, model_id = canonical_id.partition(":")
    return CanonicalModel(
        canonical_id=canonical_id, provider=provider, model_id=model_id, **facts
    )


def _priced(canonical_id: str, price: float | None, **facts: Any) -> CanonicalModel:
    return _model(
        canonical_id,
        price_input_per_million=price,
        price_output_per_million=price,
        price_basis=None if price is None else "listed" if price else "free",
        **facts,
    )


GPT = "openai/gpt-5.5"
CATALOG = Catalog(
    models=(
        _priced("azure:gpt-5.5", None, group=GPT),
        _priced("groq:gpt-5.5-fast", 0, group=GPT, kind="chat", arena_score=1400.0),
        _priced("mistral:large", 2, kind="chat"),
        _priced("openai:gpt-5.5", 5, group=GPT, kind="chat", arena_score=1480.0),
        _priced("openai:embed", 1, group="openai/embed", kind="embedding"),
        _priced("openrouter:openai/gpt-5.5", 5, group=GPT),
    ),
    sources=(),
    checked_at="2026-10-05T00:00:00Z",
)


@pytest.mark.parametrize(
    "text", ["openai:gpt-5.5", "openai/gpt-5.5", "gpt-5.5@openai", "OpenAI:gpt-5.5"]
)
def test_an_id_is_found_in_any_of_its_forms(text: str) -> None:
    """With colon, slash or at, by either spelling of the provider."""
    found = find(CATALOG, text)
    assert found is not None
    assert found.canonical_id == "openai:gpt-5.5"


@pytest.mark.parametrize("text", ["gpt-5.5", "openai:gpt-4", "nobody:gpt-5.5", ""])
def test_what_is_no_id_of_a_model_is_not_found(text: str) -> None:
    """A name without its provider is no id."""
    assert find(CATALOG, text) is None


@pytest.mark.parametrize("name", ["gpt-5.5", "GPT-5.5", GPT, "OpenAI/GPT-5.5"])
def test_hosts_are_those_of_the_underlying_model(name: str) -> None:
    """Cheapest first, free before paid, unknown prices last, ties by id."""
    assert [model.canonical_id for model in hosts(CATALOG, name)] == [
        "groq:gpt-5.5-fast",
        "openai:gpt-5.5",
        "openrouter:openai/gpt-5.5",
        "azure:gpt-5.5",
    ]


def test_the_name_of_an_underlying_model_needs_no_lab() -> None:
    """Also where no host gives it that name."""
    named = _model("groq:llama3-8b-8192", group="meta/llama-3-8b")
    assert hosts(Catalog(models=(named,)), "Llama-3-8b") == (named,)


def test_names_on_boards_that_come_near_are_told_with_the_reason() -> None:
    """Of this model, and of no other."""
    misses = (
        Unmatched(
            name="gpt-5.5-beta",
            board="text",
            reason="no-row",
            detail=f"openai/gpt-5: other; {GPT}: the rated model is a preview",
        ),
        Unmatched(name="gpt-6", board="text", reason="no-row", detail="nothing"),
    )
    catalog = Catalog(models=(), unmatched=misses)
    assert rated_nearby(catalog, GPT) == {
        "gpt-5.5-beta": "the rated model is a preview"
    }
    assert rated_nearby(catalog, "openai/gpt-7") == {}


def test_an_unknown_name_is_refused_with_near_ids() -> None:
    """A model without an underlying one has no other hosts either."""
    with pytest.raises(UnknownModelError) as caught:
        hosts(CATALOG, "gpt-5.6")
    assert "openai:gpt-5.5" in caught.value.suggestions
    with pytest.raises(UnknownModelError):
        hosts(CATALOG, "large")
    assert suggest(CATALOG, "zzzzzz") == ()


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("gpt", (GPT,)),
        ("gtp 5.5", (GPT,)),
        ("openai:gpt5.5", ("openai:gpt-5.5",)),
        ("openai/gpt5.5", ("openai:gpt-5.5",)),
    ],
)
def test_suggestions_are_of_the_sort_that_was_typed(
    text: str, near: tuple[str, ...]
) -> None:
    """A name by itself is answered by names of models, an id by ids."""
    assert suggest(CATALOG, text)[: len(near)] == near


def test_a_group_is_all_who_serve_it() -> None:
    """In the order of hosts; a model without a group is in none."""
    assert of_group(CATALOG, GPT) == hosts(CATALOG, GPT)
    assert of_group(CATALOG, None) == ()
    assert of_group(CATALOG, "nobody/gpt") == ()


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        ("gpt-4.5", "listed by nobody, but rated as gpt-4.5-preview ("),
        ("GPT 4.5 Preview", "listed by nobody, but rated as gpt-4.5-preview ("),
        ("qwen1.5", "rated as qwen1.5-1b, qwen1.5-2b, qwen1.5-3b and 1 more ("),
        ("gpt-4", None),
        ("gpt", None),
        ("gpt-4.5-pro", None),
    ],
)
def test_a_model_that_boards_alone_remember_is_told_as_such(
    name: str, fate: str | None
) -> None:
    """By the words that its name begins with, unless something listed begins so."""
    rated = ["gpt-4.5-preview", *(f"qwen1.5-{size}b" for size in range(1, 5))]
    catalog = evolve(
        CATALOG,
        unmatched=tuple(
            Unmatched(name=one, board="text", reason="no-row", detail="nothing served")
            for one in rated
        ),
    )

    with pytest.raises(UnknownModelError) as caught:
        hosts(catalog, name)
    if fate is None:
        assert caught.value.fate is None
    else:
        assert fate in str(caught.value)
