"""Whether two values say the same, and how far numbers are apart."""

from __future__ import annotations

import json
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.catalog.likeness import alike, distance, written
from llmhub_core.records.model import PriceTier

TIER = PriceTier(above_context_tokens=200_000, input_per_million=2.0)
DEARER = PriceTier(above_context_tokens=200_000, input_per_million=3.0)
OTHER_STEP = PriceTier(above_context_tokens=128_000, input_per_million=2.0)
FULLER = PriceTier(
    above_context_tokens=200_000, input_per_million=2.0, output_per_million=4.0
)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("input_modalities", ("text", "image"), ("image", "text")),
        ("knowledge_cutoff", "2025-01", "2025-01-15"),
        ("release_date", "2025-01-15", "2025-01"),
        ("price_input_per_million", 0.435, 0.43500000000000005),
        ("price_input_per_million", 3, 3.0),
        ("price_tiers", (TIER,), (TIER,)),
        ("kind", "chat", "chat"),
        ("kind", None, None),
    ],
)
def test_values_that_say_the_same(name: str, one: Any, other: Any) -> None:
    """Order, precision and rounding are no disagreement, whoever is first."""
    assert alike(name, one, other)
    assert alike(name, other, one)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("input_modalities", ("text",), ("image", "text")),
        ("reasoning_efforts", ("low", "high"), ("high", "low")),
        ("knowledge_cutoff", "2025-01", "2025-10"),
        ("display_name", "GPT", "GPT-5"),
        ("price_input_per_million", 0.435, 0.4351),
        ("price_tiers", (TIER,), (DEARER,)),
        ("price_tiers", (TIER,), (OTHER_STEP,)),
        ("price_tiers", (TIER,), (FULLER,)),
        ("price_tiers", (TIER,), ()),
        ("open_weights", True, False),
        ("kind", None, "chat"),
    ],
)
def test_values_that_do_not(name: str, one: Any, other: Any) -> None:
    """The order of efforts means something, and so does what is unknown."""
    assert not alike(name, one, other)
    assert not alike(name, other, one)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (1.0, 1.1, 0.1),
        (2, 4, 1.0),
        (0.5, 0.5, 0.0),
        (0.0, 0.0, 0.0),
        (0, 3, inf),
        (True, 1, None),
        ("a", "b", None),
        (None, 1.0, None),
        (["a"], ["b"], None),
    ],
)
def test_distance_is_relative_to_the_smaller_one(
    one: Any, other: Any, apart: float | None
) -> None:
    """10 % more is 0.1 in either direction; what has no distance has none."""
    for pair in ((one, other), (other, one)):
        found = distance(*pair)
        assert found == (apart if apart is None else pytest.approx(apart))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((TIER,), (TIER,), 0.0),
        ((TIER,), (DEARER,), 0.5),
        ((TIER,), (OTHER_STEP,), None),
        ((TIER,), (FULLER,), None),
        ((), (), 0.0),
    ],
)
def test_price_tiers_are_as_far_apart_as_their_farthest_price(
    one: tuple[PriceTier, ...], other: tuple[PriceTier, ...], apart: float | None
) -> None:
    """At the same steps, and where both say something; else they have none."""
    assert distance(json.loads(written(one)), json.loads(written(other))) == apart


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_only_like_numbers_have_no_distance(one: float, other: float) -> None:
    """And a distance is the same from both ends, and never negative."""
    apart = distance(one, other)
    assert apart == distance(other, one)
    assert apart is not None
    assert apart >= 0
    assert (apart == 0) == alike("price_input_per_million", one, other)
