"""A config that changes while the program runs."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from llmhub_runtime import (
    ConfigError,
    EnvVarMissingError,
    HubClosedError,
    LLMHub,
    ProviderConfig,
    RoleConfig,
    RuntimeConfig,
    dump_config,
)
from llmhub_runtime.reload import Watch

SAY = [{"role": "user", "content": "hello"}]


@pytest.fixture
def file(config: RuntimeConfig, tmp_path: Path) -> Path:
    """The config as a file."""
    path = tmp_path / "llmhub.yaml"
    path.write_text(dump_config(config), encoding="utf-8")
    return path


def other(config: RuntimeConfig, model: str = "gpt-new", **how: Any) -> RuntimeConfig:
    """The same config with another model."""
    role = evolve(config.roles["llm.chat"], model=model)
    return evolve(config, roles={**config.roles, "llm.chat": role}, **how)


def write(file: Path, config: RuntimeConfig | str) -> None:
    """Replace the file as a careful program does."""
    text = config if isinstance(config, str) else dump_config(config)
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)


def test_reload_takes_the_new_file(
    file: Path, config: RuntimeConfig, provider: Any
) -> None:
    """Later calls go by it, over the connections that there are."""
    with LLMHub(file) as hub:
        hub.completion("llm.chat", SAY)
        assert hub.reload() is False
        write(file, other(config))
        assert hub.reload() is True
        assert hub.config.roles["llm.chat"].model == "gpt-new"
        hub.completion("llm.chat", SAY)
    assert [one.body["model"] for one in provider.seen] == ["gpt-x", "gpt-new"]
    assert provider.connections == 1


def test_reload_finds_the_file_where_it_was(
    file: Path, config: RuntimeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program may go to another folder meanwhile."""
    monkeypatch.chdir(file.parent)
    with LLMHub(file.name) as hub:
        (file.parent / "elsewhere").mkdir()
        monkeypatch.chdir("elsewhere")
        write(file, other(config))
        assert hub.reload()
        assert hub.config.roles["llm.chat"].model == "gpt-new"


def test_reload_before_the_first_call(
    file: Path, config: RuntimeConfig, provider: Any
) -> None:
    """There is nothing to keep yet."""
    with LLMHub(file) as hub:
        write(file, other(config))
        assert hub.reload() is True
        hub.completion("llm.chat", SAY)
    assert provider.seen[0].body["model"] == "gpt-new"


@pytest.mark.parametrize(
    "text", ["project: [", "project: p\nenv: e\nrolls: {}\n", ""], ids=["y", "k", "e"]
)
def test_invalid_file_keeps_the_last_good_one(
    text: str, file: Path, provider: Any
) -> None:
    """The error names the file, and calls go on as before."""
    with LLMHub(file) as hub:
        good = hub.config
        write(file, text)
        with pytest.raises(ConfigError, match=r"llmhub\.yaml"):
            hub.reload()
        file.unlink()
        with pytest.raises(ConfigError, match="no such file"):
            hub.reload()
        assert hub.config is good
        hub.completion("llm.chat", SAY)
    assert provider.seen[0].body["model"] == "gpt-x"


