"""Plugins imported and constructed: the only door to stevedore."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from typing import Any, Generic, NoReturn, TypeAlias, TypeVar

from attrs import field, fields_dict, frozen
from stevedore import NamedExtensionManager

from llmhub_core.contracts import CONTRACT_VERSION, CatalogSource, Exporter, Selector
from llmhub_core.errors import (
    LLMHubError,
    PluginConflictError,
    PluginLoadError,
    PluginNotFoundError,
)
from llmhub_core.isolation import confined, in_words
from llmhub_core.plugins.installed import KINDS, Installed, PluginKind, declared, pick
from llmhub_core.plugins.options import filled
from llmhub_core.redaction import redacted
from llmhub_core.settings import Settings
from llmhub_core.trace import emit

__all__ = [
    "BrokenPlugin",
    "Plugin",
    "import_class",
    "load",
    "load_exporter",
    "load_selector",
    "load_sources",
]

P = TypeVar("P")
T = TypeVar("T")
#: Why a plugin is skipped; names it.
BrokenPlugin: TypeAlias = PluginConflictError | PluginLoadError


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


def import_class(plugin: Installed, settings: Settings) -> type[Any]:
    """Import a plugin's class, and hold its form against the contract.

    Raises:
        PluginLoadError: It does not import, or does not have the form.
    """
    point = declared(plugin.kind).get(plugin)
    if point is None:
        raise PluginNotFoundError(plugin.kind, plugin.name, (), None)
    return _guarded(plugin, settings, lambda: _imported(plugin, point))


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
        settings: Where its options are looked up, and how long it may take.
        options: Options of the spec, over everything else.

    Raises:
        PluginNotFoundError: None is installed under that name.
        PluginConflictError: Two distributions claim the name.
        PluginLoadError: It does not import, construct or keep its contract.
        PluginOptionsError: Its options do not validate.
    """
    return _load(declared(kind), kind, name, settings, options)


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
    installed = declared("source")
    names = settings.sources or sorted({plugin.name for plugin in installed})
    good: list[Plugin[CatalogSource]] = []
    bad: list[BrokenPlugin] = []
    for name in names:
        given = (options or {}).get(name)
        try:
            good.append(_load(installed, "source", name, settings, given))
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


def _load(
    installed: Mapping[Installed, EntryPoint],
    kind: PluginKind,
    name: str,
    settings: Settings,
    options: Mapping[str, Any] | None,
) -> Plugin[Any]:
    plugin = pick(kind, name, installed, settings.prefer)
    point = installed[plugin]

    def made() -> Any:
        cls = _imported(plugin, point)
        options_class = getattr(cls, "options_class", None)
        given = filled(plugin, options_class, settings, options)
        return cls() if given is None else cls(options=given)

    return Plugin(installed=plugin, instance=_guarded(plugin, settings, made))


def _guarded(plugin: Installed, settings: Settings, call: Callable[[], T]) -> T:
    """Run what a stranger wrote, within limits, and name whose it is.

    Raises:
        PluginLoadError: It raised, hung or took too much memory.
        LLMHubError: What we raised meanwhile.
    """
    try:
        if plugin.is_ours:
            return call()
        return confined(
            call,
            seconds=settings.plugin_load_timeout_seconds,
            memory_mb=settings.plugin_memory_mb,
        )
    except LLMHubError:
        raise
    # An import runs a stranger's code; what it raises is the stranger's fault.
    except Exception as error:
        raise PluginLoadError(
            plugin.kind,
            plugin.name,
            distribution=plugin.distribution,
            version=plugin.version,
            reason=redacted(in_words(error), settings.environ),
        ) from error


def _imported(plugin: Installed, point: EntryPoint) -> type[Any]:
    if point.pattern.match(point.value) is None:
        message = f"its entry point is {point.value!r}, not MODULE:CLASS"
        raise TypeError(message)
    cls: type[Any] = _Only(point)[point.name].plugin
    _check_contract(plugin.kind, cls)
    options_class = getattr(cls, "options_class", None)
    if options_class is not None:
        fields_dict(options_class)  # or it is no attrs class
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
