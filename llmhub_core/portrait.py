"""What can be said of an installed plugin: its owner, its options, its state."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from attrs import NOTHING, Factory, fields, frozen

from llmhub_core.errors import PluginError, PluginNotFoundError
from llmhub_core.plugins import KINDS, Installed, discover, import_class, load
from llmhub_core.plugins import passed_over as passed_over_for
from llmhub_core.records.spec import Spec
from llmhub_core.redaction import redacted, redacted_url
from llmhub_core.settings import Settings, plugin_options
from llmhub_core.spec.origin import options_placed

__all__ = ["Option", "Portrait", "portraits"]


@frozen(kw_only=True)
class Option:
    """One option of a plugin.

    Attributes:
        name: Its name in the spec and in ``config.toml``.
        type: What it takes, as the author annotated it.
        default: Its default in Python's words, or ``required``.
        value: What it is now; what looks like a secret is masked.
        origin: Where that is written, or ``default``.
        variable: The environment variable that sets it.
        doc: What it does, in the author's words.
    """

    name: str
    type: str
    default: str
    value: str
    origin: str
    variable: str
    doc: str


@frozen(kw_only=True)
class Portrait:
    """One installed plugin.

    Attributes:
        kind: ``source``, ``selector`` or ``exporter``.
        name: What users type.
        distribution: Who brings it, or None when unknown.
        version: Version of that distribution.
        target: ``module:Class``.
        contract_version: For which it was written, None when it does not import.
        works: Whether it loads with its present options.
        reason: Why it does not.
        doc: The docstring of its class.
        options: In the order of its options class.
    """

    kind: str
    name: str
    distribution: str | None
    version: str | None
    target: str
    contract_version: int | None
    works: bool
    reason: str | None
    doc: str
    options: tuple[Option, ...]


def portraits(
    name: str, settings: Settings, *, spec: Spec | None = None, kind: str | None = None
) -> tuple[Portrait, ...]:
    """Describe every plugin of a name.

    Args:
        name: What users type.
        settings: Where options are looked up.
        spec: Whose options come before those of the settings, or None.
        kind: Only of this kind.

    Raises:
        PluginNotFoundError: There is none.
    """
    kinds = [one for one in KINDS if kind in {None, one}]
    found = [one for k in kinds for one in discover(k) if one.name == name]
    if not found:
        known = sorted({one.name for k in kinds for one in discover(k)})
        raise PluginNotFoundError(kind or "plugin", name, known, None)
    return tuple(_portrait(one, settings, spec) for one in found)


def _portrait(one: Installed, settings: Settings, spec: Spec | None) -> Portrait:
    given: Mapping[str, Any] = {}
    if spec is not None and one.kind != "exporter":
        table = spec.sources if one.kind == "source" else spec.selectors
        given = table.get(one.name, {})
    cls: Any = None
    reason: str | None = None
    try:
        cls = import_class(one, settings)
        reason = passed_over_for(one, settings)
        if reason is None:
            with options_placed(spec or Spec(project="", roles={})):
                load(one.kind, one.name, settings, given)
    except PluginError as error:
        reason = str(error)
    options = getattr(cls, "options_class", None)
    return Portrait(
        kind=one.kind,
        name=one.name,
        distribution=one.distribution,
        version=one.version,
        target=one.target,
        contract_version=getattr(cls, "contract_version", None),
        works=reason is None,
        reason=reason,
        doc=inspect.getdoc(cls) or "" if cls is not None else "",
        options=_options(one, options, settings, spec, given) if options else (),
    )


def _options(
    one: Installed,
    options: Any,
    settings: Settings,
    spec: Spec | None,
    given: Mapping[str, Any],
) -> tuple[Option, ...]:
    values, origins = plugin_options(settings, one.kind, one.name, options, given)
    docs = _docs(inspect.getdoc(options) or "")
    prefix = f"LLMHUB_{one.name.upper().replace('-', '_')}_"
    made = []
    for field in fields(options):
        default = _default(field.default)
        value = repr(values[field.name]) if field.name in values else default
        origin = origins.get(field.name, "default")
        if field.name in given and spec is not None:
            line = spec.line(f"{one.kind}s", one.name, field.name)
            origin = f"{spec.path}:{line}" if line and spec.path else origin
        made.append(
            Option(
                name=field.name,
                type=_type(field.type),
                default=default,
                value=_masked(field.name, value, values.get(field.name), settings),
                origin=origin,
                variable=prefix + field.name.upper(),
                doc=docs.get(field.name, ""),
            )
        )
    return tuple(made)


def _masked(name: str, shown: str, value: object, settings: Settings) -> str:
    secrets = {**settings.environ, name: str(value)}
    return redacted(redacted_url(shown), secrets)


def _default(default: object) -> str:
    if default is NOTHING:
        return "required"
    if isinstance(default, Factory):  # type: ignore[arg-type]
        return "made anew"
    return repr(default)


def _type(annotation: object) -> str:
    if isinstance(annotation, type):
        return annotation.__name__
    return str(annotation)


def _docs(docstring: str) -> dict[str, str]:
    """The descriptions under ``Attributes:`` of a docstring in Google's style."""
    _, _, section = docstring.partition("Attributes:\n")
    docs: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        entry = re.match(r"    (\w+)(?: \([^)]*\))?: (.*)", line)
        if entry:
            name = entry[1]
            docs[name] = entry[2].strip()
        elif name and line.startswith("     "):
            docs[name] += f" {line.strip()}"
        elif line.strip():
            break
    return docs
