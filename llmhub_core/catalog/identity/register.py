"""The register of groups: rows of one model come in, groups go out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count

from attrs import evolve

from llmhub_core.catalog.identity.lexicon import lexicon
from llmhub_core.catalog.identity.lineage import predecessors
from llmhub_core.catalog.identity.member import Member, by, known_efforts, reasons
from llmhub_core.catalog.identity.modes import (
    doubt_ambiguous_modes,
    doubt_untuned,
    is_untuned_name,
    settle_modes,
)
from llmhub_core.catalog.identity.reading import Reading
from llmhub_core.catalog.identity.records import (
    Candidate,
    Group,
    Grouping,
    Placement,
)
from llmhub_core.catalog.identity.settle import settle_previews, settle_snapshots
from llmhub_core.catalog.identity.signature import (
    Signature,
    Stamp,
    marks_of,
    words_of,
)
from llmhub_core.catalog.identity.snapshots import is_near
from llmhub_core.catalog.identity.tables import Tables
from llmhub_core.catalog.identity.tokens import is_version

__all__ = ["Register"]

Face = tuple[
    Stamp | None, bool, bool, int | None, bool | None, str
]  # stamp, preview, latest, revision, thinking, plain or empty


class Register:
    """Collects groups, placements and candidates."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}
        self.placements: dict[str, Placement] = {}
        self.candidates: dict[str, list[Candidate]] = {}

    def add(self, stem: str, members: list[Member]) -> None:
        """Add the rows of one lab, stem and size."""
        dated = self._sound(settle_snapshots(members))
        undated = settle_previews([m for m in dated if not m.signature.stamp])
        dated = [member for member in dated if member.signature.stamp]
        sound = self._sound([*dated, *undated])
        vendor_stamps = tuple(
            sorted(
                {
                    member.signature.stamp
                    for member in sound
                    if member.reading.is_vendor and member.signature.stamp
                },
                key=str,
            )
        )
        faces: dict[Face, list[Member]] = {}
        for base, alike in by(sound, _base).items():
            clear = self._sound(doubt_ambiguous_modes(doubt_untuned(alike)))
            for member, thinking, kind in settle_modes(clear):
                faces.setdefault((*base, thinking, kind), []).append(member)
        is_open = any(face[0] is None and not face[2] for face in faces)
        for face, alike in sorted(faces.items(), key=lambda item: str(item[0])):
            self._close(stem, face, alike, vendor_stamps, is_dated=is_open)

    def _sound(self, members: Iterable[Member]) -> list[Member]:
        """Set the members aside that can't be trusted; return the others."""
        kept = []
        for member in members:
            if member.suspicion is None:
                kept.append(member)
            else:
                self.set_aside(evolve(member.reading, suspicion=member.suspicion))
        return kept

    def _close(
        self,
        stem: str,
        face: Face,
        members: list[Member],
        vendor_stamps: tuple[Stamp, ...],
        *,
        is_dated: bool,
    ) -> None:
        stamp, _, latest, revision, thinking, kind = face
        undated = [member for member in members if member.is_undated]
        signature = _common(members, face)
        short = _slug(signature, kind, is_dated=is_dated or not undated)
        group_id = self._unused(short, _slug(signature, kind, is_dated=True))
        self.groups[group_id] = Group(
            id=group_id,
            vendor=signature.vendor,
            signature=signature,
            rows=tuple(sorted(member.reading.row_id for member in members)),
            released=_released(stamp, members),
        )
        for member in members:
            self.placements[member.reading.row_id] = Placement(
                row_id=member.reading.row_id,
                group=group_id,
                thinking=member.signature.thinking,
                effort=member.effort or member.signature.effort,
                serving=member.signature.serving,
                rules=member.rules,
            )
        self.candidates.setdefault(stem, []).append(
            Candidate(
                group=group_id,
                vendor=signature.vendor,
                at_vendor=any(member.reading.is_vendor for member in members),
                sizes=signature.sizes,
                unsized=any(map(_is_unsized, members)),
                stamps=(stamp,) if stamp else (),
                undated=bool(undated),
                vendor_updates=tuple(
                    sorted(
                        member.reading.row.last_updated
                        for member in undated
                        if member.reading.is_vendor and member.reading.row.last_updated
                    )
                ),
                vendor_stamps=vendor_stamps,
                is_undatable=_is_undatable(members, signature),
                preview=all(member.signature.preview for member in members),
                latest=latest,
                revision=revision,
                says_first=any(m.signature.revision == 1 for m in members),
                thinking=thinking,
                plain=kind == "plain",
                untuned=all(map(is_untuned_name, members)),
                reasoning=_reasons(members),
                efforts=known_efforts(members),
                instruct=any(m.signature.chat_format == "instruct" for m in members),
            )
        )

    def set_aside(self, reading: Reading) -> None:
        """Give a row that can't be trusted a group of its own, without ratings."""
        group_id = f"{reading.row_id}?"
        self.groups[group_id] = Group(
            id=group_id,
            vendor=reading.signature.vendor,
            signature=reading.signature,
            rows=(reading.row_id,),
        )
        self.placements[reading.row_id] = Placement(
            row_id=reading.row_id,
            group=group_id,
            thinking=reading.signature.thinking,
            serving=reading.signature.serving,
            suspicion=reading.suspicion,
            rules=reading.rules,
        )

    def _unused(self, *wished: str) -> str:
        """Return the first id that no group has, numbered if all are taken."""
        numbered = (f"{wished[-1]}~{number}" for number in count(2))
        return next(i for i in chain(wished, numbered) if i not in self.groups)

    def grouping(self, learned: Tables, readings: Sequence[Reading]) -> Grouping:
        """Close the books."""
        before = predecessors(self.groups.values())
        return Grouping(
            groups={
                group_id: evolve(found, predecessor=before[group_id])
                if group_id in before
                else found
                for group_id, found in sorted(self.groups.items())
            },
            placements=dict(sorted(self.placements.items())),
            candidates={
                stem: tuple(found) for stem, found in sorted(self.candidates.items())
            },
            versions=_versions(readings),
            learned=learned,
        )


