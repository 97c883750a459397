"""From the spec of a role to its need: nothing but the spec decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.errors import SpecError
from llmhub_core.records.model import Kind
from llmhub_core.records.need import Constraint, RatingKey, RoleNeed, Weights
from llmhub_core.records.spec import Level, Preferences, RoleSpec, Spec
from llmhub_core.selection.constraints import constraints
from llmhub_core.selection.names import Names

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

#: Points that a level of a wish is worth; the shares are their proportions. A strong
#: wish counts four times a medium one, a weak wish half of it.
_WISHED: Mapping[Level | None, int] = {"high": 8, "medium": 2, None: 2, "low": 1}
_SPARED: Mapping[Level | None, int] = {"low": 8, "medium": 2, None: 2, "high": 1}
# Without a word about it, a proxy for speed must not outweigh a rating.
_HURRY: Mapping[Level | None, int] = {"low": 8, "medium": 2, None: 1, "high": 1}


def interpret(
    spec: Spec,
    role: str,
    *,
    provider_name: Callable[[str], str] = canonical_provider,
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
    names = Names(provider_name)
    limits = tuple(constraints(spec, found, names, callable_only=callable_only))
    waived = tuple(limit for limit in limits if found.force_model and _waives(limit))
    return RoleNeed(
        role=role,
        kind=kind,
        description=found.description,
        task=task,
        ratings=rating_keys(kind, task, images=_takes_images(limits)),
        quality=wishes.quality,
        cost=wishes.cost,
        latency=wishes.latency,
        weights=_weights(wishes),
        constraints=tuple(limit for limit in limits if limit not in waived),
        waived=waived,
        relax=found.relax,
        preferred_providers=names.providers(wishes.providers),
        open_providers=names.providers(
            name for name, entry in spec.providers.items() if entry.api_base
        ),
        workload=found.workload,
        backups=found.fallbacks if isinstance(found.fallbacks, int) else 0,
        explicit_backups=(
            ()
            if isinstance(found.fallbacks, int)
            else tuple(names.model(model) for model in found.fallbacks)
        ),
        forced=_forced(found, names),
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


def _weights(wishes: Preferences) -> Weights:
    quality = _WISHED[wishes.quality]
    cost = _SPARED[wishes.cost]
    latency = _HURRY[wishes.latency]
    total = quality + cost + latency
    return Weights(quality=quality / total, cost=cost / total, latency=latency / total)


def _waives(limit: Constraint) -> bool:
    """Whether forcing a model sets this limit aside: the author has decided."""
    return (
        limit.test in {"callable", "status", "paid", "within_call"}
        or limit.name in {"preferences.providers", "task", "workload"}
        or limit.name.startswith("require.")
    )


def _takes_images(limits: Iterable[Constraint]) -> bool:
    return any(
        limit.test == "takes"
        and isinstance(limit.wanted, tuple)
        and "image" in limit.wanted
        for limit in limits
    )


def _forced(role: RoleSpec, names: Names) -> str | None:
    if role.force_model is None:
        return None
    if role.force_provider is None:
        return role.force_model
    return f"{names.provider(role.force_provider)}:{role.force_model}"
