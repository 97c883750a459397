"""Calls against a provider on loopback, sync and async, whole and streamed."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import Any

import pytest
from attrs import evolve

from llmhub_runtime import (
    AttemptTimeoutError,
    CallFailedError,
    CallNotAllowedError,
    CallSettings,
    ConfigError,
    EnvVarMissingError,
    LLMHub,
    ProviderConfig,
    ProviderNotInstalledError,
    RoleConfig,
    RuntimeConfig,
    UnknownProviderError,
    UnknownRoleError,
    UnusableAnswerError,
)

SAY = [{"role": "user", "content": "hello"}]


def one_role(endpoint: ProviderConfig, **role: Any) -> RuntimeConfig:
    """Return a config with the role ``r``, on one provider."""
    spec = RoleConfig(**{"model": "m"} | role)
    return RuntimeConfig(
        project="p", env="dev", providers={spec.provider: endpoint}, roles={"r": spec}
    )


def text_of(chunks: Any) -> str:
    """Join what the chunks of a stream say."""
    choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
    return "".join(choice.delta.content or "" for choice in choices)


@pytest.mark.parametrize(
    ("role", "path", "sent"),
    [
        (
            "llm.chat",
            "/v1/chat/completions",
            ("authorization", "Bearer canary-openai-5f3a"),
        ),
        ("llm.claude", "/v1/messages", ("x-api-key", "canary-anthropic-77c1")),
    ],
)
def test_completion_authenticates_with_the_env_key(
    hub: LLMHub, provider: Any, role: str, path: str, sent: tuple[str, str]
) -> None:
    """The value of the variable that ``env_key`` names is what the provider gets."""
    answer = hub.completion(role=role, messages=SAY)
    assert answer.choices[0].message.content == "Hello there"
    assert answer.usage is not None
    assert answer.usage.total_tokens == 6
    assert [one.path for one in provider.seen] == [path]
    assert sent in provider.seen[0].headers.items()


def test_key_is_read_afresh(
    hub: LLMHub, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that changes in the environment is used from the next call on."""
    hub.completion("llm.chat", SAY)
    monkeypatch.setenv("MY_OPENAI", " new-key\n")
    hub.completion("llm.chat", SAY)
    sent = [one.headers["authorization"] for one in provider.seen]
    assert sent == ["Bearer canary-openai-5f3a", "Bearer new-key"]


@pytest.mark.parametrize("role", ["llm.chat", "llm.claude"])
def test_completion_streams(hub: LLMHub, role: str) -> None:
    """A stream hands out the text in its parts."""
    chunks = list(hub.completion(role, SAY, stream=True))
    assert len(chunks) >= 4
    assert text_of(chunks) == "Hello there"


def test_stream_without_a_chunk_is_no_answer(hub: LLMHub, provider: Any) -> None:
    """A provider that says nothing at all did not answer."""
    provider.words = ()
    with pytest.raises(CallFailedError, match="without a finish reason") as caught:
        hub.completion("llm.chat", SAY, stream=True, num_retries=0)
    assert isinstance(caught.value, UnusableAnswerError)


@pytest.mark.parametrize("role", ["llm.chat", "llm.claude"])
def test_async_twins_answer_alike(config: RuntimeConfig, role: str) -> None:
    """``acompletion`` answers like ``completion``, whole and streamed."""

    async def main() -> tuple[str | None, str]:
        async with LLMHub(config_obj=config) as hub:
            whole = await hub.acompletion(role, SAY)
            stream = await hub.acompletion(role, SAY, stream=True)
            return whole.choices[0].message.content, text_of([c async for c in stream])

    assert asyncio.run(main()) == ("Hello there", "Hello there")


def test_embedding_of_one_text_and_of_many(hub: LLMHub, config: RuntimeConfig) -> None:
    """One vector per text, in order, from both twins."""
    assert hub.embedding("llm.embedding", "four").data[0].embedding == [4.0, 1.0]
    many = hub.embedding(role="llm.embedding", input=("a", "bb"))
    assert [row.embedding[0] for row in many.data] == [1.0, 2.0]

    async def main() -> Any:
        async with LLMHub(config_obj=config) as other:
            return await other.aembedding("llm.embedding", ["ccc"])

    assert asyncio.run(main()).data[0].embedding == [3.0, 1.0]


