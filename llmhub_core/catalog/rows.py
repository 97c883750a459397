"""Served models as rows: who speaks of which, and what a key alone brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from attrs import frozen

from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.catalog.merge import Voice
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Origin
from llmhub_core.records.observation import Harvest, ServedModel

__all__ = ["Row", "Rows", "collect_rows", "public"]


@frozen(kw_only=True)
class Row:
    """One served model.

    Attributes:
        row_id: Its canonical id.
        voices: What each source says of it, in order of their names.
        public: Those of them that everybody hears, whatever keys one has; empty
            when only sources that ask with the user's keys know the model.
        source_ids: Under which id each source knows it.
    """

    row_id: str
    voices: tuple[Voice, ...]
    public: tuple[Voice, ...]
    source_ids: Mapping[str, str]


@frozen(kw_only=True)
class Rows:
    """Every served model once, in canonical-id order, and the repetitions."""

    rows: tuple[Row, ...]
    refused: tuple[Refusal, ...]


def public(harvests: Mapping[str, Harvest]) -> dict[str, Harvest]:
    """Return what everybody hears: from sources that did not ask with keys."""
    return {source: told for source, told in harvests.items() if not told.probes}


def collect_rows(harvests: Mapping[str, Harvest]) -> Rows:
    """Put together what sources say of the same served model.

    Args:
        harvests: By source name, in any order.

    Returns:
        Each served observation in one row, or refused as a repetition.
    """
    found: dict[str, list[tuple[str, ServedModel]]] = defaultdict(list)
    for source in sorted(harvests):
        for served in harvests[source].served:
            row_id = f"{canonical_provider(served.provider)}:{served.model_id}"
            found[row_id].append((source, served))
    origins = {
        source: Origin(source=source, as_of=harvest.as_of)
        for source, harvest in harvests.items()
    }
    heard = public(harvests).keys()
    refused: list[Refusal] = []
    rows: list[Row] = []
    for row_id in sorted(found):
        said, repeated = _once(found[row_id])
        refused += repeated
        voices = tuple(
            [Voice(origin=origins[s], facts=served.facts) for s, served in said]
        )
        by_all = all(source in heard for source, _ in said)
        rows.append(
            Row(
                row_id=row_id,
                voices=voices,
                public=voices
                if by_all
                else tuple(one for one in voices if one.origin.source in heard),
                source_ids={source: served.record for source, served in said},
            )
        )
    return Rows(rows=tuple(rows), refused=tuple(refused))


def _once(
    said: Sequence[tuple[str, ServedModel]],
) -> tuple[Sequence[tuple[str, ServedModel]], list[Refusal]]:
    """Keep one observation per source, the same one in whatever order they came."""
    if len(said) == 1:
        return said, []
    kept: dict[str, ServedModel] = {}
    refused: list[Refusal] = []
    for source, served in sorted(said, key=lambda pair: (pair[0], _order(pair[1]))):
        if source in kept:
            reason = f"the same model as {kept[source].record}"
            refused.append(Refusal(source=source, record=served.record, reason=reason))
        else:
            kept[source] = served
    return tuple(kept.items()), refused


def _order(served: ServedModel) -> tuple[str, str]:
    return served.record, repr(served)