def test_environment_is_checked_again(
    file: Path, config: RuntimeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub that is strict about keys does not take a config without them."""
    endpoint = evolve(config.providers["openai"], env_key="NOT_THERE")
    changed = evolve(config, providers={**config.providers, "openai": endpoint})
    with LLMHub(file, strict_env=True) as hub:
        write(file, changed)
        with pytest.raises(EnvVarMissingError):
            hub.reload()
        assert hub.config == config


def test_hub_without_a_file(config: RuntimeConfig, provider: Any) -> None:
    """It takes another object, and can't be watched."""
    with LLMHub(config_obj=config) as hub:
        with pytest.raises(ValueError, match="give a config_obj"):
            hub.reload()
        assert hub.reload(other(config)) is True
        hub.completion("llm.chat", SAY)
    assert provider.seen[0].body["model"] == "gpt-new"
    with pytest.raises(ValueError, match="can't be watched"):
        LLMHub(config_obj=config, watch=True)
    with pytest.raises(HubClosedError):
        hub.reload(config)


def test_calls_under_way_end_by_the_old_config(
    file: Path, config: RuntimeConfig, provider: Any
) -> None:
    """Even when their endpoint is gone, whose connections are closed after them."""
    release = threading.Event()
    provider.judge = lambda seen: (
        None if seen.body.get("stream") else release.wait(60) and None
    )
    with LLMHub(file) as hub:
        provider.gate.clear()
        stream = hub.completion("llm.chat", SAY, stream=True)
        answers: list[Any] = []
        thread = threading.Thread(
            target=lambda: answers.append(
                hub.completion("llm.chat", SAY, num_retries=0)
            )
        )
        thread.start()
        assert provider.wait_until(lambda: len(provider.seen) == 2)
        elsewhere = evolve(
            config.providers["openai"],
            api_base=provider.url.replace("127.0.0.1", "localhost"),
        )
        moved = {**config.providers, "openai": elsewhere}
        hub.reload(other(config, providers=moved))
        provider.gate.set()
        text = "".join(one.choices[0].delta.content or "" for one in stream)
        release.set()  # the last user of the old connections
        thread.join()
        assert text == answers[0].choices[0].message.content == "Hello there"
        assert provider.wait_until(lambda: provider.open_connections == 0)
        hub.completion("llm.chat", SAY)
        assert provider.seen[-1].body["model"] == "gpt-new"


def test_endpoint_that_stayed_keeps_its_connection(
    config: RuntimeConfig, provider: Any
) -> None:
    """Only the provider that is gone loses its own."""
    with LLMHub(config_obj=config) as hub:
        hub.completion("llm.chat", SAY)
        hub.completion("llm.claude", SAY)
        assert provider.open_connections == 2
        roles = {"llm.chat": config.roles["llm.chat"]}
        providers = {"openai": config.providers["openai"]}
        hub.reload(evolve(config, roles=roles, providers=providers))
        assert provider.wait_until(lambda: provider.open_connections == 1)
        hub.completion("llm.chat", SAY)
    assert provider.connections == 2


def test_loops_that_are_over_have_nothing_to_close(
    config: RuntimeConfig, provider: Any
) -> None:
    """A loop that was closed without ceremony is passed over."""
    loop = asyncio.new_event_loop()
    hub = LLMHub(config_obj=config)
    loop.run_until_complete(hub.acompletion("llm.chat", SAY))
    execution, _ = hub._open()
    pool = execution.backend._pool
    (held,) = pool._shelves[loop].clients.values()
    sdk = held.client.client  # type: ignore[attr-defined]
    loop.run_until_complete(sdk.close())
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert hub.reload(evolve(config, providers={}, roles={})) is True
    hub.close()


def test_provider_without_a_variable_keeps_its_connection(provider: Any) -> None:
    """Where any-llm finds the key, or needs none, too."""
    config = RuntimeConfig(
        project="p",
        env="e",
        providers={"llamacpp": ProviderConfig(api_base=provider.url)},
    )
    role = RoleConfig(provider="llamacpp", model="m")
    first = evolve(config, roles={"llm.chat": role})
    with LLMHub(config_obj=first) as hub:
        hub.completion("llm.chat", SAY)
        hub.reload(other(first))
        hub.completion("llm.chat", SAY)
    assert provider.connections == 1


class Reloaded(logging.Handler):
    """Counts what the runtime says about its config."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.changed = threading.Condition()

    def emit(self, record: logging.LogRecord) -> None:
        """Note what concerns the config."""
        text = record.getMessage()
        if text.startswith("config."):
            with self.changed:
                self.said.append(text)
                self.changed.notify_all()

    def wait(self, count: int) -> str:
        """Wait for the word of that number."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.said) >= count, timeout=60)
            return self.said[-1]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reloaded]:
    """What is said, while files are looked at a hundred times a second."""
    monkeypatch.setattr("llmhub_runtime.reload._EVERY_SECONDS", 0.01)
    logger, handler = logging.getLogger("llmhub_runtime"), Reloaded()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel("INFO")
    yield handler
    logger.setLevel(level)
    logger.removeHandler(handler)


