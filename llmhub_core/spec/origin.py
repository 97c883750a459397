"""Where in the spec the options of a plugin stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from llmhub_core.errors import PluginOptionsError
from llmhub_core.records.spec import Spec

__all__ = ["options_placed"]


@contextmanager
def options_placed(spec: Spec, role: str | None = None) -> Iterator[None]:
    """Give file and line to an error about options that the spec has.

    Args:
        spec: The effective spec; one that was built in code has no lines, and the
            error stays what it is.
        role: The role whose own options count too.

    Raises:
        PluginOptionsError: With a place such as ``llmhub.spec.yaml:7``.
    """
    try:
        yield
    except PluginOptionsError as error:
        line = _line(spec, role, error)
        if line is None or spec.path is None:
            raise
        origin = f"{spec.path}:{line}"
        raise PluginOptionsError(
            error.kind, error.name, origin, error.problem
        ) from error


def _line(spec: Spec, role: str | None, error: PluginOptionsError) -> int | None:
    # Several options that do not fit each other: the first of them.
    section, _, rest = error.origin.partition(",")[0].partition("/")
    if section != f"{error.kind}s":
        return None  # the environment or config.toml
    key = rest.removeprefix(f"{error.name}/")
    if role is not None and key in spec.roles[role].selector_options:
        return spec.line("roles", role, "selector_options", key)
    return spec.line(section, error.name, key)
