"""Where two texts of ``llmhub.yaml`` say different things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from llmhub_core.lock.integrity import Place
from llmhub_runtime.config import dump_config, parse_config
from llmhub_runtime.document import line_of, read_document
from llmhub_runtime.errors import ConfigError

__all__ = ["ConfigError", "Drift", "drift"]

_LONGEST = 60  # characters of a value in a one-line message


@frozen(kw_only=True)
class Drift:
    """One key that differs.

    Attributes:
        place: The key, from the root.
        expected: What it should hold, as plain data; None when it should not be there.
        found: What it holds; None when it is not there.
        line: Line of the text that was found, or of what is around the key.
    """

    place: Place
    expected: object
    found: object
    line: int | None

    @property
    def role(self) -> str | None:
        """The role that it belongs to, or None."""
        named = self.place[0] == "roles" and len(self.place) > 1
        return str(self.place[1]) if named else None

    def __str__(self) -> str:
        whose = f"role {self.role!r}" if self.role is not None else "the config"
        rest = self.place[2:] if self.role is not None else self.place
        if not rest:
            return f"{whose} {'is missing' if self.found is None else 'is too much'}"
        key = ".".join(map(str, rest))
        return f"{whose}: {key} is {_shown(self.found)}, not {_shown(self.expected)}"


def drift(expected: str, found: str) -> tuple[Drift, ...]:
    """Compare what two configs mean; comments, order and layout do not count.

    Args:
        expected: The text that would be written.
        found: The text that is there.

    Returns:
        The keys that differ, in the order of the expected text.

    Raises:
        ConfigError: What is there is no valid config.
    """
    meant, _ = read_document(dump_config(parse_config(expected)))
    said, _ = read_document(dump_config(parse_config(found)))
    _, lines = read_document(found)
    return tuple(
        Drift(place=place, expected=old, found=new, line=line_of(lines, place))
        for place, old, new in _differences((), meant, said)
    )


def _differences(
    place: Place, meant: object, said: object
) -> Iterator[tuple[Place, object, object]]:
    if isinstance(meant, Mapping) and isinstance(said, Mapping):
        for key in dict.fromkeys((*meant, *said)):
            yield from _differences((*place, key), meant.get(key), said.get(key))
    elif meant != said:
        yield place, meant, said


def _shown(value: object) -> str:
    text = "not there" if value is None else repr(value)
    return text if len(text) <= _LONGEST else "something else"
