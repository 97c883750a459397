"""What a selector answers, held against its contract."""

from __future__ import annotations

from llmhub_core.errors import InvalidChoiceError
from llmhub_core.records.candidate import Candidates, Ranking

__all__ = ["check_ranking"]


def check_ranking(ranking: object, candidates: Candidates, *, selector: str) -> Ranking:
    """Refuse a ranking that its selector was not free to give.

    Args:
        ranking: The selector's answer.
        candidates: What it was handed.
        selector: Its name.

    Returns:
        The ranking, unchanged.

    Raises:
        InvalidChoiceError: It is no ranking, names nobody, names somebody outside
            the candidates (so breaks a hard limit), or names somebody twice.
    """
    role = candidates.need.role
    if not isinstance(ranking, Ranking):
        problem = f"answered with {type(ranking).__name__}, not with a Ranking."
        raise InvalidChoiceError(selector, role, problem)
    if not ranking.order:
        raise InvalidChoiceError(selector, role, "ranked no candidate at all.")
    eligible = {candidate.canonical_id for candidate in candidates.kept}
    seen: set[str] = set()
    for ranked in ranking.order:
        if ranked.canonical_id not in eligible:
            problem = f"chose {ranked.canonical_id!r}, which is not a candidate."
            raise InvalidChoiceError(selector, role, problem)
        if ranked.canonical_id in seen:
            problem = f"ranked {ranked.canonical_id!r} twice."
            raise InvalidChoiceError(selector, role, problem)
        seen.add(ranked.canonical_id)
    return ranking
