"""The catalog in files of other programs."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from attrs import asdict, evolve, fields
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from llmhub_core.catalog.export import export_catalog
from llmhub_core.catalog.export.document import FORMAT, model_document
from llmhub_core.errors import MissingExtraError
from llmhub_core.records.catalog import Catalog, Refusal, SourceStatus, Unmatched
from llmhub_core.records.model import CanonicalModel, Conflict, Origin, PriceTier
from llmhub_core.records.rating import Benchmark, Rating
from llmhub_core.testing.catalogs import catalogs

ORIGIN = Origin(source="models-dev", as_of="2026-10-01")
RATINGS = (
    Rating(
        name="gpt-5-high",
        board="text",
        category="overall",
        score=1434.5,
        ci_low=1430.0,
        ci_high=1439.0,
        votes=31_000,
        published_on="2026-10-05",
        effort="high",
        label="high effort",
        proxy=True,
        rules=("same-name", "effort"),
        source="arena",
    ),
    Rating(name="gpt-5", board="text", category="overall", score=1400.0),
    Rating(name="gpt-5", board="vision", category="overall", score=1200.0),
)
FULL = CanonicalModel(
    canonical_id="openai:gpt-5",
    provider="openai",
    model_id="gpt-5",
    group="openai/gpt-5",
    lab="openai",
    display_name="GPT-5, “the” model",
    kind="chat",
    supports_tool_call=True,
    open_weights=False,
    reasoning_efforts=(),
    input_modalities=("image", "text"),
    context_tokens=400_000,
    price_basis="listed",
    price_input_per_million=1.25,
    price_tiers=(PriceTier(above_context_tokens=200_000, input_per_million=2.5),),
    source_ids={"models-dev": "openai/gpt-5", "any-llm": "gpt-5"},
    arena_score=1434.5,
    ratings=RATINGS,
    inherited_ratings=(
        Rating(
            name="gpt-4",
            board="search",
            category="overall",
            score=1000.0,
            basis="inherited",
            inherited_from="openai/gpt-4",
        ),
    ),
    benchmarks=(Benchmark(name="MMLU", score=88.5, source="models-dev"),),
    tags=("tools", "vision"),
    provenance={"context_tokens": ORIGIN, "price_input_per_million": ORIGIN},
    conflicts=(
        Conflict(
            field="input_modalities",
            kept='["image", "text"]',
            kept_from=ORIGIN,
            lost="null",
            lost_from=evolve(ORIGIN, source="openrouter"),
        ),
    ),
    flags={"zero-price": "0 and 0"},
)
BARE = CanonicalModel(canonical_id="w:@cf/x", provider="w", model_id="@cf/x")
CATALOG = Catalog(
    models=(FULL, BARE),
    sources=(SourceStatus(name="models-dev", state="fresh", served=2, refused=1),),
    refused=(
        Refusal(source="models-dev", record="a/b", field="cost.input", reason="no"),
    ),
    unmatched=(
        Unmatched(name="o", board="text", reason="ambiguous", candidates=("a", "b")),
    ),
    digest="d1",
    checked_at="2026-10-05T00:00:00Z",
)


def _document(catalog: Catalog = CATALOG, **options: Any) -> Any:
    return json.loads(export_catalog(catalog, "json", **options))


def test_json_has_a_head_that_says_what_it_is() -> None:
    """Format, digest, sources with their dates, and what is not in the models."""
    told = _document()
    assert list(told) == [
        "format",
        "digest",
        "checked_at",
        "origin",
        "sources",
        "models_in_catalog",
        "models",
        "unmatched",
        "refused",
    ]
    assert (told["format"], told["digest"]) == (FORMAT, "d1")
    assert told["sources"] == [asdict(CATALOG.sources[0]) | {"notes": []}]
    assert told["refused"] == [asdict(CATALOG.refused[0])]
    assert told["unmatched"] == [
        asdict(CATALOG.unmatched[0]) | {"candidates": ["a", "b"]}
    ]


def test_json_has_every_field_of_every_model() -> None:
    """What is not known is null; no field is left out."""
    full, bare = _document()["models"]
    names = {field.name for field in fields(CanonicalModel)}
    assert set(full) == set(bare) == names
    assert bare["context_tokens"] is None
    assert bare["supports_tool_call"] is None
    assert bare["price_tiers"] is None
    assert bare["ratings"] == []
    assert full["reasoning_efforts"] == []
    assert full["source_ids"] == {"any-llm": "gpt-5", "models-dev": "openai/gpt-5"}
    assert full["price_tiers"][0]["input_per_million"] == 2.5
    assert full["provenance"]["context_tokens"] == asdict(ORIGIN)
    assert full["flags"] == {"zero-price": "0 and 0"}


def test_json_has_every_rating_with_its_reasons() -> None:
    """Name on the board, interval, votes, setting and rules of the join."""
    full = _document()["models"][0]
    assert full["ratings"] == [
        asdict(rating) | {"rules": list(rating.rules)} for rating in RATINGS
    ]
    assert full["inherited_ratings"][0]["inherited_from"] == "openai/gpt-4"
    assert full["benchmarks"][0]["name"] == "MMLU"


def test_values_of_a_conflict_are_values() -> None:
    """Not JSON in JSON."""
    (conflict,) = _document()["models"][0]["conflicts"]
    assert (conflict["kept"], conflict["lost"]) == (["image", "text"], None)
    assert conflict["lost_from"]["source"] == "openrouter"


def test_one_line_is_one_record() -> None:
    """So that exports can be compared with line tools, and read by people."""
    text = export_catalog(CATALOG, "json").decode()
    lines = text.splitlines()
    assert sum('"canonical_id": "openai:gpt-5"' in line for line in lines) == 1
    assert any(
        json.loads(line.rstrip(",")) == _document()["models"][1]
        for line in lines
        if line.startswith("{") and len(line) > 1
    )
    assert "“the”" in text
    assert text.endswith("}\n")


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_some_models_can_be_exported(form: Any) -> None:
    """The head still counts the whole catalog."""
    data = export_catalog(CATALOG, form, models=(BARE,))
    rows = {"json": _json_ids, "csv": _csv_ids, "parquet": _parquet_ids}[form](data)
    assert rows == ["w:@cf/x"]
    assert _document(models=())["models"] == []
    assert _document(models=())["models_in_catalog"] == 2


def _json_ids(data: bytes) -> list[str]:
    return [model["canonical_id"] for model in json.loads(data)["models"]]


def _csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def _csv_ids(data: bytes) -> list[str]:
    return [row["canonical_id"] for row in _csv(data)]


def _parquet(data: bytes) -> Any:
    return parquet.read_table(pa.BufferReader(data))


def _parquet_ids(data: bytes) -> list[str]:
    ids: list[str] = _parquet(data).column("canonical_id").to_pylist()
    return ids


def test_csv_is_one_flat_row_per_model() -> None:
    """Numbers bare, lists joined, the default rating per board, unknown empty."""
    full, bare = _csv(export_catalog(CATALOG, "csv"))
    assert list(full)[:3] == ["canonical_id", "provider", "model_id"]
    assert full["display_name"] == "GPT-5, “the” model"
    assert full["context_tokens"] == "400000"
    assert full["price_input_per_million"] == "1.25"
    assert (full["supports_tool_call"], full["open_weights"]) == ("true", "false")
    assert (full["input_modalities"], full["tags"]) == ("image; text", "tools; vision")
    assert full["flags"] == "zero-price"
    assert full["rating.text.overall"] == "1434.5"
    assert full["rating.vision.overall"] == "1200.0"
    assert full["source_id.models-dev"] == "openai/gpt-5"
    for name in ("context_tokens", "supports_tool_call", "rating.text.overall"):
        assert bare[name] == ""


def test_csv_columns_do_not_depend_on_the_filter() -> None:
    """Two exports of one catalog can be put below each other."""
    whole = export_catalog(CATALOG, "csv").split(b"\r\n", 1)[0]
    assert export_catalog(CATALOG, "csv", models=()) == whole + b"\r\n"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0"],
)
def test_no_cell_is_a_formula(text: str) -> None:
    """A name from the network does nothing when a spreadsheet opens the file."""
    model = evolve(BARE, display_name=text, tags=(text,))
    (row,) = _csv(export_catalog(Catalog(models=(model,)), "csv"))
    assert row["display_name"] == f"'{text}"
    assert row["tags"] == f"'{text}"
    assert row["model_id"] == "'@cf/x"
    assert row["canonical_id"] == "w:@cf/x"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_in_a_cell(text: str) -> None:
    """Quotes, commas and line breaks too; at most an apostrophe is added."""
    model = evolve(BARE, display_name=text)
    (row,) = _csv(export_catalog(Catalog(models=(model,)), "csv"))
    assert row["display_name"] in {text, f"'{text}"}
    assert not row["display_name"].startswith(("=", "+", "-", "@"))


def test_parquet_has_the_types_of_the_fields() -> None:
    """Whole numbers stay whole where some are unknown; lists are lists."""
    table = _parquet(export_catalog(CATALOG, "parquet"))
    types = {field.name: str(field.type) for field in table.schema}
    assert types["context_tokens"] == "int64"
    assert types["price_input_per_million"] == "double"
    assert types["supports_tool_call"] == "bool"
    assert types["kind"] == "string"
    assert types["tags"].startswith("list<")
    assert types["source_ids"].startswith("map<")
    assert set(types) == {field.name for field in fields(CanonicalModel)}
    assert table.schema.metadata[b"llmhub.digest"] == b"d1"
    assert table.schema.metadata[b"llmhub.format"] == str(FORMAT).encode()


def test_parquet_says_what_json_says() -> None:
    """Every value of every field, nested ones too; unknown is null."""
    rows = _parquet(export_catalog(CATALOG, "parquet")).to_pylist()
    for row, model in zip(rows, CATALOG, strict=True):
        told = model_document(model)
        for name in ("provenance", "source_ids", "flags"):
            row[name] = dict(row[name])
        for conflict in row["conflicts"]:
            conflict["kept"] = json.loads(conflict["kept"])
            conflict["lost"] = json.loads(conflict["lost"])
        assert row == told


def test_parquet_without_pyarrow_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """JSON and CSV need nothing."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match="pip install pyarrow"):
        export_catalog(CATALOG, "parquet")
    assert export_catalog(CATALOG, "json")
    assert export_catalog(CATALOG, "csv")


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
@given(catalog=catalogs())
def test_the_same_catalog_gives_the_same_bytes(form: Any, catalog: Catalog) -> None:
    """Also when its records are other objects: nothing depends on identity."""
    copy = evolve(catalog, models=tuple(evolve(model) for model in catalog))
    assert export_catalog(catalog, form) == export_catalog(copy, form)


def test_exports_of_unequal_catalogs_differ(tmp_path: Path) -> None:
    """A price that changed is in every format."""
    dearer = evolve(CATALOG, models=(evolve(FULL, price_input_per_million=1.5), BARE))
    for form in ("json", "csv", "parquet"):
        assert export_catalog(CATALOG, form) != export_catalog(dearer, form)
