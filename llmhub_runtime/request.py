"""What one call asks, whoever is asked, and what its attempts find out on the side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from attrs import define, field

from llmhub_runtime.metering.usage import Usage

__all__ = ["SERVED", "Call", "Request", "readable"]

Call: TypeAlias = Literal[
    "completion",
    "embedding",
    "image",
    "rerank",
    "responses",
    "speech",
    "transcription",
]

# `other` says nothing, so nothing is refused to it.
SERVED: Mapping[Call, tuple[str, ...]] = {
    "completion": ("chat", "tool", "other"),
    "embedding": ("embedding", "other"),
    "image": ("image", "other"),
    "rerank": ("other",),
    "responses": ("chat", "tool", "other"),
    "speech": ("audio", "other"),
    "transcription": ("audio", "other"),
}
"""The modes of a role that each call is for."""


@define(kw_only=True)
class Request:
    """One call, apart from who answers it.

    Attributes:
        call: Which call it is.
        arguments: What is asked, under any-llm's names; the parameters are the
            candidate's.
        streams: The answer is wanted in parts.
        notes: What was asked otherwise than the parameters say, and why; grows with
            the attempts.
        usage: What the answer used, as soon as the provider has told; None before,
            and for ever when it does not tell.
    """

    call: Call
    arguments: Mapping[str, Any]
    streams: bool = False
    notes: list[str] = field(factory=list)
    usage: Usage | None = None

    def note(self, text: str) -> None:
        """Add a note, unless it was made before."""
        if text not in self.notes:
            self.notes.append(text)


def readable(file: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Make audio readable as often as there are attempts.

    Args:
        file: Bytes, a path, or a binary file, which is read here and now.

    Returns:
        The argument of the call, and the parameter with the file's name, if it has one.
    """
    if not hasattr(file, "read"):
        return {"file": file}, {}
    name = getattr(file, "name", None)
    named = {"filename": Path(name).name} if isinstance(name, str) else {}
    return {"file": file.read()}, named
