"""A catalog as bytes: equal in, equal out, and never half believed."""

from __future__ import annotations

import gc
import gzip
import hashlib
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from llmhub_core import cache as cache_module
from llmhub_core.cache import Cache
from llmhub_core.catalog import store
from llmhub_core.codec import CodecError, loads
from llmhub_core.records.catalog import Catalog, Refusal, SourceStatus, Unmatched
from llmhub_core.records.model import CanonicalModel, Conflict, Origin, PriceTier
from llmhub_core.records.rating import Rating
from llmhub_core.testing.strategies import records

WHEN = "2026-11-22T10:00:00Z"


def model(name: str = "gpt-5", **facts: Any) -> CanonicalModel:
    """A model of that name."""
    return CanonicalModel(
        canonical_id=f"openai:{name}", provider="openai", model_id=name, **facts
    )


def whole() -> Catalog:
    """A catalog with something in every corner."""
    origin = Origin(source="models-dev", as_of="2026-06-08")
    rating = Rating(
        name="gpt-5",
        board="text",
        category="overall",
        score=1430.5,
        rules=("same-name",),
    )
    other = attrs.evolve(rating, category="math", mode="thinking", proxy=True)
    rich = model(
        kind="chat",
        price_tiers=(PriceTier(above_context_tokens=200_000, input_per_million=2.0),),
        input_modalities=("image", "text"),
        reasoning_efforts=(),
        ratings=(rating, other),
        provenance={"kind": origin, "price_tiers": attrs.evolve(origin, via="group")},
        conflicts=(
            Conflict(
                field="kind",
                kept='"chat"',
                kept_from=origin,
                lost='"embedding"',
                lost_from=Origin(source="b"),
            ),
        ),
        source_ids={"models-dev": "openai/gpt-5", "b": "é"},
        tags=("tools",),
        flags={"zero-price": "the price list says 0"},
    )
    return Catalog(
        models=(rich, model("gpt-5-mini", ratings=(rating,)), model("x")),
        sources=(SourceStatus(name="b", state="stale", reason="HTTP 503"),),
        refused=(Refusal(record="r", reason="no", source="b", field="f"),),
        unmatched=(Unmatched(name="n", board="text", reason="no-row"),),
        checked_at=WHEN,
    )


def back(catalog: Catalog) -> Catalog:
    """Encode and decode."""
    sealed, data = store.encode(catalog)
    head = {"digest": sealed.digest, "checked_at": sealed.checked_at}
    return store.decode(data, head, origin="cache")


def same(one: Catalog, other: Catalog) -> bool:
    """Equal in all but where they were read from and their digests."""
    blank: dict[str, Any] = {"origin": "built", "digest": ""}
    return attrs.evolve(one, **blank) == attrs.evolve(other, **blank)


# ---------------------------------------------------------------- round trips


def test_everything_comes_back() -> None:
    """Every record, number and None, with tuples as tuples."""
    catalog = whole()
    got = back(catalog)
    assert same(got, catalog)
    assert got.origin == "cache"
    assert got.digest == store.encode(catalog)[0].digest
    for one, other in zip(got.models, catalog.models, strict=True):
        for field in attrs.fields(CanonicalModel):
            values = (getattr(one, field.name), getattr(other, field.name))
            assert type(values[0]) is type(values[1])


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=30)
@given(records(Catalog))
def test_any_catalog_comes_back(catalog: Catalog) -> None:
    """Whatever its records hold, equal to what was written, and of equal digest."""
    assert same(back(catalog), catalog)
    assert store.encode(back(catalog))[0].digest == store.encode(catalog)[0].digest


def test_an_empty_catalog_comes_back() -> None:
    """No model is no special case here."""
    assert same(back(Catalog(models=())), Catalog(models=()))


def test_hosts_share_what_they_share() -> None:
    """Ratings and origins are stored once, in the file as in memory."""
    one, other, _ = back(whole()).models
    assert one.ratings[0] is other.ratings[0]
    hosts = back(
        Catalog(models=tuple(model(n, ratings=one.ratings) for n in ("a", "b")))
    )
    assert hosts.models[0].ratings is hosts.models[1].ratings


def test_models_that_were_read_are_like_any_other() -> None:
    """They are frozen, hash, compare, print and look up like built ones."""
    catalog = back(whole())
    read = catalog.models[1]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        read.kind = "chat"  # type: ignore[misc]
    assert catalog.get("openai:gpt-5-mini") is read
    assert repr(read) == repr(whole().models[1])
    assert attrs.evolve(read, kind="chat").kind == "chat"


def test_the_collector_is_left_as_it_was() -> None:
    """Paused while reading, and on again even when reading fails."""
    assert gc.isenabled()
    back(whole())
    with pytest.raises(CodecError):
        store.decode(b"{", {}, origin="cache")
    assert gc.isenabled()
    gc.disable()
    try:
        back(whole())
        assert not gc.isenabled()
    finally:
        gc.enable()


# ---------------------------------------------------------------- digests


