"""The command line as users run it: a process, a folder, upstreams on loopback."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.upstreams import Upstreams, serving

SPEC = """\
project: shop
env: dev
roles:
  llm.answers:  # read by people
    kind: chat
    preferences: {quality: high, cost: medium}
    require: {tools: true}
  llm.search:
    kind: embedding
environments:
  prod:
    roles:
      llm.answers: {preferences: {quality: low, cost: low}}
"""


class Run(Protocol):
    """Run ``llmhub`` and wait for its end."""

    def __call__(
        self, *arguments: str, cwd: Path | None = None, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Return what it printed and its exit status."""


def script() -> str:
    """Path of the installed command."""
    found = shutil.which("llmhub", path=str(Path(sys.executable).parent))
    assert found is not None
    return found


@pytest.fixture
def upstreams() -> Iterator[Upstreams]:
    """Serve small payloads at the upstreams' paths."""
    with serving() as server:
        yield server


@pytest.fixture
def environ(upstreams: Upstreams) -> dict[str, str]:
    """Environment of the command: loopback upstreams, folders of the test."""
    return {
        **os.environ,
        "COLUMNS": "160",
        "LLMHUB_MODELS_DEV_URL": f"{upstreams.url}/models_dev",
        "LLMHUB_ARENA_DATASET_URL": upstreams.url,
        "LLMHUB_ARENA_CATALOG_URL": f"{upstreams.url}/none",
        "LLMHUB_SOURCES": "any-llm,arena,models-dev",
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a spec of two roles."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "llmhub.spec.yaml").write_text(SPEC, encoding="utf-8")
    return folder


@pytest.fixture
def llmhub(environ: dict[str, str], project: Path) -> Run:
    """Run the command in the project's folder."""

    def run(
        *arguments: str, cwd: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        options: dict[str, Any] = {"capture_output": True, "text": True}
        return subprocess.run(
            [script(), *arguments],
            cwd=cwd or project,
            env=environ | more,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=120,
            **options,
        )

    return run


class Answer(Protocol):
    """Run ``llmhub`` on a terminal and type something."""

    def __call__(self, typed: str, *arguments: str) -> tuple[int, str]:
        """Return its exit status and all that the terminal showed."""


@pytest.fixture
def answer(environ: dict[str, str], project: Path) -> Answer:
    """Run the command in the project's folder, on a real terminal."""

    def run(typed: str, *arguments: str) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [script(), *arguments],
            cwd=project,
            env=environ,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            os.write(ours, typed.encode())
            said = b""
            # The end of a terminal that nobody holds any more is an error on Linux.
            with contextlib.suppress(OSError):
                while more := os.read(ours, 4096):
                    said += more
            status = process.wait(timeout=60)
        os.close(ours)
        return status, said.decode()

    return run
