"""A stranger's code in a thread of its own, and what ends it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmhub_core import isolation
from llmhub_core.errors import SelectionError
from llmhub_core.isolation import (
    CutOffError,
    EndedError,
    aconfined,
    any_left_behind,
    confined,
    in_words,
)


def _plain(call: Callable[[], Any], **limits: float) -> Any:
    return confined(call, **limits)  # type: ignore[arg-type]


def _awaited(call: Callable[[], Any], **limits: float) -> Any:
    return asyncio.run(aconfined(call, **limits))  # type: ignore[arg-type]


both = pytest.mark.parametrize("run", [_plain, _awaited])


@both
def test_what_comes_back_comes_back(run: Callable[..., Any]) -> None:
    """Values and exceptions, from another thread."""
    assert run(threading.current_thread, seconds=30) is not threading.current_thread()
    for error in (ValueError("no"), StopIteration()):

        def fail(error: BaseException = error) -> None:
            raise error

        with pytest.raises(type(error)) as caught:
            confined(fail, seconds=30)
        assert caught.value is error


class SpeechlessError(Exception):
    """Raises when it is asked what it says."""

    def __str__(self) -> str:
        raise ValueError("nothing")


class OddError(BaseException):
    """Not an Exception, so that no ``except Exception`` holds it back."""


@both
@pytest.mark.parametrize(
    ("error", "text"),
    [
        (SystemExit(3), "SystemExit: 3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (OddError("so"), "OddError: so"),
        (asyncio.CancelledError(), "CancelledError"),
    ],
)
def test_what_would_end_the_process_ends_the_call(
    run: Callable[..., Any], error: BaseException, text: str
) -> None:
    """It comes back as an ordinary exception that names it."""

    def fail() -> None:
        raise error

    with pytest.raises(EndedError) as caught:
        run(fail, seconds=30)
    assert in_words(caught.value) == text
    assert caught.value.__cause__ is error


@both
def test_the_working_directory_is_given_back(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the call ends: relative paths of the core mean what they meant."""
    monkeypatch.chdir(tmp_path)

    def wander() -> None:
        os.chdir("/")
        raise ValueError("elsewhere")

    with pytest.raises(ValueError, match="elsewhere"):
        run(wander, seconds=30)
    assert Path.cwd() == tmp_path


def test_a_working_directory_that_is_gone_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There may be none before the call, or none to go back to after it."""
    folder = tmp_path / "brief"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def leave() -> None:
        os.chdir(tmp_path)
        folder.rmdir()

    confined(leave, seconds=30)
    assert Path.cwd() == tmp_path
    folder.mkdir()
    os.chdir(folder)
    folder.rmdir()
    assert confined(lambda: 3, seconds=30) == 3


@both
def test_what_never_ends_is_cut_off(run: Callable[..., Any]) -> None:
    """A busy loop is stopped for good."""
    stopped = threading.Event()

    def spin() -> None:
        try:
            while True:
                pass
        finally:
            stopped.set()

    with pytest.raises(CutOffError, match=r"not done within 0\.1 s"):
        run(spin, seconds=0.1)
    assert stopped.wait(30)


@both
def test_what_takes_too_much_is_cut_off(run: Callable[..., Any]) -> None:
    """Memory that is in use counts, and is given back."""

    def eat() -> None:
        eaten = []
        while True:
            eaten.append(bytearray(b"x" * 1_000_000))

    with pytest.raises(CutOffError, match=r"grew by .* MB .* where 50 MB are allowed"):
        run(eat, seconds=60, memory_mb=50)


def test_what_sits_in_the_system_is_left_behind() -> None:
    """It can't be stopped; the process knows of it until it ends."""
    done = threading.Event()
    with pytest.raises(CutOffError):
        confined(done.wait, seconds=0.05)
    assert any_left_behind()
    thread = isolation._cut_off[-1]
    assert thread.is_alive()
    done.set()
    thread.join(30)
    assert not thread.is_alive()


def test_cancelling_stops_the_thread() -> None:
    """Whoever awaits goes away, and so does what was awaited."""
    stopped = threading.Event()

    def spin() -> None:
        try:
            while True:
                pass
        finally:
            stopped.set()

    async def cancelled() -> None:
        task = asyncio.create_task(aconfined(spin, seconds=60))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert stopped.wait(30)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("one\n two"), "ValueError: one two"),
        (KeyError(), "KeyError"),
        (SelectionError("no answer"), "no answer"),
        (CutOffError("not done"), "not done"),
        (ValueError("red \x1b[31m\ud800"), "ValueError: red \\x1b[31m\\ud800"),
        (ValueError("x" * 2_000), f"ValueError: {'x' * 1_000}..."),
        (SpeechlessError(), "SpeechlessError: and what it says raises, too"),
        (ExceptionGroup("both", [OSError("down"), OSError()]), "OSError: down"),
    ],
)
def test_an_error_is_told_in_one_line(error: BaseException, text: str) -> None:
    """Ours speak for themselves; others are named with their kind."""
    assert in_words(error) == text
