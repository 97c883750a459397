"""Ratings of different categories on one scale."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RatingKey
from llmhub_core.records.rating import Rating
from llmhub_core.selection.quality import (
    ENOUGH,
    qualities,
    shift_between,
    standings,
)

Make = Callable[..., CanonicalModel]
Rate = Callable[..., Rating]

OVERALL = RatingKey(board="text", category="overall")
CODING = RatingKey(board="text", category="coding")


@pytest.fixture
def board(model: Make, rated: Rate) -> list[CanonicalModel]:
    """Twenty models on both boards: 40 points higher in coding, one of them 70."""
    return [
        model(
            f"openai:m{number:02}",
            ratings=(
                rated(f"m{number:02}", 1240.0 + number, category="coding"),
                rated(f"m{number:02}", 1200.0 + number - 30 * (number == 7)),
            ),
        )
        for number in range(ENOUGH)
    ]


def test_the_first_rating_of_a_category_is_the_default(
    model: Make, rated: Rate
) -> None:
    """Later ratings of the same category are other modes, and do not count."""
    both = model(
        "openai:m",
        ratings=(rated("m", 1300.0), rated("m-high", 1400.0, effort="high")),
    )
    assert qualities(standings([both]), [OVERALL])["openai:m"].score == 1300.0


def test_the_lower_end_is_what_counts(model: Make, rated: Rate) -> None:
    """A wide interval is a reason to doubt."""
    found = qualities(
        standings([model("openai:m", ratings=(rated("m", 1300.0, half=12.0),))]),
        [OVERALL],
    )["openai:m"]
    assert (found.value, found.ci_low, found.ci_high) == (1288.0, 1288.0, 1312.0)
    assert (found.basis, found.note) == ("measured", None)


def test_an_unpublished_interval_is_as_wide_as_the_widest(
    model: Make, rated: Rate
) -> None:
    """Nobody gains by not publishing how sure they are."""
    models = [
        model("openai:a", ratings=(rated("a", 1300.0, half=9.0),)),
        model("openai:b", ratings=(rated("b", 1300.0, half=30.0),)),
        model("openai:c", ratings=(rated("c", 1300.0, half=None),)),
    ]
    assert qualities(standings(models), [OVERALL])["openai:c"].value == 1270.0


def test_a_model_that_the_category_lacks_is_translated(
    board: list[CanonicalModel], model: Make, rated: Rate
) -> None:
    """Its overall rating is moved by the median difference of the shared names."""
    newcomer = model("xai:new", ratings=(rated("new", 1300.0),))
    found = qualities(standings([*board, newcomer]), [CODING, OVERALL])["xai:new"]
    assert (found.board, found.category) == ("text", "coding")
    assert found.score == 1340.0
    # 19 of 20 names lie on the shift: the 95th percentile of the rest is 0.
    assert found.value == 1335.0
    assert found.basis == "translated"
    assert found.note == "1300 in text/overall, +40 to text/coding"


def test_the_interval_widens_by_what_the_shift_leaves_unexplained(
    board: list[CanonicalModel], model: Make, rated: Rate
) -> None:
    """A second outlier among twenty reaches the 95th percentile."""
    odd = model(
        "openai:m03",
        ratings=(
            rated("m03", 1243.0, category="coding"),
            rated("m03", 1203.0 + 25.0),
        ),
    )
    shift = shift_between(
        standings([*board[:3], odd, *board[4:]])[CODING],
        standings([*board[:3], odd, *board[4:]])[OVERALL],
    )
    assert shift is not None
    assert (shift.points, shift.margin) == (40.0, 25.0)
    newcomer = model("xai:new", ratings=(rated("new", 1300.0, half=5.0),))
    models = [*board[:3], odd, *board[4:], newcomer]
    found = qualities(standings(models), [CODING, OVERALL])["xai:new"]
    assert (found.score, found.value, found.ci_high) == (1340.0, 1310.0, 1370.0)


def test_a_name_counts_once_however_many_hosts_serve_it(
    board: list[CanonicalModel],
) -> None:
    """Hosts of one model do not vote."""
    hosts = [
        evolve(board[7], canonical_id=f"host{n}:m07", provider=f"host{n}")
        for n in range(30)
    ]
    crowded = standings([*board, *hosts])
    shift = shift_between(crowded[CODING], crowded[OVERALL])
    assert shift is not None
    assert (shift.points, shift.margin) == (40.0, 0.0)


def test_too_few_shared_names_translate_nothing(
    board: list[CanonicalModel], model: Make, rated: Rate
) -> None:
    """Under twenty shared names a model of another category stays unrated."""
    # Twenty names in coding, nineteen of them in overall too.
    lonely = model("openai:m00", ratings=(rated("m00", 1240.0, category="coding"),))
    newcomer = model("xai:new", ratings=(rated("new", 1300.0),))
    found = qualities(standings([lonely, *board[1:], newcomer]), [CODING, OVERALL])
    assert "xai:new" not in found


def test_a_thin_category_is_passed_over(
    board: list[CanonicalModel], model: Make, rated: Rate
) -> None:
    """A category with a handful of names is no scale while another one is."""
    german = RatingKey(board="text", category="german")
    polyglot = model("mistral:m", ratings=(rated("m", 1500.0, category="german"),))
    found = qualities(standings([*board, polyglot]), [german, OVERALL])
    assert found["openai:m00"].category == "overall"
    assert "mistral:m" not in found


def test_where_every_category_is_thin_the_first_is_the_scale(
    model: Make, rated: Rate
) -> None:
    """A small catalog still has an order."""
    one = model("a:m", ratings=(rated("m", 1300.0, category="coding"),))
    two = model("b:n", ratings=(rated("n", 1400.0),))
    found = qualities(standings([one, two]), [CODING, OVERALL])
    assert set(found) == {"a:m"}


def test_no_category_no_quality(model: Make, rated: Rate) -> None:
    """Embeddings ask for no rating; an absent category gives none."""
    found = standings([model("a:m", ratings=(rated("m", 1300.0),))])
    assert qualities(found, []) == {}
    assert qualities(found, [CODING]) == {}


@pytest.mark.parametrize(
    ("more", "basis", "note"),
    [
        ({"proxy": True, "effort": "high"}, "proxy", "rated as m (high)"),
        ({"proxy": True, "mode": "thinking"}, "proxy", "rated as m (thinking)"),
        ({"proxy": True}, "proxy", "rated as m"),
        (
            {"basis": "inherited", "inherited_from": "lab/n"},
            "inherited",
            "rating of its predecessor lab/n",
        ),
    ],
)
def test_the_basis_of_a_rating_is_kept(
    model: Make, rated: Rate, more: dict[str, object], basis: str, note: str
) -> None:
    """What is not simply measured says what it rests on."""
    found = qualities(
        standings([model("a:m", ratings=(rated("m", 1300.0, **more),))]), [OVERALL]
    )["a:m"]
    assert (found.basis, found.note) == (basis, note)


def test_a_translated_inheritance_stays_inherited(
    board: list[CanonicalModel], model: Make, rated: Rate
) -> None:
    """The weaker of two grounds names the basis."""
    legacy = rated("old", 1300.0, basis="inherited", inherited_from="xai/old")
    heir = model("xai:new", inherited_ratings=(legacy,))
    found = qualities(standings([*board, heir]), [CODING, OVERALL])["xai:new"]
    assert found.basis == "inherited"
