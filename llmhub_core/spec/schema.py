"""The spec as JSON Schema, for editors that complete and check while one types."""

from __future__ import annotations

from typing import Any

from llmhub_core.spec.language import FILE

__all__ = ["spec_json_schema"]


def spec_json_schema() -> dict[str, Any]:
    """A JSON Schema (draft 7) of ``llmhub.spec.yaml``.

    Made from the tables that the reader uses: what it refuses as unknown or
    misspelt, the schema refuses too. Rules that join several keys, and whether
    ``kind`` comes from ``defaults``, are left to ``llmhub spec validate``.

    Returns:
        A new mapping of JSON values.
    """
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "llmhub.spec.yaml",
        "description": "What an app needs from language models, role by role.",
        **FILE.schema(),
    }
