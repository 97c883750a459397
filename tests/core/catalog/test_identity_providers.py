"""Every provider has one name, and ids are split into provider and model."""

from __future__ import annotations

from collections import Counter

import pytest

from llmhub_core.catalog.identity.providers import (
    canonical_provider,
    parse_model_id,
    providers,
)


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("google", "gemini"),
        ("togetherai", "together"),
        ("amazon-bedrock", "bedrock"),
        ("fireworks-ai", "fireworks"),
        ("alibaba-cn", "dashscope"),
        ("alibaba", "alibaba"),
        ("moonshotai", "moonshot"),
        ("google-vertex", "vertexai"),
        ("google-vertex-anthropic", "vertexaianthropic"),
        ("github-models", "github"),
        ("gmicloud", "gmi"),
        ("qiniu-ai", "qiniu"),
        ("azure", "azure"),
        ("azure-cognitive-services", "azure-cognitive-services"),
        ("perplexity-agent", "perplexity-agent"),
        ("ollama-cloud", "ollama-cloud"),
        ("github-copilot", "github-copilot"),
        (" OpenAI ", "openai"),
        ("unheard-of", "unheard-of"),
    ],
)
def test_gives_a_provider_any_llms_name(name: str, canonical: str) -> None:
    """Other sources' names become any-llm's; names that it does not know stay."""
    assert canonical_provider(name) == canonical == canonical_provider(canonical)


def test_never_makes_one_of_two_providers() -> None:
    """No alias is claimed twice, and none is a provider of its own."""
    claims = Counter(
        name
        for provider in providers().values()
        for name in (provider.name, *provider.aliases)
    )

    assert {name for name, count in claims.items() if count > 1} == set()


def test_knows_keys_homes_and_whereabouts() -> None:
    """Variables, fallbacks, local servers and countries are data."""
    known = providers()

    assert known["gemini"].env == ("GEMINI_API_KEY", "GOOGLE_API_KEY")
    assert known["zai"].fallback_env == ("ZHIPU_API_KEY",)
    assert known["sagemaker"].env_all
    assert known["ollama"].is_local
    assert known["ollama"].env == ()
    assert known["mistral"].country == "FR"
    assert known["kenari"].country is None
    assert list(known) == sorted(known)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("openai:gpt-5", ("openai", "gpt-5")),
        ("google/gemini-3-pro", ("gemini", "gemini-3-pro")),
        ("ollama:gpt-oss:120b", ("ollama", "gpt-oss:120b")),
        (
            "openrouter/anthropic/claude-opus-4.6:thinking",
            ("openrouter", "anthropic/claude-opus-4.6:thinking"),
        ),
        ("nano-gpt:TEE/glm-5", ("nano-gpt", "TEE/glm-5")),
        (
            "cloudflare-workers-ai:@cf/meta/llama-3-8b",
            ("cloudflare-workers-ai", "@cf/meta/llama-3-8b"),
        ),
        ("kimi-k2.6@moonshotai", ("moonshot", "kimi-k2.6")),
        ("z-ai/glm-5@openrouter", ("openrouter", "z-ai/glm-5")),
        (
            "google-vertex:claude-opus-4@20250514",
            ("vertexai", "claude-opus-4@20250514"),
        ),
        ("claude-opus-4@20250514", None),
        ("gpt-5", None),
        (":gpt-5", None),
        ("openai:", None),
        ("@openai", None),
        ("", None),
    ],
)
def test_splits_an_id_at_the_first_mark(
    text: str, parsed: tuple[str, str] | None
) -> None:
    """Model ids contain both marks, so only the first one splits."""
    assert parse_model_id(text) == parsed
