"""A catalog as bytes, compact and quick to load.

Models are written as columns: 5,000 rows repeat their 45 keys 5,000 times, which
doubles the size and the time to load. Ratings, benchmark results, conflicts, origins
and provenance are written once and referred to by number: hosts of one model share
them, in the file as in memory. What was chosen from stands on the first line, and its
SHA-256 is the catalog's digest; who was asked and what was refused follows on the
second.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Literal, TypeVar

from attrs import evolve, fields

from llmhub_core.cache import Cache
from llmhub_core.catalog.garbage import uncollected
from llmhub_core.codec import CodecError, loads, structure, unstructure
from llmhub_core.records.catalog import Catalog, Refusal, SourceStatus, Unmatched
from llmhub_core.records.model import CanonicalModel, Conflict, Origin, PriceTier
from llmhub_core.records.rating import Benchmark, Rating
from llmhub_core.trace import logger

__all__ = ["decode", "encode", "load", "load_snapshot", "load_sources", "save"]

T = TypeVar("T")

_NAME = ("catalog.json",)
_COLUMNS = tuple(attribute.name for attribute in fields(CanonicalModel))
_TUPLES = tuple(
    attribute.name
    for attribute in fields(CanonicalModel)
    if "tuple[str" in str(attribute.type)
)
#: Columns of records within a row, and what those are.
_NESTED: Mapping[str, type[Any]] = {"price_tiers": PriceTier}


class _Table:
    """Distinct values, numbered in order of first use."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}
        self._known: dict[int, tuple[int, Any]] = {}

    def number(self, value: Any) -> int:
        """Number a value; the same object again costs no hashing."""
        known = self._known.get(id(value))
        if known is None:
            number = self.numbers.setdefault(value, len(self.numbers))
            # The object is held, so that no other one gets its id.
            known = self._known[id(value)] = (number, value)
        return known[0]


@uncollected()
def encode(catalog: Catalog) -> tuple[Catalog, bytes]:
    """Write a catalog.

    Args:
        catalog: Its own digest does not matter.

    Returns:
        The catalog with its digest, and the bytes: equal models give an equal
        digest, whoever was asked, when, and whatever was refused.
    """
    content = _json(_content(catalog.models))
    digest = hashlib.sha256(content).hexdigest()
    about = {
        "sources": [unstructure(source) for source in catalog.sources],
        "refused": [unstructure(refusal) for refusal in catalog.refused],
        "unmatched": [unstructure(miss) for miss in catalog.unmatched],
    }
    return evolve(catalog, digest=digest), content + b"\n" + _json(about)


def _json(data: Any) -> bytes:
    text = json.dumps(
        data, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
    )
    return text.encode()


def _content(models: Sequence[CanonicalModel]) -> dict[str, Any]:
    ratings, benchmarks, conflicts = _Table(), _Table(), _Table()
    origins = _Table()
    columns: dict[str, list[Any]] = {
        name: [getattr(model, name) for model in models] for name in _COLUMNS
    }
    for name in _NESTED:
        columns[name] = [
            None if value is None else [unstructure(item) for item in value]
            for value in columns[name]
        ]
    shared = {
        "ratings": ratings,
        "inherited_ratings": ratings,
        "benchmarks": benchmarks,
        "conflicts": conflicts,
    }
    for name, table in shared.items():
        columns[name] = [[table.number(one) for one in v] for v in columns[name]]
    # Each key is made for one row only: a table would hold all of them.
    provenances: dict[tuple[tuple[str, int], ...], int] = {}
    columns["provenance"] = [
        provenances.setdefault(
            tuple((name, origins.number(value[name])) for name in sorted(value)),
            len(provenances),
        )
        for value in columns["provenance"]
    ]
    return {
        "models": columns,
        "ratings": [unstructure(rating) for rating in ratings.numbers],
        "benchmarks": [unstructure(result) for result in benchmarks.numbers],
        "conflicts": [unstructure(conflict) for conflict in conflicts.numbers],
        "origins": [unstructure(origin) for origin in origins.numbers],
        "provenances": [dict(pairs) for pairs in provenances],
    }


