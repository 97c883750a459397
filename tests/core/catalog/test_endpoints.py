"""Models that a call to their provider does not reach."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from llmhub_core.catalog.endpoints import elsewhere

OUT_OF_REACH = (
    ("openai:gpt-5-codex", "Responses API"),
    ("openai:gpt-5.1-codex-max", "Responses API"),
    ("openai:codex-mini-latest", "Responses API"),
    ("openai:o3-pro-2025-06-10", "Responses API"),
    ("openai:gpt-5.5-pro", "Responses API"),
    ("openai:o4-mini-deep-research", "Responses API"),
    ("azure:GPT-5.3-Codex", "Responses API"),
    ("openai:gpt-realtime-2.1", "Realtime"),
    ("dashscope:qwen3-omni-flash-realtime", "Realtime"),
    ("openrouter:openai/gpt-realtime-mini", "Realtime"),
    ("gemini:gemini-live-2.5-flash-preview-native-audio", "Live API"),
    ("gemini:gemini-2.5-flash-native-audio-preview-09-2025", "Live API"),
    ("bedrock:anthropic.claude-sonnet-4-5-20250929-v1:0", "inference profiles"),
    ("bedrock:anthropic.claude-3-7-sonnet-20250219-v1:0", "inference profiles"),
    ("bedrock:anthropic.claude-opus-4-8", "inference profiles"),
    ("bedrock:openai.gpt-5.5", "OpenAI-compatible"),
    ("bedrock:openai.gpt-oss-120b", "OpenAI-compatible"),
    ("bedrock:xai.grok-4.3", "OpenAI-compatible"),
    ("vertexai:claude-opus-4-6@default", "vertexaianthropic"),
    ("azure:claude-opus-4-6", "azureanthropic"),
)
WITHIN_REACH = (
    "openai:gpt-5.5",
    "openai:gpt-5-mini",
    "openai:o3",
    "openai:gpt-audio",
    "openrouter:openai/gpt-5-codex",
    "openrouter:openai/o3-pro",
    "gemini:gemini-2.5-pro",
    "gemini:gemini-3.1-pro-preview",
    "bedrock:us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "bedrock:global.anthropic.claude-opus-4-8",
    "bedrock:anthropic.claude-3-haiku-20240307-v1:0",
    "bedrock:anthropic.claude-3-5-sonnet-20240620-v1:0",
    "bedrock:openai.gpt-oss-120b-1:0",
    "bedrock:amazon.nova-pro-v1:0",
    "vertexai:gemini-3-pro",
    "vertexai:deepseek-ai/deepseek-v3.2-maas",
    "vertexaianthropic:claude-opus-4-6@default",
    "azureanthropic:claude-opus-4-6",
    "anthropic:claude-opus-4-6",
)


def where(canonical_id: str) -> str | None:
    """Where a model is served instead."""
    provider, _, model_id = canonical_id.partition(":")
    return elsewhere(provider, model_id)


@pytest.mark.parametrize(("canonical_id", "said"), OUT_OF_REACH)
def test_says_where_a_model_is_served_instead(canonical_id: str, said: str) -> None:
    """Another endpoint, another id, or another provider."""
    assert said in (where(canonical_id) or "")


@pytest.mark.parametrize("canonical_id", WITHIN_REACH)
def test_says_nothing_of_models_that_a_call_reaches(canonical_id: str) -> None:
    """A router translates, a regional id is the profile, an older model has none."""
    assert where(canonical_id) is None


def test_every_entry_says_who_says_so() -> None:
    """Nothing is kept from anybody on hearsay."""
    path = files("llmhub_core.catalog").joinpath("data", "endpoints.toml")
    entries = tomllib.loads(path.read_text("utf-8"))["elsewhere"]

    assert all(
        set(entry) - {"providers"} == {"models", "reason", "source"}
        and len(entry["source"].split()) >= 4
        for entry in entries
    )
