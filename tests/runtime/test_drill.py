"""The drill itself: it passes who behaves, and nobody else."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from typing import Any, Self

import pytest
from attrs import evolve

from llmhub_runtime import (
    CallSettings,
    LLMHub,
    RuntimeConfig,
    UnknownRoleError,
    parse_config,
)
from llmhub_runtime.testing import (
    FAULTS,
    DrillError,
    Fault,
    Form,
    Scorecard,
    Style,
    as_markdown,
    as_text,
    can_drill,
    drill,
)
from llmhub_runtime.testing.rehearsal import KEY_VARIABLE

CONFIG = """
project: p
env: dev
providers:
  openai: {env_key: MY_OPENAI}
  anthropic: {env_key: MY_ANTHROPIC}
  elsewhere: {env_key: MY_OTHER, api_base: "https://models.example/v1"}
roles:
  answers:
    provider: openai
    model: gpt-x
    fallbacks:
      - {provider: anthropic, model: claude-y, params: {max_tokens: 500},
         pricing: {input: 3, output: 15}}
  alone: {provider: anthropic, model: claude-y, params: {max_tokens: 500}}
  search: {provider: openai, model: embed-z, mode: embedding}
  far: {provider: elsewhere, model: m, mode: other, params: {timeout: 30s}}
  pictures: {provider: openai, model: image-x, mode: image}
"""
SCALE = 0.1


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> RuntimeConfig:
    """The config above, and keys that nobody may see."""
    for name in ("MY_OPENAI", "MY_ANTHROPIC", "MY_OTHER", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, f"canary-{name}")
    return parse_config(CONFIG)


def some(*ids: str) -> tuple[Fault, ...]:
    """Return these faults."""
    return tuple(one for one in FAULTS if one.id in ids)


def verdicts(card: Scorecard) -> dict[str, str]:
    """Return the verdicts by fault."""
    return {row.id: row.verdict for row in card.rows}


def test_there_are_sixteen() -> None:
    """Each has an id, a name and a text for everything that a reader asks."""
    assert [one.id for one in FAULTS] == [f"S{number:02}" for number in range(1, 17)]
    for fault in FAULTS:
        for text in (fault.name, fault.wire, fault.passes, fault.safe):
            assert not text[0].islower()


@pytest.mark.parametrize(
    ("form", "style"),
    [("whole", "async"), ("whole", "sync"), ("stream", "async"), ("stream", "sync")],
)
def test_a_role_with_a_fallback_passes_all(
    config: RuntimeConfig, form: Form, style: Style
) -> None:
    """Sixteen of sixteen, and fifteen of fifteen where one is for streams alone."""
    card = drill(
        config,
        "answers",
        form=form,
        style=style,
        scale=SCALE,
        settings=CallSettings(commit="complete"),
    )
    expected = dict.fromkeys(verdicts(card), "pass")
    if form == "whole":
        expected["S11"] = "n/a"
    assert verdicts(card) == expected, as_text([card])
    assert not card.failed
    assert card.candidates == ("openai/gpt-x", "anthropic/claude-y")


def test_a_stream_that_is_handed_out_at_once_is_safe(config: RuntimeConfig) -> None:
    """What was handed out can't be taken back: an error says that it broke off."""
    card = drill(
        config,
        "answers",
        form="stream",
        scale=SCALE,
        faults=some("S08", "S09", "S10", "S14"),
    )
    assert verdicts(card) == {
        "S08": "safe",
        "S09": "safe",
        "S10": "pass",
        "S14": "safe",
    }, as_text([card])


@pytest.mark.parametrize("form", ["whole", "stream"])
def test_a_role_without_a_fallback_is_safe(config: RuntimeConfig, form: Form) -> None:
    """What a second attempt can mend is mended; the rest is a typed error in time."""
    card = drill(
        config,
        "alone",
        form=form,
        scale=SCALE,
        settings=CallSettings(commit="complete"),
    )
    # S07: with nobody else to ask there is no use in giving up a slow one.
    mended = {"S01", "S03", "S05", "S07", "S11", "S13"}
    expected = {one.id: "pass" if one.id in mended else "safe" for one in FAULTS}
    if form == "whole":
        expected["S11"] = "n/a"
    assert verdicts(card) == expected, as_text([card])


