"""Streams that come all at once leave the event loop to others now and then."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from llmhub_runtime import LLMHub, parse_config
from llmhub_runtime.resilience import turn
from llmhub_runtime.resilience.turn import Turn, turn_of

PARTS = 200
SAY = [{"role": "user", "content": "much"}]


def burst() -> bytes:
    """Return an answer in many parts, as bytes that are sent at once."""
    ends: list[str | None] = [*[None] * (PARTS - 1), "stop"]
    head = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    choices = [
        {"index": 0, "delta": {"content": "word "}, "finish_reason": end}
        for end in ends
    ]
    events = [json.dumps(head | {"choices": [choice]}) for choice in choices]
    body = "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"]).encode()
    kind = b"content-type: text/event-stream\r\nconnection: close"
    return b"HTTP/1.1 200 OK\r\n%b\r\ncontent-length: %d\r\n\r\n%b" % (
        kind,
        len(body),
        body,
    )


async def provide(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request with the burst."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(burst())
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def turns_of_others() -> int:
    """Read a burst, and count how often another task had its turn meanwhile."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with await asyncio.start_server(provide, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        config = {
            "project": "p",
            "env": "dev",
            "providers": {"openai": {"env_key": "TURN_KEY", "api_base": address}},
            "roles": {"r": {"provider": "openai", "model": "m", "mode": "chat"}},
        }
        async with LLMHub(config_obj=parse_config(config)) as hub:
            stream = await hub.acompletion("r", SAY, stream=True)
            task = asyncio.create_task(other())
            parts = [part async for part in stream]
            task.cancel()
    assert len(parts) == PARTS
    return turns


@pytest.mark.parametrize(
    ("longest", "least", "most"), [(0, PARTS - 10, None), (60, 0, PARTS / 2)]
)
def test_a_burst_is_read_in_turns(
    monkeypatch: pytest.MonkeyPatch, longest: float, least: int, most: float | None
) -> None:
    """What came at once is read for a while, and then others have their turn."""
    monkeypatch.setenv("TURN_KEY", "k")
    monkeypatch.setattr(turn, "_LONGEST_SECONDS", longest)
    turns = asyncio.run(turns_of_others())
    assert turns >= least
    assert most is None or turns < most


class Loop:
    """An event loop, as far as turns look at one."""

    def __init__(self) -> None:
        self.soon: list[Callable[[], Any]] = []

    def call_soon(self, callback: Callable[[], Any]) -> None:
        """Keep what is to be called when the loop comes round."""
        self.soon.append(callback)


def test_all_streams_of_a_loop_share_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many read, a turn ends in time, and begins anew with the loop."""
    now = iter((0.0, 0.001, 0.006, 0.007, 0.008))
    monkeypatch.setattr(turn, "time", SimpleNamespace(monotonic=lambda: next(now)))
    loop: Any = Loop()
    shared = Turn()
    assert not shared.is_over(loop)
    assert not shared.is_over(loop)
    assert shared.is_over(loop)
    assert shared.is_over(loop)
    (begin_anew,) = loop.soon
    begin_anew()
    assert not shared.is_over(loop)


def test_a_loop_has_one_turn() -> None:
    """Two loops have two."""

    async def twice() -> Turn:
        loop = asyncio.get_running_loop()
        assert turn_of(loop) is turn_of(loop)
        return turn_of(loop)

    assert asyncio.run(twice()) is not asyncio.run(twice())
