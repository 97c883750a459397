"""Every error of the runtime, in one tree.

::

    LLMHubRuntimeError
    ├── ConfigError                 llmhub.yaml: path, line, problem
    ├── UnknownRoleError            the config has no such role
    ├── UnknownProviderError        neither the config nor any-llm has such a provider
    ├── ProviderNotInstalledError   any-llm knows it, its extra is not installed
    ├── EnvVarMissingError          a provider's key is not in the environment
    ├── CallNotAllowedError         the role's mode is for other calls
    ├── AttemptTimeoutError         an attempt took longer than its limit
    ├── UnusableAnswerError         an attempt's answer was cut short, or none at all
    ├── UnsendableRequestError      no request can be made of what was asked
    ├── CallFailedError             no candidate answered: every attempt, in order
    │   ├── CircuitOpenError        none was asked: all of them failed lately
    │   └── StreamInterruptedError  a stream broke off: what it said until then
    └── HubClosedError              the hub was closed

What a provider answers with arrives as one of any-llm's unified exceptions
(``any_llm.exceptions.AnyLLMError``), whatever SDK it came through. A call that fails
raises one ``CallFailedError``. It is also an instance of what the first attempt
raised, as in ``except any_llm.exceptions.RateLimitError``, and has that as its cause.
Errors carry data; the text is made in ``__str__``. None of them holds a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from llmhub_runtime.values import ErrorClass

if TYPE_CHECKING:
    from llmhub_runtime.metadata import Attempt

__all__ = [
    "OF_THE_CONFIG",
    "AttemptTimeoutError",
    "CallFailedError",
    "CallNotAllowedError",
    "CircuitOpenError",
    "ConfigError",
    "EnvVarMissingError",
    "HubClosedError",
    "LLMHubRuntimeError",
    "ProviderNotInstalledError",
    "StreamInterruptedError",
    "UnknownProviderError",
    "UnknownRoleError",
    "UnsendableRequestError",
    "UnusableAnswerError",
    "caused_by",
    "did_you_mean",
]

F = TypeVar("F", bound="CallFailedError")

OF_THE_CONFIG = "providers of the config"
"""Where a provider must be declared."""


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
        place: Who should know it: ``OF_THE_CONFIG`` or ``any-llm``.
    """

    def __init__(self, provider: str, known: Iterable[str], place: str) -> None:
        self.provider = provider
        self.known = tuple(sorted(known))
        self.place = place
        super().__init__(provider, self.known, place)

    def __str__(self) -> str:
        hint = did_you_mean(self.provider, self.known)
        if not hint and self.place == OF_THE_CONFIG:
            hint = f" Declare it: `{self.provider}: {{}}` is enough."
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
    """An attempt took longer than it may.

    Args:
        provider: Who was asked.
        model: For which model.
        timeout_seconds: The limit that passed.
        awaited: What did not come: ``answer``, ``first token``, ``next chunk`` or
            ``import of the SDK``.
    """

    def __init__(
        self,
        provider: str,
        model: str,
        timeout_seconds: float,
        awaited: str = "answer",
    ) -> None:
        super().__init__(provider, model, timeout_seconds, awaited)
        self.provider = provider
        self.model = model
        self.timeout_seconds = timeout_seconds
        self.awaited = awaited

    def __str__(self) -> str:
        return (
            f"{self.provider}: no {self.awaited} of {self.model!r} within "
            f"{self.timeout_seconds:.3g} s"
        )


class UnusableAnswerError(LLMHubRuntimeError):
    """A provider answered with success, but not with a whole answer.

    Args:
        provider: Who was asked.
        model: For which model.
        problem: What the answer lacks.
        error_class: ``connection`` for an answer that was cut short, ``server_error``
            for one that never was one.
    """

    def __init__(
        self,
        provider: str,
        model: str,
        problem: str,
        error_class: ErrorClass = "server_error",
    ) -> None:
        super().__init__(provider, model, problem, error_class)
        self.provider = provider
        self.model = model
        self.problem = problem
        self.error_class: ErrorClass = error_class

    def __str__(self) -> str:
        return f"{self.provider}: the answer of {self.model!r} {self.problem}"


class UnsendableRequestError(LLMHubRuntimeError):
    """No request can be made of what was asked, so nothing was sent.

    Args:
        provider: Who was to be asked.
        model: For which model.
        problem: What is wrong with it.
    """

    def __init__(self, provider: str, model: str, problem: str) -> None:
        super().__init__(provider, model, problem)
        self.provider = provider
        self.model = model
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.provider}: {self.model!r} can't be asked: {self.problem}"


