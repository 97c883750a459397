"""What llmock says of the runtime: a server of others that grades its clients.

llmock (https://pypi.org/project/llmock/) breaks answers in the forms of ten providers
and judges from its journal how the client took it. Strict means: not one warning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from llmhub_runtime import (
    CallSettings,
    LLMHub,
    LLMHubRuntimeError,
    ProviderConfig,
    RoleConfig,
    RuntimeConfig,
)

pytest.importorskip("llmock", reason="the group `test` has it, `test-runtime` not")
AnyLLM = pytest.importorskip("any_llm").AnyLLM

SAY = [{"role": "user", "content": "In a few words: why do streams break?"}]
# Under the names that llmock and any-llm share. Gemini is not among them: llmock has
# its v1beta alone, and any-llm asks for v1.
PROVIDERS = ("openai", "anthropic", "mistral", "groq", "cohere")
SETTINGS = {
    "timeout": "5s",
    "ttft_timeout": "2s",
    "stream_idle_timeout": "300ms",
    "backoff": {"initial": "100ms"},
    "commit": "complete",
}


class Case(NamedTuple):
    """A fault, and what becomes of the call that it meets."""

    arm: Callable[[Any], object]
    served: bool = True
    streams: tuple[bool, ...] = (True,)
    tools: bool = False


BOTH = (False, True)
CASES = {
    "healthy": Case(lambda one: one, streams=BOTH),
    "one 500": Case(lambda one: one.fail(500), streams=BOTH),
    "two 503": Case(lambda one: one.fail(503, times=2), streams=BOTH),
    "one 529": Case(lambda one: one.fail(529), streams=BOTH),
    "one 408": Case(lambda one: one.fail(408), streams=BOTH),
    "one 409": Case(lambda one: one.fail(409), streams=BOTH),
    "rate limit": Case(lambda one: one.rate_limit(retry_after=0.2), streams=BOTH),
    "rate limit twice": Case(
        lambda one: one.rate_limit(retry_after=0.2, times=2), streams=BOTH
    ),
    "429 without a word": Case(lambda one: one.fail(429), streams=BOTH),
    "quota": Case(lambda one: one.limits(rpm=100), streams=BOTH),
    "outage": Case(lambda one: one.outage(), served=False, streams=BOTH),
    "context overflow": Case(
        lambda one: one.context_overflow(times=None), served=False, streams=BOTH
    ),
    "context window": Case(
        lambda one: one.limits(context_window=1), served=False, streams=BOTH
    ),
    "bad request": Case(
        lambda one: one.fail(400, times=None), served=False, streams=BOTH
    ),
    "bad key": Case(lambda one: one.fail(401, times=None), served=False, streams=BOTH),
    "forbidden": Case(
        lambda one: one.fail(403, times=None), served=False, streams=BOTH
    ),
    "not found": Case(
        lambda one: one.fail(404, times=None), served=False, streams=BOTH
    ),
    "unprocessable": Case(
        lambda one: one.fail(422, times=None), served=False, streams=BOTH
    ),
    "slow": Case(lambda one: one.delay(0.1), streams=BOTH),
    "slow first token": Case(lambda one: one.slow_first_token(0.1)),
    "first token too late": Case(
        lambda one: one.slow_first_token(30, times=None), served=False
    ),
    "disconnect": Case(lambda one: one.disconnect(after_chunks=3)),
    "disconnect twice": Case(lambda one: one.disconnect(after_chunks=3, times=2)),
    "truncate": Case(lambda one: one.truncate(after_chunks=3)),
    "truncate at once": Case(lambda one: one.truncate(after_chunks=1)),
    # Paced: a client can stop reading only what has not come yet.
    "malformed": Case(lambda one: one.corrupt(after_chunks=3).pace(20)),
    # Nobody waits twice for who went silent, and here is nobody else.
    "stall": Case(lambda one: one.stall(after_chunks=3, seconds=30), served=False),
    "broken tool call": Case(
        lambda one: one.break_tool_call("malformed_arguments"),
        streams=BOTH,
        tools=True,
    ),
    "unknown tool": Case(
        lambda one: one.break_tool_call("unknown_tool"), streams=BOTH, tools=True
    ),
}
RUNS = [
    pytest.param(case, stream, id=f"{name}, {'stream' if stream else 'whole'}")
    for name, case in CASES.items()
    for stream in case.streams
]


@pytest.fixture(params=PROVIDERS)
def hub(
    request: pytest.FixtureRequest, llmock: Any, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """A hub with one role, on llmock's address of one provider."""
    name = request.param
    try:
        missing = AnyLLM.get_provider_class(name).MISSING_PACKAGES_ERROR
    except ImportError as error:
        missing = error
    if missing is not None:
        pytest.skip(f"any-llm-sdk[{name}] is not installed")
    address = llmock.base_url(name)
    monkeypatch.setenv("LLMOCK_KEY", "llmock-key")
    # What these SDKs add by themselves.
    own = {"groq": "/openai/v1", "mistral": "/v1"}
    address = address.removesuffix(own.get(name, ""))
    config = RuntimeConfig(
        project="p",
        env="dev",
        providers={name: ProviderConfig(env_key="LLMOCK_KEY", api_base=address)},
        roles={"r": RoleConfig(provider=name, model="m-1", settings=settings())},
    )
    with LLMHub(config_obj=config) as hub:
        yield hub


