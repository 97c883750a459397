"""Who is beaten by nobody on cost and quality both."""

from __future__ import annotations

from collections.abc import Iterable

from llmhub_core.records.candidate import Candidate

__all__ = ["beats", "pareto_front"]


def beats(one: Candidate, other: Candidate) -> bool:
    """Whether one is at most as dear and at least as good, and one of both strictly.

    Both need a price and a rating: what is unknown beats nobody and is not beaten.
    """
    if not (one.cost and other.cost and one.quality and other.quality):
        return False
    cost = one.cost.usd_per_request, other.cost.usd_per_request
    value = one.quality.value, other.quality.value
    return (
        cost[0] <= cost[1]
        and value[0] >= value[1]
        and (cost[0], value[0])
        != (
            cost[1],
            value[1],
        )
    )


def pareto_front(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Candidates with a price and a rating that no other one beats, cheapest first."""
    points = [
        (c.cost.usd_per_request, -c.quality.value, c.canonical_id, c)
        for c in candidates
        if c.cost is not None and c.quality is not None
    ]
    front: list[Candidate] = []
    for *_, candidate in sorted(points, key=lambda point: point[:3]):
        if not front or not beats(front[-1], candidate):
            front.append(candidate)
    return tuple(front)
