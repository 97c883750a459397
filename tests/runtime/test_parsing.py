"""Answers that pydantic reads are the records that the SDKs would have made."""

from __future__ import annotations

import copy
import json
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmhub_runtime.parsing import validate_first

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")

LOGPROB = {"token": "a", "bytes": [97], "logprob": -1, "top_logprobs": []}
CHAT = {
    "id": "c",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "m",
    "service_tier": "default",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "logprobs": {"content": [LOGPROB], "refusal": None},
            "message": {
                "role": "assistant",
                "content": None,
                "reasoning_content": "why not",
                "tool_calls": [
                    {
                        "id": "t",
                        "type": "function",
                        "function": {"name": "f", "arguments": "{}"},
                    }
                ],
            },
        }
    ],
    "usage": {
        "prompt_tokens": 1,
        "completion_tokens": 2,
        "total_tokens": 3,
        "prompt_tokens_details": {"cached_tokens": 1},
        "cost": 0.1,
    },
    "x_of_a_provider": {"a": [1, None]},
}
CHUNK = {
    "id": "c",
    "object": "chat.completion.chunk",
    "created": 1_700_000_000,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": None,
            "delta": {
                "role": "assistant",
                "content": "hello",
                "reasoning": "because",
                "tool_calls": [{"index": 0, "id": "t", "function": {"name": "f"}}],
            },
        }
    ],
    "usage": None,
    "p": "padding",
}
EMBEDDINGS = {
    "object": "list",
    "model": "m",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 1, -2.0]}],
    "usage": {"prompt_tokens": 1, "total_tokens": 1},
}
IMAGES = {"created": 1, "data": [{"url": "http://127.0.0.1/a.png"}], "extra": True}
MESSAGE = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "model": "claude",
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "text", "text": "hello", "citations": None},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
    ],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 2, "service_tier": "standard"},
}


def reader_of(sdk: Any) -> Any:
    """Return how a client reads data as a kind of record."""
    return partial(sdk._process_response_data, response=SimpleNamespace())


def readers(sdk: Any) -> tuple[Any, Any]:
    """Return how a client reads with pydantic first, and how it does by itself."""
    as_before = reader_of(sdk)
    validate_first(sdk)
    return reader_of(sdk), as_before


OPENAI = readers(openai.AsyncOpenAI(api_key="x"))
ANTHROPIC = readers(anthropic.AsyncAnthropic(api_key="x"))


def parts(record: Any) -> Any:
    """Return all that a record holds, of what kind it is, and what was told to it."""
    if isinstance(record, openai.BaseModel | anthropic.BaseModel):
        return (
            type(record),
            {name: parts(value) for name, value in record.__dict__.items()},
            {name: parts(value) for name, value in (record.model_extra or {}).items()},
            # pydantic counts those that nobody described among them, the SDKs do not.
            record.model_fields_set - (record.model_extra or {}).keys(),
        )
    if isinstance(record, list):
        return [parts(one) for one in record]
    return type(record), record


def kinds() -> list[Any]:
    """Return what is read as what, by which SDK."""
    from openai.types import chat

    return [
        pytest.param(OPENAI, CHAT, chat.ChatCompletion, id="chat"),
        pytest.param(OPENAI, CHUNK, chat.ChatCompletionChunk, id="chunk"),
        pytest.param(
            OPENAI, EMBEDDINGS, openai.types.CreateEmbeddingResponse, id="embeddings"
        ),
        pytest.param(OPENAI, IMAGES, openai.types.ImagesResponse, id="images"),
        pytest.param(ANTHROPIC, MESSAGE, anthropic.types.Message, id="message"),
    ]


@pytest.mark.parametrize(("readers", "data", "kind"), kinds())
def test_valid_data_becomes_the_same_record(
    readers: tuple[Any, Any], data: dict[str, Any], kind: Any
) -> None:
    """To the last field that no API describes."""
    quick, as_before = readers
    assert kind.model_validate(data)
    assert parts(quick(data=data, cast_to=kind)) == parts(
        as_before(data=data, cast_to=kind)
    )


@pytest.mark.parametrize(("readers", "data", "kind"), kinds())
def test_what_is_not_as_described_is_read_as_before(
    readers: tuple[Any, Any], data: dict[str, Any], kind: Any
) -> None:
    """Fields of another type, and fields that are missing, get through."""
    quick, as_before = readers
    for odd in (
        {**data, "model": 7, "created": "now", "usage": "none", "data": "none"},
        {},
    ):
        found = quick(data=odd, cast_to=kind)
        assert parts(found) == parts(as_before(data=odd, cast_to=kind))
    assert quick(data=None, cast_to=kind) is None


def test_valid_data_is_not_looked_through_by_the_sdk() -> None:
    """Nor are unions validated twice."""
    from openai.types import chat

    asked = []

    def read(**what: Any) -> str:
        asked.append(what)
        return "read"

    sdk = SimpleNamespace(_process_response_data=read)
    validate_first(sdk)
    response = object()
    say = partial(sdk._process_response_data, response=response)
    assert say(data=CHAT, cast_to=chat.ChatCompletion).id == "c"
    assert asked == []
    either = chat.ChatCompletion | chat.ChatCompletionChunk
    assert say(data=CHAT, cast_to=either) == "read"
    assert say(data={}, cast_to=chat.ChatCompletion) == "read"
    assert asked == [
        {"data": CHAT, "cast_to": either, "response": response},
        {"data": {}, "cast_to": chat.ChatCompletion, "response": response},
    ]


def test_client_that_reads_in_another_way_stays_as_it_is() -> None:
    """Not every SDK was generated by Stainless."""
    sdk = SimpleNamespace(read=1)
    validate_first(sdk)
    assert vars(sdk) == {"read": 1}
    validate_first(None)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to all that a document of JSON holds."""
    found = [path] if path else []
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        if isinstance(value, dict | list):
            found += places(value, (*path, key))
        else:
            found.append((*path, key))
    return found


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([1.0, 1.5, "", "1", "stop", "function", "x", "auto"])
)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["content", "index", "role", "type", "x"]), inner
        )
    ),
    max_leaves=4,
)


def changed(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy with a value at a place, or without the place for ``...``."""
    mine = copy.deepcopy(data)
    inner = mine
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return mine


def told(read: Any, data: Any, kind: Any) -> Any:
    """Return what a caller of any-llm's hears of data."""
    from any_llm.providers.openai import OpenaiProvider

    convert = (
        OpenaiProvider._convert_completion_chunk_response
        if kind.__name__.endswith("Chunk")
        else OpenaiProvider._convert_completion_response
    )
    try:
        record = convert(read(data=data, cast_to=kind))
    except Exception as error:  # noqa: BLE001 (any at all, if it is the same one)
        return type(error)
    return parts(record)


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("whole", [True, False])
@given(data=st.data())
@example(data=None)
def test_any_llm_makes_the_same_of_whatever_comes(whole: bool, data: Any) -> None:
    """Of a place that is missing or of any type, and of one that nobody knows."""
    from openai.types import chat

    document, kind = (
        (CHAT, chat.ChatCompletion) if whole else (CHUNK, chat.ChatCompletionChunk)
    )
    if data is not None:
        path = data.draw(st.sampled_from(places(document)))
        document = changed(document, path, data.draw(_JSON | st.just(...)))
    said = json.loads(json.dumps(document))
    quick, as_before = OPENAI
    assert told(quick, said, kind) == told(as_before, said, kind)
