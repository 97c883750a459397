"""The source arena: boards from the live dataset, or from arena-catalog."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from llmhub_core.errors import SourceUnavailableError
from llmhub_core.records.observation import Harvest, RatedModel
from llmhub_sources.arena import ArenaOptions, ArenaSource

ROWS = "https://datasets-server.huggingface.co/rows"
FILES = "https://raw.githubusercontent.com/lmarena/arena-catalog/main/data"
TEXT_FILE = f"{FILES}/leaderboard-text-style-control.json"
IMAGE_FILE = f"{FILES}/leaderboard-image.json"
VISION_FILE = f"{FILES}/leaderboard-vision-style-control.json"

#: In the form of arena-catalog; the numbers are made up.
CATALOG = {
    "chinese": {
        "gpt-x": {"rating": 1500.0, "rating_q025": 1490.0, "rating_q975": 1510.0}
    },
    "full": {
        "gpt-x": {"rating": 1400.5, "rating_q975": 1410.0, "rating_q025": 1390.0},
        "claude-y (thinking)": {"rating": 1300},
    },
    "hard_6": {"gpt-x": {"rating": 1410.0}},
    "no_refusal": {"gpt-x": {"rating": 1411.0}},
}


def _row(name: str = "gpt-x", score: float = 1400.0, **changes: Any) -> dict[str, Any]:
    return {
        "model_name": name,
        "organization": "acme",
        "license": "Proprietary",
        "rating": score,
        "rating_lower": score - 5,
        "rating_upper": score + 5,
        "variance": None,
        "vote_count": 1234.0,
        "rank": 1,
        "category": "overall",
        "leaderboard_publish_date": "2026-10-05",
    } | changes


def _address(config: str, offset: int = 0) -> str:
    query = {
        "config": config,
        "dataset": "lmarena-ai/leaderboard-dataset",
        "length": "100",
        "offset": str(offset),
        "split": "latest",
    }
    return f"{ROWS}?{urlencode(query)}"


def _page(rows: Sequence[Any], offset: int, total: int) -> dict[str, Any]:
    return {
        "features": [],
        "rows": [
            {"row_idx": offset + place, "row": row, "truncated_cells": []}
            for place, row in enumerate(rows)
        ],
        "num_rows_total": total,
        "num_rows_per_page": 100,
        "partial": False,
    }


def _pages(config: str, rows: Sequence[Any]) -> dict[str, Any]:
    return {
        _address(config, offset): _page(rows[offset : offset + 100], offset, len(rows))
        for offset in range(0, len(rows), 100)
    }


def _fetch(context: Any, options: ArenaOptions | None = None) -> Harvest:
    return asyncio.run(ArenaSource(options).fetch(context))


def _only(harvest: Harvest) -> RatedModel:
    (rating,) = harvest.ratings
    return rating


def _missing(harvest: Harvest) -> dict[str, str]:
    return dict(note.split(": ", 1) for note in harvest.notes)


@pytest.fixture
def live(data: Path) -> dict[str, Any]:
    """The real rows of tests/data, in pages."""
    given: dict[str, Any] = {}
    for config in ("text_style_control", "vision_style_control", "search", "webdev"):
        rows = json.loads((data / "arena" / f"{config}.json").read_bytes())
        given |= _pages(config, rows)
    return given


def test_real_boards(answers: Callable[..., Any], live: dict[str, Any]) -> None:
    """Every row of every board is a rating or a refusal."""
    context = answers(live)
    harvest = _fetch(context)
    boards = Counter((rating.board, rating.category) for rating in harvest.ratings)
    assert boards == {
        ("text", "overall"): 18,
        ("text", "coding"): 18,
        ("text", "math"): 17,
        ("vision", "overall"): 4,
        ("search", "overall"): 3,
        ("webdev", "overall"): 2,
    }
    assert harvest.as_of == "2026-10-05"
    assert _missing(harvest) == {
        "search": "no search_style_control (HTTP 404), search taken",
        "other boards": (
            "no document, text_to_image, image_edit, text_to_video, image_to_video, "
            "video_edit (HTTP 404)"
        ),
    }
    # The dataset is enough: nobody asks arena-catalog for what it has.
    assert [a for a in context.asked if not a.startswith(ROWS)] == [IMAGE_FILE]


def test_boards_of_other_trades(
    answers: Callable[..., Any], live: dict[str, Any]
) -> None:
    """Documents, pictures and films have boards as well, and their own names."""
    names = {
        "document_style_control": "document",
        "text_to_image": "text_to_image",
        "image_edit": "image_edit",
        "text_to_video": "text_to_video",
        "image_to_video": "image_to_video",
        "video_edit": "video_edit",
    }
    for config in names:
        live |= _pages(config, [_row(f"{config} model")])
    live |= _pages("document", [_row("raw")])
    harvest = _fetch(answers(live))
    found = {r.board: r.name for r in harvest.ratings if r.board in names.values()}
    assert found == {board: f"{config} model" for config, board in names.items()}
    assert set(_missing(harvest)) == {"search"}


def test_a_service_that_is_down_is_not_asked_for_more(
    answers: Callable[..., Any],
) -> None:
    """Six more boards would use up the time that arena-catalog needs."""
    context = answers({TEXT_FILE: CATALOG})
    _fetch(context)
    assert not any("image" in address for address in context.asked)
    context = answers({TEXT_FILE: CATALOG} | _pages("webdev", [_row()]))
    _fetch(context)
    assert any("text_to_image" in address for address in context.asked)


def test_the_image_board_of_arena_catalog(answers: Callable[..., Any]) -> None:
    """It stands in for the dataset's, as the other files do."""
    given = {IMAGE_FILE: CATALOG} | _pages("webdev", [_row()])
    harvest = _fetch(answers(given))
    assert {r.category for r in harvest.ratings if r.board == "text_to_image"} == {
        "chinese",
        "overall",
        "hard_prompts",
        "no_refusal",
    }
    assert _missing(harvest)["text_to_image"] == (
        "no text_to_image (HTTP 404), arena-catalog of December 2025 taken"
    )


