"""What ``llmhub catalog show`` prints of one model, whatever is known of it."""

from __future__ import annotations

import pytest

from llmhub_core.commands.catalog.show import _print_model
from llmhub_core.commands.console import Console
from llmhub_core.records.model import CanonicalModel, Conflict, Origin
from llmhub_core.records.rating import Rating

OPENROUTER = Origin(source="openrouter", as_of="2026-10-01")
MODELS_DEV = Origin(source="models-dev", via="group")


def _shown(capsys: pytest.CaptureFixture[str], model: CanonicalModel) -> list[str]:
    _print_model(Console(no_color=True), model)
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_nothing_is_made_up_for_a_model_that_nobody_knows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No tiers, no checks, no ratings; every fact unknown."""
    lines = _shown(
        capsys, CanonicalModel(canonical_id="x:y", provider="x", model_id="y")
    )
    assert lines[:3] == [
        "x:y no display name",
        "underlying model unknown",
        "callable not probed",
    ]
    assert "price_input_per_million unknown" in lines
    text = "\n".join(lines)
    for word in ("tiers", "check", "rating", "says"):
        assert word not in text.replace("price_tiers unknown", "")


def test_everything_that_is_known_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Tiers, failed checks, origins, ratings, and who said otherwise."""
    model = CanonicalModel(
        canonical_id="x:y",
        provider="x",
        model_id="y",
        group="lab/y",
        display_name="Y",
        callable="no",
        callable_note="not on its list",
        quality_tier=2,
        flags=("name-disagrees", "output-over-context"),
        context_tokens=128_000,
        supports_tool_call=True,
        open_weights=False,
        reasoning_efforts=(),
        input_modalities=("text", "image"),
        price_input_per_million=2.5,
        provenance={
            "context_tokens": MODELS_DEV,
            "price_input_per_million": OPENROUTER,
        },
        ratings=(
            Rating(name="y-1", board="text", category="overall", score=1400),
            Rating(
                name="y-1",
                board="text",
                category="math",
                score=1410,
                ci_low=1400,
                ci_high=1420,
                published_on="2026-10-05",
                rules=("exact",),
            ),
        ),
        conflicts=(
            Conflict(
                field="price_input_per_million",
                kept="2.5",
                kept_from=OPENROUTER,
                lost="3.0",
                lost_from=MODELS_DEV,
            ),
        ),
    )
    lines = _shown(capsys, model)
    for line in (
        "x:y Y",
        "underlying model lab/y",
        "callable no (not on its list)",
        "tiers quality 2 of 5",
        "check name-disagrees, output-over-context",
        "context_tokens 128,000 models-dev, of the group",
        "supports_tool_call yes",
        "open_weights no",
        "reasoning_efforts none",
        "input_modalities text, image",
        "price_input_per_million 2.5 openrouter 2026-10-01",
        "text/overall 1400 y-1",
        "text/math 1410 (1400-1420) y-1 2026-10-05 exact",
        "price_input_per_million: models-dev says 3.0, openrouter's 2.5 is kept",
    ):
        assert line in lines
    assert not any(line.startswith("rating:") for line in lines)