def test_embedding_dim_is_sent_as_dimensions(hub: LLMHub, provider: Any) -> None:
    """The name that the first config files used reaches the provider under its own."""
    hub.embedding("llm.embedding", "x", {"embedding_dim": 8})
    hub.embedding("llm.embedding", "x", embedding_dim=8, dimensions=4)
    assert [one.body["dimensions"] for one in provider.seen] == [8, 4]
    assert not any("embedding_dim" in one.body for one in provider.seen)


def test_override_and_keyword_win_in_this_order(hub: LLMHub, provider: Any) -> None:
    """The role's parameters lie under params_override, that under the keywords."""
    hub.completion("llm.chat", SAY, {"top_p": 0.1, "seed": 1}, seed=2, stop=["x"])
    body = provider.seen[0].body
    assert {name: body[name] for name in ("temperature", "top_p", "seed", "stop")} == {
        "temperature": 0.5,
        "top_p": 0.1,
        "seed": 2,
        "stop": ["x"],
    }


def test_stream_may_stand_in_the_parameters(
    config: RuntimeConfig, provider: Any
) -> None:
    """``stream: true`` of a role streams, unless the call says otherwise."""
    role = evolve(config.roles["llm.chat"], params={"stream": True})
    with LLMHub(config_obj=evolve(config, roles={"r": role})) as hub:
        assert text_of(hub.completion("r", SAY)) == "Hello there"
        whole = hub.completion("r", SAY, stream=False)
        assert whole.choices[0].message.content == "Hello there"
        assert text_of(hub.completion("r", SAY)) == "Hello there"
    streamed = [one.body.get("stream", False) for one in provider.seen]
    assert streamed == [True, False, True]


def test_parameters_of_one_call_are_not_another_s(
    config: RuntimeConfig, provider: Any
) -> None:
    """What a call adds is there for it alone, and a setting is sent to nobody."""
    role = evolve(config.roles["llm.chat"], params={"temperature": 0.5, "stop": ["x"]})
    timed = evolve(role, params={"timeout": 9, "seed": 1})
    with LLMHub(config_obj=evolve(config, roles={"r": role, "t": timed})) as hub:
        for name in ("r", "t"):
            hub.completion(name, SAY)
            hub.completion(name, SAY, temperature=0.1, stop=["y"], timeout=7)
            hub.completion(name, SAY)
            hub.completion(name, SAY)
    first, other, *again = [one.body for one in provider.seen[:4]]
    assert (first["temperature"], first["stop"]) == (0.5, ["x"])
    assert (other["temperature"], other["stop"]) == (0.1, ["y"])
    assert again == [first, first]
    first, other, *again = [one.body for one in provider.seen[4:]]
    assert again == [first, first]
    assert not any("timeout" in body for body in (first, other))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, "AuthenticationError"),
        (404, "ModelNotFoundError"),
        (429, "RateLimitError"),
        (500, "ProviderError"),
        (503, "ProviderError"),
    ],
)
@pytest.mark.parametrize("role", ["llm.chat", "llm.claude"])
def test_one_request_and_a_unified_exception(
    hub: LLMHub, provider: Any, role: str, status: int, error: str
) -> None:
    """A failure is any-llm's exception after one request: nobody below retries."""
    from any_llm import exceptions

    body = {"error": {"message": "no", "type": "x", "code": "x"}}
    provider.answer_with(status, body, {"Retry-After": "7"})
    with pytest.raises(getattr(exceptions, error)) as caught:
        hub.completion(role, SAY, num_retries=0)
    assert isinstance(caught.value, CallFailedError)
    assert caught.value.status_code == status  # type: ignore[attr-defined]
    assert len(provider.seen) == 1
    if status == 429:
        assert caught.value.retry_after == "7"  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", ["llm.chat", "llm.claude"])
def test_stream_that_fails_at_its_start_fails_in_the_call(
    hub: LLMHub, provider: Any, role: str
) -> None:
    """The call raises what happens before the first chunk, for every provider."""
    from any_llm.exceptions import RateLimitError

    provider.answer_with(429, {"error": {"message": "slow down", "type": "x"}})
    with pytest.raises(RateLimitError):
        hub.completion(role, SAY, stream=True, num_retries=0)
    assert len(provider.seen) == 1


def test_timeout_bounds_an_attempt(config: RuntimeConfig, provider: Any) -> None:
    """Silence ends after the role's timeout, after one request."""
    provider.gate.clear()
    roles = {
        name: evolve(role, settings=CallSettings(timeout_seconds=0.2))
        for name, role in config.roles.items()
    }
    with LLMHub(config_obj=evolve(config, roles=roles)) as hub:
        for role in ("llm.chat", "llm.claude"):
            with pytest.raises(AttemptTimeoutError, match=r"within 0\.2 s"):
                hub.completion(role, SAY)
        with pytest.raises(AttemptTimeoutError):
            hub.embedding("llm.embedding", "x")
    assert len(provider.seen) == 3


