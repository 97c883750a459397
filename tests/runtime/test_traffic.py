"""Shares of a role's calls: by chance, by a caller's key, and as shadows."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from llmhub_runtime import (
    FallbackConfig,
    LLMHub,
    RoleConfig,
    RuntimeConfig,
    dump_config,
    parse_config,
)
from llmhub_runtime.traffic import draw

SAY = [{"role": "user", "content": "hello"}]
KEYS = [f"user-{number}" for number in range(2000)]


@pytest.fixture
def sharing(config: RuntimeConfig) -> RuntimeConfig:
    """A role that gives a quarter of its calls to another one."""
    roles = {
        "old": RoleConfig(
            provider="openai", model="old-m", candidates={"new": 0.25}, sticky_by="user"
        ),
        "new": RoleConfig(
            provider="openai",
            model="new-m",
            params={"seed": 1},
            fallbacks=(FallbackConfig(provider="anthropic", model="claude-y"),),
        ),
        "deep": RoleConfig(
            provider="openai",
            model="old-m",
            candidates={"new": 0.5},
            sticky_by="metadata.tenant",
        ),
    }
    return evolve(config, roles=roles)


@pytest.fixture
def hub(sharing: RuntimeConfig) -> Iterator[LLMHub]:
    """A hub on it."""
    with LLMHub(config_obj=sharing) as hub:
        yield hub


TEXT = """\
project: p
env: e
providers:
  openai: {}
roles:
  old:
    provider: openai
    model: m
    mode: chat
    candidates:
      new: 0.25
    sticky_by: metadata.tenant
    shadow:
      new: 0.5
      trial: 1.0
  new:
    provider: openai
    model: n
    mode: chat
  trial:
    provider: openai
    model: t
    mode: chat
"""


def test_file_says_it_all() -> None:
    """And is written back as it was."""
    config = parse_config(TEXT)
    role = config.roles["old"]
    assert (role.candidates, role.sticky_by) == ({"new": 0.25}, "metadata.tenant")
    assert role.shadow == {"new": 0.5, "trial": 1.0}
    assert parse_config(dump_config(config)) == config


def test_shares_are_kept() -> None:
    """Each candidate gets its share of the keys, and of chance."""
    candidates = {"a": 0.2, "b": 0.3}
    sticky = Counter(draw("r", candidates, key) for key in KEYS)
    chance = Counter(draw("r", candidates) for _ in range(4000))
    for found, total in ((sticky, 2000), (chance, 4000)):
        assert found["a"] / total == pytest.approx(0.2, abs=0.04)
        assert found["b"] / total == pytest.approx(0.3, abs=0.04)
        assert found["r"] / total == pytest.approx(0.5, abs=0.04)


def test_larger_share_moves_only_who_must() -> None:
    """Raising a share gives none of its keys back, nor mixes those of the others."""

    def moved(before: dict[str, float], after: dict[str, float]) -> set[Any]:
        pairs = {(draw("r", before, key), draw("r", after, key)) for key in KEYS}
        return {pair for pair in pairs if pair[0] != pair[1]}

    assert moved({"a": 0.1}, {"a": 0.2}) == {("r", "a")}
    several = moved({"a": 0.1, "b": 0.2, "c": 0.2}, {"a": 0.2, "b": 0.2, "c": 0.2})
    assert {("b", "c"), ("c", "b")}.isdisjoint(several)
    assert "a" not in {was for was, _ in several}


def test_roles_draw_apart() -> None:
    """Who is in one role's share is no more likely to be in another's."""
    both = sum(
        draw("r", {"a": 0.5}, key) == draw("s", {"a": 0.5}, key) == "a" for key in KEYS
    )
    assert both / len(KEYS) == pytest.approx(0.25, abs=0.04)


@given(
    shares=st.dictionaries(st.text(min_size=1), st.floats(0, 0.33), max_size=3),
    key=st.none() | st.text(),
)
def test_any_shares_lead_somewhere(shares: dict[str, float], key: str | None) -> None:
    """Whatever the shares: to somebody who has one."""
    shares.pop("r", None)
    name = draw("r", shares, key)
    assert name == "r" or shares[name] > 0


@pytest.mark.parametrize("shares", [{"a": 0.1, "b": 0.2, "c": 0.7}, {"a": 1.0}])
def test_nothing_is_left_over(shares: dict[str, float]) -> None:
    """Shares that are one in all leave nothing to the role itself."""
    assert "r" not in {draw("r", shares, key) for key in KEYS}


def test_key_goes_the_same_way_in_every_process() -> None:
    """Whatever the hash seed."""
    program = (
        "from llmhub_runtime.traffic import draw;"
        "print(*(draw('r', {'a': .5}, str(n)) for n in range(64)))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-P", "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1")
    }
    here = " ".join(draw("r", {"a": 0.5}, str(n)) for n in range(64))
    assert said == {f"{here}\n"}


def test_caller_sticks_to_a_candidate(hub: LLMHub, provider: Any) -> None:
    """By the argument, or by the parameter that ``sticky_by`` names."""
    keys = KEYS[:12]
    expected = [draw("old", {"new": 0.25}, key) for key in keys]
    assert set(expected) == {"old", "new"}
    for _ in range(2):
        for key in keys:
            hub.completion("old", SAY, sticky=key)
        for key in keys:
            hub.completion("old", SAY, user=key)
    asked = [one.body["model"].removesuffix("-m") for one in provider.seen]
    assert asked == expected * 4
    assert "sticky" not in provider.seen[0].body
    assert provider.seen[-1].body["user"] == keys[-1]


def test_key_inside_a_parameter(hub: LLMHub, provider: Any) -> None:
    """Dots lead into a parameter; one that is not there leaves it to chance."""
    for key in KEYS[:8]:
        hub.completion("deep", SAY, metadata={"tenant": key})
    asked = [one.body["model"].removesuffix("-m") for one in provider.seen]
    drawn = [draw("deep", {"new": 0.5}, key) for key in KEYS[:8]]
    assert asked == [{"deep": "old"}.get(name, name) for name in drawn]
    for _ in range(20):
        hub.completion("deep", SAY, metadata="none")
    assert {one.body["model"] for one in provider.seen[8:]} == {"old-m", "new-m"}


def test_candidate_brings_its_own_parameters_and_fallbacks(
    hub: LLMHub, provider: Any
) -> None:
    """The role that was asked for keeps its name; all else is the candidate's."""
    _, planner = hub._open()
    key = next(key for key in KEYS if draw("old", {"new": 0.25}, key) == "new")
    asked: Any = {"messages": SAY}
    planned = planner.plan("completion", "old", asked, {}, sticky=key)
    assert planned.resolved.role == "old"
    assert [one.model for one in planned.resolved.candidates] == ["new-m", "claude-y"]
    assert planned.resolved.params == {"seed": 1}
    assert planned.request.notes == ["candidate: new"]