def _base(
    member: Member,
) -> tuple[Stamp | None, bool, bool, int | None]:
    signature = member.signature
    revision = signature.revision if (signature.revision or 1) > 1 else None
    preview = signature.preview and signature.stamp is None
    return signature.stamp, preview, signature.latest, revision


def _reasons(members: Sequence[Member]) -> bool | None:
    """Whether a group reasons: it does where ids pin its thinking mode."""
    if any(member.signature.thinking for member in members):
        return True
    unpinned = [member for member in members if member.signature.thinking is None]
    return reasons(unpinned or members)


def _released(stamp: Stamp | None, members: Sequence[Member]) -> str | None:
    """Return the day on which a group came out: its date's, the lab's, most hosts'.

    A day that contradicts the date in the name is none: hosts give the day of the
    first snapshot for all.
    """
    if stamp is not None and stamp.year is not None and stamp.day is not None:
        return f"{stamp.year}-{stamp.month:02}-{stamp.day:02}"
    for shops in (True, False):
        dates = Counter(
            date
            for member in members
            if member.reading.is_vendor is shops
            and (date := member.reading.row.release_date)
            and (stamp is None or is_near(stamp, date))
        )
        if dates:
            return min(dates, key=lambda date: (-dates[date], date))
    return None


def _is_undatable(members: Sequence[Member], signature: Signature) -> bool:
    """Whether only names could date a group; ChatGPT's own models float."""
    return (
        lexicon().dates_releases(signature.vendor)
        and not signature.latest
        and any(map(is_version, signature.stem.split()))
        and signature.core[-1] != "chat"
        and not any(
            member.reading.row.release_date or member.reading.row.last_updated
            for member in members
        )
    )


def _is_unsized(member: Member) -> bool:
    reading = member.reading
    return (
        reading.named_sizes
        or not reading.signature.sizes
        or (reading.is_vendor and reading.unsized_name)
    )


def _common(members: Sequence[Member], face: Face) -> Signature:
    """Return what all rows of a group share, spelled as the lab spells it."""
    stamp, _, latest, revision, thinking, _ = face
    at_vendor = [member for member in members if member.reading.is_vendor]
    spellings = Counter(member.signature.core for member in at_vendor or members)
    core = min(spellings, key=lambda spelling: (-spellings[spelling], spelling))
    first = members[0].signature
    return Signature(
        vendor=first.vendor,
        core=core,
        stem=first.stem,
        sizes=first.sizes,
        stamp=stamp,
        thinking=thinking,
        preview=all(member.signature.preview for member in members),
        latest=latest,
        revision=revision,
    )


def _slug(signature: Signature, kind: str, *, is_dated: bool) -> str:
    """Write a group's id: ``openai/gpt-4o-mini``, dated only where all rows are."""
    shown = signature if is_dated else evolve(signature, stamp=None)
    slug = "-".join(shown.key.split())
    if kind == "plain":
        slug += "-plain"
    return slug if signature.vendor else f"unknown/{slug}"


def _versions(readings: Iterable[Reading]) -> Mapping[str, frozenset[str]]:
    """Collect the versions and dates seen beside each set of words."""
    found: dict[str, set[str]] = {}
    for reading in readings:
        words = words_of(reading.signature)
        found.setdefault(words, set()).update(marks_of(reading.signature))
    return {words: frozenset(marks) for words, marks in sorted(found.items())}
