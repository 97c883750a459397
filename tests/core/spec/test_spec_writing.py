"""Values written as YAML read back as themselves."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub_core.spec.syntax import parse
from llmhub_core.spec.tables import plain
from llmhub_core.spec.writing import inline, lines, word

TEXTS = [
    "plain",
    "two words",
    "a:b",
    "a: b",
    "a #b",
    "#a",
    "- a",
    "*:free",
    "",
    " ",
    "true",
    "Null",
    "no",
    "12",
    "1e3",
    "-",
    "a, b",
    "[a]",
    "{a}",
    "'q'",
    '"',
    "back\\slash",
    "line\nbreak",
    "tab\t",
    "trailing ",
    "ends:",
    "é ü 中",
    "😀",
    "\x85",
    "\u2028",
    "\ufeff",
    "\x07",
    "@x",
    "%x",
    "`x`",
    "a/b@c+d",
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_survives_as_key_and_value(text: str) -> None:
    """Quotes are put where the text would be read as something else."""
    tree = parse(f"v: {word(text)}\nf: [{word(text)}, {{k: {word(text)}}}]\n")
    assert plain(tree) == {"v": text, "f": (text, {"k": text})}
    if text:
        assert plain(parse(f"{word(text)}: 1\n")) == {text: 1}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (7, "7"),
        (0.5, "0.5"),
        (1e-07, "1e-07"),
        ([], "[]"),
        (("a", 1), "[a, 1]"),
        ({}, "{}"),
        ({"a": [True], "b c": {"d": None}}, "{a: [true], b c: {d: null}}"),
    ],
)
def test_value_on_one_line(value: Any, written: str) -> None:
    """Scalars, lists and mappings have one short form."""
    assert inline(value) == written


def test_deep_or_long_mappings_take_lines() -> None:
    """A mapping of scalars within a role stays on its line while it fits."""
    assert lines("a", {"b": 1, "c": [2]}, 4) == ["    a: {b: 1, c: [2]}"]
    assert lines("a", {"b": {"c": 1}}, 4) == ["    a:", "      b: {c: 1}"]
    wide = "x" * 80
    assert lines("a", {"b": wide}, 4) == ["    a:", f"      b: {wide}"]
    assert lines("r", {"kind": "chat"}, 2) == ["  r:", "    kind: chat"]
    assert lines("r", {}, 2) == ["  r: {}"]