def test_timeout_of_a_call_wins(hub: LLMHub, provider: Any) -> None:
    """``timeout`` among the parameters is the limit of this call, and is not sent."""
    provider.gate.clear()
    with pytest.raises(AttemptTimeoutError):
        hub.completion("llm.chat", SAY, timeout="200ms")
    with pytest.raises(ConfigError, match="timeout: must be a duration"):
        hub.completion("llm.chat", SAY, timeout="soon")
    provider.gate.set()
    hub.completion("llm.chat", SAY, {"timeout": None})
    assert not any("timeout" in one.body for one in provider.seen)


def test_timeout_reaches_the_sdk(
    config: RuntimeConfig, monkeypatch: pytest.MonkeyPatch, provider: Any
) -> None:
    """any-llm gets a limit a little above ours where the provider takes one."""
    from any_llm.providers.openai import OpenaiProvider

    given: list[float | None] = []
    original = OpenaiProvider.acompletion

    async def spy(self: Any, *args: Any, **named: Any) -> Any:
        given.append(named.get("timeout"))
        return await original(self, *args, **named)

    monkeypatch.setattr(OpenaiProvider, "acompletion", spy)
    limited = evolve(config, settings=CallSettings(timeout_seconds=900))
    with LLMHub(config_obj=limited) as hub:
        hub.completion("llm.chat", SAY)
        monkeypatch.setattr(OpenaiProvider, "TIMEOUT_SUPPORT", "unsupported")
        hub.completion("llm.chat", SAY)
    assert given == [901.0, None]


