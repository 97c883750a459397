"""Which dated and undated names of one model mean the same snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from llmhub_core.catalog.identity.dates import days_between
from llmhub_core.catalog.identity.lexicon import lexicon
from llmhub_core.catalog.identity.reading import Reading
from llmhub_core.catalog.identity.signature import Stamp
from llmhub_core.catalog.identity.tokens import is_version

__all__ = ["canonical_stamps", "is_near", "snapshot_of_undated", "window_days"]

_FULL_DATE_DAYS = 31
_SHORT_DATE_DAYS = 3


def window_days(stamp: Stamp) -> int:
    """How far a release may lie from a date in a name that means it.

    Labs date a snapshot when it is frozen and release it within the month. A date
    without a year must hit nearly the day, one without a day the month.
    """
    if stamp.day is None:
        return 0
    return _SHORT_DATE_DAYS if stamp.year is None else _FULL_DATE_DAYS


def canonical_stamps(stamps: Iterable[Stamp]) -> dict[Stamp, Stamp]:
    """Map every stamp to the fullest one that it agrees with.

    ``0905`` is ``2025-09-05`` where that is the only date it can mean; where it
    could mean two it stays itself.
    """
    distinct = sorted(set(stamps), key=str)
    found: dict[Stamp, Stamp] = {}
    for stamp in distinct:
        fuller = [
            other
            for other in distinct
            if other != stamp and _says_more(other, stamp) and stamp.agrees_with(other)
        ]
        found[stamp] = fuller[0] if len(fuller) == 1 else stamp
    return {stamp: found[found[stamp]] for stamp in distinct}


def _says_more(one: Stamp, other: Stamp) -> bool:
    return sum(part is not None for part in (one.year, one.day)) > sum(
        part is not None for part in (other.year, other.day)
    )


def snapshot_of_undated(
    undated: Sequence[Reading], dated: Sequence[Reading], stamps: Sequence[Stamp]
) -> dict[str, Stamp]:
    """Tell which snapshot the undated rows of one name mean.

    The lab's own undated row decides for every host: it means the snapshot whose
    date lies near its last update, if the lab lists no other. Without one, and
    with one snapshot known, a host's row means it when it came out on that day;
    and when most did, all of them mean it.

    Args:
        undated: Rows without a date, all previews or all not.
        dated: Rows of the same name with one, likewise.
        stamps: The canonical dates of ``dated``.

    Returns:
        The snapshot by row id; rows that can't be told are left out.
    """
    if not undated or not stamps:
        return {}
    at_vendor = [reading for reading in undated if reading.is_vendor]
    if at_vendor:
        listed = {reading.signature.stamp for reading in dated if reading.is_vendor} - {
            None
        }
        hits = {
            stamp
            for stamp in stamps
            for reading in at_vendor
            if is_near(stamp, reading.row.last_updated)
        }
        if all(reading.row.last_updated is None for reading in at_vendor):
            hits = _only_release(at_vendor[0], stamps)
        if len(hits) != 1 or any(
            not stamp.agrees_with(hit) for stamp in listed if stamp for hit in hits
        ):
            return {}
        (hit,) = hits
        return {reading.row_id: hit for reading in undated}
    if len(stamps) != 1:
        return {}
    (only,) = stamps
    near = {r.row_id for r in undated if is_near(only, r.row.release_date)}
    known = sum(reading.row.release_date is not None for reading in undated)
    is_alone = not known and bool(_only_release(undated[0], stamps))
    if is_alone or 2 * len(near) > known:
        near = {reading.row_id for reading in undated}
    elif only.day is None:
        near = set()
    return dict.fromkeys(sorted(near), only)


def _only_release(reading: Reading, stamps: Sequence[Stamp]) -> set[Stamp]:
    """Return the snapshot that an undated name means where nothing dates it.

    Labs that date every release give the alias of its only snapshot no other
    meaning. Brands without a version float all the same.
    """
    signature = reading.signature
    if len(stamps) != 1 or not lexicon().dates_releases(signature.vendor):
        return set()
    if not any(map(is_version, signature.stem.split())):
        return set()
    return {stamp for stamp in stamps if _is_full(stamp)}


def _is_full(stamp: Stamp) -> bool:
    return stamp.year is not None and stamp.day is not None


def is_near(stamp: Stamp, date: str | None) -> bool:
    """Whether a release of that day can be what a date in a name means."""
    distance = days_between(stamp, date)
    return distance is not None and distance <= window_days(stamp)
