"""The hard limits of a role, each under the key of the spec that it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import fields

from llmhub_core.records.need import Constraint, Test
from llmhub_core.records.spec import Preferences, Require, RoleSpec, Spec, Workload
from llmhub_core.selection.names import Names

__all__ = ["constraints"]

_TESTS: Mapping[str, Test] = {
    "tools": "tools",
    "structured_output": "structured_output",
    "reasoning": "reasoning",
    "open_weights": "open_weights",
    "input_modalities": "takes",
    "output_modalities": "gives",
    "context_tokens": "context",
    "max_output_tokens": "output",
    "knowledge_after": "knowledge",
    "min_quality": "quality",
    "status": "status",
}


def constraints(
    spec: Spec, role: RoleSpec, names: Names, *, callable_only: bool
) -> Iterator[Constraint]:
    """Read every hard limit of a role out of the spec, in the order of checking.

    Args:
        spec: The effective spec.
        role: One of its roles.
        names: Makes names canonical.
        callable_only: Whether models of providers that were not probed are out.
    """
    yield from _from_kind(role)
    yield from _from_catalog(role.require, callable_only=callable_only)
    yield from _from_price(spec, role)
    yield from _from_workload(role)
    yield from _from_force(role, names)
    yield from _from_providers(spec, names)
    yield from _from_policy(spec, names)
    yield from _from_preferences(role.preferences, names)
    yield from _from_task(role)
    yield from _from_require(role.require)


def _from_kind(role: RoleSpec) -> Iterator[Constraint]:
    kind = "chat" if role.kind == "tool" else role.kind
    yield Constraint(name="kind", test="kind", wanted=kind)
    if role.kind == "tool":
        yield Constraint(name="kind", test="tools", wanted=True)


def _from_catalog(require: Require, *, callable_only: bool) -> Iterator[Constraint]:
    yield Constraint(name="callable", test="callable", wanted="not_probed")
    if callable_only:
        yield Constraint(name="--callable-only", test="callable", wanted="yes")
    if "deprecated" not in require.status:
        yield Constraint(name="status", test="status", wanted=())
    yield Constraint(name="endpoint", test="within_call", wanted=True)


def _from_price(spec: Spec, role: RoleSpec) -> Iterator[Constraint]:
    """Leave free offers out unless a ceiling of 0 asks for nothing else.

    They are rate-limited and come and go, and at a price of 0 they would win
    wherever cost counts.
    """
    ceilings = (role.require.max_price, spec.policy.max_price)
    if not any(0 in (ceiling.input, ceiling.output) for ceiling in ceilings):
        yield Constraint(name="free", test="paid", wanted=True)


def _from_workload(role: RoleSpec) -> Iterator[Constraint]:
    """Leave out what can't hold the request that the author says is typical.

    A request for embeddings is many texts, each with a window of its own.
    """
    load = role.workload
    if role.kind not in {"chat", "tool"} or load == Workload():
        return
    tokens = load.input_tokens + load.output_tokens
    yield Constraint(name="workload", test="room", wanted=tokens)
    yield Constraint(name="workload", test="answer", wanted=load.output_tokens)


def _from_force(role: RoleSpec, names: Names) -> Iterator[Constraint]:
    if role.force_provider is not None:
        provider = names.provider(role.force_provider)
        yield Constraint(name="force_provider", test="provider_in", wanted=(provider,))
    if role.force_model is not None:
        yield Constraint(name="force_model", test="model_is", wanted=role.force_model)


def _from_providers(spec: Spec, names: Names) -> Iterator[Constraint]:
    for name, entry in spec.providers.items():
        if not entry.enabled:
            yield Constraint(
                name=f"providers.{name}.enabled",
                test="provider_not_in",
                wanted=(names.provider(name),),
            )


def _from_policy(spec: Spec, names: Names) -> Iterator[Constraint]:
    policy = spec.policy
    lists: tuple[tuple[str, Test, tuple[str, ...]], ...] = (
        ("providers.allow", "provider_in", names.providers(policy.providers_allow)),
        ("providers.deny", "provider_not_in", names.providers(policy.providers_deny)),
        ("models.allow", "id_matches", names.globs(policy.models_allow)),
        ("models.deny", "id_matches_none", names.globs(policy.models_deny)),
    )
    for name, test, wanted in lists:
        if wanted:
            yield Constraint(name=f"policy.{name}", test=test, wanted=wanted)
    if policy.open_weights_only:
        yield Constraint(
            name="policy.open_weights_only", test="open_weights", wanted=True
        )
    yield from _ceilings("policy", policy.max_price.input, policy.max_price.output)


def _from_preferences(wishes: Preferences, names: Names) -> Iterator[Constraint]:
    lists: tuple[tuple[str, Test, tuple[str, ...]], ...] = (
        ("providers", "provider_in", names.providers(wishes.providers)),
        (
            "provider_blocklist",
            "provider_not_in",
            names.providers(wishes.provider_blocklist),
        ),
        ("model_denylist", "id_matches_none", names.globs(wishes.model_denylist)),
    )
    for name, test, wanted in lists:
        if wanted:
            yield Constraint(name=f"preferences.{name}", test=test, wanted=wanted)


def _from_task(role: RoleSpec) -> Iterator[Constraint]:
    if role.task == "vision":
        yield Constraint(name="task", test="takes", wanted=("image",))


def _from_require(require: Require) -> Iterator[Constraint]:
    for attribute in fields(Require):
        name = attribute.name
        wanted = getattr(require, name)
        if name in _TESTS and wanted not in (None, ()):
            yield Constraint(name=f"require.{name}", test=_TESTS[name], wanted=wanted)
    yield from _ceilings("require", require.max_price.input, require.max_price.output)
    if require.measured_quality:
        yield Constraint(name="require.measured_quality", test="measured", wanted=True)


def _ceilings(
    place: str, price_input: float | None, price_output: float | None
) -> Iterator[Constraint]:
    name = f"{place}.max_price"
    if price_input is not None:
        yield Constraint(name=name, test="price_input", wanted=price_input)
    if price_output is not None:
        yield Constraint(name=name, test="price_output", wanted=price_output)
