"""Answers that are recorded once and replayed without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from pydantic import BaseModel, ValidationError

from llmhub_runtime import (
    CallFailedError,
    CallSettings,
    LLMHub,
    Pricing,
    StreamInterruptedError,
    call_metadata,
    parse_config,
)
from llmhub_runtime.testing import (
    HEALTHY,
    TEXT,
    Act,
    Answer,
    CassetteError,
    FaultServer,
    Lane,
    RecordingHub,
    Refusal,
    ReplayHub,
    Reset,
    Script,
    UnknownRequestError,
)

SAY = [{"role": "user", "content": "say it now"}]
CANARY = "canary-openai-c2d9"


class Studio:
    """A provider on loopback, a config for it, and a place for a cassette."""

    def __init__(self, lane: Lane, path: Path) -> None:
        self.lane = lane
        self.path = path
        endpoint = {"env_key": "STUDIO_KEY", "api_base": lane.url("openai")}
        self.config = parse_config(
            {
                "project": "p",
                "env": "dev",
                "backoff": {"initial": 0.01},
                "providers": {
                    "openai": endpoint,
                    "anthropic": {**endpoint, "api_base": lane.bare_url("anthropic")},
                },
                "roles": {
                    "a": {
                        "provider": "openai",
                        "model": "m",
                        "mode": "chat",
                        "fallbacks": [
                            {
                                "provider": "anthropic",
                                "model": "c",
                                "params": {"max_tokens": 9},
                            }
                        ],
                    },
                    "e": {"provider": "openai", "model": "m", "mode": "embedding"},
                },
            }
        )

    def record(self, **hub: Any) -> RecordingHub:
        """Begin a new cassette."""
        return RecordingHub(self.path, **{"config_obj": self.config} | hub)

    def replay(self, **hub: Any) -> ReplayHub:
        """Play it, with the provider gone."""
        self.lane.arm(Reset())
        return ReplayHub(self.path, **{"config_obj": self.config} | hub)


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """A studio."""
    monkeypatch.setenv("STUDIO_KEY", CANARY)
    with FaultServer() as server:
        yield Studio(server.lane(), tmp_path / "tapes" / "one.jsonl")


def perform(hub: LLMHub) -> list[Any]:
    """Make some calls, and say what came of them."""
    whole = hub.completion("a", SAY, seed=1)
    parts = list(hub.completion("a", SAY, stream=True))
    vectors = hub.embedding("e", ["x", "y"])

    async def later() -> Any:
        return await hub.acompletion("a", SAY, seed=2)

    return [one.model_dump() for one in (whole, *parts, vectors, asyncio.run(later()))]


def test_replay_is_what_was_recorded(studio: Studio) -> None:
    """Field for field, sync and async, whole and in parts, and nothing is sent."""
    with studio.record() as hub:
        recorded = perform(hub)
    with studio.replay() as hub:
        assert perform(hub) == recorded
        assert hub.unused == 0
    assert studio.lane.received == ()


def test_cassettes_hold_no_key(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a header, a parameter, an answer or an error."""
    echo = Refusal(status=401, message=f"bad key {CANARY}")
    studio.lane.arm(Script(acts=(HEALTHY, HEALTHY, echo)))
    with studio.record() as hub:
        hub.completion("a", [{"role": "user", "content": f"my key is {CANARY}"}])
        hub.completion("a", SAY, extra_headers={"X-Key": "canary-header"})
        hub.completion("a", SAY)
    held = studio.path.read_text("utf-8")
    assert "canary" not in held
    assert "eaders" not in held
    assert "[redacted]" in held
    assert len(held.splitlines()) == 4


def test_a_key_that_was_asked_about_replays(studio: Studio) -> None:
    """A request with a key in it finds its answer, which was kept without it."""
    messages = [{"role": "user", "content": f"my key is {CANARY}"}]
    with studio.record() as hub:
        hub.completion("a", messages)
    with studio.replay() as hub:
        assert hub.completion("a", messages).choices[0].message.content == TEXT


def test_cassettes_are_the_same_every_time(studio: Studio) -> None:
    """The order of parameters and of the hash seed changes no byte."""
    texts = []
    for params in ({"seed": 1, "top_p": 0.5}, {"top_p": 0.5, "seed": 1}):
        studio.lane.arm(HEALTHY)
        with studio.record() as hub:
            hub.completion("a", SAY, params)
        texts.append(studio.path.read_bytes())
    assert texts[0] == texts[1]
    line = json.loads(texts[0])
    assert line["format"] == 1
    assert line["request"]["params"] == {"seed": 1, "top_p": 0.5}


