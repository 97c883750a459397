"""Installed plugins: the only door to stevedore."""

from __future__ import annotations

import difflib
import importlib.metadata
from collections.abc import Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar

from attrs import field, fields_dict, frozen
from stevedore import NamedExtensionManager

from llmhub_core.codec import CodecError, structure_text
from llmhub_core.contracts import CONTRACT_VERSION, CatalogSource, Exporter, Selector
from llmhub_core.errors import (
    PluginConflictError,
    PluginError,
    PluginLoadError,
    PluginNotFoundError,
    PluginOptionsError,
)
from llmhub_core.settings import Settings, plugin_options
from llmhub_core.trace import emit

__all__ = [
    "KINDS",
    "Installed",
    "Plugin",
    "discover",
    "find",
    "load",
    "load_exporter",
    "load_selector",
    "load_sources",
]

P = TypeVar("P")
PluginKind = Literal["source", "selector", "exporter"]

#: Per kind: its entry-point group and the method that its contract asks for.
KINDS: Mapping[PluginKind, tuple[str, str]] = {
    "source": ("llmhub.sources", "fetch"),
    "selector": ("llmhub.selectors", "rank"),
    "exporter": ("llmhub.exporters", "export"),
}


@frozen(kw_only=True)
class Installed:
    """A plugin as its distribution declares it; nothing is imported yet.

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


@frozen(kw_only=True)
class Plugin(Generic[P]):
    """A constructed plugin and who brought it."""

    installed: Installed
    instance: P = field(repr=False)

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.installed.name


class _Fresh(NamedExtensionManager[Any]):
    """stevedore without its disk cache, which misses a plugin for two minutes.

    It stores modification times as 32-bit floats, so an install within 128 s of
    the last look changes nothing for it; its cached entries also forget their
    distribution. Reading the metadata anew costs 2 ms.
    """

    def list_entry_points(self) -> list[importlib.metadata.EntryPoint]:
        return list(_entry_points(self.namespace))


def _entry_points(group: str) -> tuple[importlib.metadata.EntryPoint, ...]:
    return tuple(importlib.metadata.entry_points(group=group))


def discover(kind: PluginKind) -> tuple[Installed, ...]:
    """List what is installed, sorted by name, importing none of it.

    One name may occur twice, from two distributions: :func:`find` refuses it.
    """
    # A set: a distribution found twice on the path (an editable install over a
    # wheel) is one plugin.
    found = {
        Installed(
            kind=kind,
            name=point.name,
            distribution=point.dist.name if point.dist else None,
            version=point.dist.version if point.dist else None,
            target=point.value,
        )
        for point in _entry_points(KINDS[kind][0])
    }
    return tuple(sorted(found, key=lambda p: (p.name, p.distribution or "")))


def find(kind: PluginKind, name: str) -> Installed:
    """Return the one plugin of that name.

    Raises:
        PluginNotFoundError: None is installed; carries those that are.
        PluginConflictError: Two distributions claim the name.
    """
    everything = discover(kind)
    named = [plugin for plugin in everything if plugin.name == name]
    if not named:
        known = sorted({plugin.name for plugin in everything})
        near = difflib.get_close_matches(name, known, n=1)
        raise PluginNotFoundError(kind, name, known, near[0] if near else None)
    if len(named) > 1:
        owners = [plugin.distribution or plugin.target for plugin in named]
        raise PluginConflictError(kind, name, owners)
    return named[0]


def load(
    kind: PluginKind,
    name: str,
    settings: Settings,
    options: Mapping[str, Any] | None = None,
) -> Plugin[Any]:
    """Import and construct one plugin.

    Args:
        kind: Which contract it implements.
        name: Its name.
        settings: Where its options are looked up.
        options: Options of the spec, over everything else.

    Raises:
        PluginNotFoundError: None is installed under that name.
        PluginConflictError: Two distributions claim the name.
        PluginLoadError: It does not import, construct or keep its contract.
        PluginOptionsError: Its options do not validate.
    """
    installed = find(kind, name)
    failures: list[BaseException] = []

    def keep(_: object, __: object, error: BaseException) -> None:
        failures.append(error)

    group, method = KINDS[kind]
    manager = _Fresh(
        group,
        [name],
        invoke_on_load=False,
        on_load_failure_callback=keep,
        warn_on_missing_entrypoint=False,
    )
    if failures or not manager.extensions:
        error = failures[0] if failures else ImportError(installed.target)
        raise _load_error(installed, error) from error
    cls = manager.extensions[0].plugin
    if not callable(getattr(cls, method, None)):
        raise _load_error(installed, TypeError(f"it has no method {method!r}"))
    version = getattr(cls, "contract_version", CONTRACT_VERSION)
    if version != CONTRACT_VERSION:
        wanted = f"it speaks contract {version}, this is contract {CONTRACT_VERSION}"
        raise _load_error(installed, TypeError(wanted))
    arguments = _options(installed, cls, settings, options)
    try:
        instance = cls(**arguments)
    except Exception as error:
        raise _load_error(installed, error) from error
    return Plugin(installed=installed, instance=instance)


def load_sources(
    settings: Settings,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[
    tuple[Plugin[CatalogSource], ...], tuple[tuple[Installed, PluginError], ...]
]:
    """Load every source that the settings ask for; a bad one spoils no other.

    Returns:
        The sources that work, and the others with their errors, both by name.
    """
    names = settings.sources
    if names is None:
        names = tuple(sorted({plugin.name for plugin in discover("source")}))
    good: list[Plugin[CatalogSource]] = []
    bad: list[tuple[Installed, PluginError]] = []
    for name in names:
        try:
            good.append(load("source", name, settings, (options or {}).get(name)))
        except (PluginNotFoundError, PluginOptionsError):
            raise
        except PluginError as error:
            owner = next(p for p in discover("source") if p.name == name)
            emit("plugin.skipped", kind="source", name=name, reason=str(error))
            bad.append((owner, error))
    return tuple(good), tuple(bad)


def load_selector(
    name: str, settings: Settings, options: Mapping[str, Any] | None = None
) -> Plugin[Selector]:
    """Load one selector; see :func:`load` for what it raises."""
    return load("selector", name, settings, options)


def load_exporter(
    name: str, settings: Settings, options: Mapping[str, Any] | None = None
) -> Plugin[Exporter]:
    """Load one exporter; see :func:`load` for what it raises."""
    return load("exporter", name, settings, options)


def _load_error(installed: Installed, error: BaseException) -> PluginLoadError:
    lines = str(error).strip().splitlines()
    text = f": {lines[0]}" if lines else ""
    return PluginLoadError(
        installed.kind,
        installed.name,
        distribution=installed.distribution,
        version=installed.version,
        reason=f"{type(error).__name__}{text}",
    )


def _options(
    installed: Installed,
    cls: Any,
    settings: Settings,
    given: Mapping[str, Any] | None,
) -> dict[str, Any]:
    options_class = getattr(cls, "options_class", None)
    kind, name = installed.kind, installed.name
    if options_class is None:
        if given:
            first = next(iter(given))
            problem = f"it takes no options, so {first!r} can't be set"
            raise PluginOptionsError(kind, name, f"{kind}s/{name}", problem)
        return {}
    values, origins = plugin_options(settings, kind, name, options_class, given)
    known: Sequence[str] = list(fields_dict(options_class))
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            problem = f"unknown option {key!r}{hint} (known: {', '.join(known)})"
            raise PluginOptionsError(kind, name, origins[key], problem)
    try:
        return {"options": structure_text(values, options_class)}
    except CodecError as error:
        origin = next(iter(origins.values()), f"{kind}s/{name}")
        raise PluginOptionsError(kind, name, origin, error.problem) from error