@uncollected()
def decode(
    data: bytes, head: Mapping[str, str], *, origin: Literal["cache", "snapshot"]
) -> Catalog:
    """Read what :func:`encode` wrote.

    Args:
        data: The bytes.
        head: What was kept beside them: ``digest`` and ``checked_at``.
        origin: Where they were kept.

    Raises:
        CodecError: They were not written by this version.
    """
    content, _, about = data.partition(b"\n")
    try:
        # `_json` wrote it, and the seal holds: no number needs a second look.
        models = _models(json.loads(content))
        rest = loads(about)
        return Catalog(
            models=models,
            sources=tuple(structure(row, SourceStatus) for row in rest["sources"]),
            refused=tuple(structure(row, Refusal) for row in rest["refused"]),
            unmatched=tuple(structure(row, Unmatched) for row in rest["unmatched"]),
            digest=head["digest"],
            checked_at=head["checked_at"],
            origin=origin,
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        message = f"not a catalog of this version: {error}"
        raise CodecError(message) from error


def _models(content: Any) -> tuple[CanonicalModel, ...]:
    # The file's checksum has been verified, so plain values are taken as written:
    # checking 5,000 rows of them again would double the time to load.
    ratings = _records(content["ratings"], Rating, rules=tuple)
    if not {type(rating.score) for rating in ratings} <= {float, int}:
        message = "a score is no number"
        raise TypeError(message)
    benchmarks = _records(content["benchmarks"], Benchmark)
    origins = _records(content["origins"], Origin)
    conflicts = _records(
        content["conflicts"], Conflict, kept_from=_origin, lost_from=_origin
    )
    provenances = [
        {name: origins[number] for name, number in row.items()}
        for row in content["provenances"]
    ]
    columns: dict[str, Any] = content["models"]
    for name in _TUPLES:
        columns[name] = [v if v is None else tuple(v) for v in columns[name]]
    for name, record in _NESTED.items():
        columns[name] = [
            value if value is None else tuple(_records(value, record))
            for value in columns[name]
        ]
    of_ratings, of_benchmarks = _interner(ratings), _interner(benchmarks)
    for name in ("ratings", "inherited_ratings"):
        columns[name] = [of_ratings(tuple(value)) for value in columns[name]]
    columns["benchmarks"] = [of_benchmarks(tuple(v)) for v in columns["benchmarks"]]
    of_conflicts = _interner(conflicts)
    columns["conflicts"] = [of_conflicts(tuple(v)) for v in columns["conflicts"]]
    columns["provenance"] = [provenances[number] for number in columns["provenance"]]
    return _filled(columns)


def _records(
    rows: Sequence[Mapping[str, Any]], cls: type[T], **inner: Callable[[Any], Any]
) -> list[T]:
    """Make records of rows; ``inner`` tells which fields are no plain values."""
    for name, make in inner.items():
        rows = [{**row, name: make(row[name])} if name in row else row for row in rows]
    return [cls(**row) for row in rows]


def _origin(row: Mapping[str, Any]) -> Origin:
    return Origin(**row)


def _filled(columns: Mapping[str, Sequence[Any]]) -> tuple[CanonicalModel, ...]:
    """Make models column by column: seven times as fast as one call per model.

    ``__set__`` of a slot writes past the frozen ``__setattr__``; nobody has seen
    these models yet.
    """
    if sorted(columns) != sorted(_COLUMNS):
        message = "other columns"
        raise KeyError(message)
    height = len(columns["canonical_id"])
    models = tuple([CanonicalModel.__new__(CanonicalModel) for _ in range(height)])
    for name, column in columns.items():
        if len(column) != height:
            message = f"{len(column)} values of {name} for {height} models"
            raise IndexError(message)
        write = getattr(CanonicalModel, name).__set__
        deque(map(write, models, column), maxlen=0)
    return models


def _interner(records: Sequence[T]) -> Callable[[tuple[int, ...]], tuple[T, ...]]:
    known: dict[tuple[int, ...], tuple[T, ...]] = {}

    def shared(numbers: tuple[int, ...]) -> tuple[T, ...]:
        if numbers not in known:
            known[numbers] = tuple(records[number] for number in numbers)
        return known[numbers]

    return shared


def save(cache: Cache, catalog: Catalog, data: bytes, *, fingerprint: str) -> bool:
    """Keep a catalog.

    Args:
        cache: Where to.
        catalog: The catalog, with its digest.
        data: What :func:`encode` made of it.
        fingerprint: Digest of the plugins that it was made with.

    Returns:
        Whether it could be kept.
    """
    head = {
        "checked_at": catalog.checked_at,
        "digest": catalog.digest,
        "fingerprint": fingerprint,
    }
    return cache.write(*_NAME, head=head, body=data)


def load(cache: Cache, *, fingerprint: str | None = None) -> Catalog | None:
    """Return the kept catalog, or None when there is none that is sound.

    Args:
        cache: Where it is kept.
        fingerprint: When given, a catalog made with other plugins does not count.
    """
    entry = cache.read(*_NAME)
    if entry is None:
        return None
    if fingerprint is not None and entry.head.get("fingerprint") != fingerprint:
        return None
    try:
        return decode(entry.body, entry.head, origin="cache")
    except CodecError as error:
        logger().warning("cache.discarded", path="catalog.json", reason=str(error))
        return None


def load_sources(
    cache: Cache, *, fingerprint: str | None = None
) -> Mapping[str, SourceStatus]:
    """Return what each source gave to the kept catalog, without its models.

    Args:
        cache: Where it is kept.
        fingerprint: When given, a catalog made with other plugins does not count.

    Returns:
        By name of the source; empty without a catalog.
    """
    entry = cache.read(*_NAME)
    if entry is None or fingerprint not in {None, entry.head.get("fingerprint")}:
        return {}
    try:
        rows = loads(entry.body.partition(b"\n")[2])["sources"]
        return {row["name"]: structure(row, SourceStatus) for row in rows}
    except (CodecError, KeyError, TypeError):
        return {}  # of another version; who needs all of it says so


def load_snapshot() -> Catalog | None:
    """Return the catalog that is embedded in the package, or None without one."""
    file = files("llmhub_core.catalog").joinpath("snapshot", "catalog.json.gz")
    try:
        line, _, body = gzip.decompress(file.read_bytes()).partition(b"\n")
        return decode(body, loads(line), origin="snapshot")
    except FileNotFoundError:
        return None
    # A broken installation is no reason to do without the sources.
    except (OSError, EOFError, zlib.error, CodecError) as error:
        logger().warning("cache.discarded", path=str(file), reason=str(error))
        return None
