"""Parameters that a model does not take: renamed, left out, noted, never a 400."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from llmhub_runtime import (
    Candidate,
    FallbackConfig,
    LLMHub,
    LLMHubRuntimeError,
    Pricing,
    ProviderConfig,
    RoleConfig,
    RuntimeConfig,
)
from llmhub_runtime.fitting import Fitting
from llmhub_runtime.request import Request
from llmhub_runtime.settings import UNSET

SAY = [{"role": "user", "content": "hello"}]


def candidate(provider: str = "openai", model: str = "gpt-x", **how: Any) -> Candidate:
    """A candidate that stands for itself."""
    return Candidate(
        provider=provider,
        endpoint=ProviderConfig(),
        model=model,
        params={},
        settings=UNSET,
        **how,
    )


def request(call: Any = "completion") -> Request:
    """A request of some call."""
    return Request(call=call, arguments={})


def rejecting(provider: Any, **refusals: tuple[str, str | None]) -> None:
    """Answer 400 to parameters: name to message and code, as OpenAI does."""

    def judge(seen: Any) -> Any:
        for name, (message, code) in refusals.items():
            if name in seen.body:
                error = {"message": message, "param": name, "code": code}
                return 400, {"error": error}, {}
        return None

    provider.judge = judge


@pytest.fixture
def pair(config: RuntimeConfig) -> RuntimeConfig:
    """A role on Anthropic's provider, whose fallback is OpenAI's."""
    role = RoleConfig(
        provider="anthropic",
        model="claude-y",
        params={"max_tokens": 9, "top_k": 5},
        fallbacks=(FallbackConfig(provider="openai", model="gpt-x"),),
    )
    return evolve(config, roles={**config.roles, "pair": role})


@pytest.fixture
def pair_hub(pair: RuntimeConfig) -> Iterator[LLMHub]:
    """A hub on it."""
    with LLMHub(config_obj=pair) as hub:
        yield hub


def down(provider: Any, path: str, then: Any = None) -> None:
    """Let one provider be out of order."""
    judge = provider.judge

    def also(seen: Any) -> Any:
        if seen.path == path:
            return 404, {"error": {"message": "model not found"}}, {}
        return judge(seen)

    provider.judge = also


def notes(hub: LLMHub, role: str, **override: Any) -> list[str]:
    """Make a call; return its notes."""
    execution, planner = hub._open()
    planned = planner.plan("completion", role, {"messages": SAY}, override)
    execution.call(planned)
    return planned.request.notes


def test_refused_parameter_is_left_out_and_remembered(
    hub: LLMHub, provider: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The 400 stays inside the call, and comes once."""
    message = "Unsupported value: 'temperature' does not support 0.5 with this model."
    rejecting(provider, temperature=(message, "unsupported_value"))
    told = ["temperature: gpt-x of openai does not take it"]
    assert notes(hub, "llm.chat") == told
    assert notes(hub, "llm.chat") == told
    assert ["temperature" in one.body for one in provider.seen] == [True, False, False]
    said = [one.getMessage() for one in caplog.records]
    assert said == [f"parameter.refused: {told[0]}"]
    answer = hub.completion("llm.chat", SAY, seed=1)
    assert answer.choices[0].finish_reason == "stop"
    assert len(provider.seen) == 5  # beside others it may be taken, so it is tried


def test_several_refused_parameters(hub: LLMHub, provider: Any) -> None:
    """One after the other, within one attempt."""
    rejecting(
        provider,
        temperature=("Unsupported parameter: 'temperature'", "unsupported_parameter"),
        logprobs=("logprobs is not supported", None),
        seed=("Unknown parameter: 'seed'.", "unknown_parameter"),
    )
    hub.completion("llm.chat", SAY, logprobs=True, seed=3)
    assert len(provider.seen) == 4
    assert set(provider.seen[-1].body) == {"model", "messages"}


