"""On which line of the lock a value stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from llmhub_core.lock.integrity import Place

__all__ = ["line_of", "places"]

_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|[][{},:]|\n|[^][{},:\s"]+')


def places(text: str) -> Iterator[tuple[Place, int]]:
    """Every value of a JSON text and the 1-based line where it begins.

    Args:
        text: Well-formed JSON.

    Yields:
        Values in the order of the text; a key that is there twice comes twice.
    """
    place: list[str | int] = []
    brackets: list[str] = []
    line, naming = 1, False
    for match in _MARK.finditer(text):
        mark = match[0]
        if mark == "\n":
            line += 1
        elif mark in "}]":
            place.pop()
            brackets.pop()
        elif mark == ":":
            naming = False
        elif mark == ",":
            naming = brackets[-1] == "{"
            if not naming:
                place[-1] = int(place[-1]) + 1
        elif naming:
            place[-1] = json.loads(mark)
        else:
            yield tuple(place), line
            if mark in "{[":
                brackets.append(mark)
                place.append("" if mark == "{" else 0)
                naming = mark == "{"


def line_of(text: str, place: Place) -> int | None:
    """The line of a value, or of the nearest thing around it that is there."""
    lines = dict(places(text))
    for depth in range(len(place), 0, -1):
        if place[:depth] in lines:
            return lines[place[:depth]]
    return None