def test_a_real_rating(answers: Callable[..., Any], live: dict[str, Any]) -> None:
    """All of a row that is known is kept, and an empty maker is none."""
    harvest = _fetch(answers(live))
    (rating,) = (r for r in harvest.ratings if r.name == "gpt-6-astra-max")
    assert rating == RatedModel(
        name="gpt-6-astra-max",
        board="webdev",
        category="overall",
        score=1787.6659051450358,
        ci_low=1777.380705646016,
        ci_high=1797.9511046440557,
        votes=6123,
        published_on="2026-10-05",
    )


def test_two_ratings_of_one_name_are_none(
    answers: Callable[..., Any], live: dict[str, Any]
) -> None:
    """A real board lists a name twice with ratings 37 points apart."""
    harvest = _fetch(answers(live))
    assert [refusal.record for refusal in harvest.refused] == [
        "webdev/overall/gpt-5.3-codex (codex-harness)"
    ] * 2
    assert {refusal.reason for refusal in harvest.refused} == {
        "is listed 2 times with different ratings: 1408.0, 1371.1"
    }


def test_a_repeated_row_counts_once(answers: Callable[..., Any]) -> None:
    """The same row again is a refusal, and the rating stands."""
    rows = [_row(), _row("other"), _row()]
    harvest = _fetch(answers(_pages("webdev", rows)))
    assert [rating.name for rating in harvest.ratings] == ["gpt-x", "other"]
    (refusal,) = harvest.refused
    assert refusal.reason == "is listed twice"


