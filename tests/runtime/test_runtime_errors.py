"""The runtime's errors: what they say, and that they survive a process boundary."""

from __future__ import annotations

import pickle

import pytest

from llmhub_runtime import errors
from llmhub_runtime.metadata import Attempt

SLOW = Attempt(
    provider="openai",
    model="gpt",
    error_class="rate_limit",
    error_type="RateLimitError",
    message="slow down",
    status=429,
    duration_seconds=0.5,
)
BROKEN = Attempt(
    provider="xai",
    model="grok",
    error_class="connection",
    error_type="ReadError",
    duration_seconds=1.2345,
    wait_seconds=0.1,
)

EXAMPLES = [
    (errors.ConfigError("is empty"), "is empty"),
    (errors.ConfigError("is empty", "a.yaml"), "a.yaml: is empty"),
    (errors.ConfigError("is empty", "a.yaml", 3), "a.yaml:3: is empty"),
    (errors.ConfigError("is empty", None, 3), "line 3: is empty"),
    (
        errors.UnknownRoleError("chta", ["embed", "chat"]),
        "no role 'chta'. Did you mean 'chat'? Roles: chat, embed.",
    ),
    (errors.UnknownRoleError("x", []), "no role 'x'. Roles: none."),
    (
        errors.UnknownProviderError("opnai", ["xai", "openai"], "any-llm"),
        "any-llm: no provider 'opnai'. Did you mean 'openai'? Known: openai, xai.",
    ),
    (
        errors.UnknownProviderError("groq", ["openai"], errors.OF_THE_CONFIG),
        (
            "providers of the config: no provider 'groq'. Declare it: `groq: {}` is "
            "enough. Known: openai."
        ),
    ),
    (
        errors.ProviderNotInstalledError("gemini", "No module named 'google'"),
        (
            "the provider 'gemini' needs packages that are not installed: "
            "pip install 'any-llm-sdk[gemini]' (No module named 'google')"
        ),
    ),
    (
        errors.EnvVarMissingError({"B_KEY": "b", "A_KEY": "a"}),
        "not set, or empty, in the environment: A_KEY (for a), B_KEY (for b).",
    ),
    (
        errors.CallNotAllowedError("r", "image", "completion", ("chat", "tool")),
        "role 'r' has mode 'image', and completion() serves chat, tool.",
    ),
    (
        errors.AttemptTimeoutError("openai", "gpt", 1.5),
        "openai: no answer of 'gpt' within 1.5 s",
    ),
    (
        errors.AttemptTimeoutError("openai", "gpt", 1 / 3, "first token"),
        "openai: no first token of 'gpt' within 0.333 s",
    ),
    (
        errors.UnusableAnswerError("openai", "gpt", "has no choices"),
        "openai: the answer of 'gpt' has no choices",
    ),
    (
        errors.CallFailedError("chat", [SLOW, BROKEN], "no candidate is left"),
        (
            "role 'chat' got no answer (no candidate is left): "
            "openai gpt: rate_limit 429 (slow down) after 0.5 s; "
            "xai grok: connection (ReadError) after 1.23 s"
        ),
    ),
    (
        errors.CallFailedError("chat", []),
        "role 'chat' got no answer: nobody was asked",
    ),
    (
        errors.CircuitOpenError("chat", 12.345),
        (
            "role 'chat' was not called: its models failed lately and are left alone "
            "for 12.3 s more"
        ),
    ),
    (
        errors.StreamInterruptedError("chat", [BROKEN], "Hello"),
        (
            "role 'chat': the stream broke off after 5 characters: "
            "xai grok: connection (ReadError) after 1.23 s"
        ),
    ),
    (errors.HubClosedError(), "this hub is closed: make a new LLMHub"),
]


@pytest.mark.parametrize(("error", "text"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_error_says_what_and_where_on_one_line(
    error: errors.LLMHubRuntimeError, text: str
) -> None:
    """One line, made from the data that the error carries."""
    assert str(error) == text
    assert isinstance(error, errors.LLMHubRuntimeError)


@pytest.mark.parametrize(
    "error", [error for error, _ in EXAMPLES], ids=range(len(EXAMPLES))
)
def test_error_survives_a_pickle(error: errors.LLMHubRuntimeError) -> None:
    """A worker process can hand it to its parent."""
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 (made on the same line)
    assert (str(again), vars(again)) == (str(error), vars(error))


def test_every_error_is_in_the_tree_of_the_docstring() -> None:
    """The tree at the head of the module is complete."""
    assert errors.__doc__ is not None
    for name in errors.__all__:
        if name.endswith("Error"):
            assert f" {name} " in errors.__doc__ or f" {name}\n" in errors.__doc__
