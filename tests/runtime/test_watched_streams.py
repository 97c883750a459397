"""Streams that end as they should, and streams that do not."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncGenerator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from any_llm.exceptions import ProviderError, RateLimitError

from llmhub_runtime import CallSettings, ProviderConfig
from llmhub_runtime.errors import (
    AttemptTimeoutError,
    CallFailedError,
    StreamInterruptedError,
    UnusableAnswerError,
)
from llmhub_runtime.journal import Journal
from llmhub_runtime.metering.usage import Usage
from llmhub_runtime.request import Request
from llmhub_runtime.resilience import stream as watching
from llmhub_runtime.resilience.attempts import Course
from llmhub_runtime.resilience.breaker import Breakers
from llmhub_runtime.resilience.incoming import Incoming
from llmhub_runtime.resilience.progress import (
    ChatProgress,
    Progress,
    ResponsesProgress,
)
from llmhub_runtime.resilience.stream import open_stream
from llmhub_runtime.resolve import Candidate, ResolvedCall
from llmhub_runtime.settings import BackoffSettings

QUICK = {
    "ttft_timeout_seconds": 0.3,
    "stream_idle_timeout_seconds": 0.3,
    "backoff": BackoffSettings(initial_seconds=0.001),
}


def chunk(
    content: str | None = None,
    end: str | None = None,
    index: int = 0,
    **delta: Any,
) -> SimpleNamespace:
    """Return a chunk of a chat completion."""
    held = {"tool_calls": None, "function_call": None, "refusal": None} | delta
    choice = SimpleNamespace(
        index=index,
        delta=SimpleNamespace(content=content, **held),
        finish_reason=end,
    )
    return SimpleNamespace(choices=[choice])


HELLO = (chunk(""), chunk("Hel"), chunk("lo"))
END = chunk(None, "stop")
NO_CHOICE = SimpleNamespace(choices=[])
PAUSE = 30.0


class Play:
    """A candidate whose attempts are plays: parts, pauses and exceptions in turn."""

    def __init__(self, *plays: tuple[Any, ...]) -> None:
        self.plays = list(plays)
        self.closed = 0
        self.opened = 0

    async def open(self) -> Incoming[Any]:
        """Begin the next play; an exception at its head keeps it from opening."""
        play = self.plays.pop(0)
        self.opened += 1
        if play and isinstance(play[0], Exception):
            self.closed += 1
            raise play[0]
        return Incoming.of(self._parts(play))

    async def _parts(self, play: tuple[Any, ...]) -> AsyncGenerator[Any, None]:
        try:
            for part in play:
                if isinstance(part, float):
                    await asyncio.sleep(part)
                elif isinstance(part, Exception):
                    raise part
                elif callable(part):
                    part()
                else:
                    yield part
        finally:
            self.closed += 1


class Call:
    """One call to candidates that are plays."""

    def __init__(
        self, *plays: Play, breakers: Breakers | None = None, **settings: Any
    ) -> None:
        self.plays = plays
        self.breakers = breakers or Breakers()
        limits = CallSettings(**QUICK | settings)
        self.candidates = tuple(
            Candidate(
                provider="p",
                endpoint=ProviderConfig(),
                model=str(number),
                params={},
                settings=limits,
            )
            for number in range(len(plays))
        )
        resolved = ResolvedCall(role="r", mode="chat", candidates=self.candidates)
        self.request = Request(call="completion", arguments={}, streams=True)
        self.journal = Journal(resolved, self.request)

    async def open(
        self, progress: Callable[[], Progress] = ChatProgress
    ) -> AsyncGenerator[Any, None]:
        """Get a committed stream."""
        course = Course(self.candidates, self.breakers, self.journal, streams=True)
        stream: AsyncGenerator[Any, None] = await open_stream(
            course, lambda one: self.plays[int(one.model)].open(), progress
        )
        return stream

    async def read(self, progress: Callable[[], Progress] = ChatProgress) -> list[Any]:
        """Read a whole stream."""
        return [part async for part in await self.open(progress)]

    @property
    def classes(self) -> list[str | None]:
        """What became of the attempts."""
        return [attempt.error_class for attempt in self.journal.attempts]


def run(call: Awaitable[Any]) -> Any:
    """Run a coroutine, and see that no task is left."""

    async def main() -> Any:
        try:
            return await call
        finally:
            assert asyncio.all_tasks() == {asyncio.current_task()}

    return asyncio.run(main())


@pytest.mark.parametrize("commit", ["first_token", "complete"])
def test_whole_stream_is_handed_out_whole(commit: str) -> None:
    """Every part in order, in both modes, and the source is closed."""
    play = Play((*HELLO, END, NO_CHOICE))
    call = Call(play, commit=commit)
    assert run(call.read()) == [*HELLO, END, NO_CHOICE]
    assert call.classes == [None]
    assert play.closed == 1
    record = call.journal.record()
    assert record.time_to_first_token_seconds is not None


@pytest.mark.parametrize(
    "first",
    [
        chunk("a"),
        chunk(None, tool_calls=[SimpleNamespace(index=0)]),
        chunk(None, function_call=SimpleNamespace(name="f")),
        chunk(None, refusal="no"),
        chunk(None, reasoning=SimpleNamespace(content="Hm")),
        chunk(None, "content_filter"),
        chunk(None, "length"),
    ],
)
def test_first_token_is_whatever_the_model_says_first(first: Any) -> None:
    """A word, a call, a refusal, a thought or an end: then the stream is committed."""
    progress = ChatProgress()
    mute = chunk()
    mute.choices[0].delta = None
    for silent in (
        chunk(""),
        chunk(None),
        NO_CHOICE,
        SimpleNamespace(
            choices=[SimpleNamespace(index=0, delta=None, finish_reason="")]
        ),
        chunk(None, reasoning=SimpleNamespace(content="")),
    ):
        progress.feed(silent)
        assert not progress.begun
    progress.feed(first)
    assert progress.begun


def test_slow_first_token_goes_elsewhere() -> None:
    """A chunk that says who speaks is no token."""
    slow, quick = Play((chunk(""), PAUSE, *HELLO, END)), Play((*HELLO, END))
    call = Call(slow, quick)
    assert run(call.read()) == [*HELLO, END]
    assert call.classes == ["timeout", None]
    assert "no first token of '0'" in str(call.journal.attempts[0].message)
    assert (slow.opened, slow.closed, quick.closed) == (1, 1, 1)


@pytest.mark.parametrize(
    ("play", "error_class"),
    [
        ((), "connection"),
        ((chunk(""),), "connection"),
        ((chunk(""), httpx.RemoteProtocolError("cut")), "connection"),
        ((RateLimitError("slow down", status_code=429),), "rate_limit"),
        ((chunk(""), ProviderError("overloaded")), "server_error"),
    ],
)
@pytest.mark.parametrize("commit", ["first_token", "complete"])
def test_what_breaks_before_the_first_token_begins_anew(
    play: tuple[Any, ...], error_class: str, commit: str
) -> None:
    """On the same candidate; the caller sees nothing of it."""
    source = Play(play, (*HELLO, END))
    call = Call(source, commit=commit)
    assert run(call.read()) == [*HELLO, END]
    assert call.classes == [error_class, None]
    assert source.closed == 2


BREAKS = [
    ((), "connection", "without a finish reason"),
    ((httpx.ReadError("reset"),), "connection", "reset"),
    ((ProviderError("overloaded"),), "server_error", "overloaded"),
    ((PAUSE,), "timeout", "no next chunk"),
]


@pytest.mark.parametrize(("rest", "error_class", "said"), BREAKS)
def test_what_breaks_after_the_first_token_says_how_far_it_came(
    rest: tuple[Any, ...], error_class: str, said: str
) -> None:
    """Never a truncated success: a typed error with what was said."""
    source, unused = Play((*HELLO, *rest)), Play((*HELLO, END))
    call = Call(source, unused)
    parts: list[Any] = []

    async def main() -> None:
        stream = await call.open()
        while True:
            parts.append(await anext(stream))

    with pytest.raises(StreamInterruptedError, match=said) as caught:
        run(main())
    assert parts == list(HELLO)
    error = caught.value
    assert error.partial_text == "Hello"
    assert [one.error_class for one in error.attempts] == [error_class]
    assert error.__cause__ is not None
    assert isinstance(error, type(error.__cause__))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 (made on the same line)
    assert (str(again), again.partial_text) == (str(error), "Hello")
    assert (source.closed, unused.opened) == (1, 0)


@pytest.mark.parametrize(("rest", "error_class", "said"), BREAKS)
def test_complete_answer_begins_anew_however_far_it_came(
    rest: tuple[Any, ...], error_class: str, said: str
) -> None:
    """With ``commit: complete`` nothing was handed out yet."""
    source, other = Play((*HELLO, *rest)), Play((chunk("Hi"), END))
    call = Call(source, other, commit="complete", num_retries=0)
    assert run(call.read()) == [chunk("Hi"), END]
    assert call.classes == [error_class, None]
    assert said in str(call.journal.attempts[0].message)
    assert (source.closed, other.closed) == (1, 1)


def test_length_is_an_end_like_others() -> None:
    """``finish_reason: length`` is what the caller asked for."""
    cut = chunk(None, "length")
    assert run(Call(Play((*HELLO, cut))).read()) == [*HELLO, cut]


def test_every_choice_must_end() -> None:
    """With ``n`` above one, one finished choice is not the whole answer."""
    both = (chunk("a"), chunk("b", index=1), chunk(None, "stop", index=1))
    with pytest.raises(StreamInterruptedError) as caught:
        run(Call(Play(both)).read())
    assert caught.value.partial_text == "a"
    whole = (*both, chunk(None, "stop"))
    assert run(Call(Play(whole)).read()) == list(whole)


@pytest.mark.parametrize("after", [PAUSE, httpx.ReadError("reset")])
def test_stream_that_does_not_close_is_finalised(
    after: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the provider has told its usage, nothing more is to come."""
    monkeypatch.setattr(watching, "_USAGE_GRACE_SECONDS", 2 * PAUSE)
    caplog.set_level("INFO", "llmhub_runtime")
    call = Call(Play())
    usage = Usage(input_tokens=3, output_tokens=2)

    def tell() -> None:
        call.request.usage = usage

    (source,) = call.plays
    source.plays.append((*HELLO, END, tell, NO_CHOICE, after))
    assert run(call.read()) == [*HELLO, END, NO_CHOICE]
    assert call.classes == [None]
    assert source.closed == 1
    record = call.journal.record()
    assert (record.input_tokens, record.output_tokens) == (3, 2)
    assert record.duration_seconds < PAUSE
    assert [one.event for one in caplog.records] == ["stream.finalised"]  # type: ignore[attr-defined]


