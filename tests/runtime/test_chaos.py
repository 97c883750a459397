"""Many calls at once against providers that fail at random.

CI makes a few hundred; ``nox -s chaos`` makes ten thousand, and looks at the memory.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import random
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from llmhub_runtime import LLMHub, LLMHubRuntimeError, RuntimeConfig, parse_config
from llmhub_runtime.testing import (
    HEALTHY,
    TEXT,
    Act,
    Answer,
    FaultServer,
    Lane,
    Refusal,
    Reset,
    Script,
    Silence,
)

ROUNDS = int(os.environ.get("LLMHUB_CHAOS_ROUNDS", "1"))
CALLS = 500
IN_FLIGHT = 64
DEADLINE_SECONDS = 8.0
# A machine with other things to do may be late; a call that hangs is much later.
GRACE_SECONDS = 8.0
SAY = [{"role": "user", "content": "anything"}]
FAULTS: tuple[tuple[int, Act], ...] = (
    (240, HEALTHY),
    (4, Refusal(status=429)),
    (4, Refusal(status=429, retry_after_seconds=0.05)),
    (4, Refusal(status=500)),
    (4, Refusal(status=503)),
    (2, Refusal(status=529)),
    (1, Refusal(status=400, code="context_length_exceeded")),
    (1, Refusal(status=400, code="content_policy_violation")),
    (1, Refusal(status=404, code="model_not_found")),
    (4, Reset()),
    (1, Silence(seconds=5)),
    (2, Answer(wait_seconds=0.1)),
    (1, Answer(wait_seconds=5)),
    (3, Answer(ending="cut", words=30)),
    (1, Answer(ending="stalled", words=30, stall_seconds=5)),
    (3, Answer(ending="no_finish", words=30)),
    (2, Answer(ending="no_done")),
    (2, Answer(garbage_at=20)),
)


def chaos(seed: int) -> Script:
    """Return a script whose acts are drawn by chance, always the same for a seed."""
    weights, acts = zip(*FAULTS, strict=True)
    drawn = random.Random(seed).choices(acts, weights, k=4 * CALLS)
    return Script(acts=drawn)


def config_for(lane: Lane) -> RuntimeConfig:
    """Return roles with and without a fallback, whole and to be committed at once."""
    first = {"provider": "openai", "model": "m-1", "mode": "chat"}
    second = {"provider": "anthropic", "model": "c-1", "params": {"max_tokens": 99}}
    return parse_config(
        {
            "project": "chaos",
            "env": "test",
            "timeout": 2,
            "ttft_timeout": 2,
            "stream_idle_timeout": 1,
            "deadline": DEADLINE_SECONDS,
            "cooldown_time": 0.2,
            "backoff": {"initial": 0.01, "max": 0.1},
            "providers": {
                "openai": {"env_key": "CHAOS_KEY", "api_base": lane.url()},
                "anthropic": {"env_key": "CHAOS_KEY", "api_base": lane.bare_url()},
            },
            "roles": {
                "two": first | {"fallbacks": [second]},
                "all": first | {"fallbacks": [second], "commit": "complete"},
                "one": first | {"model": "m-2"},
            },
        }
    )


async def one_call(hub: LLMHub, number: int) -> str:
    """Make one call, and name what came of it."""
    role = ("two", "all", "one")[number % 3]
    try:
        async with asyncio.timeout(DEADLINE_SECONDS + GRACE_SECONDS):
            if number % 2:
                answer = await hub.acompletion(role, SAY)
                text = answer.choices[0].message.content
            else:
                chunks = await hub.acompletion(role, SAY, stream=True)
                heard = [chunk async for chunk in chunks]
                said = [one.choices[0].delta.content for one in heard if one.choices]
                text = "".join(part or "" for part in said)
    except LLMHubRuntimeError as error:
        return type(error).__name__ if str(error) else "an error without a text"
    assert text == TEXT
    return "answered"


async def one_round(hub: LLMHub) -> Counter[str]:
    """Make the calls of one round, so many at once, and count what came of them."""
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def call(number: int) -> str:
        async with gate:
            return await one_call(hub, number)

    return Counter(await asyncio.gather(*(call(number) for number in range(CALLS))))


def resident_bytes() -> int:
    """Return the memory that this process holds; 0 where that is not told."""
    told = Path("/proc/self/statm")
    pages = int(told.read_text().split()[1]) if told.exists() else 0
    return pages * os.sysconf("SC_PAGE_SIZE") if pages else 0


def open_sockets() -> int:
    """Return how many sockets this process has; 0 where that is not told."""
    folder = Path("/proc/self/fd")
    if not folder.exists():
        return 0
    links = []
    for one in folder.iterdir():
        try:
            links.append(str(one.readlink()))
        except OSError:  # the one that lists the folder
            continue
    return sum(link.startswith("socket:") for link in links)


def test_every_call_ends_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer or a typed error in time; no task, thread, socket or memory stays."""
    monkeypatch.setenv("CHAOS_KEY", "canary-chaos-1f")
    # pytest keeps what is logged, and would be the leak.
    monkeypatch.setattr(logging.getLogger("llmhub_runtime"), "disabled", True)
    ended: Counter[str] = Counter()
    memory: list[int] = []
    threads, sockets = set(threading.enumerate()), open_sockets()

    async def run(server: FaultServer) -> set[Any]:
        lane = server.lane()
        async with LLMHub(config_obj=config_for(lane)) as hub:
            for number in range(ROUNDS):
                lane.arm(
                    {
                        ("openai", "m-1"): chaos(3 * number),
                        ("openai", "m-2"): chaos(3 * number + 1),
                        ("anthropic", "c-1"): chaos(3 * number + 2),
                    }
                )
                ended.update(await one_round(hub))
                gc.collect()
                memory.append(resident_bytes())
        return asyncio.all_tasks() - {asyncio.current_task()}

    with FaultServer() as server:
        assert asyncio.run(run(server)) == set()
        assert server.wait_until(lambda one: one.open_connections == 0)
    assert ended.total() == ROUNDS * CALLS
    typed = {"CallFailedError", "CircuitOpenError", "StreamInterruptedError"}
    assert set(ended) <= {"answered", *typed}, ended
    assert ended["answered"] > 0.8 * ended.total(), ended
    gc.collect()
    assert set(threading.enumerate()) <= threads
    assert open_sockets() <= sockets
    if ROUNDS >= 10:
        # The first rounds fill caches; a leak of a kilobyte a call would be 7 MB.
        grown = memory[-1] - memory[ROUNDS // 4]
        assert grown < 4_000_000, [one // 1_000_000 for one in memory]
