"""Parameters that an SDK need not look through before they leave.

The SDKs that Stainless generates hold all that is sent against the types of their API,
to rename keys, and to write out dates and files: each message against each kind of
message that there is, each text against each kind of input. That takes 0.1 ms a message
and 0.04 ms a tool, for which an event loop does nothing else. What is JSON already and
has no such key leaves as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial, wraps
from typing import Any

from llmhub_runtime.sending import is_to_be_sent

__all__ = ["skip_needless_transforms"]

# What the module has, of which all is needed to do without it.
_TOOLS = (
    "_maybe_transform_key",
    "async_transform",
    "get_args",
    "get_type_hints",
    "is_given",
    "is_typeddict",
)
_SCALARS = frozenset({str, int, float, bool, type(None)})


def skip_needless_transforms(sdk: Any) -> None:
    """Let the requests of this library leave without transforms that change nothing.

    The SDK looks for what does that in a module of its own, where it is replaced; what
    others send by the same SDK goes the way that it always went.

    Args:
        sdk: A client of the SDK; one that has no such transforms stays as it is.
    """
    package = type(sdk).__module__.partition(".")[0]
    tools: Any = sys.modules.get(f"{package}._utils._transform")
    if all(hasattr(tools, name) for name in _TOOLS):
        whole = tools.async_transform
        if not hasattr(whole, "is_shortcut"):
            tools.async_transform = _shortcut(tools, whole)


def _shortcut(
    tools: Any, whole: Callable[[Any, Any], Awaitable[Any]]
) -> Callable[[Any, Any], Awaitable[Any]]:
    renamed = lru_cache(partial(_renamed, tools))

    @wraps(whole)
    async def transform(data: Any, expected_type: Any) -> Any:
        if is_to_be_sent() and type(data) is dict:
            given = {name: one for name, one in data.items() if tools.is_given(one)}
            if _is_json(given, renamed(expected_type)):
                return given
        return await whole(data, expected_type)

    transform.is_shortcut = True  # type: ignore[attr-defined]
    return transform


def _renamed(tools: Any, kind: Any) -> frozenset[str]:
    """Return the keys that have another name, of all that belongs to a type."""
    names: set[str] = set()
    waiting, seen = [kind], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if tools.is_typeddict(one):
            hints = tools.get_type_hints(one, include_extras=True)
            transform_key = tools._maybe_transform_key  # noqa: SLF001
            names |= {key for key in hints if transform_key(key, hints[key]) != key}
            waiting += hints.values()
        else:
            waiting += tools.get_args(getattr(one, "__value__", one))
    return frozenset(names)


def _is_json(value: Any, renamed: frozenset[str]) -> bool:
    """Say whether a value is what reading JSON makes, without keys to be renamed."""
    waiting, seen = [value], set()
    for one in waiting:  # it grows meanwhile
        kind = type(one)
        if kind in _SCALARS:
            continue
        if kind is dict and renamed.isdisjoint(one):
            inner = one.values()
        elif kind is list:
            inner = one
        else:
            return False
        if id(one) not in seen:
            seen.add(id(one))
            waiting += inner
    return True
