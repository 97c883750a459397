"""Checksums of the lock's entries, which tell which value was edited by hand.

An entry's checksum is two sums modulo a prime, over the hashes of its values: a
plain one, and one in which each hash is multiplied by the hash of the value's path.
An edit of one value changes the first by some ``d`` and the second by ``d`` times
the hash of its path, so the quotient of the two differences names the path.

They stand against slips and merges, not against forgery: whoever has the tool can
reckon them anew.

Source:
    The weighted checksum that locates one error, as in Reed-Solomon codes:
    Reed and Solomon, "Polynomial Codes over Certain Finite Fields", 1960.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, TypeAlias

from attrs import evolve, frozen

from llmhub_core.codec import digest, unstructure
from llmhub_core.records.lock import Lock, LockedEnvironment, LockedRole

__all__ = ["Edit", "Place", "edits", "environment_digest", "sealed"]

Place: TypeAlias = tuple[str | int, ...]
"""Where a value of the lock is: keys and list positions from the root."""

_PRIME = 2**127 - 1
_HALF = 32  # hexadecimal digits of one sum
_text = json.JSONEncoder(separators=(",", ":")).encode


@frozen(kw_only=True)
class Edit:
    """Something in the lock that is not as the tool wrote it.

    Attributes:
        environment: The environment that it is in.
        role: The role, or None for what is said of the whole environment.
        place: The edited value; the whole entry when ``exact`` is False.
        exact: False when more than one value was edited, or one was taken out.
    """

    environment: str
    role: str | None
    place: Place
    exact: bool

    @property
    def remedy(self) -> str:
        """The command that makes the entry anew."""
        role = "" if self.role is None else f" {self.role}"
        return f"llmhub generate --env {self.environment} --upgrade{role}"

    def __str__(self) -> str:
        whose = f"environment {self.environment!r}"
        depth = 2
        if self.role is not None:
            whose, depth = f"role {self.role!r} in {whose}", 4
        if self.exact:
            key = ".".join(map(str, self.place[depth:]))
            return f"{whose}: {key} was edited by hand"
        return f"{whose}: was edited by hand, moved, or merged"


def sealed(env: str, environment: LockedEnvironment) -> LockedEnvironment:
    """Give entries that have no checksum one.

    Args:
        env: The environment's name.
        environment: Its entries; those that have a checksum keep it, right or wrong.
    """
    roles = {
        name: role
        if role.integrity
        else evolve(role, integrity=_checksum(_role_place(env, name), _plain(role)))
        for name, role in environment.roles.items()
    }
    head = _checksum(_head_place(env), _head(environment))
    return evolve(environment, roles=roles, integrity=environment.integrity or head)


def edits(lock: Lock) -> tuple[Edit, ...]:
    """Everything that does not fit its checksum, by environment and role."""
    return tuple(
        edit
        for env, environment in sorted(lock.environments.items())
        for edit in _edits(env, environment)
    )


def environment_digest(environment: LockedEnvironment) -> str:
    """SHA-256 of all that the lock says of one environment, in hex."""
    return digest(unstructure(environment))


def _edits(env: str, environment: LockedEnvironment) -> Iterator[Edit]:
    entries: list[tuple[str | None, Place, Any, str]] = [
        (None, _head_place(env), _head(environment), environment.integrity)
    ]
    entries += [
        (name, _role_place(env, name), _plain(role), role.integrity)
        for name, role in sorted(environment.roles.items())
    ]
    for whose, place, data, recorded in entries:
        if _checksum(place, data) != recorded:
            found = _located(place, data, recorded)
            yield Edit(
                environment=env,
                role=whose,
                place=place if found is None else found,
                exact=found is not None,
            )


def _head_place(env: str) -> Place:
    return ("environments", env)


def _role_place(env: str, role: str) -> Place:
    return ("environments", env, "roles", role)


def _plain(role: LockedRole) -> dict[str, Any]:
    return {k: v for k, v in unstructure(role).items() if k != "integrity"}


def _head(environment: LockedEnvironment) -> dict[str, Any]:
    data = unstructure(evolve(environment, roles={}))
    return {key: value for key, value in data.items() if key != "integrity"}


def _checksum(place: Place, data: Any) -> str:
    plain, weighted = _sums(place, data)
    return f"{plain:0{_HALF}x}{weighted:0{_HALF}x}"


def _sums(place: Place, data: Any) -> tuple[int, int]:
    plain = weighted = 0
    for path, value in _leaves(place, data):
        where = _text(path)
        hashed = _hash(where + _text(value))
        plain += hashed
        weighted += hashed * _hash(where)
    return plain % _PRIME, weighted % _PRIME


def _leaves(place: Place, data: Any) -> Iterator[tuple[Place, Any]]:
    if isinstance(data, Mapping) and data:
        for key, value in data.items():
            yield from _leaves((*place, key), value)
    elif isinstance(data, list | tuple) and data:
        for index, value in enumerate(data):
            yield from _leaves((*place, index), value)
    else:
        yield place, data


def _hash(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()) % _PRIME


def _located(place: Place, data: Any, recorded: str) -> Place | None:
    """The place of the only value that can explain the difference, or None."""
    own = (*place, "integrity")
    try:
        was = int(recorded[:_HALF], 16), int(recorded[_HALF:], 16)
    except ValueError:
        return own
    plain, weighted = (
        (now - then) % _PRIME for now, then in zip(_sums(place, data), was, strict=True)
    )
    if not plain or not weighted:
        # No edit of a value leaves one of the sums alone.
        return own
    path_hash = weighted * pow(plain, -1, _PRIME) % _PRIME
    for path, _ in _leaves(place, data):
        if _hash(_text(path)) == path_hash:
            return path
    return None
