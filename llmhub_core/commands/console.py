"""What commands print, and where: data to stdout, everything else to stderr."""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from llmhub_core.commands.stdout import data_stream
from llmhub_core.commands.table import Column, lay_out

if TYPE_CHECKING:
    from llmhub_core.catalog.gather import Progress
    from llmhub_core.records.catalog import SourceStatus

__all__ = [
    "Console",
    "age",
    "age_of",
    "counted",
    "dollars",
    "per_million",
    "rating",
]

_SHOW_PROGRESS_AFTER_SECONDS = 1.0
_CLEAR_LINE = "\r\x1b[K"


def _tell_nobody(_: SourceStatus) -> None:
    """Take news that nobody sees."""


@frozen(kw_only=True)
class Console:
    """How to print, as the command's global options say.

    Attributes:
        quiet: Print data and errors only.
        no_color: No colours, as with ``NO_COLOR``.
        debug: Let errors through with their tracebacks.
    """

    quiet: bool = False
    no_color: bool = False
    debug: bool = False

    def data(self, text: str) -> None:
        """Print what was asked for."""
        stream = data_stream()
        click.echo(text, file=stream, color=self._color(stream.isatty()))

    def json(self, value: Any) -> None:
        """Print what was asked for, for programs."""
        stream = data_stream()
        plain = codecs.lookup(stream.encoding).name != "utf-8"
        text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=plain)
        click.echo(text, file=stream)

    def note(self, text: str) -> None:
        """Tell what happened."""
        if not self.quiet:
            click.echo(text, err=True, color=self._color(sys.stderr.isatty()))

    def warn(self, text: str) -> None:
        """Tell what is not as it should be."""
        mark = click.style("warning:", fg="yellow")
        click.echo(f"{mark} {text}", err=True, color=self._color(sys.stderr.isatty()))

    def strong(self, text: str) -> str:
        """Make text stand out, where there is colour."""
        return click.style(text, bold=True)

    def faint(self, text: str) -> str:
        """Make text step back, where there is colour."""
        return click.style(text, dim=True)

    def table(
        self, columns: Sequence[Column | str], rows: Sequence[Sequence[str]]
    ) -> None:
        """Print rows under heads.

        On a terminal the table fits its width: words fold, and columns that have
        no room are left out and named on stderr. Elsewhere nothing is left out.
        Without rows nothing is printed.

        Args:
            columns: A head by itself is a column that folds.
            rows: One cell per column.
        """
        if not rows:
            return
        made = [
            column if isinstance(column, Column) else Column(column, folds=place > 0)
            for place, column in enumerate(columns)
        ]
        terminal = data_stream().isatty()
        width = shutil.get_terminal_size().columns if terminal else None
        laid = lay_out(made, rows, width)
        self.data("\n".join(("", self.strong(laid.head), *laid.lines, "")))
        if laid.dropped:
            left_out = ", ".join(dict.fromkeys(laid.dropped))
            self.note(f"no room for: {left_out}; a wider terminal or --json has it")

    @contextlib.contextmanager
    def progress(self, doing: str) -> Iterator[Progress]:
        """Show on a terminal how sources come in, once it takes over a second.

        Args:
            doing: What takes the time.

        Yields:
            A function to call as each source ends.
        """
        if self.quiet or not sys.stderr.isatty():
            yield _tell_nobody
            return
        names: list[str] = []
        late = threading.Event()

        def show() -> None:
            come = f": {', '.join(names)} in" if names else ""
            click.echo(f"{_CLEAR_LINE}{doing}{come} ...", err=True, nl=False)

        def wake() -> None:
            late.set()
            show()

        def tell(status: SourceStatus) -> None:
            names.append(status.name)
            if late.is_set():
                show()

        timer = threading.Timer(_SHOW_PROGRESS_AFTER_SECONDS, wake)
        timer.daemon = True
        timer.start()
        try:
            yield tell
        finally:
            timer.cancel()
            if late.is_set():
                click.echo(_CLEAR_LINE, err=True, nl=False)

    def _color(self, terminal: bool) -> bool:  # noqa: FBT001
        return terminal and not self.no_color and not os.environ.get("NO_COLOR")


def counted(number: int, noun: str) -> str:
    """Write how many there are of something."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def dollars(amount: float | None) -> str:
    """Write US dollars with three significant digits; ``-`` when unknown."""
    if amount is None:
        return "-"
    decimals = 2
    while 0 < amount < 10 ** (2 - decimals) and decimals < 12:
        decimals += 1
    whole, _, part = f"{amount:,.{decimals}f}".partition(".")
    return f"${whole}.{part.rstrip('0').ljust(2, '0')}"


def per_million(price_input: float | None, price_output: float | None) -> str:
    """Write a price list entry: dollars per million tokens in and out."""
    if price_input is None and price_output is None:
        return "price unknown"
    return f"{dollars(price_input)} in, {dollars(price_output)} out per 1M tokens"


def rating(score: float | None, low: float | None, high: float | None) -> str:
    """Write a rating with its 95 % interval."""
    if score is None:
        return "not rated"
    if low is None or high is None:
        return f"{score:.0f}"
    return f"{score:.0f} ({low:.0f}-{high:.0f})"


def age(seconds: float | None) -> str:
    """Write how long ago something was, in one unit."""
    if seconds is None:
        return "of unknown age"
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            return f"{counted(int(seconds // size), unit)} old"
    return "just now"


def age_of(moment: str | None) -> str:
    """Write how long ago a moment in ISO 8601 was."""
    from datetime import UTC, datetime

    if moment is None:
        return "-"
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return "-"
    return age((datetime.now(UTC) - then).total_seconds())
