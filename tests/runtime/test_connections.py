"""Which connections calls open, share and give back."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import subprocess
import sys
import threading
from functools import partial
from typing import Any

import pytest

from llmhub_runtime import HubClosedError, LLMHub, RuntimeConfig, backend, connecting

SAY = [{"role": "user", "content": "hello"}]


def runners() -> list[threading.Thread]:
    """Return the threads of hubs."""
    return [one for one in threading.enumerate() if one.name == "llmhub-runtime"]


def test_sequential_calls_share_one_connection(hub: LLMHub, provider: Any) -> None:
    """Hundreds of calls, whole, streamed and embeddings, use one connection."""
    for _ in range(100):
        hub.completion("llm.chat", SAY)
        list(hub.completion("llm.chat", SAY, stream=True))
        hub.embedding("llm.embedding", "x")
    assert len(provider.seen) == 300
    assert provider.connections == 1


def test_async_calls_share_one_connection_per_loop(
    config: RuntimeConfig, provider: Any
) -> None:
    """So do the calls of one event loop, and the loop gives it back when it ends."""
    hub = LLMHub(config_obj=config)

    async def main() -> None:
        for _ in range(100):
            await hub.acompletion("llm.chat", SAY)

    for runs in (1, 2, 3):
        asyncio.run(main())
        assert provider.connections == runs
        assert provider.wait_until(lambda: provider.open_connections == 0)


def test_loops_in_threads_have_their_own_connections(
    config: RuntimeConfig, provider: Any
) -> None:
    """One hub serves several event loops at once; closing it closes all."""
    hub = LLMHub(config_obj=config)
    called, closed = threading.Barrier(3), threading.Event()

    async def main() -> None:
        await hub.acompletion("llm.chat", SAY)
        await asyncio.to_thread(called.wait)
        await asyncio.to_thread(closed.wait)

    threads = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    hub.completion("llm.chat", SAY)
    called.wait()
    assert provider.connections == 3
    hub.close()
    assert provider.wait_until(lambda: provider.open_connections == 0)
    closed.set()
    for thread in threads:
        thread.join()


def test_loop_that_was_closed_without_ceremony_is_forgotten(
    config: RuntimeConfig, provider: Any
) -> None:
    """A loop that did not close its generators does not keep its clients for ever."""
    hub = LLMHub(config_obj=config)

    def abandoned() -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(hub.acompletion("llm.chat", SAY))
        assert hub._opened is not None
        pool = hub._opened[0].backend._pool
        (held,) = pool._shelves[loop].clients.values()
        sdk = held.client.client  # type: ignore[attr-defined]
        loop.run_until_complete(sdk.close())
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        assert loop in pool._shelves
        return loop

    first, second = abandoned(), abandoned()
    assert hub._opened is not None
    assert list(hub._opened[0].backend._pool._shelves) == [second]
    assert first is not second
    hub.close()


def test_client_is_built_once_and_beside_the_event_loop(
    config: RuntimeConfig, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Building reads certificates for long: the loop goes on, and later calls wait."""
    builders: list[threading.Thread] = []

    def connect(*given: Any) -> Any:
        builders.append(threading.current_thread())
        return connecting.connect(*given)

    monkeypatch.setattr(backend, "connect", connect)

    async def main() -> None:
        async with LLMHub(config_obj=config) as hub:
            await asyncio.gather(*(hub.acompletion("llm.chat", SAY) for _ in range(8)))

    asyncio.run(main())
    (builder,) = builders
    assert builder is not threading.current_thread()
    assert len(provider.seen) == 8