def test_all_pages_are_read_a_few_at_a_time(answers: Callable[..., Any]) -> None:
    """1,050 rows are eleven pages, and never more than four are under way."""
    rows = [_row(f"model-{number}") for number in range(1050)]
    given = _pages("text_style_control", rows)
    given |= _pages("vision_style_control", [_row()])
    context = answers(given)
    harvest = _fetch(context)
    assert len(harvest.ratings) == 1051
    assert sum("config=text_style_control&" in a for a in context.asked) == 11
    assert 1 < context.most_under_way <= 4


def test_a_dataset_replaced_between_pages_is_read_again(
    answers: Callable[..., Any], turns: Callable[..., Any]
) -> None:
    """Ratings of two dates never stand in one board."""
    old = [
        _row(f"model-{n}", leaderboard_publish_date="2026-10-02") for n in range(150)
    ]
    new = [_row(f"model-{n}") for n in range(150)]
    first, second = _address("webdev"), _address("webdev", 100)
    context = answers(
        {
            first: turns(_page(old[:100], 0, 150), _page(new[:100], 0, 150)),
            second: _page(new[100:], 100, 150),
        }
    )
    harvest = _fetch(context)
    assert {rating.published_on for rating in harvest.ratings} == {"2026-10-05"}
    assert len(harvest.ratings) == 150
    assert context.asked.count(first) == 2


@pytest.mark.parametrize("total", [149, 151, 250])
def test_rows_that_come_and_go_are_read_again(
    answers: Callable[..., Any], turns: Callable[..., Any], total: int
) -> None:
    """A total that the rows do not add up to is a change as well."""
    rows = [_row(f"model-{number}") for number in range(150)]
    good = _pages("webdev", rows)
    first = _address("webdev")
    given = good | {first: turns(_page(rows[:100], 0, total), good[first])}
    given[_address("webdev", 200)] = _page([], 200, total)
    assert len(_fetch(answers(given)).ratings) == 150


def test_a_row_added_while_the_last_page_is_read_is_a_change(
    answers: Callable[..., Any], turns: Callable[..., Any]
) -> None:
    """The pages must agree on how many rows there are."""
    rows = [_row(f"model-{number}") for number in range(150)]
    given = _pages("webdev", rows)
    last = _address("webdev", 100)
    given[last] = turns(_page(rows[100:], 100, 151), given[last])
    context = answers(given)
    assert len(_fetch(context).ratings) == 150
    assert context.asked.count(last) == 2


def test_a_dataset_that_keeps_changing_is_refused(answers: Callable[..., Any]) -> None:
    """Two tries are enough; the board is missing and the others count."""
    rows = [_row("a"), _row("b", leaderboard_publish_date="2026-10-02")]
    given = _pages("webdev", rows) | _pages("search_style_control", [_row()])
    harvest = _fetch(answers(given))
    assert _only(harvest).board == "search"
    assert _missing(harvest)["webdev"] == "no webdev (changes while it is read)"


@pytest.mark.parametrize(
    "page",
    [
        SourceUnavailableError("x", "HTTP 500"),
        b"<html>",
        [],
        {"error": "The dataset is not ready."},
        {"rows": 5, "num_rows_total": 1},
        {"rows": [5], "num_rows_total": 1},
        {"rows": [{"row_idx": 7, "row": _row()}], "num_rows_total": 1},
        {"rows": [{"row": _row()}], "num_rows_total": 1},
        _page([_row()], 0, 0),
        _page([_row()], 0, -1),
        _page([_row()], 0, 10**9),
        {"rows": [], "num_rows_total": True},
        {"rows": [], "num_rows_total": "1"},
        _page([], 0, 0),
        _page([None], 0, 1),
        _page([_row(rating="high")], 0, 1),
    ],
)
def test_a_page_of_another_form_costs_its_board(
    answers: Callable[..., Any], page: object
) -> None:
    """The boards beside it count, and the missing one is named."""
    given = _pages("search", [_row()]) | {_address("webdev"): page}
    harvest = _fetch(answers(given))
    assert _only(harvest).board == "search"
    assert _missing(harvest)["webdev"].startswith("no webdev (")


