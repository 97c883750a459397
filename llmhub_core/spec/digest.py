"""What the lock compares: digests of the meaning of a spec, not of its text.

Comments, the order of roles, the environment's name and keys that were written
with the value they have anyway change nothing. Values at their default are left
out, so a key that a later version adds changes no digest either.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from attrs import fields, has

from llmhub_core.records.spec import RoleSpec, Spec

__all__ = ["DEFAULT_SELECTOR", "role_digest", "selector_for", "spec_digest"]

DEFAULT_SELECTOR = "balanced"
# These are known not to read a description; anybody else's selector may.
_DEAF = frozenset({"balanced", "cost-first", "latency-first", "quality-first"})
_ORDERLESS = frozenset(
    {
        "provider_blocklist",
        "model_denylist",
        "input_modalities",
        "output_modalities",
        "status",
        "providers_allow",
        "providers_deny",
        "models_allow",
        "models_deny",
    }
)
_NOT_CHOICE = frozenset(
    {"name", "description", "selector", "selector_options", "runtime"}
)


def selector_for(
    spec: Spec, role: RoleSpec, override: str | None = None
) -> tuple[str, Mapping[str, Any]]:
    """Which selector serves a role, and with which options.

    Args:
        spec: The effective spec.
        role: One of its roles.
        override: The name given by ``--selector``, or None.

    Returns:
        The name: the override, the role's, the spec's or ``balanced``; and its
        options: those under ``selectors``, and over them the role's own when the
        role named this selector.
    """
    name = override or role.selector or spec.selector or DEFAULT_SELECTOR
    own = role.selector_options if role.selector == name else {}
    return name, {**spec.selectors.get(name, {}), **own}


def role_digest(spec: Spec, role: str, selector: str | None = None) -> str:
    """SHA-256 of everything in the spec that can change one role's choice.

    That is the role without its runtime settings, the policy, the providers that
    are not enabled, and the selector with its options. A description counts when
    the selector may read it.

    Args:
        spec: The effective spec.
        role: Name of one of its roles.
        selector: The name given by ``--selector``, or None.

    Returns:
        64 hexadecimal digits.

    Raises:
        KeyError: The spec has no such role.
    """
    found = spec.roles[role]
    name, options = selector_for(spec, found, selector)
    meaning: dict[str, Any] = {
        "role": _meaning(found, without=_NOT_CHOICE),
        "selector": name,
        "options": options,
        "policy": _meaning(spec.policy),
        "disabled": sorted(
            provider for provider, entry in spec.providers.items() if not entry.enabled
        ),
    }
    if name not in _DEAF:
        meaning["read"] = [role, found.description]
    return _sha256(meaning)


def spec_digest(spec: Spec, selector: str | None = None) -> str:
    """SHA-256 of everything in the spec that can change the lock or the config.

    Args:
        spec: The effective spec.
        selector: The name given by ``--selector``, or None.

    Returns:
        64 hexadecimal digits.
    """
    return _sha256(
        {
            "project": spec.project,
            "providers": {
                name: _meaning(entry) for name, entry in spec.providers.items()
            },
            "policy": _meaning(spec.policy),
            "sources": spec.sources,
            "roles": {
                name: {
                    "choice": role_digest(spec, name, selector),
                    "runtime": role.runtime,
                }
                for name, role in spec.roles.items()
            },
        }
    )


def _meaning(record: Any, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(type(record)):
        value = getattr(record, field.name)
        if field.name in without or value in (field.default, None, (), {}):
            continue
        if has(type(value)):
            value = _meaning(value)
        elif field.name in _ORDERLESS:
            value = sorted(value)
        found[field.name] = value
    return found


def _sha256(meaning: Mapping[str, Any]) -> str:
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
