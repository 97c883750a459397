"""Shapes that hold other shapes: lists, mappings with given keys, free mappings."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from attrs import frozen

from llmhub_core.errors import SpecError
from llmhub_core.spec.shape import Shape, nearest, shown
from llmhub_core.spec.syntax import Listing, Node, Scalar, Table, is_blank, is_null

__all__ = ["Either", "Free", "Key", "Keys", "ListOf", "MapOf", "plain"]

_WORDS: Mapping[str, bool | None] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "null": None,
    "~": None,
}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?")


@frozen(kw_only=True)
class Key:
    """One key of a mapping.

    Attributes:
        shape: What may be written behind it.
        means: One or two sentences for the reference and for editors.
        default: What holds when it is not written, in words.
        example: A value as one would write it.
        required: Whether it must be written.
    """

    shape: Shape
    means: str
    default: str = "none"
    example: str
    required: bool = False


@frozen(kw_only=True)
class Keys:
    """A mapping whose keys are given.

    Attributes:
        keys: Per key what may be written.
        make: Turns the values that were written into a record, or None to keep
            the mapping.
    """

    keys: Mapping[str, Key]
    make: Callable[..., Any] | None = None
    holds_more: ClassVar[bool] = True
    says: ClassVar[str] = "a mapping"

    def read(self, node: Node, where: str) -> Any:
        """See ``Shape``; keys that say ``null`` are left out."""
        table = _table(node, where, self.says)
        prefix = f"{where}." if where else ""
        values: dict[str, Any] = {}
        for name, entry in table.entries.items():
            key = self.keys.get(name)
            if key is None:
                raise SpecError(self._unknown(name, where), line=entry.line)
            if is_null(entry.node) or (is_blank(entry.node) and key.shape.holds_more):
                continue
            values[name] = key.shape.read(entry.node, f"{prefix}{name}")
        for name, key in self.keys.items():
            if key.required and name not in values:
                raise SpecError(
                    f"{where or 'the spec'} lacks {name!r}: write `{name}: "
                    f"{key.example}`.",
                    line=table.line if where else None,
                )
        return values if self.make is None else self.make(**values)

    def _unknown(self, name: str, where: str) -> str:
        place = f" in {where}" if where else ""
        for home, key in self.keys.items():
            if isinstance(key.shape, Keys) and name in key.shape.keys:
                return f"unknown key {shown(name)}{place}: it belongs under {home!r}."
        hint = nearest(name, self.keys) or f" Known here: {', '.join(self.keys)}."
        return f"unknown key {shown(name)}{place}.{hint}"

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        properties = {}
        for name, key in self.keys.items():
            found = key.shape.schema()
            if not key.required:
                found = {"anyOf": [found, {"type": "null"}]}
            properties[name] = {**found, "description": key.means}
        required = [name for name, key in self.keys.items() if key.required]
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": properties,
            **({"required": required} if required else {}),
        }


@frozen(kw_only=True)
class MapOf:
    """A mapping whose keys are names that people choose.

    Attributes:
        item: What stands behind each name.
        noun: What a name names, for messages.
        name: Regular expression for the whole of a name.
    """

    item: Shape
    noun: str
    name: str
    holds_more: ClassVar[bool] = True

    @property
    def says(self) -> str:
        """See ``Shape``."""
        return f"a mapping by {self.noun} name"

    def read(self, node: Node, where: str) -> dict[str, Any]:
        """See ``Shape``; names that say ``null`` are left out."""
        values: dict[str, Any] = {}
        for name, entry in _table(node, where, self.says).entries.items():
            if not re.fullmatch(self.name, name):
                raise SpecError(
                    f"{shown(name)} can't be used as {self.noun} name: use letters, "
                    "digits, dots, dashes and underscores.",
                    line=entry.line,
                )
            if is_null(entry.node):
                continue
            if isinstance(entry.node, Scalar) and name in getattr(
                self.item, "keys", ()
            ):
                raise SpecError(
                    f"{where}.{name} is no {self.noun}, but a key of one: indent it "
                    f"under its {self.noun}.",
                    line=entry.line,
                )
            values[name] = self.item.read(entry.node, f"{where}.{name}")
        return values

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        return {
            "type": "object",
            "propertyNames": {"pattern": f"^(?:{self.name})$"},
            "additionalProperties": {"anyOf": [self.item.schema(), {"type": "null"}]},
        }


@frozen(kw_only=True)
class ListOf:
    """A list without repetitions."""

    item: Shape
    holds_more: ClassVar[bool] = True

    @property
    def says(self) -> str:
        """See ``Shape``."""
        return f"a list, each {self.item.says}"

    def read(self, node: Node, where: str) -> tuple[Any, ...]:
        """See ``Shape``."""
        if not isinstance(node, Listing):
            found, hint = "a mapping", ""
            if isinstance(node, Scalar):
                found = shown(node.text)
                hint = f": write [{node.text}]" if node.text.isidentifier() else ""
            raise SpecError(
                f"{where} must be a list, not {found}{hint}.", line=node.line
            )
        values: dict[Any, None] = {}
        for item in node.items:
            value = self.item.read(item, f"each of {where}")
            if value in values:
                raise SpecError(
                    f"{where} names {shown(str(value))} twice.", line=item.line
                )
            values[value] = None
        return tuple(values)

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        return {"type": "array", "uniqueItems": True, "items": self.item.schema()}


@frozen(kw_only=True)
class Either:
    """One value, or a list."""

    one: Shape
    many: ListOf
    holds_more: ClassVar[bool] = False

    @property
    def says(self) -> str:
        """See ``Shape``."""
        return f"{self.one.says}, or {self.many.says}"

    def read(self, node: Node, where: str) -> Any:
        """See ``Shape``."""
        chosen = self.many if isinstance(node, Listing) else self.one
        return chosen.read(node, where)

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        return {"anyOf": [self.one.schema(), self.many.schema()]}


@frozen(kw_only=True)
class Free:
    """A mapping that is passed on: plain values read as in YAML 1.2 and JSON.

    ``true``, ``12``, ``0.5`` and ``null`` are what they look like; everything else,
    and everything in quotes, is text. So ``no``, ``on`` and ``2024-06`` stay text.
    """

    holds_more: ClassVar[bool] = True
    says: ClassVar[str] = "a mapping of free keys"

    def read(self, node: Node, where: str) -> Any:
        """See ``Shape``."""
        return plain(_table(node, where, self.says), where)

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        return {"type": "object"}


def plain(node: Node, where: str = "") -> Any:
    """A node as Python values, by the rules of ``Free``.

    Raises:
        SpecError: A key or a list item has nothing behind it.
    """
    if isinstance(node, Table):
        return {key: plain(entry.node, where) for key, entry in node.entries.items()}
    if isinstance(node, Listing):
        return tuple(plain(item, where) for item in node.items)
    return _value(node, where)


def _value(node: Scalar, where: str) -> str | float | bool | None:
    if not node.plain:
        return node.text
    if not node.text:
        raise SpecError(
            f"{where} has no value: write one (`null` for none), or take the key out.",
            line=node.line,
        )
    if node.text in _WORDS:
        return _WORDS[node.text]
    if _INTEGER.fullmatch(node.text):
        return int(node.text)
    number = float(node.text) if _DECIMAL.fullmatch(node.text) else math.inf
    return number if math.isfinite(number) else node.text


def _table(node: Node, where: str, what: str) -> Table:
    if isinstance(node, Table):
        return node
    if is_blank(node):
        return Table(
            entries={}, flow=False, line=node.line, start=node.start, end=node.end
        )
    kind = "a list" if isinstance(node, Listing) else "a single value"
    raise SpecError(f"{where} must be {what}, not {kind}.", line=node.line)