@pytest.mark.parametrize(
    "act",
    [
        Refusal(status=429, retry_after_seconds=0.01),
        Refusal(status=503),
        Refusal(status=400, code="context_length_exceeded"),
        Reset(),
        Answer(ending="no_finish", words=5),
    ],
)
def test_failures_replay_with_their_fallback(studio: Studio, act: Act) -> None:
    """Retries and fallbacks go the way that they went."""
    studio.lane.arm({("openai", "m"): Script(acts=(act,))})
    settings = CallSettings(commit="complete")
    roles = {"a": evolve(studio.config.roles["a"], settings=settings)}
    config = evolve(studio.config, roles=roles)
    ways = []
    for hub in (studio.record(config_obj=config), None):
        with hub or studio.replay(config_obj=config) as used:
            answer: Any = used.completion("a", SAY, stream=True)
            list(answer)
            ways.append(
                [
                    (one.provider, one.error_class, one.status)
                    for one in answer.llmhub.attempts
                ]
            )
    assert ways[0] == ways[1]
    assert ways[0][-1] == ("anthropic", None, None)


def test_the_last_error_replays(studio: Studio) -> None:
    """A call that failed fails again, for the same reasons."""
    studio.lane.arm(Refusal(status=500, message="out of order"))
    told = []
    for hub in (studio.record(), None):
        with hub or studio.replay() as used, pytest.raises(CallFailedError) as caught:
            used.completion("a", SAY)
        told.append([one.error_class for one in caught.value.attempts])
        assert "out of order" in str(caught.value)
    assert told[0] == told[1] == ["server_error"] * 6


def test_a_timeout_replays_at_once(studio: Studio) -> None:
    """Nobody waits for a silence that was recorded."""
    studio.lane.arm(Answer(wait_seconds=3600))
    spec = evolve(studio.config.roles["e"], settings=CallSettings(timeout_seconds=0.05))
    config = evolve(studio.config, roles={"e": spec})
    for hub in (studio.record(config_obj=config), None):
        used = hub or studio.replay(config_obj=config)
        with used, pytest.raises(CallFailedError) as caught:
            used.embedding("e", "x")
        assert [one.error_class for one in caught.value.attempts] == ["timeout"]


def test_half_a_stream_replays(studio: Studio) -> None:
    """The parts that were handed out, then the error."""
    studio.lane.arm(Answer(ending="cut", words=20))
    heard: list[list[str]] = []
    for hub in (studio.record(), None):
        words: list[str] = []
        with hub or studio.replay() as used:
            chunks = used.completion("a", SAY, stream=True)
            with pytest.raises(StreamInterruptedError):
                words.extend(one.choices[0].delta.content or "" for one in chunks)
        heard.append(words)
    assert heard[0] == heard[1]
    assert len("".join(heard[0]).split()) == 20


def test_a_stream_that_is_dropped_is_recorded(studio: Studio) -> None:
    """What was read before the caller had enough is on the cassette."""
    with studio.record() as hub:
        chunks = hub.completion("a", SAY, stream=True)
        first = next(chunks)
        chunks.close()
    with studio.replay() as replayed:
        assert next(replayed.completion("a", SAY, stream=True)) == first


def test_the_same_question_twice_has_two_answers(studio: Studio) -> None:
    """In the order of the recording, and no third one."""
    with studio.record() as hub:
        ids = [hub.completion("a", SAY).id for _ in range(2)]
    assert ids[0] != ids[1]
    with studio.replay() as hub:
        assert [hub.completion("a", SAY).id for _ in range(2)] == ids
        with pytest.raises(UnknownRequestError, match=r"2 answers .* are used up"):
            hub.completion("a", SAY)


def test_unknown_requests_are_refused(studio: Studio) -> None:
    """With the nearest that there is, and what to do about it."""
    with studio.record() as hub:
        hub.completion("a", SAY, seed=1)
    with studio.replay() as hub:
        with pytest.raises(UnknownRequestError) as caught:
            hub.completion("a", SAY, seed=2)
        told = str(caught.value)
        assert str(studio.path) in told
        assert '"params": {"seed": 2}' in told
        assert '"params": {"seed": 1}' in told
        assert "Record it anew" in told
        with pytest.raises(UnknownRequestError, match="no request to this model"):
            hub.embedding("e", "x")
        assert hub.unused == 1


