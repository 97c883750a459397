"""Refreshes and what they take down: only real changes, whatever fails."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from llmhub_core.cache import Cache
from llmhub_core.catalog import freshness, history, store
from llmhub_core.catalog.build import refresh
from llmhub_core.catalog.provision import provide
from llmhub_core.catalog.retirement import open_register
from llmhub_core.records.catalog import Catalog
from llmhub_core.settings import Settings, load_settings
from llmhub_core.testing.upstream import Upstream
from tests.core.catalog.conftest import Load

MANY = {f"gpt-5-{number}": 1_000 + number for number in range(20)}


def told(settings: Settings) -> list[tuple[str, str]]:
    """Model and what changed, newest first."""
    return [
        (change.canonical_id, change.field or change.kind)
        for change in history.changes(Cache(settings.cache_dir))
    ]


def ids(catalog: Catalog) -> list[str]:
    """The models' ids."""
    return [model.canonical_id for model in catalog]


# ---------------------------------------------------------------- what is recorded


def test_a_refresh_takes_down_what_changed(load: Load, upstream: Upstream) -> None:
    """Not the first one: what it brings was there before."""
    settings = load()
    refresh(settings)
    assert told(settings) == []
    upstream.serve("/listing", {"gpt-5": 1_000, "gpt-6": 2_000})
    upstream.serve("/board", {"gpt-5": 1500.0})
    refresh(settings)
    assert sorted(told(settings)) == [
        ("openai:gpt-5", "arena_score"),
        ("openai:gpt-5", "context_tokens"),
        ("openai:gpt-5-mini", "removed"),
        ("openai:gpt-6", "added"),
    ]
    stone = history.tombstone(Cache(settings.cache_dir), "openai:gpt-5-mini")
    assert stone is not None
    assert stone.listed_by == ("paper-listing",)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"{}"])
@pytest.mark.parametrize("source", ["listing", "board"])
def test_a_source_that_fails_changes_nothing(
    load: Load, upstream: Upstream, source: str, body: bytes
) -> None:
    """Nor when it is back."""
    settings = load()
    refresh(settings)
    good = {
        "listing": {"gpt-5": 400_000, "gpt-5-mini": 128_000},
        "board": {"gpt-5": 1430.0},
    }
    upstream.serve(f"/{source}", body, status=500 if not body else 200)
    refresh(settings)
    upstream.serve(f"/{source}", good[source])
    refresh(settings)
    assert told(settings) == []


def test_a_source_that_is_not_asked_changes_nothing(load: Load) -> None:
    """The user took the board away, and put it back."""
    refresh(load())
    refresh(load(SOURCES="paper-listing"))
    refresh(load())
    assert told(load()) == []


def test_another_address_changes_nothing(load: Load, upstream: Upstream) -> None:
    """A mirror with other models is another world, until it changes itself."""
    refresh(load())
    upstream.serve("/mirror", {"gpt-9": 1})
    mirror = {"PAPER_LISTING_URL": upstream.url("/mirror")}
    refresh(load(**mirror))
    assert told(load()) == []
    upstream.serve("/mirror", {"gpt-9": 2})
    refresh(load(**mirror))
    assert told(load()) == [("openai:gpt-9", "context_tokens")]


def test_the_embedded_catalog_is_no_history(load: Load, upstream: Upstream) -> None:
    """It is of another day and place: what it has more is not gone."""
    for path in ("/listing", "/board"):
        upstream.serve(path, b"", status=500)
    settings = load()
    assert refresh(settings).catalog.origin == "snapshot"
    assert history.checked_at(Cache(settings.cache_dir)) is None
    upstream.serve("/listing", {"gpt-5": 1})
    assert refresh(settings).replaced
    assert told(settings) == []


def test_a_refresh_that_replaces_nothing_takes_nothing_down(
    load: Load, upstream: Upstream
) -> None:
    """The history is that of the kept catalog."""
    settings = load()
    first = refresh(settings)
    for path in ("/listing", "/board"):
        upstream.serve(path, b"", status=500)
    refresh(settings)
    assert history.checked_at(Cache(settings.cache_dir)) == first.catalog.checked_at


def test_a_damaged_history_is_no_reason_to_fail(load: Load) -> None:
    """It begins anew, and the catalog is made."""
    settings = load()
    refresh(settings)
    path = Cache(settings.cache_dir).path("history.json")
    path.write_bytes(b"junk")
    assert refresh(settings).replaced
    assert history.checked_at(Cache(settings.cache_dir)) is not None


