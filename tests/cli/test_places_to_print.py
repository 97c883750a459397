"""What the command line does where printing is difficult."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.cli.conftest import Run, script

InShell: TypeAlias = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def in_shell(environ: dict[str, str], project: Path) -> InShell:
    """Run the command with redirections, as a shell makes them."""

    def run(typed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", f"{shlex.quote(script())} {typed}"],
            cwd=project,
            env=environ,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def test_letters_that_an_encoding_lacks_are_replaced(llmhub: Run) -> None:
    """As in a file on Windows; JSON escapes them, so that none is lost."""
    table = llmhub("plugins", "list", PYTHONIOENCODING="ascii")
    assert table.returncode == 0, table.stderr
    assert f" {'-' * 60}" in table.stdout
    plain = llmhub("plugins", "list", "--json", PYTHONIOENCODING="ascii")
    unicode = llmhub("plugins", "list", "--json", PYTHONIOENCODING="utf-8")
    assert json.loads(plain.stdout) == json.loads(unicode.stdout)
    assert plain.stdout.isascii()
    assert "©" in unicode.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_below_stdout_is_an_error(in_shell: InShell) -> None:
    """One line, without a traceback; ``--debug`` has the traceback."""
    done = in_shell("plugins list > /dev/full")
    assert (done.returncode, done.stderr) == (2, "error: No space left on device\n")
    assert "Traceback" in in_shell("--debug plugins list > /dev/full").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="redirections of a Unix shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_process_may_lack_places_to_print(in_shell: InShell, closed: str) -> None:
    """As a service may; the command does its work."""
    done = in_shell(f"generate --offline {closed}")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert in_shell("generate --check --offline").returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe of a Unix shell")
def test_a_reader_that_stops_early_is_no_error(in_shell: InShell) -> None:
    """``llmhub ... | head`` leaves no traceback behind."""
    typed = "catalog show --offline --json 2>errors | head -n 1; cat errors >&2"
    done = in_shell(typed)
    assert done.stdout == "[\n"
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
