"""Server-sent events with a bad one among them.

The SDKs that Stainless generates (openai, anthropic and most of what any-llm builds on
them) give up a stream at the first event that is not JSON. Here such an event is left
out. Whether the rest makes a whole answer shows at its end: one that lacks its finish
reason is as good as cut short. But nobody can tell whether the event held a word or
two. Where the answer may still begin anew, ``every_event_counts``, and it does.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

__all__ = ["every_event_counts", "skip_malformed_events"]

every_event_counts: ContextVar[bool] = ContextVar("every_event_counts", default=False)
"""Whether, for what the running task reads, a bad event is left to the SDK to raise."""

logger = logging.getLogger("llmhub_runtime")


def skip_malformed_events(sdk: Any, provider: str) -> None:
    """Make the streams of an SDK's client go on after an event that is not JSON.

    Args:
        sdk: The client of an SDK; one without such decoders stays as it is.
        provider: Whose it is, for the log.
    """
    make = getattr(sdk, "_make_sse_decoder", None)
    if make is not None:
        sdk._make_sse_decoder = lambda: _Decoder(make(), provider)  # noqa: SLF001


class _Decoder:
    """An SDK's decoder, without the events that it could not read."""

    def __init__(self, decoder: Any, provider: str) -> None:
        self._decoder = decoder
        self._provider = provider

    def aiter_bytes(self, source: AsyncIterator[bytes]) -> _Events:
        """Return the events in some bytes."""
        return _Events(aiter(self._decoder.aiter_bytes(source)), self._provider)


class _Events(AsyncIterator[Any]):
    """The events of a stream that can be read.

    No async generator: the SDKs stop reading at the last event, and a generator that
    is dropped unfinished costs the event loop a task to close it.
    """

    def __init__(self, events: AsyncIterator[Any], provider: str) -> None:
        self._events = events
        self._provider = provider

    async def __anext__(self) -> Any:
        while True:
            event = await anext(self._events)
            try:
                content = json.loads(event.data)
            except ValueError:
                # What these say need not be JSON.
                closing = event.event == "error" or event.data.startswith("[DONE]")
                if closing or every_event_counts.get():
                    return event
                logger.warning(
                    "event.skipped: %s sent a part of a stream that is not JSON",
                    self._provider,
                    extra={"event": "event.skipped"},
                )
            else:
                event.json = lambda content=content: content  # it is parsed only once
                return event
