"""The kinds of value that ``llmhub.yaml`` holds.

Each function takes what the YAML reader or a caller hands over and returns the value
in the form that the records keep, or raises ValueError with the rest of a sentence
that begins with the key: ``must be ...``. All are idempotent, so they serve both as
converters of the records and as checks of the file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias, TypeVar, get_args

__all__ = [
    "MODES",
    "Commit",
    "Data",
    "ErrorClass",
    "Mode",
    "address",
    "commit",
    "count",
    "data",
    "duration",
    "error_classes",
    "factor",
    "flag",
    "fraction",
    "kind",
    "mode",
    "params",
    "parts",
    "positive_count",
    "price",
    "provider_and_model",
    "seconds_text",
    "shares",
    "text",
    "thawed",
    "variable",
    "variables",
]

Data: TypeAlias = (
    "bool | int | float | str | tuple[Data, ...] | Mapping[str, Data] | None"
)
"""What JSON can say, with tuples for lists, so that a record can't be changed."""

Mode: TypeAlias = Literal["chat", "embedding", "image", "audio", "tool", "other"]
Commit: TypeAlias = Literal["first_token", "complete"]
ErrorClass: TypeAlias = Literal[
    "rate_limit",
    "timeout",
    "connection",
    "server_error",
    "context_window",
    "auth",
    "not_found",
    "content_filter",
    "bad_request",
]

MODES: tuple[Mode, ...] = get_args(Mode)
COMMITS: tuple[Commit, ...] = get_args(Commit)
ERROR_CLASSES: tuple[ErrorClass, ...] = get_args(ErrorClass)

Name = TypeVar("Name", bound=str)

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "nothing"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "text"),
    ((list, tuple), "a list"),
    (Mapping, "a mapping"),
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MODEL = re.compile(r"([^:/\s]+)[:/](\S.*)")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")


def kind(value: object) -> str:
    """Name the kind of a YAML value for a message: ``a number``, ``a list``."""
    for types, name in _KINDS:
        if isinstance(value, types):
            return name
    return type(value).__name__


def text(value: str) -> str:
    """Text that is not blank."""
    return _text(value)


def variable(value: str) -> str:
    """The name of an environment variable."""
    if not _VARIABLE.fullmatch(_text(value)):
        # Not shown: people put the key itself here by mistake.
        raise ValueError("must be the name of an environment variable, not a key")
    return value


def variables(value: Iterable[str]) -> tuple[str, ...]:
    """Names of environment variables, each once."""
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        raise ValueError(f"must be a list of variables, not {kind(value)}")  # noqa: TRY004
    names = tuple(variable(item) for item in value)
    if len(set(names)) != len(names):
        raise ValueError("must name each variable once")
    return names


def shares(value: Mapping[str, float]) -> Mapping[str, float]:
    """Names of roles, each with its part of the calls, from 0 to 1."""
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a mapping, not {kind(value)}")  # noqa: TRY004
    for share in value.values():
        if not _is_number(share) or not 0 <= share <= 1:
            raise ValueError(
                "must give each role its share of the calls, a number from 0 to 1, "
                f"not {_shown(share)}"
            )
    return {text(role): float(share) for role, share in value.items()}


def parts(value: Mapping[str, float]) -> Mapping[str, float]:
    """Shares that are parts of one whole."""
    found = shares(value)
    if sum(found.values()) > 1 + 1e-9:
        raise ValueError(
            f"must have shares of at most 1 in all, not {sum(found.values()):g}"
        )
    return found


def provider_and_model(value: str) -> Mapping[str, str]:
    """Return the parts of ``provider:model``, or ``provider/model`` as others write."""
    found = _MODEL.fullmatch(_text(value).strip())
    if found is None:
        raise ValueError(f"must be 'provider:model', or a mapping, not {value!r}")
    return {"provider": found[1], "model": found[2]}


def address(value: str) -> str:
    """The base URL of a provider."""
    if not _text(value).startswith(("http://", "https://")):
        raise ValueError("must be an address that begins with http:// or https://")
    return value


def count(value: int) -> int:
    """A whole number, zero or more."""
    return _count(value, 0, "zero or more")


def positive_count(value: int) -> int:
    """A whole number, one or more."""
    return _count(value, 1, "one or more")


