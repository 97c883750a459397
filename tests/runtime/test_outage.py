"""A primary that is down for a while, and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from llmhub_runtime import LLMHub, parse_config
from llmhub_runtime.testing import HEALTHY, TEXT, FaultServer, Lane, Refusal, Script

SAY = [{"role": "user", "content": "anything"}]
OUTAGE_SECONDS = 2.0
COOLDOWN_SECONDS = 0.4


@pytest.fixture
def lane() -> Iterator[Lane]:
    """A lane of a fault server."""
    with FaultServer() as server:
        yield server.lane()


@pytest.fixture
def hub(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> Iterator[LLMHub]:
    """A hub with a role of two models."""
    monkeypatch.setenv("OUTAGE_KEY", "k-1")
    config = parse_config(
        {
            "project": "p",
            "env": "test",
            "cooldown_time": COOLDOWN_SECONDS,
            "backoff": {"initial": 0.01},
            "providers": {"openai": {"env_key": "OUTAGE_KEY", "api_base": lane.url()}},
            "roles": {
                "r": {
                    "provider": "openai",
                    "model": "first",
                    "mode": "chat",
                    "fallbacks": [{"provider": "openai", "model": "second"}],
                }
            },
        }
    )
    with LLMHub(config_obj=config) as hub:
        yield hub


def call(hub: LLMHub) -> str:
    """Make one call; return the model that answered."""
    answer = hub.completion("r", SAY)
    assert answer.choices[0].message.content == TEXT
    return answer.model


def test_an_outage_is_borne(hub: LLMHub, lane: Lane) -> None:
    """Every call is served, one probe per cooldown, and the first one comes back."""
    call(hub)
    down = Script(acts=(Refusal(status=503), HEALTHY), outage_seconds=OUTAGE_SECONDS)
    lane.arm({("openai", "first"): down})
    served = []
    began = time.monotonic()
    while time.monotonic() - began < OUTAGE_SECONDS + 2 * COOLDOWN_SECONDS:
        served.append(call(hub))
        time.sleep(0.02)
    assert served[0] == "second"
    assert served[-1] == "first"
    back = served.index("first")
    assert set(served[:back]) == {"second"}
    assert set(served[back:]) == {"first"}
    asked = [one.at_seconds for one in lane.received if one.model == "first"]
    refused = [at for at in asked if at < OUTAGE_SECONDS]
    # Three attempts of the first call opened the breaker; then one probe a cooldown.
    probes = refused[3:]
    assert 0 < len(probes) <= OUTAGE_SECONDS / COOLDOWN_SECONDS
    gaps = [b - a for a, b in pairwise(probes)]
    assert all(gap >= COOLDOWN_SECONDS for gap in gaps)


def test_the_fallback_serves_at_its_own_speed(hub: LLMHub, lane: Lane) -> None:
    """With the breaker open, a call costs one request, to the fallback."""
    lane.arm({("openai", "first"): Script(acts=(Refusal(status=503),))})
    call(hub)
    before = len(lane.received)
    assert [call(hub) for _ in range(5)] == ["second"] * 5
    assert [one.model for one in lane.received[before:]] == ["second"] * 5
