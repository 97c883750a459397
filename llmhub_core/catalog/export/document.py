"""The catalog as JSON: everything that is known, in a shape that stays.

The shape is documented in the reference; :data:`FORMAT` counts its changes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from attrs import fields

from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel

__all__ = ["FORMAT", "export_json", "model_document"]

#: Grows when a field is renamed, removed or given another meaning; a new field
#: leaves it as it is.
FORMAT = 1


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
        "sources": told.plain(catalog.sources),
        "models_in_catalog": len(catalog),
    }
    lists = {
        "models": (told.model(model) for model in chosen),
        "unmatched": map(told.plain, catalog.unmatched),
        "refused": map(told.plain, catalog.refused),
    }
    written = io.BytesIO()
    written.write(b"{\n")
    for name, value in head.items():
        written.write(f'"{name}": {_text(value)},\n'.encode())
    for place, (name, rows) in enumerate(lists.items()):
        written.write(b",\n" if place else b"")
        written.write(f'"{name}": ['.encode())
        for row, record in enumerate(rows):
            written.write(f"{',' if row else ''}\n{_text(record)}".encode())
        written.write(b"\n]")
    written.write(b"\n}\n")
    return written.getvalue()


def model_document(model: CanonicalModel) -> dict[str, Any]:
    """Return one model as plain data: every field, what is not known as None."""
    return _Told().model(model)


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
        # By identity: the models hold what is written, so no id is used twice.
        self._known: dict[int, Any] = {}

    def model(self, model: CanonicalModel) -> dict[str, Any]:
        told: dict[str, Any] = self._made(model)
        told["conflicts"] = [
            # The record holds values as JSON text, whatever their type.
            c | {"kept": json.loads(c["kept"]), "lost": json.loads(c["lost"])}
            for c in told["conflicts"]
        ]
        return told

    def plain(self, value: Any) -> Any:
        """Return dictionaries, lists, and what else JSON has."""
        if value is None or isinstance(value, str | int | float):
            return value
        if id(value) not in self._known:
            self._known[id(value)] = self._made(value)
        return self._known[id(value)]

    def _made(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self.plain(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return [self.plain(item) for item in value]
        return {
            attribute.name: self.plain(getattr(value, attribute.name))
            for attribute in fields(type(value))
        }
