"""Settings of a run: arguments over environment over ``config.toml``.

Every plugin option is a setting: field ``url`` of the source ``models-dev`` is
``LLMHUB_MODELS_DEV_URL`` in the environment and ``[sources.models-dev] url`` in
``config.toml``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import field, fields_dict, frozen
from platformdirs import user_cache_path, user_config_path

from llmhub_core.errors import SettingsError
from llmhub_core.records.model import Facts

__all__ = ["Settings", "load_settings", "plugin_options"]

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})

_KEYS = (
    "offline",
    "ttl_seconds",
    "timeout_seconds",
    "source_timeout_seconds",
    "plugin_load_timeout_seconds",
    "plugin_timeout_seconds",
    "plugin_memory_mb",
    "proxy",
    "use",
    "inherit_ratings",
)
_TABLES = ("sources", "selectors", "exporters", "precedence", "plugins")


@frozen(kw_only=True)
class Settings:
    """Where things are kept and how the outside is reached.

    Attributes:
        cache_dir: Folder of what can be fetched again (``LLMHUB_CACHE_DIR``).
        config_dir: Folder of ``config.toml`` (``LLMHUB_CONFIG_DIR``).
        offline: Never touch the network (``LLMHUB_OFFLINE``).
        ttl_seconds: Age at which a catalog is due for revalidation
            (``LLMHUB_TTL_SECONDS``).
        timeout_seconds: Limit of one request (``LLMHUB_TIMEOUT_SECONDS``).
        source_timeout_seconds: Limit of one whole source
            (``LLMHUB_SOURCE_TIMEOUT_SECONDS``).
        plugin_load_timeout_seconds: Limit of importing and constructing a plugin that
            is not our own (``LLMHUB_PLUGIN_LOAD_TIMEOUT_SECONDS``).
        plugin_timeout_seconds: Limit of one ranking of a selector, and of one run of
            an exporter (``LLMHUB_PLUGIN_TIMEOUT_SECONDS``).
        plugin_memory_mb: By how much the process may grow while a plugin that is
            not our own runs (``LLMHUB_PLUGIN_MEMORY_MB``).
        proxy: Address of an HTTP proxy (``LLMHUB_PROXY``); when None, the
            standard variables such as ``HTTPS_PROXY`` apply.
        sources: Names of the sources to use (``LLMHUB_SOURCES``, comma
            separated; ``use`` in the file); None uses all that are installed.
        inherit_ratings: Whether a model that no board rates stands on the rating of
            its predecessor (``LLMHUB_INHERIT_RATINGS``).
        precedence: The user's ``[precedence]`` table: orders of source names,
            by field of a model, and ``default`` for all other fields.
        prefer: Distributions whose plugins count where two claim one name, the
            first first (``LLMHUB_PLUGINS_PREFER``; ``[plugins] prefer`` in the file).
        options: Plugin options of ``config.toml``, by kind and name.
        environ: The environment that all of this was read from.
    """

    cache_dir: Path
    config_dir: Path
    offline: bool = False
    ttl_seconds: float = 86_400.0
    timeout_seconds: float = 30.0
    source_timeout_seconds: float = 60.0
    plugin_load_timeout_seconds: float = 30.0
    plugin_timeout_seconds: float = 120.0
    plugin_memory_mb: float = 1024.0
    proxy: str | None = field(default=None, repr=False)
    sources: tuple[str, ...] | None = None
    inherit_ratings: bool = True
    precedence: Mapping[str, tuple[str, ...]] = field(factory=dict)
    prefer: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(
        factory=dict, repr=False
    )
    environ: Mapping[str, str] = field(factory=dict, repr=False)

    @property
    def config_file(self) -> Path:
        """The user's ``config.toml``, which need not exist."""
        return self.config_dir / "config.toml"


def load_settings(
    environ: Mapping[str, str] | None = None,
    *,
    offline: bool | None = None,
    cache_dir: Path | None = None,
    config_dir: Path | None = None,
) -> Settings:
    """Read the settings of this run.

    Args:
        environ: The environment; None takes the process's own.
        offline: Overrides ``LLMHUB_OFFLINE`` and the file.
        cache_dir: Overrides ``LLMHUB_CACHE_DIR``.
        config_dir: Overrides ``LLMHUB_CONFIG_DIR``.

    Raises:
        SettingsError: A value is malformed, or a key of the file is unknown.
    """
    env = dict(os.environ if environ is None else environ)
    folder = _folder(config_dir, env.get("LLMHUB_CONFIG_DIR"), user_config_path)
    path = folder / "config.toml"
    written = _read_toml(path)

    def pick(key: str, default: object, variable: str = "") -> tuple[str, object]:
        variable = variable or f"LLMHUB_{key.upper()}"
        if env.get(variable):
            return variable, env[variable]
        return f"{path}: {key}", written.get(key, default)

    return Settings(
        cache_dir=_folder(cache_dir, env.get("LLMHUB_CACHE_DIR"), user_cache_path),
        config_dir=folder,
        offline=_truth(*pick("offline", default=False)) if offline is None else offline,
        ttl_seconds=_seconds(*pick("ttl_seconds", 86_400.0)),
        timeout_seconds=_limit(*pick("timeout_seconds", 30.0)),
        source_timeout_seconds=_limit(*pick("source_timeout_seconds", 60.0)),
        plugin_load_timeout_seconds=_limit(*pick("plugin_load_timeout_seconds", 30.0)),
        plugin_timeout_seconds=_limit(*pick("plugin_timeout_seconds", 120.0)),
        plugin_memory_mb=_megabytes(*pick("plugin_memory_mb", 1024.0)),
        proxy=_proxy(*pick("proxy", None)),
        sources=_names(*pick("use", None, "LLMHUB_SOURCES")),
        inherit_ratings=_truth(*pick("inherit_ratings", default=True)),
        precedence=_precedence(path, written.get("precedence", {})),
        prefer=_preferred(path, written.get("plugins", {}), env),
        options={kind: _options(path, kind, written) for kind in _TABLES[:3]},
        environ=env,
    )


