"""A hub without providers: everything else about it is real."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, get_args

import pytest
from any_llm.types.completion import ChatCompletion
from pydantic import BaseModel

from llmhub_runtime import (
    CallFailedError,
    CallNotAllowedError,
    LLMHub,
    StreamInterruptedError,
    UnknownRoleError,
    call_metadata,
    parse_config,
)
from llmhub_runtime.acalls import AsyncCalls
from llmhub_runtime.calls import Calls
from llmhub_runtime.testing import (
    Break,
    Embed,
    Fail,
    FakeCall,
    FakeHub,
    NoAnswerLeftError,
    Say,
    ToolCall,
)
from llmhub_runtime.values import ErrorClass

SAY = [{"role": "user", "content": "say it now"}]


def text_of(chunks: Any) -> str:
    """Join what chunks say."""
    return "".join(one.choices[0].delta.content or "" for one in chunks)


def test_answers_come_in_order() -> None:
    """A list has one item per call; each role has its own."""
    with FakeHub({"a": ["one", Say("two")], "b": "always"}) as hub:
        answers = [hub.completion(role, SAY) for role in "abab"]
        with pytest.raises(NoAnswerLeftError, match="'a' ended after 2 calls"):
            hub.completion("a", SAY)
    texts = [one.choices[0].message.content for one in answers]
    assert texts == ["one", "always", "two", "always"]
    assert all(isinstance(one, ChatCompletion) for one in answers)
    assert answers[0].usage is not None
    assert answers[0].usage.total_tokens == 4


def test_calls_are_recorded() -> None:
    """What the application asked, with the parameters that would be sent."""
    config = parse_config(
        {
            "project": "p",
            "env": "dev",
            "providers": {"openai": {}},
            "roles": {
                "a": {
                    "provider": "openai",
                    "model": "gpt-x",
                    "mode": "chat",
                    "params": {"temperature": 0.5},
                    "fallbacks": [{"provider": "openai", "model": "gpt-y"}],
                }
            },
        }
    )
    hub = FakeHub({"a": "yes"}, config_obj=config)
    hub.completion("a", SAY, {"top_p": 0.1}, seed=7)
    asyncio.run(hub.acompletion("a", SAY))
    first, second = hub.calls
    assert first == FakeCall(
        role="a",
        call="completion",
        provider="openai",
        model="gpt-x",
        arguments={"messages": SAY},
        params={"temperature": 0.5, "top_p": 0.1, "seed": 7},
        streams=False,
    )
    assert hub.calls_to("a") == (first, second)
    assert hub.calls_to("b") == ()


def test_roles_are_checked_against_the_config(tmp_path: Any) -> None:
    """A typing error in a role's name is an error in a test, too."""
    path = tmp_path / "llmhub.yaml"
    path.write_text(
        "project: p\nenv: dev\nproviders: {openai: {}}\n"
        "roles: {search: {provider: openai, model: m, mode: embedding}}\n"
    )
    hub = FakeHub({"search": Embed()}, path)
    with pytest.raises(UnknownRoleError):
        hub.embedding("serach", "x")
    with pytest.raises(CallNotAllowedError):
        hub.completion("search", SAY)
    assert hub.calls == ()


@pytest.mark.parametrize(
    "text", ["Hello you there", "two  spaces\nand lines ", " x", "", "y"]
)
def test_streams_say_the_same(text: str) -> None:
    """The parts of a stream make the text, to the last space."""
    hub = FakeHub({"a": text})
    chunks = list(hub.completion("a", SAY, stream=True))
    assert text_of(chunks) == text
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None

    async def collect() -> list[Any]:
        return [one async for one in await hub.acompletion("a", SAY, stream=True)]

    assert text_of(asyncio.run(collect())) == text


def test_tools_are_called() -> None:
    """Whole and in parts, with arguments as JSON text."""
    hub = FakeHub({"a": Say(tool_calls=[ToolCall("weather", {"city": "Pau"})])})
    choice = hub.completion("a", SAY).choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls is not None
    function: Any = choice.message.tool_calls[0]
    assert function.function.arguments == '{"city": "Pau"}'
    parts: Any = list(hub.completion("a", SAY, stream=True))
    assert parts[0].choices[0].delta.tool_calls[0].function.name == "weather"


class Weather(BaseModel):
    """A structured answer."""

    city: str


def test_structured_answers_are_parsed() -> None:
    """``response_format`` of a type makes ``parsed``."""
    hub = FakeHub({"a": '{"city": "Pau"}'})
    answer: Any = hub.completion("a", SAY, response_format=Weather)
    assert answer.choices[0].message.parsed == Weather(city="Pau")


