"""The import contracts of pyproject.toml hold, and each of them bites."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("llmhub_core", "llmhub_runtime", "llmhub_selectors", "llmhub_sources")
TRESPASSES = [
    ("packages", "llmhub_runtime/stray.py", "import llmhub_core.errors"),
    ("packages", "llmhub_sources/stray.py", "import llmhub_selectors"),
    ("plugins", "llmhub_sources/stray.py", "import llmhub_core.codec"),
    ("plugins", "llmhub_selectors/stray.py", "from llmhub_core import catalog"),
    ("core", "llmhub_core/records/stray.py", "import llmhub_core.contracts"),
    ("core", "llmhub_core/catalog/stray.py", "import llmhub_core.lock"),
    ("core", "llmhub_core/stray.py", ""),
    ("config", "llmhub_core/selection/stray.py", "import llmhub_runtime"),
    ("doors", "llmhub_core/catalog/stray.py", "import aiohttp"),
    ("doors", "llmhub_core/selection/stray.py", "def f(): import stevedore"),
    ("doors", "llmhub_sources/stray.py", "import structlog"),
    ("doors", "llmhub_core/commands/stray.py", "import strictyaml"),
    ("runtime", "llmhub_runtime/stray.py", "def f(): import any_llm"),
    ("runtime", "llmhub_runtime/stray.py", "import structlog"),
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of the four packages' modules with the project file."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        for module in (ROOT / package).rglob("*.py"):
            copy = tmp_path / module.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(module, copy)
    return tmp_path


def _lint(checkout: Path, *contract: str) -> subprocess.CompletedProcess[str]:
    script = Path(sys.executable).with_name("lint-imports")
    command = [script, "--no-cache", "--no-logo", *contract]
    return subprocess.run(
        command, cwd=checkout, capture_output=True, text=True, check=False
    )


def test_the_packages_keep_every_contract(checkout: Path) -> None:
    """Nobody in the packages imports what the design keeps from them."""
    done = _lint(checkout)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(("contract", "module", "line"), TRESPASSES)
def test_a_trespass_breaks_its_contract(
    contract: str, module: str, line: str, checkout: Path
) -> None:
    """One import in the wrong place fails the check, lazy or not."""
    (checkout / module).write_text(line + "\n", encoding="utf-8")
    done = _lint(checkout, "--contract", contract)
    assert done.returncode == 1, done.stdout
    assert "1 broken" in done.stdout
