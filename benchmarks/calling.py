"""Time calls side by side: plain HTTP, SDKs, any-llm, LiteLLM, the original, and us.

    nox -s bench_calls -- [--calls N] [--rounds N] [--json FILE]

Every contender runs in a process of its own, all of them in turns, round after round;
what counts is the median over the rounds, and the ratio to any-llm's reused client,
which is what the runtime stands on. The provider is on loopback, see ``provider.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MODES = ("sync", "async", "flight", "stream", "long", "embed", "failover")
BASE = "anyllm-client"
#: By mode: the highest median of ``llmhub``, the highest 99th percentile, and the least
#: throughput, as ratios to any-llm's reused client. Failing over is held against two
#: plain calls, the first of which fails.
LIMITS = {
    "sync": (1.05, 1.15, None),
    "async": (1.05, 1.15, None),
    "flight": (None, None, 0.97),
    "stream": (1.05, 1.15, None),
    "long": (1.05, 1.15, None),
    "embed": (1.05, 1.15, None),
    "failover": (1.2, None, None),
}
#: By mode, contender and its opponent: the least ratio of their throughputs.
PACES = (
    ("flight", "llmhub+aiohttp", BASE, 1.25),
    ("sync", "llmhub", "original", 15.0),
    ("sync", "llmhub", "litellm", 3.0),
    ("async", "llmhub", "litellm", 3.0),
)
CONNECTIONS = {"sync": 1, "async": 1, "flight": 64}
MORE_RSS_MB = 5.0


def contenders(peers: Path | None) -> dict[str, tuple[Path, str]]:
    """Return the interpreter and the code of each contender that can run here."""
    here = Path(sys.executable)
    found = {
        name: (here, name)
        for name in ("httpx", "aiohttp", "openai", "anyllm", BASE, "llmhub")
    }
    if peers is not None:
        found["llmhub+aiohttp"] = (peers / "aiohttp/bin/python", "llmhub")
        found["litellm"] = (peers / "litellm/bin/python", "litellm")
        found["original"] = (peers / "original/bin/python", "original")
    return found


def once(python: Path, code: str, mode: str, address: str, calls: int) -> Any:
    """Run one contender in one mode; None when it has no such mode."""
    finished = subprocess.run(
        [python, HERE / "contenders.py", code, mode, address, str(calls)],
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        },
    )
    if finished.returncode != 0:
        sys.exit(f"{code} {mode}:\n{finished.stdout}{finished.stderr}")
    return json.loads(finished.stdout.splitlines()[-1])


def measured(
    found: dict[str, tuple[Path, str]], address: str, calls: int, rounds: int
) -> dict[str, dict[str, Any]]:
    """Return, by mode and contender, the median of every number over the rounds."""
    results: dict[str, dict[str, Any]] = {}
    for mode in MODES:
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in found}
        for _ in range(rounds):
            for name, (python, code) in found.items():
                slow = name in {"anyllm", "original", "litellm"}
                number = calls // 10 if slow else calls
                run = once(python, code, mode, address, number)
                if run is not None:
                    runs[name].append(run)
        results[mode] = {
            name: {key: statistics.median(run[key] for run in many) for key in many[0]}
            for name, many in runs.items()
            if many
        }
        print(table(mode, results[mode]), flush=True)
    return results


def table(mode: str, rows: dict[str, Any]) -> str:
    """Lay one mode out, each contender against any-llm's reused client."""
    base = rows[BASE]
    head = (
        f"\n{mode:<16}{'median':>10}{'x':>7}{'p99':>10}{'x':>7}{'calls/s':>9}{'x':>7}"
    )
    lines = [f"{head}{'conns':>7}{'rss':>8}"]
    for name, row in rows.items():
        ratios = {key: row[key] / base[key] for key in ("median_us", "p99_us")}
        pace = row["per_second"] / base["per_second"]
        lines.append(
            f"{name:<16}{row['median_us']:>7.0f} us{ratios['median_us']:>7.2f}"
            f"{row['p99_us']:>7.0f} us{ratios['p99_us']:>7.2f}"
            f"{row['per_second']:>9.0f}{pace:>7.2f}{row['connections']:>7.0f}"
            f"{row['rss_mb']:>5.0f} MB"
        )
    return "\n".join(lines)


def over(results: dict[str, dict[str, Any]]) -> list[str]:
    """Say which limits did not hold."""
    found = []
    for mode, (median, tail, pace) in LIMITS.items():
        own, base = results[mode]["llmhub"], results[mode][BASE]
        checks = (
            ("median_us", median, 1),
            ("p99_us", tail, 1),
            ("per_second", pace, -1),
        )
        for key, limit, sign in checks:
            ratio = own[key] / base[key]
            if limit is not None and sign * ratio > sign * limit:
                found.append(f"{mode}: {key} {ratio:.3f} x, limit {limit}")
        if (more := own["rss_mb"] - base["rss_mb"]) > MORE_RSS_MB:
            found.append(f"{mode}: {more:.1f} MB more, limit {MORE_RSS_MB}")
        if own["connections"] > (most := CONNECTIONS.get(mode, own["connections"])):
            found.append(f"{mode}: {own['connections']} connections, limit {most}")
    for mode, name, other, least in PACES:
        rows = results[mode]
        if name in rows and other in rows:
            ratio = rows[name]["per_second"] / rows[other]["per_second"]
            if ratio < least:
                found.append(f"{mode}: {name} {ratio:.2f} x {other}, limit {least}")
    return found


def main() -> int:
    """Measure, print, and say by the exit code whether the limits held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1000, help="calls a run (1000)")
    parser.add_argument("--rounds", type=int, default=5, help="runs each (5)")
    parser.add_argument("--peers", type=Path, help="folder of the peers' environments")
    parser.add_argument("--json", type=Path, help="file to write the numbers to")
    asked = parser.parse_args()
    command = [sys.executable, str(HERE / "provider.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as provider:
        try:
            assert provider.stdout is not None
            address = provider.stdout.readline().strip()
            found = contenders(asked.peers)
            results = measured(found, address, asked.calls, asked.rounds)
        finally:
            provider.terminate()
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    broken = over(results)
    print("\n" + ("\n".join(broken) or "all limits held"))
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
