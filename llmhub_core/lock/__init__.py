"""The lock: what was chosen, pinned, checked, compared and emitted.

spec + choices --freeze--> llmhub.lock --emit--> llmhub.yaml
"""

from __future__ import annotations

from llmhub_core.lock.diff import RoleChange, Standing, diff
from llmhub_core.lock.emit import config_name, emit, head, to_config
from llmhub_core.lock.file import (
    dump_lock,
    load_lock,
    parse_lock,
    read_lock_text,
    refuse_edits,
)
from llmhub_core.lock.freeze import choices, freeze, merge
from llmhub_core.lock.integrity import Edit, edits, environment_digest
from llmhub_core.lock.keys import Key, keys
from llmhub_core.lock.plan import Plan, Renewal, plan, refuse_renewals
from llmhub_core.lock.seal import is_ours, must_write, seal, sealed_json

__all__ = [
    "Edit",
    "Key",
    "Plan",
    "Renewal",
    "RoleChange",
    "Standing",
    "choices",
    "config_name",
    "diff",
    "dump_lock",
    "edits",
    "emit",
    "environment_digest",
    "freeze",
    "head",
    "is_ours",
    "keys",
    "load_lock",
    "merge",
    "must_write",
    "parse_lock",
    "plan",
    "read_lock_text",
    "refuse_edits",
    "refuse_renewals",
    "seal",
    "sealed_json",
    "to_config",
]