def test_the_digest_is_of_what_was_chosen_from() -> None:
    """Who was asked, when, and what was refused does not change it."""
    catalog = whole()
    digest = store.encode(catalog)[0].digest
    other = attrs.evolve(
        catalog, sources=(), refused=(), unmatched=(), checked_at="", digest="x"
    )
    assert store.encode(other)[0].digest == digest
    changed = attrs.evolve(catalog, models=catalog.models[:2])
    assert store.encode(changed)[0].digest != digest


def test_anybody_can_check_the_digest() -> None:
    """It is the SHA-256 of the first line."""
    catalog, data = store.encode(whole())
    assert hashlib.sha256(data.split(b"\n")[0]).hexdigest() == catalog.digest


FUSE = """
    import sys
    from llmhub_core.catalog import store
    from llmhub_core.catalog.fusion import fuse
    from llmhub_core.catalog.identity import load_tables
    from llmhub_core.catalog.precedence import load_precedence
    from llmhub_core.records.catalog import Catalog
    from llmhub_core.records.model import Facts
    from llmhub_core.records.observation import BaseModel, Harvest, RatedModel
    from llmhub_core.records.observation import ServedModel

    names = ("gpt-5", "gpt-5-mini", "claude-opus-4-5", "gpt-5-2025-08-07")
    served = tuple(
        ServedModel(
            provider=provider,
            model_id=name,
            record=f"{provider}/{name}",
            facts=Facts(kind="chat", supports_reasoning=True, release_date="2026-05"),
        )
        for provider in ("openai", "openrouter", "azure", "google")
        for name in names
    )
    bases = tuple(
        BaseModel(lab="openai", model_id=n, record=n, facts=Facts(open_weights=False))
        for n in names
    )
    ratings = tuple(
        RatedModel(name=name, board=board, category=category, score=1400.0)
        for name in (*names, "gpt-5-high", "nobody")
        for board in ("text", "vision")
        for category in ("overall", "math", "hard_prompts")
    )
    turn = (lambda t: t) if sys.argv[1] == "0" else (lambda t: t[::-1])
    harvests = {
        "models-dev": Harvest(served=turn(served), bases=turn(bases)),
        "arena": Harvest(ratings=turn(ratings)),
    }
    harvests = dict(turn(tuple(harvests.items())))
    fused = fuse(harvests, tables=load_tables(), precedence=load_precedence())
    catalog = Catalog(
        models=fused.models, refused=fused.refused, unmatched=fused.unmatched
    )
    sys.stdout.buffer.write(store.encode(catalog)[1])
"""


def test_the_same_words_make_the_same_bytes() -> None:
    """Under any hash seed, time zone, locale and order of records."""
    made = set()
    for seed, zone, language in (("0", "UTC", "C"), ("1", "Asia/Tokyo", "tr_TR.UTF-8")):
        environ = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LC_ALL": language,
        }
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(FUSE), seed],
            env=environ,
            check=True,
            capture_output=True,
        )
        made.add(done.stdout)
    assert len(made) == 1
    assert b"gpt-5-mini" in made.pop()


# ---------------------------------------------------------------- what does not fit


def _columns(change: Callable[[dict[str, Any]], Any]) -> bytes:
    """An encoded catalog of which the first line was changed."""
    content, about = store.encode(whole())[1].split(b"\n")
    data = json.loads(content)
    change(data)
    return json.dumps(data).encode() + b"\n" + about


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no models": lambda data: data.pop("models"),
    "no ratings": lambda data: data.pop("ratings"),
    "a column less": lambda data: data["models"].pop("kind"),
    "a column more": lambda data: data["models"].update(colour=[1, 2, 3]),
    "a value less": lambda data: data["models"]["kind"].pop(),
    "no such origin": lambda data: data["models"]["provenance"].__setitem__(0, 99),
    "no such rating": lambda data: data["models"]["ratings"].__setitem__(0, [99]),
    "ratings no list": lambda data: data["models"]["ratings"].__setitem__(0, 3),
    "tags no list": lambda data: data["models"]["tags"].__setitem__(0, 3),
    "column no list": lambda data: data["models"].update(canonical_id=3),
    "score no number": lambda data: data["ratings"][0].update(score="high"),
    "origins no map": lambda data: data["provenances"].__setitem__(0, 3),
    "models no map": lambda data: data.update(models=[]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_another_version_wrote_is_an_error(name: str) -> None:
    """One kind of error for whatever does not fit, so that it can be dropped."""
    data = _columns(CHANGES[name])
    with pytest.raises(CodecError):
        store.decode(data, {"digest": "", "checked_at": ""}, origin="cache")


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"[]\n[]", b"{}\n{}", b"null\nnull", b"3\n3", b"\xff\n{}"]
)
def test_what_is_no_catalog_is_an_error(data: bytes) -> None:
    """Not a crash."""
    with pytest.raises(CodecError):
        store.decode(data, {"digest": "", "checked_at": ""}, origin="cache")


