"""Installed plugins: who brings them, and how they are loaded."""

from __future__ import annotations

from llmhub_core.plugins.installed import (
    KINDS,
    Installed,
    PluginKind,
    discover,
    find,
    passed_over,
)
from llmhub_core.plugins.loading import (
    BrokenPlugin,
    Plugin,
    import_class,
    load,
    load_exporter,
    load_selector,
    load_sources,
)

__all__ = [
    "KINDS",
    "BrokenPlugin",
    "Installed",
    "Plugin",
    "PluginKind",
    "discover",
    "find",
    "import_class",
    "load",
    "load_exporter",
    "load_selector",
    "load_sources",
    "passed_over",
]
