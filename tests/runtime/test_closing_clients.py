"""Clients and the answers behind streams are closed, whatever their SDK does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from types import SimpleNamespace
from typing import Any

import pytest

from llmhub_runtime import ProviderConfig, backend
from llmhub_runtime.connecting import close_client
from llmhub_runtime.request import Request
from llmhub_runtime.resolve import Candidate
from llmhub_runtime.sending import note_sending
from llmhub_runtime.settings import UNSET

httpx = pytest.importorskip("httpx")


class Sdk:
    """Notes how it was closed."""

    def __init__(self) -> None:
        self.closed = ""


class Openai(Sdk):
    """As most are."""

    async def close(self) -> None:
        """Note it."""
        self.closed = "close"


class Cohere(Sdk):
    """With nothing but a context manager, as Cohere's and Mistral's are."""

    async def __aexit__(self, *_: object) -> None:
        self.closed = "aexit"


class Google(Sdk):
    """With its async half apart, and a ``close`` that is for the other half."""

    def __init__(self) -> None:
        super().__init__()
        self.aio = SimpleNamespace(aclose=self._aclose)

    def close(self) -> None:
        """Close the half that nobody uses."""

    async def _aclose(self) -> None:
        self.closed = "aio"


@pytest.mark.parametrize(
    ("sdk", "closed"), [(Openai(), "close"), (Cohere(), "aexit"), (Google(), "aio")]
)
def test_clients_are_closed(sdk: Sdk, closed: str) -> None:
    """The half that was used, in the way that it has."""
    client: Any = SimpleNamespace(client=sdk, PROVIDER_NAME="p")
    asyncio.run(close_client(client))
    assert sdk.closed == closed


async def text() -> AsyncGenerator[bytes, None]:
    """Give an answer that nobody reads to its end."""
    yield b"text"


class Careless:
    """Its streams leave the answer that they read open, as any-llm's of Groq do."""

    TIMEOUT_SUPPORT = "native"

    def __init__(self, *, at_once: bool) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=text()))
        self.client = SimpleNamespace(_client=httpx.AsyncClient(transport=transport))
        self.response: Any = None
        self._at_once = at_once
        note_sending(self.client)

    async def acompletion(self, *_: object, **__: object) -> Any:
        """Open a stream that breaks off."""
        http = self.client._client
        request = http.build_request("POST", "http://provider.example/")
        self.response = await http.send(request, stream=True)
        return self._parts()

    async def _parts(self) -> AsyncGenerator[Any, None]:
        if not self._at_once:
            yield SimpleNamespace(choices=("hello",))
        raise ValueError("no JSON")


async def is_closed_after(client: Careless) -> bool:
    """Read a careless client's stream until it breaks off."""
    candidate = Candidate(
        provider="openai",
        endpoint=ProviderConfig(),
        model="m",
        params={},
        settings=UNSET,
    )
    request = Request(call="completion", arguments={"messages": []}, streams=True)
    asked = backend.Backend()

    async def read() -> None:
        incoming = await asked.stream(candidate, request)
        try:
            assert incoming.first.choices
            assert not client.response.is_closed
            await anext(incoming.parts)
        finally:
            await incoming.close()

    with pytest.raises(ValueError, match="no JSON"):
        await read()
    await asked.aclose()
    return bool(client.response.is_closed)


@pytest.mark.parametrize("at_once", [True, False])
def test_the_answer_behind_a_stream_is_closed(
    monkeypatch: pytest.MonkeyPatch, *, at_once: bool
) -> None:
    """Nobody else would, when the stream breaks off at its first part or later."""
    client = Careless(at_once=at_once)
    monkeypatch.setattr(backend, "connect", lambda *_: client)
    assert asyncio.run(is_closed_after(client))
