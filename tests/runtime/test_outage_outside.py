"""Failover Bench's outage (S15), on a server that shares no code with the runtime.

A minute of 503 and twenty calls, one every four seconds, forty times as fast.
``LLMHUB_OUTAGE_SCALE=1`` takes its time.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from llmhub_runtime import LLMHub, parse_config

SCALE = float(os.environ.get("LLMHUB_OUTAGE_SCALE", "0.025"))
OUTAGE_SECONDS = 60 * SCALE
PERIOD_SECONDS = 4 * SCALE
COOLDOWN_SECONDS = 20 * SCALE
CALLS = 20
SAY = [{"role": "user", "content": "hello"}]


def config(url: str) -> dict[str, Any]:
    """Return a role with a fallback at the same address, and quick retries."""
    fallback = {"provider": "openai", "model": "second"}
    role = {"provider": "openai", "model": "first", "mode": "chat"}
    return {
        "project": "p",
        "env": "test",
        "cooldown_time": COOLDOWN_SECONDS,
        "backoff": {"initial": 0.5 * SCALE},
        "providers": {"openai": {"env_key": "OUTAGE_KEY", "api_base": url}},
        "roles": {"r": role | {"fallbacks": [fallback]}},
    }


def call_in_sync(hub: LLMHub, number: int, began: float) -> str:
    """Make the call of this number when its time has come; return who answered."""
    time.sleep(max(0.0, began + number * PERIOD_SECONDS - time.monotonic()))
    if number % 2:
        (*_, last) = hub.completion("r", SAY, stream=True)
        return last.model
    return hub.completion("r", SAY).model


def in_sync(hub: LLMHub, began: float) -> list[str]:
    """Make the calls from threads, as the fourth may be due before the third ends."""
    served = [""] * CALLS

    def one(number: int) -> None:
        served[number] = call_in_sync(hub, number, began)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(CALLS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return served


def in_async(hub: LLMHub, began: float) -> list[str]:
    """Make the calls from one event loop."""

    async def one(number: int) -> str:
        await asyncio.sleep(began + number * PERIOD_SECONDS - time.monotonic())
        if number % 2:
            stream = await hub.acompletion("r", SAY, stream=True)
            return [part.model async for part in stream][-1]
        return (await hub.acompletion("r", SAY)).model

    async def main() -> list[str]:
        async with hub:
            return await asyncio.gather(*map(one, range(CALLS)))

    return asyncio.run(main())


@pytest.mark.parametrize("calls", [in_sync, in_async])
def test_a_minute_without_the_first_model(
    provider: Any,
    monkeypatch: pytest.MonkeyPatch,
    calls: Callable[[LLMHub, float], list[str]],
) -> None:
    """All are served, the first is probed once a cooldown, and is back after one."""
    monkeypatch.setenv("OUTAGE_KEY", "k-1")
    asked: list[tuple[float, str]] = []
    with LLMHub(config_obj=parse_config(config(provider.url))) as hub:
        hub.completion("r", SAY)  # the SDK is imported, and a connection open
        began = time.monotonic()

        def judge(seen: Any) -> tuple[int, dict[str, Any], dict[str, str]] | None:
            at, model = time.monotonic() - began, seen.body["model"]
            asked.append((at, model))
            down = model == "first" and at < OUTAGE_SECONDS
            return (503, {"error": {"message": "down"}}, {}) if down else None

        provider.judge = judge
        served = calls(hub, began)

    assert set(served) == {"first", "second"}
    assert served[0] == "second"
    assert served[-1] == "first"
    # Three attempts open the breaker; calls that had begun by then may end theirs, and
    # then there is one probe a cooldown. Without a breaker it would be 45.
    refused = [at for at, model in asked if model == "first" and at < OUTAGE_SECONDS]
    assert 4 <= len(refused) <= 6 + OUTAGE_SECONDS / COOLDOWN_SECONDS
    # All other requests are the one answer that each call got.
    assert len(asked) - len(refused) == CALLS