def test_stream_fits_too(hub: LLMHub, provider: Any) -> None:
    """Also when the answer comes in parts."""
    rejecting(provider, temperature=("'temperature' is not supported", None))
    assert list(hub.completion("llm.chat", SAY, stream=True))
    assert len(provider.seen) == 2


def test_conditional_refusal_through_anthropic(hub: LLMHub, provider: Any) -> None:
    """A provider that names no field, and refuses two only together."""
    message = "`temperature` and `top_p` cannot both be specified for this model."

    def judge(seen: Any) -> Any:
        if {"temperature", "top_p"} <= seen.body.keys():
            error = {"type": "invalid_request_error", "message": message}
            return 400, {"type": "error", "error": error}, {}
        return None

    provider.judge = judge
    hub.completion("llm.claude", SAY, temperature=0.1, top_p=0.9)
    hub.completion("llm.claude", SAY, temperature=0.1)
    sent = [sorted({"temperature", "top_p"} & one.body.keys()) for one in provider.seen]
    assert sent == [["temperature", "top_p"], ["top_p"], ["temperature"]]


@pytest.mark.parametrize("name", ["tools", "response_format"])
def test_what_the_caller_needs_is_never_left_out(
    name: str, hub: LLMHub, provider: Any
) -> None:
    """Without them the answer would be another one, so the refusal stands."""
    rejecting(provider, **{name: (f"'{name}' is not supported", None)})
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    given: dict[str, Any] = {
        "tools": [tool],
        "response_format": {"type": "json_object"},
    }
    with pytest.raises(LLMHubRuntimeError, match="is not supported"):
        hub.completion("llm.chat", SAY, {name: given[name]})
    assert len(provider.seen) == 1


def test_wrong_value_is_the_callers_to_mend(hub: LLMHub, provider: Any) -> None:
    """The role's own model takes the parameter: that it can't be 3 must be said."""
    rejecting(provider, temperature=("temperature must be at most 2", "too_big"))
    with pytest.raises(LLMHubRuntimeError, match="at most 2"):
        hub.completion("llm.chat", SAY, temperature=3)
    assert len(provider.seen) == 1


def test_misspelling_is_the_callers_to_mend(hub: LLMHub, provider: Any) -> None:
    """So is a parameter that nobody knows."""
    with pytest.raises(LLMHubRuntimeError, match="temprature"):
        hub.completion("llm.chat", SAY, temprature=0)
    assert provider.seen == []


def test_fallback_gets_what_it_takes(pair_hub: LLMHub, provider: Any) -> None:
    """What the role's own model takes and the fallback's SDK does not is left out."""
    down(provider, "/v1/messages")
    assert notes(pair_hub, "pair") == ["top_k: gpt-x of openai does not take it"]
    asked, served = provider.seen
    assert (asked.path, asked.body["top_k"]) == ("/v1/messages", 5)
    assert served.body == {
        "model": "gpt-x",
        "messages": SAY,
        "max_completion_tokens": 9,
    }


def test_value_that_only_the_fallback_refuses(pair_hub: LLMHub, provider: Any) -> None:
    """A value out of its range is left out: it was not written for it."""
    rejecting(provider, seed=("seed must be below 5", "invalid_value"))
    down(provider, "/v1/messages")
    assert notes(pair_hub, "pair", seed=7) == [
        "seed: claude-y of anthropic does not take it",
        "top_k: gpt-x of openai does not take it",
        "seed: gpt-x of openai does not take it",
    ]


@pytest.mark.parametrize(
    ("message", "left_out"),
    [
        ("seed: must be below 5", True),
        ("the field 'seed' is out of range", True),
        ("no seed is needed to see that this is wrong", False),
    ],
)
def test_field_that_is_only_mentioned(message: str, left_out: bool) -> None:
    """Without a field of its own, an error must name it as one."""
    model, asked, fitting = candidate(stands_in=True), request(), Fitting()
    error = Exception(message)
    error.status_code = 400  # type: ignore[attr-defined]
    assert fitting.learn(model, asked, {"seed": 7}, error) == left_out
    assert (fitting.fit(model, asked, {"seed": 7}) == {}) == left_out
    assert not Fitting().learn(candidate(), asked, {"seed": 7}, error)


