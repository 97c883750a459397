"""How far a streamed answer has come, read off its parts."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["ChatProgress", "Progress", "ResponsesProgress"]


class Progress(Protocol):
    """What there is to know of a stream.

    Attributes:
        begun: The model has said something: a token, a thought, a call of a tool.
        whole: The provider has said how the answer ends.
        problem: What the provider says went wrong, or None.
    """

    begun: bool
    whole: bool
    problem: str | None

    def feed(self, part: Any) -> None:
        """Take note of the next part."""
        ...

    @property
    def text(self) -> str:
        """What the model has said so far, in its first choice."""
        ...


class ChatProgress:
    """A streamed chat completion: whole when each choice has its finish reason."""

    def __init__(self) -> None:
        self.begun = False
        self.whole = False
        self.problem: str | None = None
        self._open: set[int] = set()
        self._text: list[str] = []

    def feed(self, part: Any) -> None:
        """Take note of a chunk."""
        for choice in part.choices or ():
            index = choice.index
            delta = choice.delta
            if delta is not None:
                content = delta.content
                if content:
                    self.begun = True
                    if not index:
                        self._text.append(content)
                elif not self.begun:
                    self.begun = _says_something(delta)
            if choice.finish_reason:
                self.begun = True
                self._open.discard(index)
                self.whole = not self._open
            elif not self.whole:
                self._open.add(index)

    @property
    def text(self) -> str:
        """The content of the first choice."""
        return "".join(self._text)


class ResponsesProgress:
    """A streamed response of the Responses API: whole at its closing event."""

    def __init__(self) -> None:
        self.begun = False
        self.whole = False
        self.problem: str | None = None
        self._text: list[str] = []

    def feed(self, part: Any) -> None:
        """Take note of an event."""
        kind = str(getattr(part, "type", ""))
        if kind.endswith(".delta"):
            self.begun = True
            if kind == "response.output_text.delta":
                self._text.append(str(part.delta))
        elif kind in ("response.completed", "response.incomplete"):
            self.begun = self.whole = True
        elif kind in ("response.failed", "error"):
            response = getattr(part, "response", None)
            error = getattr(response, "error", None)
            message = getattr(error, "message", None) or getattr(part, "message", None)
            self.problem = f"failed: {message or 'no reason given'}"

    @property
    def text(self) -> str:
        """The text of the output."""
        return "".join(self._text)


def _says_something(delta: Any) -> bool:
    """Whether a chunk without content says something else, not just who speaks."""
    if delta.tool_calls or delta.function_call or delta.refusal:
        return True
    # any-llm keeps thoughts in an object of their own, which is empty at first.
    reasoning = getattr(delta, "reasoning", None)
    return bool(getattr(reasoning, "content", reasoning))
