"""A slip in any key is refused, and nearly always answered with the right one."""

from __future__ import annotations

import pytest

from llmhub_core.errors import SpecError
from llmhub_core.spec import parse_spec
from llmhub_core.spec.language import every_key

# The name of every key within one mapping, by the mapping's path.
PLACES = [(path[:-1], path[-1], key.example) for path, key in every_key()]


def slips(word: str) -> dict[str, str]:
    """One-letter slips of six kinds, each at the start, middle and end."""
    found = {}
    for at in {0, len(word) // 2, len(word) - 1}:
        head, letter, tail = word[:at], word[at], word[at + 1 :]
        found[f"drop {at}"] = head + tail
        found[f"double {at}"] = head + letter * 2 + tail
        found[f"replace {at}"] = head + ("q" if letter != "q" else "z") + tail
        found[f"add {at}"] = head + letter + ("x" if letter != "x" else "z") + tail
        found[f"case {at}"] = head + letter.upper() + tail
        if tail:
            found[f"swap {at}"] = head + tail[0] + letter + tail[1:]
    return {kind: slip for kind, slip in found.items() if slip != word}


def spec_with(path: tuple[str, ...], key: str, value: str) -> str:
    """A spec that says one thing at one place, as a line of its own."""
    rows = [] if path[:1] == ("roles",) else ["roles: {r: {kind: chat}}"]
    if key != "project":
        rows.append("project: x")
    rows += [f"{'  ' * depth}{part}:" for depth, part in enumerate(path)]
    text = "\n".join((*rows, f"{'  ' * len(path)}{key}: {value}"))
    return text.replace("<", "").replace(">", "")


def test_every_kind_of_slip_is_tried() -> None:
    """A letter dropped, doubled, replaced, added or swapped, or in the other case."""
    kinds = {kind.split()[0] for kind in slips("quality")}
    assert kinds == {"drop", "double", "replace", "add", "case", "swap"}


def test_slip_in_any_key_is_refused_with_the_right_key() -> None:
    """Every one-letter slip is an error at its line; 95 in 100 name the key."""
    known: dict[tuple[str, ...], set[str]] = {}
    for path, key, _ in PLACES:
        known.setdefault(path, set()).add(key)
    tried, helped, unhelped = 0, 0, []
    for path, key, example in PLACES:
        for slip in slips(key).values():
            if not slip or slip in known[path]:
                continue
            text = spec_with(path, slip, example)
            with pytest.raises(SpecError) as caught:
                parse_spec(text)
            assert caught.value.line == text.count("\n") + 1, text
            assert f"unknown key {slip!r}" in caught.value.problem, text
            tried += 1
            if f"Did you mean {key!r}?" in caught.value.problem:
                helped += 1
            else:
                unhelped.append(str(caught.value))
    assert tried > 2_000
    assert helped / tried >= 0.95, unhelped
