"""The catalog as Parquet: one row per model, for data frames.

The only door to pyarrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from attrs import asdict, fields, has

from llmhub_core.catalog.export.document import FORMAT
from llmhub_core.errors import MissingExtraError
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["export_parquet"]

_SCALARS: Mapping[Any, str] = {
    str: "string",
    int: "int64",
    float: "float64",
    bool: "bool_",
}


def export_parquet(
    catalog: Catalog, models: Iterable[CanonicalModel] | None = None
) -> bytes:
    """Write a catalog with the types that its fields have.

    What is not known is null. Ratings, benchmarks, price tiers and conflicts are
    lists of records; provenance and ids in sources are maps. Format, digest and
    date are in the metadata of the schema.

    Args:
        catalog: What to write.
        models: Those to write; all of them when None.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("Parquet", "pyarrow", "parquet") from error
    schema = pa.schema(
        _arrow_fields(CanonicalModel),
        metadata={
            "llmhub.format": str(FORMAT),
            "llmhub.digest": catalog.digest,
            "llmhub.checked_at": catalog.checked_at,
        },
    )
    rows = catalog.models if models is None else tuple(models)
    columns = [
        pa.array([_plain(getattr(row, field.name)) for row in rows], field.type)
        for field in schema
    ]
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_arrays(columns, schema=schema), sink)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _arrow_fields(record: type[Any]) -> list[tuple[str, pa.DataType]]:
    hints = get_type_hints(record)
    return [(field.name, _arrow(hints[field.name])) for field in fields(record)]


def _arrow(hint: Any) -> pa.DataType:
    """Find the type of a column by the type of a field."""
    import pyarrow as pa

    if hint in _SCALARS:
        return getattr(pa, _SCALARS[hint])()
    if has(hint):
        return pa.struct(_arrow_fields(hint))
    within = [part for part in get_args(hint) if part is not NoneType]
    origin = get_origin(hint)
    if origin is Literal:
        return pa.string()
    if origin is tuple:
        return pa.list_(_arrow(within[0]))
    if origin is Mapping:
        return pa.map_(*map(_arrow, within))
    # What is left is "or None": every column may hold null.
    (known,) = within
    return _arrow(known)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [(key, _plain(value[key])) for key in sorted(value)]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return asdict(value) if has(type(value)) else value
