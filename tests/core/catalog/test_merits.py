"""Benchmark results at the door: a number under a sound label, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub_core.catalog.inspection import inspect
from llmhub_core.records.model import Facts
from llmhub_core.records.observation import BaseModel, Harvest
from llmhub_core.records.rating import Benchmark

SOUND = Benchmark(
    name="SWE-Bench Pro",
    score=58.6,
    metric="resolve rate",
    harness="Codex CLI",
    url="https://example.com/board",
    dated_on="2026-03",
)


def result(**changes: Any) -> Benchmark:
    """A sound result, changed."""
    return Benchmark(**{"name": "SWE-Bench Pro", "score": 58.6, **changes})


def inspected(results: Any) -> tuple[tuple[Benchmark, ...], list[tuple[str, Any]]]:
    """What is left of these results, and what was refused."""
    base = BaseModel(
        lab="openai",
        model_id="gpt-5",
        record="openai/gpt-5",
        facts=Facts(),
        benchmarks=results,
    )
    got = inspect(Harvest(bases=(base,)))
    return got.bases[0].benchmarks, [(r.record, r.field) for r in got.refused]


def test_sound_results_come_through_as_they_are() -> None:
    """Nothing is copied, nothing refused."""
    results = (SOUND, result(score=0), result(score=-5.5), result(score=1_000_000))
    kept, refused = inspected(results)
    assert kept is results
    assert refused == []


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": None},
        {"name": "two\nlines"},
        {"score": None},
        {"score": "58"},
        {"score": True},
        {"score": float("nan")},
        {"score": float("inf")},
        {"score": 10**400},
        {"metric": 5},
        {"harness": "\x1b[31m"},
        {"variant": ""},
        {"dataset": ["a"]},
        {"version": 2.1},
    ],
)
def test_a_result_without_a_sound_label_goes(changes: dict[str, Any]) -> None:
    """It can't be told what it is the result of; the others stand."""
    kept, refused = inspected((result(**changes), SOUND))
    assert kept == (SOUND,)
    assert refused == [("openai/gpt-5", f"benchmarks[0].{next(iter(changes))}")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": 5}, "url"),
        ({"dated_on": "soon"}, "dated_on"),
    ],
)
def test_a_bad_origin_is_unknown(changes: dict[str, Any], field: str) -> None:
    """A result stands without its address or its date."""
    kept, refused = inspected((result(**changes),))
    assert kept == (result(),)
    assert refused == [("openai/gpt-5", f"benchmarks[0].{field}")]


def test_what_is_no_result_is_refused() -> None:
    """By its place, and a list of results as a whole."""
    assert inspected((5, SOUND)) == (
        (SOUND,),
        [("openai/gpt-5", "benchmarks[0]")],
    )
    assert inspected([SOUND]) == ((), [("openai/gpt-5", "benchmarks")])
    assert inspected(None) == ((), [("openai/gpt-5", "benchmarks")])
