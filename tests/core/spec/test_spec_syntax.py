"""What is refused as YAML, before any key has a meaning."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from strictyaml.ruamel.error import MarkedYAMLError

from llmhub_core.errors import SpecError
from llmhub_core.spec.complaints import complaint
from llmhub_core.spec.syntax import Listing, Scalar, Table, parse


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a:\n\tb: 1\n", 2, "indented with a tab: use spaces"),
        ("a:\n  b: 1\n  \tc: 2\n", 3, "indented with a tab"),
        ("a:\tb\n", 1, "tab stands where a space belongs"),
        ("a:\n  b: 1\n c: 2\n", 3, "unlike its neighbours"),
        ("a:\n  - x\n  y: 1\n", 3, "unlike its neighbours"),
        ("a: 1\n  b: 2\n", 2, "indented deeper"),
        ("a: b: c\n", 1, "colon and a space needs quotes"),
        ("a:1\nb: 2\n", 1, "space after the colon: `a: ...`"),
        ("a: &x 1\n", 1, "anchors"),
        ("a: *x\n", 1, "starts with `*` needs quotes"),
        ("a: [*:free]\n", 1, "starts with `*` needs quotes"),
        ("a:\n  - *\n", 2, "needs quotes"),
        ("a: !!str 1\n", 1, "tags"),
        ("a: 1\n---\nb: 2\n", 2, "one document"),
        ("%YAML 9.9\n---\na: 1\n", 1, "not valid YAML: found incompatible"),
        ('a: "x\nb: 2\n', 1, "quote is opened here and never closed"),
        ("a: [x, y\nb: 2\n", 1, "opened here with `[`"),
        ("a: {x: 1, y\nb: 2\n", 1, "opened here with `{`"),
        ("a: [x,\n", 2, "a `[` or `{` above is not closed"),
        ("a: x\nb: ]\n", 2, "can't start with this character"),
        ("a: @x\n", 1, "can't start with this character"),
        ("a: 1\nfoo\nb: 2\n", 2, "neither `key: value`"),
        ('a: "x" y\n', 1, "quotes around the whole value"),
        ('a: "\\q"\n', 1, "backslash"),
        ("a: |0\n  x\n", 1, "not valid YAML"),
        ("<<: {a: 1}\nb: 2\n", 1, "merge keys"),
        ("? [a, b]\n: c\n", 1, "plain word before a colon"),
        (": x\n", 1, "plain word before a colon"),
        ("a: 1\nb: 2\na: 3\n", 3, "duplicate key 'a': line 1 has it already"),
        ("x: {a: 1, a: 2}\n", 1, "duplicate key 'a'"),
        ("a: b\x07\n", 1, "control character U+0007"),
        ("a: " + "[" * 1000, None, "nested too deeply"),
        (f"{'a' * 2000}: 1\n", 1, "indented deeper"),
    ],
)
def test_bad_yaml_is_one_line_that_says_what_to_do(
    text: str, line: int | None, words: str, refusal: Callable[..., SpecError]
) -> None:
    """Each slip of the pen is named with its line and its remedy."""
    error = refusal(text)
    assert words in error.problem
    assert error.line == line
    assert str(error).startswith("llmhub.spec.yaml:")


def test_a_tab_below_the_trouble_is_not_blamed() -> None:
    """Only a tab at or above the place of the error is taken for its cause."""
    with pytest.raises(SpecError) as caught:
        parse("a: @x\nb: |\n  text\n\tindented\n")
    assert caught.value.line == 1
    assert "tab" not in caught.value.problem


def test_an_error_without_a_place_has_no_line() -> None:
    """A complaint of the parser that has no mark still becomes a sentence."""
    odd = MarkedYAMLError(problem="odd")
    assert complaint(odd, "a: 1") == (None, "this is not valid YAML: odd.")


def test_lists_and_mappings_may_be_written_either_way() -> None:
    """Flow style and block style are one tree but for the mark of their style."""
    tree = parse("a: {b: [x, 'y z']}\nc:\n  d:\n  - x\n  - y z\n")
    flow, block = tree.get("a", "b"), tree.get("c", "d")
    assert isinstance(flow, Listing)
    assert isinstance(block, Listing)
    assert (flow.flow, block.flow) == (True, False)
    texts = [
        [item.text for item in node.items if isinstance(item, Scalar)]
        for node in (flow, block)
    ]
    assert texts == [["x", "y z"]] * 2


def test_no_scalar_is_guessed_at() -> None:
    """Whatever other YAML readers make of a value, its text arrives."""
    words = ["no", "on", "1e3", "2024-06", "0x1F", "null", "1_000", "Yes", "NaN"]
    tree = parse("".join(f"k{n}: {word}\n" for n, word in enumerate(words)))
    found = [entry.node for entry in tree.entries.values()]
    assert [node.text for node in found if isinstance(node, Scalar)] == words


def test_tree_knows_where_everything_stands() -> None:
    """Lines count from 1, offsets cut the written value out of the text."""
    text = "# head\na:\n  b: [x, y]  # c\n  'q k': \"z\"\n"
    tree = parse(text)
    inner = tree.get("a")
    assert isinstance(inner, Table)
    assert [(k, e.line, e.column) for k, e in inner.entries.items()] == [
        ("b", 3, 2),
        ("q k", 4, 2),
    ]
    value = inner.entries["b"].node
    assert text[value.start : value.end] == "[x, y]"
    quoted = inner.entries["q k"]
    assert text[quoted.start : quoted.end] == "'q k'"
    assert isinstance(quoted.node, Scalar)
    assert not quoted.node.plain
    assert dict(tree.lines()) == {"a": 2, "a/b": 3, "a/q k": 4}


def test_asking_beyond_the_tree_finds_nothing() -> None:
    """A path that leaves the mappings is None, not an error."""
    tree = parse("a: {b: 1}\n")
    assert tree.get("a", "b", "c") is None
    assert tree.get("x", "y") is None
