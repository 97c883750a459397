"""Defaults, waits, and the settings that change them."""

from __future__ import annotations

import time
from email.utils import formatdate
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from llmhub_runtime import (
    BackoffSettings,
    CallSettings,
    ConfigError,
    UnusableAnswerError,
    dump_config,
    parse_config,
    parse_settings,
)
from llmhub_runtime.config import ProviderConfig
from llmhub_runtime.request import Call, Request
from llmhub_runtime.resilience.answer import check_answer, is_malformed
from llmhub_runtime.resilience.backoff import backoff_seconds, retry_after_seconds
from llmhub_runtime.resilience.policy import Policy, policy_of
from llmhub_runtime.resolve import Candidate
from llmhub_runtime.settings import UNSET


def test_defaults_are_the_documented_ones() -> None:
    """Every number, as the reference of the config tells it."""
    policy = policy_of(UNSET)
    assert policy == Policy()
    assert (policy.num_retries, policy.max_fallbacks, policy.allowed_fails) == (2, 5, 3)
    assert (policy.timeout_seconds, policy.deadline_seconds) == (60, 120)
    assert (policy.stream_idle_timeout_seconds, policy.cooldown_seconds) == (15, 20)
    assert (policy.backoff_initial_seconds, policy.backoff_max_seconds) == (0.5, 8)
    assert (policy.backoff_multiplier, policy.backoff_jitter) == (2, 0.4)
    assert (policy.respect_retry_after, policy.max_retry_after_seconds) == (True, 60)
    assert policy.commit == "first_token"
    transient = {"rate_limit", "timeout", "connection", "server_error"}
    assert policy.retry_on == transient
    assert policy.fallback_on == transient | {"context_window", "auth", "not_found"}
    assert policy.limit_seconds(streams=True, last=False) == 10
    assert policy.limit_seconds(streams=True, last=True) == 60
    assert policy.limit_seconds(streams=False, last=False) == 60
    assert policy.longest_silence_seconds == 60


def test_every_setting_reaches_the_policy() -> None:
    """By the keys of the file."""
    policy = policy_of(
        parse_settings(
            {
                "num_retries": 1,
                "timeout": "2s",
                "deadline": "3s",
                "ttft_timeout": "4s",
                "stream_idle_timeout": "5s",
                "allowed_fails": 6,
                "cooldown_time": "7s",
                "commit": "complete",
                "retry_on": ["timeout"],
                "fallback_on": ["content_filter", "bad_request"],
                "backoff": {
                    "initial": "8s",
                    "max": "9s",
                    "multiplier": 1.5,
                    "jitter": 0.5,
                },
                "respect_retry_after": False,
                "max_retry_after": "10s",
                "max_fallbacks": 0,
            }
        )
    )
    assert policy == Policy(
        num_retries=1,
        timeout_seconds=2,
        deadline_seconds=3,
        bounds_streams=True,
        ttft_timeout_seconds=4,
        stream_idle_timeout_seconds=5,
        allowed_fails=6,
        cooldown_seconds=7,
        commit="complete",
        retry_on=frozenset({"timeout"}),
        fallback_on=frozenset({"content_filter", "bad_request"}),
        backoff_initial_seconds=8,
        backoff_max_seconds=9,
        backoff_multiplier=1.5,
        backoff_jitter=0.5,
        respect_retry_after=False,
        max_retry_after_seconds=10,
        max_fallbacks=0,
    )
    assert policy.longest_silence_seconds == 5


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"respect_retry_after": "yes"}, "must be true or false, not 'yes'"),
        ({"backoff": 3}, "must be a mapping, not a number"),
        ({"backoff": {"multiplier": 0.5}}, "one or more, not 0.5"),
        ({"backoff": {"jitter": 2}}, "a number from 0 to 1, not 2"),
        ({"backoff": {"jitter": True}}, "a number from 0 to 1, not True"),
        ({"max_fallbacks": -1}, "zero or more, not -1"),
        ({"fallback_on": ["filter"]}, "must be one of rate_limit, "),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    settings: dict[str, Any], said: str
) -> None:
    """With what they must be."""
    with pytest.raises(ConfigError, match=said):
        parse_settings(settings)


def test_settings_are_written_as_they_are_read() -> None:
    """The new ones, too."""
    config = parse_config(
        {
            "project": "p",
            "env": "dev",
            "backoff": {"initial": "250ms", "jitter": 0},
            "respect_retry_after": False,
            "max_retry_after": "30s",
            "max_fallbacks": 1,
        }
    )
    assert config.settings.backoff == BackoffSettings(initial_seconds=0.25, jitter=0.0)
    assert parse_config(dump_config(config)) == config


def test_nearer_settings_win_key_by_key() -> None:
    """``backoff`` counts as one key."""
    near = CallSettings(num_retries=1, backoff=BackoffSettings(jitter=0))
    far = CallSettings(num_retries=5, max_fallbacks=1, backoff=BackoffSettings())
    both = near.over(far)
    assert both == evolve(near, max_fallbacks=1)
    assert UNSET.over(far) == far
    assert near.over(UNSET) == near


