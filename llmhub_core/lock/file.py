"""``llmhub.lock``: read with care, written in one form only."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

from llmhub_core.codec import CodecError, dumps, structure, unstructure
from llmhub_core.errors import LockError
from llmhub_core.lock.integrity import Place, edits
from llmhub_core.lock.lines import line_of, places
from llmhub_core.records.lock import Lock

__all__ = [
    "FORMAT",
    "LOCK_NAME",
    "dump_lock",
    "load_lock",
    "parse_lock",
    "read_lock_text",
    "refuse_edits",
]

LOCK_NAME = "llmhub.lock"
"""Its name, beside the spec."""

FORMAT = 1
"""The format that this version reads and writes."""

_MERGE = re.compile(r"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)
_STEP = re.compile(r"""\.(\w+)|\[('[^']*'|"[^"]*"|\d+)\]""")
_RESTORE = (
    "restore the file from version control, or delete it to have every role chosen anew"
)


def load_lock(path: Path | str, *, verify: bool = True) -> Lock | None:
    """Read a lock file.

    Args:
        path: The file.
        verify: Whether a hand edit is an error. Off where the edit may not matter,
            as when the role is to be chosen anew; :func:`refuse_edits` decides then.

    Returns:
        The lock, or None when there is no such file.

    Raises:
        LockError: It can't be read, is damaged, or was edited by hand.
    """
    text = read_lock_text(path)
    if text is None:
        return None
    lock = parse_lock(text, path=path)
    if verify:
        refuse_edits(lock, path=path, text=text)
    return lock


def read_lock_text(path: Path | str) -> str | None:
    """Read a lock file as text, or return None when there is no such file.

    Raises:
        LockError: It can't be read, or is not UTF-8.
    """
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LockError(f"can't be read: {error.strerror}.", path=path) from error
    except UnicodeDecodeError as error:
        raise LockError(f"is not UTF-8 text: {_RESTORE}.", path=path) from error


def parse_lock(text: str, *, path: Path | str | None = None) -> Lock:
    """Read a lock from its text, whether or not it was edited by hand.

    Args:
        text: The whole file.
        path: Where it came from, for messages.

    Raises:
        LockError: Not a lock of this format; names the line where one is to blame.
    """
    if found := _MERGE.search(text):
        raise LockError(
            "holds the marks of an unfinished merge: keep either side whole and run "
            "`llmhub generate`, which chooses anew what that side does not cover.",
            path=path,
            line=text.count("\n", 0, found.start()) + 1,
        )
    data = _json(text, path)
    if not isinstance(data, dict) or type(data.get("version")) is not int:
        raise LockError(f"is not an llmhub.lock: {_RESTORE}.", path=path)
    if data["version"] != FORMAT:
        raise LockError(
            f"has format {data['version']}, and this version of llmhub reads format "
            f"{FORMAT}: use the version that wrote it, or delete the file to have "
            "every role chosen anew.",
            path=path,
            line=line_of(text, ("version",)),
        )
    try:
        return structure(data, Lock)
    except CodecError as error:
        problem = error.problem.removesuffix(f" @ {error.path}")
        where = error.path.removeprefix("$.")
        raise LockError(
            f"{where}: {problem}; {_RESTORE}.",
            path=path,
            line=line_of(text, _place(error.path)),
        ) from error


def refuse_edits(
    lock: Lock,
    *,
    env: str | None = None,
    roles: Collection[str] | None = None,
    path: Path | str | None = None,
    text: str | None = None,
) -> None:
    """Raise the error that names what was edited by hand, if anything was.

    Args:
        lock: The lock.
        env: The only environment that matters; None for all.
        roles: The only roles that matter, those that stay pinned; None for all.
        path: The lock file, for the message.
        text: Its text, for the line.

    Raises:
        LockError: Names the first edit and the number of the others.
    """
    found = [
        edit
        for edit in edits(lock)
        if env in (None, edit.environment)
        and (
            roles is None or (bool(roles) if edit.role is None else edit.role in roles)
        )
    ]
    if not found:
        return
    first = found[0]
    others = f", and {len(found) - 1} more" if found[1:] else ""
    raise LockError(
        f"{first}{others}. Say in the spec what you want; restore the file from "
        f"version control, or choose anew with `{first.remedy}`.",
        path=path,
        line=None if text is None else line_of(text, first.place),
    )


def dump_lock(lock: Lock) -> bytes:
    """Write a lock: sorted keys, nothing at its default, the same for the same lock."""
    return dumps({"version": lock.version, **unstructure(lock)})


def _json(text: str, path: Path | str | None) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        problem = "is empty" if not text.strip() else f"is not JSON: {error.msg}"
        line = error.lineno if text.strip() else None
        raise LockError(f"{problem}; {_RESTORE}.", path=path, line=line) from error
    except _RepeatedKeyError as error:
        raise LockError(
            f"holds the key {error.args[0]!r} twice, as after a merge that went wrong; "
            f"{_RESTORE}.",
            path=path,
            line=_second(text),
        ) from error
    except (ValueError, RecursionError) as error:
        raise LockError(f"is not JSON: {error}; {_RESTORE}.", path=path) from error


class _RepeatedKeyError(Exception):
    """A JSON object has one key twice."""


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedKeyError(key)
        found[key] = value
    return found


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not a JSON number"
    raise ValueError(message)


def _second(text: str) -> int:
    """The line where a key comes for the second time, in a text that has one."""
    seen: set[Place] = set()
    line = 0
    for place, line in places(text):  # noqa: B007 - the last one is the answer
        if place in seen:
            break
        seen.add(place)
    return line


def _place(where: str) -> Place:
    steps = chain.from_iterable(_STEP.findall(where))
    return tuple(
        ast.literal_eval(step) if step[0] in "'\"" or step.isdigit() else step
        for step in steps
        if step
    )
