"""Served rows to underlying models: the same weights at every host, one group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from llmhub_core.catalog.identity.exceptions import load_tables
from llmhub_core.catalog.identity.member import Member, by, fold_efforts
from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.catalog.identity.reading import Reading
from llmhub_core.catalog.identity.records import Grouping, ServedRow
from llmhub_core.catalog.identity.register import Register
from llmhub_core.catalog.identity.rows import read_rows
from llmhub_core.catalog.identity.settle import settle_sizes, settle_vendors
from llmhub_core.catalog.identity.signature import Signature
from llmhub_core.catalog.identity.tables import Alias, Tables

__all__ = ["group"]


def group(rows: Iterable[ServedRow], tables: Tables | None = None) -> Grouping:
    """Put every served row into the group of its underlying model.

    Args:
        rows: Served rows in any order; of rows with one id the first in sorted
            order counts.
        tables: Aliases and denials; the packaged ones when None.

    Returns:
        Groups, the place of every row, and what ``join`` needs.
    """
    tables = tables or load_tables()
    readings = read_rows(_distinct(rows), tables)
    learned = _learn(readings)
    members = [
        _member(reading, learned) for reading in readings if reading.suspicion is None
    ]
    suspicious = [reading for reading in readings if reading.suspicion is not None]
    register = Register()
    for stem, alike in sorted(
        by(fold_efforts(members), lambda member: member.signature.stem).items()
    ):
        settled = settle_vendors(alike)
        for _, of_lab in sorted(
            by(settled, lambda member: member.signature.vendor or "").items()
        ):
            sized = settle_sizes(of_lab)
            for _, of_size in sorted(
                by(sized, lambda member: member.signature.sizes).items()
            ):
                register.add(stem, of_size)
    for reading in suspicious:
        register.set_aside(reading)
    return register.grouping(learned, readings)


def _distinct(rows: Iterable[ServedRow]) -> list[ServedRow]:
    found: dict[tuple[str, str], ServedRow] = {}
    for row in sorted(rows, key=_row_key):
        found.setdefault((canonical_provider(row.provider), row.model_id), row)
    return list(found.values())


def _row_key(row: ServedRow) -> tuple[str, ...]:
    return (
        canonical_provider(row.provider),
        row.model_id,
        row.display_name or "",
        row.release_date or "",
        row.last_updated or "",
        str(row.reasoning),
        str(row.efforts),
    )


def _learn(readings: Sequence[Reading]) -> Tables:
    """Learn versions of dated snapshots from the labs' own display names.

    ``mistral-large-2512`` is called "Mistral Large 3" by Mistral, so
    ``mistral-large-3`` is that snapshot, at any host and on any board, and
    ``mistral-large-3-675b`` is where every host that gives a size gives that.
    """
    named: dict[str, dict[str, Alias]] = {}
    sizes: dict[str, set[tuple[str, ...]]] = {}
    for reading in readings:
        if reading.signature.sizes and not reading.suspicion:
            sizes.setdefault(reading.signature.stem, set()).add(reading.signature.sizes)
    for reading in readings:
        if reading.aka is None or not reading.is_vendor or reading.suspicion:
            continue
        bare = Signature(
            vendor=reading.aka.vendor, core=reading.aka.core, stem=reading.aka.stem
        )
        target = Signature(
            vendor=reading.signature.vendor,
            core=reading.signature.core,
            stem=reading.signature.stem,
            sizes=reading.signature.sizes,
            stamp=reading.signature.stamp,
        )
        given = sizes.get(bare.stem, set())
        named.setdefault(bare.stem, {})[target.key] = Alias(
            name=bare,
            target=target,
            released=None,
            sizes=next(iter(given)) if len(given) == 1 else (),
            reason=f"The lab's own name for it: {reading.row.display_name!r}.",
            origin=reading.row_id,
        )
    return Tables(
        aliases=tuple(
            next(iter(found.values()))
            for _, found in sorted(named.items())
            if len(found) == 1
        )
    )


def _member(reading: Reading, learned: Tables) -> Member:
    signature, alias = learned.resolve(reading.signature)
    rules = (*reading.rules, "named-by-lab") if alias is not None else reading.rules
    return Member(
        reading=reading,
        signature=signature,
        is_undated=signature.stamp is None,
        rules=rules,
    )
