"""Shapes of what is counted or measured."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any, ClassVar

from attrs import frozen

from llmhub_core.numerals import plain
from llmhub_core.spec.shape import misfit, text_of
from llmhub_core.spec.syntax import Node

__all__ = ["Duration", "Month", "Number", "Whole"]

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*(?:_[0-9]+)*)")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)?")
# Longer runs of digits are no quantity of ours, and int() refuses some of them.
_MOST_DIGITS = 18


@frozen(kw_only=True)
class Whole:
    """A whole number within bounds; ``100_000`` reads like ``100000``."""

    minimum: int = 0
    unit: str = ""
    holds_more: ClassVar[bool] = False

    @property
    def says(self) -> str:
        """See ``Shape``."""
        unit = f" ({self.unit})" if self.unit else ""
        return f"a whole number from {self.minimum}{unit}"

    def read(self, node: Node, where: str) -> int:
        """See ``Shape``."""
        text = text_of(node, where, self.says)
        if not _INTEGER.fullmatch(text) or len(text) > _MOST_DIGITS:
            raise misfit(node, where, self.says)
        if (value := int(text)) < self.minimum:
            raise misfit(node, where, self.says)
        return value

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        return {"type": "integer", "minimum": self.minimum}


@frozen(kw_only=True)
class Number:
    """A finite number within bounds.

    Attributes:
        minimum: Least value.
        above: True when the minimum itself is out.
        maximum: Largest value, or None.
        unit: What it counts, for messages.
    """

    minimum: float = 0
    above: bool = False
    maximum: float | None = None
    unit: str = ""
    holds_more: ClassVar[bool] = False

    @property
    def says(self) -> str:
        """See ``Shape``."""
        bounds = f"{'above' if self.above else 'from'} {plain(self.minimum)}"
        if self.maximum is not None:
            bounds += f" to {plain(self.maximum)}"
        return f"a number {bounds}{f' ({self.unit})' if self.unit else ''}"

    def read(self, node: Node, where: str) -> float:
        """See ``Shape``."""
        text = text_of(node, where, self.says)
        value = float(text) if _DECIMAL.fullmatch(text) else math.nan
        if (
            not math.isfinite(value)
            or value < self.minimum
            or (self.above and value == self.minimum)
            or (self.maximum is not None and value > self.maximum)
        ):
            raise misfit(node, where, self.says)
        return value

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        least = "exclusiveMinimum" if self.above else "minimum"
        most = {} if self.maximum is None else {"maximum": self.maximum}
        return {"type": "number", least: self.minimum, **most}


@frozen(kw_only=True)
class Duration:
    """Seconds, or a number with a unit; kept as written."""

    holds_more: ClassVar[bool] = False
    says: ClassVar[str] = "a duration above 0: seconds, or 500ms, 60s, 5m, 1h, 1d"

    def read(self, node: Node, where: str) -> str | float:
        """See ``Shape``."""
        text = text_of(node, where, self.says)
        match = _DURATION.fullmatch(text)
        if match is None or float(match[1]) == 0 or not math.isfinite(float(match[1])):
            raise misfit(node, where, self.says)
        if match[2]:
            return text
        return float(text) if "." in text else int(text)

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        return {"type": ["number", "string"], "pattern": f"^(?:{_DURATION.pattern})$"}


@frozen(kw_only=True)
class Month:
    """A year, month or day, kept as written."""

    holds_more: ClassVar[bool] = False
    says: ClassVar[str] = "a date: 2024, 2024-06 or 2024-06-30"

    def read(self, node: Node, where: str) -> str:
        """See ``Shape``."""
        text = text_of(node, where, self.says)
        if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text):
            try:
                date.fromisoformat(f"{text}-01-01"[:10])
            except ValueError:
                pass
            else:
                return text
        raise misfit(node, where, self.says)

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        return {
            "type": ["string", "integer"],
            "pattern": "^[0-9]{4}(-[0-9]{2}){0,2}$",
        }


_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(duration: str | float) -> float:
    """How many seconds a duration is that ``Duration`` accepted."""
    match = _DURATION.fullmatch(str(duration))
    if match is None:
        raise ValueError(f"{duration!r} is not a duration")
    return float(match[1]) * _SECONDS[match[2] or "s"]