def plugin_options(
    settings: Settings,
    kind: str,
    name: str,
    options_class: type[Any] | None,
    given: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Gather the options of one plugin, nearest first: spec, environment, file.

    Args:
        settings: The run's settings.
        kind: ``source``, ``selector`` or ``exporter``.
        name: The plugin's name.
        options_class: Its attrs class, or None when it takes no options; only
            its fields are looked up in the environment.
        given: Options from the spec.

    Returns:
        The values by field, and where each of them was written.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for key, value in settings.options.get(f"{kind}s", {}).get(name, {}).items():
        values[key] = value
        place = _toml_line(settings.config_file, f"{kind}s.{name}", key)
        origins[key] = f"{settings.config_file}{place}: {kind}s.{name}.{key}"
    prefix = f"LLMHUB_{name.upper().replace('-', '_')}_"
    for key in fields_dict(options_class) if options_class else ():
        if text := settings.environ.get(prefix + key.upper()):
            values[key] = text
            origins[key] = prefix + key.upper()
    for key, value in (given or {}).items():
        values[key] = value
        origins[key] = f"{kind}s/{name}/{key}"
    return values, origins


# ---------------------------------------------------------------- the file


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), f"can't be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(str(path), f"is not TOML: {error}") from error
    for key in written:
        if key not in _KEYS and key not in _TABLES:
            known = ", ".join((*_KEYS, *_TABLES))
            raise SettingsError(str(path), f"unknown key {key!r}; known are {known}")
    return written


def _toml_line(path: Path, table: str, key: str) -> str:
    """``:LINE`` of a key, or nothing where it is not written in the plain way."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    inside = False
    for number, line in enumerate(lines, start=1):
        plain = line.replace(" ", "").replace('"', "").replace("'", "")
        if plain.startswith("["):
            inside = plain.partition("]")[0] == f"[{table}"
        elif inside and plain.startswith(f"{key}="):
            return f":{number}"
    return ""


def _options(
    path: Path, kind: str, written: Mapping[str, Any]
) -> Mapping[str, Mapping[str, Any]]:
    table = written.get(kind, {})
    if not isinstance(table, dict) or not all(
        isinstance(entry, dict) for entry in table.values()
    ):
        problem = f"must hold one table per plugin, such as [{kind}.NAME]"
        raise SettingsError(f"{path}: {kind}", problem)
    return table


def _precedence(path: Path, table: object) -> Mapping[str, tuple[str, ...]]:
    origin = f"{path}: precedence"
    if not isinstance(table, dict):
        raise SettingsError(origin, "must be a table of lists of source names")
    orders: dict[str, tuple[str, ...]] = {}
    for name, order in table.items():
        if name != "default" and name not in fields_dict(Facts):
            raise SettingsError(origin, f"a model has no field {name!r}")
        if name.startswith("price_") and name != "price_basis":
            problem = "prices come from one source together: order 'price_basis'"
            raise SettingsError(f"{origin}.{name}", problem)
        orders[name] = _names(f"{origin}.{name}", order) or ()
    return orders


def _preferred(path: Path, table: object, env: Mapping[str, str]) -> tuple[str, ...]:
    if not isinstance(table, dict) or not table.keys() <= {"prefer"}:
        problem = "holds prefer, a list of distributions, and nothing else"
        raise SettingsError(f"{path}: plugins", problem)
    if text := env.get("LLMHUB_PLUGINS_PREFER"):
        return _names("LLMHUB_PLUGINS_PREFER", text, "distribution") or ()
    origin = f"{path}: plugins.prefer"
    return _names(origin, table.get("prefer"), "distribution") or ()


# ---------------------------------------------------------------- single values


def _folder(given: Path | None, text: str | None, default: Any) -> Path:
    if given is not None:
        return given
    if text:
        return Path(os.path.expanduser(text))  # noqa: PTH111 - never fails
    folder: Path = default("llmhub", appauthor=False)
    return folder


def _truth(origin: str, value: object) -> bool:
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise SettingsError(origin, f"{value!r} is neither true nor false")


def _seconds(origin: str, value: object) -> float:
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        seconds = -1.0
    if isinstance(value, bool) or not 0 <= seconds < float("inf"):
        raise SettingsError(origin, f"{value!r} is not a number of seconds")
    return seconds


def _megabytes(origin: str, value: object) -> float:
    try:
        return _limit(origin, value)
    except SettingsError as error:
        raise SettingsError(origin, f"{value!r} is no number of megabytes") from error


def _limit(origin: str, value: object) -> float:
    seconds = _seconds(origin, value)
    if not seconds:
        raise SettingsError(origin, "0 leaves no time to answer")
    return seconds


def _proxy(origin: str, value: object) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        usable = parts and parts.scheme in {"http", "https"} and parts.hostname
    except ValueError:
        usable = None
    if not usable:
        # The value may hold a password: it is not repeated.
        raise SettingsError(origin, "is not the http: or https: address of a proxy")
    return str(value)


def _names(origin: str, value: object, noun: str = "source") -> tuple[str, ...] | None:
    if value is None:
        return None
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise SettingsError(origin, f"{value!r} is not a list of {noun} names")
    # A dict: each name once, in the order given.
    chosen = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not chosen:
        raise SettingsError(origin, f"names no {noun}")
    return chosen
