"""A catalog as bytes, compact and quick to load.

Ratings, origins and provenance are written once and referred to by number:
hosts of one model share them, in the file as in memory.
"""

from __future__ import annotations

import gc
import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, Literal

from attrs import evolve, fields

from llmhub_core.cache import Cache
from llmhub_core.codec import CodecError, loads, structure, unstructure
from llmhub_core.records.model import (
    CanonicalModel,
    Catalog,
    Conflict,
    Origin,
    PriceTier,
    Rating,
    Refusal,
    SourceStatus,
    Unmatched,
)
from llmhub_core.trace import logger

__all__ = ["decode", "encode", "load", "load_snapshot", "save", "sealed"]

_NAME = ("catalog.json",)
_PLAIN = tuple(
    attribute.name
    for attribute in fields(CanonicalModel)
    if attribute.name not in {"ratings", "provenance", "conflicts", "price_tiers"}
)
_DEFAULTS = {attribute.name: attribute.default for attribute in fields(CanonicalModel)}
_TUPLES = tuple(
    attribute.name
    for attribute in fields(CanonicalModel)
    if "tuple[str" in str(attribute.type)
)


class _Table:
    """Distinct values, numbered in order of first use."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        return self.numbers.setdefault(value, len(self.numbers))


def encode(catalog: Catalog) -> bytes:
    """Write a catalog as JSON; equal catalogs give equal bytes."""
    ratings, origins, provenances = _Table(), _Table(), _Table()
    rows: list[dict[str, Any]] = []
    for model in catalog.models:
        row = {
            name: value
            for name in _PLAIN
            if (value := getattr(model, name)) != _DEFAULTS[name]
        }
        row["source_ids"] = dict(sorted(model.source_ids.items()))
        if model.price_tiers is not None:
            row["price_tiers"] = [unstructure(tier) for tier in model.price_tiers]
        if model.conflicts:
            row["conflicts"] = [unstructure(conflict) for conflict in model.conflicts]
        row["ratings"] = [ratings.number(rating) for rating in model.ratings]
        row["provenance"] = provenances.number(
            tuple(
                (name, origins.number(model.provenance[name]))
                for name in sorted(model.provenance)
            )
        )
        rows.append(row)
    body = {
        "sources": [unstructure(source) for source in catalog.sources],
        "refused": [unstructure(refusal) for refusal in catalog.refused],
        "unmatched": [unstructure(miss) for miss in catalog.unmatched],
        "ratings": [unstructure(rating) for rating in ratings.numbers],
        "origins": [unstructure(origin) for origin in origins.numbers],
        "provenances": [dict(pairs) for pairs in provenances.numbers],
        "models": rows,
    }
    text = json.dumps(
        body, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
    )
    return text.encode()


def sealed(catalog: Catalog) -> Catalog:
    """Return the catalog with its digest, which covers what was chosen from.

    When a source was asked, how, and what it refused is not part of it.
    """
    bare = evolve(
        catalog, sources=(), refused=(), unmatched=(), digest="", checked_at=""
    )
    return evolve(catalog, digest=hashlib.sha256(encode(bare)).hexdigest())


def decode(
    data: bytes, head: Mapping[str, str], *, origin: Literal["cache", "snapshot"]
) -> Catalog:
    """Read what :func:`encode` wrote.

    Args:
        data: The bytes.
        head: What was kept beside them: ``digest`` and ``checked_at``.
        origin: Where they were kept.

    Raises:
        CodecError: It was not written by this version.
    """
    with _no_collection():
        body = loads(data)
        try:
            return _decode(body, head, origin)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            message = f"not a catalog of this version: {error}"
            raise CodecError(message) from error


def _decode(
    body: Any, head: Mapping[str, str], origin: Literal["cache", "snapshot"]
) -> Catalog:
    ratings = [structure(row, Rating) for row in body["ratings"]]
    origins = [structure(row, Origin) for row in body["origins"]]
    provenances = [
        {name: origins[number] for name, number in row.items()}
        for row in body["provenances"]
    ]
    shared = _interner(ratings)

    def model(row: dict[str, Any]) -> CanonicalModel:
        # The file's checksum has been verified, so rows are taken as written:
        # checking 5,000 of them again would double the time to load.
        for name in _TUPLES:
            if name in row:
                row[name] = tuple(row[name])
        if "price_tiers" in row:
            row["price_tiers"] = tuple(
                structure(tier, PriceTier) for tier in row["price_tiers"]
            )
        if "conflicts" in row:
            row["conflicts"] = tuple(
                structure(conflict, Conflict) for conflict in row["conflicts"]
            )
        row["ratings"] = shared(tuple(row["ratings"]))
        row["provenance"] = provenances[row["provenance"]]
        return CanonicalModel(**row)

    return Catalog(
        models=tuple([model(row) for row in body["models"]]),
        sources=tuple(structure(row, SourceStatus) for row in body["sources"]),
        refused=tuple(structure(row, Refusal) for row in body["refused"]),
        unmatched=tuple(structure(row, Unmatched) for row in body["unmatched"]),
        digest=head["digest"],
        checked_at=head["checked_at"],
        origin=origin,
    )


def _interner(
    ratings: list[Rating],
) -> Callable[[tuple[int, ...]], tuple[Rating, ...]]:
    known: dict[tuple[int, ...], tuple[Rating, ...]] = {}

    def shared(numbers: tuple[int, ...]) -> tuple[Rating, ...]:
        if numbers not in known:
            known[numbers] = tuple(ratings[number] for number in numbers)
        return known[numbers]

    return shared


@contextmanager
def _no_collection() -> Iterator[None]:
    # A hundred thousand new objects, none of them garbage: looking for it
    # halfway costs a third of the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def save(cache: Cache, catalog: Catalog, *, fingerprint: str) -> bool:
    """Keep a catalog.

    Args:
        cache: Where to.
        catalog: The catalog.
        fingerprint: Digest of the plugins that it was made with.

    Returns:
        Whether it could be kept.
    """
    head = {
        "checked_at": catalog.checked_at,
        "digest": catalog.digest,
        "fingerprint": fingerprint,
    }
    return cache.write(*_NAME, head=head, body=encode(catalog))


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


def load_snapshot() -> Catalog | None:
    """Return the catalog that is embedded in the package, or None without one."""
    file = files("llmhub_core.catalog").joinpath("snapshot", "catalog.json.gz")
    if not file.is_file():
        return None
    line, _, body = gzip.decompress(file.read_bytes()).partition(b"\n")
    return decode(body, loads(line), origin="snapshot")
