"""How providers write an answer: OpenAI's APIs and Anthropic's.

A dialect makes plain data and text; it knows nothing of sockets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from attrs import frozen

from llmhub_runtime.testing.acts import Refusal

__all__ = ["TEXT", "WORDS", "Asked", "Dialect", "dialect_of"]

TEXT = (
    "A provider that fails in the open does rather little harm. Trouble comes from "
    "half an answer that looks whole, from silence that nobody ever ends, and from "
    "clients that knock on a closed door all night long. Good software waits a little, "
    "asks someone else, says plainly who answered, and returns to the first door once "
    "it opens again."
)
"""What a healthy provider answers: sixty words."""

WORDS = tuple(
    f"{' ' if number else ''}{word}" for number, word in enumerate(TEXT.split())
)
"""The same, as it is streamed."""

_OPENAI_TEXTS: Mapping[str | int, str] = {
    "content_policy_violation": (
        "Your request was rejected as a result of our safety system."
    ),
    "context_length_exceeded": (
        "This model's maximum context length is 8192 tokens. However, your messages "
        "resulted in 9631 tokens. Please reduce the length of the messages."
    ),
    "invalid_prefill": "This model does not accept a last message by the assistant.",
    429: "Rate limit reached for requests.",
    500: "The server had an error while processing your request.",
    503: "The engine is currently overloaded, please try again later.",
}
_ANTHROPIC_TEXTS: Mapping[str | int, str] = {
    "content_policy_violation": "Output blocked by content filtering policy",
    "context_length_exceeded": "prompt is too long: 209631 tokens > 200000 maximum",
    "invalid_prefill": (
        "This model does not support assistant message prefill. The conversation must "
        "end with a user message."
    ),
    429: "Number of requests has exceeded your rate limit.",
    500: "Internal server error",
    503: "Overloaded",
}
_OPENAI_KINDS: Mapping[int, str] = {
    401: "authentication_error",
    429: "rate_limit_error",
}
_ANTHROPIC_KINDS: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    529: "overloaded_error",
}


@frozen(kw_only=True)
class Asked:
    """A request, as far as an answer depends on it.

    Attributes:
        body: The JSON that was sent.
        number: How many requests came before it.
    """

    body: Mapping[str, Any]
    number: int

    @property
    def model(self) -> str:
        """The model that is asked."""
        return str(self.body.get("model", ""))

    @property
    def streams(self) -> bool:
        """Whether the answer shall be streamed."""
        return bool(self.body.get("stream"))

    @property
    def prefilled(self) -> bool:
        """Whether the assistant has the last word in what was sent."""
        messages = self.body.get("messages") or [{}]
        return bool(messages[-1].get("role") == "assistant")

    @property
    def input_tokens(self) -> int:
        """What the question is said to have: a number that tells models apart."""
        return 100 + len(self.model)

    @property
    def usage(self) -> tuple[int, int]:
        """Input and output tokens of a whole answer."""
        return self.input_tokens, len(WORDS)


class Dialect(Protocol):
    """An API."""

    sentinel: str
    """What ends a stream, or nothing."""

    def whole(self, asked: Asked) -> dict[str, Any]:
        """Return an answer in one piece."""
        ...

    def opening(self, asked: Asked) -> Iterator[str]:
        """Return the events before the first word."""
        ...

    def word(self, asked: Asked, word: str) -> str:
        """Return the event of one word."""
        ...

    def closing(self, asked: Asked) -> Iterator[str]:
        """Return the events after the last word: finish reason and usage."""
        ...

    def garbage(self, asked: Asked) -> str:
        """Return an event that is not JSON."""
        ...

    def refusal(self, refusal: Refusal) -> dict[str, Any]:
        """Return the body of an error."""
        ...


class _OpenAI:
    sentinel = "data: [DONE]\n\n"

    def whole(self, asked: Asked) -> dict[str, Any]:
        message = {"role": "assistant", "content": TEXT}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {
            **self._head(asked, "chat.completion"),
            "choices": [choice],
            "usage": self._usage(asked),
        }

    def opening(self, asked: Asked) -> Iterator[str]:
        yield self._chunk(asked, {"role": "assistant", "content": ""})

    def word(self, asked: Asked, word: str) -> str:
        return self._chunk(asked, {"content": word})

    def closing(self, asked: Asked) -> Iterator[str]:
        yield self._chunk(asked, {}, "stop")
        if (asked.body.get("stream_options") or {}).get("include_usage"):
            head = self._head(asked, "chat.completion.chunk")
            yield _event(head | {"choices": [], "usage": self._usage(asked)})

    def garbage(self, asked: Asked) -> str:
        return 'data: {"object": "chat.completion.chunk", "choices": [{"del\n\n'

    def refusal(self, refusal: Refusal) -> dict[str, Any]:
        error = {
            "message": _said(refusal, _OPENAI_TEXTS),
            "type": _kind(refusal, _OPENAI_KINDS, "server_error"),
            "param": None,
            "code": refusal.code,
        }
        return {"error": error}

    def _chunk(
        self, asked: Asked, delta: dict[str, Any], finish: str | None = None
    ) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        head = self._head(asked, "chat.completion.chunk")
        return _event(head | {"choices": [choice]})

    def _head(self, asked: Asked, kind: str) -> dict[str, Any]:
        name = f"chatcmpl-{asked.number}"
        return {"id": name, "object": kind, "created": 1, "model": asked.model}

    def _usage(self, asked: Asked) -> dict[str, int]:
        sent, made = asked.usage
        return {
            "prompt_tokens": sent,
            "completion_tokens": made,
            "total_tokens": sent + made,
        }


class _Embeddings(_OpenAI):
    def whole(self, asked: Asked) -> dict[str, Any]:
        texts = asked.body.get("input", "")
        count = 1 if isinstance(texts, str) else len(texts)
        rows = [
            {"object": "embedding", "index": index, "embedding": [0.25, -0.5, 1.0]}
            for index in range(count)
        ]
        usage = {
            "prompt_tokens": asked.input_tokens,
            "total_tokens": asked.input_tokens,
        }
        return {"object": "list", "data": rows, "model": asked.model, "usage": usage}


class _Anthropic:
    sentinel = ""

    def whole(self, asked: Asked) -> dict[str, Any]:
        sent, made = asked.usage
        return {
            **self._head(asked),
            "content": [{"type": "text", "text": TEXT}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": sent, "output_tokens": made},
        }

    def opening(self, asked: Asked) -> Iterator[str]:
        usage = {"input_tokens": asked.input_tokens, "output_tokens": 1}
        start: dict[str, Any] = {"content": [], "stop_reason": None, "usage": usage}
        yield self._event("message_start", message=self._head(asked) | start)
        block = {"type": "text", "text": ""}
        yield self._event("content_block_start", index=0, content_block=block)

    def word(self, asked: Asked, word: str) -> str:
        delta = {"type": "text_delta", "text": word}
        return self._event("content_block_delta", index=0, delta=delta)

    def closing(self, asked: Asked) -> Iterator[str]:
        yield self._event("content_block_stop", index=0)
        delta = {"stop_reason": "end_turn", "stop_sequence": None}
        usage = {"output_tokens": asked.usage[1]}
        yield self._event("message_delta", delta=delta, usage=usage)
        yield self._event("message_stop")

    def garbage(self, asked: Asked) -> str:
        return 'event: content_block_delta\ndata: {"type": "content_block_del\n\n'

    def refusal(self, refusal: Refusal) -> dict[str, Any]:
        error = {
            "type": _kind(refusal, _ANTHROPIC_KINDS, "api_error"),
            "message": _said(refusal, _ANTHROPIC_TEXTS),
        }
        return {"type": "error", "error": error}

    def _event(self, kind: str, **data: Any) -> str:
        return f"event: {kind}\n{_event({'type': kind} | data)}"

    def _head(self, asked: Asked) -> dict[str, Any]:
        return {
            "id": f"msg-{asked.number}",
            "type": "message",
            "role": "assistant",
            "model": asked.model,
            "stop_sequence": None,
        }


_DIALECTS: Mapping[str, Dialect] = {
    "/chat/completions": _OpenAI(),
    "/embeddings": _Embeddings(),
    "/messages": _Anthropic(),
}


def dialect_of(path: str) -> Dialect | None:
    """Return the dialect that an address speaks, or None for one that is not served."""
    for ending, dialect in _DIALECTS.items():
        if path.endswith(ending):
            return dialect
    return None


def _said(refusal: Refusal, texts: Mapping[str | int, str]) -> str:
    if refusal.message is not None:
        return refusal.message
    known = texts.get(refusal.code or "") or texts.get(refusal.status)
    return known or f"HTTP {refusal.status}"


def _kind(refusal: Refusal, kinds: Mapping[int, str], ours: str) -> str:
    known = kinds.get(refusal.status)
    return known or (ours if refusal.status >= 500 else "invalid_request_error")


def _event(data: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"
