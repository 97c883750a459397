"""What a cassette holds: requests and answers as JSON, and back.

The same request is the same text, whatever the order of its parameters. What may carry
a key is left out of it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import importlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from llmhub_runtime import errors
from llmhub_runtime.errors import AttemptTimeoutError, LLMHubRuntimeError
from llmhub_runtime.request import Request
from llmhub_runtime.resilience.classify import classify
from llmhub_runtime.resolve import Candidate

__all__ = [
    "dumped",
    "dumped_error",
    "is_answer",
    "parsed",
    "question_of",
    "rebuilt",
    "rebuilt_error",
]

# Parameters that may carry a key.
_SECRET = ("api_key", "client_args", "default_headers", "extra_headers", "headers")
# Answers are rebuilt as these packages' records, and as nothing else.
_PACKAGES = ("any_llm.", "openai.", "anthropic.")


def question_of(candidate: Candidate, request: Request) -> dict[str, Any]:
    """Write a request in plain data, without what may carry a key."""
    params = {k: v for k, v in candidate.params.items() if k not in _SECRET}
    return {
        "provider": candidate.provider,
        "model": candidate.model,
        "call": request.call,
        "streams": request.streams,
        "arguments": _plain(request.arguments),
        "params": _plain(params),
    }


def _plain(value: Any) -> Any:
    """Write a value as JSON data: the same for the same value."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, os.PathLike):
        value = Path(value).read_bytes()
    if isinstance(value, bytes):
        return {"sha256": hashlib.sha256(value).hexdigest()}
    if isinstance(value, type):
        schema = getattr(value, "model_json_schema", dict)
        return {"type": value.__qualname__, "schema": schema()}
    if hasattr(value, "model_dump"):
        value = value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return (
        [_plain(item) for item in value] if isinstance(value, Iterable) else repr(value)
    )


def dumped(answer: Any) -> dict[str, Any]:
    """Write an answer, or a part of one, with the name of its type."""
    if isinstance(answer, bytes):
        return {"bytes": base64.b64encode(answer).decode()}
    kind = type(answer)
    # A parsed answer's class was made at run time: the class it was made of is known.
    made_of = getattr(kind, "__pydantic_generic_metadata__", {}).get("origin") or kind
    data = answer.model_dump(mode="json", exclude_unset=True)
    return {"type": f"{made_of.__module__}:{made_of.__qualname__}", "data": data}


def rebuilt(told: Mapping[str, Any]) -> Any:
    """Read what ``dumped`` wrote.

    Raises:
        TypeError: The type is not one of any-llm's.
    """
    if "bytes" in told:
        return base64.b64decode(told["bytes"])
    module, _, name = told["type"].partition(":")
    if not module.startswith(_PACKAGES):
        raise TypeError(f"a cassette may not hold a {module}.{name}")
    return getattr(importlib.import_module(module), name).model_validate(told["data"])


def parsed(answer: Any, wished: object) -> Any:
    """Parse the texts of a completion again, when the call asks for a type."""
    parse: Any = getattr(wished, "model_validate_json", None)
    if parse is None:
        return answer
    for choice in getattr(answer, "choices", ()):
        if choice.message.content:
            choice.message.parsed = parse(choice.message.content)
    return answer


def is_answer(error: BaseException) -> bool:
    """Say whether an error is the provider's, or a silence that was not waited out."""
    return isinstance(error, asyncio.CancelledError) or classify(error) is not None


def dumped_error(error: BaseException) -> dict[str, Any]:
    """Write what the runtime looks at in an error of an attempt.

    The runtime cancels an attempt that takes too long: that is a timeout.
    """
    if isinstance(error, asyncio.CancelledError):
        return {"type": AttemptTimeoutError.__name__}
    if isinstance(error, (LLMHubRuntimeError, NotImplementedError)):
        # Nothing was sent.
        return {"type": type(error).__name__, "args": list(error.args)}
    names = ("message", "status_code", "code", "param", "error_type", "retry_after")
    held = {name: getattr(error, name, None) for name in names}
    told = {k: v for k, v in held.items() if isinstance(v, (str, int))}
    original = getattr(error, "original_exception", None)
    if original is not None:
        told["original"] = type(original).__name__
    return {"type": type(error).__name__, "text": str(error)} | told


def rebuilt_error(told: Mapping[str, Any], candidate: Candidate) -> Exception:
    """Read what ``dumped_error`` wrote."""
    from any_llm import exceptions

    if told["type"] == AttemptTimeoutError.__name__:
        return AttemptTimeoutError(candidate.provider, candidate.model, 0.0)
    if "args" in told:
        own: Any = getattr(errors, told["type"], NotImplementedError)
        unsent: Exception = own(*told["args"])
        return unsent
    kind = getattr(exceptions, told["type"], exceptions.ProviderError)
    original = None
    if "original" in told:  # its name is what the runtime looks at
        original = type(told["original"], (Exception,), {})(told["text"])
    named = {k: told.get(k) for k in ("status_code", "code", "param", "error_type")}
    error: Exception = kind(
        told.get("message") or told["text"], original, candidate.provider, **named
    )
    if "retry_after" in told:
        error.retry_after = told["retry_after"]  # type: ignore[attr-defined]
    return error
