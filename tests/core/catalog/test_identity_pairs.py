"""Pairs that were written by hand: what must never join, and what must."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from attrs import evolve

from llmhub_core.catalog.identity import RatedName, ServedRow, group, join

DATA = Path(__file__).parents[2] / "data" / "identity"
EFFORTS = ("low", "medium", "high", "xhigh")
#: What listings say of reasoning, where the answer does not depend on it.
UNSAID = (
    {"reasoning": None},
    {"reasoning": True},
    {"reasoning": True, "efforts": EFFORTS},
)


def table(name: str) -> list[dict[str, str]]:
    """The rows of one file."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def served(row_id: str, name: str, released: str, updated: str = "") -> ServedRow:
    """A served row of which nothing more is known."""
    provider, _, model_id = row_id.partition(":")
    return ServedRow(
        provider=provider,
        model_id=model_id,
        display_name=name or None,
        release_date=released or None,
        last_updated=updated or released or None,
    )


def named(entry: dict[str, str]) -> list[ServedRow]:
    """The served row of a rated name, in every context that the table leaves open."""
    bare = served(
        entry["row"], entry["display_name"], entry["released"], entry["updated"]
    )
    said = {"yes": True, "no": False}.get(entry["reasons"])
    contexts = UNSAID if said is None else ({"reasoning": said},)
    return [evolve(bare, **context) for context in contexts]


def rated_as(entry: dict[str, str]) -> str:
    """How a pair is called in the report."""
    return f"{entry['rated']} ~ {entry['row']}"


def rows_as(entry: dict[str, str]) -> str:
    """How a pair of rows is called in the report."""
    return f"{entry['one']} ~ {entry['other']}"


NEAR_MISSES = table("near_misses.csv")
SAME_MODELS = table("same_models.csv")
APART = table("rows_apart.csv")
TOGETHER = table("rows_together.csv")


@pytest.mark.parametrize("entry", NEAR_MISSES, ids=rated_as)
def test_keeps_the_rating_of_a_near_miss_away(entry: dict[str, str]) -> None:
    """Whatever the listing says of reasoning, the two do not join."""
    for row in named(entry):
        assert join([RatedName(name=entry["rated"])], group([row])).joins == ()


@pytest.mark.parametrize("entry", SAME_MODELS, ids=rated_as)
def test_gives_a_model_its_rating_under_any_name(entry: dict[str, str]) -> None:
    """Knowing no other model, the row carries the rating."""
    for row in named(entry)[:1]:
        result = join([RatedName(name=entry["rated"])], group([row]))

        assert len(result.joins) == 1, result.unmatched


def test_no_near_miss_joins_in_a_market_of_all() -> None:
    """The other models and names help no wrong join along."""
    wrong = {(entry["rated"], _canonical(entry["row"])) for entry in NEAR_MISSES}
    rows = [row for entry in (*NEAR_MISSES, *SAME_MODELS) for row in named(entry)[:1]]
    names = {entry["rated"] for entry in (*NEAR_MISSES, *SAME_MODELS)}
    result = join([RatedName(name=name) for name in sorted(names)], group(rows))

    made = {(found.rated.name, row) for found in result.joins for row in found.rows}

    assert wrong & made == set()


@pytest.mark.parametrize("reasoning", [None, False])
@pytest.mark.parametrize("entry", APART, ids=rows_as)
def test_never_groups_two_models(entry: dict[str, str], reasoning: bool | None) -> None:
    """Two rows of different models stand in two groups."""
    assert _groups(entry, reasoning=reasoning) == 2


@pytest.mark.parametrize("entry", TOGETHER, ids=rows_as)
def test_groups_one_model_at_two_hosts(entry: dict[str, str]) -> None:
    """Two rows of the same weights stand in one group."""
    assert _groups(entry, reasoning=True) == 1


@pytest.mark.parametrize(
    ("pairs", "least"),
    [(NEAR_MISSES, 250), (SAME_MODELS, 200), (APART, 100), (TOGETHER, 90)],
)
def test_lists_every_pair_once(pairs: list[dict[str, str]], least: int) -> None:
    """No table holds a pair twice, and none shrinks unnoticed."""
    keys = [tuple(entry.values())[:2] + tuple(entry.values())[3:4] for entry in pairs]

    assert len(set(keys)) == len(keys) >= least


def _groups(entry: dict[str, str], *, reasoning: bool | None) -> int:
    rows = [
        evolve(
            served(entry[side], entry[f"{side}_name"], entry[f"{side}_released"]),
            reasoning=reasoning,
        )
        for side in ("one", "other")
    ]
    return len({place.group for place in group(rows).placements.values()})


def _canonical(row_id: str) -> str:
    (found,) = group([served(row_id, "", "")]).placements
    return found
