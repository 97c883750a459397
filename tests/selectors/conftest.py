"""Candidates for the tests of selectors, made in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llmhub_core.records.candidate import Candidate, Cost, Latency, Quality
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed, Weights


def candidate(
    canonical_id: str,
    score: float | None = None,
    usd: float | None = None,
    *,
    half: float = 0.0,
    slow: float = 0.0,
    home: bool = False,
    basis: str = "measured",
    **known: Any,
) -> Candidate:
    """A candidate with a rating and a cost, or without."""
    provider, _, model_id = canonical_id.partition(":")
    quality = None
    if score is not None:
        quality = Quality(
            value=score - half,
            score=score,
            ci_low=score - half,
            ci_high=score + half,
            board="text",
            category="overall",
            name=model_id,
            basis=basis,  # type: ignore[arg-type]
        )
    return Candidate(
        model=CanonicalModel(
            canonical_id=canonical_id, provider=provider, model_id=model_id, **known
        ),
        cost=None
        if usd is None
        else Cost(usd_per_request=usd, basis="listed" if usd else "free"),
        quality=quality,
        latency=Latency(value=slow, basis="proxy", reason="made up"),
        at_home=home,
    )


@pytest.fixture(name="candidate")
def _candidate() -> Callable[..., Candidate]:
    return candidate


@pytest.fixture
def need() -> Callable[..., RoleNeed]:
    """Makes a need with equal weights, unless said otherwise."""

    def make(**known: Any) -> RoleNeed:
        return RoleNeed(role="r", **{"weights": Weights(), **known})

    return make
