"""Fixtures for pytest.

They are there once a ``conftest.py`` says so; nothing is registered behind its back::

    pytest_plugins = ["llmhub_runtime.testing.fixtures"]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from llmhub_runtime.config import load_config
from llmhub_runtime.hub import LLMHub
from llmhub_runtime.testing.cassettes import RecordingHub, ReplayHub
from llmhub_runtime.testing.drilling import drill
from llmhub_runtime.testing.scorecard import Scorecard
from llmhub_runtime.testing.server import FaultServer

__all__ = [
    "llmhub_cassette",
    "llmhub_drill",
    "llmhub_fault_server",
    "pytest_addoption",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that records cassettes."""
    parser.getgroup("llmhub").addoption(
        "--llmhub-record",
        action="store_true",
        help="ask the providers, and write the cassettes of llmhub_cassette anew",
    )


@pytest.fixture
def llmhub_fault_server() -> Iterator[FaultServer]:
    """A server of providers that fail as they are told."""
    with FaultServer() as server:
        yield server


@pytest.fixture
def llmhub_drill() -> Callable[..., Scorecard]:
    """Drill a role: ``llmhub_drill("llm.answers")``, of ``llmhub.yaml`` or ``config``.

    The other arguments are those of ``drill``; time runs ten times as fast.
    """

    def run(role: str, config: Any = "llmhub.yaml", **options: Any) -> Scorecard:
        known = load_config(config) if isinstance(config, (str, Path)) else config
        return drill(known, role, **{"scale": 0.1} | options)

    return run


@pytest.fixture
def llmhub_cassette(request: pytest.FixtureRequest) -> Callable[..., LLMHub]:
    """Make a hub for this test: ``llmhub_cassette(config_path="llmhub.yaml")``.

    It replays ``cassettes/<module>/<test>.jsonl`` beside the test's file; with
    ``--llmhub-record`` it asks the providers and writes that file.
    """
    path = Path(request.path)
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in request.node.name)
    cassette = path.parent / "cassettes" / path.stem / f"{name}.jsonl"
    recording = request.config.getoption("--llmhub-record")
    kind: Callable[..., LLMHub] = RecordingHub if recording else ReplayHub
    return partial(kind, cassette)
