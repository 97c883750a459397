"""Make a hundred thousand calls, and look at the memory of who makes them.

    nox -s bench_lasting -- [--calls N] [--json FILE]

The provider of ``provider.py`` answers well; every tenth call is a stream, and 64 are
in flight. Exit code 1 says that memory grew.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
IN_FLIGHT = 64
SLICES = 20
MESSAGES: list[Any] = [{"role": "user", "content": "Say hello to everybody, please."}]
#: Limits on the growth per call from the second quarter to the last: bytes resident,
#: and blocks of memory that Python has given out. Anything kept for each call would be
#: a block, of some fifty bytes at least.
MOST_BYTES = 20.0
MOST_BLOCKS = 0.05


def hub(address: str) -> Any:
    """Return a hub with a role that has a fallback and prices."""
    from llmhub_runtime import LLMHub, parse_config

    os.environ["BENCHMARK_KEY"] = "benchmark"
    endpoint = {"env_key": "BENCHMARK_KEY", "api_base": f"{address}/v1"}
    role = {"provider": "openai", "model": "m", "mode": "chat"}
    return LLMHub(
        config_obj=parse_config(
            {
                "project": "p",
                "env": "dev",
                "providers": {"openai": endpoint},
                "roles": {
                    "r": role
                    | {"fallbacks": [{"provider": "openai", "model": "n"}]}
                    | {"pricing": {"input": 1.0, "output": 2.0}}
                },
            }
        )
    )


def resident_bytes() -> int:
    """Return the memory that this process holds now, or at most held."""
    told = Path("/proc/self/statm")
    if told.exists():
        return int(told.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


async def measured(address: str, calls: int) -> list[tuple[int, int]]:
    """Make the calls; return resident bytes and blocks after each part of them."""
    found = []
    async with hub(address) as one:

        async def caller(numbers: Any) -> None:
            for number in numbers:
                if number % 10:
                    await one.acompletion("r", MESSAGES)
                else:
                    async for _ in await one.acompletion("r", MESSAGES, stream=True):
                        pass

        for done in range(1, SLICES + 1):
            numbers = iter(range(calls // SLICES))
            began = time.perf_counter()
            await asyncio.gather(*(caller(numbers) for _ in range(IN_FLIGHT)))
            pace = calls / SLICES / (time.perf_counter() - began)
            gc.collect()
            found.append((resident_bytes(), sys.getallocatedblocks()))
            resident, blocks = found[-1][0] / 1e6, found[-1][1]
            made = done * calls // SLICES
            print(
                f"{made:>8} calls {resident:>7.1f} MB {blocks:>8} blocks "
                f"{pace:>6.0f} calls/s",
                flush=True,
            )
    return found


def growth(counts: list[int], calls: int) -> float:
    """Return the growth per call, from the least of a quarter to that of the last."""
    quarter = len(counts) // 4
    second, last = counts[quarter : 2 * quarter], counts[-quarter:]
    return (min(last) - min(second)) / (calls / 2)


def main() -> int:
    """Measure, print, and say by the exit code whether the limits held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000, help="calls (100000)")
    parser.add_argument("--json", type=Path, help="file to write the numbers to")
    asked = parser.parse_args()
    command = [sys.executable, str(HERE / "provider.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as provider:
        try:
            assert provider.stdout is not None
            address = provider.stdout.readline().strip()
            found = asyncio.run(measured(address, asked.calls))
        finally:
            provider.terminate()
    resident, blocks = map(list, zip(*found, strict=True))
    grown = {
        "bytes_per_call": growth(resident, asked.calls),
        "blocks_per_call": growth(blocks, asked.calls),
    }
    print(
        f"\ngrown by {grown['bytes_per_call']:.2f} bytes (limit {MOST_BYTES:g}) and "
        f"{grown['blocks_per_call']:.4f} blocks (limit {MOST_BLOCKS:g}) a call"
    )
    if asked.json:
        told = {"resident_bytes": resident, "blocks": blocks, **grown}
        asked.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    flat = grown["bytes_per_call"] <= MOST_BYTES
    return int(not (flat and grown["blocks_per_call"] <= MOST_BLOCKS))


if __name__ == "__main__":
    sys.exit(main())
