"""What a shape is: the meaning of one place of the spec.

A shape reads a node of the tree and describes itself twice, in words for messages
and the reference, and as JSON Schema for editors. The type of a value comes from
its shape, never from its look: ``2024-06`` is a month and ``on`` a word.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, ClassVar, Protocol

from llmhub_core.errors import SpecError
from llmhub_core.spec.syntax import Node, Scalar, is_blank

__all__ = ["Shape", "misfit", "nearest", "shown", "text_of"]

_LONGEST_SHOWN = 60


class Shape(Protocol):
    """What may be written at one place of the spec."""

    holds_more: ClassVar[bool]
    """Whether it is a list or a mapping: then leaving it blank says nothing."""

    @property
    def says(self) -> str:
        """What a value looks like, for messages and for the reference."""

    def read(self, node: Node, where: str) -> Any:
        """Check a node and return its value.

        Args:
            node: What was written.
            where: The dotted path of the place, for messages.

        Raises:
            SpecError: The node does not fit; carries the line.
        """

    def schema(self) -> dict[str, Any]:
        """Describe the same in JSON Schema (draft 7)."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A sentence that offers the most similar known word, or nothing."""
    folded = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f" Did you mean {folded[found[0]]!r}?" if found else ""


def shown(text: str) -> str:
    """Text in quotes for a message: one line, and not a long one."""
    quoted = repr(text)
    return quoted if len(quoted) <= _LONGEST_SHOWN else f"{quoted[:_LONGEST_SHOWN]}..."


def misfit(node: Node, where: str, says: str, hint: str = "") -> SpecError:
    """The error for a value that is not what its place asks for."""
    found = shown(node.text) if isinstance(node, Scalar) else "a list or mapping"
    return SpecError(f"{where} must be {says}, not {found}.{hint}", line=node.line)


def text_of(node: Node, where: str, says: str) -> str:
    """The text of a node that must be one non-empty value.

    Raises:
        SpecError: It is a list, a mapping, blank, or an empty string.
    """
    if not isinstance(node, Scalar):
        raise misfit(node, where, says)
    if is_blank(node):
        raise SpecError(
            f"{where} has no value: write {says}, or take the key out.", line=node.line
        )
    if not (text := node.text.strip()):
        raise misfit(node, where, says)
    return text
