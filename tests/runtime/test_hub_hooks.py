"""What hooks see of a call and what they can do to it."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any

import pytest

from llmhub_runtime import AttemptTimeoutError, LLMHub, RuntimeConfig

SAY = [{"role": "user", "content": "hello"}]


class Watcher:
    """Two hooks that keep what they are given."""

    def __init__(self) -> None:
        self.before: list[dict[str, Any]] = []
        self.after: list[dict[str, Any]] = []
        self.threads: list[str] = []

    def on_before(self, context: dict[str, Any]) -> None:
        """Keep the context."""
        self.before.append(dict(context))
        self.threads.append(threading.current_thread().name)

    def on_after(self, result: dict[str, Any]) -> None:
        """Keep the result."""
        self.after.append(result)
        self.threads.append(threading.current_thread().name)

    async def aon_before(self, context: dict[str, Any]) -> None:
        """Keep the context, after a pause."""
        await asyncio.sleep(0)
        self.on_before(context)

    async def aon_after(self, result: dict[str, Any]) -> None:
        """Keep the result, after a pause."""
        await asyncio.sleep(0)
        self.on_after(result)


@pytest.fixture
def watcher() -> Watcher:
    """Hooks that nothing was told yet."""
    return Watcher()


@pytest.fixture
def watched(config: RuntimeConfig, watcher: Watcher) -> Any:
    """A hub with these hooks."""
    with LLMHub(
        config_obj=config,
        on_before_call=watcher.on_before,
        on_after_call=watcher.on_after,
    ) as hub:
        yield hub


def test_hooks_see_a_completion(watched: LLMHub, watcher: Watcher) -> None:
    """The original's keys, the sent messages, the answer and how long it took."""
    answer = watched.completion("llm.chat", SAY, {"seed": 3})
    context = {
        "role": "llm.chat",
        "provider": "openai",
        "model": "gpt-x",
        "mode": "chat",
        "params": {"temperature": 0.5, "seed": 3},
        "messages": SAY,
    }
    assert watcher.before == [context]
    (result,) = watcher.after
    assert 0 < result.pop("duration_seconds") < 60
    (attempt,) = result.pop("attempts")
    assert (attempt.provider, attempt.model) == ("openai", "gpt-x")
    outcome = {
        "success": True,
        "error": None,
        "response": answer,
        "input_tokens": 3,
        "output_tokens": 3,
        "cost_usd": None,
        "time_to_first_token_seconds": None,
    }
    assert result == context | outcome
    here = threading.current_thread().name
    assert watcher.threads == [here, here]


def test_what_a_hook_changes_holds_for_one_call(
    config: RuntimeConfig, provider: Any
) -> None:
    """The next call of the role begins with the role's own parameters again."""
    seeds = iter(({"seed": 1}, {}))

    def change(context: dict[str, Any]) -> None:
        context["params"] |= next(seeds)

    with LLMHub(config_obj=config, on_before_call=change) as hub:
        hub.completion("llm.chat", SAY)
        hub.completion("llm.chat", SAY)
    assert [one.body.get("seed") for one in provider.seen] == [1, None]


def test_hooks_see_an_embedding(watched: LLMHub, watcher: Watcher) -> None:
    """An embedding has ``input`` instead of ``messages``."""
    answer = watched.embedding("llm.embedding", ["x"])
    assert watcher.before[0]["input"] == ["x"]
    assert watcher.before[0]["mode"] == "embedding"
    assert "messages" not in watcher.before[0]
    assert watcher.after[0]["response"] is answer


def test_after_hook_sees_a_failure(
    watched: LLMHub, watcher: Watcher, provider: Any
) -> None:
    """A failure is told with its exception, also when a stream does not open."""
    provider.answer_with(500, {"error": {"message": "no"}})
    for stream in (False, True):
        with pytest.raises(Exception, match="no") as caught:
            watched.completion("llm.chat", SAY, stream=stream)
        result = watcher.after.pop()
        assert (result["success"], result["error"]) == (False, caught.value)
        assert result["response"] is None

    async def main() -> None:
        with pytest.raises(Exception, match="left alone") as caught:
            await watched.acompletion("llm.chat", SAY, stream=True)
        assert watcher.after.pop()["error"] is caught.value

    asyncio.run(main())