def test_usage_after_the_end_is_waited_for_a_little() -> None:
    """A provider may tell it a moment later than its last word."""
    late = SimpleNamespace(choices=[])
    assert run(Call(Play((*HELLO, END, 0.2, late))).read()) == [*HELLO, END, late]


def test_deadline_that_is_set_bounds_the_stream() -> None:
    """Only the time in which the provider is waited for counts."""
    drops = [one for _ in range(20) for one in (0.03, chunk("x"))]
    call = Call(Play((chunk("x"), *drops, END)), deadline_seconds=0.2)

    async def main() -> None:
        async for _ in await call.open():
            await asyncio.sleep(0.02)  # the caller's own time is free

    with pytest.raises(StreamInterruptedError) as caught:
        run(main())
    assert isinstance(caught.value, AttemptTimeoutError)
    assert 1 <= len(caught.value.partial_text) < 21
    assert len(run(Call(Play((chunk("x"), *drops, END))).read())) == 22


def test_reader_that_has_heard_enough_closes_the_source() -> None:
    """It is no failure, and what was held back is dropped."""
    source = Play((*HELLO, END))

    async def main() -> None:
        stream = await Call(source).open()
        await anext(stream)
        await stream.aclose()
        assert source.closed == 1
        assert [part async for part in stream] == []

    run(main())


