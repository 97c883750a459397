"""The proxy for speed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llmhub_core.records.model import CanonicalModel
from llmhub_core.selection.latency import latency

Make = Callable[..., CanonicalModel]


@pytest.mark.parametrize(
    ("model_id", "price", "value", "ground"),
    [
        ("gpt-5-nano", 0.4, 0, "its name (nano)"),
        ("gemini-2.5-flash-lite", 0.4, 0, "its name (lite)"),
        ("gpt-5-mini", 2.0, 1, "its name (mini)"),
        ("claude-haiku-4-5", 5.0, 1, "its name (haiku)"),
        ("Llama-3.1-8B-Instruct", 0.1, 1, "8B parameters"),
        ("qwen3-235b-a22b", 0.9, 2, "22B parameters"),
        ("mixtral-8x7b", 0.5, 1, "7B parameters"),
        ("qwen2.5-0.5b", 0.1, 0, "0.5B parameters"),
        ("llama-3.3-70b", 0.7, 3, "70B parameters"),
        ("llama-3.1-405b", 3.0, 4, "405B parameters"),
        ("minimax-m2", 1.2, 1, "its output price (1.2)"),
        ("gemini-3-pro", 12.0, 3, "its output price (12)"),
        ("claude-opus-4-6", 25.0, 4, "its output price (25)"),
        ("unheard-of", None, 2, "default"),
    ],
)
def test_size_comes_from_parameters_words_or_price(
    model: Make, model_id: str, price: float | None, value: int, ground: str
) -> None:
    """In this order; `minimax` is no mini, and a22b counts before 235b."""
    found = latency(model(f"openai:{model_id}", price_output_per_million=price))
    assert found.value == value
    assert f"by {ground}," in found.reason
    assert found.basis == "proxy"


def test_a_free_row_says_nothing_of_size(model: Make) -> None:
    """Zero dollars is an offer, not a small model."""
    free = model(
        "openrouter:big:free", price_basis="free", price_output_per_million=0.0
    )
    assert "default" in latency(free).reason


@pytest.mark.parametrize(
    ("known", "waiting", "mode"),
    [
        ({}, 0, "no known reasoning mode"),
        ({"supports_reasoning": False}, 0, "no known reasoning mode"),
        (
            {"supports_reasoning": True, "reasoning_toggle": True},
            1,
            "reasoning can be switched off",
        ),
        (
            {"supports_reasoning": True, "reasoning_efforts": ("none", "low")},
            1,
            "reasoning can be switched off",
        ),
        (
            {"supports_reasoning": True, "reasoning_budget_min_tokens": 0},
            1,
            "reasoning can be switched off",
        ),
        (
            {"supports_reasoning": True, "reasoning_budget_min_tokens": 1024},
            2,
            "reasons with a budget of at least 1024 tokens",
        ),
        (
            {"supports_reasoning": True, "reasoning_efforts": ("low", "high")},
            3,
            "reasons, with no known switch",
        ),
        ({"supports_reasoning": True}, 3, "reasons, with no known switch"),
    ],
)
def test_reasoning_is_waiting(
    model: Make, known: dict[str, Any], waiting: int, mode: str
) -> None:
    """The less it can be kept from thinking, the longer it takes."""
    found = latency(model("openai:m-mini", **known))
    assert found.value == 1 + waiting
    assert found.reason.endswith(mode)
