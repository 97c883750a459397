"""One thing that ``generate --check`` finds."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

__all__ = ["Finding", "Kind"]

Kind: TypeAlias = Literal[
    "lock-missing",
    "lock-edited",
    "role-missing",
    "role-changed",
    "role-extra",
    "selector-changed",
    "selector-missing",
    "spec-changed",
    "policy",
    "retired",
    "config-missing",
    "config-invalid",
    "config-edited",
    "config-differs",
    "config-stale",
]


@frozen(kw_only=True)
class Finding:
    """One thing about which spec, lock and config do not agree.

    Attributes:
        kind: What it is, for programs.
        problem: What it is and what to do, for people; without the place.
        file: The file to look at.
        line: 1-based line of that file, or None.
        role: The role that it concerns, or None.
    """

    kind: Kind
    problem: str
    file: Literal["spec", "lock", "config"]
    line: int | None = None
    role: str | None = None
