"""From the spec of a role to its need: nothing but the spec decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from attrs import fields

from llmhub_core.errors import SpecError
from llmhub_core.records.model import Kind
from llmhub_core.records.need import Constraint, RatingKey, RoleNeed, Test, Weights
from llmhub_core.records.spec import Level, Preferences, Require, RoleSpec, Spec

__all__ = ["interpret", "rating_keys"]

_OVERALL = RatingKey(board="text", category="overall")

#: Tasks whose rating has another name than they have. Languages and the other
#: tasks are categories of the text board under their own name.
_TASKS: Mapping[str, tuple[RatingKey, ...]] = {
    "general": (_OVERALL,),
    "reasoning": (
        RatingKey(board="text", category="hard_prompts"),
        RatingKey(board="text", category="math"),
        _OVERALL,
    ),
    "long_context": (RatingKey(board="text", category="longer_query"), _OVERALL),
    "vision": (RatingKey(board="vision", category="overall"), _OVERALL),
}

#: Kinds that human-preference boards do not rate as text.
_KINDS: Mapping[Kind, tuple[RatingKey, ...]] = {
    "embedding": (),
    "rerank": (),
    "moderation": (),
    "audio": (),
    "image": (
        RatingKey(board="text_to_image", category="overall"),
        RatingKey(board="image", category="overall"),
    ),
    "video": (RatingKey(board="text_to_video", category="overall"),),
}

#: Points that a level of a wish is worth; the shares are their proportions.
_WISHED: Mapping[Level | None, int] = {"high": 4, "medium": 2, None: 2, "low": 1}
_SPARED: Mapping[Level | None, int] = {"low": 4, "medium": 2, None: 2, "high": 1}
# Without a word about it, a proxy for speed must not outweigh a rating.
_HURRY: Mapping[Level | None, int] = {"low": 4, "medium": 2, None: 1, "high": 1}

_FLAGS: Mapping[str, Test] = {
    "tools": "tools",
    "structured_output": "structured_output",
    "reasoning": "reasoning",
    "open_weights": "open_weights",
}
_LIMITS: Mapping[str, Test] = {
    "input_modalities": "takes",
    "output_modalities": "gives",
    "context_tokens": "context",
    "max_output_tokens": "output",
    "knowledge_after": "knowledge",
    "min_quality": "quality",
}


def interpret(
    spec: Spec,
    role: str,
    *,
    provider_name: Callable[[str], str] = str,
    callable_only: bool = False,
) -> RoleNeed:
    """Read one role's need out of the spec.

    Args:
        spec: The effective spec.
        role: Name of one of its roles.
        provider_name: Makes a provider's name canonical (any-llm's).
        callable_only: Whether models of providers that were not probed are out.

    Returns:
        The need. Equal specs give equal needs.

    Raises:
        SpecError: There is no such role, or it asks for what its kind excludes.
    """
    if role not in spec.roles:
        known = ", ".join(spec.roles) or "none"
        problem = f"there is no role {role!r}; the spec has: {known}."
        raise SpecError(problem, path=spec.path)
    found = spec.roles[role]
    kind: Kind = "chat" if found.kind == "tool" else found.kind
    if found.kind == "tool" and found.require.tools is False:
        problem = f"role {role!r} is of kind tool and requires no tools."
        raise SpecError(
            problem, path=spec.path, line=spec.line("roles", role, "require", "tools")
        )
    task = found.task or "general"
    wishes = found.preferences
    own = (*_from_task(found), *_from_require(found.require))
    ours = _Names(provider_name)
    hard = (
        *_from_catalog(kind, found, callable_only=callable_only),
        *_from_force(found, ours),
        *_from_providers(spec, ours),
        *_from_policy(spec, ours),
        *_from_denials(wishes, ours),
    )
    soft = (*_status(found.require), *_from_allowlist(wishes, ours), *own)
    forced = found.force_model is not None
    return RoleNeed(
        role=role,
        kind=kind,
        description=found.description,
        task=task,
        ratings=rating_keys(kind, task, images="image" in _takes(own)),
        quality=wishes.quality,
        cost=wishes.cost,
        latency=wishes.latency,
        weights=_weights(wishes),
        constraints=hard if forced else (*hard, *soft),
        waived=soft if forced else (),
        relax=found.relax,
        preferred_providers=ours.providers(wishes.providers),
        open_providers=ours.providers(
            name for name, entry in spec.providers.items() if entry.api_base
        ),
        workload=found.workload,
        backups=found.fallbacks if isinstance(found.fallbacks, int) else 0,
        explicit_backups=(
            ()
            if isinstance(found.fallbacks, int)
            else tuple(ours.model(model) for model in found.fallbacks)
        ),
        forced=_forced(found, ours),
        mode_params=found.mode_params,
    )


def rating_keys(kind: Kind, task: str, *, images: bool) -> tuple[RatingKey, ...]:
    """Say where the quality of a task is looked up.

    Args:
        kind: What the model must be.
        task: Task or language.
        images: Whether images go in.

    Returns:
        Boards and categories; the first is the scale, the rest stand in for it.
    """
    if kind in _KINDS:
        return _KINDS[kind]
    if images and task == "general":
        task = "vision"
    if task in _TASKS:
        return _TASKS[task]
    return (RatingKey(board="text", category=task), _OVERALL)


class _Names:
    """Names of providers and models, made canonical."""

    def __init__(self, provider_name: Callable[[str], str]) -> None:
        self.provider = provider_name

    def providers(self, names: Iterator[str] | tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.provider(name) for name in names))

    def model(self, model: str) -> str:
        provider, _, model_id = model.partition(":")
        return f"{self.provider(provider)}:{model_id}"

    def globs(self, globs: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            self.model(glob) if glob.partition(":")[0].isidentifier() else glob
            for glob in globs
        )


def _weights(wishes: Preferences) -> Weights:
    quality = _WISHED[wishes.quality]
    cost = _SPARED[wishes.cost]
    latency = _HURRY[wishes.latency]
    total = quality + cost + latency
    return Weights(
        quality=quality / total, cost=cost / total, latency=latency / total
    )


def _from_catalog(
    kind: Kind, role: RoleSpec, *, callable_only: bool
) -> Iterator[Constraint]:
    yield Constraint(name="kind", test="kind", wanted=kind)
    if role.kind == "tool":
        yield Constraint(name="kind", test="tools", wanted=True)
    if role.force_model is None:
        yield Constraint(name="callable", test="callable", wanted="not_probed")
    if callable_only:
        yield Constraint(name="--callable-only", test="callable", wanted="yes")


def _from_force(role: RoleSpec, ours: _Names) -> Iterator[Constraint]:
    if role.force_provider is not None:
        provider = ours.provider(role.force_provider)
        yield Constraint(
            name="force_provider", test="provider_in", wanted=(provider,)
        )
    if role.force_model is not None:
        yield Constraint(name="force_model", test="model_is", wanted=role.force_model)


def _from_providers(spec: Spec, ours: _Names) -> Iterator[Constraint]:
    for name, entry in spec.providers.items():
        if not entry.enabled:
            yield Constraint(
                name=f"providers.{name}.enabled",
                test="provider_not_in",
                wanted=(ours.provider(name),),
            )


def _from_policy(spec: Spec, ours: _Names) -> Iterator[Constraint]:
    policy = spec.policy
    lists: tuple[tuple[str, Test, tuple[str, ...]], ...] = (
        ("providers.allow", "provider_in", ours.providers(policy.providers_allow)),
        ("providers.deny", "provider_not_in", ours.providers(policy.providers_deny)),
        ("models.allow", "id_matches", ours.globs(policy.models_allow)),
        ("models.deny", "id_matches_none", ours.globs(policy.models_deny)),
    )
    for name, test, wanted in lists:
        if wanted:
            yield Constraint(name=f"policy.{name}", test=test, wanted=wanted)
    if policy.open_weights_only:
        yield Constraint(
            name="policy.open_weights_only", test="open_weights", wanted=True
        )
    yield from _ceilings("policy", policy.max_price.input, policy.max_price.output)


def _from_denials(wishes: Preferences, ours: _Names) -> Iterator[Constraint]:
    if wishes.provider_blocklist:
        yield Constraint(
            name="preferences.provider_blocklist",
            test="provider_not_in",
            wanted=ours.providers(wishes.provider_blocklist),
        )
    if wishes.model_denylist:
        yield Constraint(
            name="preferences.model_denylist",
            test="id_matches_none",
            wanted=ours.globs(wishes.model_denylist),
        )


def _from_allowlist(wishes: Preferences, ours: _Names) -> Iterator[Constraint]:
    if wishes.providers:
        yield Constraint(
            name="preferences.providers",
            test="provider_in",
            wanted=ours.providers(wishes.providers),
        )


def _status(require: Require) -> Iterator[Constraint]:
    yield Constraint(name="require.status", test="status", wanted=require.status)


def _from_task(role: RoleSpec) -> Iterator[Constraint]:
    if role.task == "vision":
        yield Constraint(name="task", test="takes", wanted=("image",))


def _from_require(require: Require) -> Iterator[Constraint]:
    tests = {**_FLAGS, **_LIMITS}
    for attribute in fields(Require):
        name = attribute.name
        wanted = getattr(require, name)
        if name in tests and wanted not in (None, ()):
            yield Constraint(name=f"require.{name}", test=tests[name], wanted=wanted)
    yield from _ceilings("require", require.max_price.input, require.max_price.output)
    if require.measured_quality:
        yield Constraint(
            name="require.measured_quality", test="measured", wanted=True
        )


def _ceilings(
    place: str, price_input: float | None, price_output: float | None
) -> Iterator[Constraint]:
    name = f"{place}.max_price"
    if price_input is not None:
        yield Constraint(name=name, test="price_input", wanted=price_input)
    if price_output is not None:
        yield Constraint(name=name, test="price_output", wanted=price_output)


def _takes(constraints: tuple[Constraint, ...]) -> frozenset[str]:
    return frozenset(
        modality
        for constraint in constraints
        if constraint.test == "takes" and isinstance(constraint.wanted, tuple)
        for modality in constraint.wanted
    )


def _forced(role: RoleSpec, ours: _Names) -> str | None:
    if role.force_model is None:
        return None
    if role.force_provider is None:
        return role.force_model
    return f"{ours.provider(role.force_provider)}:{role.force_model}"
