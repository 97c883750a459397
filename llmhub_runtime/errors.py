"""Every error of the runtime, in one tree.

::

    LLMHubRuntimeError
    ├── ConfigError                 llmhub.yaml: path, line, problem
    ├── UnknownRoleError            the config has no such role
    ├── UnknownProviderError        neither the config nor any-llm has such a provider
    ├── ProviderNotInstalledError   any-llm knows it, its extra is not installed
    ├── EnvVarMissingError          a provider's key is not in the environment
    ├── CallNotAllowedError         the role's mode is for other calls
    ├── AttemptTimeoutError         no answer within the role's ``timeout``
    └── HubClosedError              the hub was closed

What a provider answers with is not in this tree: it arrives as one of any-llm's
unified exceptions (``any_llm.exceptions.AnyLLMError``), whatever SDK it came through.
Errors carry data; the text is made in ``__str__``. None of them holds a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

__all__ = [
    "AttemptTimeoutError",
    "CallNotAllowedError",
    "ConfigError",
    "EnvVarMissingError",
    "HubClosedError",
    "LLMHubRuntimeError",
    "ProviderNotInstalledError",
    "UnknownProviderError",
    "UnknownRoleError",
    "did_you_mean",
]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x' or 'y'?`` for the nearest names, else nothing."""
    near = get_close_matches(name, sorted(known), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


class LLMHubRuntimeError(Exception):
    """Root of everything that the runtime raises on purpose."""


class ConfigError(LLMHubRuntimeError):
    """The config can't be used as it stands.

    Args:
        problem: What is wrong and what to do, one line without the place.
        path: The config file, or None for one that came from code.
        line: 1-based line, or None when no single line is to blame.
    """

    def __init__(
        self, problem: str, path: Path | str | None = None, line: int | None = None
    ) -> None:
        super().__init__(problem, path, line)
        self.problem = problem
        self.path = path
        self.line = line

    def __str__(self) -> str:
        if self.path is None:
            return (
                self.problem
                if self.line is None
                else f"line {self.line}: {self.problem}"
            )
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.problem}"


class UnknownRoleError(LLMHubRuntimeError):
    """The config has no such role, and nothing that may stand in for it.

    Args:
        role: The name that was asked for.
        known: The roles that the config has, sorted.
    """

    def __init__(self, role: str, known: Iterable[str]) -> None:
        self.role = role
        self.known = tuple(sorted(known))
        super().__init__(role, self.known)

    def __str__(self) -> str:
        hint = did_you_mean(self.role, self.known)
        return f"no role {self.role!r}.{hint} Roles: {_listed(self.known)}."


class UnknownProviderError(LLMHubRuntimeError):
    """A role names a provider that can't be called.

    Args:
        provider: The name that the role has.
        known: Names that would do, sorted.
        place: Who should know it: ``providers of the config`` or ``any-llm``.
    """

    def __init__(self, provider: str, known: Iterable[str], place: str) -> None:
        self.provider = provider
        self.known = tuple(sorted(known))
        self.place = place
        super().__init__(provider, self.known, place)

    def __str__(self) -> str:
        hint = did_you_mean(self.provider, self.known)
        return (
            f"{self.place}: no provider {self.provider!r}.{hint} "
            f"Known: {_listed(self.known)}."
        )


class ProviderNotInstalledError(LLMHubRuntimeError):
    """any-llm knows the provider, but the packages it needs are not installed.

    Args:
        provider: any-llm's name of the provider, also the name of its extra.
        reason: What failed to import.
    """

    def __init__(self, provider: str, reason: str) -> None:
        super().__init__(provider, reason)
        self.provider = provider
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"the provider {self.provider!r} needs packages that are not installed: "
            f"pip install 'any-llm-sdk[{self.provider}]' ({self.reason})"
        )


class EnvVarMissingError(LLMHubRuntimeError):
    """Keys are not in the environment. An empty variable counts as missing.

    Args:
        missing: Variable name to the provider that it is for.
    """

    def __init__(self, missing: Mapping[str, str]) -> None:
        self.missing = dict(missing)
        super().__init__(self.missing)

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the missing variables, sorted."""
        return tuple(sorted(self.missing))

    def __str__(self) -> str:
        wanted = ", ".join(
            f"{name} (for {self.missing[name]})" for name in self.variables
        )
        return f"not set, or empty, in the environment: {wanted}."


class CallNotAllowedError(LLMHubRuntimeError):
    """The role's mode is for other calls than the one that was made.

    Args:
        role: The role's name.
        mode: Its mode.
        call: The call that was made, such as ``embedding``.
        allowed: The modes that this call serves.
    """

    def __init__(self, role: str, mode: str, call: str, allowed: Iterable[str]) -> None:
        self.role = role
        self.mode = mode
        self.call = call
        self.allowed = tuple(allowed)
        super().__init__(role, mode, call, self.allowed)

    def __str__(self) -> str:
        return (
            f"role {self.role!r} has mode {self.mode!r}, and {self.call}() serves "
            f"{_listed(self.allowed)}."
        )


class AttemptTimeoutError(LLMHubRuntimeError):
    """A provider did not answer within the role's ``timeout``.

    Args:
        provider: Who was asked.
        model: For which model.
        timeout_seconds: The limit that passed.
    """

    def __init__(self, provider: str, model: str, timeout_seconds: float) -> None:
        super().__init__(provider, model, timeout_seconds)
        self.provider = provider
        self.model = model
        self.timeout_seconds = timeout_seconds

    def __str__(self) -> str:
        return (
            f"{self.provider} did not answer for {self.model!r} within "
            f"{self.timeout_seconds:g} s"
        )


class HubClosedError(LLMHubRuntimeError):
    """The hub was closed, before the call or during it."""

    def __str__(self) -> str:
        return "this hub is closed: make a new LLMHub"