def test_one_failed_page_calls_off_the_others(
    answers: Callable[..., Any],
) -> None:
    """A board is whole or it is not there."""
    rows = [_row(f"model-{number}") for number in range(1000)]
    given = _pages("text_style_control", rows) | _pages("webdev", [_row()])
    given[_address("text_style_control", 300)] = SourceUnavailableError("x", "HTTP 500")
    harvest = _fetch(answers(given))
    assert _only(harvest).board == "webdev"
    assert "HTTP 500" in _missing(harvest)["text"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rating": None}, "rating: is missing"),
        ({"rating": float("nan")}, "rating: nan is not a rating of the Elo kind"),
        ({"rating": float("inf")}, "rating: inf is not a rating of the Elo kind"),
        ({"rating": "1400"}, "rating: '1400' is not a rating of the Elo kind"),
        ({"rating": True}, "rating: true is not a rating of the Elo kind"),
        ({"rating": -3}, "rating: -3 is not a rating of the Elo kind"),
        ({"rating": 1.48}, "rating: 1.48 is not a rating of the Elo kind"),
        ({"rating": 10**400}, "rating: inf is not a rating of the Elo kind"),
        ({"model_name": None}, "has no name"),
        ({"model_name": " "}, "has no name"),
        ({"model_name": "a\ud800"}, "has no name"),
        ({"category": 5}, "has no category"),
    ],
)
def test_a_row_without_a_rating_is_refused(
    answers: Callable[..., Any], changes: dict[str, Any], reason: str
) -> None:
    """It says why, and the row beside it counts."""
    rows = [_row(**changes), _row("good")]
    harvest = _fetch(answers(_pages("webdev", rows)))
    assert _only(harvest).name == "good"
    (refusal,) = harvest.refused
    assert (refusal.field, refusal.reason) == (None, reason)
    assert refusal.record.isprintable()


@pytest.mark.parametrize(
    ("changes", "unknown", "refused"),
    [
        ({"rating_lower": None, "rating_upper": None}, ("ci_low", "ci_high"), []),
        ({"rating_lower": "low"}, ("ci_low",), ["rating_lower"]),
        ({"rating_upper": 1300.0}, ("ci_low", "ci_high"), ["rating_upper"]),
        ({"rating_lower": 1450.0}, ("ci_low", "ci_high"), ["rating_lower"]),
        ({"vote_count": None}, ("votes",), []),
        ({"vote_count": -1}, ("votes",), ["vote_count"]),
        ({"vote_count": 1.5}, ("votes",), ["vote_count"]),
        ({"organization": ""}, ("organization",), []),
        ({"organization": 5}, ("organization",), ["organization"]),
        ({"leaderboard_publish_date": None}, ("published_on",), []),
        (
            {"leaderboard_publish_date": "today"},
            ("published_on",),
            ["leaderboard_publish_date"],
        ),
    ],
)
def test_a_bad_column_is_unknown(
    answers: Callable[..., Any],
    changes: dict[str, Any],
    unknown: tuple[str, ...],
    refused: list[str],
) -> None:
    """The rating stands; an interval that does not hold it does not."""
    harvest = _fetch(answers(_pages("webdev", [_row(**changes)])))
    rating = _only(harvest)
    assert rating.score == 1400.0
    fields = ("organization", "ci_low", "ci_high", "votes", "published_on")
    assert tuple(f for f in fields if getattr(rating, f) is None) == tuple(
        f for f in fields if f in unknown
    )
    assert [refusal.field for refusal in harvest.refused] == refused
    assert {r.record for r in harvest.refused} <= {"webdev/overall/gpt-x"}


def test_a_cell_that_was_cut_short_is_no_value(answers: Callable[..., Any]) -> None:
    """The service says so; the row is refused."""
    page = _page([_row("a very long na"), _row("good")], 0, 2)
    page["rows"][0]["truncated_cells"] = ["model_name"]
    harvest = _fetch(answers({_address("webdev"): page}))
    assert _only(harvest).name == "good"
    assert [refusal.record for refusal in harvest.refused] == ["webdev#0"]


