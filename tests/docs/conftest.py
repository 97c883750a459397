"""What a reader of the documentation has: a terminal and an account at a provider."""

from __future__ import annotations

import json
import os
import signal
import site
import subprocess
import threading
import uuid
import venv
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

_LIMIT_SECONDS = 120.0
#: Programs that readers type; they run in the environment that is active.
_COMMANDS = {"hatchling", "llmhub", "pip", "pytest"}
# What a package is built with is installed below; nothing comes from an index.
_NO_INDEX = {
    "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as "yes, without isolation"
    "PIP_NO_INDEX": "1",
}
# A pytest that finds these prints other lines than a reader's.
_OF_A_TEST_RUN = {
    "BUILD_NUMBER",
    "CI",
    "PYTEST_ADDOPTS",
    "PYTEST_XDIST_AUTO_NUM_WORKERS",
}


class Account(BaseHTTPRequestHandler):
    """Answers like OpenAI, on loopback: chat, streams and embeddings."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer one request; the answer names the model that was asked."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        words = ["Hello", " from ", asked["model"], "."]
        if self.path.endswith("/embeddings"):
            texts = (
                [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
            )
            rows = [
                {"object": "embedding", "index": index, "embedding": [0.5, -0.5]}
                for index, _ in enumerate(texts)
            ]
            self._whole({"object": "list", "data": rows, "usage": _usage(len(texts))})
        elif asked.get("stream"):
            self._stream(asked["model"], words)
        else:
            message = {"role": "assistant", "content": "".join(words)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            answer = {"object": "chat.completion", "choices": [choice]}
            self._whole(_head(asked["model"]) | answer | {"usage": _usage(9)})

    def _whole(self, answer: dict[str, Any]) -> None:
        self._send("application/json", json.dumps({"model": "m", **answer}))

    def _stream(self, model: str, words: list[str]) -> None:
        deltas = [({"content": word}, None) for word in words] + [({}, "stop")]
        events = [
            _head(model)
            | {"object": "chat.completion.chunk"}
            | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
            for delta, reason in deltas
        ]
        lines = [f"data: {json.dumps(event)}\n\n" for event in events]
        self._send("text/event-stream", "".join([*lines, "data: [DONE]\n\n"]))

    def _send(self, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


def _head(model: str) -> dict[str, Any]:
    return {"id": "c1", "created": 1, "model": model}


def _usage(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": tokens, "completion_tokens": 4, "total_tokens": tokens + 4}


def layered(folder: Path) -> Path:
    """Make a virtual environment on top of the one that the tests run in.

    What is installed there is seen here, and ``pip`` installs here.

    Returns:
        Its Python.
    """
    python = folder / "bin" / "python"
    venv.create(folder, symlinks=True)
    below = "".join(
        f"import site; site.addsitedir({path!r})\n" for path in site.getsitepackages()
    )
    (packages_of(python) / "below.pth").write_text(below, encoding="utf-8")
    for point in entry_points(group="console_scripts"):
        script = python.with_name(point.name)
        if point.name in _COMMANDS:
            script.write_text(
                f"#!{python}\nimport sys\nfrom {point.module} import {point.attr}\n"
                f"sys.exit({point.attr}())\n",
                encoding="utf-8",
            )
            script.chmod(0o755)
    return python


def packages_of(python: Path) -> Path:
    """Where an environment has its packages."""
    (folder,) = python.parents[1].glob("lib/python3*/site-packages")
    return folder


class Terminal:
    """One bash for a whole document: folders, variables and jobs stay.

    Its commands see no network and an empty cache.

    Args:
        folder: Where it opens.
        python: The Python of the environment that is active in it.
        variables: More variables.
    """

    def __init__(
        self, folder: Path, python: Path, variables: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.home = folder.with_name(f"{folder.name}-home")
        self.home.mkdir()
        self._mark = uuid.uuid4().hex
        self._bash = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=self._environment(python) | dict(variables or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def _environment(self, python: Path) -> dict[str, str]:
        scripts = os.pathsep.join([str(python.parent), os.environ["PATH"]])
        outer = {n: v for n, v in os.environ.items() if n not in _OF_A_TEST_RUN}
        return outer | {
            "COLUMNS": "80",
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "LLMHUB_OFFLINE": "1",
            "NO_COLOR": "1",
            "PATH": scripts,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "TERM": "dumb",
        }

    def run(
        self, command: str, until: Callable[[str], bool] | None = None
    ) -> tuple[str, int]:
        """Run one command, or a script, and return what it printed and its status.

        Args:
            command: What is typed.
            until: For a command that goes on in the background: when its output is
                what is waited for.
        """
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        watch = threading.Timer(_LIMIT_SECONDS, self.close)
        watch.start()
        try:
            self._bash.stdin.write(
                f"{command}\n_status=$?; echo {self._mark} $_status; (exit $_status)\n"
            )
            self._bash.stdin.flush()
            lines: list[str] = []
            status: int | None = None
            for line in self._bash.stdout:
                head, mark, tail = line.partition(self._mark)
                lines += [head] if head else []
                if mark:
                    status = int(tail)
                done = until is None or status or until("".join(lines))
                if status is not None and done:
                    return "".join(lines), status
        finally:
            watch.cancel()
        return "".join(lines) + "\nthe terminal ended here\n", -1

    def close(self) -> None:
        """End bash and everything that was started in it."""
        if self._bash.poll() is None:
            os.killpg(self._bash.pid, signal.SIGKILL)

    def release(self) -> None:
        """Close, and let go of the pipes."""
        self.close()
        self._bash.wait()
        for pipe in (self._bash.stdin, self._bash.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture(scope="session")
def account() -> Iterator[str]:
    """Return the address of a provider on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Account)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.fixture
def terminal(
    tmp_path: Path,
    account: str,
    own_environment: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Terminal]:
    """Open a terminal in an empty folder; Python code in this process runs there too.

    The reader has a key for OpenAI, whose address is on loopback here.
    """
    monkeypatch.setenv("OPENAI_API_KEY", "sk-made-up")
    monkeypatch.setenv("OPENAI_BASE_URL", account)
    folder = tmp_path / "my-app"
    folder.mkdir()
    python = layered(tmp_path / "environment")
    opened = Terminal(folder, python, _NO_INDEX)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    monkeypatch.syspath_prepend(str(packages_of(python)))
    yield opened
    opened.release()
