"""When a kept catalog still serves, and when the sources are due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from llmhub_core.cache import Cache
from llmhub_core.codec import digest
from llmhub_core.plugins import discover
from llmhub_core.records.catalog import Catalog
from llmhub_core.settings import Settings

__all__ = [
    "age_seconds",
    "fingerprint",
    "is_due",
    "note_attempt",
    "now",
    "was_in_vain",
]

#: How soon sources are asked again that did not answer, at the earliest.
_PATIENCE_SECONDS = 600.0

_ATTEMPT = ("attempt",)


def now() -> str:
    """This second, ISO 8601 UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age_seconds(catalog: Catalog) -> float | None:
    """Seconds since the sources of a catalog were last asked; None if unknown."""
    return _since(catalog.checked_at)


def is_due(catalog: Catalog, ttl_seconds: float) -> bool:
    """Whether the sources are to be asked again.

    Args:
        catalog: The kept catalog; one that a source is missing from, or of which
            a part is older, is due after ten minutes.
        ttl_seconds: How long a complete one serves.
    """
    complete = all(status.state in {"fresh", "cached"} for status in catalog.sources)
    limit = ttl_seconds if complete else min(ttl_seconds, _PATIENCE_SECONDS)
    age = age_seconds(catalog)
    # An age below zero is a clock that was put back.
    return age is None or not 0 <= age < limit


def note_attempt(cache: Cache, made_with: str) -> None:
    """Remember that the sources were asked in vain."""
    cache.write(*_ATTEMPT, head={"at": now(), "fingerprint": made_with}, body=b"")


def was_in_vain(cache: Cache, made_with: str) -> bool:
    """Whether the same sources were asked in vain within the last ten minutes."""
    entry = cache.read(*_ATTEMPT)
    if entry is None or entry.head.get("fingerprint") != made_with:
        return False
    age = _since(entry.head.get("at", ""))
    return age is not None and 0 <= age < _PATIENCE_SECONDS


def fingerprint(
    settings: Settings, source_options: Mapping[str, Mapping[str, Any]] | None = None
) -> str:
    """Digest of what a catalog depends on beside the answers themselves.

    The installed sources, their options from wherever, and the user's tables: when
    one of them changes, the kept catalog is another one's.
    """
    sources = [
        (plugin.name, plugin.distribution, plugin.version)
        for plugin in discover("source")
        if settings.sources is None or plugin.name in settings.sources
    ]
    prefixes = tuple(
        f"LLMHUB_{name.upper().replace('-', '_')}_" for name, _, _ in sources
    )
    variables = {
        name: ascii(value)
        for name, value in settings.environ.items()
        if name.startswith(prefixes)
    }
    tables = {
        path.name: path.read_text(encoding="utf-8", errors="replace")
        for path in settings.config_dir.glob("*.toml")
        if path.is_file()
    }
    options = {name: dict(given) for name, given in (source_options or {}).items()}
    return digest([sources, options, variables, tables, settings.inherit_ratings])


def _since(when: str) -> float | None:
    try:
        then = datetime.fromisoformat(when)
    except ValueError:
        return None
    if then.tzinfo is None:
        return None
    return (datetime.now(UTC) - then).total_seconds()
