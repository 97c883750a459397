"""How a written file shows that nobody has changed it since.

The head comment of an emitted file carries the SHA-256 of all its other lines; a JSON
file, which has no comments, carries that of its other keys. A file without it, or with
another one, is somebody's own work and is not overwritten unless that was asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from llmhub_core.errors import HandEditedError, OutputError

__all__ = ["is_ours", "must_write", "seal", "sealed_json"]

_LABEL = "# sha256 of all other lines: "
_HEAD = re.compile(r"\A(?:#[^\n]*\n)*")
_KEY = "sha256_of_the_rest"
_SEAL = re.compile(f"^{_LABEL}([0-9a-f]{{64}})\n", re.MULTILINE)


def seal(text: str) -> str:
    """Add the line with the checksum at the end of the head comment.

    Args:
        text: A file whose comments start with ``#``.
    """
    mark = f"{_LABEL}{sha256(text.encode()).hexdigest()}\n"
    return _HEAD.sub(lambda head: head[0] + mark, text, count=1)


def sealed_json(data: Mapping[str, object]) -> str:
    """Write a JSON object with the checksum of its other keys."""
    return _json({**data, _KEY: _digest(data)})


def _json(data: Mapping[str, object]) -> str:
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _digest(data: Mapping[str, object]) -> str:
    return sha256(_json(data).encode()).hexdigest()


def is_ours(text: str) -> bool:
    """Whether a file is as it was written; line ends of Windows change nothing."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if text.startswith("{"):
        return _is_our_json(text)
    found = _SEAL.search(text)
    if found is None:
        return False
    rest = text[: found.start()] + text[found.end() :]
    return sha256(rest.encode()).hexdigest() == found[1]


def _is_our_json(text: str) -> bool:
    try:
        data = json.loads(text)
    except ValueError:
        return False
    mark = data.pop(_KEY, None)
    return mark is not None and mark == _digest(data)


def must_write(path: Path, text: str, *, force: bool = False) -> bool:
    """Say whether a file is to be written, and refuse to lose somebody's work.

    Args:
        path: The file, which may exist.
        text: What it is to hold.
        force: Replace it whoever wrote it.

    Returns:
        False when the file holds just that.

    Raises:
        HandEditedError: The file holds something else that was not written by
            ``llmhub generate``.
        OutputError: It can't be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return True
    except OSError as error:
        raise OutputError(path, f"can't be read: {error.strerror}") from error
    if data == text.encode():
        return False
    if force or not data.strip() or is_ours(data.decode(errors="replace")):
        return True
    raise HandEditedError(
        path,
        "was edited by hand, or not written by `llmhub generate`, and is left as it "
        "is: move what you want to keep into the spec, then use --force to replace it",
    )
