"""Payloads as they come when an upstream has a bad day.

``damaged`` takes a sound document and breaks it at a few places, as editors, export
scripts, proxies and full disks do. A source should survive all of it: what it reads
afterwards is what is written there, or nothing.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

__all__ = ["damaged"]

#: What can't be written by `json.dumps` stands between these until it is text.
_MARK: Final = "\ue000"
_MARKED: Final = re.compile(r'"\\ue000(.*?)\\ue000"')

#: Values that stand where another one should.
_JUNK: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, -0.5, 0.0, 1e-9, 0.0005, 2.5, 7, 99_999.5, 1e9,
    128_000.0, 10**30, float("nan"), float("inf"), float("-inf"),
    f"{_MARK}1e400{_MARK}", f"{_MARK}-1e400{_MARK}", f"{_MARK}{'9' * 5000}{_MARK}",
    f"{_MARK}{'[' * 900}{']' * 900}{_MARK}",
    "", " ", "0.5", "1,000", "$3", "NaN", "null", "true", "free", "2026-13-45",
    "9999-01-01", "1970-01-01", "2026-02-30", "text", "x" * 5000, "two\nlines", "\x00",
    "\x1b[31mred", "\ud800", "\u202egnp.exe", "\u0661\u0662", "caf\u00e9",
    [], {}, [None], ["text"], [1, 2], [{}], {"input": 1}, {"": ""}, [[[[]]]],
)  # fmt: skip
_KEYS: Final = ("", " ", "id", "__proto__", "Input", "price", "\ud800", "a/b", "a:b")


def damaged(document: Any, random: Random, *, times: int = 1) -> bytes:
    """Break a document at some places and write it down.

    Args:
        document: Anything that JSON can hold; it is not changed.
        random: Decides; the same state gives the same bytes.
        times: Number of places.

    Returns:
        Bytes that may or may not be JSON.
    """
    broken = copy.deepcopy(document)
    for _ in range(times):
        if isinstance(broken, (dict, list)) and broken:
            parent, key = random.choice(list(_places(broken)))
            random.choice(_TREE_DAMAGES)(parent, key, random)
    text = json.dumps(broken)
    text = _MARKED.sub(_raw, text)
    if random.random() < 0.2:
        text = _repeat_key(text, random)
    body = text.encode()
    return random.choice(_BYTE_DAMAGES)(body, random) if random.random() < 0.1 else body


def _raw(match: re.Match[str]) -> str:
    return match[1]


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with each of its keys or indices, outside in."""
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], (dict, list)):
            yield from _places(node[key])


def _replace(parent: Any, key: Any, random: Random) -> None:
    parent[key] = copy.deepcopy(random.choice(_JUNK))


def _scale(parent: Any, key: Any, random: Random) -> None:
    """A unit mistaken, a sign lost, a number written as text."""
    value = parent[key]
    if type(value) in {int, float}:
        parent[key] = random.choice(
            [-value, value * 1000, value / 1e6, str(value), value + 0.5, [value]]
        )
    else:
        _replace(parent, key, random)


def _drop(parent: Any, key: Any, random: Random) -> None:
    del parent[key]


def _double(parent: Any, key: Any, random: Random) -> None:
    """The same thing twice: under another key, or once more in the list."""
    value = copy.deepcopy(parent[key])
    if isinstance(parent, list):
        parent.insert(random.randrange(len(parent) + 1), value)
        return
    new = random.choice([f"{key}2", str(key).upper(), f" {key}", *_KEYS])
    parent[new] = value
    if isinstance(value, dict) and "id" in value and random.random() < 0.7:
        value["id"] = new


def _swap(parent: Any, key: Any, random: Random) -> None:
    other = random.choice(
        list(parent) if isinstance(parent, dict) else range(len(parent))
    )
    parent[key], parent[other] = parent[other], parent[key]


def _rename(parent: Any, key: Any, random: Random) -> None:
    if isinstance(parent, dict):
        parent[random.choice([str(key).upper(), f"{key} ", *_KEYS])] = parent.pop(key)
    else:
        parent.reverse()


def _wrap(parent: Any, key: Any, random: Random) -> None:
    parent[key] = random.choice([[parent[key]], {str(key): parent[key]}])


def _repeat_key(text: str, random: Random) -> str:
    """One object gives one key twice, which parsers tell apart in their own ways."""
    places = list(re.finditer(r'"[\w-]+": ', text))
    if not places:
        return text
    place = random.choice(places)
    value = json.dumps(random.choice([0, 5, "again", None]))
    return f"{text[: place.start()]}{place[0]}{value}, {text[place.start() :]}"


def _cut(body: bytes, random: Random) -> bytes:
    return body[: random.randrange(len(body) + 1)]


def _flip(body: bytes, random: Random) -> bytes:
    place = random.randrange(len(body) or 1)
    return body[:place] + random.randbytes(random.randrange(4)) + body[place + 1 :]


def _insert(body: bytes, random: Random) -> bytes:
    place = random.randrange(len(body) + 1)
    return body[:place] + body[place : place + 200] + body[place:]


_TREE_DAMAGES: Final[tuple[Callable[[Any, Any, Random], None], ...]] = (
    _replace, _replace, _replace, _scale, _scale, _drop, _double, _swap, _rename, _wrap,
)  # fmt: skip
_BYTE_DAMAGES: Final[tuple[Callable[[bytes, Random], bytes], ...]] = (
    _cut,
    _flip,
    _insert,
    lambda body, _: b"\xef\xbb\xbf" + body,
    lambda body, _: body.decode().encode("utf-16"),
    lambda body, _: body.replace(b'"', b"'"),
    lambda body, _: b"[" + body + b"]",
    lambda body, _: b"<!doctype html><title>Sign in</title>" + body,
    lambda body, _: b"[" * 100_000,
    lambda body, _: b"",
    lambda body, _: b"null",
)
