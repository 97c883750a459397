"""The fixtures, in a pytest of their own, as in somebody's project."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from llmhub_runtime.testing import FaultServer

CONFTEST = 'pytest_plugins = ["llmhub_runtime.testing.fixtures"]\n'
TESTS = """
import os

import pytest

from llmhub_runtime.testing import FAULTS, Refusal

SAY = [{"role": "user", "content": "hello"}]


def test_cassette(llmhub_cassette):
    with llmhub_cassette(config_path="llmhub.yaml") as hub:
        answer = hub.completion("r", SAY)
    assert answer.choices[0].message.content.startswith("A provider")


def test_server(llmhub_fault_server):
    lane = llmhub_fault_server.lane(Refusal(status=503))
    assert lane.url().endswith("/v1")


def test_drill(llmhub_drill):
    quick = [one for one in FAULTS if one.id in ("S03", "S12")]
    card = llmhub_drill("r", faults=quick)
    assert [row.verdict for row in card.rows] == ["pass", "safe"]
    assert card.scale == 0.1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with tests."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_shop.py").write_text(TESTS)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run its tests."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "-W", "error", *arguments],
        cwd=folder,
        env={"PATH": "", "SHOP_KEY": "canary-shop-33"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def write_config(folder: Path, address: str) -> None:
    """Give the project a config."""
    role = {"provider": "openai", "model": "m", "mode": "chat"}
    config = {
        "project": "shop",
        "env": "test",
        "providers": {"openai": {"env_key": "SHOP_KEY", "api_base": address}},
        "roles": {"r": role},
    }
    (folder / "llmhub.yaml").write_text(json.dumps(config))  # JSON is YAML


def test_fixtures_work_in_a_project(folder: Path) -> None:
    """Recorded once with the option, replayed without it and without a provider."""
    cassette = folder / "cassettes" / "test_shop" / "test_cassette.jsonl"
    with FaultServer() as server:
        write_config(folder, server.lane().url())
        done = run(folder)
        assert "1 failed, 2 passed" in done.stdout, done.stdout
        assert "record it with" in done.stdout
        done = run(folder, "--llmhub-record")
        assert "3 passed" in done.stdout, done.stdout
    held = cassette.read_text("utf-8")
    assert "canary" not in held
    done = run(folder)
    assert "3 passed" in done.stdout, done.stdout
    assert cassette.read_text("utf-8") == held


def test_nothing_is_registered_unasked(tmp_path: Path) -> None:
    """Installing the runtime adds no fixture and no option to anybody's tests."""
    (tmp_path / "test_none.py").write_text("def test_x(llmhub_drill): pass\n")
    done = run(tmp_path)
    assert "fixture 'llmhub_drill' not found" in done.stdout


def test_the_kit_imports_neither_pytest_nor_any_llm() -> None:
    """The fixtures alone import pytest, and any-llm comes with the first answer."""
    program = (
        "import sys, llmhub_runtime.testing\n"
        "assert not {'pytest', 'any_llm', 'openai', 'pydantic'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
