"""Models of the lock that are deprecated, or that nobody lists any more."""

from __future__ import annotations

from collections.abc import Iterator

from llmhub_core.catalog.retirement import Register
from llmhub_core.lock.finding import Finding
from llmhub_core.lock.integrity import Place
from llmhub_core.lock.lines import line_of
from llmhub_core.lock.remedy import generate
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.records.lock import LockedEnvironment
from llmhub_core.records.spec import RoleSpec, Spec

__all__ = ["retired"]


def retired(
    spec: Spec, locked: LockedEnvironment, text: str, register: Register
) -> Iterator[Finding]:
    """Find what the lock relies on and should not for long.

    A role that asks for deprecated models by ``require.status`` may have them.

    Args:
        spec: The effective spec.
        locked: What is locked for its environment.
        text: The lock file, for the lines.
        register: What the kept catalog says of models.
    """
    for name, entry in locked.roles.items():
        role = spec.roles.get(name)
        if role is None:
            continue
        for place, pick in _picks(entry.choice):
            retirement = register.retirement(
                pick.canonical_id,
                was_listed=pick.price_input_per_million is not None,
            )
            if retirement is None or retirement.reason in role.require.status:
                continue
            use = "" if place == ("primary",) else "fallback "
            yield Finding(
                kind="retired",
                problem=f"role {name!r}: {use}{pick.canonical_id} {retirement}: "
                f"{_remedy(spec, role, pick, place)}",
                file="lock",
                line=line_of(
                    text, ("environments", spec.env, "roles", name, "choice", *place)
                ),
                role=name,
            )


def _picks(choice: Choice) -> Iterator[tuple[Place, Pick]]:
    yield ("primary",), choice.primary
    for number, backup in enumerate(choice.backups):
        yield ("backups", number), backup


def _remedy(spec: Spec, role: RoleSpec, pick: Pick, place: Place) -> str:
    if place == ("primary",) and role.force_model is not None:
        return "name another `force_model`"
    if not isinstance(role.fallbacks, int) and pick.canonical_id in role.fallbacks:
        return "name another in `fallbacks`"
    return f"run {generate(spec, '--upgrade', role.name)}"
