"""The packaged data files of identity."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

__all__ = ["data_text", "read_data"]


def data_text(name: str) -> str:
    """Return the text of one packaged data file."""
    folder = resources.files("llmhub_core.catalog.identity") / "data"
    return (folder / name).read_text(encoding="utf-8")


def read_data(name: str) -> dict[str, Any]:
    """Read one packaged data file."""
    return tomllib.loads(data_text(name))
