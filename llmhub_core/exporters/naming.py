"""How exported files are called."""

from __future__ import annotations

from llmhub_core.records.spec import Spec

__all__ = ["file_name", "variable"]


def file_name(spec: Spec, stem: str, suffix: str) -> str:
    """``STEM.SUFFIX`` for the spec's default environment, else with its name."""
    env = "" if spec.env == spec.environments[0] else f".{spec.env}"
    return f"{stem}{env}{suffix}"


def variable(role: str) -> str:
    """A role's name as the head of environment variables: ``LLM_INFERENCE``."""
    letters = [letter if letter.isalnum() else "_" for letter in role.upper()]
    name = "".join(letter if letter.isascii() else "_" for letter in letters)
    return f"_{name}" if name[:1].isdigit() else name
