"""The catalog of all models, and what did not become part of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from attrs import field, frozen

from llmhub_core.records.model import CanonicalModel

__all__ = ["Catalog", "Refusal", "SourceState", "SourceStatus", "Unmatched"]

SourceState = Literal["fresh", "cached", "stale", "skipped", "snapshot"]


@frozen(kw_only=True)
class Refusal:
    """One record of a source, or one field of it, that did not enter the catalog.

    Attributes:
        source: Name of the source plugin; empty while the source itself speaks.
        record: The id of the record in that source.
        reason: Why it was refused, in words.
        field: The refused field as the source calls it, such as ``cost.input``:
            that fact is unknown and the rest of the record stands. None when the
            whole record was refused.
    """

    record: str
    reason: str
    source: str = ""
    field: str | None = None


@frozen(kw_only=True)
class Unmatched:
    """A rated name for which no served model was found.

    Attributes:
        name: The name on the board.
        board: The board.
        reason: ``no-row``, ``denied`` or ``ambiguous``.
        detail: The same in a sentence.
        candidates: Ids of the groups that came near or can't be told apart.
    """

    name: str
    board: str
    reason: str
    detail: str = ""
    candidates: tuple[str, ...] = ()


@frozen(kw_only=True)
class SourceStatus:
    """What one source contributed to a catalog.

    Attributes:
        name: Name of the source plugin.
        distribution: Distribution that installed it.
        version: Version of that distribution.
        state: ``fresh`` (transferred now), ``cached`` (revalidated, unchanged),
            ``stale`` (failed now, older answer used), ``skipped`` (failed and
            nothing to fall back on) or ``snapshot`` (embedded with the package).
        fetched_at: When its newest payload was transferred, ISO 8601 UTC.
        as_of: Date that the data itself carries, or None.
        reason: Why it is stale or skipped; None when all is well.
        served: Number of served models it described.
        rated: Number of ratings it gave.
        refused: Number of its records that were refused.
        transferred_bytes: Bytes that came over the network this time.
        notes: Remarks for the user, such as a provider that did not answer.
    """

    name: str
    state: SourceState
    distribution: str | None = None
    version: str | None = None
    fetched_at: str | None = None
    as_of: str | None = None
    reason: str | None = None
    served: int = 0
    rated: int = 0
    refused: int = 0
    transferred_bytes: int = 0
    notes: tuple[str, ...] = ()


def _count(values: tuple[object, ...]) -> str:
    return f"<{len(values)}>"


@frozen(kw_only=True)
class Catalog:
    """All fused models, in canonical-id order, and how they came about.

    Attributes:
        models: Sorted by ``canonical_id``, each id once.
        sources: Sorted by name.
        refused: Records that did not enter, with reasons.
        unmatched: Rated names without a served model.
        digest: SHA-256 of the content; equal digests mean equal models.
        checked_at: When the sources were last asked, ISO 8601 UTC; not part of
            the digest.
        origin: ``built``, ``cache`` or ``snapshot``.
    """

    # The repr counts: written out, 5,000 models take half a second, and asyncio
    # asks for the repr of a task's result when it installs its signal handler.
    models: tuple[CanonicalModel, ...] = field(repr=_count)
    sources: tuple[SourceStatus, ...] = ()
    refused: tuple[Refusal, ...] = field(default=(), repr=_count)
    unmatched: tuple[Unmatched, ...] = field(default=(), repr=_count)
    digest: str = ""
    checked_at: str = ""
    origin: Literal["built", "cache", "snapshot"] = "built"
    _by_id: Mapping[str, CanonicalModel] = field(
        init=False, repr=False, eq=False, hash=False
    )

    @_by_id.default
    def _index(self) -> Mapping[str, CanonicalModel]:
        return {model.canonical_id: model for model in self.models}

    def __len__(self) -> int:
        return len(self.models)

    def __iter__(self) -> Iterator[CanonicalModel]:
        return iter(self.models)

    def get(self, canonical_id: str) -> CanonicalModel | None:
        """Return the model of that canonical id, or None."""
        return self._by_id.get(canonical_id)
