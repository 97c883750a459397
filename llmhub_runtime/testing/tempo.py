"""Slow and quick motion: what a record holds in seconds, scaled."""

from __future__ import annotations

from typing import TypeVar

from attrs import AttrsInstance, evolve, fields

__all__ = ["scaled"]

T = TypeVar("T", bound=AttrsInstance)


def scaled(record: T, scale: float) -> T:
    """Multiply every field whose name ends in ``seconds``, unless it is None."""
    names = [one.name for one in fields(type(record)) if one.name.endswith("seconds")]
    given = {name: getattr(record, name) for name in names}
    changed = {k: v * scale for k, v in given.items() if v is not None}
    return evolve(record, **changed)
