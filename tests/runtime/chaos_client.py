"""Many calls at once, and what they leave behind, in a process of their own.

    python chaos_client.py ADDRESS ROUNDS CALLS

calls the providers of ``chaos_provider.py``, and prints as JSON what came of it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import threading
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from attrs import asdict, define, field

from llmhub_runtime import LLMHub, LLMHubRuntimeError, parse_config
from llmhub_runtime.testing import TEXT

IN_FLIGHT = 64
BEAT_SECONDS = 0.005
#: The SDKs keep a connection that nobody uses for five seconds.
KEPT_SECONDS = 5.5
LOOKS = 4
STALL_SECONDS = 0.05
SAY = [{"role": "user", "content": "anything"}]
#: The roles that are called in turn, and the deadlines of their calls.
DEADLINES = {"two": 8.0, "all": 8.0, "one": 8.0, "brief": 1.5}


@define
class Findings:
    """What was seen.

    Attributes:
        ended: How many calls ended how.
        overdue_seconds: By how much the slowest call missed its deadline, or a
            negative number.
        resident_bytes: The memory of the process after each quarter of the rounds,
            when all is quiet; 0 where the system does not tell.
        blocks: How many blocks of memory Python had given out by then.
        stalls: For how much processor time the event loop saw to nothing else, each
            time that it was 50 ms or more.
        longest_seconds: The longest such time, however short.
        late_seconds: The longest that anything waited, also for the machine.
        tasks: How many tasks were left.
        threads: The threads that were left.
        sockets: How many sockets were left; 0 where the system does not tell.
        complaints: Warnings, and exceptions that nobody could be told of.
    """

    ended: Counter[str] = field(factory=Counter)
    overdue_seconds: float = float("-inf")
    resident_bytes: list[int] = field(factory=list)
    blocks: list[int] = field(factory=list)
    stalls: list[float] = field(factory=list)
    longest_seconds: float = 0.0
    late_seconds: float = 0.0
    tasks: int = 0
    threads: list[str] = field(factory=list)
    sockets: int = 0
    complaints: list[str] = field(factory=list)


def config(address: str) -> dict[str, Any]:
    """Return roles with and without a fallback, whole and to be committed at once."""
    first = {"provider": "openai", "model": "m-1", "mode": "chat"}
    second = {"provider": "anthropic", "model": "c-1", "params": {"max_tokens": 99}}
    roles: dict[str, dict[str, Any]] = {
        "two": first | {"fallbacks": [second]},
        "all": first | {"fallbacks": [second], "commit": "complete"},
        "one": first | {"model": "m-2"},
        "brief": first | {"model": "m-2"},
        "second": second | {"mode": "chat"},
    }
    key = {"env_key": "CHAOS_KEY"}
    return {
        "project": "chaos",
        "env": "test",
        "timeout": 2,
        "ttft_timeout": 2,
        "stream_idle_timeout": 1,
        "cooldown_time": 0.2,
        "backoff": {"initial": 0.01, "max": 0.1},
        "providers": {
            "openai": key | {"api_base": f"{address}/openai/v1"},
            "anthropic": key | {"api_base": f"{address}/anthropic"},
        },
        "roles": {
            name: role | {"deadline": DEADLINES.get(name, 8.0)}
            for name, role in roles.items()
        },
    }


async def call(hub: LLMHub, number: int, found: Findings) -> None:
    """Make one call, and note what came of it."""
    role = tuple(DEADLINES)[number % len(DEADLINES)]
    began = time.monotonic()
    try:
        if number // len(DEADLINES) % 2:
            answer = await hub.acompletion(role, SAY)
            text = answer.choices[0].message.content
        else:
            stream = await hub.acompletion(role, SAY, stream=True)
            parts = [part.choices[0].delta.content async for part in stream]
            text = "".join(part or "" for part in parts)
        ended = "answered" if text == TEXT else f"a wrong answer: {text!r}"
    except LLMHubRuntimeError as error:
        ended = type(error).__name__ if str(error) else "an error without a text"
    overdue = time.monotonic() - began - DEADLINES[role]
    found.overdue_seconds = max(found.overdue_seconds, overdue)
    found.ended[ended] += 1


async def one_round(hub: LLMHub, calls: int, found: Findings) -> None:
    """Make the calls of a round, always so many of them at once."""
    numbers = iter(range(calls))

    async def caller(place: int) -> None:
        # Whoever starts so many calls at one stroke keeps the loop busy for as long.
        await asyncio.sleep(place * BEAT_SECONDS)
        for number in numbers:
            await call(hub, number, found)

    with Heart(found):
        await asyncio.gather(*map(caller, range(IN_FLIGHT)))


class Heart:
    """Beats every few milliseconds, and notes what its loop did between two beats.

    What counts is the time that its own thread had a processor: a machine with other
    things to do may let it wait, which is no fault of what runs on the loop.
    """

    def __init__(self, found: Findings) -> None:
        self._found = found
        self._cpu = self._wall = 0.0

    def __enter__(self) -> None:
        self._cpu, self._wall = time.thread_time(), time.monotonic()
        self._next = asyncio.get_running_loop().call_later(BEAT_SECONDS, self._beat)

    def __exit__(self, *_: object) -> None:
        self._next.cancel()

    def _beat(self) -> None:
        found, cpu, wall = self._found, self._cpu, self._wall
        self.__enter__()
        busy = self._cpu - cpu
        found.longest_seconds = max(found.longest_seconds, busy)
        found.late_seconds = max(found.late_seconds, self._wall - wall)
        if busy >= STALL_SECONDS:
            found.stalls.append(busy)


async def be_quiet(hub: LLMHub) -> None:
    """Let go of the connections that were kept: the next request closes them."""
    await asyncio.sleep(KEPT_SECONDS)
    waiting = ["one", "second"]
    while waiting:
        try:
            await hub.acompletion(waiting[-1], SAY)
        except LLMHubRuntimeError:  # these, too, may fail at random
            await asyncio.sleep(0.2)
        else:
            waiting.pop()


def resident_bytes() -> int:
    """Return the memory that this process holds; 0 where that is not told."""
    told = Path("/proc/self/statm")
    pages = int(told.read_text().split()[1]) if told.exists() else 0
    return pages * os.sysconf("SC_PAGE_SIZE") if pages else 0


def open_sockets() -> int:
    """Return how many sockets this process has; 0 where that is not told."""
    folder = Path("/proc/self/fd")
    links = []
    for one in folder.iterdir() if folder.exists() else ():
        try:
            links.append(str(one.readlink()))
        except OSError:  # the one that lists the folder
            continue
    return sum(link.startswith("socket:") for link in links)


async def run(address: str, rounds: int, calls: int, found: Findings) -> None:
    """Warm up, make the calls, and look after each round at what is left."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, what: found.complaints.append(str(what)))
    async with LLMHub(config_obj=parse_config(config(address))) as hub:
        # As docs/explanation/resilience.md advises: the SDKs come with 170,000 objects,
        # which the garbage collector would go through again and again.
        await asyncio.gather(*(call(hub, n, Findings()) for n in range(16)))
        gc.collect()
        gc.freeze()
        for number in range(1, rounds + 1):
            await one_round(hub, calls, found)
            if not number % max(rounds // LOOKS, 2):
                await be_quiet(hub)
                gc.collect()
                found.resident_bytes.append(resident_bytes())
                found.blocks.append(sys.getallocatedblocks())
    found.tasks = len(asyncio.all_tasks()) - 1


def main() -> None:
    """Do all that, and print it."""
    address, rounds, calls = sys.argv[1], *map(int, sys.argv[2:])
    os.environ["CHAOS_KEY"] = "canary-chaos-1f"
    found = Findings()
    sys.unraisablehook = lambda what: found.complaints.append(repr(what))
    warnings.simplefilter("always", ResourceWarning)
    warnings.simplefilter("always", RuntimeWarning)
    warnings.showwarning = lambda *what, **_: found.complaints.append(str(what[0]))
    asyncio.run(run(address, rounds, calls, found))
    gc.unfreeze()
    gc.collect()
    others = set(threading.enumerate()) - {threading.main_thread()}
    found.threads = [one.name for one in others]
    found.sockets = open_sockets()
    print(json.dumps(asdict(found)))  # noqa: T201 (a script)


if __name__ == "__main__":
    main()
