"""A plugin's life in a real environment: written, installed beside our wheels, gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.build

BAD = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "llmhub-bad"
version = "0.1"

[project.entry-points."llmhub.sources"]
bad = "llmhub_bad:Bad"

[project.entry-points."llmhub.selectors"]
thrifty = "llmhub_bad:Bad"
"""


def test_a_new_plugin_lives_and_goes(
    dist: Path, install: Callable[..., Path], tmp_path: Path
) -> None:
    """Written by the wheel's own templates, it installs, passes, works and is gone.

    Beside it stands one that does not import and claims the same name: both are
    named, and the preferred one counts.
    """
    python = install(*sorted(dist.glob("*.whl")), "pytest", "hypothesis", "hatchling")
    environ = {**os.environ, "LLMHUB_OFFLINE": "1"}

    def run(*command: str | Path, expect: int = 0, **more: str) -> str:
        done = subprocess.run(
            [python.with_name(str(command[0])), *command[1:]],
            cwd=tmp_path,
            env=environ | more,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout if expect == 0 else done.stdout + done.stderr

    def pip(*arguments: str | Path) -> None:
        uv = Path(sys.executable).with_name("uv")
        subprocess.run(
            [uv, "pip", *arguments, "--python", python], check=True, capture_output=True
        )

    def listed() -> dict[tuple[str, str], Any]:
        rows = json.loads(run("llmhub", "plugins", "list", "--json"))
        return {(row["name"], row["distribution"]): row for row in rows}

    run("llmhub", "plugins", "new", "selector", "thrifty")
    folder = tmp_path / "llmhub-thrifty"
    assert ("thrifty", "llmhub-thrifty") not in listed()
    pip("install", "--no-deps", "--no-build-isolation", folder)
    assert listed()["thrifty", "llmhub-thrifty"]["works"]
    run("pytest", "-q", folder / "tests")
    assert "keeps 10 of 10 clauses" in run("llmhub", "plugins", "check", "thrifty")
    spec = "project: shop\nroles:\n  answer: {kind: chat}\n"
    (tmp_path / "llmhub.spec.yaml").write_text(spec, encoding="utf-8")
    run("llmhub", "generate", "--selector", "thrifty")
    assert "thrifty" in (tmp_path / "llmhub.lock").read_text(encoding="utf-8")

    bad = tmp_path / "llmhub-bad"
    bad.mkdir()
    (bad / "pyproject.toml").write_text(BAD, encoding="utf-8")
    (bad / "llmhub_bad.py").write_text("import no_such_module", encoding="utf-8")
    pip("install", "--no-deps", "--no-build-isolation", bad)
    assert "llmhub-bad 0.1 does not load" in listed()["bad", "llmhub-bad"]["reason"]
    generate = ("llmhub", "generate", "--selector", "thrifty", "--upgrade")
    said = run(*generate, expect=2)
    assert "llmhub-bad (llmhub_bad:Bad) and llmhub-thrifty (llmhub_thrifty:" in said
    run(*generate, LLMHUB_PLUGINS_PREFER="llmhub-thrifty")

    pip("uninstall", "llmhub-thrifty", "llmhub-bad")
    assert not [name for name, _ in listed() if name in {"thrifty", "bad"}]
    said = run(*generate, expect=2)
    assert "no selector is named 'thrifty'" in said
