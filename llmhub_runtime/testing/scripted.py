"""What a fake model says, as data, and the any-llm objects that are made of it."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import field, frozen

from llmhub_runtime.errors import AttemptTimeoutError
from llmhub_runtime.request import Request
from llmhub_runtime.resolve import Candidate
from llmhub_runtime.testing.tape import parsed
from llmhub_runtime.values import ErrorClass

if TYPE_CHECKING:
    from any_llm.types import completion

__all__ = ["Break", "Embed", "Fail", "Say", "ToolCall", "answer_of", "parts_of_answer"]

# How providers say it, and the status they say it with.
_REFUSALS: Mapping[ErrorClass, tuple[str, int | None, str]] = {
    "rate_limit": ("RateLimitError", 429, "rate limit reached"),
    "server_error": ("ProviderError", 503, "the model is overloaded"),
    "connection": ("ProviderError", None, "connection error"),
    "context_window": ("ContextLengthExceededError", 400, "the prompt is too long"),
    "content_filter": ("ContentFilterError", 400, "rejected by the safety system"),
    "auth": ("AuthenticationError", 401, "invalid API key"),
    "not_found": ("ModelNotFoundError", 404, "no such model"),
    "bad_request": ("InvalidRequestError", 400, "invalid request"),
}


@frozen
class ToolCall:
    """A tool that the model wants called.

    Attributes:
        name: The tool.
        arguments: What it is called with.
    """

    name: str
    arguments: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen
class Say:
    """An answer in words, or in calls of tools.

    Attributes:
        text: What the model says; streamed word by word.
        tool_calls: What it wants called.
        finish_reason: How it ends; None for what fits.
        usage: Input and output tokens; None for one a word.
    """

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = field(default=(), converter=tuple[ToolCall, ...])
    finish_reason: str | None = None
    usage: tuple[int, int] | None = None


@frozen
class Embed:
    """Vectors of length one that depend on the text alone.

    Attributes:
        dimensions: How many numbers each has.
    """

    dimensions: int = 8


@frozen
class Fail:
    """An error of the provider, as any-llm raises it.

    Attributes:
        error_class: What went wrong, in the words of ``retry_on``.
        message: What the provider says; None for what it says as a rule.
        retry_after_seconds: What a ``Retry-After`` says, or None.
    """

    error_class: ErrorClass
    message: str | None = None
    retry_after_seconds: float | None = None


@frozen
class Break:
    """A stream that breaks off; a whole answer fails altogether.

    Attributes:
        text: What was handed out before.
        error_class: What went wrong.
    """

    text: str
    error_class: ErrorClass = "connection"


Item: TypeAlias = "str | Say | Embed | Fail | Break | BaseException | Any"
"""One answer. What is none of these is handed out as it is."""


def answer_of(item: Item, candidate: Candidate, request: Request) -> Any:
    """Make a whole answer.

    Raises:
        AnyLLMError, AttemptTimeoutError: The item is an error.
        TypeError: The item is no answer to this call.
    """
    match item:
        case BaseException():
            raise item
        case Fail() | Break():
            raise _error(item, candidate)
        case str() if request.call == "transcription":
            from any_llm.types.audio import Transcription

            return Transcription(text=item)
        case Embed() if request.call == "embedding":
            return _embeddings(item, candidate.model, request.arguments["input"])
        case str() | Say() if request.call == "completion":
            said = item if isinstance(item, Say) else Say(item)
            return _completion(said, candidate, request)
        case str() | Say() | Embed():
            raise TypeError(
                f"a fake can't make an answer to {request.call} of {item!r}: script "
                "the any-llm object itself"
            )
        case _:
            return item


def parts_of_answer(
    item: Item, candidate: Candidate, request: Request
) -> Iterator[Any]:
    """Make an answer in parts; see ``answer_of``."""
    match item:
        case str() | Say() if request.call == "completion":
            said = item if isinstance(item, Say) else Say(item)
            yield from _chunks(said, candidate.model, request)
        case Break():
            yield from _words(item.text, candidate.model)
            raise _error(item, candidate)
        case list() | tuple():
            yield from item
        case _:
            # An error is raised; anything else has no parts that a fake could guess.
            answer_of(item, candidate, request)
            raise TypeError(
                f"a fake can't stream {type(item).__name__}: script a sequence of parts"
            )


def _error(item: Fail | Break, candidate: Candidate) -> Exception:
    from any_llm import exceptions

    if item.error_class == "timeout":
        return AttemptTimeoutError(candidate.provider, candidate.model, 0.0)
    name, status, message = _REFUSALS[item.error_class]
    original = ConnectionError("reset") if item.error_class == "connection" else None
    told = getattr(item, "message", None) or message
    error = getattr(exceptions, name)(
        told, original, candidate.provider, status_code=status
    )
    after = getattr(item, "retry_after_seconds", None)
    if after is not None:
        error.retry_after = f"{after:g}"
    failure: Exception = error
    return failure


def _completion(
    said: Say, candidate: Candidate, request: Request
) -> completion.ChatCompletion:
    from any_llm.types.completion import ChatCompletion

    message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
    if said.tool_calls:
        message["tool_calls"] = _tool_calls(said.tool_calls)
    choice = {"index": 0, "message": message, "finish_reason": _finish(said)}
    answer = ChatCompletion.model_validate(
        {
            **_head(candidate.model, "chat.completion"),
            "choices": [choice],
            "usage": _usage(said, request),
        }
    )
    made: completion.ChatCompletion = parsed(
        answer, candidate.params.get("response_format")
    )
    return made


def _chunks(
    said: Say, model: str, request: Request
) -> Iterator[completion.ChatCompletionChunk]:
    yield from _words(said.text, model)
    if said.tool_calls:
        calls = [
            {"index": number} | call
            for number, call in enumerate(_tool_calls(said.tool_calls))
        ]
        yield _chunk(model, {"tool_calls": calls})
    yield _chunk(model, {}, _finish(said), _usage(said, request))


def _words(text: str, model: str) -> Iterator[completion.ChatCompletionChunk]:
    for number, word in enumerate(re.findall(r"\s*\S+\s*$|\s*\S+|\s+", text)):
        role = {} if number else {"role": "assistant"}
        yield _chunk(model, role | {"content": word})


def _chunk(
    model: str,
    delta: Mapping[str, Any],
    finish_reason: str | None = None,
    usage: Mapping[str, int] | None = None,
) -> completion.ChatCompletionChunk:
    from any_llm.types.completion import ChatCompletionChunk

    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    head = _head(model, "chat.completion.chunk")
    return ChatCompletionChunk.model_validate(
        head | {"choices": [choice], "usage": usage}
    )


def _embeddings(
    item: Embed, model: str, texts: str | Sequence[str]
) -> completion.CreateEmbeddingResponse:
    from any_llm.types.completion import CreateEmbeddingResponse

    listed = [texts] if isinstance(texts, str) else list(texts)
    rows = [
        {"object": "embedding", "index": number, "embedding": _vector(text, item)}
        for number, text in enumerate(listed)
    ]
    tokens = sum(len(text.split()) for text in listed)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return CreateEmbeddingResponse.model_validate(
        {"object": "list", "model": model, "data": rows, "usage": usage}
    )


def _vector(text: str, item: Embed) -> list[float]:
    digest = hashlib.shake_256(text.encode()).digest(2 * item.dimensions)
    pairs = zip(digest[::2], digest[1::2], strict=True)
    numbers = [(256 * high + low) / 32767.5 - 1 for high, low in pairs]
    length = math.sqrt(sum(one * one for one in numbers)) or 1.0
    return [one / length for one in numbers]


def _tool_calls(calls: tuple[ToolCall, ...]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call-{number}",
            "type": "function",
            "function": {"name": one.name, "arguments": json.dumps(one.arguments)},
        }
        for number, one in enumerate(calls)
    ]


def _finish(said: Say) -> str:
    return said.finish_reason or ("tool_calls" if said.tool_calls else "stop")


def _usage(said: Say, request: Request) -> dict[str, int]:
    messages = request.arguments.get("messages", ())
    asked = sum(len(str(one.get("content", "")).split()) for one in messages)
    sent, made = said.usage or (asked, len(said.text.split()))
    return {
        "prompt_tokens": sent,
        "completion_tokens": made,
        "total_tokens": sent + made,
    }


def _head(model: str, kind: str) -> dict[str, Any]:
    return {"id": "fake", "object": kind, "created": 0, "model": model}