def test_waits_double_up_to_the_longest() -> None:
    """Half a second, one, two, four, eight, eight."""
    waits = [backoff_seconds(Policy(), retry, lambda: 0.0) for retry in range(1, 8)]
    assert waits == [0.5, 1, 2, 4, 8, 8, 8]


@given(retry=st.integers(1, 4), before=st.floats(0, 1), after=st.floats(0, 1))
def test_waits_grow_whatever_the_chance(
    retry: int, before: float, after: float
) -> None:
    """By the default no wait is as short as the one before, up to the longest."""
    first = backoff_seconds(Policy(), retry, lambda: before)
    second = backoff_seconds(Policy(), retry + 1, lambda: after)
    assert second >= 1.19 * first


@given(
    policy=st.builds(
        Policy,
        backoff_initial_seconds=st.floats(0.001, 100),
        backoff_max_seconds=st.floats(0.001, 100),
        backoff_multiplier=st.floats(1, 10),
        backoff_jitter=st.floats(0, 1),
    ),
    retry=st.integers(1, 10**9),
    chance=st.floats(0, 1),
)
def test_waits_stay_within_their_bounds(
    policy: Policy, retry: int, chance: float
) -> None:
    """Never negative, never above the longest, however many there were."""
    wait = backoff_seconds(policy, retry, lambda: chance)
    assert 0 <= wait <= policy.backoff_max_seconds
    first = min(policy.backoff_initial_seconds, policy.backoff_max_seconds)
    assert wait >= (1 - policy.backoff_jitter) * first * 0.999


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        (" 0.5 ", 0.5),
        ("0", 0.0),
        ("-3", None),
        ("nan", None),
        ("", None),
        ("Fri, 31 Dec 9999 23:59:59 +9999", None),
        (formatdate(1060.0, usegmt=True), 60.0),
        (formatdate(940.0, usegmt=True), 0.0),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    text: str | None, seconds: float | None
) -> None:
    """What is neither is as if it were not there."""
    assert retry_after_seconds(text, lambda: 1000.0) == seconds


def test_retry_after_date_is_one_of_today() -> None:
    """By the clock on the wall, unless a test says otherwise."""
    soon = retry_after_seconds(formatdate(time.time() + 50, usegmt=True))
    assert soon is not None
    assert 40 < soon < 60


CANDIDATE = Candidate(
    provider="p", endpoint=ProviderConfig(), model="m", params={}, settings=UNSET
)
STOP = SimpleNamespace(message="hello", finish_reason="stop")


@pytest.mark.parametrize(
    ("call", "answer", "problem"),
    [
        ("completion", SimpleNamespace(choices=[STOP]), None),
        ("completion", SimpleNamespace(choices=[]), "has no choices"),
        ("completion", "<html>", "has no choices"),
        (
            "completion",
            SimpleNamespace(choices=[SimpleNamespace(message=None)]),
            "has a choice without a message",
        ),
        (
            "completion",
            SimpleNamespace(
                choices=[STOP, SimpleNamespace(message="hel", finish_reason=None)]
            ),
            "has no finish reason: it was cut short",
        ),
        ("responses", SimpleNamespace(status="completed"), None),
        ("responses", SimpleNamespace(status="incomplete"), None),
        ("responses", SimpleNamespace(status="failed", error="x"), "failed: x"),
        ("image", SimpleNamespace(data=["x"]), None),
        ("image", SimpleNamespace(data=None), "has no image"),
        ("speech", b"sound", None),
        ("speech", b"", "has no sound"),
        ("rerank", SimpleNamespace(results=[]), None),
        ("transcription", SimpleNamespace(text=""), None),
    ],
)
def test_answers_are_checked_by_their_kind(
    call: Call, answer: Any, problem: str | None
) -> None:
    """Half an answer, or none, is a failure."""
    request = Request(call=call, arguments={})
    if problem is None:
        check_answer(request, CANDIDATE, answer)
        return
    with pytest.raises(UnusableAnswerError, match=problem) as caught:
        check_answer(request, CANDIDATE, answer)
    cut = "cut short" in problem
    assert caught.value.error_class == ("connection" if cut else "server_error")


def test_text_that_misses_the_schema_is_not_the_providers_fault() -> None:
    """An answer without the form of one is."""
    from pydantic import BaseModel, ValidationError

    class Weather(BaseModel):
        degrees: int

    with pytest.raises(ValidationError) as caught:
        Weather.model_validate({})
    assert is_malformed(caught.value, {})
    assert is_malformed(caught.value, {"response_format": {"type": "json_object"}})
    assert not is_malformed(caught.value, {"response_format": Weather})
    assert not is_malformed(ValueError("x"), {})
