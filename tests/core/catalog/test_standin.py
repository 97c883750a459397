"""Embedded ratings stand in for a board that gave nothing."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub_core.catalog import store
from llmhub_core.catalog.standin import with_embedded_ratings
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.observation import Harvest, RatedModel
from llmhub_core.records.rating import Rating

LISTING = {"models-dev": Harvest()}
FRESH = SourceStatus(name="models-dev", state="fresh", served=2)
DOWN = SourceStatus(name="arena", state="skipped", reason="no connection")


def rated(name: str, score: float, **more: Any) -> Rating:
    """A rating of the embedded catalog."""
    said = {"board": "text", "category": "overall", "source": "arena"}
    return Rating(name=name, score=score, **(said | more))


def embed(monkeypatch: pytest.MonkeyPatch, *ratings: Rating) -> None:
    """Embed a catalog of two hosts of one model with these ratings."""
    models = tuple(
        CanonicalModel(
            canonical_id=f"{provider}:m",
            provider=provider,
            model_id="m",
            price_input_per_million=1.0,
            ratings=ratings,
        )
        for provider in ("a", "b")
    )
    snapshot = Catalog(models=models, checked_at="2026-10-05T00:00:00Z")
    monkeypatch.setattr(store, "load_snapshot", lambda: snapshot)


def test_lends_each_measured_rating_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the name, date and votes of the board; inherited ones are made anew."""
    embed(
        monkeypatch,
        rated("b", 1300.0, votes=7, published_on="2026-10-05", ci_low=1290.0),
        rated("a", 1400.0, published_on="2026-10-02"),
        rated("old", 1200.0, basis="inherited"),
        rated("theirs", 1200.0, source="board-of-theirs"),
    )

    harvests, statuses = with_embedded_ratings(LISTING, (DOWN, FRESH))

    assert harvests["models-dev"] is LISTING["models-dev"]
    assert harvests["arena"] == Harvest(
        ratings=(
            RatedModel(
                name="a",
                board="text",
                category="overall",
                score=1400.0,
                published_on="2026-10-02",
            ),
            RatedModel(
                name="b",
                board="text",
                category="overall",
                score=1300.0,
                ci_low=1290.0,
                votes=7,
                published_on="2026-10-05",
            ),
        ),
        as_of="2026-10-05",
    )
    arena, listing = statuses
    assert listing is FRESH
    assert (arena.state, arena.rated, arena.reason) == ("snapshot", 2, "no connection")
    assert (arena.fetched_at, arena.as_of) == ("2026-10-05T00:00:00Z", "2026-10-05")


@pytest.mark.parametrize("state", ["fresh", "cached", "stale"])
def test_lends_nothing_to_who_answered_or_has_a_kept_answer(
    monkeypatch: pytest.MonkeyPatch, state: Any
) -> None:
    """Not even the embedded catalog is read."""
    monkeypatch.setattr(store, "load_snapshot", lambda: pytest.fail("it was read"))
    given = (SourceStatus(name="arena", state=state),)

    assert with_embedded_ratings(LISTING, given) == (LISTING, given)


def test_lends_nothing_that_it_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ratings of that source, or without an embedded catalog."""
    embed(monkeypatch, rated("theirs", 1200.0, source="board-of-theirs"))
    assert with_embedded_ratings(LISTING, (DOWN,)) == (LISTING, (DOWN,))

    monkeypatch.setattr(store, "load_snapshot", lambda: None)
    assert with_embedded_ratings(LISTING, (DOWN,)) == (LISTING, (DOWN,))
