"""The catalog as JSON: everything that is known, in a shape that stays.

The shape is documented in the reference; :data:`FORMAT` counts its changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from attrs import asdict, fields

from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel

__all__ = ["FORMAT", "export_json", "model_document"]

#: Grows when a field is renamed, removed or given another meaning; a new field
#: leaves it as it is.
FORMAT = 1

_FIELDS = tuple(attribute.name for attribute in fields(CanonicalModel))


def export_json(
    catalog: Catalog, models: Iterable[CanonicalModel] | None = None
) -> bytes:
    """Write a catalog: head, models, and what did not become part of one.

    Args:
        catalog: What to write.
        models: Those to write; all of them when None.

    Returns:
        One JSON object. Each model, unmatched name and refusal stands on a line of
        its own, so that two exports can be compared line by line. The same catalog
        gives the same bytes.
    """
    chosen = catalog.models if models is None else tuple(models)
    told = _Told()
    head: dict[str, Any] = {
        "format": FORMAT,
        "digest": catalog.digest,
        "checked_at": catalog.checked_at,
        "origin": catalog.origin,
        "sources": [asdict(source) for source in catalog.sources],
        "models_in_catalog": len(catalog),
    }
    lists = {
        "models": (told.model(model) for model in chosen),
        "unmatched": map(asdict, catalog.unmatched),
        "refused": map(asdict, catalog.refused),
    }
    lines = [f'"{name}": {_text(value)}' for name, value in head.items()]
    lines += [f'"{name}": [{_rows(rows)}]' for name, rows in lists.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def model_document(model: CanonicalModel) -> dict[str, Any]:
    """Return one model as plain data: every field, what is not known as None."""
    return _Told().model(model)


def _rows(rows: Iterable[Any]) -> str:
    written = ",\n".join(map(_text, rows))
    return f"\n{written}\n" if written else ""


_text = partial(
    json.dumps,
    ensure_ascii=False,
    allow_nan=False,
    sort_keys=True,
    separators=(", ", ": "),
)


class _Told:
    """Records as plain data; what models share is made once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Any]] = {}

    def model(self, model: CanonicalModel) -> dict[str, Any]:
        told = {name: getattr(model, name) for name in _FIELDS}
        for name in ("ratings", "inherited_ratings", "benchmarks"):
            told[name] = self._once(told[name], _records)
        if model.price_tiers is not None:
            told["price_tiers"] = _records(model.price_tiers)
        told["provenance"] = {
            name: self._once(origin, asdict)
            for name, origin in model.provenance.items()
        }
        told["source_ids"] = dict(model.source_ids)
        told["conflicts"] = [
            # The record holds values as JSON text, whatever their type.
            asdict(c) | {"kept": json.loads(c.kept), "lost": json.loads(c.lost)}
            for c in model.conflicts
        ]
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in told.items()
        }

    def _once(self, record: Any, made: Callable[[Any], Any]) -> Any:
        # The record is held, so that no other one gets its id.
        if id(record) not in self._known:
            self._known[id(record)] = (record, made(record))
        return self._known[id(record)][1]


def _records(records: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [asdict(record) for record in records]
