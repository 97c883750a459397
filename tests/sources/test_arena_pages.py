"""Mirrors of the leaderboard's pages, a third form of the same boards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from llmhub_core.records.observation import Harvest, RatedModel
from llmhub_sources.arena import ArenaOptions, ArenaSource

PAGES = "https://mirror.example/latest"
OLD = {"full": {"gpt-x": {"rating": 1300}}}


def _page(*models: Any, **meta: Any) -> dict[str, Any]:
    return {
        "meta": {
            "leaderboard": "text",
            "source_url": "https://arena.ai/leaderboard/text",
            "fetched_at": "2026-04-19T04:38:02.616313+00:00",
            "last_updated": None,
            "model_count": len(models),
        }
        | meta,
        "models": list(models),
    }


def _model(name: str = "gpt-x", **changes: Any) -> dict[str, Any]:
    return {
        "rank": 1,
        "model": name,
        "vendor": "Acme",
        "license": "proprietary",
        "score": 1505,
        "ci": 11,
        "votes": 2618,
    } | changes


def _fetch(context: Any) -> Harvest:
    options = ArenaOptions(
        dataset_url="https://rows.example", pages_url=PAGES, catalog_url="/srv/old"
    )
    return asyncio.run(ArenaSource(options).fetch(context))


def _rows(day: str) -> dict[str, Any]:
    row = {
        "model_name": "kept",
        "category": "overall",
        "rating": 1400.0,
        "leaderboard_publish_date": day,
    }
    return {"rows": [{"row_idx": 0, "row": row}], "num_rows_total": 1}


def test_a_page_is_an_overall_board(answers: Callable[..., Any]) -> None:
    """Half an interval becomes a whole one; the page is dated by its fetching."""
    harvest = _fetch(answers({f"{PAGES}/text.json": _page(_model())}))
    assert harvest.ratings == (
        RatedModel(
            name="gpt-x",
            organization="Acme",
            board="text",
            category="overall",
            score=1505.0,
            ci_low=1494.0,
            ci_high=1516.0,
            votes=2618,
            published_on="2026-04-19",
        ),
    )
    assert harvest.notes[0] == (
        "text: no text_style_control (HTTP 404), its page of 2026-04-19 taken"
    )


def test_the_page_of_webdev_is_called_code(answers: Callable[..., Any]) -> None:
    """Arena renamed the board, its dataset did not."""
    (rating,) = _fetch(answers({f"{PAGES}/code.json": _page(_model())})).ratings
    assert rating.board == "webdev"


@pytest.mark.parametrize(
    ("meta", "day"),
    [
        ({"last_updated": "Apr 16, 2026"}, "2026-04-16"),
        ({"last_updated": "Dec 1, 2025"}, "2025-12-01"),
        ({"last_updated": "Foo 16, 2026"}, "2026-04-19"),
        ({"last_updated": "Feb 30, 2026"}, "2026-04-19"),
        ({"last_updated": 5, "fetched_at": 7}, None),
        ({"fetched_at": "2026-04"}, None),
    ],
)
def test_a_page_is_dated(
    answers: Callable[..., Any], meta: dict[str, Any], day: str | None
) -> None:
    """By its own day, else by that of its fetching, else not at all."""
    harvest = _fetch(answers({f"{PAGES}/text.json": _page(_model(), **meta)}))
    assert harvest.ratings[0].published_on == day


@pytest.mark.parametrize(
    "page",
    [
        b"<html>",
        [],
        {"models": [_model()]},
        {"meta": {}, "models": {}},
        _page(),
        _page(_model(), model_count=61),
        _page(_model(), model_count="one"),
        _page(_model(score="high")),
    ],
)
def test_a_page_of_another_form_is_none(
    answers: Callable[..., Any], page: object
) -> None:
    """The file of arena-catalog stands in, and both troubles are told."""
    given = {
        f"{PAGES}/text.json": page,
        "/srv/old/leaderboard-text-style-control.json": OLD,
    }
    context = answers(given)
    harvest = _fetch(context)
    assert harvest.ratings[0].score == 1300.0
    assert "no page (" in harvest.notes[0]
    assert f"{PAGES}/text.json" not in context.committed


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"score": None}, None),
        ({"score": True}, None),
        ({"score": float("nan")}, None),
        ({"model": ""}, None),
        ({"ci": -4}, "ci"),
        ({"ci": "4"}, "ci"),
        ({"votes": 1.5}, "vote_count"),
    ],
)
def test_bad_rows_of_a_page_are_refused(
    answers: Callable[..., Any], changes: dict[str, Any], field: str | None
) -> None:
    """A row without a number goes; a bad column is unknown."""
    page = _page(_model("good"), _model("bad", **changes), 5)
    harvest = _fetch(answers({f"{PAGES}/text.json": page}))
    assert [r.name for r in harvest.ratings] == ["good", "bad"][: 2 if field else 1]
    assert [refusal.field for refusal in harvest.refused] == [field, None]
    if field == "ci":
        assert harvest.ratings[1].ci_low is None


def test_of_page_and_kept_board_the_newer_counts(answers: Callable[..., Any]) -> None:
    """Whichever of them that is; the dataset itself comes before both."""
    given = {f"{PAGES}/text.json": _page(_model())}
    for day, name in (("2026-04-18", "gpt-x"), ("2026-04-19", "kept")):
        kept = {"text_style_control 0": _rows(day)}
        context = answers({**given, f"{PAGES}/code.json": _page(_model())}, kept=kept)
        assert _fetch(context).ratings[0].name == name