def watchers() -> list[threading.Thread]:
    """Return the threads that watch."""
    return [one for one in threading.enumerate() if one.name == "llmhub-watch"]


def test_watched_file(
    file: Path, config: RuntimeConfig, provider: Any, log: Reloaded
) -> None:
    """A change arrives by itself; what is invalid is said once, and mended later."""
    with LLMHub(file, watch=True) as hub:
        write(file, other(config))
        assert log.wait(1) == "config.reloaded: tests dev"
        hub.completion("llm.chat", SAY)
        write(file, "project: [")
        assert log.wait(2).startswith("config.kept: the last good one stays, as ")
        assert str(file) in log.said[-1]
        file.unlink()
        assert "no such file" in log.wait(3)
        hub.completion("llm.chat", SAY)
        write(file, other(config, "gpt-newest"))
        assert log.wait(4).startswith("config.reloaded")
        hub.completion("llm.chat", SAY)
    models = [one.body["model"] for one in provider.seen]
    assert models == ["gpt-new", "gpt-new", "gpt-newest"]
    for thread in watchers():
        thread.join(60)
    assert watchers() == []
    assert len(log.said) == 4


def test_watch_ends_with_its_hub(file: Path, log: Reloaded) -> None:
    """Also when nobody closed it."""
    hub = LLMHub(file, watch=True)
    (thread,) = watchers()
    del hub
    gc.collect()
    thread.join(60)
    assert not thread.is_alive()


def test_each_content_is_tried_once(tmp_path: Path) -> None:
    """Whether it could be used or not, and again when it comes back."""
    file = tmp_path / "x"

    class Somebody:
        calls = 0

        def reload(self) -> None:
            self.calls += 1
            raise ConfigError("no")

    somebody, calls = Somebody(), []
    watch = Watch(file, somebody.reload)
    watch.close()
    for content in (b"a", b"a", None, None, b"a", b"b"):
        if content is None:
            file.unlink(missing_ok=True)
        else:
            file.write_bytes(content)
        assert watch.look() is True
        calls.append(somebody.calls)
    assert calls == [1, 1, 2, 2, 3, 4]


def test_watch_of_somebody_who_is_gone(tmp_path: Path) -> None:
    """There is nobody to tell, and nothing to look at."""

    class Somebody:
        def reload(self) -> None:
            """Never called."""

    somebody = Somebody()
    watch = Watch(tmp_path / "x", somebody.reload)
    assert watch.look() is True
    del somebody
    gc.collect()
    assert watch.look() is False
    watch.close()
    watch.forget()
    assert watch._ended.is_set()


FORK = """
import os, sys, time, warnings
from llmhub_runtime import LLMHub, reload
reload._EVERY_SECONDS = 0.01
warnings.filterwarnings("ignore", "This process .* is multi-threaded")
path = sys.argv[1]
hub = LLMHub(path, watch=True)
text = open(path, encoding="utf-8").read()
child = os.fork()
if not child:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("gpt-x", "gpt-child"))
    for _ in range(6000):
        if hub.config.roles["llm.chat"].model == "gpt-child":
            sys.exit(0)
        time.sleep(0.01)
    sys.exit(1)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forked_child_watches_on(file: Path) -> None:
    """The thread does not come along, so the child starts its own."""
    command = [sys.executable, "-P", "-c", FORK, str(file)]
    subprocess.run(command, check=True, timeout=90)
