"""From broken bytes to the fused catalog: what is written, or nothing and a reason.

The oracle reads the same bytes with the standard library alone. Every number of the
catalog must be the one that stands at its place there; where a number stands that the
catalog lacks, a refusal names the record.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.cache import Cache
from llmhub_core.catalog import store
from llmhub_core.catalog.build import refresh
from llmhub_core.catalog.fusion import Fused, fuse
from llmhub_core.catalog.identity import load_tables
from llmhub_core.catalog.inspection import inspect
from llmhub_core.catalog.precedence import load_precedence
from llmhub_core.contracts import CatalogSource
from llmhub_core.errors import LLMHubError
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.observation import Harvest
from llmhub_core.settings import load_settings
from llmhub_core.testing.damage import damaged
from llmhub_core.testing.fakes import FakeSourceContext
from llmhub_sources.arena import ArenaOptions, ArenaSource
from llmhub_sources.models_dev import ModelsDevOptions, ModelsDevSource

DATA = Path(__file__).parent.parent / "data"
SOUND: Final = {
    name: json.loads((DATA / path).read_bytes())
    for name, path in {
        "api.json": "models_dev/api.json",
        "models.json": "models_dev/models.json",
        "text_style_control.json": "arena/text_style_control.json",
        "webdev.json": "arena/webdev.json",
    }.items()
}
BOARDS: Final = {"text_style_control.json": "text", "webdev.json": "webdev"}

#: Where a number of the catalog is written in a row of api.json.
NUMBERS: Final = {
    "context_tokens": ("limit", "context"),
    "max_input_tokens": ("limit", "input"),
    "max_output_tokens": ("limit", "output"),
    "price_input_per_million": ("cost", "input"),
    "price_output_per_million": ("cost", "output"),
    "price_reasoning_per_million": ("cost", "reasoning"),
    "price_cache_read_per_million": ("cost", "cache_read"),
    "price_cache_write_per_million": ("cost", "cache_write"),
    "price_input_audio_per_million": ("cost", "input_audio"),
    "price_output_audio_per_million": ("cost", "output_audio"),
}
RATES: Final = {
    "input_per_million": "input",
    "output_per_million": "output",
    "cache_read_per_million": "cache_read",
    "cache_write_per_million": "cache_write",
}
FLAGS: Final = {
    "supports_reasoning": "reasoning",
    "supports_tool_call": "tool_call",
    "supports_structured_output": "structured_output",
    "supports_temperature": "temperature",
    "open_weights": "open_weights",
}
DAYS: Final = {
    "knowledge_cutoff": "knowledge",
    "release_date": "release_date",
    "last_updated": "last_updated",
}


class Twice(list[Any]):
    """The different values that one object gives one key."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for key, value in pairs:
        values = found.setdefault(key, [])
        if not any(type(one) is type(value) and one == value for one in values):
            values.append(value)
    return {key: v[0] if len(v) == 1 else Twice(v) for key, v in found.items()}


def _read(body: bytes) -> Any:
    """The document according to the standard library, None when it is none."""
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(body, object_pairs_hook=_pairs, parse_int=_whole)
    return None


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < 4000 else float("inf")


def _at(row: Any, *path: str) -> Any:
    for key in path:
        row = row.get(key) if isinstance(row, dict) else None
    return row


def _deepest(row: Any, path: tuple[str, ...]) -> tuple[str, Any]:
    """The end of a path, or the value at which it breaks off, with its place."""
    for depth, key in enumerate(path):
        row = row.get(key)
        if not isinstance(row, dict):
            return ".".join(path[: depth + 1]), row
    return ".".join(path), row


def _explained(model: CanonicalModel, name: str, written: object) -> bool:
    """Whether the model itself says why a number is not there."""
    if name == "max_output_tokens" and model.kind in {"embedding", "rerank"}:
        return True
    if written != 0 or isinstance(written, bool):
        return False
    # Upstream writes 0 where it does not know a limit.
    unpriced = model.price_basis in {"zero", "subscription"}
    return unpriced if name.startswith("price_") else name.endswith("_tokens")


