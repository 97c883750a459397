"""What a streamed call returns: its parts, and what became of the call."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Generator
from types import TracebackType
from typing import Any, Self, TypeVar

from llmhub_runtime.journal import Journal
from llmhub_runtime.metadata import CallMetadata

__all__ = ["AnswerStream", "AsyncAnswerStream"]

T = TypeVar("T")


class AnswerStream(Generator[T, None, None]):
    """The parts of an answer, as they come.

    Closing or dropping it ends the stream. ``contextlib.closing`` does so in time.
    """

    def __init__(self, items: Generator[T, None, None], journal: Journal) -> None:
        self._items = items
        self._journal = journal

    @property
    def llmhub(self) -> CallMetadata:
        """The record of the call; what the end of the stream tells comes at its end."""
        return self._journal.record()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        return next(self._items)

    def send(self, value: None, /) -> T:
        """Return the next part; there is nothing to be sent."""
        return self._items.send(value)

    def throw(
        self,
        kind: Any,
        value: Any = None,
        trace: TracebackType | None = None,
        /,
    ) -> T:
        """End the stream with an exception."""
        error = kind if value is None else value
        return self._items.throw(error)

    def close(self) -> None:
        """End the stream."""
        self._items.close()


class AsyncAnswerStream(AsyncGenerator[T, None]):
    """The parts of an answer, as they come.

    Closing or dropping it ends the stream. ``contextlib.aclosing`` does so in time.
    """

    def __init__(self, items: AsyncGenerator[T, None], journal: Journal) -> None:
        self._items = items
        self._journal = journal

    @property
    def llmhub(self) -> CallMetadata:
        """The record of the call; what the end of the stream tells comes at its end."""
        return self._journal.record()

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Awaitable[T]:  # type: ignore[override]
        return self._items.__anext__()

    def asend(self, value: None, /) -> Any:
        """Return the next part; there is nothing to be sent."""
        return self._items.asend(value)

    def athrow(
        self,
        kind: Any,
        value: Any = None,
        trace: TracebackType | None = None,
        /,
    ) -> Any:
        """End the stream with an exception."""
        error = kind if value is None else value
        return self._items.athrow(error)

    def aclose(self) -> Any:
        """End the stream."""
        return self._items.aclose()