@pytest.fixture
def shadowed(config: RuntimeConfig) -> RuntimeConfig:
    """A role all of whose calls are copied to another provider."""
    role = evolve(config.roles["llm.chat"], shadow={"llm.claude": 1.0})
    return evolve(config, roles={**config.roles, "llm.chat": role})


class Seen:
    """A hook that waits for what it is called with."""

    def __init__(self) -> None:
        self.results: list[dict[str, Any]] = []
        self.called = threading.Semaphore(0)

    def __call__(self, result: dict[str, Any]) -> None:
        """Keep it."""
        self.results.append(result)
        self.called.release()

    def wait(self) -> dict[str, Any]:
        """Wait for the next one."""
        assert self.called.acquire(timeout=60)
        return self.results[-1]


@pytest.mark.parametrize("stream", [False, True])
def test_shadow_gets_a_copy(
    stream: bool, shadowed: RuntimeConfig, provider: Any
) -> None:
    """Its answer reaches the hook, and the caller sees nothing of it."""
    seen, before, after = Seen(), Seen(), Seen()
    hub: Any
    with LLMHub(
        config_obj=shadowed,
        on_before_call=before,
        on_after_call=after,
        on_shadow=seen,
    ) as hub:
        answer = hub.completion("llm.chat", SAY, stream=stream, temperature=0.1)
        assert list(answer)
        result = seen.wait()
    assert (result["role"], result["model"]) == ("llm.claude", "claude-y")
    assert (result["shadow_of"], result["success"]) == ("llm.chat", True)
    assert len(after.results) == 1
    assert [one.get("shadow_of") for one in before.results] == [None, "llm.chat"]
    bodies = {one.path: one.body for one in provider.seen}
    assert bodies["/v1/messages"]["max_tokens"] == 64
    assert bodies["/v1/messages"]["temperature"] == 0.1
    assert bool(bodies["/v1/messages"].get("stream")) == stream


