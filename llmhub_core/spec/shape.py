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

__all__ = ["Shape", "nearest", "text_of"]


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


def text_of(node: Node, where: str, says: str) -> str:
    """The text of a node that must be one non-empty value.

    Raises:
        SpecError: It is a list, a mapping, blank, or an empty string.
    """
    if not isinstance(node, Scalar):
        raise SpecError(
            f"{where} must be {says}, not a list or mapping.", line=node.line
        )
    if is_blank(node):
        raise SpecError(
            f"{where} has no value: write {says}, or take the key out.", line=node.line
        )
    if not (text := node.text.strip()):
        raise SpecError(f"{where} must be {says}, not empty text.", line=node.line)
    return text
