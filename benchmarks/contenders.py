"""Call a provider on loopback in one of several ways, and time it.

    python benchmarks/contenders.py NAME MODE ADDRESS CALLS

runs in the environment that the contender is installed in, and prints JSON. Modes:
``sync`` and ``async`` call one after the other, ``flight`` keeps 64 calls in flight,
``stream`` reads streams, ``long`` sends what an agent does after a while (fifty
messages and twenty tools), ``embed`` asks for embeddings, ``failover`` asks a model
that answers 503 and then another.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import resource
import statistics
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

IN_FLIGHT = 64
MESSAGES: list[Any] = [
    {"role": "user", "content": "Say hello to everybody here, please."}
]
PARAMS: dict[str, Any] = {}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": f"tool_{number}",
            "description": "Looks something up.",
            "parameters": {
                "type": "object",
                "properties": {"what": {"type": "string"}},
                "required": ["what"],
            },
        },
    }
    for number in range(20)
]
TEXT = ["hello there"]
KEY = "benchmark"
WARM = 20

Call = Callable[[], Any]
ACall = Callable[[], Awaitable[Any]]


async def _drained(stream: Any) -> None:
    async for _ in stream:
        pass


def httpx(address: str, mode: str) -> tuple[Call | None, ACall | None]:
    """Plain httpx and ``json``."""
    import httpx as library

    url, body = (
        f"{address}/v1/chat/completions",
        {"model": "m", "messages": MESSAGES, **PARAMS},
    )
    limits = library.Limits(max_connections=IN_FLIGHT)
    sync, aio = library.Client(), library.AsyncClient(limits=limits)

    async def acall() -> Any:
        return (await aio.post(url, json=body)).json()

    return (lambda: sync.post(url, json=body).json()), acall


def aiohttp(address: str, mode: str) -> tuple[Call | None, ACall | None]:
    """Plain aiohttp and ``json``."""
    import aiohttp as library

    url, body = (
        f"{address}/v1/chat/completions",
        {"model": "m", "messages": MESSAGES, **PARAMS},
    )
    session: list[library.ClientSession] = []

    async def acall() -> Any:
        if not session:
            session.append(library.ClientSession())
        async with session[0].post(url, json=body) as answer:
            return await answer.json()

    return None, acall


def openai(address: str, mode: str) -> tuple[Call | None, ACall | None]:
    """OpenAI's SDK, one client reused."""
    import openai as library

    options: Any = {"base_url": f"{address}/v1", "api_key": KEY, "max_retries": 0}
    sync, aio = library.OpenAI(**options), library.AsyncOpenAI(**options)
    asked: Any = {"model": "m", "messages": MESSAGES, **PARAMS}

    async def stream() -> None:
        await _drained(await aio.chat.completions.create(stream=True, **asked))

    async def acall() -> Any:
        if mode == "embed":
            return await aio.embeddings.create(model="m", input=TEXT)
        return await aio.chat.completions.create(**asked)

    return lambda: sync.chat.completions.create(**asked), (
        stream if mode == "stream" else acall
    )


def anyllm(address: str, mode: str) -> tuple[Call | None, ACall | None]:
    """any-llm's functions, which build a client for each call."""
    import any_llm

    asked: Any = {
        "model": "m",
        "provider": "openai",
        "api_base": f"{address}/v1",
        "api_key": KEY,
    }

    async def stream() -> None:
        found: Any = await any_llm.acompletion(messages=MESSAGES, stream=True, **asked)
        await _drained(found)

    async def acall() -> Any:
        if mode == "embed":
            return await any_llm.aembedding(inputs=TEXT, **asked)
        return await any_llm.acompletion(messages=MESSAGES, **asked, **PARAMS)

    return lambda: any_llm.completion(messages=MESSAGES, **asked), (
        stream if mode == "stream" else acall
    )


def anyllm_client(address: str, mode: str) -> tuple[Call | None, ACall | None]:
    """any-llm's client, reused: what the runtime stands on."""
    from any_llm import AnyLLM
    from any_llm.exceptions import AnyLLMError

    def client() -> Any:
        options: Any = {"max_retries": 0, "unified_exceptions": True}
        return AnyLLM.create("openai", KEY, f"{address}/v1", **options)

    sync, aio = client(), client()

    async def stream() -> None:
        await _drained(await aio.acompletion("m", MESSAGES, stream=True))

    async def acall() -> Any:
        if mode == "embed":
            return await aio.aembedding("m", TEXT)
        if mode == "failover":
            with contextlib.suppress(AnyLLMError):
                await aio.acompletion("broken", MESSAGES)
        return await aio.acompletion("m", MESSAGES, **PARAMS)

    return lambda: sync.completion("m", MESSAGES), (
        stream if mode == "stream" else acall
    )


