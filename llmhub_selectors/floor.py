"""How good is good enough: the floor that the quality preference sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from llmhub_core.records.candidate import Candidate
from llmhub_core.records.need import RoleNeed
from llmhub_core.records.spec import Level

__all__ = ["GAPS", "Floor", "quality_floor"]

#: How many rating points below the best candidate is still good enough. On the
#: Elo-like scale of the boards a model that is d points below another wins
#: 1 / (1 + 10 ** (d / 400)) of their match-ups: 46 %, 36 % and 15 %.
GAPS: Mapping[Level | None, float] = {
    "high": 30.0,
    "medium": 100.0,
    None: 100.0,
    "low": 300.0,
}


@frozen(kw_only=True)
class Floor:
    """The least quality that counts as good enough.

    Attributes:
        least: Lower end of the interval, or None when no candidate is rated.
        gap: Points between the best candidate and the floor.
        rated: How many candidates have a rating.
    """

    least: float | None
    gap: float
    rated: int

    def admits(self, candidate: Candidate) -> bool:
        """Whether a candidate is good enough; an unrated one is not known to be."""
        return (
            self.least is not None
            and candidate.quality is not None
            and candidate.quality.value >= self.least
        )


def quality_floor(
    need: RoleNeed, candidates: Sequence[Candidate], gap: float | None = None
) -> Floor:
    """Set the floor below the best candidate that has both a rating and a price.

    Where no rated candidate has a price, below the best rated one. The distance to
    the best does not change when weaker models come and go, as a rank would.

    Args:
        need: The role; its quality preference chooses the gap.
        candidates: All eligible models.
        gap: Points below the best, instead of what the preference says.
    """
    points = GAPS[need.quality] if gap is None else gap
    rated = [c for c in candidates if c.quality is not None]
    best = max(
        (c.quality.value for c in rated if c.quality and c.cost),
        default=max((c.quality.value for c in rated if c.quality), default=None),
    )
    least = None if best is None else best - points
    return Floor(least=least, gap=points, rated=len(rated))
