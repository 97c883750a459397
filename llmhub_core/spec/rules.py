"""Rules that join several keys: what contradicts itself, or can never apply.

They compare names as written; whether a provider or a model exists is for the
catalog to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from llmhub_core.errors import SpecError
from llmhub_core.records.spec import MaxPrice, RoleSpec, Spec
from llmhub_core.spec.quantities import seconds
from llmhub_core.spec.reach import covers, enabled, model_refusal, provider_refusal
from llmhub_core.spec.shape import nearest

__all__ = ["problems"]

_SPOKEN = ("tools", "structured_output", "reasoning")


def problems(spec: Spec) -> Iterator[SpecError]:
    """Everything about an effective spec that can't be meant.

    Yields:
        Errors that carry a line and no path, in no particular order.
    """
    if not spec.roles:
        yield _error(
            spec,
            ("roles",),
            "roles is empty: add one, such as `llm.inference: {kind: chat}`.",
        )
    yield from _policy(spec)
    for role in spec.roles.values():
        yield from _providers(spec, role)
        yield from _forced(spec, role)
        yield from _backups(spec, role)
        yield from _relaxed(spec, role)
        yield from _needs(spec, role)
        yield from _settings(spec, role)


def _error(spec: Spec, keys: tuple[str, ...], problem: str) -> SpecError:
    return SpecError(problem, line=spec.line(*keys))


def _policy(spec: Spec) -> Iterator[SpecError]:
    policy = spec.policy
    if policy.providers_allow and all(
        name in policy.providers_deny or not enabled(spec, name)
        for name in policy.providers_allow
    ):
        yield _error(
            spec,
            ("policy", "providers", "allow"),
            "policy.providers allows only what is denied or not enabled: nothing is "
            "left.",
        )
    if any(covers(glob, "*:*") for glob in policy.models_deny):
        yield _error(
            spec, ("policy", "models", "deny"), "policy.models denies every model."
        )
    elif policy.models_allow and all(
        any(covers(deny, allow) for deny in policy.models_deny)
        for allow in policy.models_allow
    ):
        yield _error(
            spec,
            ("policy", "models", "allow"),
            "policy.models allows only what it denies: nothing is left.",
        )


def _providers(spec: Spec, role: RoleSpec) -> Iterator[SpecError]:
    where = ("roles", role.name, "preferences")
    wishes = role.preferences
    reasons = [(name, provider_refusal(spec, role, name)) for name in wishes.providers]
    if reasons and all(reason for _, reason in reasons):
        listed = "; ".join(f"{name} {reason}" for name, reason in reasons)
        yield _error(
            spec,
            (*where, "providers"),
            f"role {role.name!r} has no provider left: {listed}.",
        )
    if any(covers(glob, "*:*") for glob in wishes.model_denylist):
        yield _error(
            spec, (*where, "model_denylist"), f"role {role.name!r} denies every model."
        )


def _forced(spec: Spec, role: RoleSpec) -> Iterator[SpecError]:
    provider, model = role.force_provider, role.force_model
    where = ("roles", role.name)
    allowed = role.preferences.providers
    if model is not None and provider is None and not allowed:
        yield _error(
            spec,
            (*where, "force_model"),
            f"role {role.name!r} forces {model!r} and no provider: add "
            "force_provider, or write it as provider:model.",
        )
    if provider is None:
        return
    reason = provider_refusal(spec, role, provider)
    if allowed and provider not in allowed:
        reason = "is not in its preferences.providers"
    key = "force_provider"
    forced = provider
    if reason is None and model is not None:
        reason = model_refusal(spec, role, f"{provider}:{model}")
        key, forced = "force_model", model
    if reason is not None:
        yield _error(
            spec,
            (*where, key),
            f"role {role.name!r} forces {forced!r}, which {reason}.",
        )


def _backups(spec: Spec, role: RoleSpec) -> Iterator[SpecError]:
    allowed = role.preferences.providers
    for model in () if isinstance(role.fallbacks, int) else role.fallbacks:
        provider = model.split(":", 1)[0]
        reason = provider_refusal(spec, role, provider)
        if allowed and provider not in allowed:
            reason = "is not in its preferences.providers"
        if reason is not None:
            reason = f"is of {provider!r}, which {reason}"
        elif model == f"{role.force_provider}:{role.force_model}":
            reason = "is also its forced model"
        else:
            reason = model_refusal(spec, role, model)
        if reason is not None:
            yield _error(
                spec,
                ("roles", role.name, "fallbacks"),
                f"role {role.name!r} names the fallback {model!r}, which {reason}.",
            )


def _relaxed(spec: Spec, role: RoleSpec) -> Iterator[SpecError]:
    for name in role.relax:
        asked = getattr(role.require, name)
        if asked in (None, (), MaxPrice()) or (
            name == "measured_quality" and not asked
        ):
            yield _error(
                spec,
                ("roles", role.name, "relax"),
                f"role {role.name!r} may relax {name!r}, which it does not require: "
                "take it out of relax, or add it to require.",
            )


def _needs(spec: Spec, role: RoleSpec) -> Iterator[SpecError]:
    where = ("roles", role.name, "require")
    need = role.require
    for name in _SPOKEN if role.kind == "embedding" else ():
        if getattr(need, name):
            yield _error(
                spec,
                (*where, name),
                f"role {role.name!r} is of kind 'embedding' and requires {name!r}, "
                "which no such model has.",
            )
    if role.kind == "tool" and need.tools is False:
        yield _error(
            spec,
            (*where, "tools"),
            f"role {role.name!r} is of kind 'tool' and requires a model without tools.",
        )
    least, output = need.context_tokens, need.max_output_tokens
    if least is not None and output is not None and output > least:
        yield _error(
            spec,
            (*where, "context_tokens"),
            f"role {role.name!r} requires {output} max_output_tokens, so its "
            f"context_tokens {least} can never decide: raise it, or take it out.",
        )
    if spec.policy.open_weights_only and need.open_weights is False:
        yield _error(
            spec,
            (*where, "open_weights"),
            f"role {role.name!r} requires closed weights and policy.open_weights_only "
            "open ones.",
        )


def _settings(spec: Spec, role: RoleSpec) -> Iterator[SpecError]:
    where = ("roles", role.name)
    if "api_key" in role.mode_params:
        yield _error(
            spec,
            (*where, "mode_params", "api_key"),
            f"role {role.name!r} holds an api_key: a spec must not. Name its variable "
            "as env_key of the provider.",
        )
    if role.selector_options and role.selector is None:
        yield _error(
            spec,
            (*where, "selector_options"),
            f"role {role.name!r} has selector_options and no selector: name it, or "
            "put the options under `selectors` at the top.",
        )
    for key in ("candidates", "shadow"):
        for name in role.runtime.get(key, ()):
            if name not in spec.roles:
                yield _error(
                    spec,
                    (*where, "runtime", key, name),
                    f"role {role.name!r}: {key} names {name!r}, which is no role of "
                    f"this spec.{nearest(name, spec.roles)}",
                )
    for short, long in (("timeout", "deadline"), ("ttft_timeout", "timeout")):
        first, second = role.runtime.get(short), role.runtime.get(long)
        if (
            first is not None
            and second is not None
            and seconds(first) > seconds(second)
        ):
            yield _error(
                spec,
                (*where, "runtime", short),
                f"role {role.name!r} has a {short} of {first}, longer than its {long} "
                f"of {second}: it can never apply.",
            )
