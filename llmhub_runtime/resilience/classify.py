"""What an exception of an attempt means, whatever SDK it came through.

any-llm's unified exceptions are read by name, so that nothing here imports it; where
it had to guess from a message, the status and the original exception are looked at
too. An SDK that any-llm does not unify is read by its status, and its exceptions for
the network by what the whole family of HTTP clients calls them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from llmhub_runtime.errors import (
    AttemptTimeoutError,
    EnvVarMissingError,
    ProviderNotInstalledError,
    UnknownProviderError,
    UnsendableRequestError,
    UnusableAnswerError,
)
from llmhub_runtime.resilience.backoff import retry_after_seconds
from llmhub_runtime.resilience.fault import Fault
from llmhub_runtime.values import ErrorClass

__all__ = ["classify", "links_of", "status_of"]

_NAMED: Mapping[str, ErrorClass] = {
    "RateLimitError": "rate_limit",
    "AuthenticationError": "auth",
    "InsufficientFundsError": "auth",
    "MissingApiKeyError": "auth",
    "ContextLengthExceededError": "context_window",
    "ContentFilterError": "content_filter",
    "ContentFilterFinishReasonError": "content_filter",
    "ModelNotFoundError": "not_found",
    "UpstreamProviderError": "server_error",
    "GatewayTimeoutError": "timeout",
    "InvalidRequestError": "bad_request",
    "UnsupportedParameterError": "bad_request",
    "ProviderFileNotFoundError": "bad_request",
}
_STATUSES: Mapping[int, ErrorClass] = {
    401: "auth",
    402: "auth",
    403: "auth",
    404: "not_found",
    408: "timeout",
    409: "server_error",
    413: "context_window",
    425: "server_error",
    429: "rate_limit",
    504: "timeout",
}
_CODES: Mapping[str, ErrorClass] = {
    "context_length_exceeded": "context_window",
    "content_filter": "content_filter",
    "content_policy_violation": "content_filter",
    "insufficient_quota": "auth",  # a 429 that no waiting helps against
    "invalid_api_key": "auth",
    "model_not_found": "not_found",
    "overloaded_error": "server_error",
    "rate_limit_error": "rate_limit",
    "rate_limit_exceeded": "rate_limit",
    "api_error": "server_error",
    "server_error": "server_error",
}
_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size)|(length|window).{0,20}context"
    r"|(prompt|input|request|message)s? (is|are) too (long|large)"
    r"|too many (input )?tokens|maximum.{0,30}tokens|token (limit|count).{0,30}exceed"
    r"|exceed.{0,40}(token (limit|count)|number of tokens|tokens allowed)",
    re.IGNORECASE,
)
_FILTERED = re.compile(
    r"content.{0,20}(filter|policy|management)|filtered due|moderation|blocked"
    r"|safety (system|filter|polic)|(due to|for) safety",
    re.IGNORECASE,
)
_BAD_KEY = re.compile(
    r"(invalid|incorrect|expired|missing|wrong).{0,20}(api[ _-]?key|credential|token)"
    r"|(api[ _-]?key|credential|token).{0,20}(invalid|incorrect|expired|not valid)"
    r"|unauthori[sz]ed|permission.?denied",
    re.IGNORECASE,
)
_UNREACHABLE = re.compile(
    r"ConnectError|ConnectTimeout|ConnectionRefused|ConnectorError|ConnectorDNS"
    r"|gaierror|EndpointConnection|NewConnectionError|PoolTimeout"
)
# aiohttp's, which OpenAI's transport for it takes for timeouts, most of them.
_CUT_OFF = re.compile(
    r"Client(Connector|OS|ConnectionReset)\w*Error|ServerDisconnected"
)
_RESET = re.compile(r"ServerDisconnected|ClientConnectionReset")
_SILENT = re.compile(r"Timeout|TimedOut|DeadlineExceeded")
_CONNECTION = re.compile(
    r"Connect|Disconnected|Network|Protocol|Transport|ReadError|WriteError|ClientOSError"
    r"|ClosedResource|BrokenResource|EndOfStream|PayloadError|IncompleteRead|SSLError"
)


def classify(error: BaseException) -> Fault | None:
    """Say what went wrong.

    Args:
        error: What an attempt raised.

    Returns:
        The fault; None for an exception that is not the provider's answer nor the
        network's, but of the code that runs: it belongs to the caller as it is.
    """
    match error:
        case AttemptTimeoutError():
            return Fault(error_class="timeout", silent=True)
        case UnusableAnswerError():
            return Fault(error_class=error.error_class)
        case UnsendableRequestError():
            return Fault(error_class="bad_request", unsent=True)
        case EnvVarMissingError():
            return Fault(error_class="auth", unsent=True)
        case (
            ProviderNotInstalledError()
            | UnknownProviderError()
            | NotImplementedError()  # any-llm's word for a call that a provider lacks
        ):
            return Fault(error_class="not_found", unsent=True)
        case _:
            return _classify_by_signs(error)


def _classify_by_signs(error: BaseException) -> Fault | None:
    chain = tuple(links_of(error))
    status = status_of(error)
    error_class = _class_of(error, chain, status)
    if error_class is None:
        return None
    return Fault(
        error_class=error_class,
        status=status,
        retry_after_seconds=_retry_after(chain),
        silent=error_class == "timeout" and status is None,
        unreachable=status is None
        and _called(chain, _UNREACHABLE)
        and not _called(chain, _RESET),
    )


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status of a refusal, wherever its SDK keeps it.

    A status below 400 is the one of a stream that told of its failure later on.
    """
    for link in links_of(error):
        if type(link).__module__.startswith("aiohttp."):
            continue  # its 400 is its own word for an answer that was cut short
        response = getattr(link, "response", None)
        for holder in (link, response):
            for name in ("status_code", "status", "http_status", "code"):
                status = getattr(holder, name, None)
                if type(status) is int and 400 <= status < 600:
                    return status
    return None


