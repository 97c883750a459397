"""Measure selection over the embedded catalog: alone, growing, and as a process.

    nox -s bench_selection -- [--runs N] [--json FILE] [--strict]

Nothing here touches the network. To see how the time grows, the catalog is repeated
under other providers' names, up to a hundred thousand models.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from attrs import evolve
from measure import Case, measure, table
from processes import LLMHUB, SPEC

import llmhub_core as llmhub
from llmhub_core.records.catalog import Catalog

#: Seconds that ten roles may take, over the catalog as it is.
TEN_ROLES = 0.3
#: How much more than in proportion a larger run may take; sorting is not linear.
GROWTH = 1.5
MODELS = 100_000


def spec_of(roles: int) -> str:
    """Return the ten roles of the benchmarks over and over, under other names."""
    head, listed = SPEC.split("roles:\n")
    rows = listed.splitlines()
    many = (
        rows[number % len(rows)].replace(": {kind", f".{number}: {{kind", 1)
        for number in range(roles)
    )
    return "\n".join((f"{head}roles:", *many, ""))


def repeated(catalog: Catalog, models: int) -> Catalog:
    """Return a catalog of so many models: the same ones at other providers."""
    rows = list(catalog)
    times = -(-models // len(rows))
    found = [
        evolve(
            model,
            canonical_id=f"{model.provider}{turn or ''}:{model.model_id}",
            provider=f"{model.provider}{turn or ''}",
        )
        for turn in range(times)
        for model in rows
    ]
    found.sort(key=lambda model: model.canonical_id)
    return evolve(catalog, models=tuple(found[:models]))


def timed(spec: str, catalog: Catalog, runs: int) -> tuple[float, float]:
    """Return the median seconds that choosing takes, by the clock and of the CPU."""
    settings = llmhub.load_settings(offline=True)
    parsed = llmhub.parse_spec(spec)
    walls, used = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        llmhub.choose(parsed, catalog, settings=settings)
        walls.append(time.perf_counter() - wall)
        used.append(time.process_time() - cpu)
    return statistics.median(walls), statistics.median(used)


def grown(catalog: Catalog, runs: int) -> list[dict[str, float]]:
    """Choose for more and more roles, and from more and more models."""
    sizes = [(10, len(catalog)), (50, len(catalog)), (200, len(catalog))]
    sizes += [(10, models) for models in (25_000, 50_000, MODELS)]
    found = []
    for roles, models in sizes:
        rows = catalog if models == len(catalog) else repeated(catalog, models)
        wall, cpu = timed(spec_of(roles), rows, runs)
        found.append(
            {"roles": roles, "models": models, "seconds": wall, "cpu_seconds": cpu}
        )
        each = cpu / roles / models * 1e6
        print(
            f"{roles:>5} roles {models:>8,} models {wall:>8.3f} s "
            f"{cpu:>8.3f} s of CPU {each:>7.3f} us per role and model",
            flush=True,
        )
    return found


def cases(home: Path) -> list[Case]:
    """Return the commands to measure."""
    project = home / "project"
    project.mkdir()
    spec, small = project / "llmhub.spec.yaml", project / "small.spec.yaml"
    spec.write_text(spec_of(200), encoding="utf-8")
    small.write_text(SPEC, encoding="utf-8")
    variables = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "LLMHUB_CACHE_DIR": str(home / "cache"),
        "LLMHUB_CONFIG_DIR": str(home / "config"),
    }

    def forget() -> None:
        (project / "llmhub.lock").unlink(missing_ok=True)

    case = partial(Case, environment=variables, folder=project)
    explain = (LLMHUB, "explain", "chat.main", "--spec", str(small), "--offline")
    return [
        case(
            name="generate, 200 roles, no lock",
            command=(LLMHUB, "generate", "--offline"),
            prepare=forget,
            limit_seconds=3.0,
        ),
        case(
            name="explain --plot",
            command=(*explain, "--plot", str(project / "picture.svg")),
            limit_seconds=0.5,
        ),
    ]


def over(growth: Sequence[dict[str, float]]) -> list[str]:
    """Say which limits did not hold inside the process."""
    first = growth[0]
    said = []
    if first["seconds"] > TEN_ROLES:
        said.append(f"ten roles: {first['seconds']:.3f} s, limit {TEN_ROLES} s")
    for row in growth[1:]:
        larger = row["roles"] * row["models"] / (first["roles"] * first["models"])
        longer = row["cpu_seconds"] / first["cpu_seconds"]
        if longer > GROWTH * larger:
            said.append(
                f"{row['roles']:.0f} roles, {row['models']:.0f} models: {longer:.1f} "
                f"times as long for {larger:.1f} times as much"
            )
    return said


def main() -> int:
    """Measure, print, and say by the exit code whether the limits held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs that count (5)")
    parser.add_argument("--json", type=Path, help="file to write the growth to")
    parser.add_argument("--strict", action="store_true", help="exit 1 over a limit")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        results = [measure(case, runs=asked.runs) for case in cases(Path(home))]
        print(table(results))
        settings = llmhub.load_settings(offline=True, cache_dir=Path(home) / "none")
        growth = grown(llmhub.provide(settings).catalog, asked.runs)
    if asked.json:
        asked.json.write_text(json.dumps(growth, indent=2) + "\n", encoding="utf-8")
    broken = over(growth)
    print("\n".join(broken) or "all limits held inside the process")
    return int(
        asked.strict and bool(broken or not all(result.within for result in results))
    )


if __name__ == "__main__":
    sys.exit(main())
