"""Results on automated benchmarks, as models.dev lists them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmhub_core.records.rating import Benchmark
from llmhub_sources.documents import Fields
from llmhub_sources.models_dev.benchmarks import read_benchmarks

RESULT = {"name": "SWE-Bench Pro", "score": 58.6, "metric": "resolve rate"}


def _read(benchmarks: object) -> tuple[tuple[Benchmark, ...], list[str | None]]:
    base = Fields({"benchmarks": benchmarks}, "acme/m-1")
    found = read_benchmarks(base)
    assert all(refusal.record == "acme/m-1" for refusal in base.refused)
    return found, [refusal.field for refusal in base.refused]


def test_every_real_result_is_read(data: Path) -> None:
    """All results of a real record, with everything that labels them."""
    rows = json.loads((data / "models_dev" / "models.json").read_bytes())
    written = rows["openai/gpt-5.5"]["benchmarks"]
    found, refused = _read(written)
    assert refused == []
    assert len(found) == 17
    for row, result in zip(written, found, strict=True):
        assert result == Benchmark(
            name=row["name"],
            score=row["score"],
            metric=row.get("metric"),
            harness=row.get("harness"),
            variant=row.get("variant"),
            dataset=row.get("dataset"),
            version=row.get("version"),
            url=row["source"],
            dated_on=row.get("date"),
        )


@pytest.mark.parametrize(
    ("score", "number", "metric"),
    [
        (0.586, 0.586, "resolve rate"),
        (58, 58.0, "resolve rate"),
        ("58.6", 58.6, "resolve rate"),
        (" 58.6 % ", 58.6, "resolve rate"),
        ("-3", -3.0, "resolve rate"),
    ],
)
def test_a_score_stays_in_its_unit(score: object, number: float, metric: str) -> None:
    """A fraction stays a fraction, a percentage a percentage."""
    (result,), refused = _read([RESULT | {"score": score}])
    assert (result.score, result.metric, refused) == (number, metric, [])


def test_a_percent_sign_is_the_unit_where_none_is_named() -> None:
    """It is the only thing that tells 58.6 % from an index of 58.6."""
    (result,), _ = _read([{"name": "GPQA", "score": "58.6%"}])
    assert (result.score, result.metric) == (58.6, "%")
    (result,), _ = _read([{"name": "GPQA", "score": "58.6"}])
    assert result.metric is None


@pytest.mark.parametrize(
    "score",
    ["~70", "70-75", "70,5", "1e3", "n/a", "", "70 \u00b1 2", "9" * 30, "\u0667\u0660",
     True, [70], {}, float("nan"), float("inf"), 10**12, None],
)  # fmt: skip
def test_a_score_that_is_not_one_number_is_refused(score: object) -> None:
    """The other results of the record stand."""
    found, refused = _read([RESULT | {"score": score}, RESULT | {"name": "Other"}])
    assert [result.name for result in found] == ["Other"]
    assert refused == ["benchmarks.0.score"]


@pytest.mark.parametrize(
    "label", ["metric", "harness", "variant", "dataset", "version"]
)
def test_a_result_with_an_unreadable_label_is_refused(label: str) -> None:
    """Without its label it would be compared with what it is not."""
    found, refused = _read([RESULT | {label: 2.1}])
    assert found == ()
    assert refused == [f"benchmarks.0.{label}"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": "javascript:alert(1)"}, "benchmarks.0.source"),
        ({"source": 5}, "benchmarks.0.source"),
        ({"date": "yesterday"}, "benchmarks.0.date"),
    ],
)
def test_a_bad_origin_costs_itself(changes: dict[str, Any], field: str) -> None:
    """Where and when a result was published can be unknown."""
    (result,), refused = _read([RESULT | changes])
    assert (result.url, result.dated_on) == (None, None)
    assert refused == [field]


@pytest.mark.parametrize(
    ("benchmarks", "field"),
    [
        ("many", "benchmarks"),
        ({"name": "x"}, "benchmarks"),
        ([5], "benchmarks.0"),
        ([{"score": 5}], "benchmarks.0.name"),
        ([{"name": " ", "score": 5}], "benchmarks.0.name"),
    ],
)
def test_what_is_no_result_is_refused(benchmarks: object, field: str) -> None:
    """And named, so that nobody wonders where it went."""
    assert _read(benchmarks) == ((), [field])


def test_no_results_are_nothing_to_tell() -> None:
    """Most records have none."""
    assert _read(None) == ((), [])
    assert _read([]) == ((), [])


def test_two_scores_under_one_label_are_none() -> None:
    """A repeated result counts once, one that contradicts itself not at all."""
    found, refused = _read([RESULT, RESULT | {"score": 58.6}])
    assert len(found) == 1
    assert refused == []
    found, refused = _read([RESULT, RESULT | {"score": 70}, RESULT | {"name": "Other"}])
    assert [result.name for result in found] == ["Other"]
    assert refused == ["benchmarks"]


def test_two_publishers_may_disagree() -> None:
    """Both say who they are, so both are kept."""
    rows = [
        RESULT | {"source": "https://a.example", "score": 60},
        RESULT | {"source": "https://b.example"},
    ]
    found, refused = _read(rows)
    assert [result.score for result in found] == [60, 58.6]
    assert refused == []
