"""A plugin's options, filled from the spec, the environment and ``config.toml``."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from attrs import fields_dict

from llmhub_core.codec import CodecError, structure_text
from llmhub_core.errors import PluginOptionsError
from llmhub_core.plugins.installed import Installed
from llmhub_core.settings import Settings, plugin_options

__all__ = ["filled"]


def filled(
    plugin: Installed,
    options_class: Any,
    settings: Settings,
    given: Mapping[str, Any] | None,
) -> Any:
    """Make a plugin's options of what is written anywhere.

    Args:
        plugin: Whose they are.
        options_class: Its attrs class, or None when it takes none.
        settings: The environment and the file.
        given: Options of the spec, over everything else.

    Returns:
        An instance of the class, or None without one.

    Raises:
        PluginOptionsError: One is unknown, or does not validate; with its place.
    """
    kind, name = plugin.kind, plugin.name
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
        return None
    try:
        return structure_text(values, options_class)
    except CodecError as error:
        # The path is "$.timeout_seconds"; "$" alone blames them all.
        field_name = error.path.partition(".")[2].partition("[")[0]
        written = origins.get(field_name) or ", ".join(origins.values())
        origin = written or f"{settings.config_file}: {kind}s.{name}"
        problem = error.problem.removesuffix(f" @ {error.path}")
        raise PluginOptionsError(kind, name, origin, problem) from error