def test_provider_without_a_retry_setting_still_works(
    config: RuntimeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """any-llm refuses ``max_retries`` for some providers; those go without."""
    from any_llm.providers.openai import OpenaiProvider

    monkeypatch.setattr(OpenaiProvider, "MAX_RETRIES_SUPPORT", "unsupported")
    with LLMHub(config_obj=config) as hub:
        hub.completion("llm.chat", SAY)


def test_address_of_ones_own_under_any_name(provider: Any) -> None:
    """A provider that any-llm does not know is called as OpenAI-compatible."""
    config = one_role(ProviderConfig(api_base=provider.url), provider="my-gateway")
    with LLMHub(config_obj=config) as hub:
        hub.completion("r", SAY)
    assert len(provider.seen) == 1


def test_provider_that_needs_no_key(provider: Any) -> None:
    """A local server is called without any variable."""
    config = one_role(ProviderConfig(api_base=provider.url), provider="llamacpp")
    with LLMHub(config_obj=config, strict_env=True) as hub:
        hub.completion("r", SAY)
    assert len(provider.seen) == 1


@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing_key_is_named_before_anything_is_sent(
    hub: LLMHub, provider: Any, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    """A variable that is not set, or blank, is named by the error."""
    monkeypatch.delenv("MY_OPENAI")
    if value is not None:
        monkeypatch.setenv("MY_OPENAI", value)
    with pytest.raises(EnvVarMissingError, match=r"MY_OPENAI \(for openai\)") as caught:
        hub.completion("llm.chat", SAY)
    assert caught.value.variables == ("MY_OPENAI",)
    assert provider.seen == []


def test_any_llms_own_variable_is_named_too(provider: Any) -> None:
    """Without ``env_key`` the error names the variable that any-llm reads."""
    config = one_role(ProviderConfig(api_base=provider.url), provider="openai")
    with (
        LLMHub(config_obj=config) as hub,
        pytest.raises(EnvVarMissingError, match="OPENAI_API_KEY"),
    ):
        hub.completion("r", SAY)


def test_key_that_cannot_be_sent_is_not_shown(
    hub: LLMHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key with a line break inside would fail in the SDK, which would print it."""
    monkeypatch.setenv("MY_OPENAI", "canary\nsecond")
    with pytest.raises(ConfigError, match="MY_OPENAI") as caught:
        hub.completion("llm.chat", SAY)
    assert "canary" not in str(caught.value)


def test_unknown_provider_is_refused_with_the_nearest_name() -> None:
    """A provider that neither any-llm nor an address explains is refused."""
    config = one_role(ProviderConfig(), provider="opnai")
    with (
        LLMHub(config_obj=config) as hub,
        pytest.raises(UnknownProviderError, match="Did you mean 'openai'") as caught,
    ):
        hub.completion("r", SAY)
    assert caught.value.place == "any-llm"


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which extra to install, whenever any-llm finds that out."""
    from any_llm.providers.openai import OpenaiProvider

    monkeypatch.setitem(sys.modules, "google", None)
    for name in [
        one for one in sys.modules if one.startswith("any_llm.providers.gemini")
    ]:
        monkeypatch.delitem(sys.modules, name)
    with (
        LLMHub(config_obj=one_role(ProviderConfig(), provider="gemini")) as hub,
        pytest.raises(ProviderNotInstalledError, match=r"any-llm-sdk\[gemini\]"),
    ):
        hub.completion("r", SAY)

    gone = ImportError("No module named 'x'")
    monkeypatch.setattr(OpenaiProvider, "MISSING_PACKAGES_ERROR", gone)
    with (
        LLMHub(config_obj=one_role(ProviderConfig(), provider="openai")) as hub,
        pytest.raises(ProviderNotInstalledError, match="No module named 'x'"),
    ):
        hub.completion("r", SAY)


def test_mode_decides_the_calls(hub: LLMHub, config: RuntimeConfig) -> None:
    """A chat role does not embed, an embedding role does not chat, ``other`` does."""
    with pytest.raises(CallNotAllowedError, match="mode 'chat', and embedding"):
        hub.embedding("llm.chat", "x")
    with pytest.raises(CallNotAllowedError, match="completion\\(\\) serves chat, tool"):
        hub.completion("llm.embedding", SAY)
    other = evolve(config.roles["llm.chat"], mode="other", params={})
    with LLMHub(config_obj=evolve(config, roles={"r": other})) as both:
        both.completion("r", SAY)
        both.embedding("r", "x")


def test_unknown_role_is_refused_with_the_nearest_names(hub: LLMHub) -> None:
    """The error lists the roles and the nearest of them."""
    with pytest.raises(UnknownRoleError, match=r"Did you mean 'llm\.chat'"):
        hub.completion("llm.chta", SAY)


def test_defaults_serve_an_unknown_role_with_a_warning(
    config: RuntimeConfig, provider: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """As the original did, but said once per role; ``strict_roles`` forbids it."""
    lenient = evolve(config, defaults=config.roles["llm.chat"])
    with LLMHub(config_obj=lenient) as hub:
        hub.completion("new", SAY)
        hub.completion("new", SAY)
    assert [one.getMessage() for one in caplog.records] == [
        "no role 'new' in the config of 'tests': its defaults serve it, gpt-x of openai"
    ]
    assert len(provider.seen) == 2
    with (
        LLMHub(config_obj=lenient, strict_roles=True) as hub,
        pytest.raises(UnknownRoleError),
    ):
        hub.completion("new", SAY)


def test_structured_output_passes_through(hub: LLMHub, provider: Any) -> None:
    """Tools and a response format arrive at the provider as they were given."""
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    hub.completion("llm.chat", SAY, response_format=schema, tools=[tool])
    assert provider.seen[0].body["response_format"] == schema
    assert provider.seen[0].body["tools"][0]["function"]["name"] == "f"


def test_synchronous_call_inside_a_running_loop(hub: LLMHub) -> None:
    """As in a notebook: it blocks that loop, as any synchronous client would."""

    async def main() -> Any:
        return hub.completion("llm.chat", SAY)

    assert asyncio.run(main()).choices[0].message.content == "Hello there"


def test_cancelling_an_async_call_cancels_the_request(
    config: RuntimeConfig, provider: Any
) -> None:
    """A cancelled task gives its connection back."""
    provider.gate.clear()

    async def main() -> None:
        async with LLMHub(config_obj=config) as hub:
            call = asyncio.create_task(hub.acompletion("llm.chat", SAY))
            await asyncio.to_thread(provider.wait_until, lambda: provider.seen)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call

    asyncio.run(main())
    provider.gate.set()
    assert provider.wait_until(lambda: provider.open_connections == 0)


def test_first_calls_at_once_share_one_client(
    config: RuntimeConfig, provider: Any
) -> None:
    """Threads that make the first call together meet in one client."""
    with LLMHub(config_obj=config) as hub:
        start = threading.Barrier(8)

        def work() -> None:
            start.wait()
            for _ in range(5):
                hub.completion("llm.chat", SAY)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(provider.seen) == 40
    assert provider.connections <= 8
