"""The blocking twin of a coroutine function: ``generate`` of ``agenerate``."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

__all__ = ["blocking"]

P = ParamSpec("P")
R = TypeVar("R")


def blocking(
    function: Callable[P, Coroutine[Any, Any, R]],
) -> Callable[P, R]:
    """Make the twin of ``afunction`` that runs it to its end.

    Raises:
        RuntimeError: When the twin is called inside a running event loop, where
            the coroutine function itself is to be awaited.
    """
    name = function.__name__.removeprefix("a")

    @functools.wraps(function)
    def twin(*args: P.args, **kwargs: P.kwargs) -> R:
        if _in_loop():
            message = f"in an event loop, await a{name}() instead of calling {name}()"
            raise RuntimeError(message)
        result: list[R] = []

        async def run() -> None:
            # Kept out of the task: asyncio.run() restores the signal handler by
            # way of the repr of a task that is done, result and all, and a
            # catalog takes half a second to write out.
            result.append(await function(*args, **kwargs))

        asyncio.run(run())
        return result[0]

    twin.__name__ = name
    twin.__qualname__ = name
    twin.__doc__ = f"Do what :func:`a{name}` does, outside an event loop."
    return twin


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