def test_cancelled_opening_closes_the_source() -> None:
    """Before the first token, and while a complete answer is gathered."""
    for commit in ("first_token", "complete"):
        source = Play((*(HELLO if commit == "complete" else ()), PAUSE))

        async def main(source: Play = source, commit: str = commit) -> None:
            settings = {
                "ttft_timeout_seconds": 60,
                "stream_idle_timeout_seconds": 60,
                "commit": commit,
            }
            opening = asyncio.create_task(Call(source, **settings).open())
            await asyncio.sleep(0.02)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
            assert source.closed == 1

        run(main())


def test_error_of_the_code_that_runs_goes_through() -> None:
    """Before the first token and after it, as it is."""
    bug = ZeroDivisionError("a bug")
    with pytest.raises(ZeroDivisionError) as caught:
        run(Call(Play((chunk(""), bug))).read())
    assert caught.value is bug
    with pytest.raises(ZeroDivisionError) as caught:
        run(Call(Play((*HELLO, bug))).read())
    assert caught.value is bug


def test_streams_that_always_break_open_the_breaker() -> None:
    """A model that never ends its answers is left alone."""
    breakers = Breakers()
    for _ in range(3):
        with pytest.raises(StreamInterruptedError):
            run(Call(Play(HELLO), breakers=breakers).read())
    with pytest.raises(CallFailedError, match="left alone"):
        run(Call(Play(HELLO), breakers=breakers).read())


