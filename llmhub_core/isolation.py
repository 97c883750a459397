"""A stranger's code in a thread of its own: cut off when it hangs or floods memory.

A thread is cheap, and what it blocks is only itself. It can't be killed: one that
runs Python is stopped by an exception, one that sits in a system call is left behind
as a daemon. What a thread can't hold back is code that ends the process from below
Python, or that never gives the interpreter up.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

from llmhub_core.errors import LLMHubError

__all__ = [
    "CutOffError",
    "EndedError",
    "aconfined",
    "any_left_behind",
    "confined",
    "in_words",
]

T = TypeVar("T")

_LOOK_SECONDS: Final = 0.1
_GLANCE_SECONDS: Final = 0.05
_LONGEST_WORDS: Final = 1_000
_STATM: Final = Path("/proc/self/statm")

#: Threads that were cut off; one that has ended since is harmless.
_cut_off: Final[list[threading.Thread]] = []


class CutOffError(Exception):
    """The code was not done in time, or took too much memory; the text says which."""


class EndedError(Exception):
    """The code raised what would end the process, not the call; the text says what."""


class _StopError(SystemExit):
    """Raised inside a thread to end it; threads end by SystemExit in silence."""


class _Run(Generic[T]):
    """One call on its way."""

    def __init__(self, call: Callable[[], T], seconds: float, memory_mb: float) -> None:
        self.ended: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._call = call
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._resident = _resident_bytes()
        self._due = time.monotonic() + seconds
        self._folder = _folder()
        self._value: T
        self._error: BaseException | None = None
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._work,))
        self._thread.daemon = True
        self._thread.start()

    def _work(self) -> None:
        try:
            self._value = self._call()
        # Handed over, whatever it is: the caller decides.
        except BaseException as error:  # noqa: BLE001
            self._error = error
        self.ended.set_result(None)

    def patience_seconds(self) -> float:
        """How long to wait before the next look."""
        return max(0.0, min(_LOOK_SECONDS, self._due - time.monotonic()))

    def look(self) -> None:
        """Cut the call off when it may go on no longer.

        Raises:
            CutOffError: It was.
        """
        grown = (_resident_bytes() - self._resident) / 1e6
        if grown > self._memory_mb:
            self.stop()
            raise CutOffError(
                f"memory grew by {grown:,.0f} MB while it ran, where "
                f"{self._memory_mb:,.0f} MB are allowed"
            )
        if time.monotonic() >= self._due:
            self.stop()
            raise CutOffError(f"not done within {self._seconds:g} s")

    def stop(self) -> None:
        """Stop the thread, or leave it behind."""
        import ctypes

        _cut_off.append(self._thread)
        if sys.gettrace() is not None and not self._is_busy():
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(self._thread.ident or 0), ctypes.py_object(_StopError)
        )

    def _is_busy(self) -> bool:
        """Whether the thread computes, so that an exception reaches it at once.

        One that sits in the system would leave it pending, and under a tracer such
        as coverage's CPython 3.11 spins on a pending exception of another thread.
        """
        clock_of = getattr(time, "pthread_getcpuclockid", None)
        # The clock of a thread that has ended must not be asked for.
        if clock_of is None or self._thread.ident is None or self.ended.done():
            return True
        clock = clock_of(self._thread.ident)
        before = time.clock_gettime(clock)
        concurrent.futures.wait([self.ended], _GLANCE_SECONDS)
        return self.ended.done() or time.clock_gettime(clock) > before

    def outcome(self) -> T:
        """What the call returned; raises what it raised.

        Raises:
            EndedError: That was no ordinary exception. Ctrl-C is none of it: it comes
                to the main thread, never to this one.
        """
        if self._error is None:
            return self._value
        if isinstance(self._error, Exception):
            raise self._error
        raise EndedError(in_words(self._error)) from self._error

    def return_to_folder(self) -> None:
        """Undo a change of the working directory, which all threads share."""
        if self._folder is not None and self._folder != _folder():
            # Gone meanwhile: then nobody can go back.
            with contextlib.suppress(OSError):
                os.chdir(self._folder)


def confined(call: Callable[[], T], *, seconds: float, memory_mb: float = 1024.0) -> T:
    """Run something and wait for it, but not for ever.

    Args:
        call: Runs in a daemon thread, with the context variables of here.
        seconds: How long it may take.
        memory_mb: By how much the process may grow meanwhile. Other threads count
            as well; without a limit where there is no ``/proc`` to tell.

    Returns:
        What it returned. The working directory is what it was.

    Raises:
        CutOffError: It took too long or too much.
        EndedError: It raised ``SystemExit`` or the like.
        Exception: Whatever else it raised.
    """
    run = _Run(call, seconds, memory_mb)
    try:
        while not concurrent.futures.wait([run.ended], run.patience_seconds()).done:
            run.look()
    except KeyboardInterrupt:
        run.stop()
        raise
    finally:
        run.return_to_folder()
    return run.outcome()


async def aconfined(
    call: Callable[[], T], *, seconds: float, memory_mb: float = 1024.0
) -> T:
    """Run something and await it; see :func:`confined`.

    When the awaiting task is cancelled, the thread is stopped or left behind.
    """
    run = _Run(call, seconds, memory_mb)
    ended = asyncio.wrap_future(run.ended)
    try:
        while not (await asyncio.wait([ended], timeout=run.patience_seconds()))[0]:
            run.look()
    except asyncio.CancelledError:
        run.stop()
        raise
    finally:
        run.return_to_folder()
    return run.outcome()


def in_words(error: BaseException) -> str:
    """What a stranger's code raised, in one line that a terminal can show."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    kind = type(error).__name__
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - it is the stranger's code again
        text = "and what it says raises, too"
    if not text.isprintable():
        text = ascii(text)[1:-1]
    if len(text) > _LONGEST_WORDS:
        text = f"{text[:_LONGEST_WORDS]}..."
    if isinstance(error, (CutOffError, EndedError, LLMHubError)):
        return text
    return f"{kind}: {text}" if text else kind


def any_left_behind() -> bool:
    """Whether a thread that was cut off still runs, and may keep the process alive."""
    return any(thread.is_alive() for thread in _cut_off)


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - a text to compare
    except OSError:
        return None


def _resident_bytes() -> int:
    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
