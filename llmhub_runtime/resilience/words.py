"""What a provider said went wrong, without what its SDK wrote around it."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping

from llmhub_runtime.errors import UnsendableRequestError, UnusableAnswerError
from llmhub_runtime.resilience.classify import links_of

__all__ = ["words_of"]

_LONGEST = 500
# any-llm's and the SDKs' own words: an attempt's record has provider and status.
_AROUND = re.compile(r"^(\[[\w.-]+\] )?(Error code: \d{3}( - |$))?")

# What any-llm and the SDKs say of whatever fails in the network; the cause says more.
_STOCK = ("Connection error.", "Provider error", "Request timed out.")

# What an SDK stumbles over when an answer has not the form that it should have.
_UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)


def words_of(error: BaseException) -> str | None:
    """Return the words of a refusal, else those of the exception, in one line.

    Args:
        error: What an attempt raised, without keys.

    Returns:
        At most 500 characters; None when nothing was said.
    """
    match error:
        case UnsendableRequestError():
            return _line(f"nothing was sent: {error.problem}")
        case UnusableAnswerError():
            return _line(f"the answer {error.problem}")
        case _:
            pass
    links = tuple(links_of(error))
    said = next(filter(None, map(_of_body, links)), None)
    line = said or _AROUND.sub("", str(error))
    if said is None and isinstance(links[-1], _UNREADABLE):
        line = f"an answer that can't be read: {line}"
    elif line in _STOCK:
        line = str(links[-1]) or type(links[-1]).__name__
    return _line(line) or None


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _parsed(body: object) -> object:
    """Some SDKs keep the body as it came."""
    if isinstance(body, str) and body.startswith("{"):
        with contextlib.suppress(ValueError):
            return json.loads(body)
    return body


def _of_body(link: BaseException) -> str | None:
    """Find the message in a body as it was parsed: each provider has its own form."""
    body = _parsed(getattr(link, "body", None))
    while isinstance(body, Mapping):
        body = next(
            (body[name] for name in ("error", "message", "detail") if body.get(name)),
            None,
        )
    if isinstance(body, (list, tuple)):
        body = "; ".join(map(str, body))
    return body if isinstance(body, str) else None
