"""What ``llmhub catalog show`` prints of one model, whatever is known of it."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from llmhub_core.commands.catalog.listing import callable_mark, prices
from llmhub_core.commands.catalog.sheet import print_model
from llmhub_core.commands.console import Console
from llmhub_core.records.model import CanonicalModel, Conflict, Origin, PriceTier
from llmhub_core.records.rating import Benchmark, Rating

OPENROUTER = Origin(source="openrouter", as_of="2026-10-01")
MODELS_DEV = Origin(source="models-dev", via="group")


def _shown(capsys: pytest.CaptureFixture[str], model: CanonicalModel) -> list[str]:
    print_model(Console(no_color=True), model)
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_nothing_is_made_up_for_a_model_that_nobody_knows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No tiers, no checks, no ratings; every fact unknown."""
    lines = _shown(
        capsys, CanonicalModel(canonical_id="x:y", provider="x", model_id="y")
    )
    assert lines[:5] == [
        "x:y no display name",
        "underlying model unknown",
        "lab unknown",
        "callable not probed",
        "",
    ]
    assert "price_input_per_million unknown" in lines
    text = "\n".join(lines).replace("price_tiers unknown", "")
    for word in ("tiers", "check", "rating", "say", "host", "benchmark"):
        assert word not in text


MODEL = CanonicalModel(
    canonical_id="x:y",
    provider="x",
    model_id="y",
    group="lab/y",
    lab="lab",
    display_name="Y",
    callable="no",
    callable_note="not on its list",
    source_ids={"models-dev": "x/y", "openrouter": "lab/y"},
    arena_score=1400.4,
    arena_ci_low=1395,
    arena_ci_high=1405,
    rating_note="'y-1' is the model's plain rating",
    quality_tier=2,
    creative_tier=1,
    tags=("tools", "vision"),
    flags={"output-over-context": "9 tokens out, 8 of context"},
    context_tokens=128_000,
    supports_tool_call=True,
    open_weights=False,
    reasoning_efforts=(),
    input_modalities=("text", "image"),
    price_basis="listed",
    price_input_per_million=2.5,
    price_tiers=(
        PriceTier(above_context_tokens=200_000, input_per_million=5.0),
        PriceTier(above_context_tokens=400_000),
    ),
    provenance={
        "context_tokens": MODELS_DEV,
        "price_input_per_million": OPENROUTER,
    },
    ratings=(
        Rating(
            name="y-1",
            board="text",
            category="math",
            score=1410,
            ci_low=1400,
            ci_high=1420,
            votes=1_234,
            published_on="2026-10-05",
            rules=("same-name", "found-at-lab"),
            source="arena",
        ),
        Rating(
            name="y-1-high",
            board="text",
            category="overall",
            score=1400,
            label="high effort",
            proxy=True,
            rules=("effort", "of-a-plugin"),
        ),
    ),
    inherited_ratings=(
        Rating(
            name="y-0",
            board="vision",
            category="overall",
            score=1200,
            basis="inherited",
            inherited_from="lab/y-0",
        ),
    ),
    benchmarks=(
        Benchmark(
            name="SWE-Bench",
            score=71.5,
            metric="%",
            harness="agent",
            variant="verified",
            dated_on="2026-09",
            source="models-dev",
        ),
    ),
    conflicts=(
        Conflict(
            field="price_input_per_million",
            kept="2.5",
            kept_from=OPENROUTER,
            lost="3.0",
            lost_from=MODELS_DEV,
            said_of="z:y",
        ),
    ),
)


