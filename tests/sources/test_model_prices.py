"""What a cost object of models.dev means."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub_core.records.model import PriceTier
from llmhub_sources.documents import Fields
from llmhub_sources.models_dev.prices import price_facts


def _prices(
    cost: dict[str, Any],
    *,
    provider: str = "acme",
    model_id: str = "m-1",
    name: str | None = "M 1",
) -> tuple[dict[str, Any], list[str | None]]:
    fields = Fields(cost, "acme/m-1", path="cost.")
    facts = price_facts(fields, provider=provider, model_id=model_id, display_name=name)
    return (
        {key: value for key, value in facts.items() if value is not None},
        [refusal.field for refusal in fields.refused],
    )


def test_a_listed_price_has_all_its_parts() -> None:
    """Every part of the object has its field."""
    cost = {
        "input": 1,
        "output": 2.5,
        "reasoning": 3,
        "cache_read": 0.1,
        "cache_write": 0,
        "input_audio": 4,
        "output_audio": 5,
    }
    assert _prices(cost) == (
        {
            "price_input_per_million": 1.0,
            "price_output_per_million": 2.5,
            "price_reasoning_per_million": 3.0,
            "price_cache_read_per_million": 0.1,
            "price_cache_write_per_million": 0.0,
            "price_input_audio_per_million": 4.0,
            "price_output_audio_per_million": 5.0,
            "price_basis": "listed",
        },
        [],
    )


@pytest.mark.parametrize(
    ("model_id", "name"),
    [
        ("google/gemma-4-31b-it:free", None),
        ("mimo-v2-flash-free", "MiMo V2 Flash"),
        ("openrouter/free", "Free Models Router"),
        ("acme/m", "Nemotron 3 Super (free)"),
        ("kilo-auto/x", "Kilo Auto Free"),
    ],
)
def test_zero_is_free_where_the_name_says_so(model_id: str, name: str | None) -> None:
    """Then, and only then, is 0 a price."""
    facts, _ = _prices({"input": 0, "output": 0}, model_id=model_id, name=name)
    assert facts == {
        "price_input_per_million": 0.0,
        "price_output_per_million": 0.0,
        "price_basis": "free",
    }


@pytest.mark.parametrize(
    "provider",
    ["zai-coding-plan", "alibaba-token-plan-cn", "minimax-cn-coding-plan",
     "xiaomi-token-plan-ams", "github-models", "github-copilot", "nvidia", "gitlab"],
)  # fmt: skip
def test_zero_is_a_subscription_at_a_plan(provider: str) -> None:
    """A plan covers the tokens: there is no price per token, and none is 0."""
    facts, _ = _prices({"input": 0, "output": 0, "cache_read": 0}, provider=provider)
    assert facts == {"price_basis": "subscription"}


@pytest.mark.parametrize(
    ("provider", "model_id", "name"),
    [
        ("zai", "glm-4.5-flash", "GLM-4.5-Flash"),
        ("acme", "freedom-7b", "Freedom 7B"),
        ("planetary", "m", "M"),
        ("acme-planner", "carefree", "Carefree"),
    ],
)
def test_a_bare_zero_is_no_price(provider: str, model_id: str, name: str) -> None:
    """It may be free, a plan, a preview or a gap; no number comes of it."""
    facts, _ = _prices(
        {"input": 0, "output": 0}, provider=provider, model_id=model_id, name=name
    )
    assert facts == {"price_basis": "zero"}


def test_a_plan_that_lists_a_price_has_it() -> None:
    """What the source prices is priced, whoever sells it."""
    facts, _ = _prices({"input": 0.3, "output": 0.9}, provider="zhipuai-coding-plan")
    assert facts["price_basis"] == "listed"
    assert facts["price_output_per_million"] == 0.9


@pytest.mark.parametrize(
    "cost", [{}, {"input": 0}, {"output": 0}, {"cache_read": 1}, {"input_audio": 0}]
)
def test_half_a_zero_is_no_price(cost: dict[str, Any]) -> None:
    """An object without both halves of a price prices nothing, and says so."""
    assert _prices(cost) == ({}, [f"cost.{part}" for part in cost])


@pytest.mark.parametrize("model_id", ["m-1", "m-1:free"])
def test_a_price_beside_a_zero_is_refused(model_id: str) -> None:
    """Nobody gives the words away and sells the memory of them."""
    tiers = [_tier(200_000), {"input": 0, "output": 0, **_threshold(300_000)}]
    cost = {"input": 0, "output": 0, "cache_read": 0.5, "tiers": tiers}
    facts, refused = _prices(cost, model_id=model_id)
    assert "price_cache_read_per_million" not in facts
    assert "price_tiers" not in facts
    assert refused == ["cost.cache_read", "cost.tiers"]


def test_zero_tiers_of_a_free_model_are_no_news() -> None:
    """They repeat what the model costs."""
    tiers = [{"input": 0, "output": 0, **_threshold(200_000)}]
    cost = {"input": 0, "output": 0, "tiers": tiers}
    facts, refused = _prices(cost, model_id="m:free")
    assert facts["price_basis"] == "free"
    assert refused == []


@pytest.mark.parametrize("value", [0.000003, 0.0006, 0.00099, 5e-324])
def test_a_price_per_token_is_no_price_per_million(value: float) -> None:
    """The dearest model's price per token is below every price per million."""
    facts, refused = _prices({"input": value, "output": 2})
    assert facts == {"price_output_per_million": 2.0, "price_basis": "listed"}
    assert refused == ["cost.input"]