def test_a_head_without_digest_is_an_error() -> None:
    """A catalog that can't be named can't be locked to."""
    _, data = store.encode(whole())
    with pytest.raises(CodecError):
        store.decode(data, {"checked_at": ""}, origin="cache")


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.sampled_from(["models", "ratings", "origins", "provenances"]),
        st.none() | st.integers() | st.lists(st.integers(), max_size=2),
    )
)
def test_no_json_crashes_the_reader(content: dict[str, Any]) -> None:
    """Only CodecError comes out."""
    data = json.dumps(content).encode() + b"\n{}"
    with pytest.raises(CodecError):
        store.decode(data, {"digest": "", "checked_at": ""}, origin="cache")


# ---------------------------------------------------------------- keeping


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """A cache with the catalog in it."""
    cache = Cache(tmp_path)
    catalog, data = store.encode(whole())
    assert store.save(cache, catalog, data, fingerprint="these sources")
    return cache


def test_a_kept_catalog_is_loaded(cache: Cache) -> None:
    """With its digest and the time of the last look at the sources."""
    got = store.load(cache)
    assert got is not None
    assert same(got, whole())
    assert (got.origin, got.checked_at) == ("cache", WHEN)
    assert got.digest == store.encode(whole())[0].digest


def test_a_catalog_of_other_sources_does_not_count(cache: Cache) -> None:
    """Unless nobody asks which sources made it."""
    assert store.load(cache, fingerprint="these sources") is not None
    assert store.load(cache, fingerprint="other sources") is None


def test_without_a_catalog_there_is_none(tmp_path: Path) -> None:
    """No file, no catalog, no complaint."""
    with capture_logs() as logs:
        assert store.load(Cache(tmp_path)) is None
    assert logs == []


def test_a_damaged_catalog_does_not_count(cache: Cache) -> None:
    """It is said, and the next refresh writes a new one."""
    path = cache.path("catalog.json")
    path.write_bytes(path.read_bytes()[:-1])
    with capture_logs() as logs:
        assert store.load(cache) is None
    assert [entry["event"] for entry in logs] == ["cache.discarded"]


def test_a_catalog_of_another_version_does_not_count(cache: Cache) -> None:
    """Whole, sealed, and not understood: dropped with the reason."""
    head = {"digest": "", "checked_at": "", "fingerprint": ""}
    cache.write("catalog.json", head=head, body=b"{}\n{}")
    with capture_logs() as logs:
        assert store.load(cache) is None
    assert [entry["event"] for entry in logs] == ["cache.discarded"]
    assert "not a catalog of this version" in logs[0]["reason"]


def test_an_older_format_does_not_count(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later version of this tool starts anew."""
    monkeypatch.setattr(cache_module, "FORMAT", cache_module.FORMAT + 1)
    assert store.load(cache) is None


# ---------------------------------------------------------------- the snapshot


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the embedded catalog is looked for, with nothing in it."""
    monkeypatch.setattr(store, "files", lambda _: tmp_path)
    (tmp_path / "snapshot").mkdir()
    return tmp_path / "snapshot" / "catalog.json.gz"


def test_the_embedded_catalog_is_whole() -> None:
    """It loads, is sorted, its digest is right, and its sources say what it is."""
    catalog = store.load_snapshot()
    assert catalog is not None
    assert catalog.origin == "snapshot"
    ids = [model.canonical_id for model in catalog]
    assert ids == sorted(set(ids))
    assert len(ids) > 1_000
    assert {status.state for status in catalog.sources} == {"snapshot"}
    path = files("llmhub_core.catalog").joinpath("snapshot", "catalog.json.gz")
    head, content, _ = gzip.decompress(path.read_bytes()).split(b"\n")
    assert hashlib.sha256(content).hexdigest() == loads(head)["digest"]


def test_a_snapshot_is_read(snapshot: Path) -> None:
    """A head line, then what a catalog is kept as, compressed."""
    catalog, data = store.encode(whole())
    head = json.dumps({"digest": catalog.digest, "checked_at": WHEN}).encode()
    snapshot.write_bytes(gzip.compress(head + b"\n" + data))
    got = store.load_snapshot()
    assert got is not None
    assert same(got, whole())


def test_without_a_snapshot_there_is_none(snapshot: Path) -> None:
    """A distributor may leave it out."""
    assert store.load_snapshot() is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no gzip",
        gzip.compress(b"{}\n{}\n{}"),
        gzip.compress(b"no json"),
        gzip.compress(b"x" * 1_000)[:-9],
        gzip.compress(b"x" * 1_000)[:20] + b"\x00" * 9,
    ],
    ids=["empty", "no gzip", "three lines", "no JSON", "cut", "damaged"],
)
def test_a_broken_snapshot_is_said_and_done_without(
    snapshot: Path, data: bytes
) -> None:
    """The sources may still answer."""
    snapshot.write_bytes(data)
    with capture_logs() as logs:
        assert store.load_snapshot() is None
    assert [entry["event"] for entry in logs] == ["cache.discarded"]