def test_embeddings_are_drilled(config: RuntimeConfig) -> None:
    """An embedding role meets the faults that an answer in one piece can have."""
    card = drill(
        config, "search", scale=SCALE, faults=some("S01", "S04", "S05", "S11", "S12")
    )
    assert verdicts(card) == {
        "S01": "pass",
        "S04": "safe",
        "S05": "pass",
        "S11": "n/a",
        "S12": "safe",
    }, as_text([card])
    with pytest.raises(ValueError, match="not streamed"):
        drill(config, "search", form="stream")


def test_settings_of_the_role_are_drilled(config: RuntimeConfig) -> None:
    """A role that may not retry, nor go elsewhere, is seen not to."""
    stubborn = CallSettings(num_retries=0, fallback_on=())
    card = drill(
        config, "answers", scale=SCALE, settings=stubborn, faults=some("S03", "S16")
    )
    assert verdicts(card) == {"S03": "safe", "S16": "safe"}
    assert [row.primary_requests for row in card.rows] == [1, 1]
    assert [row.other_requests for row in card.rows] == [0, 0]


def test_a_long_timeout_is_seen(config: RuntimeConfig) -> None:
    """Who waits longer than the fault's limit does not pass it."""
    patient = CallSettings(timeout_seconds=110, deadline_seconds=120)
    card = drill(config, "alone", scale=0.02, settings=patient, faults=some("S06"))
    assert verdicts(card) == {"S06": "fail"}
    assert card.failed
    assert "ends within 100 s" in card.rows[0].reason


def test_other_providers_are_played(config: RuntimeConfig) -> None:
    """A provider that any-llm does not know, on the net, is driven on loopback."""
    card = drill(config, "far", scale=SCALE, faults=some("S03", "S12"))
    assert verdicts(card) == {"S03": "pass", "S12": "safe"}, as_text([card])
    assert any("elsewhere is driven as an OpenAI-compatible" in n for n in card.notes)
    assert card.candidates == ("elsewhere/m",)


