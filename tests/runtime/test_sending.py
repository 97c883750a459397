"""What can't be sent is the caller's mistake: no provider is blamed for it."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve
from pydantic import BaseModel, ConfigDict

from llmhub_runtime import (
    CallFailedError,
    CallSettings,
    Candidate,
    FallbackConfig,
    LLMHub,
    ProviderConfig,
    RuntimeConfig,
    UnsendableRequestError,
    call_metadata,
)
from llmhub_runtime.sending import (
    note_sending,
    nothing_sent,
    unknown_argument,
    unsendable,
)
from llmhub_runtime.settings import UNSET

SAY = [{"role": "user", "content": "hello"}]


def undocumented() -> None:  # noqa: D103 (any-llm wants one)
    ...


@pytest.fixture
def touchy(config: RuntimeConfig) -> Iterator[LLMHub]:
    """A hub whose models are left alone after one failure, with a fallback each."""
    other = {"openai": "anthropic", "anthropic": "openai"}
    roles = {
        name: evolve(
            role,
            fallbacks=(FallbackConfig(provider=other[role.provider], model="m"),)
            if role.mode == "chat"
            else (),
        )
        for name, role in config.roles.items()
    }
    settings = CallSettings(allowed_fails=1)
    with LLMHub(config_obj=evolve(config, roles=roles, settings=settings)) as hub:
        yield hub


@pytest.mark.parametrize("role", ["llm.chat", "llm.claude"])
@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"messages": "hello"}, r"messages\.0: Input should be a valid dictionary"),
        ({"messages": []}, "messages: .*cannot be empty"),
        ({"messages": [{"role": "user", "content": "\ud800"}]}, "UnicodeEncodeError"),
        ({"temperature": "hot"}, "temperature: Input should be a valid number"),
        ({"temperature": float("nan")}, "ValueError: Out of range float"),
        ({"extra_body": {"x": {1}}}, "TypeError: Object of type set is not JSON"),
        ({"tools": [undocumented]}, "must have a docstring"),
    ],
)
def test_what_cannot_be_sent_blames_nobody_else(
    touchy: LLMHub, provider: Any, role: str, wrong: dict[str, Any], problem: str
) -> None:
    """One attempt, nothing sent, nobody else asked, and the model is not left alone."""
    with pytest.raises(UnsendableRequestError, match=problem) as caught:
        touchy.completion(role, **{"messages": SAY, **wrong})
    assert isinstance(caught.value, CallFailedError)
    assert [one.error_class for one in caught.value.attempts] == ["bad_request"]
    assert provider.seen == []
    record = call_metadata(touchy.completion(role, SAY, temperature=1))
    assert record is not None
    assert len(record.attempts) == 1


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("image", {"prompt": 3}),
        ("speech", {"input": None}),
        ("embedding", {"input": [object()]}),
        ("responses", {"input": object()}),
    ],
)
def test_every_call_tells_its_own_mistakes(
    touchy: LLMHub, provider: Any, call: str, arguments: dict[str, Any]
) -> None:
    """Likewise, whatever is asked for."""
    role = {"speech": "voice", "embedding": "llm.embedding", "responses": "llm.chat"}
    with pytest.raises(UnsendableRequestError):
        getattr(touchy, call)(role.get(call, call), **arguments)
    assert provider.seen == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [("temprature", "'temperature'"), ("num_retry", "'num_retries'")],
)
def test_misspelt_parameter_is_told_how_it_is_spelt(
    touchy: LLMHub, name: str, hint: str
) -> None:
    """Parameters and settings alike."""
    told = f"nobody knows the parameter '{name}'. Did you mean {hint}"
    with pytest.raises(UnsendableRequestError, match=told):
        touchy.completion("llm.chat", SAY, {name: 1})


def test_parameter_of_the_server_alone(touchy: LLMHub, provider: Any) -> None:
    """It is told where such a parameter goes, and goes there."""
    with pytest.raises(UnsendableRequestError, match="goes into extra_body"):
        touchy.completion("llm.chat", SAY, guided_xyz=1)
    touchy.completion("llm.chat", SAY, extra_body={"guided_xyz": 1})
    assert [seen.body["guided_xyz"] for seen in provider.seen] == [1]


def test_fallback_that_cannot_be_asked_is_passed_over(
    config: RuntimeConfig, provider: Any
) -> None:
    """What was not written for it is no mistake; the next one is asked."""
    backups = (
        FallbackConfig(provider="anthropic", model="first"),
        FallbackConfig(provider="openai", model="second"),
    )
    role = evolve(config.roles["llm.chat"], fallbacks=backups)
    roles = {"r": role}
    provider.judge = lambda seen: (
        (404, {"error": {"message": "no such model"}}, {})
        if seen.body["model"] == "gpt-x"
        else None
    )
    # OpenAI's SDK sends a message without a role, Anthropic's has to read it.
    with LLMHub(config_obj=evolve(config, roles=roles)) as hub:
        answer = hub.completion("r", [{"content": "hello"}], max_tokens=9)
    record = call_metadata(answer)
    assert record is not None
    assert [one.error_class for one in record.attempts] == [
        "not_found",
        "bad_request",
        None,
    ]
    assert record.model == "second"


def test_an_answer_that_nobody_can_read_is_the_providers(
    touchy: LLMHub, provider: Any
) -> None:
    """It came after the request had left."""
    provider.judge = lambda seen: (
        (200, {"choices": None, "id": "1", "model": "m"}, {})
        if "chat" in seen.path
        else None
    )
    record = call_metadata(touchy.completion("llm.chat", SAY, num_retries=0))
    assert record is not None
    assert [one.error_class for one in record.attempts] == ["server_error", None]


def test_client_that_is_not_watched_is_not_judged() -> None:
    """An SDK with a transport of its own may have sent what it failed after."""
    candidate = Candidate(
        provider="p",
        endpoint=ProviderConfig(),
        model="m",
        params={},
        settings=UNSET,
    )
    http = SimpleNamespace(event_hooks={"request": [], "response": []})
    google = SimpleNamespace(_api_client=SimpleNamespace(_async_httpx_client=http))
    note_sending(google)  # it may send past this client
    hooks: dict[str, list[Any]] = {"request": [], "response": []}
    sdk = SimpleNamespace(_client=SimpleNamespace(event_hooks=hooks))
    nothing_sent()
    assert unsendable(candidate, google, TypeError("x"), ()) is None
    assert unsendable(candidate, sdk, TypeError("x"), ()) is None
    note_sending(sdk)
    found = unsendable(candidate, sdk, TypeError("x"), ())
    assert str(found) == "p: 'm' can't be asked: TypeError: x"


class Titled(BaseModel):
    """A class that has another title than its name."""

    model_config = ConfigDict(title="What we know of a city")
    name: str


def test_text_that_does_not_fit_a_class_is_the_callers(
    touchy: LLMHub, provider: Any
) -> None:
    """Whatever the class is titled: it is no failure of the provider."""
    for _ in range(2):
        with pytest.raises(ValueError, match="What we know of a city"):
            touchy.completion("llm.chat", SAY, response_format=Titled)
    assert [seen.body["model"] for seen in provider.seen] == ["gpt-x", "gpt-x"]


@pytest.mark.parametrize(
    ("asked", "vectors"), [([1, 2, 3], 1), ([[1, 2], [3]], 2), (("a", "b", "c"), 3)]
)
def test_tokens_may_be_embedded(
    hub: LLMHub, provider: Any, asked: Any, vectors: int
) -> None:
    """A list of tokens is one text."""
    row = {"object": "embedding", "embedding": [0.5]}
    rows = [{**row, "index": i} for i in range(vectors)]
    told = {"prompt_tokens": 1, "total_tokens": 1}
    answer = {"object": "list", "model": "m", "data": rows, "usage": told}
    provider.answer_with(200, answer)
    assert len(hub.embedding("llm.embedding", asked).data) == vectors
    assert len(provider.seen) == 1


@pytest.mark.parametrize("role", ["llm.chat", "llm.claude"])
def test_every_chunk_has_a_choice(hub: LLMHub, role: str) -> None:
    """Who tells the usage unasked does so in a chunk that is not handed out."""
    stream = hub.completion(role, SAY, stream=True)
    said = [chunk.choices[0].delta.content or "" for chunk in stream]
    assert "".join(said) == "Hello there"


def test_usage_is_handed_out_to_who_asks(hub: LLMHub) -> None:
    """With ``stream_options``, as OpenAI does."""
    options = {"include_usage": True}
    stream = hub.completion("llm.chat", SAY, stream=True, stream_options=options)
    assert [chunk.usage is not None for chunk in stream if not chunk.choices] == [True]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("got an unexpected keyword argument 'warmth'", "warmth"),
        (  # since Python 3.13
            "got an unexpected keyword argument 'sed'. Did you mean 'seed'?",
            "sed",
        ),
        ("create() missing 1 required keyword-only argument: 'model'", ""),
    ],
)
def test_unknown_parameter_is_read_off(said: str, name: str) -> None:
    """Whatever Python guesses was meant."""
    assert unknown_argument(said) == name