def test_before_hook_vetoes(config: RuntimeConfig, provider: Any) -> None:
    """What it raises reaches the caller, and nothing is sent or told afterwards."""
    after: list[Any] = []

    def refuse(context: dict[str, Any]) -> None:
        raise PermissionError("not today")

    hub = LLMHub(config_obj=config, on_before_call=refuse, on_after_call=after.append)

    async def main() -> None:
        with pytest.raises(PermissionError):
            await hub.acompletion("llm.chat", SAY)
        with pytest.raises(PermissionError):
            await hub.acompletion("llm.chat", SAY, stream=True)

    with hub:
        for stream in (False, True):
            with pytest.raises(PermissionError, match="not today"):
                hub.completion("llm.chat", SAY, stream=stream)
        asyncio.run(main())
    assert provider.seen == []
    assert after == []


def test_before_hook_may_change_the_parameters(
    config: RuntimeConfig, provider: Any
) -> None:
    """What it leaves in ``params`` is sent; the config stays as it is."""

    def hook(context: dict[str, Any]) -> None:
        context["params"]["user"] = "u1"
        del context["params"]["temperature"]

    with LLMHub(config_obj=config, on_before_call=hook) as hub:
        hub.completion("llm.chat", SAY)
    assert provider.seen[0].body["user"] == "u1"
    assert "temperature" not in provider.seen[0].body
    assert config.roles["llm.chat"].params == {"temperature": 0.5}


def test_before_hook_may_leave_a_note_for_the_after_hook(
    config: RuntimeConfig,
) -> None:
    """Keys of its own come back, as the original's users rely on."""
    notes: list[Any] = []
    with LLMHub(
        config_obj=config,
        on_before_call=lambda context: context.update(note=7),
        on_after_call=lambda result: notes.append(result["note"]),
    ) as hub:
        hub.completion("llm.chat", SAY)
    assert notes == [7]


