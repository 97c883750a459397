"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from llmhub_core.errors import OutputError

__all__ = ["sweep", "write_atomically"]

_NEW, _TAIL = ".llmhub-", ".tmp"


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file in one step; after a crash the old or the new one stands.

    A symbolic link is followed, so that the file it names is replaced. The mode
    of an existing file is kept; a new one gets what the umask leaves.

    Raises:
        OutputError: The folder is missing, full or not writable, or the path
            names something that is no file, such as ``/dev/null``.
    """
    target = Path(os.path.realpath(path))
    new = target.with_name(f"{_NEW}{secrets.token_hex(8)}{_TAIL}")
    try:
        mode = _mode(target)
        _write_through(new, data, 0o666 if mode is None else mode)
        if mode is not None:
            new.chmod(mode)  # the umask has taken some of it away
        new.replace(target)
    except OSError as error:
        raise OutputError(path, f"can't be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what writers left that were killed, in a folder and all below it.

    Whoever sweeps must know that nobody is writing there.

    Raises:
        OSError: Something can't be removed.
    """
    for left in folder.rglob(f"{_NEW}*{_TAIL}"):
        left.unlink(missing_ok=True)


def _mode(target: Path) -> int | None:
    if not target.exists():
        return None
    if not target.is_file():
        raise OutputError(target, "is there already and is not a file")
    return target.stat().st_mode & 0o7777


def _write_through(path: Path, data: bytes, mode: int) -> None:
    def create(name: str, flags: int) -> int:
        return os.open(name, flags, mode)

    # "x" never follows a link that somebody planted under the new name.
    with open(path, "xb", opener=create) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
