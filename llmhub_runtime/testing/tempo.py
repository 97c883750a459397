"""Slow and quick motion: what a record holds in seconds, scaled."""

from __future__ import annotations

from typing import TypeVar

from attrs import AttrsInstance, fields

__all__ = ["scaled"]

T = TypeVar("T", bound=AttrsInstance)


def scaled(record: T, scale: float) -> T:
    """Multiply every field whose name ends in ``seconds``, unless it is None."""
    values = {one.name: getattr(record, one.name) for one in fields(type(record))}
    for name, value in values.items():
        if name.endswith("seconds") and value is not None:
            values[name] = value * scale
    return type(record)(**values)
