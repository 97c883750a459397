"""Rated names to underlying models: equality of signatures, never similarity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, frozen

from llmhub_core.catalog.identity.exceptions import load_tables
from llmhub_core.catalog.identity.lexicon import lexicon
from llmhub_core.catalog.identity.parse import effort_reading, parse_name
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
from llmhub_core.catalog.identity.rules import is_near_labs_row, judge
from llmhub_core.catalog.identity.signature import (
    Signature,
    Stamp,
    marks_of,
    words_of,
)
from llmhub_core.catalog.identity.tables import Tables
from llmhub_core.catalog.identity.tokens import is_version

__all__ = ["join"]

_SAME_RELEASE_DAYS = 3


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
        self.marks = _marks(grouping.versions, parsed)
        self.revised = _revised(grouping.candidates, parsed)
        self.rated_previews = {
            one.stem for one in parsed if one.preview and one.stamp is None
        }
        self.rated_undated = {
            one.stem for one in parsed if one.stamp is None and not one.preview
        }
        self._carriers: dict[tuple[object, ...], tuple[str, ...]] = {}
        self.rated_stamps: dict[str, set[Stamp]] = {}
        for one in parsed:
            for reading in (one, effort_reading(one)):
                if reading is not None and reading.stamp is not None:
                    self.rated_stamps.setdefault(reading.stem, set()).add(reading.stamp)

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
        floats = self._floats(signature) if "alias" not in rules else ""
        if floats:
            return _Found(
                signature=signature,
                obstacles=tuple((sibling.group, floats) for sibling in siblings),
            )
        fitting: list[tuple[Candidate, tuple[str, ...]]] = []
        obstacles: list[tuple[str, str]] = []
        for sibling in siblings:
            applied, obstacle = judge(signature, sibling, siblings)
            obstacle = obstacle or self._rival(signature, sibling, applied)
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

    def _floats(self, signature: Signature) -> str:
        """Say why a name without a number of its own can't be told, or nothing.

        A bare brand (``gemini-pro``) means another model every year: the lexicon
        knows it, or other served and rated names show it. A size pins it, unless
        the weights were revised in place (``mistral-7b-instruct-v0.2``).
        """
        if (
            signature.stamp is not None
            or signature.revision is not None
            or any(map(is_version, signature.stem.split()))
        ):
            return ""
        words = words_of(signature)
        marks = self.marks.get(words, set())
        if signature.sizes:  # v0.1 is how weights start, and no revision yet
            marks = {m for m in marks if m.startswith("0.") and m != "0.1"}
        floats = bool(marks) or words in self.words.floating
        return "the bare name has meant several models" if floats else ""

    def _rival(
        self, signature: Signature, candidate: Candidate, applied: tuple[str, ...]
    ) -> str:
        """Say which other rated name has the better claim on a group, or nothing."""
        stem = signature.stem
        if "only-the-preview-is-served" in applied and stem in self.rated_previews:
            return "it is the preview, which has a rating of its own"
        if (
            "first-revision" in applied
            and stem in self.revised
            and not candidate.says_first
        ):
            return "there are later revisions and the served name says none"
        if "only-known-date" in applied and (
            stem in self.rated_undated
            or len(self.rated_stamps.get(stem, ())) > 1
            or any(other.stamps for other in self.grouping.candidates[stem])
        ):
            return "it is not the only date known, and nothing else tells"
        if "date-of-the-labs-row" in applied and signature.stamp is not None:
            return self._rival_date(stem, signature.stamp, candidate)
        return ""

    def _rival_date(self, stem: str, stamp: Stamp, candidate: Candidate) -> str:
        if any(
            not stamp.agrees_with(other) and is_near_labs_row(other, candidate)
            for other in self.rated_stamps.get(stem, ())
        ):
            return "another rated date fits the lab's row as well"
        if stem in self.rated_undated and not is_near_labs_row(
            stamp, candidate, within_days=_SAME_RELEASE_DAYS
        ):
            return "the undated model, of about that date, has a rating of its own"
        return ""

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
        rivals = len(self.rated_stamps.get(stem, ())) > 1
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


def _marks(
    versions: Mapping[str, frozenset[str]], parsed: Iterable[Signature]
) -> Mapping[str, set[str]]:
    """Collect versions and dates by words, over served and rated names."""
    marks = {words: set(found) for words, found in versions.items()}
    for signature in parsed:
        marks.setdefault(words_of(signature), set()).update(marks_of(signature))
    return marks


def _revised(
    candidates: Mapping[str, Sequence[Candidate]], parsed: Iterable[Signature]
) -> set[str]:
    """Collect the stems of which a later revision is served or rated."""
    served = {
        stem
        for stem, siblings in candidates.items()
        if any(sibling.revision for sibling in siblings)
    }
    return served | {one.stem for one in parsed if (one.revision or 1) > 1}


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
