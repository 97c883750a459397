"""Server-sent events that are not JSON, through the decoders of the real SDKs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from llmhub_runtime.resilience.sse import every_event_counts, skip_malformed_events

GOOD = b'data: {"a": 1}\n\n'


def decoder_of(sdk: str) -> Any:
    """Return a tolerant client of an SDK."""
    if sdk == "openai":
        from openai import AsyncOpenAI

        client: Any = AsyncOpenAI(api_key="x")
    else:
        from anthropic import AsyncAnthropic

        client = AsyncAnthropic(api_key="x")
    skip_malformed_events(client, sdk)
    return client._make_sse_decoder()


async def events(sdk: str, content: bytes, size: int = 7) -> list[Any]:
    """Decode some bytes that come in small pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), size):
            yield content[start : start + size]

    return [event async for event in decoder_of(sdk).aiter_bytes(pieces())]


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
@pytest.mark.parametrize(
    "bad", [b'data: {"a": \n\n', b"data: {]}\n\n", b"data: \n\n", b"data: oops\n\n"]
)
def test_event_that_is_not_json_is_left_out(
    sdk: str, bad: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Those around it are read, and it is logged."""
    done = b"data: [DONE]\n\n"
    found = asyncio.run(events(sdk, GOOD + bad + GOOD + done))
    assert [event.json() for event in found[:-1]] == [{"a": 1}, {"a": 1}]
    assert found[-1].data == "[DONE]"
    (record,) = caplog.records
    assert record.event == "event.skipped"  # type: ignore[attr-defined]
    assert sdk in record.getMessage()


def test_error_event_is_the_sdks_to_read() -> None:
    """Whatever it holds."""
    (event,) = asyncio.run(events("anthropic", b"event: error\ndata: overloaded\n\n"))
    assert event.data == "overloaded"


def test_event_is_left_to_the_sdk_where_every_one_counts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An answer that can begin anew does so, rather than lack a word."""
    caplog.set_level(logging.DEBUG)

    async def main() -> None:
        every_event_counts.set(True)
        first, bad = await events("openai", GOOD + b"data: oops\n\n")
        assert first.json() == {"a": 1}
        with pytest.raises(ValueError, match="Expecting value"):
            bad.json()

    asyncio.run(main())
    assert [one for one in caplog.records if one.name == "llmhub_runtime"] == []


def test_client_without_such_a_decoder_stays_as_it_is() -> None:
    """Other SDKs read their streams in other ways."""
    sdk = SimpleNamespace()
    skip_malformed_events(sdk, "other")
    skip_malformed_events(None, "other")
    assert vars(sdk) == {}
