"""Which of a role's candidates a call goes to, and which others get a copy of it.

A caller's key decides by a hash, so that the same key goes the same way in every
process and on every machine; without one, chance decides.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from llmhub_runtime.codec import MisfitError

if TYPE_CHECKING:
    from llmhub_runtime.config import RoleConfig, RuntimeConfig

__all__ = ["Route", "check_traffic", "draw", "find_route"]

_SCALE = 1 << 64
# What rounding leaves over of shares like 0.1 + 0.2 + 0.7.
_NOTHING = 1e-9


class Route(NamedTuple):
    """Where a call goes: the role that answers it, and those that get a copy."""

    role: str
    copies: tuple[str, ...] = ()


def find_route(
    config: RuntimeConfig, role: str, params: Mapping[str, Any], sticky: str | None
) -> Route:
    """Choose who answers a call, and who gets a copy of it.

    Args:
        config: The config.
        role: The role that was asked for, if there is one of that name.
        params: The parameters of the call.
        sticky: Whoever the call is for, if the caller says so.
    """
    spec = config.roles.get(role)
    if spec is None or not (spec.candidates or spec.shadow):
        return Route(role)
    key = _caller(spec, params) if sticky is None else str(sticky)
    copies = tuple(
        name
        for name, share in spec.shadow.items()
        if _unit(role, f"shadow of {name}", key) < share
    )
    return Route(draw(role, spec.candidates, key), copies)


def draw(role: str, candidates: Mapping[str, float], key: str | None = None) -> str:
    """Choose the role that answers a call.

    With a key this is weighted rendezvous hashing: when a share grows, keys come to it
    and none leaves it, and none goes between two whose shares stay as they are.

    Args:
        role: The role that was asked for.
        candidates: Other roles and their shares, at most 1 in all.
        key: Whoever the call is for; None leaves it to chance.

    Returns:
        One of its candidates, or the role itself for what their shares leave over.
    """
    shares = {**candidates, role: 1.0 - sum(candidates.values())}
    ranks = {
        name: -math.log(_unit(role, name, key)) / share
        for name, share in shares.items()
        if share > _NOTHING
    }
    return min(ranks, key=ranks.__getitem__)


def _caller(spec: RoleConfig, params: Mapping[str, Any]) -> str | None:
    if spec.sticky_by is None:
        return None
    held: Any = {**spec.params, **params}
    for name in spec.sticky_by.split("."):
        held = held.get(name) if isinstance(held, Mapping) else None
    return None if held is None else str(held)


def check_traffic(config: RuntimeConfig) -> None:
    """Refuse ``candidates`` and ``shadow`` that can't be followed.

    Raises:
        MisfitError: Names the first one.
    """
    for role, spec in config.roles.items():
        for key, shares in (("candidates", spec.candidates), ("shadow", spec.shadow)):
            for name in shares:
                problem = _problem(config, role, spec, name)
                if problem is not None:
                    raise MisfitError(("roles", role, key, name), problem)
    if config.defaults and (config.defaults.candidates or config.defaults.shadow):
        raise MisfitError(
            ("defaults",), "can't have candidates or shadow: give them to a role"
        )


def _problem(
    config: RuntimeConfig, role: str, spec: RoleConfig, name: str
) -> str | None:
    if name == role:
        return "is the role itself, which has what the others leave over"
    other = config.roles.get(name)
    if other is None:
        return "is no role of this config"
    if other.candidates:
        return "has candidates of its own: name those"
    if other.mode != spec.mode:
        return f"has mode {other.mode!r}, the role itself {spec.mode!r}"
    return None


def _unit(role: str, name: str, key: str | None) -> float:
    """Return a number between 0 and 1, both excluded."""
    if key is None:
        return random.random() or 1 / _SCALE  # noqa: S311 (which model is no secret)
    digest = hashlib.sha256(f"{role}\0{name}\0{key}".encode()).digest()
    return (int.from_bytes(digest[:7], "big") + 0.5) / (_SCALE >> 8)
