"""Attempts made one after the other, by candidates that are functions of the test."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import pickle
import weakref
from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from any_llm.exceptions import (
    AuthenticationError,
    ContentFilterError,
    ProviderError,
    RateLimitError,
)
from attrs import evolve
from pydantic import BaseModel, TypeAdapter, ValidationError

from llmhub_runtime import CallSettings, ProviderConfig
from llmhub_runtime.errors import (
    AttemptTimeoutError,
    CallFailedError,
    CircuitOpenError,
    EnvVarMissingError,
    UnusableAnswerError,
    caused_by,
)
from llmhub_runtime.journal import Journal
from llmhub_runtime.request import Request
from llmhub_runtime.resilience import attempts
from llmhub_runtime.resilience.attempts import Course, answer
from llmhub_runtime.resilience.breaker import Breakers
from llmhub_runtime.resolve import Candidate, ResolvedCall
from llmhub_runtime.settings import BackoffSettings

QUICK = CallSettings(
    timeout_seconds=0.3,
    deadline_seconds=30,
    backoff=BackoffSettings(initial_seconds=0.001),
    cooldown_seconds=60,
)

Attempt = Callable[[Candidate], Awaitable[Any]]


def candidate(model: str, settings: CallSettings = QUICK) -> Candidate:
    """Return a candidate of a provider called after its model."""
    return Candidate(
        provider=f"of-{model}",
        endpoint=ProviderConfig(),
        model=model,
        params={},
        settings=settings,
    )


def begin(
    *candidates: Candidate, breakers: Breakers | None = None, **named: Any
) -> Course:
    """Begin a call."""
    resolved = ResolvedCall(role="r", mode="chat", candidates=candidates)
    request = Request(call="completion", arguments={"messages": []})
    journal = Journal(resolved, request)
    return Course(candidates, breakers or Breakers(), journal, **named)


def told(**plays: Sequence[object]) -> Attempt:
    """Return an attempt: each model raises, or returns, its things in turn."""
    left = {model: list(things) for model, things in plays.items()}

    async def attempt(one: Candidate) -> Any:
        await asyncio.sleep(0)
        thing = left[one.model].pop(0)
        if isinstance(thing, BaseException):
            try:
                raise thing
            finally:
                del thing  # its traceback leads here
        if callable(thing):
            return await thing()
        return thing

    return attempt


def run(course: Course, attempt: Attempt, check: Any = None) -> Any:
    """Carry the call out."""
    return asyncio.run(answer(course, attempt, check))


def limited() -> RateLimitError:
    """Return a 429."""
    return RateLimitError("slow down", provider_name="openai", status_code=429)


async def silence() -> None:
    """Say nothing."""
    await asyncio.sleep(60)


def test_answer_comes_with_its_attempts() -> None:
    """Every attempt is noted, with what it met and how long was waited before."""
    course = begin(candidate("a"), candidate("b"))
    play = told(a=[limited(), silence], b=["hello"])
    assert run(course, play) == "hello"
    first, second, third = course.journal.attempts
    assert (first.provider, first.model) == ("of-a", "a")
    assert (first.error_class, first.error_type) == ("rate_limit", "RateLimitError")
    assert (first.status, first.message) == (429, "slow down")
    assert first.wait_seconds == 0
    assert second.error_class == "timeout"
    assert 0 <= second.wait_seconds <= 0.001
    assert second.duration_seconds >= 0.29
    assert (third.model, third.error_class) == ("b", None)
    record = course.journal.record()
    assert (record.role, record.provider, record.model) == ("r", "of-b", "b")
    assert record.attempts == (first, second, third)


def test_last_error_tells_every_attempt_and_its_first_cause() -> None:
    """It is one error, and an instance of what the first attempt raised."""
    first = limited()
    first.retry_after = "0"
    course = begin(candidate("a"), candidate("b"))
    with pytest.raises(CallFailedError) as caught:
        run(course, told(a=[first, silence], b=[AuthenticationError("bad key")]))
    error = caught.value
    assert isinstance(error, RateLimitError)
    assert error.__cause__ is first
    assert (error.role, error.status_code, error.retry_after) == ("r", 429, "0")
    assert [one.error_class for one in error.attempts] == [
        "rate_limit",
        "timeout",
        "auth",
    ]
    assert str(error).startswith(
        "role 'r' got no answer (no candidate is left): "
        "of-a a: rate_limit 429 (slow down) after "
    )
    assert "bad key" in str(error)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 (made on the same line)
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert (again.attempts, again.retry_after) == (error.attempts, "0")


def test_any_kind_of_cause_can_be_caught() -> None:
    """Those of any-llm, of Python, and of the runtime."""
    for cause in (ProviderError("x"), ConnectionResetError("x"), TimeoutError("x")):
        course = begin(candidate("a", CallSettings(num_retries=0)))
        with pytest.raises(type(cause)) as caught:
            run(course, told(a=[cause]))
        assert isinstance(caught.value, CallFailedError)
    with pytest.raises(AttemptTimeoutError, match=r"within 0\.3 s"):
        run(begin(candidate("a")), told(a=[silence]))


def test_answer_that_cannot_be_read_is_a_failure() -> None:
    """Pydantic's error about an API's own type is not the caller's business."""

    class ChatCompletion(BaseModel):
        choices: list[str]

    async def page() -> Any:
        return ChatCompletion.model_validate("<html>busy</html>")

    course = begin(candidate("a", evolve(QUICK, num_retries=1)))
    with pytest.raises(UnusableAnswerError, match="have the form of one") as caught:
        run(course, told(a=[page, page]))
    assert isinstance(caught.value, CallFailedError)
    assert [one.error_class for one in course.journal.attempts] == ["server_error"] * 2


