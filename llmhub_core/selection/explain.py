"""Why a role got its models, as data; the command line makes the tables."""

from __future__ import annotations

from collections import Counter

from llmhub_core.contracts import Selector
from llmhub_core.records.candidate import Candidate, Candidates, Ranking
from llmhub_core.records.choice import Choice
from llmhub_core.records.explanation import Explanation, Flip, Place
from llmhub_core.selection.flip import flip
from llmhub_core.selection.front import pareto_front

__all__ = ["explain"]


def explain(
    candidates: Candidates,
    ranking: Ranking,
    choice: Choice,
    *,
    selector: Selector | None = None,
    top: int = 10,
    flips: int = 3,
) -> Explanation:
    """Lay one choice open.

    Args:
        candidates: The eligible models of the role, and counts of the others.
        ranking: How the selector ranked them.
        choice: What became of it.
        selector: Asked for flip points; None leaves them out.
        top: How many models to show, each at its best host; what was chosen is
            shown as well, wherever it stands.
        flips: For how many other models a flip point is sought.
    """
    by_id = {candidate.canonical_id: candidate for candidate in candidates.kept}
    uses = {choice.primary.canonical_id: "primary"}
    for number, pick in enumerate(choice.backups, 1):
        uses.setdefault(pick.canonical_id, f"backup {number}")
    front = {candidate.canonical_id for candidate in pareto_front(candidates.kept)}
    hosts = Counter(map(_weights, candidates.kept))
    places: list[Place] = []
    told: set[str] = set()
    for number, ranked in enumerate(ranking.order, 1):
        candidate = by_id[ranked.canonical_id]
        weights = _weights(candidate)
        if ranked.canonical_id not in uses and (weights in told or len(told) >= top):
            continue
        told.add(weights)
        known = candidate.cost is not None and candidate.quality is not None
        places.append(
            Place(
                place=number,
                canonical_id=ranked.canonical_id,
                use=uses.get(ranked.canonical_id),
                reason=ranked.reason,
                score=ranked.score,
                cost=candidate.cost,
                quality=candidate.quality,
                latency=candidate.latency,
                context_tokens=candidate.model.context_tokens,
                on_front=ranked.canonical_id in front if known else None,
                hosts=hosts[weights],
            )
        )
    first = _weights(by_id[choice.primary.canonical_id])
    runners = [
        place.canonical_id
        for place in places
        if _weights(by_id[place.canonical_id]) != first
    ][:flips]
    return Explanation(
        role=choice.role,
        selector=choice.selector,
        eligible=choice.eligible,
        considered=choice.considered,
        places=tuple(places),
        rejected={name: len(ids) for name, ids in candidates.rejected.items()},
        relaxed=choice.relaxed,
        flips=_flips(selector, candidates, runners),
        notes=choice.notes,
    )


def _weights(candidate: Candidate) -> str:
    """The underlying model, or the served one where that is not known."""
    return candidate.model.group or candidate.canonical_id


def _flips(
    selector: Selector | None, candidates: Candidates, runners: list[str]
) -> tuple[Flip, ...]:
    if selector is None:
        return ()
    found = (flip(selector, candidates, model) for model in runners)
    return tuple(each for each in found if each is not None)
