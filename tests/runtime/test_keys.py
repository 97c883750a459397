"""Several keys of one provider: turns, rests, and what callers see of it."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from typing import Any

import pytest
from attrs import evolve

from llmhub_runtime import (
    ConfigError,
    EnvVarMissingError,
    LLMHub,
    LLMHubRuntimeError,
    ProviderConfig,
    RuntimeConfig,
)
from llmhub_runtime.keys import KeyRing, rest_seconds

SAY = [{"role": "user", "content": "hello"}]
NAMES = ("KEY_A", "KEY_B", "KEY_C")


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, f"canary-{name}")


@pytest.fixture
def ringed(config: RuntimeConfig) -> RuntimeConfig:
    """OpenAI's provider with three keys."""
    endpoint = evolve(config.providers["openai"], env_key=None, env_keys=NAMES)
    return evolve(config, providers={**config.providers, "openai": endpoint})


def sent(provider: Any) -> list[str]:
    """Return the variables whose keys arrived, in order."""
    return [
        one.headers["authorization"].removeprefix("Bearer canary-")
        for one in provider.seen
    ]


def refusing(provider: Any, *names: str, status: int = 401, **how: Any) -> None:
    """Refuse some keys."""

    def judge(seen: Any) -> Any:
        key = seen.headers["authorization"]
        if any(key.endswith(name) for name in names):
            return status, {"error": {"message": f"no {key}", **how}}, {}
        return None

    provider.judge = judge


def test_keys_take_turns(ringed: RuntimeConfig, provider: Any) -> None:
    """Each key serves every third call, over a connection of its own."""
    with LLMHub(config_obj=ringed) as hub:
        for _ in range(9):
            hub.completion("llm.chat", SAY)
        list(hub.completion("llm.chat", SAY, stream=True))
    assert sent(provider) == [*NAMES * 3, "KEY_A"]
    assert provider.connections == 3


def test_keys_are_spread_over_calls_at_once(
    ringed: RuntimeConfig, provider: Any
) -> None:
    """So they are when the calls run side by side."""

    async def main() -> None:
        async with LLMHub(config_obj=ringed) as hub:
            await asyncio.gather(*(hub.acompletion("llm.chat", SAY) for _ in range(30)))

    asyncio.run(main())
    assert Counter(sent(provider)) == dict.fromkeys(NAMES, 10)


@pytest.mark.parametrize("status", [401, 402, 403, 429])
@pytest.mark.parametrize("stream", [False, True])
def test_bad_key_moves_to_the_next(
    status: int, stream: bool, ringed: RuntimeConfig, provider: Any
) -> None:
    """The caller does not notice, and the bad key is left alone from then on."""
    refusing(provider, "KEY_A", status=status)
    hub: Any
    with LLMHub(config_obj=ringed) as hub:
        for _ in range(5):
            answer = hub.completion("llm.chat", SAY, stream=stream)
            assert list(answer)
    asked = ["KEY_A", "KEY_B", "KEY_C", "KEY_B", "KEY_C", "KEY_B"]
    assert sent(provider) == asked


def test_move_is_noted_without_the_key(
    ringed: RuntimeConfig, provider: Any, config: RuntimeConfig
) -> None:
    """The call's notes name the variables."""
    refusing(provider, "KEY_A")
    with LLMHub(config_obj=ringed) as hub:
        _, planner = hub._open()
        planned = planner.plan("completion", "llm.chat", {"messages": SAY}, {})
        asyncio.run(planned.answer())
    assert planned.request.notes == [
        "KEY_A: openai answered 401, KEY_B was sent instead"
    ]


def test_all_keys_refused(ringed: RuntimeConfig, provider: Any) -> None:
    """Then the call fails, once each key was sent; the next call asks again."""
    refusing(provider, *NAMES)
    with LLMHub(config_obj=ringed) as hub:
        for calls in (1, 2):
            with pytest.raises(LLMHubRuntimeError) as caught:
                hub.completion("llm.chat", SAY)
            assert "canary" not in f"{caught.value!r}{caught.value}"
            assert len(provider.seen) == 2 + calls
    assert set(sent(provider)) == set(NAMES)


def test_other_errors_leave_the_key_alone(ringed: RuntimeConfig, provider: Any) -> None:
    """A server's own fault is no key's."""
    provider.judge = lambda seen: (400, {}, {}) if len(provider.seen) == 1 else None
    with LLMHub(config_obj=ringed) as hub:
        with pytest.raises(LLMHubRuntimeError):
            hub.completion("llm.chat", SAY)
        for _ in range(3):
            hub.completion("llm.chat", SAY)
    assert sent(provider) == [*NAMES, "KEY_A"]


