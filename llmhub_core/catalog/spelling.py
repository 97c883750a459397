"""How alike two names are that were meant to be one."""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["alike", "alike_whole", "numbers"]

#: How alike two whole names must be, run together: rapidfuzz's ratio, 0 to 1.
_NEAR_NAME = 0.82
#: One slip is allowed per this many letters of a word, and one in a shorter word.
_LETTERS_PER_SLIP = 4

_DIGITS = re.compile(r"\d+")


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers in a text, in their order."""
    return tuple(_DIGITS.findall(text))


def alike(part: str, vocabulary: Collection[str]) -> dict[str, float]:
    """Words that may be meant by one, with their likeness, over 0 and up to 1.

    A word with a number in it is itself: ``o3`` is no slip for ``o1``.
    """
    from rapidfuzz.distance import OSA

    slips = max(1, len(part) // _LETTERS_PER_SLIP)
    found = {word: 1.0 for word in vocabulary if word.startswith(part)}
    if numbers(part):
        return found
    for word in vocabulary:
        if word not in found and not numbers(word):
            distance = OSA.distance(part, word, score_cutoff=slips)
            if distance <= slips and distance < len(part):
                found[word] = 1.0 - distance / max(len(part), len(word))
    return found


def alike_whole(compact: str, names: Collection[str]) -> float:
    """How alike the nearest name is, all run together; 0 when none has the numbers."""
    from rapidfuzz.distance import Indel

    wanted = numbers(compact)
    return max(
        (
            Indel.normalized_similarity(compact, name, score_cutoff=_NEAR_NAME)
            for name in names
            if numbers(name) == wanted
        ),
        default=0.0,
    )
