"""What is different between two states of one environment, role by role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from attrs import field, fields, frozen

from llmhub_core.records.candidate import Quality
from llmhub_core.records.choice import Choice
from llmhub_core.records.lock import LockedEnvironment

__all__ = ["Change", "RoleChange", "Standing", "diff", "standing"]

Change: TypeAlias = Literal["added", "removed", "changed"]


@frozen(kw_only=True)
class Standing:
    """What serves a role, as far as it is worth comparing; None is unknown.

    Attributes:
        model: Canonical id.
        usd_per_request: Expected cost of one request of the role's workload.
        price_input_per_million: US dollars per million tokens.
        price_output_per_million: US dollars per million tokens.
        rating: Rating for the role's task.
        rating_category: Board and category that it stands in.
        rating_ci_low: Lower end of its 95 % interval.
        rating_ci_high: Upper end of its 95 % interval.
        rating_basis: What it rests on, such as ``measured`` or ``inherited``.
        context_tokens: Context window.
        max_output_tokens: Output limit.
        capabilities: What the model is known to support, sorted.
        params: Call parameters.
        backups: Canonical ids, in order.
        relaxed: Constraints that gave way.
    """

    model: str
    usd_per_request: float | None = None
    price_input_per_million: float | None = None
    price_output_per_million: float | None = None
    rating: float | None = None
    rating_category: str | None = None
    rating_ci_low: float | None = None
    rating_ci_high: float | None = None
    rating_basis: str | None = None
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    capabilities: tuple[str, ...] = ()
    params: Mapping[str, object] = field(factory=dict, hash=False)
    backups: tuple[str, ...] = ()
    relaxed: tuple[str, ...] = ()


@frozen(kw_only=True)
class RoleChange:
    """One role that is not as it was.

    Attributes:
        role: Its name.
        change: ``added``, ``removed`` or ``changed``.
        before: What served it, or None when it was added.
        after: What serves it, or None when it was removed.
        differs: Names of the fields of :class:`Standing` that differ, in order.
    """

    role: str
    change: Change
    before: Standing | None
    after: Standing | None
    differs: tuple[str, ...] = ()


def diff(
    before: LockedEnvironment | None, after: LockedEnvironment | None
) -> tuple[RoleChange, ...]:
    """Compare two states.

    Args:
        before: The older one; None when there was nothing.
        after: The newer one; None when there is nothing any more.

    Returns:
        The roles that differ in what serves them, by name. A role whose reason or
        notes alone differ is as it was.
    """
    old = {} if before is None else before.roles
    new = {} if after is None else after.roles
    found = []
    for role in sorted({*old, *new}):
        was = standing(old[role].choice) if role in old else None
        now = standing(new[role].choice) if role in new else None
        if was != now:
            found.append(_change(role, was, now))
    return tuple(found)


def standing(choice: Choice) -> Standing:
    """What one decision comes to."""
    pick = choice.primary
    return Standing(
        model=pick.canonical_id,
        usd_per_request=None if pick.cost is None else pick.cost.usd_per_request,
        price_input_per_million=pick.price_input_per_million,
        price_output_per_million=pick.price_output_per_million,
        context_tokens=pick.context_tokens,
        max_output_tokens=pick.max_output_tokens,
        capabilities=pick.capabilities,
        params=pick.params,
        backups=tuple(backup.canonical_id for backup in choice.backups),
        relaxed=tuple(
            f"{r.constraint}: {r.wanted} -> {r.granted}" for r in choice.relaxed
        ),
        **({} if pick.quality is None else _rating(pick.quality)),
    )


def _rating(quality: Quality) -> dict[str, Any]:
    return {
        "rating": quality.score,
        "rating_category": f"{quality.board}/{quality.category}",
        "rating_ci_low": quality.ci_low,
        "rating_ci_high": quality.ci_high,
        "rating_basis": quality.basis,
    }


def _change(role: str, was: Standing | None, now: Standing | None) -> RoleChange:
    if was is None:
        return RoleChange(role=role, change="added", before=None, after=now)
    if now is None:
        return RoleChange(role=role, change="removed", before=was, after=None)
    differs = tuple(
        attribute.name
        for attribute in fields(Standing)
        if getattr(was, attribute.name) != getattr(now, attribute.name)
    )
    return RoleChange(
        role=role, change="changed", before=was, after=now, differs=differs
    )
