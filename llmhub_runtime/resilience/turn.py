"""Turns: no stream keeps an event loop to itself.

What a provider, or a gateway that had kept it back, sends at once is read at once: the
SDKs wait for nothing as long as there is something to read. An answer of a thousand
parts then holds up everybody else on the loop for a tenth of a second, and sixty-four
of them for several.
"""

from __future__ import annotations

import asyncio
import time
from weakref import WeakKeyDictionary

__all__ = ["Turn", "turn_of"]

_LONGEST_SECONDS = 0.005


class Turn:
    """How long streams have been read since a loop last looked at everything else."""

    def __init__(self) -> None:
        self._began: float | None = None

    def is_over(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Say, after a part, whether whoever reads should let others go first."""
        now = time.monotonic()
        if self._began is None:
            self._began = now
            loop.call_soon(self._begin_anew)
        return now - self._began >= _LONGEST_SECONDS

    def _begin_anew(self) -> None:
        self._began = None


_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, Turn] = WeakKeyDictionary()


def turn_of(loop: asyncio.AbstractEventLoop) -> Turn:
    """Return the one turn that all streams of a loop share."""
    turn = _TURNS.get(loop)
    if turn is None:
        turn = _TURNS[loop] = Turn()
    return turn