def _class_of(
    error: BaseException, chain: tuple[BaseException, ...], status: int | None
) -> ErrorClass | None:
    said = " ".join(str(link) for link in chain)
    for link in chain:
        for name in ("code", "error_type", "type"):
            code = getattr(link, name, None)
            if not isinstance(code, str) or code not in _CODES:
                continue
            # Some say no more than "server_error" of whatever they refuse.
            if status is None or status >= 500 or _CODES[code] != "server_error":
                return _CODES[code]
    if status is not None:
        return _class_of_status(error, status, said)
    if named := _named(error):
        return named
    if _called(chain, _SILENT) and not _called(chain, _CUT_OFF):
        return "timeout"
    if _called(chain, _CONNECTION) or any(isinstance(one, OSError) for one in chain):
        return "connection"
    # What is left is unified, so it was raised between the request and the answer: a
    # body that nobody can read, or an error that the provider told in a stream. Only
    # a structured output that ran into its max_tokens is an answer as it was ordered.
    ordered = type(error).__name__ == "LengthFinishReasonError"
    return "server_error" if _is_unified(error) and not ordered else None


def _class_of_status(error: BaseException, status: int, said: str) -> ErrorClass:
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= 500:
        return "server_error"
    if _TOO_LONG.search(said):
        return "context_window"
    named = _named(error)
    # any-llm finds `auth` in "author" and `safety` anywhere: have it confirmed.
    if named in ("auth", "content_filter", None):
        if _BAD_KEY.search(said):
            return "auth"
        return "content_filter" if _FILTERED.search(said) else "bad_request"
    return named


def _named(error: BaseException) -> ErrorClass | None:
    for kind in type(error).__mro__:
        if kind.__name__ in _NAMED:
            return _NAMED[kind.__name__]
    return None


def _is_unified(error: BaseException) -> bool:
    return any(kind.__name__ == "AnyLLMError" for kind in type(error).__mro__)


def _called(chain: tuple[BaseException, ...], names: re.Pattern[str]) -> bool:
    return any(
        names.search(kind.__name__) for link in chain for kind in type(link).__mro__
    )


def _retry_after(chain: tuple[BaseException, ...]) -> float | None:
    for link in chain:
        seconds = retry_after_seconds(getattr(link, "retry_after", None))
        if seconds is not None:
            return seconds
        response = getattr(link, "response", None)
        for holder in (link, response):
            headers: Any = getattr(holder, "headers", None)
            if not hasattr(headers, "get"):
                continue
            milliseconds = retry_after_seconds(headers.get("retry-after-ms"))
            if milliseconds is not None:
                return milliseconds / 1000
            for name in ("retry-after", "Retry-After"):
                seconds = retry_after_seconds(headers.get(name))
                if seconds is not None:
                    return seconds
    return None


def links_of(error: BaseException) -> Iterator[BaseException]:
    """Give an exception, and those that it was made from."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        original = getattr(link, "original_exception", None)
        link = original if isinstance(original, BaseException) else link.__cause__
