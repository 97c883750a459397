"""The two distributions, built once, and fresh environments to install them in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Read at import: the fixtures hide the project's variables from the tests.
BUILT = os.environ.get("LLMHUB_DIST")


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with both wheels and both source archives."""
    if BUILT is not None:
        return Path(BUILT)
    folder = tmp_path_factory.mktemp("dist")
    for project in (ROOT / "llmhub_runtime", ROOT):
        _run(sys.executable, "-m", "build", "--outdir", folder, project)
    return folder


@pytest.fixture
def install(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that installs into a fresh environment.

    It takes what to install and returns the Python of the environment.
    """

    def into_fresh(*what: Path | str) -> Path:
        python = tmp_path / "environment" / "bin" / "python"
        uv = Path(sys.executable).with_name("uv")
        _run(uv, "venv", "--python", sys.executable, python.parents[1])
        _run(uv, "pip", "install", "--python", python, *what)
        return python

    return into_fresh
