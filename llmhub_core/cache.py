"""The cache folder: payloads as they came, and the catalog made of them.

One file per thing, each a JSON head line followed by the body. A seal over both
tells a damaged or foreign file, which is never believed. Files are replaced
atomically, so a reader never waits and never sees half of one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

from llmhub_core.errors import OutputError
from llmhub_core.files import sweep, write_atomically
from llmhub_core.jsontext import CodecError, loads
from llmhub_core.trace import emit, logger

__all__ = ["FORMAT", "Cache", "Entry"]

#: Raised whenever the meaning of a kept file changes; older ones are left alone.
FORMAT = 1

_LOCK_SECONDS = 60.0


@frozen(kw_only=True)
class Entry:
    """One kept file.

    Attributes:
        head: Facts about the body: address, ETag, times.
        body: The bytes themselves.
    """

    head: Mapping[str, str]
    body: bytes


class Cache:
    """Files under one folder, named by parts such as ``("payloads", "arena", key)``.

    Args:
        folder: Created at the first write; need not be writable.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._complained = False
        self._damaged: set[Path] = set()

    def path(self, *parts: str) -> Path:
        """Where the file of that name is, whether it exists or not."""
        return self.folder.joinpath(f"v{FORMAT}", *(_safe(part) for part in parts))

    def read(self, *parts: str) -> Entry | None:
        """Return a kept file, or None when it is absent or damaged.

        The first damaged file of a folder is worth a warning: a full disk spoils a
        hundred pages of one leaderboard at once.
        """
        path = self.path(*parts)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        entry = _unsealed(data)
        if entry is None:
            told = path.parent in self._damaged
            self._damaged.add(path.parent)
            tell = emit if told else logger().warning
            tell("cache.discarded", path=str(path), reason="it is damaged")
        return entry

    def write(self, *parts: str, head: Mapping[str, str], body: bytes) -> bool:
        """Keep a file; on a folder that can't be written, say so once and go on.

        Returns:
            Whether the file was kept.
        """
        path = self.path(*parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, _sealed(head, body))
        except (OSError, OutputError) as error:
            self._complain(str(error))
            return False
        return True

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out while something is read, judged and replaced.

        Where there can be no lock, because the folder can't be written or
        another process does not let go of it, work goes on without one: every
        single file is still replaced whole. What a killed process left half
        written is swept out.
        """
        from filelock import FileLock

        lock = FileLock(self.folder / ".lock", timeout=_LOCK_SECONDS)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            sweep(self.path())
        # filelock's Timeout is an OSError, too.
        except (OSError, NotImplementedError) as error:
            self._complain(str(error))
        try:
            yield
        finally:
            lock.release()

    def _complain(self, reason: str) -> None:
        if not self._complained:
            logger().warning("cache.unwritable", path=str(self.folder), reason=reason)
        self._complained = True


def _sealed(head: Mapping[str, str], body: bytes) -> bytes:
    line = json.dumps({**head, "format": str(FORMAT)}, sort_keys=True).encode()
    rest = b"\n".join((line, body))
    return b"\n".join((_seal(rest), rest))


def _unsealed(data: bytes) -> Entry | None:
    seal, _, rest = data.partition(b"\n")
    if seal != _seal(rest):
        return None
    line, _, body = rest.partition(b"\n")
    try:
        head = loads(line)
    except CodecError:
        return None
    if not isinstance(head, dict) or head.pop("format", None) != str(FORMAT):
        return None
    return Entry(head=head, body=body)


def _seal(rest: bytes) -> bytes:
    return hashlib.sha256(rest).hexdigest().encode()


def _safe(part: str) -> str:
    """Make a name for any text: readable in front, unique behind."""
    if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,80}", part):
        return part
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", part)[-60:].lstrip("._-")
    mark = hashlib.sha256(part.encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{readable}-{mark}"