def llmhub(address: str, mode: str) -> tuple[Call | None, ACall | None]:
    """``llmhub_runtime`` with all its defaults, a fallback, and prices."""
    from llmhub_runtime import LLMHub
    from llmhub_runtime.config import parse_config

    os.environ["BENCHMARK_KEY"] = KEY
    kind = "embedding" if mode == "embed" else "chat"
    # Otherwise the breaker would spare the broken one every call but the first few.
    failing = {"model": "broken", "num_retries": 0, "allowed_fails": 1_000_000}
    logging.getLogger("llmhub_runtime").setLevel(logging.ERROR)
    hub = LLMHub(
        config_obj=parse_config(
            {
                "project": "p",
                "env": "dev",
                "providers": {
                    "openai": {
                        "env_key": "BENCHMARK_KEY",
                        "api_base": f"{address}/v1",
                    }
                },
                "roles": {
                    "r": {
                        "provider": "openai",
                        "model": "m",
                        "mode": kind,
                        "fallbacks": [{"provider": "openai", "model": "n"}],
                        "pricing": {"input": 1.0, "output": 2.0},
                        **(failing if mode == "failover" else {}),
                    }
                },
            }
        )
    )

    async def stream() -> None:
        await _drained(await hub.acompletion("r", MESSAGES, stream=True))

    async def acall() -> Any:
        if mode == "embed":
            return await hub.aembedding("r", TEXT)
        return await hub.acompletion("r", MESSAGES, **PARAMS)

    return lambda: hub.completion("r", MESSAGES), (
        stream if mode == "stream" else acall
    )


def litellm(address: str, mode: str) -> tuple[Call | None, ACall | None]:
    """LiteLLM's router with one fallback."""
    library: Any = import_module("litellm")
    library.suppress_debug_info = True
    params = {"api_base": f"{address}/v1", "api_key": KEY}
    router = library.Router(
        model_list=[
            {"model_name": "r", "litellm_params": {"model": "openai/m", **params}},
            {"model_name": "s", "litellm_params": {"model": "openai/n", **params}},
        ],
        fallbacks=[{"r": ["s"]}],
    )

    async def stream() -> None:
        await _drained(
            await router.acompletion(model="r", messages=MESSAGES, stream=True)
        )

    async def acall() -> Any:
        if mode == "embed":
            return await router.aembedding(model="r", input=TEXT)
        return await router.acompletion(model="r", messages=MESSAGES, **PARAMS)

    return lambda: router.completion(model="r", messages=MESSAGES), (
        stream if mode == "stream" else acall
    )


def original(address: str, mode: str) -> tuple[Call | None, ACall | None]:
    """The original LLM Hub's runtime; it takes addresses from any-llm's variables."""
    os.environ |= {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{address}/v1"}
    models: Any = import_module("llmhub_runtime.models")
    kind = "embedding" if mode == "embed" else "chat"
    config = models.RuntimeConfig(
        project="p",
        env="dev",
        providers={"openai": models.ProviderConfig(env_key="OPENAI_API_KEY")},
        roles={"r": models.RoleConfig(provider="openai", model="m", mode=kind)},
    )
    hub: Any = import_module("llmhub_runtime").LLMHub(config_obj=config)
    if mode == "embed":
        return lambda: hub.embedding(role="r", input=TEXT[0]), None
    return lambda: hub.completion(role="r", messages=MESSAGES), None


CONTENDERS = {
    "httpx": httpx,
    "aiohttp": aiohttp,
    "openai": openai,
    "anyllm": anyllm,
    "anyllm-client": anyllm_client,
    "llmhub": llmhub,
    "litellm": litellm,
    "original": original,
}


def _summary(seconds: list[float], elapsed: float, address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}/connections") as answer:  # noqa: S310
        opened = json.loads(answer.read())  # of our own server
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "median_us": statistics.median(seconds) * 1e6,
        "p99_us": sorted(seconds)[int(len(seconds) * 0.99)] * 1e6,
        "per_second": len(seconds) / elapsed,
        "connections": opened,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6,
    }


def run_sync(call: Call, address: str, calls: int) -> dict[str, Any]:
    """Call one after the other."""
    for _ in range(WARM):
        call()
    seconds = []
    started = time.perf_counter()
    for _ in range(calls):
        before = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - before)
    return _summary(seconds, time.perf_counter() - started, address)


async def run_async(
    call: ACall, address: str, calls: int, in_flight: int
) -> dict[str, Any]:
    """Keep some calls in flight."""
    for _ in range(WARM):
        await call()
    seconds: list[float] = []
    left = iter(range(calls))

    async def worker() -> None:
        for _ in left:
            before = time.perf_counter()
            await call()
            seconds.append(time.perf_counter() - before)

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return _summary(seconds, time.perf_counter() - started, address)


def main() -> None:
    """Run one contender in one mode, and print what came of it."""
    name, mode, address, calls = sys.argv[1:]
    if mode == "failover" and name not in {"anyllm-client", "llmhub"}:
        print("null")
        return
    if mode == "long":
        answer = {"role": "assistant", "content": "Hello everybody."}
        MESSAGES[1:] = [dict(one) for _ in range(24) for one in (answer, MESSAGES[0])]
        MESSAGES.append(answer)
        PARAMS["tools"] = TOOLS
    call, acall = CONTENDERS[name](address, mode)
    if mode == "sync" or acall is None:
        if call is None or mode in {"flight", "stream", "long", "failover"}:
            print("null")
            return
        print(json.dumps(run_sync(call, address, int(calls))))
        return
    in_flight = IN_FLIGHT if mode == "flight" else 1
    result = asyncio.run(run_async(acall, address, int(calls), in_flight))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # clients of all kinds are left open on purpose
