"""Tables that say which keys a record has in ``llmhub.yaml``, read and write by them.

A table is the format: the order of its entries is the order of the written keys, and
a key that is not in it is refused. Reading stops at the first misfit, which knows its
place; the caller adds file and line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from attrs import NOTHING, Attribute, fields_dict, frozen

from llmhub_runtime.errors import did_you_mean
from llmhub_runtime.values import kind

__all__ = [
    "Entry",
    "Form",
    "Many",
    "MisfitError",
    "Named",
    "Place",
    "Scalar",
    "Short",
    "Table",
]

T = TypeVar("T")

Place: TypeAlias = tuple[str | int, ...]
"""Where a value is: mapping keys and list positions from the root."""


class MisfitError(Exception):
    """A value that does not fit, and where it is.

    Args:
        place: Where the value is; for a missing key, where its mapping is.
        problem: The rest of a sentence that begins with the place.
    """

    def __init__(self, place: Place, problem: str) -> None:
        super().__init__(place, problem)
        self.place = place
        self.problem = problem

    def __str__(self) -> str:
        shown = "".join(
            f".{part}"
            if isinstance(part, str) and part.isidentifier()
            else f"[{part!r}]"
            for part in self.place
        ).removeprefix(".")
        return f"{shown}: {self.problem}" if shown else self.problem


class Form(Protocol[T]):
    """One way to read a value from plain data and to write it back."""

    def read(self, data: object, place: Place) -> T:
        """Return the value, or raise MisfitError."""
        ...

    def write(self, value: T) -> object:
        """Return plain data that ``read`` takes for the same value."""
        ...


@frozen
class Scalar(Generic[T]):
    """A value that one of the functions of ``values`` reads.

    Attributes:
        convert: Raises ValueError with what the value must be.
        plain: Turns the value into plain data.
    """

    convert: Callable[[Any], T]
    plain: Callable[[T], object] = lambda value: value

    def read(self, data: object, place: Place) -> T:
        """Convert one value."""
        try:
            return self.convert(data)
        except ValueError as error:
            raise MisfitError(place, str(error)) from None

    def write(self, value: T) -> object:
        """Return its plain form."""
        return self.plain(value)


@frozen
class Short(Generic[T]):
    """A form that may also be written in short, as a text.

    Attributes:
        form: What it is in full.
        spell_out: Makes the long form's data of a text; raises ValueError with what
            the text must be.
    """

    form: Form[T]
    spell_out: Callable[[str], object]

    def read(self, data: object, place: Place) -> T:
        """Read either."""
        if isinstance(data, str):
            try:
                data = self.spell_out(data)
            except ValueError as error:
                raise MisfitError(place, str(error)) from None
        return self.form.read(data, place)

    def write(self, value: T) -> object:
        """Write it in full."""
        return self.form.write(value)


@frozen
class Many(Generic[T]):
    """A list of one form, as a tuple."""

    item: Form[T]

    def read(self, data: object, place: Place) -> tuple[T, ...]:
        """Read every item."""
        if not isinstance(data, (list, tuple)):
            raise MisfitError(place, f"must be a list, not {kind(data)}")
        return tuple(self.item.read(one, (*place, i)) for i, one in enumerate(data))

    def write(self, value: tuple[T, ...]) -> object:
        """Write every item."""
        return [self.item.write(one) for one in value]


@frozen
class Named(Generic[T]):
    """A mapping from names that the user chose to one form; order is kept."""

    item: Form[T]

    def read(self, data: object, place: Place) -> Mapping[str, T]:
        """Read every row."""
        rows = _mapping(data, place)
        return {name: self.item.read(row, (*place, name)) for name, row in rows.items()}

    def write(self, value: Mapping[str, T]) -> object:
        """Write every row."""
        return {name: self.item.write(one) for name, one in value.items()}


@frozen
class Entry:
    """One key of a table.

    Attributes:
        key: The key in the file.
        form: How its value is read and written.
        name: The attribute of the record, when it is not called like the key.
        always: Written even when it has its default.
    """

    key: str
    form: Form[Any]
    name: str = ""
    always: bool = False

    @property
    def attribute(self) -> str:
        """The record's attribute."""
        return self.name or self.key


class Table(Generic[T]):
    """The keys of one record.

    Args:
        record: An attrs class with keyword-only fields.
        entries: Its keys, in the order in which they are written.
        inlined: Attributes that hold a record whose keys stand among these.
        refused: Keys that people may expect, with the reason why they can't be used.
    """

    def __init__(
        self,
        record: Callable[..., T],
        *entries: Entry,
        inlined: Mapping[str, Table[Any]] | None = None,
        refused: Mapping[str, str] | None = None,
    ) -> None:
        self.record = record
        self.entries = entries
        self.inlined = inlined or {}
        self.refused = refused or {}
        self._defaults = {
            name: _default(attribute)
            for name, attribute in fields_dict(record).items()  # type: ignore[arg-type]
        }

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key, in the order in which they are written."""
        own = tuple(entry.key for entry in self.entries)
        return own + tuple(key for table in self.inlined.values() for key in table.keys)

    def read(self, data: object, place: Place) -> T:
        """Read a record; a key without a value counts as absent."""
        rows = _mapping({} if data is None else data, place)
        keys = self.keys
        for key in rows:
            if key in self.refused:
                raise MisfitError((*place, key), self.refused[key])
            if key not in keys:
                raise MisfitError((*place, key), _unknown(key, keys))
        return self._take(rows, place)

    def write(self, value: T) -> dict[str, object]:
        """Write a record without what has its default."""
        plain: dict[str, object] = {}
        for entry in self.entries:
            held = getattr(value, entry.attribute)
            if entry.always or held != self._defaults[entry.attribute]:
                plain[entry.key] = entry.form.write(held)
        for name, table in self.inlined.items():
            plain |= table.write(getattr(value, name))
        return plain

    def _take(self, rows: Mapping[str, object], place: Place) -> T:
        values: dict[str, object] = {
            name: table._take(rows, place)  # noqa: SLF001 (its own kind)
            for name, table in self.inlined.items()
        }
        for entry in self.entries:
            held = rows.get(entry.key)
            if held is not None:
                values[entry.attribute] = entry.form.read(held, (*place, entry.key))
            elif self._defaults[entry.attribute] is NOTHING:
                raise MisfitError(place, f"the key {entry.key!r} is missing")
        return self.record(**values)


def _default(attribute: Attribute[Any]) -> object:
    factory = getattr(attribute.default, "factory", None)
    return factory() if factory else attribute.default


def _mapping(data: object, place: Place) -> Mapping[str, object]:
    if not isinstance(data, Mapping):
        raise MisfitError(place, f"must be a mapping, not {kind(data)}")
    for key in data:
        if not isinstance(key, str):
            raise MisfitError(place, f"must have text for keys, not {key!r}")
    return data


def _unknown(key: str, known: Iterable[str]) -> str:
    hint = did_you_mean(key, known)
    return f"unknown key.{hint}" if hint else f"unknown key. Known: {', '.join(known)}."
