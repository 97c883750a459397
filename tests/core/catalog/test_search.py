"""Models are found by name, mistyped or not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.catalog.query import Filters
from llmhub_core.catalog.search import cheapest, search, spokesman
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.rating import Rating
from llmhub_core.testing.catalogs import catalogs


def _model(canonical_id: str, group: str | None, **facts: Any) -> CanonicalModel:
    provider, _, model_id = canonical_id.partition(":")
    return CanonicalModel(
        canonical_id=canonical_id,
        provider=provider,
        model_id=model_id,
        group=group,
        lab=None if group is None else group.partition("/")[0],
        **facts,
    )


def _price(amount: float, basis: str = "listed") -> dict[str, Any]:
    return {
        "price_basis": basis,
        "price_input_per_million": amount,
        "price_output_per_million": amount,
    }


def _rated(name: str, score: float) -> dict[str, Any]:
    rating = Rating(name=name, board="text", category="overall", score=score)
    return {"ratings": (rating,), "arena_score": score}


OPUS = "anthropic/claude-opus-4.5"
CATALOG = Catalog(
    models=(
        _model("anthropic:claude-opus-4-5", OPUS, **_price(5), **_rated("o", 1473)),
        _model("anthropic:claude-opus-4-1", "anthropic/claude-opus-4.1"),
        _model("groq:llama-3.1-8b", "meta/llama-3.1-8b", **_price(0, "free")),
        _model("groq:llama-3.3-70b-versatile", "meta/llama-3.3-70b", **_price(0.6)),
        _model("kilo:opus", OPUS, display_name="Claude Opus 4.5", **_price(4)),
        _model("mistral:codestral-2508", "mistral/codestral-202508"),
        _model("openai:gpt-5", "openai/gpt-5", **_rated("gpt-5-high", 1434)),
        _model("openai:gpt-5-pro", "openai/gpt-5-pro"),
        _model("openai:gpt-5.1", "openai/gpt-5.1", **_rated("gpt-5.1", 1439)),
        _model("together:llama-3.3", "meta/llama-3.3-70b"),
        _model("vercel:stray", None),
    )
)


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("gpt-5", "openai/gpt-5 openai/gpt-5.1 openai/gpt-5-pro"),
        ("GPT5", "openai/gpt-5"),
        ("gpt 5.1", "openai/gpt-5.1"),
        ("openai/gpt-5.1", "openai/gpt-5.1"),
        ("gpt-5-high", "openai/gpt-5"),
        ("opus", "anthropic/claude-opus-4.5 anthropic/claude-opus-4.1"),
        ("Claude Opus 4.5", OPUS),
        ("anthropic opus 4.1", "anthropic/claude-opus-4.1"),
        ("meta 3.3", "meta/llama-3.3-70b"),
        ("stray", "vercel:stray"),
        ("", ""),
        (" -/ ", ""),
        ("zzzzqqq", ""),
    ],
)
def test_names_are_found_whatever_their_punctuation(text: str, groups: str) -> None:
    """Ids, display names, labs, names on boards; the whole name first."""
    hits = search(CATALOG, text)
    assert [hit.group for hit in hits] == groups.split()
    assert not any(hit.match == "near" for hit in hits)


@pytest.mark.parametrize(
    ("text", "match"),
    [("gpt-5", "exact"), ("gpt-", "prefix"), ("pro gpt", "words"), ("gtp-5", "near")],
)
def test_a_hit_says_how_it_was_found(text: str, match: str) -> None:
    """Best match first."""
    assert search(CATALOG, text)[0].match == match


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("antropic opus 4.5", OPUS),
        ("claudopus4.5", OPUS),
        ("codestrl", "mistral/codestral-202508"),
        ("lama 3.3", "meta/llama-3.3-70b"),
        ("lama 3.1", "meta/llama-3.1-8b"),
        ("gtp 5", "openai/gpt-5 openai/gpt-5-pro openai/gpt-5.1"),
    ],
)
def test_what_is_mistyped_is_found(text: str, groups: str) -> None:
    """Word by word or run together; another number is never taken for a slip."""
    hits = search(CATALOG, text)
    assert [hit.group for hit in hits] == groups.split()
    assert {hit.match for hit in hits} == {"near"}


def test_a_host_that_is_named_is_the_only_one() -> None:
    """Otherwise everybody who serves the model is there, by price."""
    (hit,) = search(CATALOG, "groq llama 3.3")
    assert [model.provider for model in hit.models] == ["groq"]
    (hit,) = search(CATALOG, "groq:llama-3.3-70b-versatile")
    assert (hit.match, [model.provider for model in hit.models]) == ("exact", ["groq"])
    (hit,) = search(CATALOG, "llama 3.3 70b")
    assert [model.provider for model in hit.models] == ["groq", "together"]


def test_only_what_fits_is_found() -> None:
    """Hosts that the filters leave out are not counted."""
    (hit,) = search(CATALOG, "opus", Filters(max_price_input=4))
    assert [model.canonical_id for model in hit.models] == ["kilo:opus"]
    assert hit.score is None
    assert search(CATALOG, "opus", Filters(kinds=("embedding",))) == ()


def test_the_lowest_price_is_a_listed_one() -> None:
    """Free of charge is no price to compare, and neither is an unknown one."""
    by_group = {hit.group: hit for hit in search(CATALOG, "llama")}
    assert cheapest(by_group["meta/llama-3.1-8b"].models) is None
    host = cheapest(search(CATALOG, "opus 4.5")[0].models)
    assert host is not None
    assert host.canonical_id == "kilo:opus"
    part = _model("x:y", None, price_basis="listed", price_output_per_million=1.0)
    assert cheapest((part,)) is None


def test_most_hosts_speak_for_a_model() -> None:
    """A host that serves one mode only has another rating, which is not the model's."""
    scores = {"a:think": 1456.0, "b:x": 1439.0, "c:x": 1439.0, "d:x": None}
    hosts = [_model(name, "g/x", arena_score=score) for name, score in scores.items()]
    for order in (hosts, hosts[::-1]):
        chosen = spokesman(order)
        assert chosen is not None
        assert (chosen.canonical_id, chosen.arena_score) == ("b:x", 1439.0)
    assert search(Catalog(models=tuple(hosts)), "x")[0].score == 1439.0
    assert spokesman(hosts[3:]) is None


@given(catalogs(), st.data())
def test_every_model_is_found_by_its_own_id(
    catalog: Catalog, data: st.DataObject
) -> None:
    """And by nothing but itself can it be outranked."""
    model = data.draw(st.sampled_from(catalog.models))
    hits = search(catalog, model.canonical_id)
    found = [m.canonical_id for hit in hits if hit.match == "exact" for m in hit.models]
    assert model.canonical_id in found


@given(catalogs(), st.text())
def test_any_text_can_be_searched_for(catalog: Catalog, text: str) -> None:
    """It finds something or nothing, each group once, in one order."""
    hits = search(catalog, text)
    groups = [hit.group for hit in hits]
    assert len(set(groups)) == len(groups)
    turned = Catalog(models=catalog.models[::-1])
    assert [hit.group for hit in search(turned, text)] == groups
