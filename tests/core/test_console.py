"""How amounts are written, and what a terminal shows while sources answer."""

from __future__ import annotations

import contextlib
import os
import pty
import select
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.commands import console as module
from llmhub_core.commands.console import (
    Console,
    age,
    age_of,
    counted,
    dollars,
    per_million,
    rating,
)
from llmhub_core.records.catalog import SourceStatus

ARENA = SourceStatus(name="arena", state="fresh")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "-"),
        (0, "$0.00"),
        (25, "$25.00"),
        (1234.5, "$1,234.50"),
        (0.15, "$0.15"),
        (0.075, "$0.075"),
        (0.00123456, "$0.00123"),
        (0.0000005, "$0.0000005"),
        (1e-15, "$0.00"),
    ],
)
def test_dollars_keep_three_digits(amount: float | None, text: str) -> None:
    """Two decimals at least, more for what is small, a dash for the unknown."""
    assert dollars(amount) == text


@given(st.floats(min_value=1e-9, max_value=1e6))
def test_dollars_are_near_what_they_write(amount: float) -> None:
    """Written and read again, a price is off by half a percent, or half a cent."""
    read = float(dollars(amount).removeprefix("$").replace(",", ""))
    assert abs(read - amount) <= max(0.005 * amount, 0.0050001 * (amount >= 1))


def test_a_price_list_entry_says_what_is_unknown() -> None:
    """One side may be; with neither there is no entry."""
    assert per_million(5, 25) == "$5.00 in, $25.00 out per 1M tokens"
    assert per_million(0.02, None) == "$0.02 in, - out per 1M tokens"
    assert per_million(None, None) == "price unknown"


def test_a_rating_is_written_with_its_interval() -> None:
    """Where the board gives one."""
    assert rating(1465.4, 1460, 1470.6) == "1465 (1460-1471)"
    assert rating(1465.4, None, 1470) == "1465"
    assert rating(1465.4, 1460, None) == "1465"
    assert rating(None, 1460, 1470) == "not rated"


def test_counts_agree_with_their_nouns() -> None:
    """One model, two models, no models."""
    assert [counted(n, "model") for n in (0, 1, 2, 6731)] == [
        "0 models",
        "1 model",
        "2 models",
        "6,731 models",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "of unknown age"),
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute old"),
        (7199, "1 hour old"),
        (7200, "2 hours old"),
        (86_400 * 30, "30 days old"),
    ],
)
def test_an_age_has_one_unit(seconds: float | None, text: str) -> None:
    """The largest that fits, cut to whole ones."""
    assert age(seconds) == text


def test_the_age_of_a_moment() -> None:
    """Counted from now; what is no moment has no age."""
    moment = (datetime.now(UTC) - timedelta(hours=3, minutes=5)).isoformat()
    assert age_of(moment) == "3 hours old"
    assert age_of(None) == "-"
    assert age_of("lately") == "-"


@contextlib.contextmanager
def _terminal() -> Iterator[int]:
    """A real terminal as stderr; what it shows can be read here.

    No fixture: pytest sets its own stderr between those and the test.
    """
    ours, theirs = pty.openpty()
    with (
        os.fdopen(theirs, "w", encoding="utf-8") as stream,
        contextlib.redirect_stderr(stream),
    ):
        yield ours
    os.close(ours)


def _until(terminal: int, end: bytes) -> bytes:
    said = b""
    while not said.endswith(end):
        assert select.select([terminal], [], [], 30)[0], said
        said += os.read(terminal, 1024)
    return said


def test_on_a_terminal_late_sources_are_named_as_they_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One line, written over each time, gone at the end."""
    monkeypatch.setattr(module, "_SHOW_PROGRESS_AFTER_SECONDS", 0)
    with _terminal() as terminal:
        with Console().progress("asking") as tell:
            assert _until(terminal, b" ...") == b"\r\x1b[Kasking ..."
            tell(ARENA)
            assert _until(terminal, b" ...") == b"\r\x1b[Kasking: arena in ..."
            tell(SourceStatus(name="models-dev", state="stale"))
            shown = b"\r\x1b[Kasking: arena, models-dev in ..."
            assert _until(terminal, b" ...") == shown
        Console().note("done")
        assert _until(terminal, b"\n") == b"\r\x1b[Kdone\r\n"


@pytest.mark.parametrize("quiet", [False, True])
def test_what_is_quick_or_quiet_shows_no_progress(
    monkeypatch: pytest.MonkeyPatch, quiet: bool
) -> None:
    """The line does not flicker by; with ``--quiet`` it never comes."""
    monkeypatch.setattr(module, "_SHOW_PROGRESS_AFTER_SECONDS", 0 if quiet else 3600)
    with _terminal() as terminal:
        with Console(quiet=quiet).progress("asking") as tell:
            tell(ARENA)
        Console(no_color=True).warn("end")
        assert _until(terminal, b"\n") == b"warning: end\r\n"


def test_off_a_terminal_there_is_no_progress(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs hold no control characters."""
    monkeypatch.setattr(module, "_SHOW_PROGRESS_AFTER_SECONDS", 0)
    with Console().progress("asking") as tell:
        tell(ARENA)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("no_color", "environ", "text"),
    [
        (False, "", b"\x1b[33mwarning:\x1b[0m odd\r\n"),
        (True, "", b"warning: odd\r\n"),
        (False, "1", b"warning: odd\r\n"),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    monkeypatch: pytest.MonkeyPatch,
    no_color: bool,
    environ: str,
    text: bytes,
) -> None:
    """``--no-color`` and ``NO_COLOR`` both do without."""
    monkeypatch.setenv("NO_COLOR", environ)
    with _terminal() as terminal:
        Console(no_color=no_color).warn("odd")
        assert _until(terminal, b"\n") == text