def event(kind: str, **held: Any) -> SimpleNamespace:
    """Return an event of the Responses API."""
    return SimpleNamespace(type=kind, **held)


STARTED = event("response.created")
WORD = event("response.output_text.delta", delta="Hi")


@pytest.mark.parametrize("end", ["response.completed", "response.incomplete"])
def test_responses_end_with_their_closing_event(end: str) -> None:
    """Whole with it, cut short without."""
    whole = (STARTED, WORD, event(end))
    assert run(Call(Play(whole)).read(ResponsesProgress)) == list(whole)
    thinking = event("response.reasoning_summary_text.delta", delta="Hm")
    with pytest.raises(StreamInterruptedError) as caught:
        run(Call(Play((STARTED, thinking, WORD))).read(ResponsesProgress))
    assert caught.value.partial_text == "Hi"


@pytest.mark.parametrize(
    "failure",
    [
        event(
            "response.failed",
            response=SimpleNamespace(error=SimpleNamespace(message="overloaded")),
        ),
        event("error", message="overloaded"),
    ],
)
def test_failed_response_is_no_answer(failure: Any) -> None:
    """What its closing event says reaches the caller, and the source is closed."""
    source = Play((STARTED, failure, WORD), (STARTED, WORD, failure, WORD))
    with pytest.raises(UnusableAnswerError, match="overloaded") as caught:
        run(Call(source, num_retries=0).read(ResponsesProgress))
    assert isinstance(caught.value, CallFailedError)
    assert source.closed == 1
    with pytest.raises(StreamInterruptedError, match="overloaded"):
        run(Call(source).read(ResponsesProgress))
    assert source.closed == 2


def test_response_that_fails_without_a_reason_says_so() -> None:
    """There is always something to read."""
    progress = ResponsesProgress()
    progress.feed(event("response.failed", response=None))
    assert progress.problem == "failed: no reason given"
