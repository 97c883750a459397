"""Time the parts of a catalog in one process, and twenty times the rows.

    nox -s bench_catalog -- [--data DIR] [--runs N] [--json FILE]

Seconds are of the processor, the best of the runs; the peak is the whole process's at
the end of a refresh. With ``--original`` the original LLM Hub refreshes beside it, from
the same upstreams and with the same four keys, see ``original.py``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve
from processes import environment, keys, upstream

from llmhub_core.cache import Cache
from llmhub_core.catalog import store
from llmhub_core.catalog.fusion import fuse
from llmhub_core.catalog.gather import gather
from llmhub_core.catalog.identity import load_tables
from llmhub_core.catalog.precedence import load_precedence
from llmhub_core.plugins import load_sources
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.observation import Harvest
from llmhub_core.settings import load_settings

TIMES = 20
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def best(runs: int, work: Callable[[], object]) -> float:
    """Run some work several times; return the fewest seconds of the processor."""
    seconds = []
    for _ in range(runs):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return min(seconds)


def multiplied(harvests: Mapping[str, Harvest], times: int) -> dict[str, Harvest]:
    """Repeat every row at further hosts, and every rating on further boards."""
    return {
        name: evolve(
            harvest,
            served=tuple(
                evolve(row, provider=f"{row.provider}-{n}", record=f"{n}/{row.record}")
                for n in range(times)
                for row in harvest.served
            ),
            ratings=tuple(
                evolve(row, board=f"{row.board}-{n}" if n else row.board)
                for n in range(times)
                for row in harvest.ratings
            ),
        )
        for name, harvest in harvests.items()
    }


def measured(address: str, runs: int) -> dict[str, Any]:
    """Measure fusing, keeping, loading, looking up, and growth."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            {
                "LLMHUB_CACHE_DIR": folder,
                "LLMHUB_CONFIG_DIR": folder,
                "LLMHUB_MODELS_DEV_URL": f"{address}/models_dev",
                "LLMHUB_ARENA_DATASET_URL": address,
                "LLMHUB_ARENA_CATALOG_URL": f"{address}/arena_catalog",
            }
        )
        cache = Cache(Path(folder))
        plugins, _ = load_sources(settings, None)
        gathered = asyncio.run(gather(plugins, settings=settings, cache=cache))
        harvests = {
            one.status.name: one.harvest for one in gathered if one.harvest is not None
        }
        known: dict[str, Any] = {
            "tables": load_tables(None),
            "precedence": load_precedence(),
        }
        fused = fuse(harvests, **known)
        catalog, data = store.encode(Catalog(models=fused.models, checked_at="now"))
        store.save(cache, catalog, data, fingerprint="")
        # A refresh ends here; what follows is held twice.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT / 1e6
        result: dict[str, Any] = {
            "models": len(fused.models),
            "priced": sum(m.price_input_per_million is not None for m in fused.models),
            "rated": sum(m.arena_score is not None for m in fused.models),
            "ratings": sum(len(harvest.ratings) for harvest in harvests.values()),
            "peak_mb": peak,
            "fuse_seconds": best(runs, lambda: fuse(harvests, **known)),
        }
        result["load_seconds"] = best(runs, lambda: store.load(cache))
        ids = [model.canonical_id for model in catalog] * 20
        look = best(runs, lambda: [catalog.get(name) for name in ids])
        result["lookup_microseconds"] = look / len(ids) * 1e6
        many = multiplied(harvests, TIMES)
        result["growth"] = best(1, lambda: fuse(many, **known)) / result["fuse_seconds"]
    return result


LIMITS = {
    "fuse_seconds": 0.6,
    "load_seconds": 0.15,
    "lookup_microseconds": 1.0,
    "peak_mb": 120,
    "growth": 22.0,
}


def originally(python: Path, address: str) -> dict[str, Any]:
    """Refresh with the original in its own interpreter; return its numbers."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        finished = subprocess.run(
            [python, Path(__file__).with_name("original.py"), address, home],
            env=environment(address, home) | keys(address),
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
        )
    if finished.returncode != 0:
        sys.exit(f"the original failed:\n{finished.stdout}{finished.stderr}")
    numbers: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return numbers


def refreshed(address: str) -> dict[str, Any]:
    """Refresh with this LLM Hub, keys and all, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        started = time.perf_counter()
        finished = subprocess.run(
            [Path(sys.executable).with_name("llmhub"), "catalog", "refresh", "--json"],
            env=environment(address, home) | keys(address),
            capture_output=True,
            check=True,
        )
        seconds = time.perf_counter() - started
        catalog = store.load(Cache(home / "cache"))
        assert catalog is not None, finished.stderr
    return {
        "refresh_seconds": round(seconds, 3),
        "models": len(catalog),
        "priced": sum(m.price_input_per_million is not None for m in catalog),
        "rated": sum(m.arena_score is not None for m in catalog),
        "rated_by_another_board": sum(
            m.arena_score is not None
            and not any(
                (r.board, r.category, r.score) == ("text", "overall", m.arena_score)
                for r in m.ratings
            )
            for m in catalog
        ),
    }


def show(result: Mapping[str, Any]) -> None:
    """Print a line for each number."""
    for name, value in result.items():
        limit = LIMITS.get(name)
        shown = f"{value:,}" if isinstance(value, int) else f"{value:.3f}"
        bound = "" if limit is None else f"   limit {limit}"
        over = "  OVER" if limit is not None and value > limit else ""
        print(f"{name:<24}{shown:>12}{bound}{over}")


def main() -> int:
    """Measure, print, and say by the exit code whether the limits held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of real payloads")
    parser.add_argument("--runs", type=int, default=5, help="runs that count (5)")
    parser.add_argument("--json", type=Path, help="file to write the numbers to")
    parser.add_argument("--original", type=Path, help="a Python with rethink-llmhub")
    asked = parser.parse_args()
    data = asked.data.resolve() if asked.data else None
    with upstream(data) as address:
        result = measured(address, asked.runs)
        show(result)
        if asked.original:
            both = {
                "this one": refreshed(address),
                "the original": originally(asked.original.absolute(), address),
            }
            for name, numbers in both.items():
                print(f"\n{name}, four keys:")
                show(numbers)
            result |= both
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return int(any(result[name] > limit for name, limit in LIMITS.items()))


if __name__ == "__main__":
    sys.exit(main())
