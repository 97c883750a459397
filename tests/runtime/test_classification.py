"""What exceptions of any SDK mean, unified by any-llm or not."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import Any

import httpx
import pytest
from any_llm import exceptions as unified
from any_llm.utils.exception_handler import convert_exception

from llmhub_runtime import errors
from llmhub_runtime.resilience.classify import classify, status_of


class StatusError(Exception):
    """What SDKs raise for a refusal: a status, a body, and the response."""

    def __init__(
        self, status: int, message: str = "no", headers: Any = None, **body: Any
    ) -> None:
        super().__init__(message)
        self.status_code = status
        self.body = body
        request = httpx.Request("POST", "http://provider.example/v1")
        self.response = httpx.Response(status, headers=headers, request=request)


REFUSALS = [
    (400, "no", {}, "bad_request"),
    (400, "Invalid 'author' in messages", {}, "bad_request"),
    (400, "API key not valid. Please pass a valid API key.", {}, "auth"),
    (400, "too long", {"code": "context_length_exceeded"}, "context_window"),
    (400, "prompt is too long: 210000 tokens > 200000 maximum", {}, "context_window"),
    (
        400,
        "This model's maximum context length is 8192 tokens",
        {},
        "context_window",
    ),
    (
        400,
        "The input token count (1200000) exceeds the maximum number of tokens allowed",
        {},
        "context_window",
    ),
    (400, "flagged", {"code": "content_filter"}, "content_filter"),
    (400, "blocked by our content management policy", {}, "content_filter"),
    (400, "Output blocked by content filtering policy", {}, "content_filter"),
    (400, "rejected as a result of our safety system", {}, "content_filter"),
    (400, "Unknown parameter: safety_identifier", {}, "bad_request"),
    (400, "no", {"type": "server_error"}, "bad_request"),
    (401, "no", {}, "auth"),
    (401, "no", {"type": "server_error"}, "auth"),
    (429, "no", {"type": "api_error"}, "rate_limit"),
    (402, "no", {}, "auth"),
    (403, "no", {}, "auth"),
    (404, "no", {}, "not_found"),
    (408, "no", {}, "timeout"),
    (409, "no", {}, "server_error"),
    (413, "no", {}, "context_window"),
    (418, "no", {}, "bad_request"),
    (422, "no", {}, "bad_request"),
    (422, "context window of 4096 exceeded", {}, "context_window"),
    (429, "no", {}, "rate_limit"),
    (429, "quota", {"code": "insufficient_quota"}, "auth"),
    (500, "our content policy service is down", {}, "server_error"),
    (502, "no", {}, "server_error"),
    (503, "no", {}, "server_error"),
    (504, "no", {}, "timeout"),
    (529, "Overloaded", {"type": "overloaded_error"}, "server_error"),
]


@pytest.mark.parametrize("unify", [True, False], ids=["unified", "raw"])
@pytest.mark.parametrize(("status", "message", "body", "error_class"), REFUSALS)
def test_refusal_is_read_from_status_code_and_message(
    status: int, message: str, body: dict[str, Any], error_class: str, unify: bool
) -> None:
    """The same whether any-llm unified it or not."""
    error: Exception = StatusError(status, message, **body)
    if not unify:  # any-llm reads the code off the body, an SDK's exception has it
        for name, value in body.items():
            setattr(error, name, value)
    else:
        error = convert_exception(error, "openai")
    fault = classify(error)
    assert fault is not None
    assert (fault.error_class, fault.status) == (error_class, status)
    assert not fault.silent
    assert not fault.unreachable


def test_status_of_a_stream_that_failed_later_on_is_not_its_status() -> None:
    """Anthropic's errors inside a stream have the 200 of its beginning."""
    late = StatusError(200, "Overloaded", error={"type": "overloaded_error"})
    fault = classify(convert_exception(late, "anthropic"))
    assert fault is not None
    assert (fault.error_class, fault.status) == ("server_error", None)


class APITimeoutError(Exception):
    """As in the SDKs that Stainless generates."""


class APIConnectionError(Exception):
    """Likewise."""


