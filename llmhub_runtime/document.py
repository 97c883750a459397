"""YAML text to plain data that knows its lines, and back.

The one module that knows PyYAML. Reading is stricter than YAML asks: duplicate keys,
aliases that contain themselves and keys that are not text are refused. What looks like
a date is text, as no key of a config holds a date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any, TypeAlias

import yaml

from llmhub_runtime.codec import Place
from llmhub_runtime.errors import ConfigError

__all__ = ["Lines", "line_of", "read_document", "write_document"]

Lines: TypeAlias = Mapping[Place, int]
"""1-based line of every key and list item of a document."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MERGE = "tag:yaml.org,2002:merge"
_DATE = "tag:yaml.org,2002:timestamp"
_MOST_VALUES = 100_000  # aliases of aliases can stand for more than memory holds
_MOST_NESTED = 100  # libyaml's composer recurses on the C stack

# Text that every YAML reader, of 1.1 and of 1.2, takes for text without quotes.
_PLAIN = re.compile(r"[A-Za-z_][\w./-]*(?::[\w./-]+)*|\d+(?:\.\d+)?s", re.ASCII)
_CONTROL = yaml.reader.Reader.NON_PRINTABLE
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def read_document(text: str) -> tuple[object, Lines]:
    """Read one YAML document.

    Args:
        text: The whole file.

    Returns:
        Dicts, lists and scalars, and the line of every key and item.

    Raises:
        ConfigError: Not one well-formed document, with the line but without the path.
    """
    try:
        if text.count("[") + text.count("{") > _MOST_NESTED:
            _check_depth(text)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            reader = _Reader(loader)
            return (None if node is None else reader.value(node, ())), reader.lines
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = f"not YAML: {error.problem or error.context}"
        raise ConfigError(problem, None, mark.line + 1 if mark else None) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(f"not YAML: {error.reason}", None, line) from None
    except (RecursionError, ValueError) as error:
        # ValueError: a number whose digits the interpreter refuses to read.
        raise ConfigError(f"not YAML that can be read: {error}") from None


def _check_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MOST_NESTED:
                raise ConfigError("not YAML that can be read: nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def line_of(lines: Lines, place: Place) -> int | None:
    """Return the line of the nearest thing around a place that has one."""
    for end in range(len(place), 0, -1):
        if place[:end] in lines:
            return lines[place[:end]]
    return None


class _Reader:
    """Builds plain data from YAML nodes, noting lines on the way."""

    def __init__(self, loader: Any) -> None:
        self.lines: dict[Place, int] = {}
        self._loader = loader
        self._open: set[int] = set()
        self._values = 0

    def value(self, node: yaml.Node, place: Place) -> object:
        self._values += 1
        if id(node) in self._open or self._values > _MOST_VALUES:
            raise ConfigError(
                "an alias stands for a value that contains itself, or for far too much",
                None,
                node.start_mark.line + 1,
            )
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.tag == _DATE else self._scalar(node)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, place)
            return self._sequence(node, place)
        finally:
            self._open.discard(id(node))

    def _scalar(self, node: yaml.ScalarNode) -> object:
        return self._loader.construct_object(node)

    def _sequence(self, node: yaml.Node, place: Place) -> list[object]:
        items = []
        for number, item in enumerate(node.value):
            here = (*place, number)
            self.lines[here] = item.start_mark.line + 1
            items.append(self.value(item, here))
        return items

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, object]:
        merged: dict[str, object] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged = self._merged(value_node, place) | merged
        own: dict[str, object] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                continue
            key = self._key(key_node)
            line = key_node.start_mark.line + 1
            if key in own:
                raise ConfigError(f"the key {key!r} is there twice", None, line)
            here = (*place, key)
            self.lines[here] = line
            own[key] = self.value(value_node, here)
        return merged | own

    def _merged(self, node: yaml.Node, place: Place) -> dict[str, object]:
        """Read the value of a ``<<`` key: a mapping, or a list of them."""
        many = isinstance(node, yaml.SequenceNode)
        merged: dict[str, object] = {}
        for part in node.value if many else [node]:
            value = self.value(part, place)
            if not isinstance(value, dict):
                line = part.start_mark.line + 1
                raise ConfigError("<< must be given a mapping", None, line)
            merged = value | merged
        return merged

    def _key(self, node: yaml.Node) -> str:
        if isinstance(node, yaml.ScalarNode):
            # `on:` is a key named "on" to people, whatever YAML 1.1 says.
            return str(node.value)
        raise ConfigError("a key must be text", None, node.start_mark.line + 1)


class _Dumper(yaml.SafeDumper):
    """Block style, list items indented, no aliases, quotes wherever in doubt."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        super().increase_indent(flow, False)  # noqa: FBT003


def _quoted_when_in_doubt(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    style = None if plain else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted_when_in_doubt)


def write_document(data: Mapping[str, object], *, header: str = "") -> str:
    """Write plain data as YAML, keys in their given order.

    Args:
        data: Dicts, lists and scalars.
        header: Lines of a comment at the head, without their ``#``.

    Returns:
        Text that ends with a newline. The same data gives the same text.
    """
    comment = "".join(
        f"# {_CONTROL.sub('?', line)}".rstrip() + "\n" for line in header.splitlines()
    )
    body = yaml.dump(
        data,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=sys.maxsize,  # a folded line is a changed line in a diff
    )
    return comment + body
