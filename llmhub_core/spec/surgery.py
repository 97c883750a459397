"""Cuts and stitches in the text of a spec; every other character stays.

The tree says where a value begins and ends. What lies outside of that span, the
comments above all, is copied. Where a span itself holds a comment, the cut is
refused: people's words are not ours to drop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from llmhub_core.errors import SpecError
from llmhub_core.spec.shape import shown
from llmhub_core.spec.syntax import (
    Entry,
    Listing,
    Node,
    Scalar,
    Table,
    is_blank,
    is_null,
)
from llmhub_core.spec.writing import inline, lines, word

__all__ = ["comments", "cut", "put"]

_COMMENT = re.compile(r"(?:^|(?<=[ \t\n]))#[^\r\n]*", re.MULTILINE)


def put(text: str, tree: Table, keys: Sequence[str], value: Any) -> str:
    """Set the value under a path of keys, adding the keys that are missing.

    Raises:
        SpecError: Something on the path is not a mapping, or a comment would go.
    """
    table = tree
    for depth, key in enumerate(keys):
        rest = keys[depth + 1 :]
        entry = table.entries.get(key)
        if entry is None:
            return _insert(text, tree, table, key, _nested(rest, value))
        if not rest or is_blank(entry.node) or is_null(entry.node):
            return _replace(text, tree, table, key, _nested(rest, value))
        if not isinstance(entry.node, Table):
            raise SpecError(
                f"{'.'.join(keys[: depth + 1])} is not a mapping.", line=entry.line
            )
        table = entry.node
    raise SpecError("there is no key to set.")


def cut(text: str, tree: Table, keys: Sequence[str]) -> str:
    """Take out a key with its value, and the comments inside it.

    A mapping that loses its last key stays as ``{}``.

    Raises:
        SpecError: There is no such key, or it can't be taken out by itself.
    """
    table = tree
    holder: Entry | None = None
    for key in keys[:-1]:
        holder = table.entries.get(key)
        if holder is None or not isinstance(holder.node, Table):
            break
        table = holder.node
    if (keys[-1] not in table.entries) or tree.get(*keys) is None:
        raise SpecError(f"there is no {'.'.join(keys)} to take out.")
    if table.flow:
        return _cut_within(text, tree, table, keys[-1])
    return _cut_lines(text, table, keys[-1], holder)


def comments(text: str, tree: Table) -> list[tuple[int, str]]:
    """Every comment with its offset; a ``#`` inside a key or value is none."""
    pieces, at = [], 0
    for start, end in sorted(_spans(tree)):
        pieces += [text[at:start], "x" * (end - start)]
        at = end
    masked = "".join((*pieces, text[at:]))
    return [(m.start(), m.group()) for m in _COMMENT.finditer(masked)]


def _insert(text: str, tree: Table, table: Table, key: str, value: Any) -> str:
    if not table.entries:
        _keep_comments(text, tree, table.start, table.end)
        new = f"{{{word(key)}: {inline(value)}}}"
        return f"{text[: table.start]}{new}{text[table.end :]}"
    *_, last = table.entries.values()
    at = _tail(text, last)
    if table.flow:
        return f"{text[:at]}, {word(key)}: {inline(value)}{text[at:]}"
    at = _line_end(text, at)
    column = next(iter(table.entries.values())).column
    return _with_lines(text, at, lines(key, value, column))


def _replace(text: str, tree: Table, table: Table, key: str, value: Any) -> str:
    entry = table.entries[key]
    colon = _colon(text, entry)
    if colon is None:
        raise SpecError(
            f"{shown(key)} is written in a way that can't be edited: do it by hand.",
            line=entry.line,
        )
    start, end = colon, _tail(text, entry)
    if entry.node.start > _line_end(text, colon) and not is_blank(entry.node):
        start, end = _line_end(text, colon), _line_end(text, end)
    _keep_comments(text, tree, start, end)
    text = f"{text[:start]}{text[end:]}"
    _, *below = [""] if table.flow else lines(key, value, entry.column)
    if below:
        return _with_lines(text, _line_end(text, colon), below)
    return f"{text[:colon]} {inline(value)}{text[colon:]}"


def _cut_within(text: str, tree: Table, table: Table, key: str) -> str:
    names = list(table.entries)
    entries = list(table.entries.values())
    at = names.index(key)
    if at + 1 < len(entries):
        start, end = entries[at].start, entries[at + 1].start
    elif at:
        start, end = _tail(text, entries[at - 1]), _tail(text, entries[at])
    else:
        start, end = table.start + 1, table.end - 1
    _keep_comments(text, tree, start, end)
    return f"{text[:start]}{text[end:]}"


def _cut_lines(text: str, table: Table, key: str, holder: Entry | None) -> str:
    entry = table.entries[key]
    start = entry.start - entry.column
    if text[start : entry.start].strip():
        raise SpecError(
            f"{shown(key)} shares its line with something else: take it out by hand.",
            line=entry.line,
        )
    end = min(_line_end(text, _tail(text, entry)) + 1, len(text))
    own_comment = re.compile(rf" {{{entry.column + 1},}}#.*(?:\n|\Z)")
    while match := own_comment.match(text, end):
        end = match.end()
    text = f"{text[:start]}{text[end:]}"
    if len(table.entries) > 1 or holder is None:
        return text
    colon = _colon(text, holder) or holder.end
    return f"{text[:colon]} {{}}{text[colon:]}"


def _nested(keys: Sequence[str], value: Any) -> Any:
    for key in reversed(keys):
        value = {key: value}
    return value


def _with_lines(text: str, at: int, new: Sequence[str]) -> str:
    ending = "\r\n" if "\r\n" in text else "\n"
    if text[at - 1 : at] == "\r":
        at -= 1
    return f"{text[:at]}{ending}{ending.join(new)}{text[at:]}"


def _keep_comments(text: str, tree: Table, start: int, end: int) -> None:
    for offset, comment in comments(text, tree):
        if start <= offset < end:
            raise SpecError(
                f"the comment {shown(comment)} stands in what would be replaced: edit "
                "this line by hand.",
                line=text.count("\n", 0, offset) + 1,
            )


def _colon(text: str, entry: Entry) -> int | None:
    """Offset behind the colon of a key, or None for a key without one."""
    match = re.compile(r"[ \t]*:").match(text, entry.end)
    return match and match.end()


def _tail(text: str, entry: Entry) -> int:
    """Offset behind the last character of an entry's value."""
    node: Node = entry.node
    if is_blank(node):
        return _colon(text, entry) or entry.end
    if isinstance(node, Table) and not node.flow:
        *_, last = node.entries.values()
        return _tail(text, last)
    while isinstance(node, Listing) and not node.flow:
        node = node.items[-1]
    return node.start + len(text[node.start : node.end].rstrip())


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _spans(node: Node) -> Iterator[tuple[int, int]]:
    if isinstance(node, Scalar):
        yield node.start, node.end
    elif isinstance(node, Listing):
        for item in node.items:
            yield from _spans(item)
    else:
        for entry in node.entries.values():
            yield entry.start, entry.end
            if not is_blank(entry.node):
                yield from _spans(entry.node)
