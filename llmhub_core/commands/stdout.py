"""Standard output kept for what was asked for, whoever else prints."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from typing import TextIO

from attrs import frozen

__all__ = [
    "close_for_good",
    "data_stream",
    "give_back",
    "keep_for_data",
    "make_writable",
]


@frozen(kw_only=True)
class _Kept:
    data: TextIO
    before: TextIO
    descriptor: int | None


_kept: _Kept | None = None
_NEAREST = {"\N{BOX DRAWINGS LIGHT HORIZONTAL}": "-"}


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(_NEAREST.get(letter, "?") for letter in letters), error.end


def make_writable() -> None:
    """Let every text be printed, wherever the process was started.

    A process may have neither stdout nor stderr, as a service; what Windows sends to
    a file is in an encoding that lacks most letters.
    """
    codecs.register_error("llmhub-nearest", _nearest)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
            setattr(sys, name, nowhere)
        elif isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="llmhub-nearest")


def keep_for_data() -> None:
    """Send whatever is printed from now on to stderr, and data alone to stdout.

    Plugins are strangers' code: what they print, and what programs that they start
    print, would end up in the middle of ``--json``. The file descriptor is turned
    round, not only ``sys.stdout``, so that C code and child processes are covered.
    """
    global _kept  # noqa: PLW0603 - a process has one standard output
    if _kept is not None:
        return
    before = sys.stdout
    before.flush()
    if not _is_of_the_process(before):
        # Somebody captures what is printed: the descriptor is not ours to turn.
        _kept = _Kept(data=before, before=before, descriptor=None)
        sys.stdout = sys.stderr
        return
    descriptor = os.dup(1)
    os.dup2(2, 1)
    data = os.fdopen(descriptor, "w", encoding=before.encoding, errors=before.errors)
    _kept = _Kept(data=data, before=before, descriptor=descriptor)


def _is_of_the_process(stream: TextIO) -> bool:
    return stream is sys.__stdout__


def data_stream() -> TextIO:
    """Where data goes."""
    return sys.stdout if _kept is None else _kept.data


def close_for_good() -> None:
    """Close what data goes to, as the process ends.

    What can't be written by now has been told. Left open, it would be tried once more
    by the interpreter, which complains of that from Python 3.13 on.
    """
    if _kept is not None and _kept.descriptor is not None:
        with contextlib.suppress(OSError):
            _kept.data.close()


def give_back() -> None:
    """Make standard output what it was, for a process that goes on."""
    global _kept
    if _kept is None:
        return
    kept, _kept = _kept, None
    kept.data.flush()
    kept.before.flush()
    if kept.descriptor is not None:
        os.dup2(kept.descriptor, 1)
        kept.data.close()
    sys.stdout = kept.before
