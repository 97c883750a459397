"""What an answer used, and what that costs."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve, fields
from hypothesis import assume, given
from hypothesis import strategies as st

from llmhub_runtime import LLMHub, Pricing, PricingTier, RuntimeConfig
from llmhub_runtime.metadata import call_metadata
from llmhub_runtime.metering.cost import cost_usd
from llmhub_runtime.metering.usage import Usage, read_usage

SAY = [{"role": "user", "content": "hello"}]
ALL = Pricing(
    input_per_million=1.0,
    output_per_million=10.0,
    cache_read_per_million=0.1,
    cache_write_per_million=2.0,
    reasoning_per_million=20.0,
    input_audio_per_million=30.0,
    output_audio_per_million=40.0,
)

prices = st.none() | st.floats(0, 1e4)
counts = st.integers(0, 10**7)
tiers = st.builds(
    PricingTier,
    above_tokens=st.integers(1, 10**7),
    input_per_million=prices,
    output_per_million=prices,
    cache_read_per_million=prices,
    cache_write_per_million=prices,
)
pricings = st.builds(
    Pricing,
    **{
        one.name: prices for one in fields(Pricing) if one.name.endswith("_per_million")
    },
    tiers=st.lists(tiers, max_size=3, unique_by=lambda tier: tier.above_tokens),
)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """A usage whose parts are within the whole."""
    parts = [draw(counts) for _ in range(7)]
    plain_in, read, write, audio_in, plain_out, reasoning, audio_out = parts
    return Usage(
        input_tokens=plain_in + read + write + audio_in,
        output_tokens=plain_out + reasoning + audio_out,
        cache_read_tokens=read,
        cache_write_tokens=write,
        input_audio_tokens=audio_in,
        reasoning_tokens=reasoning,
        output_audio_tokens=audio_out,
    )


def exact(pricing: Pricing, used: Usage) -> Fraction | None:
    """Price the same answer in fractions, one kind of token after the other."""
    reached = [one for one in pricing.tiers if used.input_tokens > one.above_tokens]
    reached.sort(key=lambda tier: -tier.above_tokens)
    places: list[Any] = [*reached[:1], pricing]

    def price(name: str) -> float | None:
        found = [getattr(place, f"{name}_per_million", None) for place in places]
        return next((one for one in found if one is not None), None)

    reasoning = price("reasoning")
    special_in = (
        used.cache_read_tokens + used.cache_write_tokens + used.input_audio_tokens
    )
    special_out = used.reasoning_tokens + used.output_audio_tokens
    rows = [
        (price("input"), used.input_tokens - special_in),
        (price("output"), used.output_tokens - special_out),
        (price("cache_read"), used.cache_read_tokens),
        (price("cache_write"), used.cache_write_tokens),
        (price("input_audio"), used.input_audio_tokens),
        (price("output_audio"), used.output_audio_tokens),
        (price("output") if reasoning is None else reasoning, used.reasoning_tokens),
    ]
    if any(number and found is None for found, number in rows):
        return None
    parts = [Fraction(found or 0) * number for found, number in rows]
    return sum(parts, Fraction(0)) / 1_000_000


@given(pricing=pricings, used=usages())
def test_cost_is_the_sum_of_its_parts(pricing: Pricing, used: Usage) -> None:
    """To a rounding error what fractions say; unknown exactly where they say so."""
    assume(used.input_tokens or used.output_tokens)
    expected, found = exact(pricing, used), cost_usd(pricing, used)
    if expected is None:
        assert found is None
    else:
        assert found == pytest.approx(float(expected), rel=1e-12, abs=1e-18)


@given(used=usages())
def test_unknown_price_is_never_free(used: Usage) -> None:
    """Taking away the price of tokens that were used takes away the cost."""
    assume(used.input_tokens or used.output_tokens)
    assert cost_usd(ALL, used) is not None
    for name, count in (
        ("cache_read", used.cache_read_tokens),
        ("cache_write", used.cache_write_tokens),
        ("input_audio", used.input_audio_tokens),
        ("output_audio", used.output_audio_tokens),
    ):
        without: dict[str, Any] = {f"{name}_per_million": None}
        less = evolve(ALL, **without)
        assert (cost_usd(less, used) is None) == (count > 0)


def test_what_is_unknown_or_contradictory() -> None:
    """No price, no usage, no tokens at all, or more parts than the whole."""
    used = Usage(input_tokens=10, output_tokens=1)
    assert cost_usd(ALL, used) == pytest.approx(20e-6)
    assert cost_usd(None, used) is None
    assert cost_usd(ALL, None) is None
    assert cost_usd(ALL, Usage(input_tokens=0, output_tokens=0)) is None
    assert cost_usd(ALL, evolve(used, cache_read_tokens=11)) is None
    assert cost_usd(ALL, evolve(used, reasoning_tokens=2)) is None
    assert cost_usd(evolve(ALL, input_per_million=0.0), used) == pytest.approx(1e-5)


def test_tier_begins_above_its_limit() -> None:
    """The highest tier that the input passes holds, for the output as well."""
    tier = PricingTier(above_tokens=200, input_per_million=2.0, output_per_million=20.0)
    high = PricingTier(above_tokens=500, input_per_million=4.0)
    tiered = evolve(ALL, tiers=(high, tier))
    costs = [
        cost_usd(tiered, Usage(input_tokens=tokens, output_tokens=1))
        for tokens in (200, 201, 501)
    ]
    assert costs == pytest.approx([210e-6, 422e-6, 2014e-6])


def told(**usage: Any) -> SimpleNamespace:
    """An answer with a usage; dicts in it are attributes."""
    parts = {
        name: SimpleNamespace(**value) if isinstance(value, dict) else value
        for name, value in usage.items()
    }
    return SimpleNamespace(usage=SimpleNamespace(**parts))


@pytest.mark.parametrize(
    ("answer", "usage"),
    [
        (object(), None),
        (b"audio", None),
        (SimpleNamespace(usage=None), None),
        (told(), None),
        (told(prompt_tokens=True), None),
        (told(prompt_tokens=-1), None),
        (told(type="duration", seconds=3.5), None),
        (
            told(prompt_tokens=3, total_tokens=3),
            Usage(input_tokens=3, output_tokens=0),
        ),
        (told(total_tokens=7), Usage(input_tokens=7, output_tokens=0)),
        (told(total_tokens=7, completion_tokens=2), None),
        (
            told(
                prompt_tokens=30,
                completion_tokens=20,
                total_tokens=50,
                prompt_tokens_details={
                    "cached_tokens": 10,
                    "cache_write_tokens": 5,
                    "audio_tokens": 2,
                },
                completion_tokens_details={"reasoning_tokens": 8, "audio_tokens": 1},
            ),
            Usage(
                input_tokens=30,
                output_tokens=20,
                cache_read_tokens=10,
                cache_write_tokens=5,
                input_audio_tokens=2,
                reasoning_tokens=8,
                output_audio_tokens=1,
            ),
        ),
        (
            told(
                prompt_tokens=30,
                completion_tokens=20,
                total_tokens=58,
                prompt_tokens_details={"cached_tokens": None},
                completion_tokens_details={"reasoning_tokens": 8},
            ),
            Usage(input_tokens=30, output_tokens=28, reasoning_tokens=8),
        ),
        (
            told(
                input_tokens=14,
                output_tokens=4,
                input_token_details={"audio_tokens": 12, "text_tokens": 2},
            ),
            Usage(input_tokens=14, output_tokens=4, input_audio_tokens=12),
        ),
    ],
)
def test_usage_of_every_kind_of_answer(answer: Any, usage: Usage | None) -> None:
    """Chats, embeddings, responses, transcriptions and rerankings count differently."""
    assert read_usage(answer) == usage


@pytest.fixture
def priced(config: RuntimeConfig) -> RuntimeConfig:
    """Every role has prices."""
    roles = {name: evolve(role, pricing=ALL) for name, role in config.roles.items()}
    return evolve(config, roles=roles)


def test_answers_carry_their_cost(priced: RuntimeConfig, provider: Any) -> None:
    """Of chats, responses and embeddings, through OpenAI's SDK and Anthropic's."""
    with LLMHub(config_obj=priced) as hub:
        costs = [
            getattr(call_metadata(answer), "cost_usd", None)
            for answer in (
                hub.completion("llm.chat", SAY),
                hub.completion("llm.claude", SAY),
                hub.responses("llm.chat", "x"),
                hub.embedding("llm.embedding", "x"),
                hub.image("image", "x"),
            )
        ]
    assert costs[:-1] == pytest.approx([33e-6, 33e-6, 23.1e-6, 1e-6])
    assert costs[-1] is None


def test_streams_carry_their_cost(priced: RuntimeConfig, provider: Any) -> None:
    """At their end, whether the provider tells the usage unasked or not."""
    with LLMHub(config_obj=priced) as hub:
        for role in ("llm.chat", "llm.claude"):
            stream = hub.completion(role, SAY, stream=True)
            assert list(stream)
            record = call_metadata(stream)
            assert record is not None
            assert record.cost_usd == pytest.approx(33e-6)


def test_responses_streams_carry_their_cost(
    priced: RuntimeConfig, provider: Any
) -> None:
    """The last event has the usage of the whole."""
    with LLMHub(config_obj=priced) as hub:
        stream = hub.responses("llm.chat", "x", stream=True)
        assert list(stream)
        record = call_metadata(stream)
        assert record is not None
        assert record.cost_usd == pytest.approx(23.1e-6)
