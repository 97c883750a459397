"""What programs and files of the original LLM Hub count on, and still find here."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from llmhub_runtime import LLMHub, load_config, resolve_role

SAY = [{"role": "user", "content": "hello"}]

ARGUMENTS: dict[str, dict[str, object]] = {
    "__init__": {
        "config_path": None,
        "config_obj": None,
        "strict_env": False,
        "on_before_call": None,
        "on_after_call": None,
    },
    "completion": {
        "role": inspect.Parameter.empty,
        "messages": inspect.Parameter.empty,
        "params_override": None,
    },
    "embedding": {
        "role": inspect.Parameter.empty,
        "input": inspect.Parameter.empty,
        "params_override": None,
    },
}
CONTEXT = {"role", "provider", "model", "mode", "params"}
RESULT = {"role", "provider", "model", "mode", "success", "error", "response"}
ERRORS = {
    "LLMHubRuntimeError",
    "ConfigError",
    "UnknownRoleError",
    "UnknownProviderError",
    "EnvVarMissingError",
}

GENERATED = """\
project: memory
env: dev

providers:
  openai:
    env_key: MY_OPENAI
  anthropic:
    env_key: MY_ANTHROPIC

roles:
  llm.preprocess:
    provider: openai
    model: gpt-4o-mini
    mode: chat
    params:
      temperature: 0.2
      max_tokens: 512

  llm.inference:
    provider: anthropic
    model: claude-3-5-sonnet-20241022
    mode: chat
    params:
      temperature: 0.7
      max_tokens: 2048

  llm.embedding:
    provider: openai
    model: text-embedding-3-small
    mode: embedding
    params:
      embedding_dim: 1536

  llm.image: {provider: openai, model: dall-e-3, mode: image, params: {}}
  llm.audio: {provider: openai, model: tts-1, mode: audio, params: {}}
  llm.tool: {provider: openai, model: gpt-4o, mode: tool, params: {}}
  llm.other: {provider: openai, model: gpt-4o, mode: other, params: {}}

defaults:
  provider: openai
  model: gpt-4o-mini
  mode: chat
  params: {}
"""
SMALLEST = """\
project: p
env: dev
providers: {openai: {env_key: null}}
roles: {r: {provider: openai, model: m, mode: chat}}
defaults: null
"""


@pytest.mark.parametrize("method", ARGUMENTS)
def test_arguments_stand_where_they_stood(method: str) -> None:
    """By position and by name, with the same defaults; more may follow by name."""
    parameters = inspect.signature(getattr(LLMHub, method)).parameters
    first = dict(list(parameters.items())[1 : len(ARGUMENTS[method]) + 1])
    found = {name: parameter.default for name, parameter in first.items()}
    assert list(found.items()) == list(ARGUMENTS[method].items())
    kinds = {parameter.kind for parameter in first.values()}
    assert kinds == {inspect.Parameter.POSITIONAL_OR_KEYWORD}
    rest = list(parameters.values())[len(first) + 1 :]
    assert inspect.Parameter.POSITIONAL_OR_KEYWORD not in {one.kind for one in rest}


def test_names_stand_where_they_stood() -> None:
    """Modules and what programs import from them."""
    import llmhub_runtime
    from llmhub_runtime import errors, hub

    assert hub.LLMHub is llmhub_runtime.LLMHub
    assert set(errors.__all__) >= ERRORS
    assert all(
        issubclass(getattr(llmhub_runtime, name), llmhub_runtime.LLMHubRuntimeError)
        for name in ERRORS
    )
    assert {"RuntimeConfig", "ProviderConfig", "RoleConfig", "ResolvedCall"} <= set(
        llmhub_runtime.__all__
    )


@pytest.mark.parametrize(
    ("text", "roles"), [(GENERATED, 7), (SMALLEST, 1)], ids=["generated", "smallest"]
)
def test_files_load_unchanged(text: str, roles: int, tmp_path: Path) -> None:
    """Each mode, each key, whatever is empty."""
    path = tmp_path / "llmhub.yaml"
    path.write_text(text, encoding="utf-8")
    config = load_config(str(path))
    assert len(config.roles) == roles
    for role, spec in config.roles.items():
        resolved = resolve_role(config, role)
        assert (resolved.role, resolved.provider, resolved.model, resolved.mode) == (
            role,
            spec.provider,
            spec.model,
            spec.mode,
        )


def test_program_of_the_original(
    tmp_path: Path, provider: Any, config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its calls, hooks and unknown roles, against a provider on loopback."""
    path = tmp_path / "llmhub.yaml"
    path.write_text(GENERATED, encoding="utf-8")
    monkeypatch.setenv("OPENAI_BASE_URL", provider.url)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", provider.root)
    before: list[dict[str, Any]] = []
    after: list[dict[str, Any]] = []
    hub = LLMHub(str(path), None, True, before.append, after.append)  # noqa: FBT003
    answer = hub.completion("llm.inference", SAY, {"temperature": 0.1})
    vectors = hub.embedding(role="llm.embedding", input=["hello"])
    hub.completion(role="llm.nobody.knows", messages=SAY)
    hub.close()
    assert answer.choices[0].message.content == "Hello there"
    assert len(vectors.data) == 1
    assert provider.seen[0].body["temperature"] == 0.1
    assert provider.seen[1].body["dimensions"] == 1536
    assert provider.seen[2].body["model"] == "gpt-4o-mini"
    assert [set(one) >= CONTEXT for one in before] == [True] * 3
    assert [set(one) >= RESULT for one in after] == [True] * 3
    content = [(one.get("messages"), one.get("input")) for one in before]
    assert content == [(SAY, None), (None, ["hello"]), (SAY, None)]
    assert after[0]["response"] is answer
    assert [(one["success"], one["error"]) for one in after] == [(True, None)] * 3
    assert [one["role"] for one in after][2] == "llm.nobody.knows"
