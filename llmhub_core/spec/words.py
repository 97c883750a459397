"""Shapes of what is named."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from attrs import frozen

from llmhub_core.errors import SpecError
from llmhub_core.spec.shape import misfit, nearest, text_of
from llmhub_core.spec.syntax import Node

__all__ = ["Choice", "Flag", "ModelId", "Text"]

_YES = frozenset({"true", "yes", "on"})
_NO = frozenset({"false", "no", "off"})
_MODEL_ID = r"([A-Za-z0-9][\w.-]*)[:/](\S+)"


@frozen(kw_only=True)
class Flag:
    """True or false, also spelt yes/no or on/off."""

    holds_more: ClassVar[bool] = False
    says: ClassVar[str] = "true or false"

    def read(self, node: Node, where: str) -> bool:
        """See ``Shape``."""
        text = text_of(node, where, self.says)
        if (folded := text.lower()) in _YES:
            return True
        if folded in _NO:
            return False
        raise misfit(node, where, self.says)

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        return {"type": "boolean"}


@frozen(kw_only=True)
class Text:
    """Words, optionally of one form.

    Attributes:
        says: What it looks like.
        pattern: Regular expression for the whole of it, or None.
        secret: True when a wrong value must not be repeated in a message.
    """

    says: str = "text"
    pattern: str | None = None
    secret: bool = False
    holds_more: ClassVar[bool] = False

    def read(self, node: Node, where: str) -> str:
        """See ``Shape``."""
        text = text_of(node, where, self.says)
        if self.pattern is not None and not re.fullmatch(self.pattern, text):
            if self.secret:
                raise SpecError(f"{where} must be {self.says}.", line=node.line)
            raise misfit(node, where, self.says)
        return text

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        return {
            "type": "string",
            **({} if self.pattern is None else {"pattern": f"^(?:{self.pattern})$"}),
        }


@frozen(kw_only=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]
    holds_more: ClassVar[bool] = False

    @property
    def says(self) -> str:
        """See ``Shape``."""
        return f"one of {', '.join(self.words)}"

    def read(self, node: Node, where: str) -> str:
        """See ``Shape``."""
        text = text_of(node, where, self.says)
        if text not in self.words:
            hint = nearest(text, self.words)
            raise misfit(node, where, self.says, hint)
        return text

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        return {"enum": list(self.words)}


@frozen(kw_only=True)
class ModelId:
    """A provider and a model; ``/`` is taken for ``:`` when it comes first."""

    holds_more: ClassVar[bool] = False
    says: ClassVar[str] = "a model written provider:model"

    def read(self, node: Node, where: str) -> str:
        """See ``Shape``."""
        text = text_of(node, where, self.says)
        match = re.fullmatch(_MODEL_ID, text)
        if match is None:
            raise misfit(node, where, self.says)
        return f"{match[1]}:{match[2]}"

    def schema(self) -> dict[str, Any]:
        """See ``Shape``."""
        return {"type": "string", "pattern": f"^{_MODEL_ID}$"}
