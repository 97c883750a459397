"""The cache folder: payloads as they came, and the catalog made of them.

One file per thing, each a JSON head line followed by the body. The head carries
the format's version and the body's SHA-256, so that a damaged or older file is
recognised and dropped, never believed. Files are replaced atomically; nothing
ever waits for a reader.
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
from llmhub_core.files import write_atomically
from llmhub_core.trace import logger

__all__ = ["FORMAT", "Cache", "Entry"]

#: Raised whenever the meaning of a kept file changes; older ones are dropped.
FORMAT = 1


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
        self.writable = True

    def path(self, *parts: str) -> Path:
        """Where the file of that name is, whether it exists or not."""
        return self.folder.joinpath(f"v{FORMAT}", *(_safe(part) for part in parts))

    def read(self, *parts: str) -> Entry | None:
        """Return a kept file, or None when it is absent or damaged."""
        path = self.path(*parts)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        line, _, body = data.partition(b"\n")
        head = _sound_head(line, body)
        if head is None:
            logger().warning("cache.discarded", path=str(path))
            return None
        return Entry(head=head, body=body)

    def write(self, *parts: str, head: Mapping[str, str], body: bytes) -> bool:
        """Keep a file; on a folder that can't be written, say so once and go on.

        Returns:
            Whether the file was kept.
        """
        line = json.dumps(
            {**head, "format": FORMAT, "sha256": hashlib.sha256(body).hexdigest()},
            sort_keys=True,
        )
        path = self.path(*parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, line.encode() + b"\n" + body)
        except (OSError, OutputError) as error:
            if self.writable:
                logger().warning("cache.unwritable", path=str(path), reason=str(error))
            self.writable = False
            return False
        return True

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder's lock between processes, where there can be one."""
        from filelock import FileLock

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / ".lock", timeout=60)
            lock.acquire()
        except OSError:
            # A folder that takes no lock file takes no other file either.
            yield
            return
        try:
            yield
        finally:
            lock.release()


def _sound_head(line: bytes, body: bytes) -> dict[str, str] | None:
    try:
        head = json.loads(line)
    except ValueError:
        return None
    if not isinstance(head, dict) or head.pop("format", None) != FORMAT:
        return None
    if head.pop("sha256", None) != hashlib.sha256(body).hexdigest():
        return None
    return head


def _safe(part: str) -> str:
    """Make a name for any text: readable in front, unique behind."""
    if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,80}", part):
        return part
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", part)[-60:].lstrip(".")
    return f"{readable}-{hashlib.sha256(part.encode()).hexdigest()[:16]}"