def test_cause_that_cannot_be_joined_is_still_the_cause() -> None:
    """Some classes can't have subclasses, or not without arguments."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python("x")
    failed = CallFailedError("r", ())
    assert caused_by(failed, caught.value) is failed
    assert failed.__cause__ is caught.value


def test_refusal_is_told_at_once_with_its_reason() -> None:
    """A content filter's reason reaches the caller, and nobody else is asked."""
    course = begin(candidate("a"), candidate("b"))
    with pytest.raises(ContentFilterError, match="violence") as caught:
        run(course, told(a=[ContentFilterError("violence")], b=["hello"]))
    assert isinstance(caught.value, CallFailedError)
    assert caught.value.reason == "asking elsewhere is not called for"
    assert len(caught.value.attempts) == 1


def test_missing_key_is_said_as_it_is_unless_somebody_else_answers() -> None:
    """Nothing was sent, so there is nothing to be summed up."""
    missing = EnvVarMissingError({"KEY": "of-a"})
    with pytest.raises(EnvVarMissingError) as caught:
        run(begin(candidate("a")), told(a=[missing]))
    assert caught.value is missing
    course = begin(candidate("a"), candidate("b"))
    assert run(course, told(a=[missing], b=["hello"])) == "hello"


def test_what_is_not_the_providers_goes_through() -> None:
    """An error of the code that runs is neither retried nor wrapped."""
    wrong = ZeroDivisionError("a bug")
    course = begin(candidate("a"), candidate("b"))
    with pytest.raises(ZeroDivisionError) as caught:
        run(course, told(a=[wrong], b=["hello"]))
    assert caught.value is wrong


def test_answer_that_is_none_is_a_failure() -> None:
    """What the check refuses is asked for again."""

    def check(one: Candidate, response: str) -> None:
        if response == "half":
            raise UnusableAnswerError(one.provider, one.model, "was cut", "connection")

    course = begin(candidate("a"))
    assert run(course, told(a=["half", "whole"]), check) == "whole"
    assert course.journal.attempts[0].error_class == "connection"


