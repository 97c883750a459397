"""Ratings out of the embedded catalog, where a board is down and none were kept."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from llmhub_core.catalog import store
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.records.observation import Harvest, RatedModel

__all__ = ["with_embedded_ratings"]


def with_embedded_ratings(
    harvests: Mapping[str, Harvest], statuses: tuple[SourceStatus, ...]
) -> tuple[Mapping[str, Harvest], tuple[SourceStatus, ...]]:
    """Let the embedded catalog speak for sources of ratings that gave nothing.

    Names on boards are joined anew, to what is served now, and keep the date of
    their board. Prices are never lent: those of yesterday cost money.

    Args:
        harvests: What the sources gave, by name.
        statuses: How each went.

    Returns:
        Both, with the sources in that the embedded catalog has ratings of.
    """
    mute = [status.name for status in statuses if status.state == "skipped"]
    snapshot = store.load_snapshot() if mute else None
    lent = {} if snapshot is None else _ratings(snapshot, mute)
    if snapshot is None or not lent:
        return harvests, statuses
    return {**harvests, **lent}, tuple(
        evolve(
            status,
            state="snapshot",
            fetched_at=snapshot.checked_at,
            as_of=lent[status.name].as_of,
            rated=len(lent[status.name].ratings),
        )
        if status.name in lent
        else status
        for status in statuses
    )


def _ratings(snapshot: Catalog, sources: list[str]) -> dict[str, Harvest]:
    """Collect what the embedded catalog has of each source, in order of names."""
    # Hosts of one model share their ratings.
    shared = {id(model.ratings): model.ratings for model in snapshot}
    found: dict[str, dict[tuple[str, str, str], RatedModel]] = {}
    for rating in (one for ratings in shared.values() for one in ratings):
        if rating.source in sources and rating.basis == "measured":
            place = rating.name, rating.board, rating.category
            found.setdefault(rating.source, {})[place] = RatedModel(
                name=rating.name,
                board=rating.board,
                category=rating.category,
                score=rating.score,
                ci_low=rating.ci_low,
                ci_high=rating.ci_high,
                votes=rating.votes,
                published_on=rating.published_on,
            )
    return {
        source: Harvest(
            ratings=tuple(rated for _, rated in sorted(ratings.items())),
            as_of=max(r.published_on or "" for r in ratings.values()) or None,
        )
        for source, ratings in found.items()
    }
