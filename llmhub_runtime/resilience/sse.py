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
from contextvars import ContextVar
from functools import lru_cache
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
        sdk._make_sse_decoder = lambda: _tolerant(make(), provider)  # noqa: SLF001


def _tolerant(decoder: Any, provider: str) -> Any:
    kind: Any = type(decoder)
    decoder.__class__ = _tolerant_kind(kind, provider)
    return decoder


@lru_cache
def _tolerant_kind(kind: Any, provider: str) -> Any:
    """Make a decoder of an SDK's kind that leaves out what it can't read."""
    decode = kind.decode

    class Tolerant(kind):  # type: ignore[misc]
        def decode(self, line: str) -> Any:
            event = decode(self, line)
            if event is None or event.data.startswith("[DONE]"):
                return event
            try:
                content = json.loads(event.data)
            except ValueError:
                # What an error says need not be JSON.
                if event.event == "error" or every_event_counts.get():
                    return event
                logger.warning(
                    "event.skipped: %s sent a part of a stream that is not JSON",
                    provider,
                    extra={"event": "event.skipped"},
                )
                return None
            event.json = lambda: content  # it is parsed only once
            return event

    return Tolerant
