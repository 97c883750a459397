"""Hosts that say otherwise of the same weights than those who should know.

The source's record of the underlying model should know best, then the lab that made
it, then what most hosts say. Nothing of a row is replaced: the host may have changed
the model, or have made a mistake, and only a reader can tell which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from attrs import evolve

from llmhub_core.catalog.likeness import alike, written
from llmhub_core.catalog.merge import Merged
from llmhub_core.catalog.underlying import Saying
from llmhub_core.records.model import Conflict

__all__ = ["dissent", "reference"]

#: A host names its own family and dates its own offer; that contradicts nobody.
_COMPARED = ("kind", "supports_reasoning", "knowledge_cutoff", "open_weights")


def reference(
    rows: Mapping[str, Merged], at_lab: Collection[str]
) -> dict[str, tuple[Saying, ...]]:
    """Choose what the hosts of one model are held against.

    Args:
        rows: What is known of each row, by row id in order.
        at_lab: Ids of the rows of the lab that made the model.

    Returns:
        For each fact on which they differ the lab's own value, else the one that
        most hosts give; of equally frequent ones the one of the first row.
    """
    found: dict[str, tuple[Saying, ...]] = {}
    for name in _COMPARED:
        known = [row_id for row_id, row in rows.items() if name in row.values]
        values = Counter(rows[row_id].values[name] for row_id in known)
        if len(values) < 2:
            continue
        own = [row_id for row_id in known if row_id in at_lab]
        counts = Counter(rows[row_id].values[name] for row_id in own or known)
        (value, _) = counts.most_common(1)[0]
        first = next(i for i in own or known if rows[i].values[name] == value)
        origin = evolve(rows[first].provenance[name], via="group")
        found[name] = (Saying(value=value, origin=origin, said_of=first),)
    return found


def dissent(
    row: Merged, sayings: Mapping[str, Sequence[Saying]], *, pinned: bool
) -> tuple[Conflict, ...]:
    """List what is said of the weights, and not by this row.

    Args:
        row: What is known of it, loans included.
        sayings: By field, from those who should know.
        pinned: The row is one mode of the model, so that whether it reasons is not
            a fact of the weights.
    """
    return tuple(
        Conflict(
            field=name,
            kept=written(row.values[name]),
            kept_from=row.provenance[name],
            lost=written(saying.value),
            lost_from=saying.origin,
            said_of=saying.said_of,
        )
        for name, said in sayings.items()
        if name in row.values
        and not (pinned and name == "supports_reasoning")
        and (name in _COMPARED or row.provenance[name].via is not None)
        for saying in said
        if not alike(name, row.values[name], saying.value)
    )