def test_keys_that_are_not_there_are_passed_over(
    ringed: RuntimeConfig, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One key is enough to call, unless the environment must be complete."""
    monkeypatch.delenv("KEY_A")
    monkeypatch.setenv("KEY_B", " ")
    with LLMHub(config_obj=ringed) as hub:
        hub.completion("llm.chat", SAY)
    assert sent(provider) == ["KEY_C"]
    with pytest.raises(EnvVarMissingError) as caught:
        LLMHub(config_obj=ringed, strict_env=True)
    assert caught.value.variables == ("KEY_A", "KEY_B")
    monkeypatch.delenv("KEY_C")
    with LLMHub(config_obj=ringed) as hub, pytest.raises(EnvVarMissingError) as caught:
        hub.completion("llm.chat", SAY)
    assert caught.value.variables == NAMES


def test_changed_key_gets_a_client_of_its_own(
    hub: LLMHub, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is read at each call; the client of the old key is closed."""
    hub.completion("llm.chat", SAY)
    monkeypatch.setenv("MY_OPENAI", "canary-KEY_NEW")
    hub.completion("llm.chat", SAY)
    assert sent(provider)[1] == "KEY_NEW"
    assert provider.connections == 2
    assert provider.wait_until(lambda: provider.open_connections == 1)


def test_old_client_lives_until_its_stream_ends(
    hub: LLMHub, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What still runs with the old key runs to its end."""
    provider.gate.clear()
    stream = hub.completion("llm.chat", SAY, stream=True)
    monkeypatch.setenv("MY_OPENAI", "canary-KEY_NEW")
    provider.gate.set()
    hub.completion("llm.chat", SAY)
    text = "".join(one.choices[0].delta.content or "" for one in stream)
    assert text == "Hello there"
    assert provider.wait_until(lambda: provider.open_connections == 1)


def test_rest_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that rested takes its turn again; one at rest is better than none."""
    now = 100.0
    monkeypatch.setattr("llmhub_runtime.keys.time.monotonic", lambda: now)
    ring = KeyRing("openai", NAMES[:2])
    first = ring.first()
    second = ring.after([first], 10)
    assert second is not None
    assert second.variable == "KEY_B"
    assert [ring.first().variable for _ in range(2)] == ["KEY_B", "KEY_B"]
    now = 111.0
    assert ring.first().variable == "KEY_A"
    assert ring.after([second, first], 50) is None
    assert ring.after([first, second], 20) is None
    assert ring.first().variable == "KEY_B"


def test_single_key_and_none() -> None:
    """There is nothing to turn to, and an unusable key is not shown."""
    ring = KeyRing("openai", ())
    assert ring.first() == (None, None)
    assert ring.after([ring.first()], 5) is None
    ring = KeyRing("openai", ("KEY_A",))
    assert ring.first() == ("KEY_A", "canary-KEY_A")
    assert ring.after([ring.first()], 5) is None


def test_key_that_no_header_can_carry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named, its value is not."""
    monkeypatch.setenv("KEY_A", "canary\u20ac")
    with pytest.raises(ConfigError, match="KEY_A holds characters") as caught:
        KeyRing("openai", ("KEY_A",)).first()
    assert "canary" not in str(caught.value)


def test_threads_share_a_ring() -> None:
    """Turns are counted one by one, whoever asks."""
    ring = KeyRing("openai", NAMES)
    taken: list[str | None] = []

    def take() -> None:
        taken.extend(ring.first().variable for _ in range(300))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(taken) == dict.fromkeys(NAMES, 400)


class RefusedError(Exception):
    """An error with whatever a provider told."""

    def __init__(self, **told: Any) -> None:
        super().__init__()
        self.__dict__.update(told)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({"status_code": 401}, 300),
        ({"status_code": 429, "code": "insufficient_quota"}, 300),
        ({"status_code": 429, "retry_after": "7"}, 7),
        ({"status_code": 429, "retry_after": "1e9"}, 3600),
        ({"status_code": 429, "retry_after": "-1"}, 20),
        ({"status_code": 429, "retry_after": "nan"}, 20),
        ({"status_code": 429, "retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 20),
        ({"status_code": 429}, 20),
        ({"status_code": 500}, None),
        ({}, None),
    ],
)
def test_how_long_a_key_rests(told: dict[str, Any], seconds: float | None) -> None:
    """As long as the provider wishes, within reason; not for what is not its fault."""
    assert rest_seconds(RefusedError(**told)) == seconds


def test_config_of_several_keys() -> None:
    """One variable or several, each once, and never a key."""
    assert ProviderConfig(env_keys=["A", "B"]).variables == ("A", "B")
    assert ProviderConfig(env_key="A").variables == ("A",)
    assert ProviderConfig().variables == ()
    for wrong in ("A", {"A": 1}, 3, ["A", "A"], ["sk-1"]):
        with pytest.raises(ValueError, match="must "):
            ProviderConfig(env_keys=wrong)  # type: ignore[arg-type]
    assert ProviderConfig(env_key="A", env_keys=("B", "A")).variables == ("A", "B")
