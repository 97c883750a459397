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

from attrs import field, fields_dict, frozen
from platformdirs import user_cache_path, user_config_path

from llmhub_core.errors import SettingsError

__all__ = ["Settings", "load_settings", "plugin_options"]

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})


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
        proxy: Address of an HTTP proxy (``LLMHUB_PROXY``); when None, the
            standard variables such as ``HTTPS_PROXY`` apply.
        sources: Names of the sources to use; None uses all that are installed
            (``LLMHUB_SOURCES``, comma separated).
        options: Plugin options of ``config.toml``, by kind and name.
        environ: The environment that all of this was read from.
    """

    cache_dir: Path
    config_dir: Path
    offline: bool = False
    ttl_seconds: float = 86_400.0
    timeout_seconds: float = 30.0
    source_timeout_seconds: float = 60.0
    proxy: str | None = field(default=None, repr=False)
    sources: tuple[str, ...] | None = None
    options: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(
        factory=dict, repr=False
    )
    environ: Mapping[str, str] = field(factory=dict, repr=False)

    @property
    def config_file(self) -> Path:
        """The user's ``config.toml``, which need not exist."""
        return self.config_dir / "config.toml"


def _truth(origin: str, text: str) -> bool:
    if text.strip().lower() in _TRUE:
        return True
    if text.strip().lower() in _FALSE:
        return False
    raise SettingsError(origin, f"{text!r} is neither true nor false")


def _seconds(origin: str, value: object) -> float:
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        seconds = -1.0
    if isinstance(value, bool) or not 0 <= seconds < float("inf"):
        raise SettingsError(origin, f"{value!r} is not a number of seconds")
    return seconds


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), f"can't be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(str(path), f"is not TOML: {error}") from error


_KEYS = (
    "offline",
    "ttl_seconds",
    "timeout_seconds",
    "source_timeout_seconds",
    "proxy",
    "use",
)
_TABLES = ("sources", "selectors", "exporters")


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
    folder = config_dir or (
        Path(env["LLMHUB_CONFIG_DIR"])
        if env.get("LLMHUB_CONFIG_DIR")
        else user_config_path("llmhub", appauthor=False)
    )
    path = folder / "config.toml"
    written = _read_toml(path)
    for key in written:
        if key not in _KEYS and key not in _TABLES:
            known = ", ".join((*_KEYS, *_TABLES))
            raise SettingsError(str(path), f"unknown key {key!r}; known are {known}")
    options = _plugin_tables(path, written)

    def pick(key: str, default: object) -> tuple[str, object]:
        variable = f"LLMHUB_{key.upper()}"
        if env.get(variable):
            return variable, env[variable]
        return f"{path}: {key}", written.get(key, default)

    off_origin, off = pick("offline", default=False)
    ask = env.get("LLMHUB_SOURCES")
    use = tuple(n.strip() for n in ask.split(",") if n.strip()) if ask else None
    if use is None and "use" in written:
        use = tuple(str(name) for name in written["use"])
    proxy = pick("proxy", None)[1]
    return Settings(
        cache_dir=cache_dir
        or (
            Path(env["LLMHUB_CACHE_DIR"])
            if env.get("LLMHUB_CACHE_DIR")
            else user_cache_path("llmhub", appauthor=False)
        ),
        config_dir=folder,
        offline=_truth(off_origin, str(off)) if offline is None else offline,
        ttl_seconds=_seconds(*pick("ttl_seconds", 86_400.0)),
        timeout_seconds=_seconds(*pick("timeout_seconds", 30.0)),
        source_timeout_seconds=_seconds(*pick("source_timeout_seconds", 60.0)),
        proxy=str(proxy) if proxy else None,
        sources=use,
        options=options,
        environ=env,
    )


def _plugin_tables(
    path: Path, written: Mapping[str, Any]
) -> dict[str, dict[str, dict[str, Any]]]:
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for kind in _TABLES:
        table = written.get(kind, {})
        if not isinstance(table, dict) or not all(
            isinstance(entry, dict) for entry in table.values()
        ):
            raise SettingsError(str(path), f"{kind} must be a table of tables")
        tables[kind] = table
    return tables


def plugin_options(
    settings: Settings,
    kind: str,
    name: str,
    options_class: type[Any],
    given: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Gather the options of one plugin, nearest first: spec, environment, file.

    Args:
        settings: The run's settings.
        kind: ``source``, ``selector`` or ``exporter``.
        name: The plugin's name.
        options_class: Its attrs class; only its fields are looked up in the
            environment.
        given: Options from the spec.

    Returns:
        The values by field, and where each of them was written.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for key, value in settings.options.get(f"{kind}s", {}).get(name, {}).items():
        values[key] = value
        origins[key] = f"{settings.config_file}: {kind}s.{name}.{key}"
    prefix = f"LLMHUB_{name.upper().replace('-', '_')}_"
    for key in fields_dict(options_class):
        if text := settings.environ.get(prefix + key.upper()):
            values[key] = text
            origins[key] = prefix + key.upper()
    for key, value in (given or {}).items():
        values[key] = value
        origins[key] = f"{kind}s/{name}/{key}"
    return values, origins