def test_embeddings_depend_on_the_text_alone() -> None:
    """The same text has the same vector, of length one, in every process."""
    hub = FakeHub({"e": Embed(4)})
    first = hub.embedding("e", ["a", "b"]).data
    again = hub.embedding("e", "b").data
    assert first[1].embedding == again[0].embedding
    assert first[0].embedding != first[1].embedding
    assert sum(one * one for one in first[0].embedding) == pytest.approx(1)
    assert again[0].embedding[0] == pytest.approx(0.6314, abs=1e-4)


@pytest.mark.parametrize("error_class", get_args(ErrorClass))
@pytest.mark.parametrize("stream", [False, True])
def test_failures_are_those_of_production(
    error_class: ErrorClass, *, stream: bool
) -> None:
    """An application catches what it would catch, and reads the same class."""
    hub = FakeHub({"a": Fail(error_class, retry_after_seconds=3)})
    with pytest.raises(CallFailedError) as caught:
        hub.completion("a", SAY, stream=stream)
    assert [one.error_class for one in caught.value.attempts] == [error_class]


def test_failures_do_not_add_up() -> None:
    """No breaker opens over a test's failures."""
    hub = FakeHub({"a": [*[Fail("server_error", "down")] * 12, "up"]})
    for _ in range(12):
        with pytest.raises(CallFailedError, match="down"):
            hub.completion("a", SAY)
    assert hub.completion("a", SAY).choices[0].message.content == "up"


def test_streams_break_off() -> None:
    """What was said is handed out, then the error of production is raised."""
    hub = FakeHub({"a": Break("half of")})
    heard = []
    with pytest.raises(StreamInterruptedError) as caught:
        heard.extend(hub.completion("a", SAY, stream=True))
    assert caught.value.partial_text == "half of"
    with pytest.raises(CallFailedError):
        hub.completion("a", SAY)


def test_exceptions_are_raised_as_they_are() -> None:
    """An exception that no provider raises reaches the application."""
    hub = FakeHub({"a": KeyError("mine")})
    with pytest.raises(KeyError, match="mine"):
        hub.completion("a", SAY)


def test_functions_and_objects_are_items() -> None:
    """A function sees the call; an object of any-llm is handed out."""
    ready = FakeHub({"a": "ready"}).completion("a", SAY)
    hub = FakeHub(
        {
            "a": lambda call: f"{call.role} {call.arguments['messages'][0]['content']}",
            "b": ready,
            "c": b"sound",
            "d": "spoken",
            "e": [tuple(FakeHub({"x": "p q"}).completion("x", SAY, stream=True))],
        }
    )
    assert hub.completion("a", SAY).choices[0].message.content == "a say it now"
    assert hub.completion("b", SAY) is ready
    assert hub.speech("c", "read this", voice="x") == b"sound"
    assert hub.transcription("d", b"sound").text == "spoken"
    assert text_of(hub.completion("e", SAY, stream=True)) == "p q"


def test_items_that_do_not_fit_are_told(hub_of_misfits: FakeHub) -> None:
    """A text is no image, a vector no chat, and a whole answer no stream."""
    with pytest.raises(TypeError, match="answer to image"):
        hub_of_misfits.image("a", "a cat")
    with pytest.raises(TypeError, match="answer to completion"):
        hub_of_misfits.completion("b", SAY)
    with pytest.raises(TypeError, match="can't stream ChatCompletion"):
        hub_of_misfits.completion("c", SAY, stream=True)
    with pytest.raises(UnknownRoleError):
        hub_of_misfits.completion("d", SAY)


@pytest.fixture
def hub_of_misfits() -> FakeHub:
    """A hub whose items fit no call."""
    ready = FakeHub({"a": "ready"}).completion("a", SAY)
    return FakeHub({"a": "text", "b": Embed(), "c": ready})


def test_scripts_can_be_changed() -> None:
    """A new script begins at its first item."""
    hub = FakeHub({"a": ["one"]})
    hub.completion("a", SAY)
    hub.script("a", ["two"])
    assert hub.completion("a", SAY).choices[0].message.content == "two"


def test_hooks_and_metadata_are_real() -> None:
    """They see what they would see in production."""
    seen: list[dict[str, Any]] = []
    hub = FakeHub(
        {"a": Say("yes", usage=(7, 5))},
        on_before_call=lambda context: context["params"].update(seed=1),
        on_after_call=seen.append,
    )
    answer = hub.completion("a", SAY)
    assert hub.calls[0].params == {"seed": 1}
    assert seen[0]["success"]
    assert seen[0]["response"] is answer
    record = call_metadata(answer)
    assert record is not None
    assert (record.role, record.input_tokens, record.output_tokens) == ("a", 7, 5)


def test_it_is_a_hub() -> None:
    """Whatever takes an ``LLMHub`` takes it, and no call reaches a provider."""
    assert issubclass(FakeHub, LLMHub)
    for owner in (Calls, AsyncCalls):
        for name, call in inspect.getmembers(owner, inspect.isfunction):
            assert getattr(FakeHub, name) is call or name == "_open"
