"""What is installed, as the distributions declare it; nothing of it is imported."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, TypeAlias

from attrs import frozen

from llmhub_core.errors import PluginConflictError, PluginNotFoundError
from llmhub_core.settings import Settings

__all__ = [
    "KINDS",
    "Installed",
    "PluginKind",
    "declared",
    "discover",
    "find",
    "passed_over",
    "pick",
]

PluginKind: TypeAlias = Literal["source", "selector", "exporter"]

#: Per kind: its entry-point group and the method that its contract asks for.
KINDS: Mapping[PluginKind, tuple[str, str]] = {
    "source": ("llmhub.sources", "fetch"),
    "selector": ("llmhub.selectors", "rank"),
    "exporter": ("llmhub.exporters", "export"),
}


@frozen(kw_only=True)
class Installed:
    """A plugin as its distribution declares it.

    Attributes:
        kind: ``source``, ``selector`` or ``exporter``.
        name: What users type.
        distribution: Who brings it, or None when unknown.
        version: Version of that distribution.
        target: ``module:Class``.
    """

    kind: PluginKind
    name: str
    distribution: str | None
    version: str | None
    target: str

    @property
    def is_ours(self) -> bool:
        """Whether it comes with the core."""
        return self.distribution == "llmhub-core"

    @property
    def owner(self) -> str:
        """Distribution and version, in words."""
        name = self.distribution or "an unknown distribution"
        return f"{name} {self.version}" if self.version else name

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r} of {self.owner}"


def discover(kind: PluginKind) -> tuple[Installed, ...]:
    """List what is installed, sorted by name.

    One name may occur twice, from two distributions: :func:`find` refuses it.
    """
    return tuple(
        sorted(declared(kind), key=lambda p: (p.name, p.distribution or "", p.target))
    )


def find(kind: PluginKind, name: str, prefer: Sequence[str] = ()) -> Installed:
    """Return the one plugin of that name.

    Args:
        kind: Which contract it implements.
        name: Its name.
        prefer: Distributions that count where several claim the name, the first
            first.

    Raises:
        PluginNotFoundError: None is installed; carries those that are.
        PluginConflictError: Two distributions claim the name.
    """
    return pick(kind, name, declared(kind), prefer)


def passed_over(plugin: Installed, settings: Settings) -> str | None:
    """Why a plugin does not count where another one claims its name.

    Returns:
        The reason in words, or None when it counts.

    Raises:
        PluginConflictError: Nothing says which of them counts.
    """
    counts = find(plugin.kind, plugin.name, settings.prefer)
    if counts == plugin:
        return None
    return f"{counts.owner} is preferred in the settings"


def declared(kind: PluginKind) -> Mapping[Installed, EntryPoint]:
    """All plugins of a kind; the same line written twice is one plugin."""
    # A distribution parses its metadata anew at each look.
    heads: dict[int, Any] = {id(None): {}}
    found: dict[Installed, EntryPoint] = {}
    for point in entry_points(group=KINDS[kind][0]):
        key = id(point.dist)
        if key not in heads and point.dist is not None:
            heads[key] = point.dist.metadata
        plugin = Installed(
            kind=kind,
            name=point.name,
            distribution=heads[key].get("Name"),
            version=heads[key].get("Version"),
            target=point.value,
        )
        found[plugin] = point
    return found


def pick(
    kind: PluginKind,
    name: str,
    installed: Mapping[Installed, EntryPoint],
    prefer: Sequence[str],
) -> Installed:
    """Return the one of that name among what is installed; see :func:`find`."""
    named = [plugin for plugin in installed if plugin.name == name]
    if not named:
        known = sorted({plugin.name for plugin in installed})
        near = difflib.get_close_matches(name, known, n=1)
        raise PluginNotFoundError(kind, name, known, near[0] if near else None)
    if len(named) > 1:
        for wanted in map(_normal, prefer):
            of = [p for p in named if _normal(p.distribution or "") == wanted]
            if len(of) == 1:
                return of[0]
        owners = [f"{p.distribution} ({p.target})" for p in named]
        raise PluginConflictError(kind, name, sorted(owners))
    return named[0]


def _normal(distribution: str) -> str:
    # As package indexes compare names.
    return re.sub(r"[-_.]+", "-", distribution).lower()