def test_client_that_is_built_while_its_hub_closes_is_not_used(
    config: RuntimeConfig, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call that waits for it hears that the hub is closed."""
    building, closed = threading.Event(), threading.Event()

    def connect(*given: Any) -> Any:
        building.set()
        closed.wait(60)
        return connecting.connect(*given)

    monkeypatch.setattr(backend, "connect", connect)

    async def main() -> None:
        hub = LLMHub(config_obj=config)
        call = asyncio.create_task(hub.acompletion("llm.chat", SAY))
        await asyncio.to_thread(building.wait, 60)
        await hub.aclose()
        closed.set()
        with pytest.raises(HubClosedError):
            await call

    asyncio.run(main())
    assert provider.connections == 0


def test_closed_hub_does_not_try_again(config: RuntimeConfig, provider: Any) -> None:
    """A call of the loop that closed the hub ends with its attempt."""
    answering, closed = threading.Event(), threading.Event()

    def refuse(seen: Any) -> tuple[int, dict[str, Any], dict[str, str]]:
        answering.set()
        closed.wait(60)
        return 500, {"error": {"message": "boom"}}, {}

    provider.judge = refuse

    async def main() -> None:
        hub = LLMHub(config_obj=config)
        call = asyncio.create_task(hub.acompletion("llm.chat", SAY, num_retries=5))
        await asyncio.to_thread(answering.wait, 60)
        await hub.aclose()
        closed.set()
        with pytest.raises(HubClosedError):
            await call

    asyncio.run(main())
    assert len(provider.seen) == 1


def test_close_ends_connections_and_thread(hub: LLMHub, provider: Any) -> None:
    """After ``close`` nothing is left, and calls say why they fail."""
    hub.completion("llm.chat", SAY)
    assert len(runners()) == 1
    hub.close()
    hub.close()
    assert runners() == []
    assert provider.wait_until(lambda: provider.open_connections == 0)
    with pytest.raises(HubClosedError, match="make a new LLMHub"):
        hub.completion("llm.chat", SAY)
    with pytest.raises(HubClosedError):
        asyncio.run(hub.acompletion("llm.chat", SAY))


def test_hub_that_never_called_closes_too(config: RuntimeConfig) -> None:
    """Closing costs nothing when nothing was opened."""
    LLMHub(config_obj=config).close()
    asyncio.run(LLMHub(config_obj=config).aclose())


def test_aclose_closes_what_synchronous_calls_opened(
    hub: LLMHub, provider: Any
) -> None:
    """Also from an event loop that never called."""
    hub.completion("llm.chat", SAY)
    asyncio.run(hub.aclose())
    assert provider.wait_until(lambda: provider.open_connections == 0)


def test_aclose_closes_before_it_returns(config: RuntimeConfig, provider: Any) -> None:
    """The running loop's connections are closed when ``aclose`` returns."""

    async def main() -> None:
        async with LLMHub(config_obj=config) as hub:
            await hub.acompletion("llm.chat", SAY)
            await asyncio.to_thread(hub.completion, "llm.chat", SAY)
            assert provider.open_connections == 2
        assert await asyncio.to_thread(
            provider.wait_until, lambda: provider.open_connections == 0
        )

    asyncio.run(main())
    assert runners() == []


def test_aclose_is_enough_for_a_loop_without_ceremony(
    config: RuntimeConfig, provider: Any
) -> None:
    """After ``aclose`` a loop can be closed at once: no socket is left open in it."""
    loop = asyncio.new_event_loop()
    hub = LLMHub(config_obj=config)
    loop.run_until_complete(hub.acompletion("llm.chat", SAY))
    loop.run_until_complete(hub.aclose())
    loop.close()
    gc.collect()  # an open socket would warn here, and warnings are errors
    assert provider.wait_until(lambda: provider.open_connections == 0)


def test_close_fails_the_calls_that_still_run(hub: LLMHub, provider: Any) -> None:
    """A thread that waits for an answer hears that the hub was closed."""
    provider.gate.clear()
    heard: list[BaseException] = []

    def wait(**how: Any) -> None:
        try:
            list(hub.completion("llm.chat", SAY, **how))
        except HubClosedError as error:
            heard.append(error)

    threads = [
        threading.Thread(target=wait),
        threading.Thread(target=wait, kwargs={"stream": True}),
    ]
    for thread in threads:
        thread.start()
    assert provider.wait_until(lambda: len(provider.seen) == 2)
    hub.close()
    for thread in threads:
        thread.join()
    assert len(heard) == 2


@pytest.mark.parametrize("at_once", [True, False], ids=["aclose", "close"])
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_closing_fails_what_runs_on_the_loop(
    config: RuntimeConfig,
    provider: Any,
    caplog: pytest.LogCaptureFixture,
    *,
    stream: bool,
    at_once: bool,
) -> None:
    """Calls and open streams of an event loop hear it, too; no provider is blamed."""
    provider.gate.clear()

    async def close() -> None:
        hub = LLMHub(config_obj=config)
        waiting: asyncio.Future[Any]
        if stream:
            parts = await hub.acompletion("llm.chat", SAY, stream=True)
            await anext(parts)
            waiting = asyncio.ensure_future(anext(parts))
        else:
            waiting = asyncio.ensure_future(hub.acompletion("llm.chat", SAY))
        asked = partial(provider.wait_until, lambda: len(provider.seen) == 1)
        assert await asyncio.to_thread(asked)
        if at_once:
            await hub.aclose()
        else:
            hub.close()
        with pytest.raises(HubClosedError):
            await waiting

    with caplog.at_level(logging.INFO, "llmhub_runtime"):
        asyncio.run(close())
    assert [one for one in caplog.records if one.name == "llmhub_runtime"] == []


def test_dropped_hub_gives_back_what_it_had(
    config: RuntimeConfig, provider: Any
) -> None:
    """A hub that nobody closed and nobody holds ends its thread and connections."""
    LLMHub(config_obj=config).completion("llm.chat", SAY)
    gc.collect()
    assert provider.wait_until(lambda: provider.open_connections == 0)
    assert runners() == []


def test_client_that_fails_to_close_is_no_error(
    config: RuntimeConfig, caplog: pytest.LogCaptureFixture
) -> None:
    """What an SDK raises while it closes is logged, without its text."""
    caplog.set_level("DEBUG", logger="llmhub_runtime")

    async def main() -> None:
        hub = LLMHub(config_obj=config)
        await hub.acompletion("llm.chat", SAY)
        opened = hub._opened
        assert opened is not None
        (shelf,) = opened[0].backend._pool._shelves.values()
        (held,) = shelf.clients.values()
        sdk = held.client.client  # type: ignore[attr-defined]

        async def close() -> None:
            await type(sdk).close(sdk)
            raise OSError("canary")

        sdk.close = close
        await hub.aclose()

    asyncio.run(main())
    said = [one.getMessage() for one in caplog.records if one.name == "llmhub_runtime"]
    assert said == ["closing a client of openai: OSError"]


def test_sync_call_from_the_hubs_own_thread_is_refused(config: RuntimeConfig) -> None:
    """An async hook of a synchronous call can't make one: it would wait for itself."""
    problems: list[RuntimeError] = []

    async def hook(context: dict[str, Any]) -> None:
        try:
            hub.completion("llm.claude", SAY)
        except RuntimeError as error:
            problems.append(error)

    hub = LLMHub(config_obj=config, on_before_call=hook)
    with hub:
        hub.completion("llm.chat", SAY)
    assert "await the async twin" in str(problems[0])


FORK = """
import asyncio, gc, os, sys, warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", "This process .* is multi-threaded")
from llmhub_runtime import LLMHub, parse_config

say = [{"role": "user", "content": "hello"}]
hub = LLMHub(config_obj=parse_config({
    "project": "p", "env": "e", "providers": {"llamacpp": {"api_base": sys.argv[1]}},
    "roles": {"r": {"provider": "llamacpp", "model": "m"}},
}))
hub.completion("r", say)

async def in_child():
    gc.collect()  # SDKs close what is dropped, if a loop runs
    await asyncio.sleep(0.01)
    await hub.acompletion("r", say)

child = os.fork()
if not child:
    asyncio.run(in_child())
    hub.completion("r", say)
    hub.close()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
hub.completion("r", say)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forked_child_has_connections_of_its_own(provider: Any) -> None:
    """The child opens its own; the parent's is as good as before."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", FORK, provider.url],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("", "")
    assert len(provider.seen) == 4
    assert provider.connections == 3  # the parent's, and the child's sync and async


EXIT = """
import sys
from llmhub_runtime import LLMHub, parse_config

hub = LLMHub(config_obj=parse_config({
    "project": "p", "env": "e", "providers": {"llamacpp": {"api_base": sys.argv[1]}},
    "roles": {"r": {"provider": "llamacpp", "model": "m"}},
}))
stream = hub.completion("r", [{"role": "user", "content": "hello"}], stream=True)
next(stream)
"""


def test_program_that_ends_without_closing_ends_quietly(provider: Any) -> None:
    """Neither a hang nor a word at exit, with a stream half read."""
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", EXIT, provider.url],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("", "")
