"""Events: listed, quiet by default, and never on stdout."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

import llmhub_core
import llmhub_selectors
import llmhub_sources
from llmhub_core import trace

PACKAGES = (llmhub_core, llmhub_sources, llmhub_selectors)


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    """The modules that take something from the trace door."""
    for package in PACKAGES:
        for folder in package.__path__:
            for path in sorted(Path(folder).rglob("*.py")):
                tree = ast.parse(path.read_text(encoding="utf-8"))
                if any(
                    isinstance(node, ast.ImportFrom)
                    and node.module == "llmhub_core.trace"
                    for node in ast.walk(tree)
                ):
                    yield path, tree


def _emitted() -> dict[str, str]:
    """Every event name in a call of `emit` or of a logger, and where it is."""
    found: dict[str, str] = {}
    for path, tree in _modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _is_event(node.func):
                name = node.args[0]
                assert isinstance(name, ast.Constant), f"{path}:{node.lineno}"
                found[str(name.value)] = f"{path}:{node.lineno}"
    return found


def _is_event(function: ast.expr) -> bool:
    match function:
        case ast.Name(id="emit"):
            return True
        case ast.Attribute(value=ast.Call(func=ast.Name(id="logger"))):
            return True
        case _:
            return False


def test_the_list_of_events_is_the_truth() -> None:
    """Each emitted event is listed with its meaning, and each listed one emitted."""
    emitted = _emitted()
    unlisted = {name: emitted[name] for name in emitted.keys() - trace.EVENTS.keys()}
    assert not unlisted
    assert not trace.EVENTS.keys() - emitted.keys()


def test_events_are_nouns_with_participles() -> None:
    """``noun.past_participle``, in order, so that a reader can filter on them."""
    assert list(trace.EVENTS) == sorted(trace.EVENTS)
    assert all(name.count(".") == 1 and name.islower() for name in trace.EVENTS)


def test_a_library_is_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    """Unconfigured, events go nowhere; structlog alone would print to stdout."""
    trace.emit("catalog.fused", models=3)
    trace.logger().info("catalog.fused", models=3)
    assert capfd.readouterr() == ("", "")


def test_a_warning_goes_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    """What the user should know is said, beside the data and not in it."""
    trace.logger().warning("cache.unwritable", path="/nowhere")
    out, err = capfd.readouterr()
    assert out == ""
    assert "cache.unwritable" in err
    assert "/nowhere" in err


def test_a_warning_follows_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever redirects stderr later gets the later warnings."""
    for _ in range(2):
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        trace.logger().warning("cache.discarded")
        assert "cache.discarded" in stream.getvalue()


def test_events_can_be_captured() -> None:
    """An application's tests see them with structlog's own tool."""
    with capture_logs() as logs:
        trace.emit("source.fetched", source="arena", served=0)
    assert logs == [
        {
            "event": "source.fetched",
            "log_level": "debug",
            "served": 0,
            "source": "arena",
        }
    ]


def test_an_application_decides_when_it_configured_structlog(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Configured, structlog is the application's: events take its way."""
    structlog.configure(
        processors=[structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(),
    )
    trace.emit("role.chosen", role="chat")
    assert capfd.readouterr().out == '{"role": "chat", "event": "role.chosen"}\n'


def test_verbose_prints_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    """``--verbose`` shows every event, and stdout stays free for data."""
    trace.configure()
    trace.emit("source.stale", source="models-dev", reason="HTTP 503")
    out, err = capfd.readouterr()
    assert out == ""
    assert "source.stale" in err
    assert "HTTP 503" in err


def test_an_event_does_not_import_structlog() -> None:
    """Nobody listens before structlog is imported: 60 ms are saved."""
    code = (
        "import sys; from llmhub_core.trace import emit; emit('catalog.fused');"
        "sys.exit('structlog' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