def test_search_is_style_controlled_where_that_exists(
    answers: Callable[..., Any],
) -> None:
    """One scale per board: the other config is not even asked for."""
    given = _pages("search_style_control", [_row("styled")])
    given |= _pages("search", [_row("raw")])
    context = answers(given)
    assert _only(_fetch(context)).name == "styled"
    assert _address("search") not in context.asked


def test_a_kept_board_comes_before_an_older_one(answers: Callable[..., Any]) -> None:
    """One page of eleven fails: last week's board stands in, not last year's."""
    rows = [_row(f"model-{number}") for number in range(150)]
    old = [
        _row(f"model-{n}", leaderboard_publish_date="2026-10-02") for n in range(140)
    ]
    given = _pages("text_style_control", rows) | {TEXT_FILE: CATALOG}
    given |= _pages("webdev", [_row()])
    given[_address("text_style_control", 100)] = SourceUnavailableError("x", "HTTP 500")
    context = answers(given, kept=_pages("text_style_control", old))
    harvest = _fetch(context)
    text = [rating for rating in harvest.ratings if rating.board == "text"]
    assert len(text) == 140
    assert {rating.published_on for rating in text} == {"2026-10-02"}
    assert harvest.as_of == "2026-10-05"
    assert TEXT_FILE not in context.asked
    assert _missing(harvest)["text"] == (
        "no text_style_control (HTTP 500), its kept answer taken"
    )
    # Half a board is not to replace the kept one.
    assert context.committed == [_address("webdev")]


def test_a_kept_board_comes_before_one_of_another_scale(
    answers: Callable[..., Any],
) -> None:
    """An outage does not change the scale of a board."""
    given = _pages("search", [_row("raw")]) | _pages("webdev", [_row("web")])
    kept = _pages("search_style_control", [_row("styled")])
    harvest = _fetch(answers(given, kept=kept))
    assert [rating.name for rating in harvest.ratings] == ["styled", "web"]


def test_a_board_kept_from_elsewhere_comes_before_an_older_one(
    answers: Callable[..., Any],
) -> None:
    """Pages have names: another mirror's address does not lose what is kept."""
    names = {}
    for address, page in _pages("text_style_control", [_row("kept")] * 1).items():
        assert "offset=0" in address
        names["text_style_control 0"] = page
    given = {TEXT_FILE: CATALOG, VISION_FILE: CATALOG}
    for mirror in ("https://mirror.example", "/srv/gone"):
        context = answers(given, kept=names)
        harvest = _fetch(context, ArenaOptions(dataset_url=mirror))
        text = [rating.name for rating in harvest.ratings if rating.board == "text"]
        assert text == ["kept"]
        assert TEXT_FILE not in context.asked


def test_pages_are_kept_under_names(answers: Callable[..., Any]) -> None:
    """One name per page, whatever the address."""
    rows = [_row(f"model-{number}") for number in range(150)]
    context = answers(_pages("webdev", rows))
    _fetch(context)
    assert {"webdev 0", "webdev 100"} <= set(context.names)


@pytest.mark.parametrize("when", ["2026-10-05", "today", "2026-13-01", "", 5, None])
def test_a_bad_date_costs_its_row_alone(
    answers: Callable[..., Any], when: object
) -> None:
    """Only two days that are days tell of a board that was replaced."""
    rows = [_row("a"), _row("b", leaderboard_publish_date=when)]
    harvest = _fetch(answers(_pages("webdev", rows)))
    assert [rating.name for rating in harvest.ratings] == ["a", "b"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("full", "overall"),
        ("hard_6", "hard_prompts"),
        ("hard_english_6", "hard_prompts_english"),
        ("if", "instruction_following"),
        ("long_user", "longer_query"),
        ("multiturn", "multi_turn"),
        ("no_tie", "exclude_ties"),
        ("industry_mathematical", "industry_mathematical"),
        ("Creative Writing", "creative_writing"),
        ("hard-prompts", "hard_prompts"),
    ],
)
def test_a_category_has_one_name(
    answers: Callable[..., Any], written: str, name: str
) -> None:
    """Whichever of both sources names it."""
    rows = [_row(category=written)]
    assert _only(_fetch(answers(_pages("webdev", rows)))).category == name
    file = {written: {"gpt-x": {"rating": 1400}}}
    assert _only(_fetch(answers({TEXT_FILE: file}))).category == name


