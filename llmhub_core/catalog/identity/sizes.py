"""Parameter counts as names give them: ``235b``, ``235b-a22b``, ``17b-128e``."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["fits", "fuller", "in_order", "is_part"]

Sizes = tuple[str, ...]


def in_order(sizes: Iterable[str]) -> Sizes:
    """Put the whole model first, then active parameters, then experts."""
    return tuple(dict.fromkeys(sorted(sizes, key=_kind)))


def _kind(size: str) -> int:
    return 2 if size[-1] == "e" else int(size[0] == "a")


def _wholes(sizes: Sizes) -> set[str]:
    return {size.removeprefix("e") for size in sizes if _kind(size) == 0}


def fits(one: Sizes, other: Sizes) -> bool:
    """Whether two namings can mean one size: neither contradicts the other.

    A name may leave the active parameters or the number of experts out
    (``qwen3-235b`` of ``qwen3-235b-a22b``), or the size altogether, and some write
    Gemma's effective ``e4b`` as ``4b``.
    """
    wholes, others = _wholes(one), _wholes(other)
    if wholes and others and wholes != others:
        return False  # a 70b beside a 1b draft is more than the 70b
    mine = {size.removeprefix("e") for size in one}
    theirs = {size.removeprefix("e") for size in other}
    return mine <= theirs or theirs <= mine


def fuller(one: Sizes, other: Sizes) -> Sizes:
    """Return the naming that says more; the first where they say the same."""
    return other if is_part(one, other) else one


def is_part(one: Sizes, other: Sizes) -> bool:
    """Whether the second naming says all that the first one does, and more."""
    return set(one) < set(other) and fits(one, other)
