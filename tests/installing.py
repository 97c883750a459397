"""Distributions laid out as an installer does it, for tests of plugins."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

__all__ = ["lay_out"]


def lay_out(
    site: Path,
    distribution: str,
    points: Mapping[str, str],
    code: str,
    *,
    kind: str = "source",
    version: str = "0.1",
) -> None:
    """Install a distribution of one module: its metadata, entry points and code.

    Args:
        site: A folder on the path.
        distribution: Its name; the module has underscores in it.
        points: Plugin names and the classes of the module that they are.
        code: The module.
        kind: ``source``, ``selector`` or ``exporter``.
        version: Of the distribution.
    """
    module = distribution.replace("-", "_")
    info = site / f"{module}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    head = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
    (info / "METADATA").write_text(head, encoding="utf-8")
    lines = [f"[llmhub.{kind}s]", *(f"{n} = {module}:{c}" for n, c in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    text = textwrap.dedent(code)
    (site / f"{module}.py").write_text(text, encoding="utf-8")
