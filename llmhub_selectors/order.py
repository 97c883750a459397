"""Orders that the selectors share: every one of them total."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from llmhub_core.records.candidate import Candidate
from llmhub_core.records.need import RoleNeed

__all__ = [
    "by_price",
    "by_promise",
    "dear",
    "front",
    "fronted",
    "newest",
    "tie",
    "weak",
]


def dear(candidate: Candidate) -> float:
    """Expected cost as a sort key; an unknown price is dearer than any."""
    cost = candidate.cost
    return float("inf") if cost is None else cost.usd_per_request


def weak(candidate: Candidate) -> float:
    """Quality as a sort key, best first; unrated is weaker than any rating."""
    quality = candidate.quality
    return float("inf") if quality is None else -quality.value


def newest(candidate: Candidate) -> tuple[int, ...]:
    """Release date as a sort key, newest first; unknown is oldest."""
    date = candidate.released_on
    if date is None:
        return (1,)
    year, month, day = (*map(int, date.split("-")), 0, 0)[:3]
    return (0, -year, -month, -day)


def by_price(candidate: Candidate) -> tuple[object, ...]:
    """Order what has no rating by cost; of equal ones the newer first."""
    return (dear(candidate), newest(candidate))


def by_promise(candidate: Candidate) -> tuple[object, ...]:
    """Order what has no rating by what little tells of quality.

    The newer first, then the dearer; an unknown price says nothing and comes last.
    """
    cost = candidate.cost
    return (newest(candidate), 0.0 if cost is None else -cost.usd_per_request)


def tie(need: RoleNeed, candidate: Candidate) -> tuple[object, ...]:
    """Break what the numbers leave tied.

    First the order of the role's allowlist, then stable before other release
    states, rows without a failed check before those with one, the lab that made
    the model before other hosts; last the canonical id, which nothing shares.
    """
    model = candidate.model
    preferred = need.preferred_providers
    place = (
        preferred.index(model.provider)
        if model.provider in preferred
        else len(preferred)
    )
    return (
        place,
        model.status not in {"stable", None},
        bool(model.flags),
        not candidate.at_home,
        model.canonical_id,
    )


def front(candidates: Sequence[Candidate]) -> frozenset[str]:
    """Ids on the Pareto front of expected cost and quality.

    Args:
        candidates: Each with a cost and a rating.

    Returns:
        Those that no other one beats: at most their cost and at least their
        quality, and one of the two strictly.
    """
    kept: list[str] = []
    best = float("inf")
    group: list[Candidate] = []
    ordered = sorted(candidates, key=lambda c: (dear(c), weak(c)))
    for candidate in ordered:
        if group and dear(candidate) > dear(group[0]):
            best = weak(group[0])
            group = []
        if not group:
            if weak(candidate) < best:
                group = [candidate]
                kept.append(candidate.canonical_id)
        elif weak(candidate) == weak(group[0]):
            group.append(candidate)
            kept.append(candidate.canonical_id)
    return frozenset(kept)


def fronted(ordered: Sequence[Candidate], best: Collection[str]) -> list[Candidate]:
    """Put the first that stands on the front before everybody.

    Whoever is chosen is beaten by nobody. Those behind are backups, for which the
    order holds: the dear end of the front would be a poor one.

    Args:
        ordered: Candidates in a total order.
        best: Ids of the front; with none the order stays as it is.
    """
    places = (n for n, c in enumerate(ordered) if c.canonical_id in best)
    first = next(places, 0)
    return [*ordered[first : first + 1], *ordered[:first], *ordered[first + 1 :]]
