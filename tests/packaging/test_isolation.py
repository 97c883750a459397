"""The fences that tests/conftest.py puts round every test."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest


def _refusal() -> pytest.RaisesExc[BaseException]:
    # The class lives in conftest.py, which importlib mode does not let us import.
    return pytest.RaisesExc(
        BaseException, check=lambda e: type(e).__name__ == "NetworkAccessError"
    )


def test_connecting_elsewhere_is_refused() -> None:
    """A socket to a public address raises something no `except Exception` hides."""
    with socket.socket() as public, _refusal() as caught:
        public.connect(("192.0.2.1", 443))
    assert not isinstance(caught.value, Exception)
    assert "192.0.2.1" in str(caught.value)


def test_looking_a_name_up_is_refused() -> None:
    """A name that is not this machine's is not even resolved."""
    with _refusal():
        socket.getaddrinfo("example.invalid", 443)


def test_asyncio_is_fenced_as_well() -> None:
    """The event loop's own resolver and connector go through the same fence."""

    async def reach() -> None:
        await asyncio.open_connection("192.0.2.1", 443)

    with _refusal():
        asyncio.run(reach())


def test_loopback_is_open() -> None:
    """A server on this machine can be reached by name and by address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            with socket.create_connection((host, port), timeout=5):
                pass


def test_keys_and_proxies_of_the_user_are_gone() -> None:
    """No key, proxy or setting of the person who runs the tests is visible."""
    left = [
        name
        for name in os.environ
        if name.endswith("_API_KEY") or name.lower() in {"http_proxy", "https_proxy"}
    ]
    assert left == []
    assert {name for name in os.environ if name.startswith("LLMHUB_")} == {
        "LLMHUB_CACHE_DIR",
        "LLMHUB_CONFIG_DIR",
    }


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_has_its_own_folders(turn: str) -> None:
    """What one test leaves in the cache folder no other test finds."""
    cache = Path(os.environ["LLMHUB_CACHE_DIR"])
    assert not cache.exists()
    cache.mkdir(parents=True)
    (cache / turn).touch()