def test_one_category_under_two_names_is_one(answers: Callable[..., Any]) -> None:
    """A file with `full` and `overall` can't rate one name twice."""
    row = {"rating": 1400}
    file = {"full": {"a": row, "b": row}, "overall": {"a": row, "b": {"rating": 1500}}}
    harvest = _fetch(answers({TEXT_FILE: file}))
    assert _only(harvest).name == "a"
    assert [refusal.record for refusal in harvest.refused] == [
        "text/overall/a",
        "text/overall/b",
        "text/overall/b",
    ]


def test_a_kept_board_with_a_hole_is_none(answers: Callable[..., Any]) -> None:
    """Kept pages must fit together like any others."""
    kept = _pages("webdev", [_row(f"model-{number}") for number in range(150)])
    del kept[_address("webdev", 100)]
    harvest = _fetch(answers(_pages("search", [_row()]), kept=kept))
    assert _only(harvest).board == "search"


def test_arena_catalog_stands_in_for_a_missing_board(
    answers: Callable[..., Any],
) -> None:
    """Categories have the live names, and the overall one is not the first."""
    given = _pages("vision_style_control", [_row()]) | {TEXT_FILE: CATALOG}
    context = answers(given)
    harvest = _fetch(context)
    text = {
        (rating.category, rating.name): rating
        for rating in harvest.ratings
        if rating.board == "text"
    }
    assert set(text) == {
        ("chinese", "gpt-x"),
        ("overall", "gpt-x"),
        ("overall", "claude-y (thinking)"),
        ("hard_prompts", "gpt-x"),
        ("no_refusal", "gpt-x"),
    }
    assert text["overall", "gpt-x"] == RatedModel(
        name="gpt-x",
        board="text",
        category="overall",
        score=1400.5,
        ci_low=1390.0,
        ci_high=1410.0,
    )
    assert text["overall", "claude-y (thinking)"].ci_low is None
    # The board that the dataset has is not asked for there.
    assert VISION_FILE not in context.asked
    assert _missing(harvest)["text"] == (
        "no text_style_control (HTTP 404), arena-catalog of December 2025 taken"
    )


def test_without_the_dataset_both_files_are_read(answers: Callable[..., Any]) -> None:
    """The service is down: two boards remain, without a date."""
    harvest = _fetch(answers({TEXT_FILE: CATALOG, VISION_FILE: CATALOG}))
    assert {rating.board for rating in harvest.ratings} == {"text", "vision"}
    assert harvest.as_of is None
    assert set(_missing(harvest)) == {"text", "vision", "search", "webdev"}


@pytest.mark.parametrize(
    "document", [b"<html>", [], {}, {"full": []}, {"full": {"gpt-x": {}}}]
)
def test_a_bad_file_is_no_board(answers: Callable[..., Any], document: object) -> None:
    """What went wrong with both is said."""
    given = _pages("webdev", [_row()]) | {TEXT_FILE: document}
    harvest = _fetch(answers(given))
    assert _only(harvest).board == "webdev"
    assert "no arena-catalog (" in _missing(harvest)["text"]


def test_a_bad_file_does_not_replace_a_kept_one(answers: Callable[..., Any]) -> None:
    """Only what could be read is kept."""
    given = {TEXT_FILE: b"<html>", VISION_FILE: CATALOG}
    context = answers(given | _pages("webdev", [_row()]))
    _fetch(context)
    assert set(context.committed) == {_address("webdev"), VISION_FILE}


