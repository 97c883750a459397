"""Which ratings count: of one board and category one edition, the newest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from attrs import frozen

from llmhub_core.catalog.precedence import Precedence
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.observation import Harvest, RatedModel

__all__ = ["Boards", "RatedBy", "newest_boards"]


@frozen(kw_only=True)
class RatedBy:
    """One rating and the source that brought it."""

    source: str
    rated: RatedModel


@frozen(kw_only=True)
class Boards:
    """The ratings that count, and those that do not.

    Attributes:
        ratings: Each name at most once per board and category, in that order.
        refused: The others, each with the reason.
    """

    ratings: tuple[RatedBy, ...]
    refused: tuple[Refusal, ...]


def newest_boards(harvests: Mapping[str, Harvest], precedence: Precedence) -> Boards:
    """Choose one edition of every board and category.

    Ratings of two days, or of two sources, are two scales: of those that overlap
    the newest counts as a whole, and on one day the source that comes first.

    Args:
        harvests: By source name, in any order.
        precedence: The order of sources, for the field ``ratings``.
    """
    editions: dict[tuple[str, str], dict[tuple[str, str], list[RatedModel]]] = {}
    for source, harvest in harvests.items():
        for rated in harvest.ratings:
            edition = (rated.published_on or "", source)
            scale = editions.setdefault((rated.board, rated.category), {})
            scale.setdefault(edition, []).append(rated)
    kept: list[RatedBy] = []
    refused: list[Refusal] = []
    for _, scale in sorted(editions.items()):
        newest_day = max(day for day, _ in scale)
        _, first = min(
            precedence.rank("ratings", source)
            for day, source in scale
            if day == newest_day
        )
        for (day, source), ratings in sorted(scale.items()):
            if (day, source) == (newest_day, first):
                names, twins = _named_once(source, ratings)
                kept += names
                refused += twins
            else:
                reason = f"{first}'s board of {newest_day or 'no date'} counts"
                refused += [_refused(source, rated, reason) for rated in ratings]
    return Boards(ratings=tuple(kept), refused=tuple(refused))


def _named_once(
    source: str, ratings: list[RatedModel]
) -> tuple[list[RatedBy], list[Refusal]]:
    named: dict[tuple[str, str], list[RatedModel]] = defaultdict(list)
    for rated in ratings:
        named[rated.name, rated.organization or ""].append(rated)
    kept: list[RatedBy] = []
    refused: list[Refusal] = []
    for _, (first, *others) in sorted(named.items()):
        if others:
            first, *others = sorted((first, *others), key=repr)  # noqa: PLW2901
        kept.append(RatedBy(source=source, rated=first))
        refused += [_refused(source, rated, "is listed twice") for rated in others]
    return kept, refused


def _refused(source: str, rated: RatedModel, reason: str) -> Refusal:
    record = f"{rated.board}/{rated.category}/{rated.name}"
    return Refusal(source=source, record=record, reason=reason)