def test_limit_that_is_too_high_by_any_name(pair_hub: LLMHub, provider: Any) -> None:
    """A fallback that can't say as much says what it can."""
    message = "max_tokens is too large"
    rejecting(
        provider,
        max_completion_tokens=(message, "invalid_value"),
        max_tokens=(message, "invalid_value"),
    )
    down(provider, "/v1/messages")
    assert notes(pair_hub, "pair")[-1] == (
        "max_tokens: gpt-x of openai does not take it"
    )
    assert set(provider.seen[-1].body) == {"model", "messages"}


def test_any_llms_own_refusals(hub: LLMHub, provider: Any, config: Any) -> None:
    """What any-llm refuses by name, nothing being sent, is left out."""
    assert notes(hub, "llm.claude", n=2) == [
        "n: claude-y of anthropic does not take it"
    ]
    assert len(provider.seen) == 1


def test_old_servers_do_not_know_the_new_limit(hub: LLMHub, provider: Any) -> None:
    """``max_tokens`` reaches a server that refuses ``max_completion_tokens``."""
    message = "Unrecognized request argument supplied: max_completion_tokens"
    rejecting(provider, max_completion_tokens=(message, None))
    told = ["max_tokens: gpt-x of openai does not take its new name"]
    assert notes(hub, "llm.chat", max_completion_tokens=7) == told
    assert provider.seen[-1].body["max_tokens"] == 7
    assert notes(hub, "llm.chat", max_tokens=8) == told
    assert provider.seen[-1].body["max_tokens"] == 8
    assert len(provider.seen) == 3


def test_usage_of_a_stream_is_asked_for_where_it_is_priced(
    config: RuntimeConfig, provider: Any
) -> None:
    """The question and its answer do not change what the caller sees."""
    role = evolve(config.roles["llm.chat"], pricing=Pricing(input_per_million=1.0))
    config = evolve(config, roles={**config.roles, "priced": role})
    with LLMHub(config_obj=config) as hub:
        plain = list(hub.completion("llm.chat", SAY, stream=True))
        execution, planner = hub._open()
        planned = planner.plan(
            "completion", "priced", {"messages": SAY}, {}, stream=True
        )
        chunks = list(execution.stream(planned))
        asked: list[Any] = list(
            hub.completion(
                "priced", SAY, stream=True, stream_options={"include_usage": True}
            )
        )
    sent = [one.body.get("stream_options") for one in provider.seen]
    assert sent == [None, {"include_usage": True}, {"include_usage": True}]
    assert [one.model_dump() for one in chunks] == [one.model_dump() for one in plain]
    assert planned.request.usage is not None
    assert planned.request.usage.output_tokens == 3
    assert (asked[-1].choices, asked[-1].usage.total_tokens) == ([], 6)


def test_usage_is_asked_of_servers_that_any_llm_does_not_know(
    config: RuntimeConfig, provider: Any
) -> None:
    """They speak as OpenAI does, and a price is there to be reckoned with."""
    role = evolve(
        config.roles["llm.chat"],
        provider="my-gateway",
        pricing=Pricing(input_per_million=1.0, output_per_million=1.0),
    )
    gateway = config.providers["openai"]
    config = evolve(
        config,
        providers={**config.providers, "my-gateway": gateway},
        roles={**config.roles, "priced": role},
    )
    with LLMHub(config_obj=config) as hub:
        stream = hub.completion("priced", SAY, stream=True)
        assert list(stream)
    assert provider.seen[0].body["stream_options"] == {"include_usage": True}
    assert stream.llmhub.cost_usd == pytest.approx(6e-6)


def test_server_that_refuses_to_tell_a_streams_usage(
    config: RuntimeConfig, provider: Any
) -> None:
    """Then it is not asked again, and the stream comes all the same."""
    rejecting(provider, stream_options=("stream_options: unknown field", None))
    role = evolve(config.roles["llm.chat"], pricing=Pricing(input_per_million=1.0))
    config = evolve(config, roles={**config.roles, "priced": role})
    with LLMHub(config_obj=config) as hub:
        for _ in range(2):
            assert list(hub.completion("priced", SAY, stream=True))
    assert len(provider.seen) == 3