def test_the_environment_is_left_as_it_was(
    config: RuntimeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy does not see the drill, and what was set is set again."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "intra.example")
    monkeypatch.delenv("no_proxy", raising=False)
    card = drill(config, "search", scale=SCALE, faults=some("S12"))
    assert verdicts(card) == {"S12": "safe"}
    assert os.environ["NO_PROXY"] == "intra.example"
    assert "no_proxy" not in os.environ
    assert KEY_VARIABLE not in os.environ


def test_roles_that_can_not_be_drilled(config: RuntimeConfig) -> None:
    """An unknown role, a mode without faults, and one that no provider could serve."""
    with pytest.raises(UnknownRoleError):
        drill(config, "answer")
    assert not can_drill(config.roles["pictures"])
    with pytest.raises(ValueError, match="image"):
        drill(config, "pictures")
    bad = evolve(config.roles["alone"], params={"max_tokens": "many"})
    broken = evolve(config, roles={"bad": bad})
    with pytest.raises(DrillError, match="'bad' can't be drilled"):
        drill(broken, "bad", faults=some("S03"))


def test_keys_are_nowhere(config: RuntimeConfig) -> None:
    """Neither the cards nor the requests know a key of the user's."""
    card = drill(config, "answers", scale=SCALE, faults=some("S04"))
    assert "canary" not in repr(card) + as_text([card]) + json.dumps(card.as_data())


def test_scorecards_can_be_written(config: RuntimeConfig) -> None:
    """As plain data, as Markdown and as text."""
    card = drill(config, "answers", scale=SCALE, faults=some("S03", "S11"))
    data = json.loads(json.dumps(card.as_data()))
    assert data["counts"] == {"pass": 1, "partial": 0, "safe": 0, "fail": 0, "n/a": 1}
    assert data["rows"][0]["findings"][0] == {
        "name": "ends by its deadline",
        "held": True,
        "required": True,
    }
    page = as_markdown([card])
    assert page.startswith("# Failure drill\n\n## answers: whole answers, async\n")
    assert "| S03 | 500 once | **pass** |" in page
    assert "`openai/gpt-x` → `anthropic/claude-y`. 1 pass, 1 n/a." in page
    assert "S11  No [DONE]" in as_text([card])


class Naive(LLMHub):
    """A hub as any-llm's own function would be: one attempt, nothing checked."""

    async def acompletion(
        self, role: str, messages: Sequence[Any], **params: Any
    ) -> Any:  # type: ignore[override]
        """Make one attempt."""
        from any_llm import AnyLLM

        spec = self.config.roles[role]
        endpoint = self.config.providers[spec.provider]
        client = AnyLLM.create(
            spec.provider,
            os.environ[endpoint.env_key or ""],
            endpoint.api_base,
            unified_exceptions=True,
        )
        self.clients.append(client)
        return await client.acompletion(spec.model, list(messages), **params)

    async def __aenter__(self) -> Self:
        self.clients: list[Any] = []
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self.clients:
            await client.client.close()


def test_plain_any_llm_does_not_pass(
    config: RuntimeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK's own retries pass some; a minute of outage and a silence fail."""
    monkeypatch.setattr("llmhub_runtime.testing.drilling.LLMHub", Naive)
    card = drill(
        config,
        "answers",
        form="stream",
        scale=0.05,
        faults=some("S02", "S03", "S04", "S06", "S08", "S13", "S15"),
    )
    found = verdicts(card)
    assert found["S03"] == "pass"
    assert found["S02"] == found["S04"] == found["S08"] == "safe"
    assert found["S15"] == "fail"
    assert found["S06"] == "fail"
    assert card.failed


class Liar(LLMHub):
    """A hub that sells what it has got as the whole answer."""

    async def acompletion(
        self, role: str, messages: Sequence[Any], **params: Any
    ) -> Any:  # type: ignore[override]
        """Stream, and end as if nothing were wrong."""
        stream = await super().acompletion(role, messages, **params)

        async def relay() -> Any:
            try:
                async for chunk in stream:
                    yield chunk
            except Exception:  # noqa: BLE001 (that is the lie)
                return

        return relay()


def test_half_an_answer_as_a_success_fails(
    config: RuntimeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drill compares what came with what there was to say."""
    monkeypatch.setattr("llmhub_runtime.testing.drilling.LLMHub", Liar)
    card = drill(
        config, "answers", form="stream", scale=SCALE, faults=some("S08", "S09")
    )
    assert verdicts(card) == {"S08": "fail", "S09": "fail"}
    assert "no half answer as a success" in card.rows[0].reason


class Stuck(LLMHub):
    """A hub that hangs as soon as something is wrong."""

    async def acompletion(
        self, role: str, messages: Sequence[Any], **params: Any
    ) -> Any:  # type: ignore[override]
        """Wait for ever after an error."""
        try:
            return await super().acompletion(role, messages, **params)
        except Exception:  # noqa: BLE001 (whatever it is)
            await asyncio.sleep(3600)

    def completion(self, role: str, messages: Sequence[Any], **params: Any) -> Any:  # type: ignore[override]
        """Likewise, on a thread that nobody can cancel."""
        from threading import Event

        try:
            return super().completion(role, messages, **params)
        except Exception:  # noqa: BLE001 (whatever it is)
            Event().wait()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No grace beyond the deadline."""
    monkeypatch.setattr("llmhub_runtime.testing.drilling.LLMHub", Stuck)
    monkeypatch.setattr("llmhub_runtime.testing.drilling._GRACE_SECONDS", 0.5)
    return None


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("style", ["async", "sync"])
def test_a_hang_fails(config: RuntimeConfig, style: Style) -> None:
    """A call that has not ended by its deadline is ended, and is a fail."""
    card = drill(
        config,
        "alone",
        style=style,
        scale=SCALE,
        settings=CallSettings(deadline_seconds=10),
        faults=some("S12"),
    )
    assert verdicts(card) == {"S12": "fail"}
    assert "ends by its deadline" in card.rows[0].reason
