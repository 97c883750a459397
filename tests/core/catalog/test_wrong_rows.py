"""Rows that were published wrong, as they were on models.dev on 2026-07-01."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub_core.catalog.fusion import fuse
from llmhub_core.catalog.identity import load_tables
from llmhub_core.catalog.precedence import load_precedence
from llmhub_core.records.model import CanonicalModel, Facts
from llmhub_core.records.observation import Harvest, ServedModel


def row(record: str, name: str, *prices: float, **said: Any) -> ServedModel:
    """A row as published: id, name, and US dollars in, out and for cached input."""
    provider, _, model_id = record.partition("/")
    fields = ("input", "output", "cache_read")
    known: dict[str, Any] = {
        f"price_{field}_per_million": price
        for field, price in zip(fields, prices, strict=False)
    }
    basis = "listed" if prices else None
    facts = Facts(display_name=name, price_basis=basis, **(known | said))
    return ServedModel(provider=provider, model_id=model_id, record=record, facts=facts)


#: What the labs themselves, and other hosts, say of the same models.
SOUND = (
    row("anthropic/claude-sonnet-4-0", "Claude Sonnet 4 (latest)", 3, 15, 0.3),
    row("anthropic/claude-sonnet-4-5", "Claude Sonnet 4.5 (latest)", 3, 15, 0.3),
    row("anthropic/claude-opus-4-6", "Claude Opus 4.6", 5, 25, 0.5),
    row("mistral/mistral-large-latest", "Mistral Large (latest)", 0.5, 1.5),
    row("mistral/mistral-large-2512", "Mistral Large 3", 0.5, 1.5),
    row("deepseek/deepseek-chat", "DeepSeek Chat", 0.14, 0.28, 0.0028),
    row("deepseek/deepseek-reasoner", "DeepSeek Reasoner", 0.14, 0.28, 0.0028),
    row("nebius/deepseek-ai/DeepSeek-R1", "DeepSeek-R1", 0.8, 2.4),
    row("togetherai/deepseek-ai/DeepSeek-V3", "DeepSeek V3", 1.25, 1.25),
    row("hyperbolic/deepseek-ai/DeepSeek-V3", "DeepSeek V3", 0.25, 0.25),
    row("nebius/deepseek-ai/DeepSeek-V3-0324", "DeepSeek-V3-0324", 0.5, 1.5),
    row("alibaba/qwen3-max", "Qwen3 Max", 1.2, 6),
    row("openai/gpt-3.5-turbo", "GPT-3.5-turbo", 0.5, 1.5, 0),
)

WRONG = [
    (
        row("databricks/databricks-claude-sonnet-4", "Claude Sonnet 4.5", 3, 15),
        "name-disagrees",
    ),
    (row("neon/claude-sonnet-4", "Claude Sonnet 4.5", 3, 15), "name-disagrees"),
    (
        row("snowflake-cortex/mistral-large2", "Mistral Large (latest)"),
        "name-disagrees",
    ),
    (row("anyapi/deepseek/deepseek-r1", "DeepSeek Reasoner"), "name-disagrees"),
    (row("zenmux/qwen/qwen3-max", "Qwen3-Max-Thinking", 1.2, 6), "name-disagrees"),
    (
        row(
            "vercel/deepseek/deepseek-v3",
            "DeepSeek V3 0324",
            *(0.27, 1.12),
            release_date="2024-12-26",
        ),
        "name-disagrees",
    ),
    (
        row(
            "cloudflare-ai-gateway/openai/gpt-3.5-turbo",
            "GPT-3.5-turbo",
            *(0.5, 1.5, 1.25),
        ),
        "cache-price-over-input",
    ),
    (
        row(
            "amazon-bedrock/au.anthropic.claude-opus-4-6-v1",
            "AU Anthropic Claude Opus 4.6",
            *(16.5, 82.5, 1.65),
        ),
        "price-far-from-group",
    ),
]


def fused(*rows: ServedModel) -> dict[str, CanonicalModel]:
    """The models by the ids of their rows."""
    result = fuse(
        {"models-dev": Harvest(served=rows)},
        tables=load_tables(),
        precedence=load_precedence(),
    )
    return {model.source_ids["models-dev"]: model for model in result.models}


@pytest.mark.parametrize(
    ("wrong", "flag"), WRONG, ids=[wrong.record for wrong, _ in WRONG]
)
def test_a_row_that_was_published_wrong_is_flagged(
    wrong: ServedModel, flag: str
) -> None:
    """By a rule and with a reason, beside the sound rows of the same models."""
    model = fused(*SOUND, wrong)[wrong.record]
    assert list(model.flags) == [flag]
    assert len(model.flags[flag]) > 20


def test_the_sound_rows_beside_them_are_not() -> None:
    """But for the alias that floats, which is what it says."""
    models = fused(*SOUND, *(wrong for wrong, _ in WRONG))
    flagged = {row.record: set(models[row.record].flags) for row in SOUND}
    floating = flagged.pop("mistral/mistral-large-latest")
    assert floating == {"floating-alias"}
    assert set().union(*flagged.values()) == set()