class CallFailedError(LLMHubRuntimeError):
    """No candidate of a role answered.

    Args:
        role: The role that was called.
        attempts: Every attempt, the first one first.
        reason: Why nobody else was asked.
    """

    _joins: ClassVar[tuple[type[Exception], type[Exception]] | None] = None

    def __init__(
        self, role: str, attempts: Iterable[Attempt], reason: str = ""
    ) -> None:
        # Not ``super()``: in a class of ``caused_by`` that may be any-llm's.
        Exception.__init__(self, role, reason)
        self.role = role
        self.attempts = tuple(attempts)
        self.reason = reason

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return f"role {self.role!r} got no answer{reason}: {self._told()}"

    def __reduce__(self) -> tuple[Any, ...]:
        # What an SDK keeps on its exceptions leads to connections and locks.
        state = {k: v for k, v in vars(self).items() if isinstance(v, _PLAIN)}
        kind, cause = self._joins or (type(self), None)
        return _rebuilt, (kind, cause, self.args, state)

    def _told(self) -> str:
        told = []
        for outcome, alike in groupby(self.attempts, key=lambda one: one.outcome):
            seconds = [f"{one.duration_seconds:.3g} s" for one in alike]
            times = f"{len(seconds)} times " if len(seconds) > 1 else ""
            told.append(f"{times}{outcome} after {', '.join(seconds)}")
        return "; ".join(told) or "nobody was asked"


class CircuitOpenError(CallFailedError):
    """Nobody was asked: every candidate failed lately and is left alone.

    Args:
        role: The role that was called.
        rest_seconds: After which time one of them may be asked again.
    """

    def __init__(self, role: str, rest_seconds: float) -> None:
        super().__init__(role, ())
        self.rest_seconds = rest_seconds

    def __str__(self) -> str:
        return (
            f"role {self.role!r} was not called: its models failed lately and are left "
            f"alone for {self.rest_seconds:.3g} s more"
        )


class StreamInterruptedError(CallFailedError):
    """A stream broke off after a part of it had been handed out.

    Args:
        role: The role that was called.
        attempts: Every attempt; the last one is the one that broke off.
        partial_text: What the model had said in its first choice.
    """

    def __init__(
        self, role: str, attempts: Iterable[Attempt], partial_text: str
    ) -> None:
        super().__init__(role, attempts)
        self.partial_text = partial_text

    def __str__(self) -> str:
        return (
            f"role {self.role!r}: the stream broke off after "
            f"{len(self.partial_text)} characters: {self._told()}"
        )


def caused_by(error: F, cause: Exception) -> F:
    """Make an error catchable as what caused it, too.

    Args:
        error: What tells of the whole call.
        cause: What the first attempt raised.

    Returns:
        The error as an instance of both classes, with the attributes of both and the
        cause as its ``__cause__``; of its own class alone where the other one can't
        be joined. ray does the same to what fails on a worker
        (``RayTaskError.as_instanceof_cause``).
    """
    error.__cause__ = cause
    try:
        both = _both(type(error), type(cause))
        joined = cast("F", both.__new__(both))
    except TypeError:
        return error
    joined.__dict__.update(vars(cause))
    joined.__dict__.update(vars(error))
    joined.args = error.args
    joined.__cause__ = cause
    return joined


_PLAIN = (str, int, float, tuple, type(None))
_JOINED: dict[tuple[type, type], type[Exception]] = {}


def _both(error: type[Exception], cause: type[Exception]) -> type[Exception]:
    joined = _JOINED.get((error, cause))
    if joined is None:
        named = {"__module__": error.__module__, "__qualname__": error.__qualname__}
        body = {**named, "__doc__": error.__doc__, "_joins": (error, cause)}
        joined = _JOINED[error, cause] = type(error.__name__, (error, cause), body)
    return joined


def _rebuilt(
    kind: type[Exception],
    cause: type[Exception] | None,
    args: tuple[object, ...],
    state: Mapping[str, object],
) -> Exception:
    chosen = kind if cause is None else _both(kind, cause)
    error = chosen.__new__(chosen)
    error.args = args
    error.__dict__.update(state)
    return error


class HubClosedError(LLMHubRuntimeError):
    """The hub was closed, before the call or during it."""

    def __str__(self) -> str:
        return "this hub is closed: make a new LLMHub"
