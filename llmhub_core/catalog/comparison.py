"""What changed between the last refresh and this one.

Only what somebody really said counts. A field is compared when those who told it
then and those who tell it now have all answered; a model is gone when everybody
who listed it has answered and lists it no more. What is told for the first time
by a source that was never heard before is news of us, not of the world.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve, field, frozen

from llmhub_core.catalog.standing import FIELDS, KINDS, Answers, Standing, stand
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.history import Change, Tombstone

__all__ = ["KEPT_DAYS", "History", "advance"]

#: How long changes and tombstones are kept.
KEPT_DAYS = 400
_MOST_CHANGES = 50_000

_CALLABLE = FIELDS.index("callable")
_SCORE = FIELDS.index("arena_score")
_LOW, _HIGH = FIELDS.index("arena_ci_low"), FIELDS.index("arena_ci_high")
_ON_TOMBSTONES = (
    "display_name",
    "family",
    "group",
    "kind",
    "status",
    "release_date",
    "price_input_per_million",
    "price_output_per_million",
)


@frozen(kw_only=True)
class History:
    """What was seen of all models, up to one refresh.

    Attributes:
        checked_at: Time of that refresh, ISO 8601 UTC.
        made_with: What its catalog depends on beside the answers: see
            :func:`llmhub_core.catalog.freshness.fingerprint`.
        heard: Everybody who ever answered in full under the same conditions.
        standings: Every model that is listed, by id, and those that are missing
            while somebody who lists them is silent.
        tombstones: Every model that is gone, by id.
        changes: What was found different, oldest first.
    """

    checked_at: str
    made_with: str
    heard: frozenset[str] = frozenset()
    standings: Mapping[str, Standing] = field(factory=dict, repr=False)
    tombstones: Mapping[str, Tombstone] = field(factory=dict, repr=False)
    changes: tuple[Change, ...] = field(default=(), repr=False)


def advance(
    before: History | None, catalog: Catalog, answers: Answers, made_with: str
) -> History:
    """Take down a new catalog, and what it changes.

    The first catalog, and one that was made under other conditions (other plugins,
    versions, options or tables), is taken down as it is: what it has or lacks is
    nobody's news. Changes and tombstones from before stay.

    Args:
        before: The history so far, or None.
        catalog: The new catalog; its ``checked_at`` is now.
        answers: Who answered for it.
        made_with: The conditions that it was made under.
    """
    at = catalog.checked_at
    if before is None:
        before = History(checked_at=at, made_with="")
    comparable = before.made_with == made_with
    known = before.standings if comparable else {}
    heard = before.heard if comparable else frozenset()
    standings: dict[str, Standing] = {}
    found: list[Change] = []
    for model in catalog:
        name, new = model.canonical_id, stand(model, answers)
        old = known.get(name)
        if old is None:
            if new.listers & answers.listers & heard:
                found.append(Change(found_at=at, canonical_id=name, kind="added"))
            standings[name] = new
            continue
        standings[name], differing = _compared(old, new, answers.listers, heard)
        found += [
            Change(
                found_at=at,
                canonical_id=name,
                kind=KINDS[what],
                field=what,
                before=old[what],
                after=new[what],
            )
            for what in differing
        ]
    tombstones = {
        name: stone
        for name, stone in before.tombstones.items()
        if name not in standings
    }
    for name in [name for name in known if name not in standings]:
        last_at = known[name].last_listed_at or before.checked_at
        left = known[name].listers - answers.listers
        last = evolve(known[name], listers=left, last_listed_at=last_at)
        if left:
            standings[name] = last
        else:
            found.append(Change(found_at=at, canonical_id=name, kind="removed"))
            tombstones[name] = _tombstone(name, known[name], last_at, at)
    found.sort(key=lambda change: (change.canonical_id, change.field or ""))
    return _pruned(
        History(
            checked_at=at,
            made_with=made_with,
            heard=heard | answers.listers,
            standings=standings,
            tombstones=tombstones,
            changes=(*before.changes, *found),
        )
    )


def _compared(
    old: Standing, new: Standing, answered: frozenset[str], heard: frozenset[str]
) -> tuple[Standing, list[str]]:
    """Return what is known of a model now, and the fields that really changed."""
    listers = new.listers | (old.listers - answered)
    if old.values == new.values and old.told_by == new.told_by:
        return evolve(new, listers=listers), []
    values, told_by = list(new.values), list(new.told_by)
    differing = []
    for index, (what, then, now) in enumerate(
        zip(KINDS, old.told_by, new.told_by, strict=True)
    ):
        if then is not None and then not in answered:
            stays = True  # who told it may still mean it
        elif old.values[index] == new.values[index]:
            stays = False
        elif index == _SCORE and not _moved(old, new):
            # The old interval stays the measure, or many small steps would hide
            # a long way.
            stays = True
        else:
            stays = False
            # Whether a model can be called is unknown while nobody is asked.
            asked = index != _CALLABLE or then is not None
            if asked and (now is None or now in answered & heard):
                differing.append(what)
        if stays:
            for place in (_SCORE, _LOW, _HIGH) if index == _SCORE else (index,):
                values[place] = old.values[place]
            told_by[index] = then
    return Standing(listers, tuple(values), tuple(told_by)), differing


def _moved(old: Standing, new: Standing) -> bool:
    """Whether a rating lies outside the interval that it had."""
    was, now = old.values[_SCORE], new.values[_SCORE]
    if was is None or now is None:
        return True
    low, high = old.values[_LOW], old.values[_HIGH]
    return bool(now < (was if low is None else low) or now > (high or was))


def _tombstone(name: str, last: Standing, last_at: str, at: str) -> Tombstone:
    return Tombstone(
        canonical_id=name,
        last_listed_at=last_at,
        gone_at=at,
        listed_by=tuple(sorted(last.listers)),
        **{what: last[what] for what in _ON_TOMBSTONES},
    )


def _pruned(history: History) -> History:
    oldest = _days_before(history.checked_at, KEPT_DAYS)
    return evolve(
        history,
        standings=_kept(history.standings, oldest, "last_listed_at"),
        tombstones=_kept(history.tombstones, oldest, "gone_at"),
        changes=_recent(history.changes, oldest)[-_MOST_CHANGES:],
    )


def _kept(things: Mapping[str, Any], oldest: str, when: str) -> Mapping[str, Any]:
    return {
        name: thing
        for name, thing in things.items()
        if (moment := getattr(thing, when)) is None or moment >= oldest
    }


def _recent(changes: Iterable[Change], oldest: str) -> tuple[Change, ...]:
    return tuple(change for change in changes if change.found_at >= oldest)


def _days_before(moment: str, days: int) -> str:
    then = datetime.fromisoformat(moment) - timedelta(days=days)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")