def test_shadow_never_delays_nor_fails_a_call(
    shadowed: RuntimeConfig, provider: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The call is answered while its shadow hangs, and the shadow's end is logged."""
    caplog.set_level("WARNING", logger="llmhub_runtime")
    release, seen = threading.Event(), Seen()

    def judge(one: Any) -> Any:
        if one.path != "/v1/messages":
            return None
        release.wait(60)
        return 400, {"error": {"message": "no"}}, {}

    provider.judge = judge
    with LLMHub(config_obj=shadowed, on_shadow=seen) as hub:
        for _ in range(3):
            hub.completion("llm.chat", SAY)
        assert seen.results == []
        release.set()
        assert seen.wait()["success"] is False
        for _ in range(2):
            seen.wait()
    said = [one.getMessage() for one in caplog.records]
    assert sum(one.startswith("shadow.failed: ") for one in said) == 3


def test_shadows_of_async_calls_run_elsewhere(
    shadowed: RuntimeConfig, provider: Any
) -> None:
    """They are not of the caller's loop, which may end before them."""
    seen = Seen()
    hub = LLMHub(config_obj=shadowed, on_shadow=seen)
    asyncio.run(hub.acompletion("llm.chat", SAY))
    assert seen.wait()["success"]
    hub.close()
    assert provider.wait_until(lambda: provider.open_connections == 0)


def test_hub_that_closes_takes_its_shadows_along(
    shadowed: RuntimeConfig, provider: Any
) -> None:
    """What still hangs is cancelled, and the thread ends."""
    release = threading.Event()
    provider.judge = lambda one: (
        release.wait(60) and None if one.path == "/v1/messages" else None
    )
    hub = LLMHub(config_obj=shadowed)
    hub.completion("llm.chat", SAY)
    assert provider.wait_until(lambda: len(provider.seen) == 2)
    hub.close()
    assert not [one for one in threading.enumerate() if one.name == "llmhub-runtime"]
    release.set()


def test_call_that_outlives_its_hub_has_no_shadow(
    shadowed: RuntimeConfig, provider: Any
) -> None:
    """There is nobody left to carry it out."""
    hub = LLMHub(config_obj=shadowed)
    _, planner = hub._open()
    planned = planner.plan("completion", "llm.chat", {"messages": SAY}, {})
    planner.shadows.close()
    asyncio.run(planned.answer())
    hub.close()
    assert [one.path for one in provider.seen] == ["/v1/chat/completions"]


def test_no_more_than_sixteen_shadows(
    shadowed: RuntimeConfig, provider: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A slow model on trial does not pile up copies."""
    caplog.set_level("INFO", logger="llmhub_runtime")
    release, seen = threading.Event(), Seen()
    provider.judge = lambda one: (
        release.wait(60) and None if one.path == "/v1/messages" else None
    )
    with LLMHub(config_obj=shadowed, on_shadow=seen) as hub:
        for _ in range(20):
            hub.completion("llm.chat", SAY)
        release.set()
        for _ in range(16):
            seen.wait()
    said = [one.getMessage() for one in caplog.records]
    assert said.count("shadow.skipped: 16 are under way") == 4
    assert len(seen.results) == 16


FORK = """
import os, sys, threading, warnings
from llmhub_runtime import LLMHub, parse_config

warnings.filterwarnings("ignore", "This process .* is multi-threaded")
shadow, say = threading.Event(), [{"role": "user", "content": "hello"}]
role = {"provider": "llamacpp", "model": "m"}
hub = LLMHub(
    config_obj=parse_config({
        "project": "p",
        "env": "e",
        "providers": {"llamacpp": {"api_base": sys.argv[1]}},
        "roles": {"r": {**role, "shadow": {"s": 1}}, "s": {**role, "model": "slow"}},
    }),
    on_shadow=lambda result: shadow.set(),
)
for _ in range(16):
    hub.completion("r", say)
child = os.fork()
if not child:
    hub.completion("r", [{"role": "user", "content": "child"}])
    os._exit(0 if shadow.wait(60) else 1)
code = os.waitpid(child, 0)[1]
hub.close()
sys.exit(code != 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forked_child_has_shadows_of_its_own(provider: Any) -> None:
    """Those that hang in the parent take no place from the child's."""
    release = threading.Event()

    def judge(seen: Any) -> None:
        if seen.body["model"] == "slow" and seen.body["messages"] == SAY:
            release.wait(60)

    provider.judge = judge
    command = [sys.executable, "-P", "-c", FORK, provider.url]
    subprocess.run(command, check=True, timeout=90)
    release.set()


def test_veto_holds_for_the_shadow(shadowed: RuntimeConfig, provider: Any) -> None:
    """A call that is vetoed has no shadow; a shadow can be vetoed alone."""
    seen = Seen()

    def veto(call: dict[str, Any]) -> None:
        if call["provider"] == "anthropic" or call["messages"] != SAY:
            seen(call)
            raise PermissionError("not there")

    with LLMHub(config_obj=shadowed, on_before_call=veto) as hub:
        hub.completion("llm.chat", SAY)
        assert seen.wait()["shadow_of"] == "llm.chat"
        with pytest.raises(PermissionError):
            hub.completion("llm.chat", [*SAY, *SAY])
    assert [one.path for one in provider.seen] == ["/v1/chat/completions"]
    assert len(seen.results) == 2


def test_what_can_not_be_copied_is_not(
    shadowed: RuntimeConfig, provider: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The call itself goes on."""

    class Message(dict[str, str]):
        def __deepcopy__(self, memo: object) -> Message:
            raise TypeError

    with LLMHub(config_obj=shadowed) as hub:
        hub.completion("llm.chat", [Message(SAY[0])])
    assert [one.path for one in provider.seen] == ["/v1/chat/completions"]
    said = [one.getMessage() for one in caplog.records]
    assert said == ["shadow.failed: TypeError"]


def test_share_of_the_shadows(config: RuntimeConfig) -> None:
    """Callers with a key are copied always or never, in the share that is asked for."""
    from llmhub_runtime.traffic import find_route

    role = evolve(config.roles["llm.chat"], shadow={"llm.claude": 0.3})
    config = evolve(config, roles={**config.roles, "llm.chat": role})

    def copied(key: str) -> bool:
        return bool(find_route(config, "llm.chat", {}, key).copies)

    again = [copied(key) for key in KEYS]
    assert again == [copied(key) for key in KEYS]
    assert sum(again) / len(KEYS) == pytest.approx(0.3, abs=0.04)
