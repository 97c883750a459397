"""Ask one provider for its models through any-llm.

Every question runs on a thread with an event loop of its own: some SDKs block the
loop they run on, and importing any-llm holds it for over a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from llmhub_core.errors import SourceUnavailableError
from llmhub_sources.any_llm.providers import Target
from llmhub_sources.documents import is_sound

__all__ = ["list_models"]

T = TypeVar("T")

#: What an SDK that blocks its loop gets beyond its limit before it is left behind.
_GRACE_SECONDS = 0.5
_LONGEST_REASON = 200
_SHORTEST_SECRET = 4


async def list_models(target: Target, *, timeout_seconds: float) -> bytes:
    """Ask a provider for the ids of its models.

    Args:
        target: The provider and its credential.
        timeout_seconds: Limit of the question; importing any-llm does not count.

    Returns:
        A JSON list of ids, sorted, each once.

    Raises:
        SourceUnavailableError: No listing; the reason holds no credential.
    """
    try:
        await _in_thread(_import)
        async with asyncio.timeout(timeout_seconds + _GRACE_SECONDS):
            ids = await _in_thread(partial(_ask_alone, target, timeout_seconds))
    except TimeoutError:
        reason = f"no answer within {timeout_seconds:g} s"
    except ImportError as error:
        # A broken SDK looks like a missing one; the cause tells them apart.
        cause = _scrubbed(str(error.__cause__ or error), target)
        reason = f"needs any-llm-sdk[{target.name}] ({cause})"
    # Any of forty SDKs may raise anything; one must not spoil the others.
    except Exception as error:  # noqa: BLE001
        reason = _reason(error, target)
    else:
        if ids:
            return json.dumps(ids).encode()
        # Believed, it would turn every model of the provider away.
        reason = "lists no model"
    # From None: the cause's text may quote the request, key and all.
    raise SourceUnavailableError(target.name, reason) from None


def _import() -> None:
    import any_llm  # noqa: F401


def _ask_alone(target: Target, timeout_seconds: float) -> list[str]:
    return asyncio.run(_ask(target, timeout_seconds))


async def _ask(target: Target, timeout_seconds: float) -> list[str]:
    from any_llm import AnyLLM

    kind = AnyLLM.get_provider_class(target.name)
    retries = {} if kind.MAX_RETRIES_SUPPORT == "unsupported" else {"max_retries": 0}
    async with asyncio.timeout(timeout_seconds):
        provider = AnyLLM.create(
            target.name,
            api_key=target.api_key,
            api_base=target.api_base,
            unified_exceptions=True,
            **retries,
        )
        try:
            models = await provider.alist_models(**target.provider.arguments)
        finally:
            await _close(provider)
    return sorted({model.id for model in models if is_sound(model.id)})


async def _close(provider: Any) -> None:
    """Close the SDK's client, which any-llm has no door for."""
    client = getattr(provider, "client", None)
    close = getattr(client, "close", None)
    # Closing is a courtesy: what was listed counts even when it fails.
    with contextlib.suppress(Exception):
        closing = close() if callable(close) else None
        if inspect.isawaitable(closing):
            await closing


def _reason(error: Exception, target: Target) -> str:
    status = getattr(error, "status_code", None)
    kind = type(error).__name__
    if isinstance(status, int):
        # The body of a refusal may quote the key; the status says enough.
        return f"{kind} (HTTP {status})"
    return f"{kind}: {_scrubbed(str(error), target)}"


def _scrubbed(text: str, target: Target) -> str:
    # A dummy of one letter is in every word.
    if target.api_key and len(target.api_key) >= _SHORTEST_SECRET:
        text = text.replace(target.api_key, "***")
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}..."


async def _in_thread(work: Callable[[], T]) -> T:
    """Run blocking work on a thread of its own and await it.

    Unlike :func:`asyncio.to_thread`, a thread that hangs holds up neither the next
    question nor the end of the process.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = work()
        # The thread has nobody else to tell.
        except BaseException as error:  # noqa: BLE001
            failure = error
        # The loop is gone when whoever asked has stopped waiting.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="llmhub-any-llm", daemon=True).start()
    return await answer
