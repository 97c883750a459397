"""Models and catalogs for the tests of selection, made in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.rating import Rating

Make = Callable[..., CanonicalModel]


def rated(
    name: str,
    score: float,
    *,
    board: str = "text",
    category: str = "overall",
    half: float | None = 5.0,
    **more: Any,
) -> Rating:
    """A rating with a symmetric interval."""
    return Rating(
        name=name,
        board=board,
        category=category,
        score=score,
        ci_low=None if half is None else score - half,
        ci_high=None if half is None else score + half,
        **more,
    )


def model(canonical_id: str, **known: Any) -> CanonicalModel:
    """A chat model at one dollar in and out, unless said otherwise."""
    provider, _, model_id = canonical_id.partition(":")
    facts: dict[str, Any] = {"kind": "chat", "price_basis": "listed"}
    if known.get("price_basis", "listed") == "listed":
        facts |= {"price_input_per_million": 1.0, "price_output_per_million": 1.0}
    score = known.pop("score", None)
    if score is not None:
        facts["ratings"] = (rated(model_id, score),)
    return CanonicalModel(
        canonical_id=canonical_id,
        provider=provider,
        model_id=model_id,
        **{**facts, **known},
    )


@pytest.fixture(name="rated")
def _rated() -> Callable[..., Rating]:
    return rated


@pytest.fixture(name="model")
def _model() -> Make:
    return model


@pytest.fixture
def catalog() -> Callable[..., Catalog]:
    """Makes a catalog of models, in id order."""

    def make(*models: CanonicalModel) -> Catalog:
        return Catalog(models=tuple(sorted(models, key=lambda m: m.canonical_id)))

    return make