def test_after_hook_that_raises_changes_nothing(
    config: RuntimeConfig, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, in every kind of call, and the caller gets the answer."""

    def broken(result: dict[str, Any]) -> None:
        raise ZeroDivisionError("in the hook")

    hub = LLMHub(config_obj=config, on_after_call=broken)

    async def main() -> None:
        await hub.acompletion("llm.chat", SAY)
        async for _ in await hub.acompletion("llm.chat", SAY, stream=True):
            pass

    with hub:
        hub.completion("llm.chat", SAY)
        list(hub.completion("llm.chat", SAY, stream=True))
        asyncio.run(main())
    assert [one.name for one in caplog.records] == ["llmhub_runtime"] * 4
    assert "after-call hook failed for role 'llm.chat'" in caplog.text
    assert "ZeroDivisionError: in the hook" in caplog.text


def test_coroutine_functions_are_hooks_too(
    config: RuntimeConfig, watcher: Watcher
) -> None:
    """They are awaited before the call goes out, in both kinds of call."""
    hub = LLMHub(
        config_obj=config,
        on_before_call=watcher.aon_before,
        on_after_call=watcher.aon_after,
    )

    async def main() -> None:
        await hub.acompletion("llm.chat", SAY)
        async for _ in await hub.acompletion("llm.chat", SAY, stream=True):
            pass

    with hub:
        hub.completion("llm.chat", SAY)
        list(hub.completion("llm.chat", SAY, stream=True))
        asyncio.run(main())
    assert len(watcher.before) == len(watcher.after) == 4
    assert all(result["success"] for result in watcher.after)


def test_stream_is_told_at_its_end(watched: LLMHub, watcher: Watcher) -> None:
    """The after-hook waits for the last chunk and gets all of them."""
    stream = watched.completion("llm.chat", SAY, stream=True)
    first = next(stream)
    assert watcher.after == []
    chunks = (first, *stream)
    (result,) = watcher.after
    assert result["response"] == chunks
    assert result["success"]


def test_async_stream_is_told_at_its_end(watched: LLMHub, watcher: Watcher) -> None:
    """The async twin alike."""

    async def main() -> tuple[Any, ...]:
        stream = await watched.acompletion("llm.chat", SAY, stream=True)
        first = await anext(stream)
        assert watcher.after == []
        return (first, *[chunk async for chunk in stream])

    chunks = asyncio.run(main())
    assert [result["response"] for result in watcher.after] == [chunks]


@pytest.mark.parametrize("role", ["llm.chat", "llm.claude"])
def test_stream_closed_early_is_told_and_closed(
    watched: LLMHub, watcher: Watcher, provider: Any, role: str
) -> None:
    """Closing ends the connection and is no failure."""
    provider.gate.clear()
    stream = watched.completion(role, SAY, stream=True)
    first = next(stream)
    stream.close()
    (result,) = watcher.after
    assert (result["success"], result["error"]) == (True, None)
    assert result["response"] == (first,)
    provider.gate.set()
    assert provider.wait_until(lambda: provider.open_connections == 0)


@pytest.mark.parametrize("role", ["llm.chat", "llm.claude"])
def test_async_stream_closed_early_is_told_and_closed(
    watched: LLMHub, watcher: Watcher, provider: Any, role: str
) -> None:
    """The async twin alike."""
    provider.gate.clear()

    async def main() -> None:
        stream = await watched.acompletion(role, SAY, stream=True)
        await anext(stream)
        await stream.aclose()
        assert [result["success"] for result in watcher.after] == [True]
        provider.gate.set()
        assert await asyncio.to_thread(
            provider.wait_until, lambda: provider.open_connections == 0
        )

    asyncio.run(main())


def test_stream_that_nobody_reads_is_told_and_closed(
    watched: LLMHub, watcher: Watcher, provider: Any
) -> None:
    """Dropping a stream unread closes it, sync and async."""
    provider.gate.clear()
    watched.completion("llm.chat", SAY, stream=True)
    gc.collect()
    assert len(watcher.after) == 1

    async def main() -> None:
        await watched.acompletion("llm.chat", SAY, stream=True)
        gc.collect()
        for _ in range(100):  # rounds of the loop, which closes it by and by
            await asyncio.sleep(0)
        assert len(watcher.after) == 2

    asyncio.run(main())
    assert [result["response"] for result in watcher.after] == [(), ()]
    provider.gate.set()
    assert provider.wait_until(lambda: provider.open_connections == 0)


def test_stream_that_breaks_is_told_with_its_error(
    watched: LLMHub, watcher: Watcher, provider: Any
) -> None:
    """A connection that ends in the middle raises, and the hook hears of it."""
    from any_llm.exceptions import AnyLLMError

    provider.cut_after = 2

    async def main() -> None:
        async for _ in await watched.acompletion("llm.chat", SAY, stream=True):
            pass

    with pytest.raises(AnyLLMError) as caught:
        list(watched.completion("llm.chat", SAY, stream=True))
    with pytest.raises(AnyLLMError):
        asyncio.run(main())
    assert watcher.after[0]["error"] is caught.value
    assert [len(result["response"]) for result in watcher.after] == [2, 2]
    assert not any(result["success"] for result in watcher.after)


def test_timeout_and_cancellation_are_told(
    watched: LLMHub, watcher: Watcher, provider: Any
) -> None:
    """The hook hears of calls that never got an answer."""
    provider.gate.clear()
    with pytest.raises(AttemptTimeoutError):
        watched.completion("llm.chat", SAY, timeout=0.1)

    async def main() -> None:
        call = asyncio.create_task(watched.acompletion("llm.chat", SAY))
        await asyncio.to_thread(provider.wait_until, lambda: len(provider.seen) == 2)
        call.cancel()
        await asyncio.wait([call])

    asyncio.run(main())
    late, cancelled = [result["error"] for result in watcher.after]
    assert isinstance(late, AttemptTimeoutError)
    assert isinstance(cancelled, asyncio.CancelledError)
