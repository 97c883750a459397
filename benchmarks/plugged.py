"""Measure what installed plugins cost a run that does not use them.

    nox -s bench_plugins -- [--runs N] [--json FILE] [--strict]

The same `llmhub generate` with ten distributions of strangers on the path, two of them
broken, and with none, in turns. The catalog is kept and young, as on most days.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from measure import run
from processes import LLMHUB, SPEC, environment, upstream

#: What ten plugins may cost one run, in seconds.
LIMIT = 0.06

MODULE = '''\
"""{kind} {number} of a stranger."""

import dataclasses, decimal, http.client, json, logging, sqlite3
from collections.abc import Sequence
from typing import Any, ClassVar

from attrs import frozen

from llmhub_core.contracts import ExportedFile, SelectorContext, SourceContext
from llmhub_core.records.candidate import Candidate, Ranked, Ranking
from llmhub_core.records.observation import Harvest
{trouble}

@frozen(kw_only=True)
class Options:
    """Options of it."""

    url: str = "https://models.example/models.json"


class Plugin:
    """Does what its kind does."""

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = Options

    def __init__(self, options: Options) -> None:
        self._options = options

    async def fetch(self, context: SourceContext) -> Harvest:
        return Harvest(notes=("nothing new",))

    def rank(self, need: Any, candidates: Any, context: Any) -> Ranking:
        raise NotImplementedError

    def export(self, context: Any) -> Sequence[ExportedFile]:
        raise NotImplementedError
'''
TROUBLE = {4: "import no_such_module\n", 9: "raise RuntimeError('no database')\n"}
KINDS = ("source", "selector", "exporter")


def install(site: Path) -> None:
    """Lay ten distributions out in a folder: what pip would leave there."""
    for number in range(10):
        kind = KINDS[number % len(KINDS)]
        name = f"llmhub_stranger_{number}"
        code = MODULE.format(kind=kind, number=number, trouble=TROUBLE.get(number, ""))
        (site / f"{name}.py").write_text(code, encoding="utf-8")
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        summary = "Metadata-Version: 2.4\nName: {}\nVersion: 1.0\n\n{}\n"
        described = summary.format(name.replace("_", "-"), "A paragraph.\n" * 100)
        (info / "METADATA").write_text(described, encoding="utf-8")
        point = f"[llmhub.{kind}s]\nstranger-{number} = {name}:Plugin\n"
        (info / "entry_points.txt").write_text(point, encoding="utf-8")


def compare(
    project: Path, plain: Mapping[str, str], site: Path, *, fresh: bool, runs: int
) -> dict[str, float]:
    """Run `generate` with and without them in turns; return medians in seconds.

    Args:
        project: The folder of the spec.
        plain: Variables of a run without the plugins.
        site: Where they are.
        fresh: Whether every role is chosen anew, or read from the lock.
        runs: How many pairs count; one more goes first.
    """
    # A catalog is made with certain sources: each side keeps its own.
    plugged = {
        **plain,
        "PYTHONPATH": str(site),
        "LLMHUB_CACHE_DIR": f"{plain['LLMHUB_CACHE_DIR']}-plugged",
    }
    sides = {"none": plain, "ten": plugged}
    for variables in sides.values():
        run((LLMHUB, "catalog", "refresh"), variables, project)
    walls: dict[str, list[float]] = {side: [] for side in sides}
    cpus: dict[str, list[float]] = {side: [] for side in sides}
    for turn in range(runs + 1):
        # Whoever goes second finds a warmer machine.
        for side in sorted(sides, reverse=bool(turn % 2)):
            if fresh:
                for name in ("llmhub.lock", "llmhub.yaml"):
                    (project / name).unlink(missing_ok=True)
            took = run((LLMHUB, "generate"), sides[side], project)
            if turn:
                walls[side].append(took.seconds)
                cpus[side].append(took.cpu_seconds)
    wall = {side: statistics.median(found) for side, found in walls.items()}
    cpu = {side: statistics.median(found) for side, found in cpus.items()}
    return {
        "wall_none": wall["none"],
        "wall_ten": wall["ten"],
        "wall_more": wall["ten"] - wall["none"],
        "cpu_none": cpu["none"],
        "cpu_ten": cpu["ten"],
        "cpu_more": cpu["ten"] - cpu["none"],
    }


def table(results: Mapping[str, Mapping[str, float]]) -> str:
    """Lay the results out, in milliseconds."""
    lines = [
        (
            f"{'milliseconds':<22}{'none':>7}{'ten':>7}{'more':>7}{'cpu none':>10}"
            f"{'ten':>7}{'more':>7}{'limit':>8}"
        )
    ]
    for name, found in results.items():
        cells = [
            found[f"{clock}_{side}"] * 1e3
            for clock in ("wall", "cpu")
            for side in ("none", "ten", "more")
        ]
        wide = (7, 7, 7, 10, 7, 7)
        row = "".join(f"{c:>{w}.0f}" for c, w in zip(cells, wide, strict=True))
        over = "  OVER" if found["cpu_more"] > LIMIT else ""
        lines.append(f"{name:<22}{row}{LIMIT * 1e3:>8.0f}{over}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and say by the exit code whether the limit held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="pairs that count (15)")
    parser.add_argument("--json", type=Path, help="file to write the results to")
    parser.add_argument("--strict", action="store_true", help="exit 1 over the limit")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home, upstream(None) as address:
        project, site = Path(home) / "project", Path(home) / "site"
        project.mkdir()
        site.mkdir()
        (project / "llmhub.spec.yaml").write_text(SPEC, encoding="utf-8")
        install(site)
        plain = environment(address, Path(home))
        results = {
            name: compare(project, plain, site, fresh=fresh, runs=asked.runs)
            for name, fresh in (("warm catalog", True), ("from the lock", False))
        }
    print(table(results))
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    over = any(found["cpu_more"] > LIMIT for found in results.values())
    return int(asked.strict and over)


if __name__ == "__main__":
    sys.exit(main())
