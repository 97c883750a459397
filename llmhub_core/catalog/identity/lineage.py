"""Family lines: which model came before which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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
    Claude Opus 4.5, never after Claude Sonnet. Groups without exactly one version,
    and dated snapshots beside their model, stand in no line. A size class is the
    total parameter count, where names give one.
    """
    lines: dict[tuple[object, ...], list[tuple[Decimal, str]]] = {}
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
        lines.setdefault(line, []).append((number, group.id))
    found: dict[str, str] = {}
    for members in lines.values():
        ordered = sorted(members)
        for (older, before), (newer, after) in pairwise(ordered):
            if older < newer:
                found[after] = before
    return found


def _version(signature: Signature) -> tuple[str, Decimal] | None:
    """Return the letters around the only version of a name, and its number.

    Numbers compare as decimals, as labs count: Grok 4.20 came before Grok 4.3.
    """
    versions = [token for token in signature.stem.split() if is_version(token)]
    match = _NUMBER.fullmatch(versions[0]) if len(versions) == 1 else None
    return (match[1] + match[3], Decimal(match[2])) if match is not None else None
