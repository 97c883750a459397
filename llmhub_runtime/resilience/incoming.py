"""An answer in parts on its way in: what an attempt at a stream opens."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, Generic, Self, TypeVar

from attrs import frozen

__all__ = ["Incoming"]

T = TypeVar("T")


def _as_it_is(_: Exception) -> None:
    """Leave an error as it is."""


@frozen(kw_only=True)
class Incoming(Generic[T]):
    """A stream that is open. Whoever holds it has to close it, once.

    Attributes:
        parts: What is still to come.
        close: Closes it, however far it came.
        first: A part that has come already; None when none has.
        keeps_usage: Parts without choices tell the usage to the hub alone: the caller
            did not ask for it.
        clear: Called with what reading raised: takes keys out of it, or raises what
            is to blame instead.
    """

    parts: AsyncIterator[T]
    close: Callable[[], Awaitable[None]]
    first: T | None = None
    keeps_usage: bool = False
    clear: Callable[[Exception], None] = _as_it_is

    @classmethod
    def of(cls, parts: AsyncGenerator[T, None]) -> Self:
        """Take what an async generator gives for a stream."""
        return cls(parts=parts, close=parts.aclose)

    def hands_out(self, part: Any) -> bool:
        """Say whether a part is for the caller."""
        return not self.keeps_usage or bool(part.choices)
