"""hypothesis strategies for the candidates that a selector ranks."""

from __future__ import annotations

from hypothesis import strategies as st

from llmhub_core.records.candidate import Candidate, Cost, Latency, Quality
from llmhub_core.records.model import CanonicalModel
from llmhub_core.testing.likenesses import (
    DATES,
    LABS,
    NAMES,
    PROVIDERS,
    SCORES,
    or_unknown,
)

__all__ = ["candidates"]


@st.composite
def _candidate(draw: st.DrawFn, provider: str, name: str) -> Candidate:
    usd = draw(or_unknown((0.0, 0.001, 0.002, 0.05)))
    score = draw(or_unknown(SCORES))
    half = draw(st.sampled_from((0.0, 4.0, 12.0)))
    quality = score and Quality(
        value=score - half,
        score=score,
        ci_low=score - half,
        ci_high=score + half,
        board="text",
        category="overall",
        name=name,
        basis=draw(st.sampled_from(("measured", "proxy", "translated"))),
    )
    return Candidate(
        model=CanonicalModel(
            canonical_id=f"{provider}:{name}",
            provider=provider,
            model_id=name,
            group=draw(or_unknown(("g/alpha", "g/beta"))),
            lab=draw(st.sampled_from(LABS)),
            kind="chat",
            status=draw(st.sampled_from(("stable", "beta", None))),
            flags=draw(
                st.sampled_from(({}, {"name-disagrees": "the name says another"}))
            ),
            release_date=draw(or_unknown(DATES)),
        ),
        cost=None
        if usd is None
        else Cost(usd_per_request=usd, basis="listed" if usd else "free"),
        quality=quality or None,
        latency=Latency(
            value=float(draw(st.integers(0, 2))), basis="proxy", reason="made up"
        ),
        at_home=draw(st.booleans()),
    )


@st.composite
def candidates(
    draw: st.DrawFn, *, min_size: int = 1, max_size: int = 10
) -> tuple[Candidate, ...]:
    """Eligible models as a selector gets them, with many ties.

    Args:
        draw: Given by hypothesis.
        min_size: Least number, at most 20.
        max_size: Most, at most 20.
    """
    ids = draw(
        st.lists(
            st.tuples(st.sampled_from(PROVIDERS), st.sampled_from(NAMES)),
            min_size=min_size,
            max_size=max_size,
            unique=True,
        )
    )
    made = [draw(_candidate(provider, name)) for provider, name in ids]
    return tuple(sorted(made, key=lambda candidate: candidate.canonical_id))
