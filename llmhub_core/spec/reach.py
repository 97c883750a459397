"""Whom the written lists let through, as far as names alone can tell."""

from __future__ import annotations

from fnmatch import fnmatchcase

from llmhub_core.records.spec import RoleSpec, Spec

__all__ = ["covers", "enabled", "matches", "model_refusal", "provider_refusal"]

_WILD = frozenset("*?[")


def enabled(spec: Spec, provider: str) -> bool:
    """Whether a provider may be used at all; one that is not listed may."""
    found = spec.providers.get(provider)
    return found is None or found.enabled


def provider_refusal(spec: Spec, role: RoleSpec, provider: str) -> str | None:
    """Why no model of a provider can serve a role, or None."""
    policy, wishes = spec.policy, role.preferences
    every = f"{provider}:*"
    for reason, holds in (
        ("is not enabled in providers", not enabled(spec, provider)),
        ("is in provider_blocklist", provider in wishes.provider_blocklist),
        ("is denied by policy.providers", provider in policy.providers_deny),
        (
            "is not allowed by policy.providers",
            bool(policy.providers_allow) and provider not in policy.providers_allow,
        ),
        (
            "is denied by policy.models",
            any(covers(glob, every) for glob in policy.models_deny),
        ),
        (
            "is denied by model_denylist",
            any(covers(glob, every) for glob in wishes.model_denylist),
        ),
        (
            "is not allowed by policy.models",
            bool(policy.models_allow)
            and not any(_may_name(glob, provider) for glob in policy.models_allow),
        ),
    ):
        if holds:
            return reason
    return None


def model_refusal(spec: Spec, role: RoleSpec, model: str) -> str | None:
    """Why a model, named by canonical id, can't serve a role, or None."""
    policy = spec.policy
    if any(matches(model, glob) for glob in role.preferences.model_denylist):
        return "is in model_denylist"
    if any(matches(model, glob) for glob in policy.models_deny):
        return "is denied by policy.models"
    allowed = policy.models_allow
    if allowed and not any(matches(model, glob) for glob in allowed):
        return "is not allowed by policy.models"
    return None


def matches(canonical_id: str, glob: str) -> bool:
    """Whether a glob names a model, in capitals or not.

    Hosts write one model as ``qwen3`` and as ``Qwen3``: who denies ``*qwen*`` means
    both.
    """
    return fnmatchcase(canonical_id.casefold(), glob.casefold())


def covers(outer: str, inner: str) -> bool:
    """Whether one glob certainly matches all that another does.

    Matching the inner glob's own text is proof only while the outer one's single
    wildcard is ``*``: ``?`` would take the inner ``*`` for one character.
    """
    if outer.casefold() == inner.casefold():
        return True
    return not (_WILD - {"*"}) & set(outer) and matches(inner, outer)


def _may_name(glob: str, provider: str) -> bool:
    head, colon, _ = glob.partition(":")
    return not colon or bool(_WILD & set(head)) or matches(provider, head)
