"""Records to JSON and back: the only door to cattrs.

The converters are strict where cattrs by itself coerces silently: ``"false"``
is no bool, ``1.9`` no int, ``"abc"`` no tuple, NaN and infinity no numbers.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NoReturn, TypeVar

from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError, ForbiddenExtraKeysError

__all__ = [
    "CodecError",
    "digest",
    "dumps",
    "loads",
    "structure",
    "structure_text",
    "unstructure",
]

T = TypeVar("T")


class CodecError(ValueError):
    """Data that does not have the form it should have.

    Args:
        problem: What is wrong, with the JSON path of the trouble.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def _exact(expected: type) -> Any:
    def hook(value: Any, _: Any) -> Any:
        if type(value) is not expected:
            message = f"expected {expected.__name__}, got {type(value).__name__}"
            raise ValueError(message)
        return value

    return hook


def _number(value: Any, _: Any) -> float:
    if type(value) is int:
        return float(value)
    if type(value) is not float:
        message = f"expected a number, got {type(value).__name__}"
        raise ValueError(message)
    if not math.isfinite(value):
        message = f"expected a finite number, got {value}"
        raise ValueError(message)
    return value


def _listed(value: Any) -> list[Any]:
    if type(value) is not list:
        message = f"expected a list, got {type(value).__name__}"
        raise ValueError(message)
    return value


def _tuple_hook(element: Any, inner: Any) -> Any:
    if element not in (str, int):
        return lambda value, _: tuple([inner(item, element) for item in _listed(value)])

    def scalars(value: Any, _: Any) -> tuple[Any, ...]:
        # One pass without a call per item: catalogs hold 50,000 of these.
        for index, item in enumerate(_listed(value)):
            if type(item) is not element:
                got = type(item).__name__
                message = f"item {index}: expected {element.__name__}, got {got}"
                raise ValueError(message)
        return tuple(value)

    return scalars


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value


def _is_tuple(cls: Any) -> bool:
    return getattr(cls, "__origin__", None) is tuple and cls.__args__[1:] == (...,)


def _configure(converter: Converter) -> Converter:
    for kind in (bool, int, str):
        converter.register_structure_hook(kind, _exact(kind))
    converter.register_structure_hook(float, _number)
    # Values without a type of their own (call parameters) stay as JSON has them,
    # with tuples for lists: records can't be changed.
    converter.register_structure_hook_func(
        lambda cls: cls is object, lambda value, _: _frozen(value)
    )
    converter.register_structure_hook_factory(
        _is_tuple,
        lambda cls: _tuple_hook(
            cls.__args__[0], converter.get_structure_hook(cls.__args__[0])
        ),
    )
    return converter


@cache
def _strict() -> Converter:
    return _configure(Converter(forbid_extra_keys=True, omit_if_default=True))


def _text(read: Callable[[str], Any], strict: Callable[[Any, Any], Any]) -> Any:
    def hook(value: Any, cls: Any) -> Any:
        return strict(read(value) if isinstance(value, str) else value, cls)

    return hook


def _truth(text: str) -> bool:
    truths = {"1": True, "true": True, "yes": True, "on": True}
    truths |= {"0": False, "false": False, "no": False, "off": False}
    try:
        return truths[text.strip().lower()]
    except KeyError:
        message = f"{text!r} is neither true nor false"
        raise ValueError(message) from None


@cache
def _from_text() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(bool, _text(_truth, _exact(bool)))
    converter.register_structure_hook(int, _text(int, _exact(int)))
    converter.register_structure_hook(float, _text(float, _number))
    converter.register_structure_hook(str, _exact(str))
    converter.register_structure_hook_func(
        lambda cls: cls == tuple[str, ...],
        lambda value, _: (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else tuple(_exact(str)(item, str) for item in value)
        ),
    )
    return converter


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not a JSON number"
    raise ValueError(message)


def loads(data: bytes | str) -> Any:
    """Parse JSON, refusing NaN and infinities.

    Raises:
        CodecError: Not JSON, or not UTF-8.
    """
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise CodecError(f"not JSON: {error}") from error


def dumps(data: Any) -> bytes:
    """Write JSON in one form only: sorted keys, UTF-8, two spaces, last newline."""
    text = json.dumps(
        data, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False
    )
    return f"{text}\n".encode()


def digest(data: Any) -> str:
    """Return the SHA-256 of the compact canonical JSON of plain data, in hex."""
    text = json.dumps(
        data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def structure(data: Any, cls: type[T]) -> T:
    """Build a record from plain data, forbidding unknown keys.

    Raises:
        CodecError: Names the first field that does not fit.
    """
    try:
        return _strict().structure(data, cls)
    except (
        BaseValidationError,
        ForbiddenExtraKeysError,
        AttributeError,
        TypeError,
        KeyError,
        ValueError,
    ) as error:
        raise CodecError(_first_problem(error)) from error


def structure_text(data: Mapping[str, Any], cls: type[T]) -> T:
    """Build a record from values of which some came as text.

    Environment variables are text: ``"false"`` is False, ``"2.5"`` a number and
    ``"a, b"`` two items, where the field's type asks for that.

    Raises:
        CodecError: Names the first field that does not fit.
    """
    try:
        return _from_text().structure(data, cls)
    except (BaseValidationError, ForbiddenExtraKeysError, TypeError) as error:
        raise CodecError(_first_problem(error)) from error


def unstructure(record: Any) -> Any:
    """Turn a record into plain data; fields at their default are left out."""
    return _strict().unstructure(record)


def _describe(error: BaseException, _: type | None) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    return str(error)


def _first_problem(error: Exception) -> str:
    if isinstance(error, BaseValidationError):
        return transform_error(error, path="$", format_exception=_describe)[0]
    return f"unexpected form: {error}"
