"""The spec: what people write, checked, merged and edited.

llmhub.spec.yaml --load_spec--> Spec
"""

from __future__ import annotations

from llmhub_core.spec.digest import (
    DEFAULT_SELECTOR,
    role_digest,
    selector_for,
    spec_digest,
)
from llmhub_core.spec.load import load_spec, parse_spec, read_spec_text
from llmhub_core.spec.schema import spec_json_schema

__all__ = [
    "DEFAULT_SELECTOR",
    "load_spec",
    "parse_spec",
    "read_spec_text",
    "role_digest",
    "selector_for",
    "spec_digest",
    "spec_json_schema",
]
