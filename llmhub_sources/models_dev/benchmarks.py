"""Results on automated benchmarks, as ``models.json`` lists them.

A result is worth something only under its label: the harness, the variant, the
version. One whose label can't be read is refused as a whole.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

from llmhub_core.records.rating import Benchmark
from llmhub_sources.documents import Fields, said

__all__ = ["read_benchmarks"]

#: Indices, percentages, fractions and sums of dollars stay well below.
_HIGHEST = 10_000_000.0
_LABELS: Final = ("metric", "harness", "variant", "dataset", "version")
_WRITTEN = re.compile(
    r"(?P<number>-?\d{1,9}(?:\.\d{1,9})?)\s?(?P<percent>%?)", re.ASCII
)


def _score(row: Fields) -> tuple[float, str | None] | None:
    """The number, and the unit when the number was written with one."""
    value = row.raw("score")
    if not isinstance(value, str):
        wanted = "the result of a benchmark"
        if value is None:
            row.refuse("score", "is missing")
        number = row.number("score", least=-_HIGHEST, most=_HIGHEST, wanted=wanted)
        return None if number is None else (number, None)
    written = _WRITTEN.fullmatch(value.strip())
    if written is None:
        # "~70", "70 ± 2", "70-75" and "70,5" are not one number.
        row.refuse("score", f"{said(value)} is not one number")
        return None
    return float(written["number"]), written["percent"] or None


def _benchmark(row: Fields) -> Benchmark | None:
    before = len(row.refused)
    name = row.text("name")
    score = _score(row)
    labels = {label: row.text(label) for label in _LABELS}
    if name is None and len(row.refused) == before:
        row.refuse("name", "is missing")
    if name is None or score is None or len(row.refused) > before:
        return None
    number, unit = score
    url = row.text("source")
    if url is not None and not url.startswith(("https://", "http://")):
        row.refuse("source", f"{said(url)} is not an address")
        url = None
    return Benchmark(
        name=name,
        score=number,
        metric=labels["metric"] or unit,
        harness=labels["harness"],
        variant=labels["variant"],
        dataset=labels["dataset"],
        version=labels["version"],
        url=url,
        dated_on=row.day("date"),
    )


def read_benchmarks(base: Fields) -> tuple[Benchmark, ...]:
    """Read the results of one underlying model.

    Args:
        base: Its record; what can't be used is refused there.

    Returns:
        The results in the order given, each once. Where one publisher gives two
        scores under one label nobody can say which it is, so neither is.
    """
    rows = base.raw("benchmarks")
    if rows is None:
        return ()
    if not isinstance(rows, list):
        base.refuse("benchmarks", f"{said(rows)} is not a list of results")
        return ()
    found: dict[tuple[str | None, ...], list[Benchmark]] = defaultdict(list)
    for place, data in enumerate(rows):
        if not isinstance(data, dict):
            reason = f"{said(data)} is not a result"
            base.refuse(f"benchmarks.{place}", reason)
            continue
        result = _benchmark(base.within(data, f"benchmarks.{place}."))
        if result is not None:
            labels = (getattr(result, label) for label in _LABELS)
            found[result.name, result.url, result.dated_on, *labels].append(result)
    kept = []
    for results in found.values():
        scores = {result.score for result in results}
        if len(scores) == 1:
            kept.append(results[0])
        else:
            shown = ", ".join(f"{score:g}" for score in sorted(scores))
            reason = f"{said(results[0].name)} has different scores: {shown}"
            base.refuse("benchmarks", reason)
    return tuple(kept)
