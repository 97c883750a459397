"""Pools that lose no connection when a call is cancelled, and do no needless work.

httpcore takes the connections that have expired off its pool and closes them one after
the other, inside a request that may well be another call's. It shields that with
anyio's scopes, which asyncio's own cancellation, and so every ``asyncio.timeout``, goes
straight through: what is not closed by then nobody knows of any more, and its socket
stays open until the garbage collector comes by.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, TypeAlias

from llmhub_runtime.network import Network

__all__ = ["close_whole_lists", "http_clients", "set_no_timers", "use_network"]

_Close: TypeAlias = Callable[[Sequence[Any]], Awaitable[None]]

# Where the SDKs keep their httpx.AsyncClient.
_PLACES = (
    "_client",  # all that Stainless generates: openai, anthropic, groq ...
    "sdk_configuration.async_client",  # mistral
    "_client_wrapper.httpx_client.httpx_client",  # cohere
    "_api_client._async_httpx_client",  # google
)


def close_whole_lists(sdk: Any) -> None:
    """Make the pools of an SDK's client close all that they set out to close.

    Args:
        sdk: The client of an SDK; one that is not built on httpx stays as it is.
    """
    for pool in _pools(sdk):
        pool._close_connections = partial(_close_all, pool._close_connections)  # noqa: SLF001


def use_network(sdk: Any) -> None:
    """Put a network of our own below the client of an SDK; see ``network``.

    Args:
        sdk: Its client, not used yet; one that is not built on httpx stays as it is.
    """
    for pool in _pools(sdk):
        if hasattr(pool, "_network_backend"):
            pool._network_backend = Network(pool._network_backend)  # noqa: SLF001


def set_no_timers(sdk: Any) -> None:
    """Have the client of an SDK leave it to the hub how long is waited.

    One timer of the hub bounds all that an attempt waits for. httpx would set up and
    take down another for each read and write, a sixth of what the hub costs a call.

    Args:
        sdk: Its client; one that is not built on httpx keeps the limit that it is given
            with each request.
    """
    for http in http_clients(sdk):
        http.event_hooks["request"].append(_without_timers)


async def _without_timers(request: Any) -> None:
    request.extensions["timeout"] = {}


async def _close_all(close: _Close, connections: Sequence[Any]) -> None:
    """Close connections; a cancellation meanwhile comes after the last of them."""
    cancelled: asyncio.CancelledError | None = None
    for connection in connections:
        try:
            await close([connection])
        except asyncio.CancelledError as error:
            # This one is closed: only the turn of the loop after that was cut short.
            cancelled = error
    if cancelled is not None:
        raise cancelled


def http_clients(sdk: Any) -> Iterator[Any]:
    """Give the ``httpx.AsyncClient`` of an SDK's client, if it is built on one."""
    for place in _PLACES:
        try:
            http = attrgetter(place)(sdk)
        except AttributeError:
            continue
        if hasattr(http, "event_hooks"):
            yield http


def _pools(sdk: Any) -> Iterator[Any]:
    for http in http_clients(sdk):
        mounted = getattr(http, "_mounts", {}).values()
        for transport in (getattr(http, "_transport", None), *mounted):
            pool = getattr(transport, "_pool", None)
            if hasattr(pool, "_close_connections"):
                yield pool
