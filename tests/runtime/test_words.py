"""What is told of a refusal: the provider's words, in one readable line."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from llmhub_runtime import (
    Attempt,
    CallFailedError,
    LLMHub,
    ProviderConfig,
    RuntimeConfig,
)
from llmhub_runtime.resilience.words import words_of

SAY = [{"role": "user", "content": "hello"}]


@pytest.mark.parametrize("role", ["llm.chat", "llm.claude"])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "too\nmuch", "type": "x"}}, "too much"),
        ({"type": "error", "error": {"type": "x", "message": "much"}}, "much"),
        ({"error": "the model is loading"}, "the model is loading"),
        ({"message": "no"}, "no"),
        ({"detail": "no such field"}, "no such field"),
        ({"detail": ["a", "b"]}, "a; b"),
        ({"error": {"message": "y" * 999}}, "y" * 499 + "…"),
        ({}, None),
    ],
)
def test_words_are_those_of_the_body(
    config: RuntimeConfig,
    provider: Any,
    role: str,
    body: dict[str, Any],
    words: str | None,
) -> None:
    """Whatever its form, and without what any-llm and the SDK write around it."""
    provider.answer_with(503, body)
    with LLMHub(config_obj=config) as hub, pytest.raises(CallFailedError) as caught:
        hub.completion(role, SAY, num_retries=0)
    (attempt,) = caught.value.attempts
    if body:
        assert attempt.message == words
    else:
        assert attempt.message in (None, "{}")


@pytest.mark.parametrize("role", ["llm.chat", "llm.claude"])
def test_answer_that_cannot_be_read_is_called_so(
    config: RuntimeConfig, provider: Any, role: str
) -> None:
    """Instead of what the SDK stumbled over alone."""
    provider.answer_with(200, {"id": "x"})
    with LLMHub(config_obj=config) as hub, pytest.raises(CallFailedError) as caught:
        hub.completion(role, SAY, num_retries=0)
    assert "an answer that can't be read: " in str(caught.value)


def test_connection_that_fails_is_told_with_its_cause(config: RuntimeConfig) -> None:
    """Here a port where nobody is: the SDK says of all causes the same."""
    nobody = ProviderConfig(api_base="http://127.0.0.1:9/v1", env_key="MY_OPENAI")
    lost = evolve(config, providers={**config.providers, "openai": nobody})
    with LLMHub(config_obj=lost) as hub, pytest.raises(CallFailedError) as caught:
        hub.completion("llm.chat", SAY, num_retries=0)
    (attempt,) = caught.value.attempts
    assert attempt.error_class == "connection"
    assert attempt.message not in (None, "", "Connection error.")


def test_cause_without_words_is_named() -> None:
    """Some libraries say nothing but what they call it."""
    error = OSError("Connection error.")
    error.__cause__ = ConnectionResetError()
    assert words_of(error) == "ConnectionResetError"


def test_exception_without_a_body_speaks_for_itself() -> None:
    """And a body of none of the known forms is passed over."""
    error = OSError("[openai] Error code: 503 - boom")
    assert words_of(error) == "boom"
    error.body = {"odd": 1}  # type: ignore[attr-defined]
    assert words_of(error) == "boom"
    assert words_of(OSError()) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"message": "no such model", "code": 1}', "no such model"),
        ('{"message": cut', '{"message": cut'),
        ("busy", "busy"),
    ],
)
def test_body_that_was_not_parsed_is_read(body: str, words: str) -> None:
    """Mistral's SDK keeps the text; what is no JSON is told as it is."""
    error = OSError("API error occurred: Status 404")
    error.body = body  # type: ignore[attr-defined]
    assert words_of(error) == words


def test_attempts_that_failed_alike_are_told_once() -> None:
    """The line stays readable however often a call was tried."""
    failed = [
        Attempt(
            provider="openai",
            model=model,
            error_class="server_error",
            status=503,
            message="boom",
            duration_seconds=seconds,
        )
        for model, seconds in (("a", 1), ("a", 2), ("b", 3))
    ]
    assert str(CallFailedError("r", failed, "no candidate is left")) == (
        "role 'r' got no answer (no candidate is left): "
        "2 times openai a: server_error 503 (boom) after 1 s, 2 s; "
        "openai b: server_error 503 (boom) after 3 s"
    )
