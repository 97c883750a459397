"""The two commands of the README are the ones that CI and a first-time user run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
READER = ROOT / ".ci" / "readme_command.py"


def _read(reader: Path, marker: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, reader, marker]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """Return a folder with the CI script, its reader and no README yet."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    return tmp_path


@pytest.mark.parametrize("marker", ["run-command", "test-command"])
def test_each_marked_block_is_one_line(marker: str) -> None:
    """Both commands can be copied as one line."""
    done = _read(READER, marker)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    assert done.stdout.startswith("python3 -m venv ")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no marker at all\n", 0),
        ("<!-- test-command -->\n\nprose first\n\n```bash\ntrue\n```\n", 0),
        ("<!-- test-command -->\n```bash\ntrue\n```\n" * 2, 2),
    ],
    ids=["absent", "not followed by a block", "twice"],
)
def test_a_readme_without_one_such_block_is_refused(
    workplace: Path, text: str, found: int
) -> None:
    """A README that lost its marked command fails CI instead of testing nothing."""
    (workplace / "README.md").write_text(text, encoding="utf-8")
    done = _read(workplace / ".ci" / "readme_command.py", "test-command")
    assert done.returncode == 1
    assert f"{found} blocks marked <!-- test-command -->" in done.stderr


def test_the_run_command_chooses_a_model_for_each_role(tmp_path: Path) -> None:
    """In a fresh copy, the first command installs, chooses, shows and writes."""
    copy = tmp_path / "clone"
    listed = ["git", "-C", ROOT, "ls-files", "-z"]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
    for name in names.rstrip("\0").split("\0"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    command = _read(READER, "run-command").stdout
    done = subprocess.run(
        ["bash", "-c", command], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (lock,) = copy.rglob("llmhub.lock")
    config = yaml.safe_load(lock.with_name("llmhub.yaml").read_text(encoding="utf-8"))
    assert config["roles"]
    for role, chosen in config["roles"].items():
        assert role in done.stdout
        assert chosen["model"] in done.stdout


@pytest.mark.parametrize("status", [0, 3])
def test_ci_runs_the_command_and_keeps_its_verdict(
    workplace: Path, status: int
) -> None:
    """CI prints what the command prints, repeats pytest's last line, exits alike."""
    line = "==== 7 passed, 1 skipped in 0.05s ===="
    (workplace / "README.md").write_text(
        f"<!-- test-command -->\n```bash\necho '{line}' && exit {status}\n```\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["bash", ".ci/run"],
        cwd=workplace,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert done.stdout.splitlines().count(line) == 2
    assert done.stdout.rstrip().endswith(line)


def test_ci_needs_a_recent_python(workplace: Path) -> None:
    """Where no Python is recent enough, CI says so and fails."""
    tools = workplace / "bin"
    tools.mkdir()
    for name in ("bash", "dirname"):
        (tools / name).symlink_to(str(shutil.which(name)))
    old = tools / "python3"
    old.write_text("#!/bin/bash\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    done = subprocess.run(
        ["bash", ".ci/run"],
        cwd=workplace,
        env={**os.environ, "PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no Python >= 3.11" in done.stderr
