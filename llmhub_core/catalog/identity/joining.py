"""Rated names to underlying models: equality of signatures, never similarity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve, frozen

from llmhub_core.catalog.identity.exceptions import load_tables
from llmhub_core.catalog.identity.lexicon import lexicon
from llmhub_core.catalog.identity.naming import effort_reading, parse_name
from llmhub_core.catalog.identity.ratings import carries
from llmhub_core.catalog.identity.records import (
    Candidate,
    Group,
    Grouping,
    Join,
    JoinResult,
    Label,
    RatedName,
    Unmatched,
)
from llmhub_core.catalog.identity.rivals import Rivals
from llmhub_core.catalog.identity.rules import judge
from llmhub_core.catalog.identity.signature import Signature
from llmhub_core.catalog.identity.tables import Tables

__all__ = ["join"]


@frozen(kw_only=True)
class _Found:
    """What a rated name was found to mean, or why nothing."""

    signature: Signature
    rules: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    obstacles: tuple[tuple[str, str], ...] = ()


def join(
    rated: Iterable[RatedName], grouping: Grouping, tables: Tables | None = None
) -> JoinResult:
    """Find the underlying model of every rated name.

    A name is read as a model first (``qwen3-max``); only when no model has that
    name, its last word is read as an effort (``gpt-5.1-high``). The lab's own row
    decides; hosts carry the rating through the group.

    Args:
        rated: Names on boards, in any order; repetitions are dropped.
        grouping: Where to look, from ``group``.
        tables: Aliases and denials; the packaged ones when None.

    Returns:
        Every name once, joined or unmatched with a reason.
    """
    tables = tables or load_tables()
    names = sorted(set(rated), key=lambda one: (one.name, one.organization, one.board))
    seeker = _Seeker(grouping, tables, names)
    found: dict[tuple[str, str], _Found] = {}
    joins: list[Join] = []
    unmatched: list[Unmatched] = []
    for one in names:
        key = (one.name, one.organization)
        if key not in found:
            found[key] = seeker.seek(one)
        outcome = seeker.conclude(one, found[key])
        if isinstance(outcome, Join):
            joins.append(outcome)
        else:
            unmatched.append(outcome)
    return JoinResult(joins=tuple(joins), unmatched=tuple(unmatched))


class _Seeker:
    """Looks rated names up in a grouping."""

    def __init__(
        self, grouping: Grouping, tables: Tables, names: Sequence[RatedName]
    ) -> None:
        self.grouping = grouping
        self.tables = tables
        self.words = lexicon()
        parsed = [parse_name(name) for name in sorted({one.name for one in names})]
        self.rivals = Rivals(grouping, parsed)
        self._carriers: dict[tuple[object, ...], tuple[str, ...]] = {}

    def seek(self, rated: RatedName) -> _Found:
        """Find the groups that a rated name can mean."""
        signature, rules = self._resolved(self._owned(parse_name(rated.name), rated))
        if signature.stem in self.grouping.candidates:
            return self._among(signature, rules)
        shorter = effort_reading(signature)
        if shorter is None:
            return _Found(signature=signature)
        shorter, more = self._resolved(shorter)
        found = self._among(shorter, (*rules, *more))
        known = found.candidates or found.obstacles
        return found if known else _Found(signature=signature)

    def _owned(self, signature: Signature, rated: RatedName) -> Signature:
        """Settle the lab by the board's organisation, where it names one."""
        lab = self.words.lab(rated.organization)
        return evolve(signature, vendor=lab) if lab else signature

    def _resolved(self, signature: Signature) -> tuple[Signature, tuple[str, ...]]:
        signature, alias = self.tables.resolve(signature)
        rules = ("alias",) if alias is not None else ()
        signature, learned = self.grouping.learned.resolve(signature)
        return signature, (*rules, "named-by-lab") if learned is not None else rules

    def _among(self, signature: Signature, rules: tuple[str, ...]) -> _Found:
        siblings = self.grouping.candidates.get(signature.stem, ())
        floats = self.rivals.floats(signature) if "alias" not in rules else ""
        if floats:
            return _Found(
                signature=signature,
                obstacles=tuple((sibling.group, floats) for sibling in siblings),
            )
        fitting: list[tuple[Candidate, tuple[str, ...]]] = []
        obstacles: list[tuple[str, str]] = []
        for sibling in siblings:
            applied, obstacle = judge(signature, sibling, siblings)
            obstacle = obstacle or self.rivals.claim(signature, sibling, applied)
            if obstacle:
                obstacles.append((sibling.group, obstacle))
            else:
                fitting.append((sibling, applied))
        fitting = _preferred(fitting)
        return _Found(
            signature=signature,
            rules=("same-name", *rules, *(fitting[0][1] if len(fitting) == 1 else ())),
            candidates=tuple(candidate for candidate, _ in fitting),
            obstacles=tuple(obstacles),
        )

    def conclude(self, rated: RatedName, found: _Found) -> Join | Unmatched:
        """Turn what was found into a join or the reason why there is none."""
        if len(found.candidates) > 1:
            ids = sorted(candidate.group for candidate in found.candidates)
            return Unmatched(
                rated=rated,
                reason="ambiguous",
                detail=f"could be {' or '.join(ids)}",
                candidates=tuple(ids),
            )
        if not found.candidates:
            near = sorted(found.obstacles)
            detail = "; ".join(f"{group}: {why}" for group, why in near[:3])
            return Unmatched(
                rated=rated,
                reason="no-row",
                detail=detail or f"nothing served is called {found.signature.key}",
                candidates=tuple(group for group, _ in near),
            )
        (candidate,) = found.candidates
        group = self.grouping.groups[candidate.group]
        denial = self.tables.denial(rated.name, [group.id])
        label = _label(found.signature)
        stem = found.signature.stem
        rivals = len(self.rivals.stamps.get(stem, ())) > 1
        rows = self.carriers(rated, group, label, rivals=rivals)
        if denial is not None or not rows:
            detail = denial.reason if denial else "no row of it can carry the rating"
            return Unmatched(
                rated=rated,
                reason="denied" if denial else "no-row",
                detail=detail,
                candidates=(group.id,),
            )
        where = "found-at-lab" if candidate.at_vendor else "found-at-hosts"
        return Join(
            rated=rated,
            group=group.id,
            rows=rows,
            label=label,
            rules=(*found.rules, where),
        )

    def carriers(
        self, rated: RatedName, group: Group, label: Label, *, rivals: bool
    ) -> tuple[str, ...]:
        """The rows of a group that can carry a rating of that mode and effort."""
        denials = self.tables.denials_of(rated.name)
        key = group.id, label.thinking, label.effort, rivals, denials
        if key not in self._carriers:  # names on many boards ask for the same
            self._carriers[key] = tuple(
                row_id
                for row_id in group.rows
                for placement in [self.grouping.placements[row_id]]
                if carries(placement, label)
                and not (rivals and "only-known-date" in placement.rules)
                and self.tables.denial(rated.name, [row_id]) is None
            )
        return self._carriers[key]


def _preferred(
    fitting: list[tuple[Candidate, tuple[str, ...]]],
) -> list[tuple[Candidate, tuple[str, ...]]]:
    """Prefer the exact date over a near one, then the lab's own over hosts'."""
    exact = [found for found in fitting if "same-date" in found[1]]
    fitting = exact or fitting
    at_vendor = [found for found in fitting if found[0].at_vendor]
    return at_vendor if len(at_vendor) == 1 else fitting


def _label(signature: Signature) -> Label:
    return Label(
        thinking=signature.thinking,
        budget=signature.budget,
        effort=signature.effort,
        stamp=str(signature.stamp) if signature.stamp is not None else None,
        preview=signature.preview,
        serving=signature.serving,
        settings=signature.settings,
    )
