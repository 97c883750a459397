"""Failover as an application sees it: two providers on loopback, one of them ill."""

from __future__ import annotations

import asyncio
import logging
import pickle
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from llmhub_runtime import (
    Attempt,
    BackoffSettings,
    CallFailedError,
    CallSettings,
    CircuitOpenError,
    ConfigError,
    EnvVarMissingError,
    FallbackConfig,
    LLMHub,
    ProviderConfig,
    RuntimeConfig,
    StreamInterruptedError,
    UnusableAnswerError,
    call_metadata,
)

SAY = [{"role": "user", "content": "hello"}]
DOWN = {"error": {"message": "down", "type": "x"}}


@pytest.fixture
def second(provider: Any) -> Iterator[Any]:
    """Another provider on loopback."""
    server = type(provider)()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def pair(config: RuntimeConfig, second: Any) -> RuntimeConfig:
    """The role ``r``: a model of the first provider, then one of the second."""
    anthropic = ProviderConfig(env_key="MY_ANTHROPIC", api_base=second.root)
    fallback = FallbackConfig(
        provider="anthropic", model="claude-y", params={"max_tokens": 64}
    )
    role = evolve(config.roles["llm.chat"], fallbacks=(fallback,))
    return evolve(
        config,
        providers={**config.providers, "anthropic": anthropic},
        roles={"r": role, "one": config.roles["llm.chat"]},
        settings=CallSettings(backoff=BackoffSettings(initial_seconds=0.001)),
    )


@pytest.fixture
def hub(pair: RuntimeConfig) -> Iterator[LLMHub]:
    """A hub on these roles."""
    with LLMHub(config_obj=pair) as hub:
        yield hub


def who(attempts: tuple[Attempt, ...]) -> list[tuple[str, str | None, int | None]]:
    """Return whom the attempts went to and what they met."""
    return [(one.provider, one.error_class, one.status) for one in attempts]


def test_fallback_answers_and_is_reported(
    hub: LLMHub, provider: Any, second: Any
) -> None:
    """Provider, model, usage and every attempt are those of what really happened."""
    provider.answer_with(503, DOWN)
    answer = hub.completion("r", SAY)
    assert answer.choices[0].message.content == "Hello there"
    record = call_metadata(answer)
    assert record is not None
    assert (record.role, record.provider) == ("r", "anthropic")
    assert record.model == "claude-y"
    assert who(record.attempts) == [
        ("openai", "server_error", 503),
        ("openai", "server_error", 503),
        ("openai", "server_error", 503),
        ("anthropic", None, None),
    ]
    assert (record.input_tokens, record.output_tokens) == (3, 3)
    assert record.duration_seconds >= sum(
        one.duration_seconds + one.wait_seconds for one in record.attempts
    )
    assert len(provider.seen) == 3
    assert second.seen[0].body["max_tokens"] == 64


def test_record_leaves_the_answer_as_any_llm_made_it(hub: LLMHub) -> None:
    """It is not dumped, not compared, and survives copies and pickles."""
    answer = hub.completion("r", SAY)
    record = call_metadata(answer)
    assert record is not None
    assert "llmhub" not in answer.model_dump()
    assert "llmhub" not in answer.model_dump_json()
    assert "llmhub" not in repr(answer)
    again = pickle.loads(pickle.dumps(answer))  # noqa: S301 (made on the same line)
    assert call_metadata(again) == record
    assert call_metadata(answer.model_copy()) == record
    assert type(answer).model_validate(answer.model_dump()) == answer
    assert answer.llmhub is record  # type: ignore[attr-defined]


@pytest.mark.parametrize("commit", ["first_token", "complete"])
def test_stream_fails_over_before_its_first_token(
    hub: LLMHub, provider: Any, commit: str
) -> None:
    """Sync and async; the stream tells its record, at last with all of it."""
    provider.answer_with(503, DOWN)
    stream = hub.completion("r", SAY, stream=True, commit=commit)
    record = call_metadata(stream)
    assert record is not None
    assert record.provider == "anthropic"
    text = "".join(one.choices[0].delta.content or "" for one in stream if one.choices)
    assert text == "Hello there"
    record = call_metadata(stream)
    assert record is not None
    assert record.output_tokens == 3
    first = record.time_to_first_token_seconds
    assert first is not None
    assert 0 < first <= record.duration_seconds

    async def main() -> str:
        answer = await hub.acompletion("r", SAY, stream=True, commit=commit)
        said = [one async for one in answer]
        record = call_metadata(answer)
        assert record is not None
        assert record.provider == "anthropic"
        return "".join(
            one.choices[0].delta.content or "" for one in said if one.choices
        )

    assert asyncio.run(main()) == "Hello there"


