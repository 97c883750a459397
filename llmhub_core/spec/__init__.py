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
from llmhub_core.spec.edit import (
    add_role,
    edit_role,
    remove_key,
    remove_role,
    set_key,
)
from llmhub_core.spec.load import load_spec, parse_spec, read_spec_text
from llmhub_core.spec.schema import spec_json_schema
from llmhub_core.spec.starter import STARTER_ROLES, starter_spec
from llmhub_core.spec.suppose import supposition

__all__ = [
    "DEFAULT_SELECTOR",
    "STARTER_ROLES",
    "add_role",
    "edit_role",
    "load_spec",
    "parse_spec",
    "read_spec_text",
    "remove_key",
    "remove_role",
    "role_digest",
    "selector_for",
    "set_key",
    "spec_digest",
    "spec_json_schema",
    "starter_spec",
    "supposition",
]
