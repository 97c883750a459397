"""Cost against quality of all candidates: what there is to draw.

Every eligible model with a price and a
rating, the Pareto front, the choice and its backups with their intervals. Cost is on a
logarithmic scale, because prices span four orders of magnitude; what is free stands at
the left edge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

from attrs import frozen

from llmhub_core.records.candidate import Candidate, Candidates
from llmhub_core.records.choice import Choice
from llmhub_core.selection.front import pareto_front

__all__ = ["ORDER", "Axes", "Picture", "Point", "Use", "axes", "caption", "picture"]

Use: TypeAlias = Literal["primary", "backup", "front", "other"]

#: Later ones are drawn over earlier ones.
ORDER: tuple[Use, ...] = ("other", "front", "backup", "primary")


@frozen(kw_only=True)
class Point:
    """One candidate in the picture.

    Attributes:
        canonical_id: The model.
        usd_per_request: Expected cost of a request.
        score: Rating.
        ci_low: Lower end of its interval, which is what selectors compare.
        ci_high: Upper end of its interval.
        use: ``primary``, ``backup``, ``front`` or ``other``.
    """

    canonical_id: str
    usd_per_request: float
    score: float
    ci_low: float
    ci_high: float
    use: Use


@frozen(kw_only=True)
class Picture:
    """What there is to draw for one role.

    Attributes:
        role: Its name.
        scale: Board and category of the ratings, or None.
        points: In the order to draw, the choice last.
        left_out: How many candidates have no price or no rating.
    """

    role: str
    scale: str | None
    points: tuple[Point, ...]
    left_out: int


def picture(candidates: Candidates, choice: Choice) -> Picture:
    """Collect what there is to draw.

    Args:
        candidates: The eligible models of the role.
        choice: What was chosen from them.
    """
    front = {candidate.canonical_id for candidate in pareto_front(candidates.kept)}
    backups = {pick.canonical_id for pick in choice.backups}

    def use(candidate: Candidate) -> Use:
        if candidate.canonical_id == choice.primary.canonical_id:
            return "primary"
        if candidate.canonical_id in backups:
            return "backup"
        return "front" if candidate.canonical_id in front else "other"

    points = [
        Point(
            canonical_id=candidate.canonical_id,
            usd_per_request=candidate.cost.usd_per_request,
            score=candidate.quality.score,
            ci_low=candidate.quality.ci_low,
            ci_high=candidate.quality.ci_high,
            use=use(candidate),
        )
        for candidate in candidates.kept
        if candidate.cost is not None and candidate.quality is not None
    ]
    points.sort(key=lambda point: (ORDER.index(point.use), point.canonical_id))
    quality = next((c.quality for c in candidates.kept if c.quality), None)
    return Picture(
        role=choice.role,
        scale=None if quality is None else f"{quality.board}/{quality.category}",
        points=tuple(points),
        left_out=len(candidates.kept) - len(points),
    )


@frozen(kw_only=True)
class Axes:
    """From dollars and ratings to shares of the picture, 0 to 1."""

    low_cost: float
    high_cost: float
    low_score: float
    high_score: float

    def across(self, usd: float) -> float:
        """Where a cost stands; what is free stands at the left edge."""
        if usd <= self.low_cost:
            return 0.0
        span = math.log10(self.high_cost / self.low_cost)
        return math.log10(usd / self.low_cost) / span

    def up(self, score: float) -> float:
        """Where a rating stands; what lies outside stands at the edge."""
        share = (score - self.low_score) / (self.high_score - self.low_score)
        return min(1.0, max(0.0, share))

    def decades(self) -> list[float]:
        """Powers of ten that a cost axis is marked at."""
        first = math.ceil(math.log10(self.low_cost) - 1e-9)
        last = math.floor(math.log10(self.high_cost) + 1e-9)
        return [10.0**power for power in range(first, last + 1)]

    def hundreds(self, step: int) -> list[int]:
        """Ratings that the other axis is marked at."""
        first = math.ceil(self.low_score / step)
        return [n * step for n in range(first, int(self.high_score // step) + 1)]


def axes(points: Sequence[Point]) -> Axes:
    """Choose scales that hold all points, of which there is at least one."""
    paid = [point.usd_per_request for point in points if point.usd_per_request > 0]
    low, high = (min(paid), max(paid)) if paid else (1e-4, 1e-1)
    scores = [point.score for point in points]
    # A full decade at least, and room around the outermost points.
    return Axes(
        low_cost=low / 1.5,
        high_cost=max(high * 1.5, low * 15),
        low_score=min(scores) - 20,
        high_score=max(scores) + 20,
    )


def caption(drawn: Picture) -> str:
    """Say in a line what is drawn, and what could not be."""
    scale = f"rating in {drawn.scale}" if drawn.scale else "no candidate is rated"
    out = f"; {drawn.left_out} without price or rating" if drawn.left_out else ""
    return f"{len(drawn.points)} eligible models, {scale}{out}"
