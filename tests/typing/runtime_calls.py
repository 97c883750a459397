"""Calls and records as an application writes them: checked by mypy, never run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import assert_type

from any_llm.types.completion import (
    ChatCompletion,
    ChatCompletionChunk,
    CreateEmbeddingResponse,
)

from llmhub_runtime import (
    CallSettings,
    LLMHub,
    ProviderConfig,
    RoleConfig,
    RuntimeConfig,
)

config = RuntimeConfig(
    project="p",
    env="dev",
    providers={"openai": ProviderConfig(env_key="OPENAI_API_KEY")},
    roles={
        "r": RoleConfig(
            provider="openai",
            model="m",
            params={"stop": ["a"], "temperature": 0.5},
            settings=CallSettings(timeout_seconds=30, retry_on=["timeout"]),
        )
    },
)
RoleConfig(provider=1, model="m")  # type: ignore[arg-type]
CallSettings(num_retries="2")  # type: ignore[arg-type]
config.project = "q"  # type: ignore[misc]


def calls(hub: LLMHub) -> None:
    said = [{"role": "user", "content": "hello"}]
    assert_type(hub.completion("r", said), ChatCompletion)
    assert_type(hub.completion("r", said, {"seed": 1}, user="u"), ChatCompletion)
    assert_type(
        hub.completion("r", said, stream=True),
        Generator[ChatCompletionChunk, None, None],
    )
    assert_type(hub.embedding("r", ["a"]), CreateEmbeddingResponse)
    hub.completion("r")  # type: ignore[call-overload]
    hub.embedding("r", 3)  # type: ignore[arg-type]


async def acalls(hub: LLMHub) -> None:
    said = [{"role": "user", "content": "hello"}]
    assert_type(await hub.acompletion("r", said), ChatCompletion)
    assert_type(
        await hub.acompletion("r", said, stream=True),
        AsyncGenerator[ChatCompletionChunk, None],
    )
    assert_type(await hub.aembedding("r", "a"), CreateEmbeddingResponse)


async def hook(context: dict[str, object]) -> None:
    print(context["role"])  # noqa: T201


hub = LLMHub(config_obj=config, on_before_call=hook, on_after_call=print)
LLMHub("a.yaml", strict_env="yes")  # type: ignore[arg-type]
