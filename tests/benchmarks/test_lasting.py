"""The look at the memory of a hundred thousand calls sees what it should."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_all_parts_are_measured(tmp_path: Path) -> None:
    """Twenty parts, with the memory after each; so few calls say nothing of growth."""
    numbers = tmp_path / "numbers.json"
    options = ("--calls", "200", "--json", numbers)
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "lasting.py", *options],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    assert done.returncode in (0, 1), done.stderr
    found = json.loads(numbers.read_text())
    assert len(found["resident_bytes"]) == len(found["blocks"]) == 20
    assert min(found["resident_bytes"]) > 30_000_000
    assert "grown by" in done.stdout


@pytest.mark.parametrize(("kept", "grown"), [(0, 0.0), (3, 3.0)])
def test_growth_is_what_each_call_leaves(
    monkeypatch: pytest.MonkeyPatch, kept: int, grown: float
) -> None:
    """What comes and goes, such as connections, is no growth."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    import lasting

    counts = [5000 + kept * 100 * part + 700 * (part % 3) for part in range(20)]
    assert lasting.growth(counts, 20 * 100) == pytest.approx(grown, abs=1.0)