def test_all_resting_is_said_before_anything_is_sent() -> None:
    """With the time after which it makes sense to come back."""
    breakers = Breakers()
    play = told(a=[ProviderError("x", status_code=503)] * 3)
    with pytest.raises(ProviderError):
        run(begin(candidate("a"), breakers=breakers), play)
    with pytest.raises(CircuitOpenError, match="left alone for") as caught:
        run(begin(candidate("a"), breakers=breakers), told())
    assert 50 < caught.value.rest_seconds <= 60
    assert caught.value.attempts == ()


def test_same_provider_elsewhere_is_another_one() -> None:
    """Breakers are kept by provider, address and model."""
    breakers = Breakers()
    with pytest.raises(ProviderError):
        run(
            begin(candidate("a"), breakers=breakers),
            told(a=[ProviderError("x", status_code=503)] * 3),
        )
    one = candidate("a")
    moved = Candidate(
        provider=one.provider,
        endpoint=ProviderConfig(api_base="http://127.0.0.1:1"),
        model="a",
        params={},
        settings=QUICK,
    )
    assert run(begin(moved, breakers=breakers), told(a=["hello"])) == "hello"


def test_preparation_is_not_charged_to_the_call() -> None:
    """Neither the attempt's limit nor the deadline holds for the import of an SDK."""
    strict = CallSettings(timeout_seconds=0.5, deadline_seconds=0.5)
    prepared: list[str] = []

    def prepare(one: Candidate) -> Awaitable[None] | None:
        known = one.model in prepared
        prepared.append(one.model)
        return None if known else asyncio.sleep(0.6)

    course = begin(candidate("a", strict), candidate("b"), prepare=prepare)
    refusals = [AuthenticationError("no")]
    assert run(course, told(a=refusals, b=["hello"])) == "hello"
    assert prepared == ["a", "b"]
    record = course.journal.record()
    charged = sum(one.duration_seconds for one in record.attempts)
    assert record.duration_seconds - charged >= 1.15


def test_deadline_bounds_the_call() -> None:
    """However many candidates and retries there are."""
    strict = CallSettings(timeout_seconds=60, deadline_seconds=0.05)
    course = begin(candidate("a", strict), candidate("b"))
    with pytest.raises(CallFailedError, match="the deadline has passed"):
        run(course, told(a=[silence], b=["hello"]))
    assert course.journal.record().duration_seconds < 10


def test_attempt_gets_no_more_than_what_is_left() -> None:
    """Even when the call did not come to it as soon as was meant."""
    course = begin(candidate("a", CallSettings(deadline_seconds=0.05)))

    async def late() -> tuple[Candidate, float]:
        await asyncio.sleep(0.1)
        return await course.next()

    assert asyncio.run(late())[1] == 0.0


@pytest.mark.parametrize("waiting", [False, True], ids=["asking", "backing off"])
def test_cancellation_goes_through_at_once(waiting: bool) -> None:
    """No matter whether an attempt runs or a wait."""
    slow = CallSettings(
        backoff=BackoffSettings(initial_seconds=60, max_seconds=60, jitter=0)
    )
    play = told(a=[limited() if waiting else silence])

    async def main() -> None:
        course = begin(candidate("a", slow))
        call = asyncio.create_task(answer(course, play, None))
        await asyncio.sleep(0.02)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_probe_that_is_cancelled_does_not_keep_others_away() -> None:
    """The next call may probe in its place."""
    breakers = Breakers()
    settings = CallSettings(
        num_retries=0, allowed_fails=1, cooldown_seconds=0.01, timeout_seconds=60
    )
    one = candidate("a", settings)
    with pytest.raises(RateLimitError):
        run(begin(one, breakers=breakers), told(a=[limited()]))

    async def main() -> str:
        await asyncio.sleep(0.02)
        probe = asyncio.create_task(
            answer(begin(one, breakers=breakers), told(a=[silence]), None)
        )
        await asyncio.sleep(0.01)
        with pytest.raises(CircuitOpenError):
            await answer(begin(one, breakers=breakers), told(), None)
        probe.cancel()
        await asyncio.wait([probe])
        held: str = await answer(begin(one, breakers=breakers), told(a=["hello"]), None)
        return held

    assert asyncio.run(main()) == "hello"


