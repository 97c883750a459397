"""What a usable answer looks like: never sell a truncated one as success.

A provider that fails may do so with status 200: an error page, a body without choices,
a generation that was never finished. A ``finish_reason`` of ``length`` or
``content_filter`` is none of these: it is how the answer ends, and the caller sees it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmhub_runtime.errors import UnusableAnswerError
from llmhub_runtime.request import Request
from llmhub_runtime.resolve import Candidate

__all__ = ["check_answer", "is_malformed"]

_CUT_SHORT = "has no finish reason: it was cut short"


def check_answer(request: Request, candidate: Candidate, answer: Any) -> None:
    """Check an answer in one piece.

    Args:
        request: What was asked.
        candidate: Who answered.
        answer: With what.

    Raises:
        UnusableAnswerError: It is not a whole answer.
    """
    problem = None
    match request.call:
        case "completion":
            problem = _of_completion(answer)
        case "embedding":
            problem = _of_embedding(answer, _texts(request.arguments["input"]))
        case "responses":
            if getattr(answer, "status", None) in ("failed", "cancelled"):
                problem = f"{answer.status}: {getattr(answer, 'error', None)}"
        case "image":
            problem = None if getattr(answer, "data", None) else "has no image"
        case "speech":
            problem = None if answer else "has no sound"
        case "rerank" | "transcription":
            pass  # an empty one may be true
    if problem is not None:
        cut = problem == _CUT_SHORT
        raise UnusableAnswerError(
            candidate.provider,
            candidate.model,
            problem,
            "connection" if cut else "server_error",
        )


def _of_completion(answer: Any) -> str | None:
    choices = getattr(answer, "choices", None)
    if not choices:
        return "has no choices"
    for choice in choices:
        if getattr(choice, "message", None) is None:
            return "has a choice without a message"
        if not choice.finish_reason:
            return _CUT_SHORT
    return None


def _texts(asked: Sequence[Any]) -> int:
    """How many texts an input is; it may also be the tokens of one, or of each."""
    is_one = isinstance(asked, str) or (asked and isinstance(asked[0], int))
    return 1 if is_one else len(asked)


def _of_embedding(answer: Any, texts: int) -> str | None:
    data = getattr(answer, "data", None) or ()
    if len(data) != texts:
        return f"has {len(data)} vectors for {texts} texts"
    return None if all(one.embedding for one in data) else "has an empty vector"


def is_malformed(error: BaseException, params: Mapping[str, object]) -> bool:
    """Say whether an error tells that an answer did not have the form of one.

    any-llm hands on pydantic's ValidationError for both an answer that is not one of
    the API and a text that does not fit the caller's ``response_format``. Only the
    first is the provider's fault.
    """
    if type(error).__name__ != "ValidationError":
        return False
    wished = params.get("response_format")
    config = getattr(wished, "model_config", None) or {}
    title = config.get("title") or getattr(wished, "__name__", None)
    return getattr(error, "title", None) != title
