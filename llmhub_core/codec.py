"""Records to JSON and back: the only door to cattrs.

The converters are strict where cattrs by itself coerces silently: ``"false"``
is no bool, ``1.9`` no int, ``"abc"`` no tuple, NaN and infinity no numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin

import attrs
from cattrs import Converter, transform_error
from cattrs.cols import mapping_structure_factory
from cattrs.errors import (
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)

from llmhub_core.jsontext import CodecError, digest, dumps, loads

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
_Hook = Callable[[Any, Any], Any]


def structure(data: Any, cls: type[T]) -> T:
    """Build a record from plain data, forbidding unknown keys.

    Raises:
        CodecError: Names the first field that does not fit.
    """
    return _structured(_strict(), data, cls)


def structure_text(data: Mapping[str, Any], cls: type[T]) -> T:
    """Build a record from values of which some came as text.

    Environment variables are text: ``"false"`` is False, ``"2.5"`` a number and
    ``"a, b"`` two items, where the field's type asks for that.

    Raises:
        CodecError: Names the first field that does not fit.
    """
    return _structured(_from_text(), data, cls)


def unstructure(record: Any) -> Any:
    """Turn a record into plain data; fields at their default are left out."""
    return _strict().unstructure(record)


def _structured(converter: Converter, data: Any, cls: type[T]) -> T:
    try:
        return converter.structure(data, cls)
    except BaseValidationError as error:
        problem = transform_error(error, path="$", format_exception=_describe)[0]
        raise CodecError(problem, problem.rpartition(" @ ")[2]) from error
    except ValueError as error:
        raise CodecError(f"{error} @ $") from error


def _describe(error: BaseException, _: type | None) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    if isinstance(error, ForbiddenExtraKeysError):
        return f"unknown {', '.join(map(repr, sorted(error.extra_fields)))}"
    return str(error)


# ---------------------------------------------------------------- converters


@cache
def _strict() -> Converter:
    converter = Converter(forbid_extra_keys=True, omit_if_default=True)
    for kind in (bool, int, str):
        converter.register_structure_hook(kind, _exact(kind))
    converter.register_structure_hook(float, _number)
    return _with_containers(converter)


@cache
def _from_text() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(
        bool, _from(_truth, "true or false", _exact(bool))
    )
    converter.register_structure_hook(int, _from(int, "a whole number", _exact(int)))
    converter.register_structure_hook(float, _from(float, "a number", _number))
    converter.register_structure_hook(str, _exact(str))
    _with_containers(converter)
    converter.register_structure_hook_func(
        lambda cls: cls == tuple[str, ...], _from(_parts, "a list", _scalars(str))
    )
    return converter


def _with_containers(converter: Converter) -> Converter:
    """Say what was expected where cattrs would raise an AttributeError."""

    def record(cls: Any) -> _Hook:
        inner = converter.gen_structure_attrs_fromdict(cls)
        return lambda value, _: inner(_expected(dict, "an object", value), cls)

    def mapping(cls: Any) -> _Hook:
        # The converter's own method would register what it makes, and the next
        # record with such a field would get that instead of this hook.
        inner: Any = mapping_structure_factory(cls, converter, dict)
        return lambda value, _: inner(_expected(dict, "an object", value), cls)

    def sequence(cls: Any) -> _Hook:
        element = get_args(cls)[0]
        if element in (str, int):
            return _scalars(element)
        return _items(cls, converter.get_structure_hook(element))

    register = converter.register_structure_hook_factory
    register(attrs.has, record)
    register(_is(Mapping), mapping)
    register(lambda cls: get_args(cls)[1:] == (...,), sequence)
    register(_is(Literal), _choice)
    # Values without a type of their own (call parameters) stay as JSON has them,
    # with tuples for lists: a record can't be changed.
    register(lambda cls: cls is object, lambda _: lambda value, _: _frozen(value))
    return converter


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value


def _is(origin: Any) -> Callable[[Any], bool]:
    return lambda cls: get_origin(cls) is origin


def _expected(kind: type | tuple[type, ...], name: str, value: Any) -> Any:
    if not isinstance(value, kind):
        message = f"expected {name}, got {type(value).__name__}"
        raise ValueError(message)  # noqa: TRY004 - the form of data, not of a program
    return value


def _exact(expected: type) -> _Hook:
    def hook(value: Any, _: Any) -> Any:
        if type(value) is not expected:
            message = f"expected {expected.__name__}, got {type(value).__name__}"
            raise ValueError(message)
        return value

    return hook


def _number(value: Any, _: Any) -> float:
    if type(value) not in (int, float):
        message = f"expected a number, got {type(value).__name__}"
        raise ValueError(message)
    if not math.isfinite(value):
        message = f"{value} is not a number"
        raise ValueError(message)
    return float(value)


def _choice(cls: Any) -> _Hook:
    known = get_args(cls)

    def hook(value: Any, _: Any) -> Any:
        if value not in known:
            message = f"{value!r} is none of {', '.join(map(str, known))}"
            raise ValueError(message)
        return value

    return hook


def _scalars(element: type) -> _Hook:
    def hook(value: Any, _: Any) -> tuple[Any, ...]:
        # One pass without a call per item: catalogs hold 50,000 of these.
        for index, item in enumerate(_expected((list, tuple), "a list", value)):
            if type(item) is not element:
                got = type(item).__name__
                message = f"item {index}: expected {element.__name__}, got {got}"
                raise ValueError(message)
        return tuple(value)

    return hook


def _items(cls: Any, inner: Any) -> _Hook:
    element = get_args(cls)[0]

    def hook(value: Any, _: Any) -> tuple[Any, ...]:
        items = []
        for index, item in enumerate(_expected((list, tuple), "a list", value)):
            try:
                items.append(inner(item, element))
            except Exception as error:
                error.add_note(IterableValidationNote("item", index, element))
                raise IterableValidationError("items", [error], cls) from error
        return tuple(items)

    return hook


# ---------------------------------------------------------------- text


def _from(read: Callable[[str], Any], wanted: str, strict: _Hook) -> _Hook:
    def hook(value: Any, cls: Any) -> Any:
        if not isinstance(value, str):
            return strict(value, cls)
        try:
            return strict(read(value), cls)
        except (ValueError, KeyError):
            message = f"{value!r} is not {wanted}"
            raise ValueError(message) from None

    return hook


def _truth(text: str) -> bool:
    truths = {"1": True, "true": True, "yes": True, "on": True}
    truths |= {"0": False, "false": False, "no": False, "off": False}
    return truths[text.strip().lower()]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
