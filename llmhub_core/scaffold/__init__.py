"""The package of a new plugin, written from templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Final

from llmhub_core.errors import OutputError, PluginNameError
from llmhub_core.plugins import KINDS, discover

__all__ = ["write_package"]

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TEMPLATES: Final = Path(__file__).with_name("templates")


def write_package(kind: str, name: str, into: Path) -> Path:
    """Write the package of a plugin that works and passes its tests.

    Args:
        kind: ``source``, ``selector`` or ``exporter``.
        name: What users will type, in kebab-case.
        into: The folder in which the package's own is made.

    Returns:
        The folder ``llmhub-NAME``.

    Raises:
        PluginNameError: The name is no kebab-case, or an installed plugin has it.
        OutputError: The folder is there already, or can't be written.
    """
    if not _NAME.fullmatch(name):
        raise PluginNameError(name, "is no name in kebab-case, such as 'our-prices'")
    for one in KINDS:
        taken = [p for p in discover(one) if one == kind and p.name == name]
        if taken:
            raise PluginNameError(name, f"is the name of the {taken[0]}: take another")
    folder = into / f"llmhub-{name}"
    words = {
        "name": name,
        "kind": kind,
        "distribution": f"llmhub-{name}",
        "package": f"llmhub_{name.replace('-', '_')}",
        "module": name.replace("-", "_"),
        "cls": "".join(word.capitalize() for word in name.split("-")),
        "variable": f"LLMHUB_{name.upper().replace('-', '_')}",
    }
    # All of it is made before any of it is written.
    files = {
        folder / _filled(str(path.relative_to(source))[: -len(".txt")], words): _filled(
            path.read_text(encoding="utf-8"), words
        )
        for source in (_TEMPLATES / "any", _TEMPLATES / kind)
        for path in sorted(source.rglob("*.txt"))
    }
    try:
        folder.mkdir(parents=True)
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except FileExistsError as error:
        raise OutputError(folder, "is there already; nothing was written") from error
    except OSError as error:
        raise OutputError(folder, f"can't be written: {error.strerror}") from error
    return folder


def _filled(template: str, words: Mapping[str, str]) -> str:
    return Template(template).substitute(words)
