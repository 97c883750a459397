"""Clients are closed, whatever their SDK calls that."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from llmhub_runtime.connecting import close_client


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