def flag(value: bool) -> bool:  # noqa: FBT001 (the value that is checked)
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {_shown(value)}")  # noqa: TRY004
    return value


def factor(value: float) -> float:
    """A number, one or more."""
    if not _is_number(value) or not 1 <= value < math.inf:
        raise ValueError(f"must be a number, one or more, not {_shown(value)}")
    return float(value)


def fraction(value: float) -> float:
    """A number from 0 to 1."""
    if not _is_number(value) or not 0 <= value <= 1:
        raise ValueError(f"must be a number from 0 to 1, not {_shown(value)}")
    return float(value)


def price(value: float) -> float:
    """US dollars per million tokens, zero or more."""
    if not _is_number(value) or value < 0:
        raise ValueError(
            "must be a number of US dollars per million tokens, zero or more, "
            f"not {_shown(value)}"
        )
    return float(value)


def duration(value: float | str) -> float:
    """Return seconds, more than zero, from a number of them or a text with its unit.

    The units are ``ms``, ``s``, ``m`` (minutes), ``h`` and ``d``: ``250ms``, ``1.5m``.
    """
    seconds = math.nan
    if isinstance(value, str):
        if found := _DURATION.fullmatch(value.strip()):
            seconds = float(found[1]) * _SECONDS[found[2]]
    elif _is_number(value):
        seconds = float(value)
    if not 0 < seconds < math.inf:
        raise ValueError(
            "must be a duration above zero, in seconds or with a unit "
            f"(250ms, 30s, 5m, 1h), not {_shown(value)}"
        )
    return seconds


def seconds_text(seconds: float) -> str | float:
    """Write a duration so that ``duration`` reads the very same number back."""
    digits = repr(int(seconds) if seconds.is_integer() else seconds)
    return seconds if "e" in digits else f"{digits}s"


def mode(value: str) -> Mode:
    """One of ``MODES``."""
    return _one_of(value, MODES)


def commit(value: str) -> Commit:
    """One of ``COMMITS``: when a stream's answer is handed out."""
    return _one_of(value, COMMITS)


def error_classes(value: Iterable[str]) -> tuple[ErrorClass, ...]:
    """Some of ``ERROR_CLASSES``, each once."""
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        raise ValueError(f"must be a list of error classes, not {kind(value)}")  # noqa: TRY004
    classes = tuple(_one_of(item, ERROR_CLASSES) for item in value)
    if len(set(classes)) != len(classes):
        raise ValueError("must name each error class once")
    return classes


def params(value: Mapping[str, object]) -> Mapping[str, Data]:
    """Return a copy of call parameters, which may hold whatever JSON can say.

    An ``api_key`` among them is refused: a config must not hold a key.
    """
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a mapping, not {kind(value)}")  # noqa: TRY004
    if "api_key" in value:
        raise ValueError(
            "must not hold an api_key: name its variable as env_key of the provider"
        )
    return {_key(key): data(item) for key, item in value.items()}


def data(value: object) -> Data:
    """Return a copy of JSON-like data, with tuples for its lists."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() if math.isfinite(value):
            return value
        case Mapping():
            return {_key(key): data(item) for key, item in value.items()}
        case list() | tuple():
            return tuple(data(item) for item in value)
        case _:
            raise ValueError(f"must hold nothing that JSON can't say: {value!r}")


def thawed(value: object) -> object:
    """Return a copy of data as the dicts and lists that libraries want."""
    match value:
        case Mapping():
            return {key: thawed(item) for key, item in value.items()}
        case list() | tuple():
            return [thawed(item) for item in value]
        case _:
            return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        hint = "" if isinstance(value, (Mapping, list, tuple)) else ": put it in quotes"
        raise ValueError(f"must be text, not {kind(value)}{hint}")  # noqa: TRY004
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _count(value: object, least: int, said: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"must be a whole number, {said}, not {_shown(value)}")
    return value


def _one_of(value: object, names: tuple[Name, ...]) -> Name:
    for name in names:
        if value == name:
            return name
    raise ValueError(f"must be one of {', '.join(names)}, not {_shown(value)}")


def _key(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must have text for keys, not {_shown(value)}")  # noqa: TRY004
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, (str, int, float)) else kind(value)
