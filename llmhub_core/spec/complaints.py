"""What strictyaml complains about, in words that say what to do."""

from __future__ import annotations

import re

from strictyaml.exceptions import AnchorTokenDisallowed, TagTokenDisallowed
from strictyaml.ruamel.error import MarkedYAMLError

__all__ = ["complaint"]

_TAB = re.compile(r"^ *\t[ \t]*(?![ \t#])")
_NO_SPACE = re.compile(r"^\s*(?:- +)?([\w.-]+):([^\s/][^:]*)$")
_TWO_COLONS = re.compile(r"^\s*(?:- +)?[\w.-]+:\s+[^'\"{\[#]*:\s")
_RULES: tuple[tuple[str, str], ...] = (
    (
        "found undefined alias",
        "a value that starts with `*` needs quotes: write '*...'.",
    ),
    (
        "expected alphabetic or numeric character",
        "a value that starts with `*` or `&` needs quotes.",
    ),
    (
        "but found another document",
        "a second document starts here (`---`): a spec is one document.",
    ),
    (
        "while scanning a quoted scalar",
        "a quote is opened here and never closed.",
    ),
    (
        "expected ',' or ']'",
        "a list is opened here with `[` and not closed: check commas and `]`.",
    ),
    (
        "expected ',' or '}'",
        "a mapping is opened here with `{` and not closed: check commas and `}`.",
    ),
    (
        "could not find expected ':'",
        "this is neither `key: value` nor part of a list: add the colon, or indent it.",
    ),
    (
        "that cannot start any token",
        "a value can't start with this character unless it is quoted.",
    ),
    (
        "found '<stream end>'",
        "the text ends within a list or mapping: a `[` or `{` above is not closed.",
    ),
    (
        "expected the node content",
        "a value can't start with this character unless it is quoted.",
    ),
    (
        "found '<scalar>'",
        "text follows a closed quote: put quotes around the whole value.",
    ),
    (
        "expected <block end>",
        "this line is indented unlike its neighbours: line it up with the keys above.",
    ),
    (
        "found unknown escape character",
        "a backslash in double quotes needs doubling; single quotes take it as it is.",
    ),
)
_DISALLOWED: tuple[tuple[type[MarkedYAMLError], str], ...] = (
    (
        AnchorTokenDisallowed,
        "anchors (`&name`) are not part of a spec: write the value out, or quote it.",
    ),
    (
        TagTokenDisallowed,
        "tags (`!name`) are not part of a spec: quote a value that starts with `!`.",
    ),
)
# Where a construct that was opened and never closed begins, not where that showed.
_OPENED = (
    "while scanning a quoted scalar",
    "expected ',' or",
    "could not find expected",
)


def complaint(error: MarkedYAMLError, text: str) -> tuple[int | None, str]:
    """Translate strictyaml's error.

    Returns:
        The 1-based line to look at, or None, and what is wrong and what to do.
    """
    for kind, problem in _DISALLOWED:
        if isinstance(error, kind):
            return _line(error), problem
    lines = text.splitlines()
    words = f"{error.context or ''}: {error.problem or ''}"
    line = _line(error)
    if (
        tab := next((n for n, row in enumerate(lines, 1) if _TAB.match(row)), None)
    ) and (line is None or tab <= line):
        return tab, "this line is indented with a tab: use spaces."
    if "found character '\\t'" in words:
        return line, "a tab stands where a space belongs."
    if "mapping values are not allowed" in words:
        return _misplaced_colon(lines, line)
    for mark, problem in _RULES:
        if mark in words:
            opened = any(word in words for word in _OPENED)
            return _line(error, context=opened), problem
    return line, f"this is not valid YAML: {words.strip(': ')}."


def _line(error: MarkedYAMLError, *, context: bool = False) -> int | None:
    marks = (error.problem_mark, error.context_mark)
    for mark in reversed(marks) if context else marks:
        if mark is not None:
            return int(mark.line) + 1
    return None


def _misplaced_colon(lines: list[str], line: int | None) -> tuple[int | None, str]:
    number = line or 1
    for near in (number, number - 1):
        row = lines[near - 1] if 0 < near <= len(lines) else ""
        if match := _NO_SPACE.match(row):
            return near, (
                f"put a space after the colon: `{match[1]}: ...`, or quotes around a "
                "value that holds one."
            )
    if 0 < number <= len(lines) and _TWO_COLONS.match(lines[number - 1]):
        return line, "a value that holds a colon and a space needs quotes."
    return line, (
        "this line is indented deeper than the line above allows: line it up with its "
        "neighbours."
    )
