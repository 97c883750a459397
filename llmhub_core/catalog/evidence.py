"""Benchmark results brought to the models that they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from attrs import evolve

from llmhub_core.catalog.placing import Place
from llmhub_core.catalog.underlying import group_of
from llmhub_core.records.observation import Harvest
from llmhub_core.records.rating import Benchmark

__all__ = ["benchmarks"]


def benchmarks(
    harvests: Mapping[str, Harvest], places: Mapping[str, Place]
) -> Mapping[str, tuple[Benchmark, ...]]:
    """Find whose benchmark results these are.

    Args:
        harvests: Where the records about underlying models are.
        places: Every row's place.

    Returns:
        By group, in a fixed order and each result once. Results of models that
        nobody serves are absent; ``share`` refuses those records.
    """
    sound = {i: p for i, p in places.items() if p.placement.suspicion is None}
    members = {place.placement.group for place in sound.values()}
    found: dict[str, set[Benchmark]] = defaultdict(set)
    for source, harvest in harvests.items():
        for base in harvest.bases:
            group = group_of(base, sound, members) if base.benchmarks else None
            if group is not None:
                found[group] |= {evolve(b, source=source) for b in base.benchmarks}
    return {group: tuple(sorted(found[group], key=repr)) for group in sorted(found)}