def test_import_that_hangs_is_a_failed_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """No call waits for ever: others are asked, or the deadline has passed by then."""
    monkeypatch.setattr(attempts, "_LONGEST_PREPARATION_SECONDS", 0.05)

    def prepare(one: Candidate) -> Awaitable[None] | None:
        return silence() if one.model == "a" else None

    course = begin(candidate("a"), candidate("b"), prepare=prepare)
    assert run(course, told(b=["hello"])) == "hello"
    assert course.journal.attempts[0].error_class == "timeout"
    brief = candidate("a", CallSettings(deadline_seconds=0.02))
    course = begin(brief, candidate("b"), prepare=prepare)
    with pytest.raises(CallFailedError, match="import of the SDK") as caught:
        run(course, told())
    assert caught.value.reason == "the deadline has passed"


def test_import_may_be_cancelled() -> None:
    """The caller's cancellation is the caller's, and no failure of the provider."""
    course = begin(candidate("a"), prepare=lambda _: silence())

    async def main() -> None:
        call = asyncio.create_task(answer(course, told(), None))
        await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(main())
    assert course.journal.attempts == []


def test_failures_are_logged_with_what_comes_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each with its event; so are breakers that open and close."""
    caplog.set_level(logging.INFO, "llmhub_runtime")
    settings = CallSettings(
        num_retries=1,
        allowed_fails=2,
        cooldown_seconds=0.01,
        backoff=BackoffSettings(initial_seconds=0.001, jitter=0),
    )
    one, other = candidate("a", settings), candidate("b")
    breakers = Breakers()
    play = told(a=[limited(), limited(), "back"], b=["hello"])
    assert run(begin(one, other, breakers=breakers), play) == "hello"

    async def later() -> Any:
        await asyncio.sleep(0.02)
        return await answer(begin(one, other, breakers=breakers), play, None)

    assert asyncio.run(later()) == "back"
    events = [record.event for record in caplog.records]  # type: ignore[attr-defined]
    assert events == [
        "attempt.failed",
        "attempt.failed",
        "breaker.opened",
        "breaker.closed",
    ]
    assert "asked again in 0.001 s" in caplog.messages[0]
    assert caplog.messages[1].endswith("; b of of-b is asked")
    assert (
        "a of of-a failed too often and is left alone for 0.01 s" in caplog.messages[2]
    )
    assert caplog.messages[3] == "breaker.closed: a of of-a answers again"


def test_long_messages_are_shortened() -> None:
    """An error page does not fill the log."""
    course = begin(candidate("a", CallSettings(num_retries=0)))
    with pytest.raises(ProviderError):
        run(course, told(a=[ProviderError("<p>\n" * 1000)]))
    message = course.journal.attempts[0].message
    assert message is not None
    assert len(message) == 500
    assert "\n" not in message


def test_nothing_lingers_until_the_garbage_collector() -> None:
    """Neither after an answer nor after a failure: 10,000 calls need no memory."""

    async def ends(play: Attempt) -> bool:
        course = begin(candidate("a"))
        watch = weakref.ref(course)
        with contextlib.suppress(CallFailedError):
            await answer(course, play, None)
        del course
        return watch() is None

    gc.disable()
    try:
        # Not inside an assert, which pytest makes keep what it is made of.
        good = asyncio.run(ends(told(a=[limited(), "hello"])))
        bad = asyncio.run(ends(told(a=[limited(), limited(), limited()])))
    finally:
        gc.enable()
    assert (good, bad) == (True, True)


def test_answer_carries_its_record() -> None:
    """Only where it can: bytes can't."""
    from llmhub_runtime.metadata import attach, call_metadata

    course = begin(candidate("a"))
    run(course, told(a=["hello"]))
    record = course.journal.record()
    holder = SimpleNamespace()
    attach(holder, record)
    assert call_metadata(holder) is record
    attach(b"sound", record)
    assert call_metadata(b"sound") is None
    assert call_metadata(SimpleNamespace(llmhub="something else")) is None