def test_a_model_that_is_gone_is_never_chosen_from(
    load: Load, upstream: Upstream
) -> None:
    """It has left the catalog; the register knows of it."""
    settings = load()
    refresh(settings)
    upstream.serve("/listing", {"gpt-5": 400_000})
    refresh(settings)
    assert ids(provide(settings).catalog) == ["openai:gpt-5"]
    register = open_register(Cache(settings.cache_dir))
    assert register is not None
    found = register.retirement("openai:gpt-5-mini")
    assert found is not None
    assert found.reason == "gone"


# ---------------------------------------------------------------- sources that shrink


def test_a_source_that_halves_is_not_believed(load: Load, upstream: Upstream) -> None:
    """Its older answer stands in, again and again, and it is said why."""
    upstream.serve("/listing", MANY)
    settings = load()
    first = refresh(settings)
    upstream.serve("/listing", dict(list(MANY.items())[:9]))
    for _ in range(2):
        got = refresh(settings)
        assert got.replaced
        assert ids(got.catalog) == ids(first.catalog)
        (status,) = [s for s in got.sources if s.name == "paper-listing"]
        assert (status.state, status.served) == ("stale", 20)
        assert got.warning is not None
        assert got.warning.startswith(
            "paper-listing: gives 9 where it gave 20 models; if that is right, run "
            "`llmhub catalog refresh --accept-shrink`; its answer of "
        )
    assert told(settings) == []


def test_who_accepts_it_has_it(load: Load, upstream: Upstream) -> None:
    """And from then on it is the measure."""
    upstream.serve("/listing", MANY)
    settings = load()
    refresh(settings)
    upstream.serve("/listing", dict(list(MANY.items())[:9]))
    assert len(refresh(settings, accept_shrink=True).catalog) == 9
    assert [what for _, what in told(settings)] == ["removed"] * 11
    got = refresh(settings)
    assert (len(got.catalog), got.warning) == (9, None)


@pytest.mark.parametrize("count", [10, 15, 40])
def test_half_is_believed(load: Load, upstream: Upstream, count: int) -> None:
    """Vendors prune."""
    upstream.serve("/listing", MANY)
    refresh(load())
    upstream.serve("/listing", {f"gpt-5-{n}": 1 for n in range(count)})
    assert len(refresh(load()).catalog) == count


def test_a_small_source_may_shrink(load: Load, upstream: Upstream) -> None:
    """Of nine models eight may go on any day."""
    upstream.serve("/listing", dict(list(MANY.items())[:9]))
    refresh(load())
    upstream.serve("/listing", {"gpt-5-0": 1})
    assert len(refresh(load()).catalog) == 1


def test_a_board_that_halves_is_not_believed(load: Load, upstream: Upstream) -> None:
    """Ratings count like models."""
    upstream.serve("/listing", MANY)
    upstream.serve("/board", dict.fromkeys(MANY, 1400.0))
    refresh(load())
    upstream.serve("/board", {"gpt-5-0": 1400.0})
    got = refresh(load())
    assert got.warning is not None
    assert got.warning.startswith("paper-board: gives 1 where it gave 20 ratings")
    (status,) = [s for s in got.sources if s.name == "paper-board"]
    assert (status.state, status.rated) == ("stale", 20)


def test_a_mirror_is_not_measured_by_another(load: Load, upstream: Upstream) -> None:
    """The user named another address: what is there counts."""
    upstream.serve("/listing", MANY)
    refresh(load())
    upstream.serve("/mirror", {"gpt-9": 1})
    got = refresh(load(PAPER_LISTING_URL=upstream.url("/mirror")))
    assert ids(got.catalog) == ["openai:gpt-9"]


def test_without_an_older_answer_the_catalog_stays(
    load: Load, upstream: Upstream
) -> None:
    """There is nothing to stand in; what is kept knows more."""
    upstream.serve("/listing", MANY)
    settings = load()
    first = refresh(settings)
    for path in Cache(settings.cache_dir).path("payloads", "paper-listing").iterdir():
        path.unlink()
    upstream.serve("/listing", {"gpt-5-0": 1})
    got = refresh(settings)
    assert not got.replaced
    assert ids(got.catalog) == ids(first.catalog)
    assert got.warning is not None
    assert "gives 1 where it gave 20 models; if that" in got.warning


def test_offline_what_is_kept_is_believed(load: Load, upstream: Upstream) -> None:
    """There is nothing else."""
    upstream.serve("/listing", MANY)
    refresh(load())
    upstream.serve("/listing", {"gpt-5-0": 1})
    refresh(load(), accept_shrink=True)
    Cache(load().cache_dir).path("history.json").unlink()
    got = refresh(load(OFFLINE="1"))
    assert ids(got.catalog) == ["openai:gpt-5-0"]