def test_stream_that_breaks_carries_what_was_said(hub: LLMHub, provider: Any) -> None:
    """Or begins anew elsewhere, for a caller who wants the whole answer or none."""
    provider.cut_after = 2
    with pytest.raises(StreamInterruptedError) as caught:
        list(hub.completion("r", SAY, stream=True))
    assert caught.value.partial_text == "Hello "
    assert who(caught.value.attempts) == [("openai", "connection", None)]
    whole = list(hub.completion("r", SAY, stream=True, commit="complete"))
    said = [one.choices[0].delta.content or "" for one in whole if one.choices]
    assert "".join(said) == "Hello there"


def test_stream_can_be_driven_by_hand(hub: LLMHub) -> None:
    """It is a generator in every respect."""
    stream = hub.completion("r", SAY, stream=True)
    assert iter(stream) is stream
    stream.send(None)
    with pytest.raises(KeyError):
        stream.throw(KeyError("enough"))
    assert list(stream) == []
    hub.completion("r", SAY, stream=True).close()

    async def main() -> None:
        answer = await hub.acompletion("r", SAY, stream=True)
        assert aiter(answer) is answer
        await answer.asend(None)
        with pytest.raises(KeyError):
            await answer.athrow(KeyError("enough"))
        await answer.aclose()
        await hub.aclose()

    asyncio.run(main())


def test_settings_of_a_call_win_and_are_not_sent(hub: LLMHub, provider: Any) -> None:
    """As keywords and in ``params_override``."""
    provider.answer_with(503, DOWN)
    hub.completion("r", SAY, num_retries=0)
    assert len(provider.seen) == 1
    hub.completion("r", SAY, {"num_retries": 0, "deadline": "30s", "cooldown_time": 9})
    assert len(provider.seen) == 2
    with pytest.raises(CallFailedError):
        hub.completion("r", SAY, fallback_on=["timeout"], num_retries=0)
    names = {name for one in provider.seen for name in one.body}
    assert names == {"model", "messages", "temperature"}
    with pytest.raises(ConfigError, match="num_retries: must be a whole number"):
        hub.completion("r", SAY, num_retries=-1)
    with pytest.raises(ConfigError, match=r"backoff\.initail: unknown key"):
        hub.completion("r", SAY, backoff={"initail": 1})


def test_settings_may_stand_among_the_parameters_of_a_role(
    pair: RuntimeConfig, provider: Any
) -> None:
    """As in files of the original, where ``timeout`` did."""
    provider.answer_with(503, DOWN)
    params = {"num_retries": 0, "timeout": 30}
    role = evolve(pair.roles["one"], params=params)
    with (
        LLMHub(config_obj=evolve(pair, roles={"r": role})) as hub,
        pytest.raises(CallFailedError),
    ):
        hub.completion("r", SAY)
    assert set(provider.seen[0].body) == {"model", "messages"}
    assert len(provider.seen) == 1


@pytest.mark.parametrize(
    "fallback",
    [
        "anthropic:claude-z",
        {"provider": "anthropic", "model": "claude-z"},
        FallbackConfig(provider="anthropic", model="claude-z"),
    ],
)
def test_fallbacks_of_a_call_stand_for_the_roles(
    hub: LLMHub, pair: RuntimeConfig, provider: Any, second: Any, fallback: Any
) -> None:
    """In every form; an empty list means none, None the role's own."""
    provider.answer_with(404, DOWN)
    asked = {"fallbacks": [fallback], "max_tokens": 5}
    assert call_metadata(hub.completion("one", SAY, asked)).model == "claude-z"  # type: ignore[union-attr]
    with pytest.raises(CallFailedError) as caught:
        hub.completion("r", SAY, fallbacks=[])
    assert who(caught.value.attempts) == [("openai", "not_found", 404)]
    own = hub.completion("r", SAY, fallbacks=None)
    assert call_metadata(own).provider == "anthropic"  # type: ignore[union-attr]
    lenient = evolve(pair, defaults=pair.roles["one"])
    with LLMHub(config_obj=lenient) as other:
        answer = other.completion("new", SAY, fallbacks=[fallback], max_tokens=5)
        assert answer.model == "claude-z"
    assert "fallbacks" not in second.seen[0].body


@pytest.mark.parametrize("wrong", ["anthropic:m", {"provider": "x"}, 3, [3], ["m"]])
def test_fallbacks_that_are_none_are_refused(hub: LLMHub, wrong: Any) -> None:
    """Before anything is sent."""
    with pytest.raises(ConfigError, match=r"^fallbacks(\[0\])?: "):
        hub.completion("r", SAY, fallbacks=wrong)


@pytest.mark.parametrize("name", ["api_key", "api_base", "model", "provider"])
def test_what_the_config_says_is_no_parameter(
    hub: LLMHub, provider: Any, name: str
) -> None:
    """It is refused before anything is sent, with the place where it belongs."""
    with pytest.raises(ConfigError, match=f"{name}: is no parameter of a call: the|a"):
        hub.completion("r", SAY, {name: "x"})
    assert provider.seen == []


