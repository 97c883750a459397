"""Family lines: which model came before which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from llmhub_core.catalog.identity.records import Group
from llmhub_core.catalog.identity.signature import Signature, words_of
from llmhub_core.catalog.identity.tokens import is_version

__all__ = ["predecessors"]

_NUMBER = re.compile(r"([a-z]?)(\d+(?:\.\d+)?)([a-z]?)")


def predecessors(groups: Iterable[Group]) -> Mapping[str, str]:
    """Map groups to the one before them in the same line and size class.

    A line is a lab, a set of variant words and a mode: Claude Opus 4.6 comes after
    Claude Opus 4.5, never after Claude Sonnet. Groups without exactly one version
    stand in no line. A size class is the total parameter count, where names give
    one.

    Of one version, previews and snapshots follow each other by release: the model
    comes after its preview, and an undated name after the snapshot that came out
    with it; a preview after the model itself only where its name gives the year. Of
    the version before, the newest counts. Where a release is not known,
    none of several comes after another or after the version before.
    """
    lines: dict[tuple[object, ...], dict[Decimal, list[Group]]] = {}
    for group in groups:
        version = _version(group.signature)
        if version is None or group.vendor is None or group.id.endswith("?"):
            continue
        series, number = version
        line = (
            group.vendor,
            words_of(group.signature),
            series,
            group.signature.sizes[:1],
            group.signature.thinking,
        )
        lines.setdefault(line, {}).setdefault(number, []).append(group)
    found: dict[str, str] = {}
    for versions in lines.values():
        ordered = [_by_release(versions[number]) for number in sorted(versions)]
        for released in ordered:
            found |= _in_pairs(released)
        for older, (first, *others) in pairwise(ordered):
            if not others or all(one.released for one in (first, *others)):
                found[first.id] = max(older, key=_age).id
    return found


def _by_release(groups: Sequence[Group]) -> list[Group]:
    """Order groups of one version; of one day, dated names come before undated."""
    return sorted(
        groups,
        key=lambda group: (
            group.released or "",
            not group.signature.preview,
            group.signature.stamp is None,
            group.id,
        ),
    )


def _in_pairs(released: Sequence[Group]) -> Iterator[tuple[str, str]]:
    """Pair every group of one version with the one that came out before it."""
    if not all(group.released for group in released):
        return
    for before, after in pairwise(released):
        stamp = after.signature.stamp
        is_later = stamp is not None and stamp.year is not None
        if before.signature.preview or not after.signature.preview or is_later:
            yield after.id, before.id


def _age(group: Group) -> tuple[bool, str, str]:
    """Order groups of one version: previews first, then by date."""
    signature = group.signature
    return not signature.preview, str(signature.stamp or ""), group.id


def _version(signature: Signature) -> tuple[str, Decimal] | None:
    """Return the letters around the only version of a name, and its number.

    Numbers compare as decimals, as labs count: Grok 4.20 came before Grok 4.3.
    """
    versions = [token for token in signature.stem.split() if is_version(token)]
    match = _NUMBER.fullmatch(versions[0]) if len(versions) == 1 else None
    return (match[1] + match[3], Decimal(match[2])) if match is not None else None
