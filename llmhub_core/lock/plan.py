"""Which roles stay as the lock has them, and which must be chosen anew."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, TypeAlias

from attrs import frozen

from llmhub_core.errors import LockError, SpecError
from llmhub_core.lock.remedy import generate
from llmhub_core.records.lock import LockedEnvironment, LockedRole
from llmhub_core.records.spec import Spec
from llmhub_core.spec.digest import role_digest, selector_for

__all__ = ["Plan", "Reason", "Renewal", "plan", "refuse_renewals"]

Reason: TypeAlias = Literal["no-lock", "new", "changed", "selector", "upgrade"]


@frozen(kw_only=True)
class Renewal:
    """One role that is to be chosen anew.

    Attributes:
        role: Its name.
        reason: ``no-lock`` when nothing is locked in this environment, ``new`` when
            the role is not, ``changed`` when the spec asks something else of it,
            ``selector`` when only who ranks differs, ``upgrade`` when it was asked.
        detail: The same as the end of a sentence that begins with the role.
    """

    role: str
    reason: Reason
    detail: str


@frozen(kw_only=True)
class Plan:
    """What ``generate`` has to do about the roles of one environment.

    Attributes:
        pinned: Roles that stay, in the order of the spec.
        renewed: Roles that are chosen anew, in the order of the spec.
        removed: Roles of the lock that the spec no longer has, sorted.
    """

    pinned: tuple[str, ...] = ()
    renewed: tuple[Renewal, ...] = ()
    removed: tuple[str, ...] = ()


def plan(
    spec: Spec,
    locked: LockedEnvironment | None,
    *,
    upgrade: Collection[str] | None = None,
    selector: str | None = None,
) -> Plan:
    """Compare the spec with what is locked.

    Args:
        spec: The effective spec.
        locked: What the lock has of the spec's environment, or None.
        upgrade: Roles to choose anew whatever the lock says; empty for all, None
            for none.
        selector: The name given by ``--selector``, or None.

    Returns:
        Every role of the spec, either pinned or renewed.

    Raises:
        SpecError: ``upgrade`` names a role that the spec does not have.
    """
    for name in upgrade or ():
        if name not in spec.roles:
            near = get_close_matches(name, spec.roles, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            known = ", ".join(spec.roles)
            raise SpecError(
                f"there is no role {name!r} to upgrade.{hint} Roles: {known}.",
                path=spec.path,
            )
    roles = {} if locked is None else locked.roles
    renewals = {
        name: Renewal(role=name, reason=why[0], detail=why[1])
        for name in spec.roles
        if (why := _why(spec, name, locked, upgrade, selector)) is not None
    }
    return Plan(
        pinned=tuple(name for name in spec.roles if name not in renewals),
        renewed=tuple(renewals.values()),
        removed=tuple(sorted(name for name in roles if name not in spec.roles)),
    )


def refuse_renewals(spec: Spec, found: Plan, *, path: Path | str | None = None) -> None:
    """Raise the error of ``--frozen`` when the lock does not cover the spec.

    Args:
        spec: The effective spec.
        found: The plan.
        path: The lock file, for the message.

    Raises:
        LockError: Names every role that would have to be chosen.
    """
    if not found.renewed:
        return
    roles = "; ".join(f"role {r.role!r} {r.detail}" for r in found.renewed)
    raise LockError(
        f"does not cover the spec: {roles}. Run {generate(spec)} without --frozen "
        "and commit the lock.",
        path=path,
    )


def _why(
    spec: Spec,
    name: str,
    locked: LockedEnvironment | None,
    upgrade: Collection[str] | None,
    selector: str | None,
) -> tuple[Reason, str] | None:
    if locked is None:
        return "no-lock", f"has no choice locked for the environment {spec.env!r}"
    entry = locked.roles.get(name)
    if entry is None:
        return "new", "is not in the lock"
    if entry.digest != role_digest(spec, name, selector):
        return _change(spec, name, entry, selector)
    if upgrade is not None and (not upgrade or name in upgrade):
        return "upgrade", "is to be upgraded"
    return None


def _change(
    spec: Spec, name: str, entry: LockedRole, selector: str | None
) -> tuple[Reason, str]:
    before = entry.choice.selector
    now, _ = selector_for(spec, spec.roles[name], selector)
    if entry.digest == role_digest(spec, name, before):
        return "selector", f"was chosen by {before}, and {now} is asked for"
    return "changed", "changed in the spec since it was chosen"
