"""Values as YAML text that strict YAML reads back as the same values."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from llmhub_core.errors import SpecError

__all__ = ["inline", "lines", "word"]

# A first letter, then what YAML never takes for an indicator: no colon before a
# space, no hash after one, no bracket, no comma.
_BARE = re.compile(r"[A-Za-z_][\w./@+-]*(?:[: ][\w./@+-]+)*(?: [\w./@+-]+)*")
_SAID_OTHERWISE = frozenset({"true", "false", "null"})
# Line breaks to YAML alone, and what its reader refuses: only escapes carry them.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_WIDEST = 72
# Roles and providers are indented by less than this: they read best as blocks.
_SECTION = 4


def word(text: str) -> str:
    """Text as a scalar or key, in double quotes unless it stands without."""
    if _BARE.fullmatch(text) and text.lower() not in _SAID_OTHERWISE:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04X}", quoted)


def inline(value: Any) -> str:
    """A value on one line: a scalar, ``[a, b]`` or ``{a: 1}``.

    Raises:
        SpecError: The value is no text, number, truth value, list or mapping.
    """
    match value:
        case str():
            return word(value)
        case Mapping():
            inner = ", ".join(f"{word(k)}: {inline(v)}" for k, v in value.items())
            return f"{{{inner}}}"
        case Sequence():
            return f"[{', '.join(map(inline, value))}]"
        case None | bool() | int():
            return json.dumps(value)
        case float() if math.isfinite(value):
            return repr(value)
    raise SpecError(f"{value!r} can't be written into a spec.")


def lines(key: str, value: Any, indent: int = 0) -> list[str]:
    """A key and its value; a section, and what is deep or long, a line per key."""
    head = f"{' ' * indent}{word(key)}:"
    flat = f"{head} {inline(value)}"
    if (
        not isinstance(value, Mapping)
        or not value
        or (
            indent >= _SECTION
            and len(flat) <= _WIDEST
            and not any(isinstance(item, Mapping) for item in value.values())
        )
    ):
        return [flat]
    return [
        head,
        *(line for k, v in value.items() for line in lines(k, v, indent + 2)),
    ]