@pytest.mark.parametrize(
    "value", [-1, -0.001, True, "0.5", [1], {}, float("nan"), float("inf"), 10**12]
)
def test_a_price_that_is_none_is_refused_as_that_field(value: object) -> None:
    """-1 stands for "depends" upstream; it never becomes a price, nor does the rest."""
    facts, refused = _prices({"input": value, "output": 2})
    assert facts == {"price_output_per_million": 2.0, "price_basis": "listed"}
    assert refused == ["cost.input"]


def test_a_refused_half_beside_a_zero_leaves_no_price() -> None:
    """0 for input and nonsense for output is not an offer."""
    expected = ({}, ["cost.output", "cost.input"])
    assert _prices({"input": 0, "output": "soon"}) == expected


def _threshold(size: object, kind: object = "context") -> dict[str, Any]:
    return {"tier": {"type": kind, "size": size}}


def _tier(size: object, price: object = 2, kind: object = "context") -> dict[str, Any]:
    return {"input": price, "output": 4, **_threshold(size, kind)}


def test_tiers_are_read_from_the_smallest() -> None:
    """Order in the document does not matter; the legacy copy is not looked at."""
    cost = {
        "input": 1,
        "output": 2,
        "tiers": [_tier(256_000, 3), {**_tier(32_000), "cache_read": 0.2}],
        "context_over_200k": {"input": 99, "output": 99},
    }
    facts, refused = _prices(cost)
    assert refused == []
    assert facts["price_tiers"] == (
        PriceTier(
            above_context_tokens=32_000,
            input_per_million=2.0,
            output_per_million=4.0,
            cache_read_per_million=0.2,
        ),
        PriceTier(
            above_context_tokens=256_000, input_per_million=3.0, output_per_million=4.0
        ),
    )


def test_a_price_that_tiers_have_no_place_for_is_refused_by_name() -> None:
    """The tier holds for the rest, and the loss is on record."""
    tiers = [{**_tier(32_000), "input_audio": 1.9}]
    facts, refused = _prices({"input": 1, "output": 2, "tiers": tiers})
    (tier,) = facts["price_tiers"]
    assert tier.above_context_tokens == 32_000
    assert refused == ["cost.tiers.0.input_audio"]


@pytest.mark.parametrize("tiers", [{}, {"tiers": None}, {"tiers": []}])
def test_the_legacy_tier_stands_in_where_there_are_no_tiers(
    tiers: dict[str, Any],
) -> None:
    """An older document still has its tier."""
    legacy = {"context_over_200k": {"input": 2, "output": 3}}
    facts, _ = _prices({"input": 1, "output": 2, **tiers, **legacy})
    (tier,) = facts["price_tiers"]
    assert tier.above_context_tokens == 200_000
    assert tier.input_per_million == 2.0


def test_a_tier_of_an_embedding_model_has_no_price_for_output() -> None:
    """Where output costs nothing at all, 0 is no mistake in a tier."""
    tiers = [{"input": 0.3, "output": 0, **_threshold(8000)}]
    facts, refused = _prices({"input": 0.2, "output": 0, "tiers": tiers})
    assert refused == []
    (tier,) = facts["price_tiers"]
    assert (tier.input_per_million, tier.output_per_million) == (0.3, 0.0)


def test_a_legacy_tier_without_a_price_is_refused() -> None:
    """It would give away what is dearer than the rest."""
    cost = {"input": 1, "output": 2, "context_over_200k": {"input": 0, "output": 3}}
    facts, refused = _prices(cost)
    assert "price_tiers" not in facts
    assert refused == ["cost.context_over_200k.input"]


@pytest.mark.parametrize(
    ("tiers", "field"),
    [
        ("none", "cost.tiers"),
        ([_tier(200_000), 5], "cost.tiers"),
        ([_tier(0)], "cost.tiers.0.tier.size"),
        ([_tier(None)], "cost.tiers.0.tier"),
        ([_tier(200_000, kind="batch")], "cost.tiers.0.tier"),
        ([{"input": 1}], "cost.tiers.0.tier"),
        ([_tier(1000), _tier(200_000, -1)], "cost.tiers.1.input"),
        ([_tier(1000), _tier(1000, 9)], "cost.tiers"),
        ([_tier(1000), _tier(200_000, 0)], "cost.tiers.1.input"),
        ([_tier(1000, None)], "cost.tiers.0.input"),
    ],
)
def test_one_bad_tier_makes_all_unknown(tiers: object, field: str) -> None:
    """A hole between tiers would price a long request by the tier below."""
    cost = {
        "input": 1,
        "output": 2,
        "tiers": tiers,
        "context_over_200k": {"input": 9, "output": 9},
    }
    facts, refused = _prices(cost)
    assert "price_tiers" not in facts
    assert field in refused
    assert facts["price_input_per_million"] == 1.0
