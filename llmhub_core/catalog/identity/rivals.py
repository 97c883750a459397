"""What speaks against a join: other names on the boards and in the market."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from llmhub_core.catalog.identity.lexicon import lexicon
from llmhub_core.catalog.identity.naming import effort_reading
from llmhub_core.catalog.identity.records import Candidate, Grouping
from llmhub_core.catalog.identity.rules import is_near_labs_row
from llmhub_core.catalog.identity.signature import (
    Signature,
    Stamp,
    marks_of,
    words_of,
)
from llmhub_core.catalog.identity.tokens import is_version

__all__ = ["Rivals"]

_SAME_RELEASE_DAYS = 3


class Rivals:
    """Tells names that float and groups that another rated name claims.

    Attributes:
        stamps: Dates that rated names carry, by stem.
    """

    def __init__(self, grouping: Grouping, rated: Sequence[Signature]) -> None:
        self.candidates = grouping.candidates
        self.marks = _marks(grouping.versions, rated)
        self.revised = _revised(grouping.candidates, rated)
        self.previews = {one.stem for one in rated if one.preview and one.stamp is None}
        self.undated = {
            one.stem for one in rated if one.stamp is None and not one.preview
        }
        self.stamps: dict[str, set[Stamp]] = {}
        for one in rated:
            for reading in (one, effort_reading(one)):
                if reading is not None and reading.stamp is not None:
                    self.stamps.setdefault(reading.stem, set()).add(reading.stamp)

    def floats(self, signature: Signature) -> str:
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
        floats = bool(marks) or words in lexicon().floating
        return "the bare name has meant several models" if floats else ""

    def claim(
        self, signature: Signature, candidate: Candidate, applied: tuple[str, ...]
    ) -> str:
        """Say which other rated name has the better claim on a group, or nothing."""
        stem = signature.stem
        if "only-the-preview-is-served" in applied and stem in self.previews:
            return "it is the preview, which has a rating of its own"
        if (
            "first-revision" in applied
            and stem in self.revised
            and not candidate.says_first
        ):
            return "there are later revisions and the served name says none"
        if "only-known-date" in applied and (
            stem in self.undated
            or len(self.stamps.get(stem, ())) > 1
            or any(other.stamps for other in self.candidates[stem])
        ):
            return "it is not the only date known, and nothing else tells"
        if "date-of-the-labs-row" in applied and signature.stamp is not None:
            return self._rival_date(stem, signature.stamp, candidate)
        return ""

    def _rival_date(self, stem: str, stamp: Stamp, candidate: Candidate) -> str:
        if any(
            not stamp.agrees_with(other) and is_near_labs_row(other, candidate)
            for other in self.stamps.get(stem, ())
        ):
            return "another rated date fits the lab's row as well"
        if stem in self.undated and not is_near_labs_row(
            stamp, candidate, within_days=_SAME_RELEASE_DAYS
        ):
            return "the undated model, of about that date, has a rating of its own"
        return ""


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
