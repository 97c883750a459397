"""Installed plugins: the only door to stevedore."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, Literal, NoReturn, TypeAlias, TypeVar

from attrs import field, fields_dict, frozen
from stevedore import NamedExtensionManager

from llmhub_core.codec import CodecError, structure_text
from llmhub_core.contracts import CONTRACT_VERSION, CatalogSource, Exporter, Selector
from llmhub_core.errors import (
    PluginConflictError,
    PluginLoadError,
    PluginNotFoundError,
    PluginOptionsError,
)
from llmhub_core.isolation import in_words
from llmhub_core.settings import Settings, plugin_options
from llmhub_core.trace import emit

__all__ = [
    "KINDS",
    "BrokenPlugin",
    "Installed",
    "Plugin",
    "discover",
    "find",
    "import_class",
    "load",
    "load_exporter",
    "load_selector",
    "load_sources",
    "passed_over",
]

P = TypeVar("P")
PluginKind = Literal["source", "selector", "exporter"]
#: Why a plugin is skipped; names it.
BrokenPlugin: TypeAlias = PluginConflictError | PluginLoadError

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


@frozen(kw_only=True)
class Plugin(Generic[P]):
    """A constructed plugin and who brought it."""

    installed: Installed
    instance: P = field(repr=False)

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.installed.name


class _Only(NamedExtensionManager[Any]):
    """stevedore loading one entry point that was just read from the metadata.

    Its own list comes from a cache on disk that stores modification times as
    32-bit floats, so that an install within 128 s of the last look changes
    nothing for it; cached entries also forget their distribution.
    """

    def __init__(self, point: EntryPoint) -> None:
        self._point = point
        super().__init__(
            point.group,
            [point.name],
            on_load_failure_callback=_give_up,
            on_missing_entrypoints_callback=None,
        )

    def list_entry_points(self) -> list[EntryPoint]:
        return [self._point]


def _give_up(_: object, __: object, error: BaseException) -> NoReturn:
    raise error


def discover(kind: PluginKind) -> tuple[Installed, ...]:
    """List what is installed, sorted by name, importing none of it.

    One name may occur twice, from two distributions: :func:`find` refuses it.
    """
    found = {_installed(kind, point) for point in _entry_points(kind)}
    return tuple(sorted(found, key=lambda p: (p.name, p.distribution or "", p.target)))


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
    return _installed(kind, _one(kind, name, _entry_points(kind), prefer))


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


def import_class(plugin: Installed) -> type[Any]:
    """Import a plugin's class, and hold its form against the contract.

    Raises:
        PluginLoadError: It does not import, or does not have the form.
    """
    for point in _entry_points(plugin.kind):
        if _installed(plugin.kind, point) == plugin:
            return _import(plugin, point)
    raise PluginNotFoundError(plugin.kind, plugin.name, (), None)


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
    point = _one(kind, name, _entry_points(kind), settings.prefer)
    return _load(kind, point, settings, options)


def load_sources(
    settings: Settings,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[tuple[Plugin[CatalogSource], ...], tuple[BrokenPlugin, ...]]:
    """Load every source that the settings ask for; a bad one spoils no other.

    Returns:
        The sources that work, and why the others do not, both by name.

    Raises:
        PluginNotFoundError: A source that the settings name is not installed.
        PluginOptionsError: The options of a source do not validate.
    """
    points = _entry_points("source")
    names = settings.sources or sorted({point.name for point in points})
    good: list[Plugin[CatalogSource]] = []
    bad: list[BrokenPlugin] = []
    for name in names:
        try:
            point = _one("source", name, points, settings.prefer)
            good.append(_load("source", point, settings, (options or {}).get(name)))
        except (PluginConflictError, PluginLoadError) as error:
            emit("plugin.skipped", kind="source", name=name, reason=str(error))
            bad.append(error)
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


def _entry_points(kind: PluginKind) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=KINDS[kind][0]))


def _installed(kind: PluginKind, point: EntryPoint) -> Installed:
    return Installed(
        kind=kind,
        name=point.name,
        distribution=point.dist.name if point.dist else None,
        version=point.dist.version if point.dist else None,
        target=point.value,
    )


def _one(
    kind: PluginKind, name: str, points: Sequence[EntryPoint], prefer: Sequence[str]
) -> EntryPoint:
    # A dict: the same line written twice is one plugin.
    named = {_installed(kind, p): p for p in points if p.name == name}
    if not named:
        known = sorted({point.name for point in points})
        near = difflib.get_close_matches(name, known, n=1)
        raise PluginNotFoundError(kind, name, known, near[0] if near else None)
    if len(named) > 1:
        for wanted in map(_normal, prefer):
            of = [
                entry
                for plugin, entry in named.items()
                if _normal(plugin.distribution or "") == wanted
            ]
            if len(of) == 1:
                return of[0]
        owners = [f"{p.distribution} ({p.target})" for p in named]
        raise PluginConflictError(kind, name, sorted(owners))
    return next(iter(named.values()))


def _normal(distribution: str) -> str:
    # As package indexes compare names.
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _load(
    kind: PluginKind,
    point: EntryPoint,
    settings: Settings,
    options: Mapping[str, Any] | None,
) -> Plugin[Any]:
    installed = _installed(kind, point)
    cls = _import(installed, point)
    options_class = getattr(cls, "options_class", None)
    given = _options(installed, options_class, settings, options)
    try:
        return Plugin(installed=installed, instance=cls(**given))
    except (Exception, SystemExit) as error:
        raise _load_error(installed, error) from error


def _import(installed: Installed, point: EntryPoint) -> type[Any]:
    try:
        cls: type[Any] = _Only(point)[point.name].plugin
        _check_contract(installed.kind, cls)
        options_class = getattr(cls, "options_class", None)
        if options_class is not None:
            fields_dict(options_class)  # or it is no attrs class
    # An import runs a stranger's code; what it raises is the stranger's fault.
    except (Exception, SystemExit) as error:
        raise _load_error(installed, error) from error
    return cls


def _check_contract(kind: PluginKind, cls: Any) -> None:
    method = KINDS[kind][1]
    if not callable(getattr(cls, method, None)):
        message = f"it has no method {method!r}"
        raise TypeError(message)
    version = getattr(cls, "contract_version", CONTRACT_VERSION)
    if version != CONTRACT_VERSION:
        newer = isinstance(version, int) and version > CONTRACT_VERSION
        upgrade = "llmhub-core" if newer else "the plugin"
        message = (
            f"it was written for contract {version}, and this llmhub-core speaks "
            f"contract {CONTRACT_VERSION}: upgrade {upgrade}"
        )
        raise TypeError(message)


def _load_error(installed: Installed, error: BaseException) -> PluginLoadError:
    return PluginLoadError(
        installed.kind,
        installed.name,
        distribution=installed.distribution,
        version=installed.version,
        reason=in_words(error),
    )


def _options(
    installed: Installed,
    options_class: Any,
    settings: Settings,
    given: Mapping[str, Any] | None,
) -> dict[str, Any]:
    kind, name = installed.kind, installed.name
    values, origins = plugin_options(settings, kind, name, options_class, given)
    known = list(fields_dict(options_class)) if options_class else []
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            problem = f"unknown option {key!r}{hint} (known: {', '.join(known)})"
            if not known:
                problem = f"it takes no options, so {key!r} can't be set"
            raise PluginOptionsError(kind, name, origins[key], problem)
    if options_class is None:
        return {}
    try:
        return {"options": structure_text(values, options_class)}
    except CodecError as error:
        # The path is "$.timeout_seconds"; "$" alone blames them all.
        field_name = error.path.partition(".")[2].partition("[")[0]
        written = origins.get(field_name) or ", ".join(origins.values())
        origin = written or f"{settings.config_file}: {kind}s.{name}"
        problem = error.problem.removesuffix(f" @ {error.path}")
        raise PluginOptionsError(kind, name, origin, problem) from error