def test_a_kept_catalog_of_another_version_is_no_measure(
    load: Load, upstream: Upstream
) -> None:
    """What can't be read counts for nothing."""
    upstream.serve("/listing", MANY)
    settings = load()
    refresh(settings)
    cache = Cache(settings.cache_dir)
    entry = cache.read("catalog.json")
    assert entry is not None
    for body in (b"{}\n[]", b"{}\nnot json", b'{}\n{"sources": [{"odd": 1}]}'):
        cache.write("catalog.json", head=entry.head, body=body)
        assert store.load_sources(cache) == {}
    assert store.load_sources(cache, fingerprint="other") == {}


# ---------------------------------------------------------------- ids alone

PROBING = """
    import json

    from llmhub_core.records.model import Facts
    from llmhub_core.records.observation import Harvest, Probe, ServedModel


    class Asker:
        def __init__(self, options=None):
            pass

        async def fetch(self, context):
            ids = tuple(context.environ["ASKER_IDS"].split(","))
            return Harvest(
                served=tuple(
                    ServedModel(
                        provider="openai",
                        model_id=name,
                        record=name,
                        facts=Facts(),
                    )
                    for name in ids
                ),
                probes=(Probe(provider="openai", model_ids=ids),),
            )
"""


@pytest.fixture
def asker(papers: Path) -> None:
    """A third source, which asks a provider and knows ids alone."""
    (papers / "asking.py").write_text(textwrap.dedent(PROBING), encoding="utf-8")
    points = papers / "papers-1.0.dist-info" / "entry_points.txt"
    text = points.read_text("utf-8") + "paper-asker = asking:Asker\n"
    points.write_text(text, encoding="utf-8")


def _asking(
    load: Load, sources: str, ids: str = "gpt-5,gpt-5-nobody-knows"
) -> Settings:
    settings = load(SOURCES=sources)
    return load_settings({**settings.environ, "ASKER_IDS": ids})


@pytest.mark.usefixtures("asker")
def test_ids_alone_give_way_to_the_embedded_catalog(
    load: Load, upstream: Upstream
) -> None:
    """With what the provider lists now; nothing could be chosen from ids."""
    upstream.serve("/listing", b"", status=500)
    settings = _asking(load, "paper-listing,paper-asker")
    got = refresh(settings)
    assert not got.replaced
    assert got.catalog.origin == "snapshot"
    assert got.warning is not None
    assert "HTTP 500; using the embedded catalog of " in got.warning
    assert got.warning.endswith(", and what openai lists now")
    known = got.catalog.get("openai:gpt-5")
    assert known is not None
    assert (known.kind, known.callable) == ("chat", "yes")
    other = got.catalog.get("openai:gpt-4o")
    assert other is not None
    assert other.callable == "no"
    assert got.catalog.get("openai:gpt-5-nobody-knows") is None
    snapshot = store.load_snapshot()
    assert snapshot is not None
    assert got.catalog.digest != snapshot.digest
    assert store.load(Cache(settings.cache_dir)) is None


@pytest.mark.usefixtures("asker")
def test_ids_alone_do_where_nothing_else_was_asked_for(load: Load) -> None:
    """The user chose this one source, and it did not fail."""
    got = refresh(_asking(load, "paper-asker"))
    assert got.replaced
    assert ids(got.catalog) == ["openai:gpt-5", "openai:gpt-5-nobody-knows"]


@pytest.mark.usefixtures("asker")
def test_with_a_price_list_the_listing_is_laid_over_it(
    load: Load, upstream: Upstream
) -> None:
    """As ever; and a key that goes away takes nothing away."""
    upstream.serve("/listing", {"gpt-5": 1, "gpt-4o": 2})
    got = refresh(_asking(load, "paper-listing,paper-asker"))
    assert {m.canonical_id: m.callable for m in got.catalog} == {
        "openai:gpt-4o": "no",
        "openai:gpt-5": "yes",
        "openai:gpt-5-nobody-knows": "yes",
    }


@pytest.mark.usefixtures("asker")
def test_another_key_may_see_less(load: Load, upstream: Upstream) -> None:
    """What a provider lists depends on the key; it is believed."""
    upstream.serve("/listing", MANY)
    both = "paper-listing,paper-asker"
    refresh(_asking(load, both, ",".join(MANY)))
    got = refresh(_asking(load, both, "gpt-5-0"))
    assert got.warning is None
    assert [m.canonical_id for m in got.catalog if m.callable == "yes"] == [
        "openai:gpt-5-0"
    ]


def test_the_clock_is_the_catalogs(
    load: Load, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change is dated by the refresh that found it."""
    settings = load()
    refresh(settings)
    upstream.serve("/listing", {"gpt-5": 400_000})
    monkeypatch.setattr("llmhub_core.catalog.build.now", lambda: "2027-01-02T03:04:05Z")
    refresh(settings)
    (change,) = history.changes(Cache(settings.cache_dir))
    assert change.found_at == "2027-01-02T03:04:05Z"
    assert freshness.now() != change.found_at
