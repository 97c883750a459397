"""Which source is believed for which field: data, not code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from attrs import field, frozen

__all__ = ["Precedence", "load_precedence"]


@frozen(kw_only=True)
class Precedence:
    """Orders of source names.

    Attributes:
        default: The order for every field that has none of its own.
        fields: Orders for single fields.
    """

    default: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)

    def rank(self, field_name: str, source: str) -> tuple[int, str]:
        """Return a sort key; smaller is believed first.

        Sources that are not listed come last, in order of their names, so that
        the outcome never depends on the order in which sources were asked.
        """
        order = self.fields.get(field_name, self.default)
        place = order.index(source) if source in order else len(order)
        return place, source


@cache
def load_precedence() -> Precedence:
    """Read the table that comes with the package."""
    text = files(__package__).joinpath("data", "precedence.toml").read_text("utf-8")
    table = tomllib.loads(text)
    return Precedence(
        default=tuple(table["default"]),
        fields={name: tuple(order) for name, order in table["fields"].items()},
    )
