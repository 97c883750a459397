"""Whether a request has left, what came, and what is said of one that can't be made.

Until it has left nobody else is to blame: a message that is no text, a tool that is no
function, a parameter that nobody knows. That must not count as a provider's failure,
or one caller's slip would have its models left alone for everybody.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from llmhub_runtime.errors import UnsendableRequestError, did_you_mean
from llmhub_runtime.pools import http_clients
from llmhub_runtime.resilience.classify import classify, links_of
from llmhub_runtime.resilience.words import words_of
from llmhub_runtime.resolve import Candidate
from llmhub_runtime.settings import SETTINGS

__all__ = [
    "is_to_be_sent",
    "last_response",
    "note_sending",
    "nothing_more_to_send",
    "nothing_sent",
    "unknown_argument",
    "unsendable",
]

# Python's words for a parameter that an SDK does not know; 3.13 has a guess of its own.
_NO_SUCH_ARGUMENT = "got an unexpected keyword argument"
_GUESS = ". Did you mean"

_has_left: ContextVar[bool] = ContextVar("has_left", default=True)
_response: ContextVar[Callable[[], Any]] = ContextVar("response", default=lambda: None)


def note_sending(sdk: Any) -> None:
    """Have the client of an SDK note each request that leaves.

    Args:
        sdk: Its client; of one that is not built on httpx nobody will know.
    """
    if hasattr(sdk, "_api_client"):
        return  # Google's has a client of httpx, and may send through aiohttp
    for http in http_clients(sdk):
        http.event_hooks["request"].append(_note)
        http.event_hooks["response"].append(_keep)


def nothing_sent() -> None:
    """Say that the running task is about to make a request."""
    _has_left.set(False)


def nothing_more_to_send() -> None:
    """Say that the running task makes no request any more."""
    _has_left.set(True)


def is_to_be_sent() -> bool:
    """Say whether the running task is making a request that has not left yet."""
    return not _has_left.get()


def last_response() -> Any:
    """Return what came of the running task's last request, while anybody needs it.

    Closing a stream of any-llm does not always close the answer that it reads: after
    an event that can't be read, some stay open until the garbage collector comes by.
    """
    return _response.get()()


def unsendable(
    candidate: Candidate, sdk: Any, error: Exception, usual: Iterable[str]
) -> UnsendableRequestError | None:
    """Say of an error that came before a request left that it is the request's.

    Args:
        candidate: Who was to be asked.
        sdk: The client that was to send it.
        error: What came of that, without keys.
        usual: Names of parameters that would do.

    Returns:
        What says so; None for any other error, and where nobody knows.
    """
    if not is_to_be_sent() or not any(
        _note in http.event_hooks["request"] for http in http_clients(sdk)
    ):
        return None
    text = words_of(error) or ""
    name = unknown_argument(text)
    fault = classify(error)
    if name:
        hint = did_you_mean(name, {*usual, *SETTINGS.keys})
        hint = hint or " What the server alone knows goes into extra_body."
        problem = f"nobody knows the parameter {name!r}.{hint}"
    elif fault is not None and (fault.error_class != "server_error" or fault.status):
        return None
    else:
        problem = _problem(error)
    return UnsendableRequestError(candidate.provider, candidate.model, problem)


def unknown_argument(text: str) -> str:
    """Return the parameter that nobody knows, if that is what was said."""
    _, _, said = text.partition(_NO_SUCH_ARGUMENT)
    return said.partition(_GUESS)[0].strip(" '\"")


async def _note(_: object) -> None:
    _has_left.set(True)


async def _keep(response: object) -> None:
    _response.set(weakref.ref(response))


def _problem(error: Exception) -> str:
    """Say what is wrong without what was asked: that is nobody's but the caller's."""
    (*_, cause) = links_of(error)
    if type(cause).__name__ != "ValidationError":
        return f"{type(cause).__name__}: {cause}"
    told: Any = getattr(cause, "errors", list)
    return "; ".join(
        f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in told()
    )