def test_bad_entries_of_a_file_are_refused(answers: Callable[..., Any]) -> None:
    """Each is named; the sound one is read."""
    document = {
        "full": {"good": {"rating": 1400}, "bad": {"rating": "x"}, "worse": 5, "": {}},
        "empty": None,
        "\ud800": {},
    }
    harvest = _fetch(answers({TEXT_FILE: document}))
    assert _only(harvest).name == "good"
    assert [(r.record, r.reason) for r in harvest.refused] == [
        ("text/overall/bad", "rating: 'x' is not a rating of the Elo kind"),
        ("text/overall/worse", "is not a rated name"),
        ("text/overall/", "is not a rated name"),
        ("text/'empty'", "is not a category with a map of models"),
        ("text/'\\ud800'", "is not a category with a map of models"),
    ]


def test_kept_boards_alone_are_a_failure(answers: Callable[..., Any]) -> None:
    """The core serves them itself, and says that they are stale."""
    given = {TEXT_FILE: b"<html>"}
    with pytest.raises(SourceUnavailableError, match="its kept answer taken"):
        _fetch(answers(given, kept=_pages("webdev", [_row()])))


def test_nothing_at_all_is_a_failure(answers: Callable[..., Any]) -> None:
    """An empty harvest would replace a good one."""
    with pytest.raises(SourceUnavailableError, match="webdev: no webdev"):
        _fetch(answers({TEXT_FILE: b"<html>"}))


def test_one_reason_for_all_boards_is_said_once(answers: Callable[..., Any]) -> None:
    """A service that is down is one trouble, not five."""
    with pytest.raises(SourceUnavailableError) as caught:
        _fetch(answers({}, kept=_pages("webdev", [_row()])))
    assert caught.value.reason == "HTTP 404"


@pytest.mark.parametrize("base", ["/srv/arena", "file:///srv/arena/"])
def test_a_folder_holds_whole_boards(answers: Callable[..., Any], base: str) -> None:
    """A file can't be paged: it is the list of rows."""
    address = f"{base.rstrip('/')}/webdev.json"
    context = answers({address: [_row(), _row("b")]})
    harvest = _fetch(context, ArenaOptions(dataset_url=base, catalog_url="/srv/none"))
    assert [rating.name for rating in harvest.ratings] == ["gpt-x", "b"]
    assert "/srv/none/leaderboard-text-style-control.json" in context.asked


def test_a_stray_date_costs_its_row_alone(answers: Callable[..., Any]) -> None:
    """A row dated tomorrow by mistake does not outdate the others."""
    rows = [_row("a"), _row("b"), _row("c", leaderboard_publish_date="2027-01-01")]
    harvest = _fetch(
        answers({"/srv/webdev.json": rows}),
        ArenaOptions(dataset_url="/srv", catalog_url="/srv"),
    )
    assert [rating.name for rating in harvest.ratings] == ["a", "b"]
    (refusal,) = harvest.refused
    assert refusal.record == "webdev/overall/c"
    assert refusal.reason == "is of 2027-01-01, the board of 2026-10-05"
    assert harvest.as_of == "2026-10-05"


@pytest.mark.parametrize("document", [{}, [], "rows"])
def test_a_folder_with_another_form_is_no_board(
    answers: Callable[..., Any], document: object
) -> None:
    """A file of the wrong kind is a data error of that board."""
    with pytest.raises(SourceUnavailableError, match="webdev"):
        _fetch(
            answers({"/srv/webdev.json": document}),
            ArenaOptions(dataset_url="/srv", catalog_url="/srv"),
        )


@pytest.mark.parametrize("field", ["dataset_url", "pages_url", "catalog_url"])
def test_an_address_is_a_text(field: str) -> None:
    """A setting that can't be an address is refused at once."""
    with pytest.raises(ValueError, match=field):
        ArenaOptions(**{field: ""})