def test_hooks_are_told_who_answered(pair: RuntimeConfig, provider: Any) -> None:
    """After the call; a change of parameters holds for the fallbacks, too."""
    told: list[dict[str, Any]] = []
    provider.answer_with(404, DOWN)

    def change(context: dict[str, Any]) -> None:
        assert (context["provider"], context["model"]) == ("openai", "gpt-x")
        context["params"]["stop"] = ["!"]
        del context["params"]["temperature"]

    with LLMHub(
        config_obj=pair, on_before_call=change, on_after_call=told.append
    ) as hub:
        hub.completion("r", SAY, temperature=0.3)
    (result,) = told
    assert (result["provider"], result["model"]) == ("anthropic", "claude-y")
    assert result["params"] == {"max_tokens": 64, "stop": ["!"]}
    assert who(result["attempts"]) == [
        ("openai", "not_found", 404),
        ("anthropic", None, None),
    ]
    assert (result["input_tokens"], result["output_tokens"]) == (3, 3)


def test_missing_key_is_worth_a_fallback(
    hub: LLMHub,
    provider: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged; without anybody else to ask it is the error."""
    monkeypatch.delenv("MY_OPENAI")
    assert call_metadata(hub.completion("r", SAY)).provider == "anthropic"  # type: ignore[union-attr]
    assert "MY_OPENAI" in caplog.text
    with pytest.raises(EnvVarMissingError, match="MY_OPENAI"):
        hub.completion("one", SAY)
    monkeypatch.delenv("MY_ANTHROPIC")
    with pytest.raises(EnvVarMissingError, match="MY_OPENAI"):
        hub.completion("r", SAY)
    assert provider.seen == []


def test_breaker_is_shared_by_the_roles_of_a_hub(
    hub: LLMHub, provider: Any, second: Any
) -> None:
    """What one role learns spares the others; another hub learns for itself."""
    provider.answer_with(503, DOWN)
    hub.completion("r", SAY)
    with pytest.raises(CircuitOpenError):
        hub.completion("one", SAY)
    hub.completion("r", SAY)
    assert (len(provider.seen), len(second.seen)) == (3, 2)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"choices": []}, "has no choices"),
        ({"object": "error", "message": "busy"}, None),
        (
            {
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": "Hel"},
                        "finish_reason": None,
                    }
                ]
            },
            None,
        ),
    ],
)
def test_success_that_is_none_is_not_sold(
    hub: LLMHub, provider: Any, body: dict[str, Any], said: str | None
) -> None:
    """A body without an answer, or with half of one, fails over."""
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-x"}
    provider.answer_with(200, head | body)
    if said is not None:
        with pytest.raises(UnusableAnswerError, match=said):
            hub.completion("one", SAY, num_retries=0)
    answer = hub.completion("r", SAY)
    assert answer.choices[0].message.content == "Hello there"
    record = call_metadata(answer)
    assert record is not None
    assert record.provider == "anthropic"


def test_embeddings_must_be_as_many_as_the_texts(
    config: RuntimeConfig, provider: Any
) -> None:
    """One vector for two texts is no answer."""
    row = {"object": "embedding", "index": 0, "embedding": [1.0]}
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    body = {"object": "list", "data": [row], "model": "e", "usage": usage}
    provider.answer_with(200, body)
    with LLMHub(config_obj=config) as hub:
        assert len(hub.embedding("llm.embedding", ["a"]).data) == 1
        with pytest.raises(UnusableAnswerError, match="1 vectors for 2 texts"):
            hub.embedding("llm.embedding", ["a", "b"], num_retries=0)
        row["embedding"] = []
        provider.answer_with(200, body)
        with pytest.raises(UnusableAnswerError, match="an empty vector"):
            hub.embedding("llm.embedding", "a", num_retries=0)


def test_no_key_is_in_what_a_failure_tells(
    hub: LLMHub, provider: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Even when the provider repeats it: not in errors, attempts, logs or pickles."""
    caplog.set_level(logging.DEBUG)
    key = "canary-openai-5f3a"
    provider.answer_with(400, {"error": {"message": f"bad request by {key}"}})
    with pytest.raises(CallFailedError) as caught:
        hub.completion("r", SAY)
    error = caught.value
    assert "bad request by [redacted]" in str(error)
    assert key not in caplog.text
    assert key not in repr(error) + repr(vars(error)) + repr(error.__cause__)
    assert key.encode() not in pickle.dumps(error)


def test_concurrent_calls_share_one_probe(pair: RuntimeConfig, provider: Any) -> None:
    """After the cooldown one of many goes to see, the others go elsewhere."""
    role = evolve(
        pair.roles["r"],
        settings=CallSettings(
            num_retries=0, allowed_fails=1, cooldown_seconds=0.2, timeout_seconds=30
        ),
    )
    provider.answer_with(503, DOWN)

    async def main() -> None:
        async with LLMHub(config_obj=evolve(pair, roles={"r": role})) as hub:
            await hub.acompletion("r", SAY)
            assert len(provider.seen) == 1
            await asyncio.sleep(0.25)
            await asyncio.gather(*(hub.acompletion("r", SAY) for _ in range(20)))
            assert len(provider.seen) == 2

    asyncio.run(main())