def test_everything_that_is_known_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Tiers, failed checks, origins, losing values, ratings, rules, benchmarks."""
    lines = _shown(capsys, MODEL)
    for line in (
        "x:y Y",
        "underlying model lab/y",
        "lab lab",
        "callable no (not on its list)",
        "in models-dev x/y",
        "in openrouter lab/y",
        "tiers quality 2 of 5, creative 1 of 5 (1 is best)",
        "rating 1400 (1395-1405): 'y-1' is the model's plain rating",
        "tags tools, vision",
        "price the provider's price list",
        "check output-over-context: 9 tokens out, 8 of context",
        "fact value from others say",
        "context_tokens 128,000 models-dev of another host",
        "supports_tool_call yes",
        "open_weights no",
        "reasoning_efforts none",
        "input_modalities text, image",
        (
            "price_input_per_million 2.5 openrouter 2026-10-01 "
            "3.0 (models-dev of another host: z:y)"
        ),
        "price_tiers above 200,000 tokens: $5.00 in, above 400,000 tokens: unknown",
        "rated as y-1 (plain)",
        "joined by same-name, found-at-lab",
        "text/math 1410 (1400-1420) 1,234 2026-10-05 arena",
        "rated as y-1-high (high effort, not a plain call)",
        "joined by effort, of-a-plugin",
        "text/overall 1400 - -",
        "not rated there itself; its predecessor is, intervals widened, as y-0 (plain)",
        "vision/overall 1200 - -",
        "the rules that joined these names:",
        "same-name lab, words, versions and sizes are equal",
        "SWE-Bench 71.5 % verified, agent 2026-09 models-dev",
    ):
        assert line in lines, line


def test_an_unrated_model_tells_which_names_are_not_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And what stands in for its rating, once; a rated model tells neither."""
    nearby = {"y-beta": "the rated model is a preview"}
    unrated = evolve(
        MODEL, ratings=(), arena_score=None, rating_note="not rated yet: y-0 stands in"
    )
    print_model(Console(no_color=True), unrated, nearby=nearby)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "not rated as y-beta: the rated model is a preview" in lines
    assert "rating not rated yet: y-0 stands in" in lines
    print_model(Console(no_color=True), MODEL, nearby=nearby)
    assert "y-beta" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("boards", "kind", "said"),
    [
        ((), "chat", "rating none overall: no rated name is known to mean it"),
        (("webdev", "vision"), "chat", "rating none overall: rated on vision, webdev"),
        ((), "embedding", None),
    ],
)
def test_a_chat_model_without_a_rating_says_so(
    capsys: pytest.CaptureFixture[str],
    boards: tuple[str, ...],
    kind: Any,
    said: str | None,
) -> None:
    """Nothing is expected of kinds that boards do not rate."""
    ratings = tuple(
        Rating(name="y", board=board, category="overall", score=1300.0)
        for board in boards
    )
    model = CanonicalModel(
        canonical_id="x:y", provider="x", model_id="y", kind=kind, ratings=ratings
    )
    lines = [line for line in _shown(capsys, model) if line.startswith("rating ")]
    assert [line.startswith(said or "") for line in lines] == [True] * bool(said)


def test_a_model_that_a_call_does_not_reach_says_where_it_is_served(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And that roles leave it out."""
    model = CanonicalModel(
        canonical_id="openai:o3-pro", provider="openai", model_id="o3-pro"
    )
    (line,) = [one for one in _shown(capsys, model) if one.startswith("endpoint ")]
    assert line.endswith("roles leave it out unless they name it")


def test_hosts_of_the_same_model_stand_below(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Eight of them at most, the model itself among them."""
    hosts = [
        CanonicalModel(canonical_id=f"h{n}:y", provider=f"h{n}", model_id="y")
        for n in range(9)
    ]
    print_model(Console(no_color=True), MODEL, hosts=(*hosts, MODEL))
    text = capsys.readouterr().out
    assert "10 hosts of lab/y, by price:" in text
    below = text.partition("by price:")[2]
    shown = [word for word in below.split() if ":y" in word]
    assert shown == [f"h{n}:y" for n in range(7)] + ["x:y"]
    assert "2 more: llmhub catalog show lab/y" in below


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, ("unknown", "unknown")),
        ({"price_basis": "free", "price_input_per_million": 0.0}, ("free", "free")),
        ({"price_basis": "subscription"}, ("in a plan", "in a plan")),
        ({"price_basis": "zero"}, ("0, unclear", "0, unclear")),
        (
            {"price_basis": "listed", "price_input_per_million": 0.25},
            ("$0.25", "unknown"),
        ),
    ],
)
def test_zero_is_never_printed_as_a_price(
    facts: dict[str, Any], shown: tuple[str, str]
) -> None:
    """What a 0 means is said; what is not known is called so."""
    model = CanonicalModel(canonical_id="x:y", provider="x", model_id="y", **facts)
    assert prices(model) == shown


@pytest.mark.parametrize(
    ("provider", "callable_", "mark"),
    [
        ("openai", "yes", "yes"),
        ("openai", "not_probed", "not probed"),
        ("openai", "no", "no: not listed"),
        ("kilo", "no", "no: not in any-llm"),
    ],
)
def test_a_mark_says_why_a_model_cannot_be_called(
    provider: str, callable_: Any, mark: str
) -> None:
    """any-llm lacks the provider, or the provider does not list the model."""
    model = CanonicalModel(
        canonical_id=f"{provider}:y",
        provider=provider,
        model_id="y",
        callable=callable_,
    )
    assert callable_mark(model) == mark
