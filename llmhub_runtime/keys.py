"""Which of a provider's keys is sent: several take turns, bad ones rest."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from llmhub_runtime.errors import ConfigError, EnvVarMissingError
from llmhub_runtime.fork import begins_anew

__all__ = ["Key", "KeyRing", "rest_seconds"]

# A refused key may be topped up or unlocked, so it is tried again some time.
_REFUSED_SECONDS = 300.0
# Of a key over its limit, when the provider does not say for how long.
_LIMITED_SECONDS = 20.0
_LONGEST_SECONDS = 3600.0

_REFUSED = (401, 402, 403)
_LIMITED = 429


class Key(NamedTuple):
    """A key, and the variable that it stands in; both None leave it to any-llm.

    What shows the local variables of a traceback shows the variable's name only.
    """

    variable: str | None
    value: str | None

    def __repr__(self) -> str:
        return f"Key(variable={self.variable!r})"


class KeyRing:
    """The keys of one provider as one model sees them.

    Keys take turns: the one that was sent longest ago is next. One that was refused or
    is over its limit rests for a while and is sent meanwhile only when no other is
    left.

    Args:
        provider: Whose keys they are.
        variables: Which variables they stand in; none leaves the key to any-llm.
    """

    def __init__(self, provider: str, variables: tuple[str, ...]) -> None:
        self._provider = provider
        self._variables = variables
        self._lock = threading.Lock()
        self._turn = 0
        self._turns = dict.fromkeys(self._variables, 0)
        self._rested: dict[str, float] = {}
        begins_anew(self)

    def first(self) -> Key:
        """Take the key whose turn it is; variables are read afresh each time.

        Raises:
            EnvVarMissingError: None of the variables has a value.
            ConfigError: The key can't be sent in a header; it is not shown.
        """
        if len(self._variables) < 2:
            name = self._variables[0] if self._variables else None
            return Key(name, name and self._value(name))
        left = self._there()
        with self._lock:
            awake = self._awake(left)
            if not awake:
                awake = [min(left, key=self._rested.__getitem__)]
            return self._taken(awake)

    def after(self, tried: Sequence[Key], rest_seconds: float) -> Key | None:
        """Let the last key rest, and take the next one.

        Args:
            tried: The keys that the attempt has sent.
            rest_seconds: For how long the last of them rests.

        Returns:
            The key; None when the attempt has tried all, or those left are at rest.
        """
        names = [key.variable for key in tried]
        if len(self._variables) < 2 or names[-1] is None:
            return None
        with self._lock:
            self._rested[names[-1]] = time.monotonic() + rest_seconds
            awake = self._awake([one for one in self._there() if one not in names])
            return self._taken(awake) if awake else None

    def _there(self) -> list[str]:
        there = [name for name in self._variables if os.environ.get(name, "").strip()]
        if not there:
            raise EnvVarMissingError(dict.fromkeys(self._variables, self._provider))
        return there

    def _awake(self, names: list[str]) -> list[str]:
        now = time.monotonic()
        return [name for name in names if self._rested.get(name, now) <= now]

    def _taken(self, names: list[str]) -> Key:
        name = min(names, key=self._turns.__getitem__)
        self._turn += 1
        self._turns[name] = self._turn
        return Key(name, self._value(name))

    def forget(self) -> None:
        """Begin with a lock of its own in a forked child."""
        self._lock = threading.Lock()

    def _value(self, name: str) -> str:
        key = os.environ.get(name, "").strip()
        if not key:
            raise EnvVarMissingError({name: self._provider})
        if not (key.isascii() and key.isprintable()):
            raise ConfigError(
                f"the value of {name} holds characters that no key can have"
            )
        return key


def rest_seconds(error: BaseException) -> float | None:
    """Tell for how long a key should rest after an error; None when it is not to blame.

    Args:
        error: What an attempt raised.
    """
    status = getattr(error, "status_code", None)
    if status in _REFUSED:
        return _REFUSED_SECONDS
    if status != _LIMITED:
        return None
    if getattr(error, "code", None) == "insufficient_quota":
        return _REFUSED_SECONDS  # OpenAI's way to say that the money is spent
    try:
        wished = float(getattr(error, "retry_after", None) or _LIMITED_SECONDS)
    except ValueError:  # a date: the key's own limit will do
        return _LIMITED_SECONDS
    return min(wished, _LONGEST_SECONDS) if wished >= 0 else _LIMITED_SECONDS
