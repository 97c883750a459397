"""Settling what rows of one stem leave open: lab, size, snapshot, preview."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from llmhub_core.catalog.identity.member import Member, by, reasons
from llmhub_core.catalog.identity.signature import Stamp
from llmhub_core.catalog.identity.sizes import is_part
from llmhub_core.catalog.identity.snapshots import (
    canonical_stamps,
    is_near,
    snapshot_of_undated,
)

__all__ = [
    "settle_previews",
    "settle_sizes",
    "settle_snapshots",
    "settle_vendors",
]


def settle_vendors(members: Sequence[Member]) -> list[Member]:
    """Give rows whose name carries no brand the only lab that others name."""
    vendors = {member.signature.vendor for member in members} - {None}
    if len(vendors) != 1:
        return list(members)
    (vendor,) = vendors
    return [
        member
        if member.signature.vendor
        else member.adopt("lab-from-others", vendor=vendor)
        for member in members
    ]


def settle_sizes(members: Sequence[Member]) -> list[Member]:
    """Complete sizes that a name gives in part or leaves out.

    In part (``235b`` of ``235b-a22b``): where one full size fits. Left out: where
    a row's id leaves it out and its display name gives it; or where there is one
    size and the lab, or two hosts, leave it out of the display name.
    """
    given = {member.signature.sizes for member in members} - {()}
    full = {size for size in given if not any(is_part(size, other) for other in given)}
    complete = {size: _completed(size, full, members) for size in given}
    meant = {
        complete[member.signature.sizes]
        for member in members
        if member.reading.named_sizes
    }
    if len(full) == 1 and _name_it_without(members):
        meant |= full
    settled = []
    for member in members:
        sizes = member.signature.sizes
        if not sizes and len(meant) == 1:
            settled.append(member.adopt("size-from-names", sizes=next(iter(meant))))
        elif sizes and complete[sizes] != sizes:
            settled.append(member.adopt("size-completed", sizes=complete[sizes]))
        else:
            settled.append(member)
    return settled


def _completed(
    size: tuple[str, ...], full: set[tuple[str, ...]], members: Sequence[Member]
) -> tuple[str, ...]:
    """Complete a size that is given in part by the only full one that fits.

    Of several the lab's own decides: hosts mistype.
    """
    if size in full:
        return size
    fuller = {other for other in full if is_part(size, other)}
    if len(fuller) > 1:
        fuller &= {m.signature.sizes for m in members if m.reading.is_vendor}
    return fuller.pop() if len(fuller) == 1 else size


def _name_it_without(members: Sequence[Member]) -> bool:
    without = [member for member in members if member.reading.unsized_name]
    return any(member.reading.is_vendor for member in without) or (
        len({member.provider for member in without}) > 1
    )


def settle_snapshots(members: Sequence[Member]) -> list[Member]:
    """Give every date its fullest form and undated rows the snapshot they mean."""
    canonical = canonical_stamps(
        member.signature.stamp for member in members if member.signature.stamp
    )
    if not canonical:
        return list(members)
    dated = [
        member.adopt("date-completed", stamp=canonical[stamp])
        if (stamp := member.signature.stamp) and canonical[stamp] != stamp
        else member
        for member in members
    ]
    dated = _doubt_named_dates(dated)
    sound = [member for member in dated if member.suspicion is None]
    meant: dict[str, Stamp] = {}
    for alike in by(
        sound, lambda member: (member.signature.preview, member.signature.latest)
    ).values():
        meant |= _meant_snapshots(alike)
    dates = (
        member.reading.row.release_date or member.reading.row.last_updated
        for member in dated
        if member.reading.row_id in meant
    )
    rule = "undated-means-snapshot" if any(dates) else "only-known-date"
    return [
        member.adopt(rule, stamp=meant[member.reading.row_id])
        if member.reading.row_id in meant
        else member
        for member in dated
    ]


def _meant_snapshots(members: Sequence[Member]) -> dict[str, Stamp]:
    """Tell the snapshots of undated rows, previews and models apart.

    Ids that pin a mode follow the model whose mode it is.
    """
    free = [member for member in members if member.signature.thinking is None]
    meant = _snapshots(free)
    undated = [member for member in free if not member.signature.stamp]
    for mode in (True, False):
        pinned = [m for m in members if m.signature.thinking is mode]
        if not undated or not reasons(free):
            meant |= _snapshots(pinned)
            continue
        snapshots = {meant.get(member.reading.row_id) for member in undated}
        (snapshot, *others) = snapshots
        if snapshot is not None and not others:
            for member in pinned:
                if not member.signature.stamp:
                    meant[member.reading.row_id] = snapshot
    return meant


def _snapshots(members: Sequence[Member]) -> dict[str, Stamp]:
    with_date = [member for member in members if member.signature.stamp]
    return snapshot_of_undated(
        [member.reading for member in members if not member.signature.stamp],
        [evolve(member.reading, signature=member.signature) for member in with_date],
        sorted({m.signature.stamp for m in with_date if m.signature.stamp}, key=str),
    )


def _doubt_named_dates(members: list[Member]) -> list[Member]:
    """Doubt a date that only the display name gives and nothing else supports.

    An undated id beside other hosts' undated ids of the same model, whose name
    gives the date of a later snapshot (``deepseek-v3``, "DeepSeek V3 0324"), may
    serve either.
    """
    stamps = {member.signature.stamp for member in members} - {None}
    has_undated = any(member.is_undated for member in members)
    return [
        evolve(
            member,
            suspicion=(
                f"the id names no date, the name says {member.signature.stamp} "
                f"and nothing supports it"
            ),
        )
        if member.reading.named_stamp and not _supports(member, stamps, has_undated)
        else member
        for member in members
    ]


def _supports(
    member: Member,
    stamps: set[Stamp | None],
    has_undated: bool,  # noqa: FBT001
) -> bool:
    row = member.reading.row
    stamp = member.signature.stamp

    if stamp is None or is_near(stamp, row.release_date):
        return True
    if any(
        other != stamp and is_near(other, row.release_date)
        for other in stamps
        if other is not None
    ):
        return False
    if is_near(stamp, row.last_updated):
        return True
    return not has_undated and (row.release_date is None or member.reading.is_vendor)


def settle_previews(members: Sequence[Member]) -> list[Member]:
    """Decide what a host means that leaves ``preview`` out, among undated rows.

    Where the lab sells only the preview, a host's plain name is the preview, unless
    some host tells the two apart. Where the lab sells both, a display name alone
    can't make a plain id the preview.
    """
    sold = {
        member.signature.preview
        for member in members
        if member.reading.is_vendor and not member.reading.named_preview
    }
    shops = by(
        (member for member in members if not member.reading.named_preview),
        lambda member: member.provider,
    )
    told_apart = any(
        len({member.signature.preview for member in shop}) > 1
        for shop in shops.values()
    )
    is_preview = sold == {True} and not told_apart
    settled = []
    for member in members:
        if is_preview and not member.signature.preview:
            settled.append(member.adopt("only-the-preview-is-sold", preview=True))
        elif sold == {True, False} and member.reading.named_preview:
            settled.append(
                evolve(
                    member,
                    suspicion="the name says preview, the id does not, and both exist",
                )
            )
        else:
            settled.append(member)
    return settled
