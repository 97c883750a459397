"""Where a key must never show up."""

from __future__ import annotations

import asyncio
import logging
import pickle
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from llmhub_runtime import (
    ConfigError,
    LLMHub,
    ProviderConfig,
    RuntimeConfig,
    dump_config,
    parse_config,
)
from llmhub_runtime.redaction import REDACTED, redact

CANARY = "sk-canary-9d41c7"
SAY = [{"role": "user", "content": "hello"}]


@pytest.fixture
def canary(
    config: RuntimeConfig, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> RuntimeConfig:
    """The usual roles, with one key, on a provider that repeats it in its answer."""
    monkeypatch.setenv("MY_OPENAI", CANARY)
    monkeypatch.setenv("MY_ANTHROPIC", CANARY)
    body = {"error": {"message": f"bad key {CANARY}", "type": "auth", "code": CANARY}}
    provider.answer_with(401, body, {"x-echo": CANARY})
    return config


def texts_of(error: BaseException) -> Iterator[str]:
    """Give every form in which an exception leaves a program."""
    yield str(error)
    yield repr(error)
    yield repr(vars(error))
    yield "".join(traceback.format_exception(error))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        try:
            yield pickle.dumps(error, protocol).decode("latin-1")
        except (TypeError, pickle.PicklingError):
            continue  # an SDK's exception may hold what can't be pickled
    link: BaseException | None = error
    while link is not None:
        for name in ("request", "response"):
            message = getattr(link, name, None)
            if message is not None:
                yield repr(dict(message.headers))
                yield message.content.decode()
        link = link.__cause__


@pytest.mark.parametrize("role", ["llm.chat", "llm.claude"])
@pytest.mark.parametrize("stream", [False, True])
def test_key_is_not_in_what_a_provider_error_carries(
    canary: RuntimeConfig,
    provider: Any,
    caplog: pytest.LogCaptureFixture,
    role: str,
    stream: bool,
) -> None:
    """Not in text, chain, pickle, request or response, although the provider did."""
    caplog.set_level(logging.DEBUG, logger="llmhub_runtime")
    told: list[dict[str, Any]] = []
    errors: list[BaseException] = []

    with LLMHub(config_obj=canary, on_after_call=told.append) as hub:
        with pytest.raises(Exception, match=r"bad key \[redacted\]") as caught:
            hub.completion(role, SAY, stream=stream)
        errors.append(caught.value)

        async def main() -> None:
            with pytest.raises(Exception, match=r"bad key \[redacted\]") as caught:
                await hub.acompletion(role, SAY, stream=stream)
            errors.append(caught.value)

        asyncio.run(main())
        assert CANARY not in repr(hub)
    assert len(provider.seen) == 2
    assert [one["error"] for one in told] == errors
    found = [text for error in errors for text in texts_of(error)]
    assert any("Bearer" in text or REDACTED in text for text in found)
    assert not any(CANARY in text for text in found)
    assert CANARY not in caplog.text


def test_key_that_any_llm_found_by_itself_is_taken_out_too(
    canary: RuntimeConfig, monkeypatch: pytest.MonkeyPatch, provider: Any
) -> None:
    """Without ``env_key`` the key comes from any-llm's own variable."""
    from any_llm.exceptions import AnyLLMError

    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    endpoint = evolve(canary.providers["openai"], env_key=None)
    with (
        LLMHub(config_obj=evolve(canary, providers={"openai": endpoint})) as hub,
        pytest.raises(AnyLLMError) as caught,
    ):
        hub.completion("llm.chat", SAY)
    assert provider.seen[0].headers["authorization"] == f"Bearer {CANARY}"
    assert not any(CANARY in text for text in texts_of(caught.value))


def test_key_is_not_in_an_error_inside_a_stream(
    canary: RuntimeConfig, provider: Any
) -> None:
    """What breaks after the first chunk is cleaned as well."""
    from any_llm.exceptions import AnyLLMError

    provider.failure = None
    provider.cut_after = 2
    with (
        LLMHub(config_obj=canary) as hub,
        pytest.raises(AnyLLMError) as caught,
    ):
        list(hub.completion("llm.chat", SAY, stream=True))
    assert not any(CANARY in text for text in texts_of(caught.value))


def test_key_is_not_in_the_records(canary: RuntimeConfig) -> None:
    """The config and what is resolved from it know the variable's name alone."""
    with LLMHub(config_obj=canary) as hub:
        for text in (
            repr(hub.config),
            dump_config(hub.config),
            pickle.dumps(hub.config).decode("latin-1"),
        ):
            assert CANARY not in text
            assert "MY_OPENAI" in text


def test_key_in_the_wrong_place_is_not_repeated() -> None:
    """Who writes the key into the config is told so without seeing it again."""
    for provider, params in (
        ({"env_key": CANARY}, {}),
        ({"api_key": CANARY}, {}),
        ({}, {"api_key": CANARY}),
    ):
        role = {"provider": "openai", "model": "m", "params": params}
        with pytest.raises(ConfigError) as caught:
            parse_config(
                {
                    "project": "p",
                    "env": "e",
                    "providers": {"openai": provider},
                    "roles": {"r": role},
                }
            )
        assert CANARY not in str(caught.value)


def test_redaction_without_a_key_changes_nothing() -> None:
    """No key was sent, or one that words contain, so none is looked for."""
    error = ValueError("text", ["list"])
    for secret in (None, "", "x", "t"):
        redact(error, secret)
    assert error.args == ("text", ["list"])


def test_redaction_reaches_into_containers_and_cycles() -> None:
    """Arguments and attributes of every exception in the chain, each once."""
    inner = ValueError({"a": [CANARY], "b": (1, f"x{CANARY}y")})
    outer = RuntimeError("outer")
    outer.__context__ = inner
    inner.__context__ = outer
    inner.body = {"key": CANARY.encode()}  # type: ignore[attr-defined]
    inner.response = {"headers": CANARY}  # type: ignore[attr-defined] # as botocore's
    redact(outer, CANARY)
    assert inner.args == ({"a": [REDACTED], "b": (1, f"x{REDACTED}y")},)
    assert vars(inner) == {
        "body": {"key": REDACTED.encode()},
        "response": {"headers": REDACTED},
    }


def test_redaction_finds_an_original_outside_the_chain() -> None:
    """any-llm's exceptions hold the SDK's as an attribute, whoever raised them anew."""
    outer = RuntimeError("outer")
    outer.original_exception = ValueError(CANARY)  # type: ignore[attr-defined]
    redact(outer, CANARY)
    assert "canary" not in repr(vars(outer))


def test_address_of_a_provider_is_no_secret(provider: Any) -> None:
    """``api_base`` is kept and written as it is."""
    endpoint = ProviderConfig(env_key="MY_OPENAI", api_base=provider.url)
    assert evolve(endpoint, env_key=None).api_base == provider.url


@pytest.mark.parametrize("call", ["completion", "stream"])
def test_key_is_not_in_the_local_variables_of_a_traceback(
    canary: RuntimeConfig, provider: Any, call: str
) -> None:
    """Error trackers keep them; those of the runtime name the variable only."""
    with (
        LLMHub(config_obj=canary) as hub,
        pytest.raises(Exception, match="bad key") as caught,
    ):
        hub.completion("llm.chat", SAY, stream=call == "stream")
    link: BaseException | None = caught.value
    frames = []
    while link is not None:
        frames += [frame for frame, _ in traceback.walk_tb(link.__traceback__)]
        link = link.__cause__
    ours = [one for one in frames if "llmhub_runtime" in one.f_code.co_filename]
    assert any(one.f_code.co_name == "_attempt" for one in ours)
    assert not [
        (one.f_code.co_name, name)
        for one in ours
        for name, value in one.f_locals.items()
        if CANARY in repr(value)
    ]
