"""Time whole processes: medians, peak memory, and the ratio to a bare interpreter.

Only the standard library, and little of it: the system counts the memory of the
process that starts another into the peak of the started one, so this one stays small.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

__all__ = ["Case", "Result", "Run", "measure", "report", "run", "table"]

#: Bytes in one unit of ``ru_maxrss``.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
BARE = (sys.executable, "-c", "pass")


def _nothing() -> None:
    """Prepare a run that needs no preparation."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One command to measure.

    Attributes:
        name: What the table calls it.
        command: Program and arguments.
        environment: All variables that the process sees.
        folder: Where it runs.
        prepare: Called before every run, outside the measurement.
        limit_seconds: Longest median that is fine, or None for no limit.
        limit_mb: Highest peak that is fine, in megabytes (10^6 bytes), or None.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    prepare: Callable[[], None] = field(default=_nothing, repr=False)
    limit_seconds: float | None = None
    limit_mb: float | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """What the runs of one case came to.

    Attributes:
        name: The case's name.
        runs: How many runs were counted; one before them was not.
        median_seconds: Median wall time of the whole process.
        fastest_seconds: The best of the runs.
        slowest_seconds: The worst of the runs.
        ratio: Median over the median of ``python -c pass``, run in turns with it.
        peak_mb: Highest resident memory of any run, in megabytes (10^6 bytes).
        limit_seconds: As in the case.
        limit_mb: As in the case.
    """

    name: str
    runs: int
    median_seconds: float
    fastest_seconds: float
    slowest_seconds: float
    ratio: float
    peak_mb: float
    limit_seconds: float | None
    limit_mb: float | None

    @property
    def within(self) -> bool:
        """Whether it kept the limits that it has."""
        in_time = (
            self.limit_seconds is None or self.median_seconds <= self.limit_seconds
        )
        return in_time and (self.limit_mb is None or self.peak_mb <= self.limit_mb)


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one process took.

    Attributes:
        seconds: Wall time.
        cpu_seconds: Time of the processors, in the program and in the system.
        peak_mb: Highest resident memory, in megabytes (10^6 bytes).
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Run:
    """Run a command once.

    Raises:
        SystemExit: The command failed: its time would mean nothing.
    """
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(environment), cwd=folder, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            said = output.read().decode(errors="replace")
            shown = " ".join(command)
            sys.exit(f"{shown}: exit code {process.returncode}\n{said}")
    return Run(
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss * _RSS_UNIT / 1e6,
    )


def measure(case: Case, *, runs: int) -> Result:
    """Run a case and a bare interpreter in turns.

    Args:
        case: What to run.
        runs: How many runs count; one more goes first and warms the disk's cache.
    """
    seconds, peaks, bare = [], [], []
    for turn in range(runs + 1):
        case.prepare()
        one = run(case.command, case.environment, case.folder)
        floor = run(BARE, case.environment, case.folder)
        if turn:
            seconds.append(one.seconds)
            peaks.append(one.peak_mb)
            bare.append(floor.seconds)
    median = statistics.median(seconds)
    return Result(
        name=case.name,
        runs=runs,
        median_seconds=median,
        fastest_seconds=min(seconds),
        slowest_seconds=max(seconds),
        ratio=median / statistics.median(bare),
        peak_mb=max(peaks),
        limit_seconds=case.limit_seconds,
        limit_mb=case.limit_mb,
    )


def table(results: Iterable[Result]) -> str:
    """Lay results out for people, one per line, the limit beside what it limits."""
    timed = f"{'':<34}{'median':>9}{'limit':>8}{'best..worst':>16}"
    lines = [f"{timed}{'x bare':>8}{'peak':>9}{'limit':>8}"]
    for result in results:
        seconds = "-" if result.limit_seconds is None else f"{result.limit_seconds:.2f}"
        memory = "-" if result.limit_mb is None else f"{result.limit_mb:.0f}"
        spread = f"{result.fastest_seconds:.3f}..{result.slowest_seconds:.3f}"
        lines.append(
            f"{result.name:<34}{result.median_seconds:>7.3f} s{seconds:>8}{spread:>16}"
            f"{result.ratio:>8.1f}{result.peak_mb:>6.0f} MB{memory:>8}"
            f"{'' if result.within else '  OVER'}"
        )
    return "\n".join(lines)


def report(results: Sequence[Result], path: Path) -> None:
    """Write results as JSON, with the kind of machine that they are from."""
    document = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "results": [{**asdict(result), "within": result.within} for result in results],
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
