"""A spec, and a lock that covers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llmhub_core.lock.freeze import freeze, merge
from llmhub_core.records.candidate import Cost, Latency, Quality, Relaxation
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.records.lock import Lock, LockedEnvironment
from llmhub_core.records.model import PriceTier
from llmhub_core.records.spec import Spec
from llmhub_core.spec import parse_spec

SPEC = """\
project: shop
selector: balanced
providers:
  openai: {env_key: SHOP_OPENAI_KEY, api_base: "http://127.0.0.1:9/v1"}
policy:
  providers: {deny: [deepseek]}
roles:
  llm.answers:
    kind: chat
    preferences: {quality: high}
    mode_params: {temperature: 0.2}
    runtime: {timeout: 60s, num_retries: 2}
  embed:
    kind: embedding
    fallbacks: 0
environments:
  prod:
    roles:
      llm.answers: {preferences: {quality: low}}
"""


@pytest.fixture
def spec_text() -> str:
    """The text of the spec."""
    return SPEC


@pytest.fixture
def spec() -> Spec:
    """The spec in its default environment."""
    return parse_spec(SPEC, path="llmhub.spec.yaml")


@pytest.fixture
def make_pick() -> Callable[..., Pick]:
    """Make a pick with every kind of fact, from its canonical id."""

    def make(canonical_id: str, **facts: Any) -> Pick:
        provider, _, model_id = canonical_id.partition(":")
        known: dict[str, Any] = {
            "reason": "cheapest of 12 above 1,380",
            "lab": provider,
            "score": 0.75,
            "cost": Cost(usd_per_request=0.0021, basis="listed"),
            "quality": Quality(
                value=1391.5,
                score=1400.0,
                ci_low=1391.5,
                ci_high=1408.5,
                board="text",
                category="overall",
                name=model_id,
                basis="measured",
            ),
            "latency": Latency(value=2.0, basis="proxy", reason="no reasoning"),
            "price_input_per_million": 1.25,
            "price_output_per_million": 10.0,
            "price_cache_read_per_million": 0.125,
            "price_tiers": (
                PriceTier(above_context_tokens=200_000, input_per_million=2.5),
            ),
            "context_tokens": 400_000,
            "max_output_tokens": 128_000,
            "capabilities": ("structured_output", "tools"),
            "params": {"temperature": 0.2, "stop": ("\n\n",), "extra": {"b": 1}},
            "dropped_params": {"top_k": "the model takes none"},
            "notes": ("shares its fate with nobody",),
        }
        return Pick(
            canonical_id=canonical_id,
            provider=provider,
            model_id=model_id,
            **(known | facts),
        )

    return make


@pytest.fixture
def make_choice(make_pick: Callable[..., Pick]) -> Callable[..., Choice]:
    """Make a choice from its role and canonical ids, the primary first."""

    def make(role: str, *ids: str, **facts: Any) -> Choice:
        primary, *backups = [make_pick(name) for name in ids]
        known: dict[str, Any] = {
            "mode": "embedding" if role == "embed" else "chat",
            "selector": "balanced",
            "eligible": 31,
            "considered": 5276,
            "relaxed": (
                Relaxation(constraint="context_tokens", wanted="9", granted="8"),
            ),
            "notes": ("31 of 5,276 models",),
            "answer": '{"best": "1"}',
        }
        return Choice(
            role=role, primary=primary, backups=tuple(backups), **(known | facts)
        )

    return make


@pytest.fixture
def catalog() -> Catalog:
    """What the choices come from, as far as the lock says."""
    fresh = SourceStatus(
        name="models-dev",
        state="fresh",
        version="26.11.0",
        fetched_at="2026-11-20T08:00:00Z",
        as_of="2026-11-19",
        served=5276,
    )
    skipped = SourceStatus(name="arena", state="skipped", reason="HTTP 503")
    return Catalog(models=(), sources=(skipped, fresh), digest="c" * 64)


@pytest.fixture
def chosen(make_choice: Callable[..., Choice]) -> tuple[Choice, ...]:
    """A choice for each role of the spec."""
    return (
        make_choice("llm.answers", "openai:gpt-x", "gemini:flash"),
        make_choice("embed", "mistral:embed"),
    )


@pytest.fixture
def locked(
    spec: Spec, chosen: tuple[Choice, ...], catalog: Catalog
) -> LockedEnvironment:
    """What the lock says of the default environment."""
    return freeze(spec, chosen, catalog=catalog, versions={"balanced": "26.11.0"})


@pytest.fixture
def lock(spec: Spec, locked: LockedEnvironment) -> Lock:
    """The whole lock."""
    return merge(None, spec, locked)
