"""Watches a config file, so that a change of it reaches a program that runs."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

from llmhub_runtime.errors import LLMHubRuntimeError
from llmhub_runtime.fork import begins_anew

__all__ = ["Watch"]

logger = logging.getLogger("llmhub_runtime")

_EVERY_SECONDS = 1.0


class Watch:
    """Looks at a file every second, on a thread of its own.

    The file is compared by its content, so that it does not matter how it was replaced
    nor how exact the file system's clock is. Each new content is tried once.

    Args:
        path: The file.
        reload: A method that reads it; may raise ``LLMHubRuntimeError``. Its object is
            held weakly, and the watch ends with it.
    """

    def __init__(self, path: Path, reload: Callable[[], object]) -> None:
        self._path = path
        self._reload = weakref.WeakMethod(reload)
        self._seen: bytes | None = b""  # as nobody can tell what was read before
        self._ended = threading.Event()
        self._start()
        begins_anew(self)

    def close(self) -> None:
        """End the watch."""
        self._ended.set()

    def forget(self) -> None:
        """Go on in a forked child, where the thread does not exist."""
        ended = self._ended.is_set()
        self._ended = threading.Event()
        if ended:
            self._ended.set()
        else:
            self._start()

    def look(self) -> bool:
        """Look once; return whether there is still somebody to tell."""
        reload = self._reload()
        if reload is None:
            return False
        try:
            content = self._path.read_bytes()
        except OSError:
            content = None
        if content != self._seen:
            self._seen = content
            try:
                reload()
            except LLMHubRuntimeError as error:
                logger.error("config.kept: the last good one stays, as %s", error)  # noqa: TRY400 (the error says where)
        return True

    def _start(self) -> None:
        threading.Thread(
            target=_watch,
            args=(weakref.ref(self), self._ended),
            name="llmhub-watch",
            daemon=True,
        ).start()


def _watch(watch: weakref.ref[Watch], ended: threading.Event) -> None:
    while not ended.wait(_EVERY_SECONDS):
        living = watch()
        if living is None or not living.look():
            return
        del living
