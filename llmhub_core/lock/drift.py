"""Where ``llmhub.yaml`` says something else than it should."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeGuard

from attrs import frozen

from llmhub_core.lock.integrity import Place
from llmhub_runtime.config import RuntimeConfig, dump_config, parse_config
from llmhub_runtime.document import line_of, read_document
from llmhub_runtime.errors import ConfigError

__all__ = ["ConfigError", "Drift", "drift"]

_LONGEST = 120  # characters of values in a one-line message


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
        whose = "the config" if self.role is None else f"role {self.role!r}"
        rest = self.place if self.role is None else self.place[2:]
        if rest:
            whose += f": {'.'.join(map(str, rest))}"
        if self.expected is None:
            return f"{whose} is there and should not be"
        if self.found is None:
            return f"{whose} is missing"
        found, expected = repr(self.found), repr(self.expected)
        if len(found + expected) > _LONGEST:
            return f"{whose} is not what it should be"
        return f"{whose} is {found} and should be {expected}"


def drift(expected: RuntimeConfig, found: str) -> tuple[Drift, ...]:
    """Compare with what a config means; comments, order and layout do not count.

    Args:
        expected: The config that would be written.
        found: The text that is there.

    Returns:
        The keys that differ, in the order in which they are expected.

    Raises:
        ConfigError: What is there is no valid config.
    """
    there = parse_config(found)
    if there == expected:
        return ()
    meant, _ = read_document(dump_config(expected))
    said, _ = read_document(dump_config(there))
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
    elif _many(meant) and _many(said) and len(meant) == len(said):
        for index, (old, new) in enumerate(zip(meant, said, strict=True)):
            yield from _differences((*place, index), old, new)
    elif meant != said:
        yield place, meant, said


def _many(value: object) -> TypeGuard[list[Mapping[str, object]]]:
    """Whether it is a list of mappings, such as fallbacks."""
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)
