"""Inputs that every selector and exporter must cope with; the same in each run.

They need no hypothesis, so that installed plugins are checked where it is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Final, Literal

from llmhub_core.contracts import ExportContext
from llmhub_core.records.candidate import Candidate, Cost, Latency, Quality
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.records.model import CanonicalModel, PriceTier
from llmhub_core.records.need import RoleNeed, Weights
from llmhub_core.records.spec import Level, ProviderSpec, RoleSpec, Spec, Workload

__all__ = ["export_contexts", "make_candidate", "offers", "twins"]

_PROVIDERS: Final = ("anthropic", "groq", "mistral", "openai")
_LEVELS: Final[tuple[Level | None, ...]] = (None, "low", "medium", "high")


def make_candidate(
    canonical_id: str,
    *,
    usd_per_request: float | None = None,
    score: float | None = None,
    half_interval: float = 0.0,
    latency: float = 0.0,
    basis: Literal["measured", "proxy", "translated", "inherited"] = "measured",
    at_home: bool = False,
    **model: Any,
) -> Candidate:
    """A candidate in one line.

    Args:
        canonical_id: ``provider:model``.
        usd_per_request: US dollars; 0 is free, None unknown.
        score: Rating, or None when it has none.
        half_interval: Half the width of the rating's 95 % interval.
        latency: Rank proxy; smaller is faster.
        basis: What the rating rests on.
        at_home: Whether the provider made the model.
        model: More fields of the catalog's record.
    """
    provider, _, model_id = canonical_id.partition(":")
    quality = None
    if score is not None:
        quality = Quality(
            value=score - half_interval,
            score=score,
            ci_low=score - half_interval,
            ci_high=score + half_interval,
            board="text",
            category="overall",
            name=model_id,
            basis=basis,
        )
    cost = None
    if usd_per_request is not None:
        listed: Literal["listed", "free"] = "listed" if usd_per_request else "free"
        cost = Cost(usd_per_request=usd_per_request, basis=listed)
    return Candidate(
        model=CanonicalModel(
            canonical_id=canonical_id,
            provider=provider,
            model_id=model_id,
            **{"kind": "chat", **model},
        ),
        cost=cost,
        quality=quality,
        latency=Latency(value=latency, basis="proxy", reason="made up"),
        at_home=at_home,
    )


def offers() -> Iterator[tuple[RoleNeed, tuple[Candidate, ...]]]:
    """Needs with candidates to rank, the small and plain ones first."""
    plain = RoleNeed(role="answer")
    yield plain, (make_candidate("openai:one", usd_per_request=0.001, score=1400.0),)
    yield plain, (make_candidate("openai:unknown"),)
    yield (
        plain,
        (
            make_candidate("anthropic:rated", score=1450.0, half_interval=12.0),
            make_candidate("groq:free", usd_per_request=0.0),
            make_candidate("openai:unknown"),
        ),
    )
    yield plain, twins()
    for seed in range(40):
        chance = Random(seed)  # noqa: S311 - no secret
        yield _need(chance), _candidates(chance, 2 + seed // 3)


def twins() -> tuple[Candidate, ...]:
    """Candidates that differ in nothing but their names."""
    return tuple(
        make_candidate(
            f"openai:twin-{letter}", usd_per_request=0.001, score=1400.0, group="o/twin"
        )
        for letter in "abcdefghijkl"
    )


def _need(chance: Random) -> RoleNeed:
    shares = [chance.choice((1, 2, 4)) for _ in range(3)]
    quality, cost, latency = (share / sum(shares) for share in shares)
    return RoleNeed(
        role=chance.choice(("answer", "llm.search", "a role of words")),
        description=chance.choice((None, "Answers questions about invoices.")),
        quality=chance.choice(_LEVELS),
        cost=chance.choice(_LEVELS),
        latency=chance.choice(_LEVELS),
        weights=Weights(quality=quality, cost=cost, latency=latency),
        preferred_providers=tuple(chance.sample(_PROVIDERS, chance.randint(0, 2))),
        workload=Workload(
            input_tokens=chance.choice((0, 1_000)),
            requests_per_month=chance.choice((None, 30_000)),
        ),
        backups=chance.randint(0, 3),
    )


def _candidates(chance: Random, size: int) -> tuple[Candidate, ...]:
    # Few values, so that ties are frequent.
    made = [
        make_candidate(
            f"{chance.choice(_PROVIDERS)}:model-{number}",
            usd_per_request=chance.choice((None, 0.0, 0.001, 0.002, 0.05)),
            score=chance.choice((None, 1200.0, 1330.0, 1400.0, 1412.0)),
            half_interval=chance.choice((0.0, 4.0, 40.0)),
            latency=float(chance.randint(0, 2)),
            basis=chance.choice(("measured", "proxy", "translated", "inherited")),
            at_home=chance.random() < 0.5,
            group=chance.choice((None, "g/alpha", "g/beta")),
            status=chance.choice((None, "stable", "beta")),
            release_date=chance.choice((None, "2024-06", "2025-01-31")),
        )
        for number in range(size)
    ]
    return tuple(sorted(made, key=lambda candidate: candidate.canonical_id))


def export_contexts() -> Iterator[ExportContext]:
    """Decisions to write down: one, and several of all kinds with odd parameters."""
    yield _context({"answer": _choice("answer", _pick("openai:gpt-5-mini"))})
    odd = {
        "stop": ["\n\n", 'a "quoted" end', "# no comment"],
        "temperature": 0.25,
        "metadata": {"team": "köln: №1", "yes": "no"},
        "seed": 7,
    }
    yield _context(
        {
            "llm.answers": _choice(
                "llm.answers",
                _pick("anthropic:claude-sonnet-5", params=odd, priced=True),
                _pick("openai:gpt-5", priced=True),
                _pick("openrouter:meta-llama/llama-4-70b:free"),
            ),
            "search-index": _choice(
                "search-index", _pick("openai:text-embedding-3-small"), mode="embedding"
            ),
            "no 1": _choice("no 1", _pick("mistral:mistral-large")),
        },
        providers={
            "openai": ProviderSpec(env_key="OUR_OPENAI_KEY"),
            "anthropic": ProviderSpec(api_base="https://proxy.example/v1"),
        },
    )


def _context(
    choices: dict[str, Choice], providers: dict[str, ProviderSpec] | None = None
) -> ExportContext:
    roles = {
        name: RoleSpec(
            name=name, kind="embedding" if choice.mode == "embedding" else "chat"
        )
        for name, choice in choices.items()
    }
    return ExportContext(
        spec=Spec(project="shop", roles=roles, providers=providers or {}),
        choices=tuple(choices.values()),
        head=("Generated by llmhub 26.11.0 from llmhub.lock.", "Lock: sha256:0123"),
    )


def _choice(role: str, primary: Pick, *backups: Pick, mode: str = "chat") -> Choice:
    return Choice(
        role=role,
        mode=mode,
        primary=primary,
        backups=backups,
        selector="balanced",
        eligible=3,
        considered=100,
    )


def _pick(
    canonical_id: str, *, params: dict[str, object] | None = None, priced: bool = False
) -> Pick:
    provider, _, model_id = canonical_id.partition(":")
    prices: dict[str, Any] = {}
    if priced:
        tier = PriceTier(above_context_tokens=200_000, input_per_million=6.0)
        prices = {
            "price_input_per_million": 3.0,
            "price_output_per_million": 15.0,
            "price_tiers": (tier,),
        }
    return Pick(
        canonical_id=canonical_id,
        provider=provider,
        model_id=model_id,
        reason="made up",
        params=params or {},
        context_tokens=128_000 if priced else None,
        **prices,
    )
