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
        fields: Orders for single fields of :class:`~llmhub_core.records.model.Facts`.
    """

    default: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)

    def rank(self, field_name: str, source: str) -> tuple[int, str]:
        """Return a sort key; smaller is believed first.

        Sources that are not listed come last, in order of their names, so that
        the outcome never depends on the order in which sources were asked.
        """
        order = self.fields.get(field_name, self.default)
        place = order.index(source) if source in order else len(order)
        return place, source


def load_precedence(
    orders: Mapping[str, tuple[str, ...]] | None = None,
) -> Precedence:
    """Read the table that comes with the package, the user's own over it.

    Args:
        orders: The user's orders by field, and ``default``; they name who comes
            first, the others follow as before.
    """
    own = dict(orders or {})
    packaged = _packaged()
    default = _first(own.pop("default", ()), packaged.default)
    fields = {
        name: _first(own.get(name, ()), packaged.fields.get(name, default))
        for name in sorted({*packaged.fields, *own})
    }
    return Precedence(default=default, fields=fields)


def _first(names: tuple[str, ...], rest: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *rest)))


@cache
def _packaged() -> Precedence:
    text = files(__package__).joinpath("data", "precedence.toml").read_text("utf-8")
    table = tomllib.loads(text)
    return Precedence(
        default=tuple(table["default"]),
        fields={name: tuple(order) for name, order in table["fields"].items()},
    )
