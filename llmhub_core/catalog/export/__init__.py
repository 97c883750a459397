"""The catalog in files of other programs: JSON, CSV, Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeAlias

from llmhub_core.catalog.export.document import export_json
from llmhub_core.catalog.export.flat import export_csv
from llmhub_core.catalog.export.parquet import export_parquet
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel

__all__ = ["Format", "export_catalog"]

Format: TypeAlias = Literal["json", "csv", "parquet"]

_WRITERS: Mapping[
    Format, Callable[[Catalog, Iterable[CanonicalModel] | None], bytes]
] = {"json": export_json, "csv": export_csv, "parquet": export_parquet}


def export_catalog(
    catalog: Catalog,
    form: Format = "json",
    *,
    models: Iterable[CanonicalModel] | None = None,
) -> bytes:
    """Write a catalog in a format that other programs read.

    Args:
        catalog: What to write.
        form: ``json`` has everything, ``csv`` one flat row per model, ``parquet``
            typed columns.
        models: Those to write; all of them when None.

    Returns:
        The file. The same catalog gives the same bytes.

    Raises:
        MissingExtraError: Parquet without pyarrow.
    """
    return _WRITERS[form](catalog, models)