class Spoken(BaseModel):
    """A structured answer that any text is."""

    text: str

    @classmethod
    def model_validate_json(cls, data: Any, **_: Any) -> Spoken:
        """Take the text as it is."""
        return cls(text=data)


def test_structured_answers_are_parsed_again(studio: Studio) -> None:
    """A recorded text becomes the type that the call asks for."""
    with studio.record() as hub:
        hub.completion("a", SAY, response_format=Spoken)
    with studio.replay() as played:
        got: Any = played.completion("a", SAY, response_format=Spoken)
    assert got.choices[0].message.parsed == Spoken(text=TEXT)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda hub: hub.completion("a", SAY, temperature="hot"), "temperature: Input"),
        (lambda hub: hub.rerank("o", "q", ["d"]), "doesn't support rerank"),
    ],
)
def test_what_was_never_sent_fails_again_as_it_did(
    studio: Studio, call: Any, told: str
) -> None:
    """One attempt, with the same error."""
    role = evolve(studio.config.roles["e"], mode="other")
    config = evolve(studio.config, roles={**studio.config.roles, "o": role})
    failed = []
    makes: tuple[Any, ...] = studio.record, studio.replay
    for make in makes:
        with (
            make(config_obj=config) as hub,
            pytest.raises(CallFailedError, match=told) as caught,
        ):
            call(hub)
        failed.append(caught.value)
    recorded, replayed = failed
    assert isinstance(replayed, type(recorded).__mro__[1])
    assert [one.outcome for one in replayed.attempts] == [
        one.outcome for one in recorded.attempts
    ]


def test_missing_key_is_passed_over_again(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fallback that answered without it answers in the replay, too."""
    openai = evolve(studio.config.providers["openai"], env_key="NOT_THERE")
    providers = {**studio.config.providers, "openai": openai}
    config = evolve(studio.config, providers=providers)
    monkeypatch.delenv("NOT_THERE", raising=False)
    makes: tuple[Any, ...] = studio.record, studio.replay
    for make in makes:
        with make(config_obj=config) as hub:
            record = call_metadata(hub.completion("a", SAY))
        assert record is not None
        assert [one.error_class for one in record.attempts] == ["auth", None]


def test_usage_that_is_not_handed_out_is_replayed(studio: Studio) -> None:
    """A priced stream costs the same, though no chunk tells its usage."""
    role = evolve(
        studio.config.roles["a"],
        pricing=Pricing(input_per_million=1, output_per_million=2),
    )
    config = evolve(studio.config, roles={"a": role})
    costs = []
    makes: tuple[Any, ...] = studio.record, studio.replay
    for make in makes:
        with make(config_obj=config) as hub:
            stream = hub.completion("a", SAY, stream=True)
            assert all(chunk.choices for chunk in stream)
            record = call_metadata(stream)
        assert record is not None
        costs.append(record.cost_usd)
    assert costs[0] is not None
    assert costs[0] == costs[1]


class Weather(BaseModel):
    """A structured answer that sixty words are not."""

    city: str


def test_errors_of_the_application_are_not_recorded(studio: Studio) -> None:
    """A cassette holds what providers say, not what is made of it."""
    with studio.record() as hub, pytest.raises(ValidationError):
        hub.completion("a", SAY, response_format=Weather)
    assert studio.path.read_text("utf-8") == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nonsense\n", ":1: is not a line of a cassette"),
        ('{"format": 1, "request": {}, "answer": {}}\n[]\n', ":2: is not a line"),
        ('{"format": 99, "request": {}}\n', ":1: has format 99, not 1"),
        (None, "can't be read: No such file"),
    ],
)
def test_damaged_cassettes_are_told(
    studio: Studio, text: str | None, problem: str
) -> None:
    """With file and line."""
    studio.path.parent.mkdir()
    if text is not None:
        studio.path.write_text(text, "utf-8")
    with pytest.raises(CassetteError, match=problem):
        studio.replay()


def test_cassettes_import_nothing_else(studio: Studio) -> None:
    """A cassette can't name a class that is not any-llm's."""
    with studio.record() as hub:
        hub.completion("a", SAY)
    text = studio.path.read_text("utf-8")
    evil = text.replace("any_llm.types.completion:ChatCompletion", "os:system")
    assert evil != text
    studio.path.write_text(evil, "utf-8")
    with studio.replay() as hub, pytest.raises(TypeError, match=r"hold a os\.system"):
        hub.completion("a", SAY)