@pytest.mark.parametrize(
    ("model", "fixed"),
    [
        ("o3", True),
        ("o4-mini-2025-04-16", True),
        ("gpt-5-mini", True),
        ("gpt-5-chat-latest", False),
        ("gpt-5.1", False),
        ("gpt-4o", False),
        ("o3-large", False),
    ],
)
def test_sampling_of_reasoning_models(model: str, fixed: bool) -> None:
    """OpenAI's reasoning models sample as they do; others as they are told."""
    asked = request()
    params = {"temperature": 0.2, "top_p": 1, "logprobs": False, "seed": 1}
    fitted = Fitting().fit(candidate(model=model), asked, params)
    assert ("temperature" not in fitted) == fixed
    assert len(asked.notes) == fixed
    assert {"top_p", "logprobs", "seed"} <= fitted.keys()
    elsewhere = Fitting().fit(candidate("openrouter", model), request(), params)
    assert elsewhere == params


@pytest.mark.parametrize(("given", "sent"), [(1.7, 1.0), (0.4, 0.4), (None, None)])
def test_temperature_of_claude(given: float | None, sent: float | None) -> None:
    """Anthropic's scale ends at 1."""
    asked = request()
    fitted = Fitting().fit(candidate("anthropic"), asked, {"temperature": given})
    assert fitted["temperature"] == sent
    assert len(asked.notes) == (given != sent)


@pytest.mark.parametrize(
    ("call", "given", "sent"),
    [
        ("completion", {"max_completion_tokens": 1}, {"max_tokens": 1}),
        (
            "completion",
            {"max_completion_tokens": 1, "max_tokens": 2},
            {"max_tokens": 1},
        ),
        ("responses", {"max_tokens": 1}, {"max_output_tokens": 1}),
        (
            "responses",
            {"max_completion_tokens": 1, "max_output_tokens": 2},
            {"max_output_tokens": 2},
        ),
        ("responses", {"reasoning_effort": "low"}, {"reasoning": {"effort": "low"}}),
        ("embedding", {"embedding_dim": 8}, {"dimensions": 8}),
        ("embedding", {"embedding_dim": 8, "dimensions": 4}, {"dimensions": 4}),
        ("image", {"size": "1x1"}, {"size": "1x1"}),
    ],
)
def test_names_of_parameters(
    call: Any, given: dict[str, Any], sent: dict[str, Any]
) -> None:
    """A parameter has the name that any-llm has for it in this call."""
    asked = request(call)
    assert Fitting().fit(candidate(), asked, given) == sent
    assert asked.notes == []


class ContextLengthExceededError(Exception):
    """A refusal for another reason, by any-llm's name."""

    status_code = 400
    message = "reduce max_tokens: it is not supported"


def test_parameter_that_is_none_is_not_worth_a_note() -> None:
    """It would not have been sent."""
    fitting, asked = Fitting(), request()
    error = AttributeError()
    error.parameter_name = "seed"  # type: ignore[attr-defined]
    assert fitting.learn(candidate(), asked, {"seed": None}, error)
    assert fitting.fit(candidate(), asked, {"seed": None}) == {}
    assert not fitting.learn(candidate(), asked, {"seed": None}, error)
    assert asked.notes == []


def test_other_causes_teach_nothing() -> None:
    """An input that is too long is not the parameter's fault that it mentions."""
    fitting, asked = Fitting(), request()
    model = candidate(stands_in=True)
    error = ContextLengthExceededError()
    assert not fitting.learn(model, asked, {"max_tokens": 1}, error)
    assert not fitting.learn(model, asked, {"max_tokens": 1}, ValueError("max_tokens"))
    assert fitting.fit(model, asked, {"max_tokens": 1}) == {"max_tokens": 1}
