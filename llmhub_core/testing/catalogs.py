"""hypothesis strategies for small catalogs."""

from __future__ import annotations

from typing import Any, Literal

from hypothesis import strategies as st

from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel, PriceTier
from llmhub_core.records.rating import Rating
from llmhub_core.testing.likenesses import (
    DATES,
    LABS,
    NAMES,
    PRICES,
    PROVIDERS,
    SCORES,
    or_unknown,
)

__all__ = ["catalogs"]

_TOKENS = (4_096, 128_000, 1_000_000)
_FLAGS = st.sampled_from((True, True, False, None))
_MODALITIES = (("text",), ("image", "text"), ("audio", "image", "text"))


@st.composite
def _ratings(
    draw: st.DrawFn, name: str, basis: Literal["measured", "inherited"]
) -> tuple[Rating, ...]:
    keys = draw(
        st.lists(
            st.sampled_from(
                (
                    ("text", "overall"),
                    ("text", "coding"),
                    ("text", "math"),
                    ("vision", "overall"),
                )
            ),
            unique=True,
        )
    )
    return tuple(
        Rating(
            name=name,
            board=board,
            category=category,
            score=score,
            ci_low=None if half is None else score - half,
            ci_high=None if half is None else score + half,
            proxy=draw(st.booleans()),
            basis=basis,
        )
        for board, category in keys
        for score, half in [
            (draw(st.sampled_from(SCORES)), draw(or_unknown((4.0, 12.0, 40.0))))
        ]
    )


@st.composite
def _model(draw: st.DrawFn, provider: str, name: str) -> CanonicalModel:
    basis = draw(st.sampled_from(("listed", "listed", "listed", "free", "zero", None)))
    prices: dict[str, Any] = {"price_basis": basis}
    if basis == "listed":
        prices |= {
            "price_input_per_million": draw(or_unknown(PRICES)),
            "price_output_per_million": draw(or_unknown(PRICES)),
            "price_cache_read_per_million": draw(or_unknown(PRICES)),
            "price_tiers": draw(
                st.none()
                | st.tuples(
                    st.builds(
                        PriceTier,
                        above_context_tokens=st.just(2_000),
                        input_per_million=or_unknown(PRICES),
                        output_per_million=or_unknown(PRICES),
                    )
                )
            ),
        }
    return CanonicalModel(
        canonical_id=f"{provider}:{name}",
        provider=provider,
        model_id=name,
        group=draw(or_unknown(("g/alpha", "g/beta"))),
        lab=draw(st.sampled_from(LABS)),
        kind=draw(st.sampled_from(("chat", "chat", "chat", "embedding", None))),
        callable=draw(st.sampled_from(("not_probed", "not_probed", "yes", "no"))),
        status=draw(st.sampled_from(("stable", "stable", "beta", "deprecated", None))),
        flags=draw(
            st.sampled_from(({}, {}, {"name-disagrees": "the name says another"}))
        ),
        supports_tool_call=draw(_FLAGS),
        supports_structured_output=draw(_FLAGS),
        supports_reasoning=draw(_FLAGS),
        supports_temperature=draw(_FLAGS),
        open_weights=draw(_FLAGS),
        reasoning_toggle=draw(st.sampled_from((None, True, False))),
        reasoning_efforts=draw(st.sampled_from((None, (), ("low", "high")))),
        input_modalities=draw(or_unknown(_MODALITIES)),
        output_modalities=draw(or_unknown(_MODALITIES[:2])),
        context_tokens=draw(or_unknown(_TOKENS)),
        max_output_tokens=draw(or_unknown(_TOKENS[:2])),
        knowledge_cutoff=draw(or_unknown(DATES)),
        release_date=draw(or_unknown(DATES)),
        ratings=draw(_ratings(name, "measured")),
        inherited_ratings=draw(_ratings("forebear", "inherited")),
        **prices,
    )


@st.composite
def catalogs(draw: st.DrawFn, *, min_size: int = 1, max_size: int = 12) -> Catalog:
    """A catalog of models that are nearly alike.

    Args:
        draw: Given by hypothesis.
        min_size: Least number of models, at most 20.
        max_size: Most models, at most 20.
    """
    ids = draw(
        st.lists(
            st.tuples(st.sampled_from(PROVIDERS), st.sampled_from(NAMES)),
            min_size=min_size,
            max_size=max_size,
            unique=True,
        )
    )
    models = [draw(_model(provider, name)) for provider, name in sorted(ids)]
    return Catalog(models=tuple(sorted(models, key=lambda m: m.canonical_id)))