def raised(error: Exception, cause: BaseException | None = None) -> Exception:
    """Return an error with its cause."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("unify", [True, False], ids=["unified", "raw"])
@pytest.mark.parametrize(
    ("error", "error_class", "silent", "unreachable"),
    [
        (raised(APITimeoutError("Request timed out.")), "timeout", True, False),
        (httpx.ReadTimeout("slow"), "timeout", True, False),
        (httpx.ConnectTimeout("slow"), "timeout", True, True),
        (TimeoutError(), "timeout", True, False),
        (
            raised(APIConnectionError("x"), httpx.ConnectError("refused")),
            "connection",
            False,
            True,
        ),
        (raised(APIConnectionError("x")), "connection", False, False),
        (httpx.RemoteProtocolError("peer closed"), "connection", False, False),
        (httpx.ReadError("reset"), "connection", False, False),
        (ConnectionResetError(), "connection", False, False),
        (ConnectionRefusedError(), "connection", False, True),
        (OSError("network is unreachable"), "connection", False, False),
    ],
)
def test_network_errors_are_read_by_name(
    error: Exception, error_class: str, silent: bool, unreachable: bool, unify: bool
) -> None:
    """Of httpx, the SDKs above it, and Python itself."""
    fault = classify(convert_exception(error, "x") if unify else error)
    assert fault is not None
    found = (fault.error_class, fault.silent, fault.unreachable)
    assert found == (error_class, silent, unreachable)


def test_body_that_nobody_can_read_is_the_providers_fault() -> None:
    """An error page with status 200, and a stream's own error, are server errors."""
    for original in (json.JSONDecodeError("x", "y", 0), KeyError("choices")):
        fault = classify(convert_exception(original, "openai"))
        assert fault is not None
        assert fault.error_class == "server_error"


@pytest.mark.parametrize(
    ("error", "error_class"),
    [
        (errors.AttemptTimeoutError("p", "m", 1.0), "timeout"),
        (errors.UnusableAnswerError("p", "m", "has no choices"), "server_error"),
        (errors.UnusableAnswerError("p", "m", "was cut", "connection"), "connection"),
        (errors.EnvVarMissingError({"KEY": "p"}), "auth"),
        (errors.ProviderNotInstalledError("p", "no module"), "not_found"),
        (errors.UnknownProviderError("p", [], "any-llm"), "not_found"),
        (NotImplementedError("no embeddings"), "not_found"),
        (unified.MissingApiKeyError("p", "KEY"), "auth"),
        (unified.UnsupportedParameterError("seed", "p"), "bad_request"),
        (unified.ContentFilterError("no"), "content_filter"),
        (
            unified.ContentFilterFinishReasonError(completion=None),  # type: ignore[arg-type]
            "content_filter",
        ),
        (unified.ProviderFileNotFoundError("no"), "bad_request"),
    ],
)
def test_errors_without_a_request_have_their_class(
    error: Exception, error_class: str
) -> None:
    """Those of the runtime and those of any-llm before it sends anything."""
    fault = classify(error)
    assert fault is not None
    assert (fault.error_class, fault.status) == (error_class, None)


@pytest.mark.parametrize(
    "error",
    [
        TypeError("x"),
        ValueError("x"),
        ZeroDivisionError(),
        KeyError("x"),
        unified.LengthFinishReasonError(completion=None),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_failure_of_a_provider_is_nobodys(error: Exception) -> None:
    """It is the caller's to see as it is."""
    assert classify(error) is None


def test_unexpected_argument_is_a_bad_request() -> None:
    """any-llm unifies the TypeError of an SDK that does not know a parameter."""
    wrong = TypeError("create() got an unexpected keyword argument 'tempratur'")
    fault = classify(convert_exception(wrong, "openai"))
    assert fault is not None
    assert fault.error_class == "bad_request"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": 100}, 100.0),
        ({"retry-after": -100}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("unify", [True, False], ids=["unified", "raw"])
def test_retry_after_is_read_in_every_form(
    headers: dict[str, Any], seconds: float | None, status: int, unify: bool
) -> None:
    """Seconds, a date, or milliseconds, on a 503 as on a 429."""
    headers = {
        name: said
        if isinstance(said, str)
        else formatdate(time.time() + said, usegmt=True)
        for name, said in headers.items()
    }
    error: Exception = StatusError(status, headers=headers)
    fault = classify(convert_exception(error, "openai") if unify else error)
    assert fault is not None
    expected = None if seconds is None else pytest.approx(seconds, abs=2.0)
    assert fault.retry_after_seconds == expected


def test_status_is_found_wherever_an_sdk_keeps_it() -> None:
    """On the exception, its response, or under another name; never from a success."""

    class Held(Exception):  # noqa: N818 (any name will do)
        pass

    other = Held()
    other.code = 503  # type: ignore[attr-defined]
    assert status_of(other) == 503
    other.code = "x"  # type: ignore[attr-defined]
    assert status_of(other) is None
    assert status_of(raised(Held(), StatusError(429))) == 429
    looped = Held()
    looped.__cause__ = looped
    assert status_of(looped) is None
