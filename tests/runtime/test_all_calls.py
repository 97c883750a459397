"""Every kind of call, and which of them a role allows."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from llmhub_runtime import CallNotAllowedError, LLMHub, RoleConfig, RuntimeConfig
from llmhub_runtime.request import SERVED, Call

SAY = [{"role": "user", "content": "hello"}]


@pytest.fixture
def reranking(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenAI's provider reranks, as those of other SDKs do that need an extra."""
    from any_llm.providers.openai import OpenaiProvider
    from any_llm.types.rerank import RerankResponse

    async def arerank(
        self: Any, model: str, query: str, documents: list[str], **params: Any
    ) -> RerankResponse:
        body = {"model": model, "query": query, "documents": documents, **params}
        answer = await self.client.post("/rerank", body=body, cast_to=dict[str, Any])
        return RerankResponse.model_validate(answer)

    monkeypatch.setattr(OpenaiProvider, "SUPPORTS_RERANK", True)
    monkeypatch.setattr(OpenaiProvider, "_arerank", arerank)


def test_images(hub: LLMHub, provider: Any) -> None:
    """The prompt and its parameters arrive, the pictures come back."""
    answer: Any = hub.image("image", "a cat", {"size": "256x256"}, n=2)
    assert [one.url for one in answer.data] == [
        "http://pictures/0",
        "http://pictures/1",
    ]
    assert provider.seen[0].body == {
        "model": "image-z",
        "prompt": "a cat",
        "size": "256x256",
        "n": 2,
    }


def test_speech_takes_its_voice_from_the_parameters(hub: LLMHub, provider: Any) -> None:
    """The role's voice speaks unless the call names another one."""
    assert hub.speech("voice", "hello") == b"hello"
    hub.speech("voice", "hello", voice="nova")
    assert [one.body["voice"] for one in provider.seen] == ["alloy", "nova"]


def test_transcription_of_bytes_paths_and_files(
    hub: LLMHub, provider: Any, tmp_path: Path
) -> None:
    """Audio may come from wherever it is; its name goes with it."""
    path = tmp_path / "talk.mp3"
    path.write_bytes(b"ID3 audio")
    assert hub.transcription("ear", b"ID3 audio", language="de").text.endswith("bytes")
    hub.transcription("ear", path)
    with path.open("rb") as file:
        hub.transcription("ear", file)
    hub.transcription("ear", io.BytesIO(b"ID3 audio"), filename="other.mp3")
    forms = [one.body["form"] for one in provider.seen]
    assert all(b"ID3 audio" in form for form in forms)
    assert b'name="language"\r\n\r\nde' in forms[0]
    names = (b'"audio.mp3"', b'"talk.mp3"', b'"talk.mp3"', b'"other.mp3"')
    assert [name in form for name, form in zip(names, forms, strict=True)] == [True] * 4


def test_file_is_read_once_for_all_attempts(hub: LLMHub, provider: Any) -> None:
    """What a first attempt has sent a second one sends again."""
    provider.judge = lambda seen: (500, {}, {}) if len(provider.seen) == 1 else None
    hub.transcription("ear", io.BytesIO(b"ID3 audio"))
    assert [b"ID3 audio" in one.body["form"] for one in provider.seen] == [True, True]


def test_responses(hub: LLMHub, provider: Any) -> None:
    """A chat role answers in the Responses API too, whole and streamed."""
    answer: Any = hub.responses(
        "llm.chat", "hello", max_tokens=9, reasoning_effort="low"
    )
    assert answer.output[0].content[0].text == "Hello there"
    body = provider.seen[0].body
    assert (body["input"], body["max_output_tokens"]) == ("hello", 9)
    assert body["reasoning"] == {"effort": "low"}
    assert "max_tokens" not in body
    events = list(hub.responses("llm.chat", [{**SAY[0]}], stream=True))
    assert [one.type for one in events if "delta" in one.type] == [
        "response.output_text.delta"
    ] * 2
    assert provider.seen[1].body["input"] == SAY