def _is_number(value: object) -> bool:
    return type(value) in {int, float}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _harvests(bodies: Mapping[str, bytes]) -> dict[str, Harvest]:
    sources: dict[str, CatalogSource] = {
        "models-dev": ModelsDevSource(ModelsDevOptions(url="/x")),
        "arena": ArenaSource(ArenaOptions(dataset_url="/x", catalog_url="/x")),
    }
    context = FakeSourceContext(
        answers={f"/x/{name}": body for name, body in bodies.items()},
        fetched_at="2026-10-06T00:00:00Z",
    )
    harvests = {}
    for name, source in sources.items():
        # Our own error: the older catalog stays.
        with contextlib.suppress(LLMHubError):
            harvests[name] = inspect(asyncio.run(source.fetch(context)))
    return harvests


def _catalog(harvests: Mapping[str, Harvest]) -> Fused:
    return fuse(harvests, tables=load_tables(), precedence=load_precedence())


class Oracle:
    """Compares a catalog with the bytes that it was made of."""

    def __init__(self, bodies: Mapping[str, bytes], fused: Fused) -> None:
        self._documents = {name: _read(body) for name, body in bodies.items()}
        self._fused = fused
        self._refused: dict[str, list[Refusal]] = {}
        for refusal in fused.refused:
            self._refused.setdefault(refusal.record, []).append(refusal)

    def check(self) -> None:
        """Raise an AssertionError where catalog and bytes differ."""
        for model in self._fused.models:
            self._model(model)
            self._ratings(model)
            self._benchmarks(model)
        for refusal in self._fused.refused:
            assert refusal.source
            assert refusal.reason
            f"{refusal.record}: {refusal.field}: {refusal.reason}".encode()

    def _model(self, model: CanonicalModel) -> None:
        record = model.source_ids["models-dev"]
        provider, _, key = record.partition("/")
        row = _at(self._documents["api.json"], provider, "models", key)
        fields = [refusal.field or "" for refusal in self._refused.get(record, ())]
        for name, path in NUMBERS.items():
            got, (place, written) = getattr(model, name), _deepest(row, path)
            if got is not None:
                assert place == ".".join(path), (record, name)
                assert _is_number(written), (record, name)
                assert got == written, (record, name)
                assert got >= 0, (record, name)
            elif written is not None and not _explained(model, name, written):
                assert place in fields, (record, name, written)
        for name, key in {**FLAGS, **DAYS}.items():
            got, written = getattr(model, name), _at(row, key)
            origin = model.provenance.get(name)
            if got is not None and origin is not None and origin.via is None:
                assert got == written, (record, name)
                assert type(got) is type(written), (record, name)
            elif got is None and written is not None:
                assert key in fields, (record, name)
        self._tiers(model, _at(row, "cost"), fields)

    def _tiers(self, model: CanonicalModel, cost: Any, fields: list[str]) -> None:
        rows = _at(cost, "tiers")
        legacy = _at(cost, "context_over_200k")
        if model.price_tiers is None:
            if (rows or legacy) and model.price_basis == "listed":
                assert any(field.startswith("cost") for field in fields)
            return
        written = {}
        if not rows:
            written[200_000] = legacy
        else:
            for row in rows:
                assert _at(row, "tier", "size") not in written
                written[_at(row, "tier", "size")] = row
        assert len(model.price_tiers) == len(written)
        for tier in model.price_tiers:
            row = written[tier.above_context_tokens]
            for name, key in RATES.items():
                assert getattr(tier, name) == _at(row, key)

    def _ratings(self, model: CanonicalModel) -> None:
        for rating in model.ratings:
            if rating.basis == "inherited":
                continue
            (file,) = (file for file, board in BOARDS.items() if board == rating.board)
            rows = [
                row
                for row in self._documents[file]
                if isinstance(row, dict)
                and str(row.get("model_name")).strip() == rating.name
                and _is_number(row.get("rating"))
                and row["rating"] == rating.score
            ]
            assert rows, rating
            for name, column in (
                ("ci_low", "rating_lower"),
                ("ci_high", "rating_upper"),
                ("votes", "vote_count"),
                ("published_on", "leaderboard_publish_date"),
            ):
                got = getattr(rating, name)
                assert got is None or any(got == row.get(column) for row in rows)

    def _benchmarks(self, model: CanonicalModel) -> None:
        bases = self._documents["models.json"]
        written = [
            (str(one.get("name")).strip(), one.get("score"))
            for base in (bases.values() if isinstance(bases, dict) else ())
            for one in _listed(_at(base, "benchmarks"))
            if isinstance(one, dict)
        ]
        for result in model.benchmarks:
            scores = [score for name, score in written if name == result.name]
            assert any(
                score == result.score or str(score).strip(" %") == f"{result.score:g}"
                for score in scores
                if type(score) in {int, float, str}
            )


