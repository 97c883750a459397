"""What calls travel over: how many connections, and aiohttp where it is wished."""

from __future__ import annotations

import asyncio
import importlib.util
import socketserver
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from llmhub_runtime import (
    CallFailedError,
    Candidate,
    LLMHub,
    ProviderConfig,
    RuntimeConfig,
)
from llmhub_runtime.connecting import (
    close_client,
    connect,
    has_aiohttp_extra,
    import_provider,
)
from llmhub_runtime.settings import UNSET

SAY = [{"role": "user", "content": "hello"}]

needs_aiohttp = pytest.mark.skipif(
    importlib.util.find_spec("aiohttp") is None, reason="aiohttp is not installed"
)


@pytest.fixture(params=["httpx", pytest.param("aiohttp", marks=needs_aiohttp)])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Either of the two."""
    name: str = request.param
    monkeypatch.setattr(
        "llmhub_runtime.connecting.has_aiohttp_extra", lambda: name == "aiohttp"
    )
    return name


def test_thousand_calls_in_a_row_share_one_connection(
    transport: str, config: RuntimeConfig, provider: Any
) -> None:
    """However many calls: one after the other needs one."""

    async def main() -> None:
        async with LLMHub(config_obj=config) as hub:
            for _ in range(1000):
                await hub.acompletion("llm.chat", SAY)

    asyncio.run(main())
    assert len(provider.seen) == 1000
    assert provider.connections == 1
    assert provider.wait_until(lambda: provider.open_connections == 0)


def test_as_many_connections_as_calls_at_once(
    transport: str, config: RuntimeConfig, provider: Any
) -> None:
    """64 in flight need no more than 64, however many calls come."""

    async def main() -> None:
        slots = asyncio.Semaphore(64)

        async def call() -> None:
            async with slots:
                await hub.acompletion("llm.chat", SAY)

        async with LLMHub(config_obj=config) as hub:
            await asyncio.gather(*(call() for _ in range(500)))

    asyncio.run(main())
    assert len(provider.seen) == 500
    assert provider.connections <= 64
    assert provider.wait_until(lambda: provider.open_connections == 0)


def test_every_way_to_call(transport: str, hub: LLMHub, provider: Any) -> None:
    """Whole, in parts, left early, and by way of Anthropic's SDK."""
    hub.completion("llm.chat", SAY)
    assert len(list(hub.completion("llm.chat", SAY, stream=True))) == 4
    stream = hub.completion("llm.chat", SAY, stream=True)
    next(stream)
    stream.close()
    hub.completion("llm.claude", SAY)
    assert hub.speech("voice", "hello") == b"hello"
    hub.close()
    assert provider.wait_until(lambda: provider.open_connections == 0)


CUTS_OFF = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LOSSES = {
    "refused": None,
    "hung up": b"",
    "cut": CUTS_OFF + b"Content-Length: 100\r\n\r\n{",
    "cut in a chunk": CUTS_OFF + b"Transfer-Encoding: chunked\r\n\r\n64\r\n{",
}


@pytest.fixture(params=LOSSES)
def lossy(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server that loses every request in one way."""
    answer = LOSSES[request.param]

    class Rude(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.request.sendall(answer)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Rude)
    address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    if answer is None:
        server.server_close()
        yield address
        return
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def test_lost_connections_are_told_alike(
    transport: str, lossy: str, config: RuntimeConfig
) -> None:
    """The class is the same over either transport, so what follows is the same."""
    endpoint = ProviderConfig(env_key="MY_OPENAI", api_base=lossy)
    config = evolve(config, providers={**config.providers, "openai": endpoint})
    with LLMHub(config_obj=config) as hub, pytest.raises(CallFailedError) as caught:
        hub.completion("llm.chat", SAY, num_retries=0)
    told = [(one.error_class, one.status) for one in caught.value.attempts]
    assert told == [("connection", None)]


def test_first_call_is_not_charged_for_the_import(
    config: RuntimeConfig, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit is meant for the provider, not for the second that an SDK takes."""

    def slowly(candidate: Candidate) -> Any:
        time.sleep(2.5)
        return import_provider(candidate)

    monkeypatch.setattr("llmhub_runtime.backend.import_provider", slowly)
    with LLMHub(config_obj=config) as hub:
        hub.completion("llm.chat", SAY, timeout=2, deadline=2, num_retries=0)
    assert len(provider.seen) == 1


@needs_aiohttp
@pytest.mark.parametrize(
    ("provider_name", "taken"),
    [("openai", True), ("llamacpp", True), ("my-gateway", True), ("anthropic", False)],
)
@pytest.mark.parametrize("installed", [True, False])
def test_who_sends_through_aiohttp(
    provider_name: str,
    taken: bool,
    installed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """OpenAI's SDK does when the extra is there; the others are left as they are."""
    monkeypatch.setattr(
        "llmhub_runtime.connecting.find_spec",
        lambda name: object() if installed and name == "httpx_aiohttp" else None,
    )
    assert has_aiohttp_extra() == installed
    candidate = Candidate(
        provider=provider_name,
        endpoint=ProviderConfig(api_base="http://127.0.0.1:9/v1"),
        model="m",
        params={},
        settings=UNSET,
    )

    async def main() -> str:
        client: Any = connect(candidate, "key")
        kind = type(client.client._client).__mro__[1].__name__.lower()
        await close_client(client)
        return kind

    assert ("aiohttp" in asyncio.run(main())) == (taken and installed)


def test_extra_brings_what_switches_it_on() -> None:
    """The package that is looked for is one that the extra installs."""
    import tomllib

    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "llmhub_runtime" / "pyproject.toml").read_text())
    wanted = project["project"]["optional-dependencies"]["aiohttp"]
    assert any(one.startswith("httpx-aiohttp") for one in wanted)
    assert "openai[aiohttp]" in wanted