def test_rerank(hub: LLMHub, provider: Any, reranking: None) -> None:
    """Documents come back in order of relevance."""
    answer = hub.rerank("rerank", "long", ["a", "long one"], top_n=2)
    assert [one.index for one in answer.results] == [1, 0]
    assert provider.seen[0].body["top_n"] == 2


def test_async_twins(config: RuntimeConfig, reranking: None) -> None:
    """Every call can be awaited."""

    async def main() -> list[Any]:
        hub: Any
        async with LLMHub(config_obj=config) as hub:
            events = [
                one.type
                async for one in await hub.aresponses("llm.chat", "x", stream=True)
            ]
            return [
                len((await hub.aimage("image", "a cat")).data),
                await hub.aspeech("voice", "hello"),
                (await hub.atranscription("ear", b"ID3")).text[-5:],
                (await hub.aresponses("llm.chat", "x")).output[0].content[0].text,
                events[-1],
                (await hub.arerank("rerank", "q", ["a"])).results[0].index,
                len((await hub.aembedding("llm.embedding", "x")).data),
            ]

    assert asyncio.run(main()) == [
        1,
        b"hello",
        "bytes",
        "Hello there",
        "response.completed",
        0,
        1,
    ]


ARGUMENTS: dict[Call, list[Any]] = {
    "completion": [SAY],
    "embedding": ["x"],
    "image": ["x"],
    "rerank": ["x", ["y"]],
    "responses": ["x"],
    "speech": ["x"],
    "transcription": [b"x"],
}


def _made(hub: LLMHub, name: str, arguments: list[Any]) -> None:
    made = getattr(hub, name)("r", *arguments)
    asyncio.run(made)


def test_every_call_is_tried() -> None:
    """Nothing is missing above."""
    assert set(ARGUMENTS) == set(SERVED) == set(get_args(Call))


@pytest.mark.parametrize("call", ARGUMENTS)
@pytest.mark.parametrize("mode", ["chat", "embedding", "image", "audio", "tool"])
def test_mode_of_a_role_decides_its_calls(
    call: Call, mode: Any, config: RuntimeConfig, provider: Any
) -> None:
    """A call that a role is not for is refused, before anything is sent."""
    role = RoleConfig(provider="openai", model="m", mode=mode, params={"voice": "v"})
    config.roles["r"] = role  # type: ignore[index]
    if mode in SERVED[call]:
        return
    with LLMHub(config_obj=config) as hub:
        for name in (call, f"a{call}"):
            with pytest.raises(CallNotAllowedError, match=f"mode '{mode}', and {call}"):
                _made(hub, name, ARGUMENTS[call])
    assert provider.seen == []


def test_call_that_the_provider_does_not_have(hub: LLMHub, provider: Any) -> None:
    """any-llm's word for it reaches the caller."""
    with pytest.raises(NotImplementedError, match="rerank"):
        hub.rerank("rerank", "q", ["a"])
    assert provider.seen == []


class Weather(BaseModel):
    """What a structured answer holds."""

    city: str
    degrees: int


def test_tools_and_schema_pass_through(hub: LLMHub, provider: Any) -> None:
    """A tool's definition and a JSON schema arrive as they were given."""
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    schema = {
        "type": "json_schema",
        "json_schema": {"name": "w", "schema": Weather.model_json_schema()},
    }
    hub.completion(
        "llm.chat", SAY, tools=[tool], tool_choice="auto", response_format=schema
    )
    body = provider.seen[0].body
    assert body["tools"] == [tool]
    assert body["tool_choice"] == "auto"
    assert body["response_format"] == schema


def test_pydantic_class_is_answered_with_its_instance(
    hub: LLMHub, provider: Any
) -> None:
    """``response_format`` may be a class, through OpenAI's SDK and Anthropic's."""
    provider.words = (json.dumps({"city": "Rome", "degrees": 20}),)
    for role in ("llm.chat", "llm.claude"):
        answer: Any = hub.completion(role, SAY, response_format=Weather)
        assert answer.choices[0].message.parsed == Weather(city="Rome", degrees=20)
    sent = provider.seen[0].body["response_format"]["json_schema"]["schema"]
    assert set(sent["properties"]) == {"city", "degrees"}