def _accounted(bodies: Mapping[str, bytes], harvests: Mapping[str, Harvest]) -> None:
    """Every row was read, or refused as a whole."""
    if (harvest := harvests.get("models-dev")) is not None:
        document = _read(bodies["api.json"])
        rows = sum(
            len(models) if isinstance(models := _at(entry, "models"), dict) else 1
            for entry in document.values()
        )
        whole = [r for r in harvest.refused if r.field is None]
        bases = _read(bodies["models.json"])
        base_rows = len(bases) if isinstance(bases, dict) else 0
        unread = 0 if harvest.bases else base_rows
        counted = len(harvest.served) + len(harvest.bases) + len(whole) + unread
        assert counted >= rows + base_rows - _unnamed(document)
    if (harvest := harvests.get("arena")) is not None:
        read = Counter(rating.board for rating in harvest.ratings)
        lost = Counter(
            refusal.record.partition("/")[0].partition("#")[0]
            for refusal in harvest.refused
            if refusal.field is None
        )
        for file, board in BOARDS.items():
            if read[board]:
                assert read[board] + lost[board] == len(_read(bodies[file]))


def _unnamed(document: Mapping[str, Any]) -> int:
    """Rows of providers that can't be one: the provider is refused, with its rows."""
    return sum(
        len(models) - 1
        for provider, entry in document.items()
        if isinstance(models := _at(entry, "models"), dict)
        and (
            " " in provider
            or not provider
            or not provider.isprintable()
            or _at(entry, "id") not in (None, provider)
        )
    )


def _try(random: Random) -> None:
    bodies = {name: json.dumps(sound).encode() for name, sound in SOUND.items()}
    for name in random.sample(sorted(SOUND), k=random.choice([1, 1, 1, 2])):
        bodies[name] = damaged(SOUND[name], random, times=random.choice([1, 3, 10, 40]))
    harvests = _harvests(bodies)
    _accounted(bodies, harvests)
    Oracle(bodies, _catalog(harvests)).check()


def test_sound_payloads_pass_the_oracle() -> None:
    """It finds a number for everything, so that it can miss one."""
    bodies = {name: json.dumps(sound).encode() for name, sound in SOUND.items()}
    harvests = _harvests(bodies)
    fused = _catalog(harvests)
    Oracle(bodies, fused).check()
    assert any(model.price_tiers for model in fused.models)
    assert any(model.ratings for model in fused.models)
    assert any(model.benchmarks for model in fused.models)


@given(st.randoms(use_true_random=False))
def test_broken_payloads_give_what_is_written_or_nothing(random: Random) -> None:
    """Whatever breaks: no crash, no wrong number, no row without a word."""
    _try(random)


def test_many_broken_payloads() -> None:
    """``MUTATIONS=50000`` tries as many; a failure names its seed."""
    for seed in range(int(os.environ.get("MUTATIONS", "100"))):
        try:
            _try(Random(seed))
        except Exception as error:
            message = f"seed {seed}"
            raise AssertionError(message) from error


@pytest.mark.parametrize("seed", range(6))
def test_a_refresh_of_broken_payloads_leaves_a_catalog_that_loads(
    tmp_path: Path, seed: int
) -> None:
    """Files in, files out: what is kept is what was fused, refusals and all."""
    random = Random(seed)
    for name, sound in SOUND.items():
        (tmp_path / name).write_bytes(damaged(sound, random, times=20))
    settings = load_settings(
        {
            "LLMHUB_CACHE_DIR": str(tmp_path / "cache"),
            "LLMHUB_CONFIG_DIR": str(tmp_path),
            "LLMHUB_MODELS_DEV_URL": str(tmp_path),
            "LLMHUB_ARENA_DATASET_URL": str(tmp_path),
            "LLMHUB_ARENA_CATALOG_URL": str(tmp_path),
        }
    )
    catalog = refresh(settings).catalog
    assert len(catalog) > 0
    if catalog.origin == "built":
        kept = store.load(Cache(settings.cache_dir))
        assert kept is not None
        assert (kept.models, kept.refused) == (catalog.models, catalog.refused)
