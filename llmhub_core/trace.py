"""Structured events: the only door to structlog.

Library code never configures structlog. Left alone, events below WARNING are
dropped and warnings go to stderr, so that stdout stays free for data.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

__all__ = ["EVENTS", "configure", "emit", "logger"]

#: Every event that the core emits, with what it means. Tested against the code.
EVENTS = {
    "cache.discarded": "a kept file was damaged or of another format, and was dropped",
    "cache.unwritable": "the cache folder can't be written; nothing is kept",
    "catalog.fused": "the sources' harvests became a catalog",
    "catalog.loaded": "a catalog was read from the cache or the snapshot",
    "config.written": "a file was emitted",
    "history.recorded": "what a refresh found different was taken down",
    "http.fetched": "an upstream answered",
    "http.retried": "an upstream failed and is asked again",
    "plugin.skipped": "an installed plugin can't be used",
    "role.chosen": "a role was given a model",
    "role.pinned": "a role kept the model of the lock",
    "role.relaxed": "a constraint gave way because the spec allows it",
    "source.failed": "a source gave nothing",
    "source.fetched": "a source was read",
    "source.stale": "a source failed and an older answer stands in",
}


def logger() -> FilteringBoundLogger:
    """Return a logger; quiet unless the application configured structlog."""
    import logging

    import structlog

    if structlog.is_configured():
        return structlog.get_logger()  # type: ignore[no-any-return]
    # Made anew each time: whoever swaps sys.stderr later is written to as well.
    return structlog.wrap_logger(  # type: ignore[no-any-return]
        structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )


def emit(event: str, **facts: Any) -> None:
    """Emit one event of :data:`EVENTS` at debug level.

    structlog takes some 60 ms to import. Where nobody has imported it, nobody
    has configured it either, and the event would be dropped: so it is.
    """
    if "structlog" in sys.modules:
        logger().debug(event, **facts)


def configure() -> None:
    """Print every event to stderr, for ``--verbose``."""
    import structlog

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S.%f", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
