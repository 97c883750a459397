"""What one request costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llmhub_core.records.model import CanonicalModel, PriceTier
from llmhub_core.records.spec import Workload
from llmhub_core.selection.pricing import expected_cost, rates

Make = Callable[..., CanonicalModel]
MILLION = Workload(input_tokens=1_000_000, output_tokens=1_000_000)


def usd(model: CanonicalModel, workload: Workload) -> float | None:
    """Dollars of one request, or None."""
    cost = expected_cost(model, workload)
    return None if cost is None else cost.usd_per_request


def test_input_and_output_are_billed_apart(model: Make) -> None:
    """2,000 in at $3 and 400 out at $15 per million come to 1.2 cents."""
    priced = model(
        "openai:m", price_input_per_million=3.0, price_output_per_million=15.0
    )
    workload = Workload(input_tokens=2_000, output_tokens=400)
    assert usd(priced, workload) == 0.012
    assert expected_cost(priced, workload).basis == "listed"  # type: ignore[union-attr]


def test_cached_input_costs_the_cache_price(model: Make) -> None:
    """Half of the input from the cache at a tenth of the price."""
    priced = model(
        "openai:m",
        price_input_per_million=2.0,
        price_output_per_million=0.0,
        price_cache_read_per_million=0.2,
    )
    assert usd(
        priced, Workload(input_tokens=1_000_000, output_tokens=0, cached_input=0.5)
    ) == pytest.approx(1.1)


def test_without_a_cache_price_cached_input_costs_as_much_as_fresh(
    model: Make,
) -> None:
    """A discount that nobody lists is not assumed."""
    priced = model("openai:m", price_input_per_million=2.0)
    cached = Workload(input_tokens=1_000_000, output_tokens=0, cached_input=1.0)
    assert usd(priced, cached) == 2.0


TIERED = (
    PriceTier(
        above_context_tokens=200_000, input_per_million=4.0, output_per_million=20.0
    ),
    PriceTier(above_context_tokens=500_000, input_per_million=8.0),
)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [(200_000, (2.0, 10.0)), (200_001, (4.0, 20.0)), (600_000, (8.0, 10.0))],
)
def test_the_highest_tier_below_the_input_holds(
    model: Make, tokens: int, expected: tuple[float, float]
) -> None:
    """A tier starts above its threshold; what it leaves open is the base price."""
    priced = model(
        "openai:m",
        price_input_per_million=2.0,
        price_output_per_million=10.0,
        price_tiers=TIERED,
    )
    found = rates(priced, tokens)
    assert (found.input, found.output) == expected


def test_a_tier_raises_the_cost_of_the_whole_request(model: Make) -> None:
    """Tiers are no tax brackets: every token of a long request costs more."""
    priced = model(
        "openai:m",
        price_input_per_million=2.0,
        price_output_per_million=10.0,
        price_tiers=TIERED,
    )
    assert usd(priced, Workload(input_tokens=300_000, output_tokens=0)) == 1.2


@pytest.mark.parametrize("basis", ["zero", "subscription", None])
def test_no_price_is_not_free(model: Make, basis: str | None) -> None:
    """A bare 0/0, a subscription and silence are all unknown."""
    silent = model(
        "openai:m",
        price_basis=basis,
        price_input_per_million=0.0,
        price_output_per_million=0.0,
    )
    assert expected_cost(silent, MILLION) is None


def test_free_costs_nothing_and_says_so(model: Make) -> None:
    """A model that its source calls free needs no numbers."""
    cost = expected_cost(model("openrouter:m:free", price_basis="free"), MILLION)
    assert cost is not None
    assert (cost.usd_per_request, cost.basis) == (0.0, "free")


@pytest.mark.parametrize(
    ("known", "workload", "expected"),
    [
        ({"price_output_per_million": None}, MILLION, None),
        ({"price_input_per_million": None}, MILLION, None),
        ({"price_output_per_million": None}, Workload(output_tokens=0), 0.001),
    ],
)
def test_a_missing_price_matters_only_where_it_is_needed(
    model: Make,
    known: dict[str, None],
    workload: Workload,
    expected: float | None,
) -> None:
    """No output, no need for an output price."""
    assert usd(model("openai:m", **known), workload) == expected


def test_embeddings_need_no_output_price(model: Make) -> None:
    """An embedding has no output tokens to bill, whatever the workload says."""
    embedder = model(
        "openai:m",
        kind="embedding",
        price_input_per_million=0.02,
        price_output_per_million=None,
    )
    assert usd(embedder, Workload(input_tokens=1_000)) == 0.00002


@pytest.mark.parametrize(
    ("known", "output"),
    [
        ({"supports_reasoning": True, "reasoning_efforts": ()}, 6.0),
        ({"supports_reasoning": True, "reasoning_efforts": ("low",)}, 2.0),
        (
            {
                "supports_reasoning": True,
                "reasoning_efforts": (),
                "reasoning_toggle": True,
            },
            2.0,
        ),
        ({"supports_reasoning": False, "reasoning_efforts": ()}, 2.0),
    ],
)
def test_a_reasoning_price_counts_where_a_plain_call_must_reason(
    model: Make, known: dict[str, object], output: float
) -> None:
    """Whoever can be called without reasoning is priced without it."""
    priced = model(
        "perplexity:m",
        price_input_per_million=0.0,
        price_output_per_million=2.0,
        price_reasoning_per_million=6.0,
        **known,
    )
    assert usd(priced, MILLION) == output


def test_equal_bills_are_equal_numbers(model: Make) -> None:
    """0.1 + 0.2 and 0.3 tie: rounding hides the order of the additions."""
    one = model("a:m", price_input_per_million=0.1, price_output_per_million=0.2)
    other = model("b:m", price_input_per_million=0.3, price_output_per_million=0.0)
    assert usd(one, MILLION) == usd(other, MILLION)