def settings() -> CallSettings:
    """Return settings that wait for less than the defaults do."""
    from llmhub_runtime import parse_settings

    return parse_settings(SETTINGS)


def ask(hub: LLMHub, *, stream: bool, tools: bool) -> str:
    """Make one call and return its text, or the name of its error."""
    params: dict[str, Any] = {}
    if tools:
        schema = {"type": "object", "properties": {"city": {"type": "string"}}}
        function = {"name": "weather", "description": "w", "parameters": schema}
        params["tools"] = [{"type": "function", "function": function}]
    try:
        if not stream:
            message = hub.completion("r", SAY, **params).choices[0].message
            return message.content or repr(message.tool_calls)
        chunks = list(hub.completion("r", SAY, stream=True, **params))
    except LLMHubRuntimeError as error:
        return f"error: {error}"
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    return "".join(str(one.content or one.tool_calls or "") for one in deltas)


# What is out of the runtime's reach: an SDK's own reader of streams.
KNOWN = {
    "cohere": "its SDK leaves an event out that is not JSON, and says nothing",
}


@pytest.mark.parametrize(("case", "stream"), RUNS)
def test_llmock_has_nothing_to_say(
    hub: LLMHub,
    llmock: Any,
    case: Case,
    request: pytest.FixtureRequest,
    *,
    stream: bool,
) -> None:
    """Whatever llmock does to a call, its strict verdict has no finding."""
    known = KNOWN.get(hub.config.roles["r"].provider)
    if known is not None and case is CASES["malformed"]:
        request.applymarker(pytest.mark.xfail(reason=known, strict=True))
    case.arm(llmock)
    got = ask(hub, stream=stream, tools=case.tools)
    assert llmock.requests
    llmock.assert_resilient(strict=True)
    assert got
    assert got.startswith("error: ") is not case.served, got


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize("stream", BOTH)
def test_llmock_has_nothing_to_say_of_the_defaults(
    provider: str, llmock: Any, monkeypatch: pytest.MonkeyPatch, *, stream: bool
) -> None:
    """With no setting at all, a call that fails twice without a word is retried."""
    pytest.importorskip(provider)
    monkeypatch.setenv("LLMOCK_KEY", "llmock-key")
    address = llmock.base_url(provider)
    config = RuntimeConfig(
        project="p",
        env="dev",
        providers={provider: ProviderConfig(env_key="LLMOCK_KEY", api_base=address)},
        roles={"r": RoleConfig(provider=provider, model="m-1")},
    )
    with LLMHub(config_obj=config) as hub:
        ask(hub, stream=stream, tools=False)  # what is imported now takes no time later
        llmock.fail(500, times=2)
        assert not ask(hub, stream=stream, tools=False).startswith("error: ")
    assert len(llmock.requests) == 4
    llmock.assert_resilient(strict=True)


def test_llmock_finds_what_is_wrong(llmock: Any) -> None:
    """The verdict is not always empty: a client that hammers is told so."""
    openai = pytest.importorskip("openai")
    llmock.rate_limit(times=2, retry_after=0.2)
    with openai.OpenAI(
        base_url=llmock.base_url("openai"), api_key="k-1", max_retries=0
    ) as client:
        for _ in range(2):
            with pytest.raises(openai.RateLimitError):
                client.chat.completions.create(model="m", messages=SAY)
    assert not llmock.verdict().passed
