"""What every test gets: no network but loopback, folders of its own, no keys.

Runs in the bare environment of the runtime too, so it imports nothing of the core
and reaches for structlog only when something else has imported it.
"""

from __future__ import annotations

import ipaddress
import itertools
import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# Deadlines would be assertions on time, on machines that others use as well.
hypothesis.settings.register_profile("fast", max_examples=10, deadline=None)
hypothesis.settings.register_profile("dev", max_examples=50, deadline=None)
hypothesis.settings.register_profile(
    "ci", max_examples=100, deadline=None, derandomize=True, print_blob=True
)
hypothesis.settings.register_profile("large", max_examples=3_000, deadline=None)
hypothesis.settings.load_profile(  # `--hypothesis-profile=NAME` overrides this
    "ci" if os.environ.get("CI") else "dev"
)

SECRET = re.compile(r"(_API_KEY|_API_TOKEN|_ACCESS_KEY(_ID)?|_KEY|_TOKEN|_API_BASE)$")
PROXY = re.compile(r"^(https?|all|no)_proxy$", re.IGNORECASE)


class NetworkAccessError(BaseException):
    """A test reached for a host other than this machine.

    Not an ``Exception``: code that rightly survives an upstream that is down must
    not survive this.
    """


def _is_here(host: Any) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sockets reach loopback and local sockets; refuse the rest loudly."""
    real_lookup = socket.getaddrinfo
    real_connect = socket.socket.connect
    real_connect_ex = socket.socket.connect_ex

    def check(address: Any) -> None:
        # An AF_UNIX address is a path; an internet address is a tuple.
        if isinstance(address, tuple) and not _is_here(address[0]):
            message = f"a test reached for {address!r}; only loopback is allowed"
            raise NetworkAccessError(message)

    def lookup(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        check((host, port))
        return real_lookup(host, port, *rest, **named)

    def connect(self: socket.socket, address: Any) -> None:
        check(address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        check(address)
        return real_connect_ex(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect_ex)


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("llmhub")
    return (root / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_environment(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test an empty cache and config folder, and none of the user's keys.

    The folders do not exist yet: what needs one makes it.
    """
    for name in list(os.environ):
        if name.startswith("LLMHUB_") or SECRET.search(name) or PROXY.match(name):
            monkeypatch.delenv(name)
    home = next(_homes)
    monkeypatch.setenv("LLMHUB_CACHE_DIR", str(home / "cache"))
    monkeypatch.setenv("LLMHUB_CONFIG_DIR", str(home / "config"))


@pytest.fixture(autouse=True)
def _fresh_logging() -> Iterator[None]:
    """Undo what a test configured in structlog, wherever it stopped."""
    yield
    structlog = sys.modules.get("structlog")
    if structlog is not None:
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
