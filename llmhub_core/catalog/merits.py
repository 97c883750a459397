"""Ratings and benchmark results checked at the door.

Both are worth nothing under a wrong name: one without a sound name goes, and so
does a benchmark result whose label is not sound.
"""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve

from llmhub_core.catalog.soundness import (
    Check,
    count,
    day,
    identifier,
    line,
    result,
    said,
    score,
)
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.observation import RatedModel
from llmhub_core.records.rating import Benchmark

__all__ = ["benchmarks", "rated"]

_Checks = tuple[tuple[str, Check], ...]

_RATING_ID: Final[_Checks] = (
    ("name", line),
    ("board", identifier),
    ("category", identifier),
    ("score", score),
)
_RATING_FIELDS: Final[_Checks] = (
    ("organization", line),
    ("ci_low", score),
    ("ci_high", score),
    ("votes", count),
    ("published_on", day),
)
_BENCHMARK_LABELS: Final[_Checks] = tuple(
    (name, line) for name in ("metric", "harness", "variant", "dataset", "version")
)


def _address(value: object) -> str | None:
    problem = line(value)
    if problem is None and not str(value).startswith(("https://", "http://")):
        return f"{said(value)} is not an address"
    return problem


_BENCHMARK_FIELDS: Final[_Checks] = (("url", _address), ("dated_on", day))


def rated(rating: RatedModel, where: str, refused: list[Refusal]) -> RatedModel | None:
    """Keep a rating that has a sound name and score.

    Args:
        rating: What a source gave.
        where: Its place, which names it when its own name can't.
        refused: Where refusals go.
    """
    for name, check in _RATING_ID:
        if problem := check(getattr(rating, name)):
            refused.append(Refusal(record=where, field=name, reason=problem))
            return None
    record = f"{rating.board}/{rating.category}/{rating.name}"
    problems = _problems(rating, _RATING_FIELDS)
    unknown: dict[str, Any] = dict.fromkeys(problems)
    sound = evolve(rating, **unknown) if unknown else rating
    low, high = sound.ci_low, sound.ci_high
    if (low is not None and low > rating.score) or (
        high is not None and high < rating.score
    ):
        problems |= dict.fromkeys(("ci_low", "ci_high"), "does not hold the rating")
        sound = evolve(sound, ci_low=None, ci_high=None)
    refused += [
        Refusal(record=record, field=name, reason=problem)
        for name, problem in problems.items()
    ]
    return sound


def benchmarks(
    results: object, record: str, refused: list[Refusal]
) -> tuple[Benchmark, ...]:
    """Keep the sound results of one underlying model.

    Args:
        results: What a source gave.
        record: Id of the record that they belong to.
        refused: Where refusals go.

    Returns:
        The very tuple that was given when all of it is sound.
    """
    if type(results) is not tuple:
        reason = f"{said(results)} is not a tuple of results"
        refused.append(Refusal(record=record, field="benchmarks", reason=reason))
        return ()
    before = len(refused)
    kept = [
        sound
        for place, one in enumerate(results)
        if (sound := _benchmark(one, f"benchmarks[{place}]", record, refused))
    ]
    return results if len(refused) == before else tuple(kept)


def _benchmark(
    one: object, where: str, record: str, refused: list[Refusal]
) -> Benchmark | None:
    if type(one) is not Benchmark:
        reason = f"{said(one)} is not a Benchmark"
        refused.append(Refusal(record=record, field=where, reason=reason))
        return None
    problems = {
        name: problem
        for name, check in (("name", line), ("score", result))
        if (problem := check(getattr(one, name)))
    }
    problems |= _problems(one, _BENCHMARK_LABELS)
    unknown = _problems(one, _BENCHMARK_FIELDS)
    refused += [
        Refusal(record=record, field=f"{where}.{name}", reason=problem)
        for name, problem in (problems | unknown).items()
    ]
    if problems:
        return None
    changes: dict[str, Any] = dict.fromkeys(unknown)
    return evolve(one, **changes) if changes else one


def _problems(record: object, checks: _Checks) -> dict[str, str]:
    """What is wrong with the known fields of a record."""
    return {
        name: problem
        for name, check in checks
        if (value := getattr(record, name)) is not None and (problem := check(value))
    }
