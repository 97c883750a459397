"""The plugin tutorial, typed into a fresh environment as a reader would type it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.conftest import Terminal

pytest.importorskip("sybil", reason="the session `build` has it, `tests` not")
read = importlib.import_module("tests.docs.test_documents").read

pytestmark = pytest.mark.build

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "first-plugin.md"


def test_the_tutorial_ends_with_a_plugin_that_chooses(
    dist: Path, install: Callable[..., Path], tmp_path: Path
) -> None:
    """Nothing but our wheels and pip is there: pip fetches what packages build with."""
    (core,), (runtime,) = dist.glob("llmhub_core-*.whl"), dist.glob("*_runtime-*.whl")
    python = install(f"{core}[testing]", runtime, "pip")
    folder = tmp_path / "empty"
    folder.mkdir()
    terminal = Terminal(folder, python)
    try:
        assert read(TUTORIAL, terminal).files
        said, status = terminal.run(
            "pip uninstall -q -y llmhub-newest; llmhub plugins list"
        )
    finally:
        terminal.release()
    assert status == 0
    assert "newest" not in said
