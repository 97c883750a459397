"""Refreshing and providing: never an empty catalog over a good one."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from structlog.testing import capture_logs

from llmhub_core.cache import Cache
from llmhub_core.catalog import build, freshness, store
from llmhub_core.catalog.build import arefresh, refresh
from llmhub_core.catalog.freshness import age_seconds
from llmhub_core.catalog.provision import aprovide, provide
from llmhub_core.errors import (
    CatalogUnavailableError,
    PluginNotFoundError,
    PluginOptionsError,
)
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.settings import Settings
from llmhub_core.testing.upstream import Upstream
from tests.core.catalog.conftest import Load


@pytest.fixture
def no_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without an embedded catalog."""
    monkeypatch.setattr(store, "load_snapshot", lambda: None)


def kept(settings: Settings) -> Catalog | None:
    """The catalog in the cache."""
    return store.load(Cache(settings.cache_dir))


def states(sources: tuple[SourceStatus, ...]) -> dict[str, str]:
    """State by source."""
    return {status.name: status.state for status in sources}


def ids(catalog: Catalog) -> list[str]:
    """The models' ids."""
    return [model.canonical_id for model in catalog]


# ---------------------------------------------------------------- refreshing


def test_a_refresh_builds_and_keeps_a_catalog(load: Load) -> None:
    """From all sources, sorted by name, with what became of each."""
    settings = load()
    got = refresh(settings)
    assert (got.replaced, got.kept, got.warning) == (True, True, None)
    assert states(got.sources) == {"paper-board": "fresh", "paper-listing": "fresh"}
    assert [status.name for status in got.sources] == ["paper-board", "paper-listing"]
    assert ids(got.catalog) == ["openai:gpt-5", "openai:gpt-5-mini"]
    assert got.catalog.models[0].arena_score == 1430.0
    assert got.catalog.sources == got.sources
    assert got.catalog.origin == "built"
    again = kept(settings)
    assert again is not None
    assert again.models == got.catalog.models
    assert again.digest == got.catalog.digest


def test_a_second_refresh_transfers_nothing(load: Load, upstream: Upstream) -> None:
    """304 for both, and the same digest."""
    first = refresh(load())
    sent = upstream.sent_bytes
    second = refresh(load())
    assert upstream.sent_bytes == sent
    assert states(second.sources) == {
        "paper-board": "cached",
        "paper-listing": "cached",
    }
    assert second.catalog.digest == first.catalog.digest


FAILURES: dict[str, dict[str, Any]] = {
    "status": {"body": b"", "status": 500},
    "html": {"body": b"<html>", "kind": "text/html"},
    "truncated": {"body": b'{"gpt-5": 4000'},
    "empty": {"body": {}},
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("source", ["listing", "board"])
def test_one_failing_source_is_stood_in_for(
    load: Load, upstream: Upstream, source: str, failure: str
) -> None:
    """By its older answer; the new catalog has everything, and says what is old."""
    first = refresh(load())
    upstream.serve(f"/{source}", **FAILURES[failure])
    got = refresh(load())
    assert got.replaced
    assert got.catalog.digest == first.catalog.digest
    assert states(got.sources)[f"paper-{source}"] == "stale"
    assert got.warning is not None
    assert got.warning.startswith(f"paper-{source}: ")
    assert "stands in" in got.warning


@pytest.mark.parametrize("failure", FAILURES)
def test_without_an_older_answer_the_others_count(
    load: Load, upstream: Upstream, failure: str
) -> None:
    """A first run without ratings is better than none, and says what is missing."""
    upstream.serve("/board", **FAILURES[failure])
    got = refresh(load())
    assert got.replaced
    assert ids(got.catalog) == ["openai:gpt-5", "openai:gpt-5-mini"]
    assert got.catalog.models[0].arena_score is None
    assert got.warning is not None
    assert got.warning.endswith("nothing of it is in the catalog")


@pytest.mark.parametrize("failure", FAILURES)
def test_when_all_fail_the_last_good_catalog_stays(
    load: Load, upstream: Upstream, failure: str
) -> None:
    """Not replaced, not touched, and its age is told."""
    settings = load()
    first = refresh(settings)
    before = Cache(settings.cache_dir).path("catalog.json").read_bytes()
    for path in ("/listing", "/board"):
        upstream.serve(path, **FAILURES[failure])
    got = refresh(settings)
    assert (got.replaced, got.kept) == (False, False)
    assert got.catalog.models == first.catalog.models
    assert states(got.sources) == {"paper-board": "stale", "paper-listing": "stale"}
    assert got.warning is not None
    assert f"using the kept catalog of {first.catalog.checked_at}" in got.warning
    assert Cache(settings.cache_dir).path("catalog.json").read_bytes() == before


def test_a_source_that_is_lost_does_not_replace_what_has_it(
    load: Load, upstream: Upstream
) -> None:
    """Its kept answer is gone as well: the older catalog knows more."""
    settings = load()
    first = refresh(settings)
    for path in Cache(settings.cache_dir).path("payloads", "paper-board").iterdir():
        path.unlink()
    upstream.serve("/board", b"", status=500)
    upstream.serve("/listing", {"gpt-6": 1})
    got = refresh(settings)
    assert not got.replaced
    assert got.catalog.models == first.catalog.models
    assert got.warning is not None
    assert got.warning.startswith("paper-board gives nothing now (")
    after = kept(settings)
    assert after is not None
    assert after.digest == first.catalog.digest


def test_a_source_that_was_uninstalled_is_not_waited_for(load: Load) -> None:
    """What the user took away is not lost."""
    refresh(load())
    got = refresh(load(SOURCES="paper-listing"))
    assert got.replaced
    assert got.catalog.models[0].arena_score is None


def test_ratings_alone_make_no_catalog(load: Load, upstream: Upstream) -> None:
    """Nothing could be chosen from it; the embedded one answers."""
    upstream.serve("/listing", b"", status=404)
    got = refresh(load())
    assert not got.replaced
    assert got.catalog.origin == "snapshot"
    assert got.warning is not None
    assert "HTTP 404; using the embedded catalog of " in got.warning


@pytest.mark.usefixtures("no_snapshot")
def test_with_nothing_at_all_it_is_an_error(load: Load, upstream: Upstream) -> None:
    """Exit code 3, and each source's reason."""
    upstream.serve("/listing", b"", status=404)
    upstream.serve("/board", b"", status=404)
    with pytest.raises(CatalogUnavailableError) as caught:
        refresh(load())
    assert caught.value.exit_code == 3
    assert str(caught.value).startswith("no catalog: paper-board: http://127.0.0.1")
    assert str(caught.value).count("HTTP 404") == 2


@pytest.mark.usefixtures("no_snapshot")
def test_sources_that_list_nothing_are_an_error(load: Load, upstream: Upstream) -> None:
    """Nobody failed, and still there is nothing to choose from."""
    with pytest.raises(CatalogUnavailableError, match="no source lists any model"):
        refresh(load(SOURCES="paper-board"))


def test_a_broken_plugin_is_skipped_and_said(
    load: Load, papers: Path, upstream: Upstream
) -> None:
    """With its distribution and version; the rest works."""
    broken = papers / "broken-0.3.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Name: broken\nVersion: 0.3\n", encoding="utf-8")
    (broken / "entry_points.txt").write_text(
        "[llmhub.sources]\nbroken = no_such_module:Source\n", encoding="utf-8"
    )
    got = refresh(load(SOURCES="paper-listing,broken"))
    assert got.replaced
    status = got.sources[0]
    assert (status.name, status.state) == ("broken", "skipped")
    assert (status.distribution, status.version) == ("broken", "0.3")
    assert "No module named 'no_such_module'" in (status.reason or "")


def test_two_plugins_with_one_name_are_both_skipped(load: Load, papers: Path) -> None:
    """No owner is named in the status, both are in the reason."""
    for name in ("one", "two"):
        info = papers / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {name}\nVersion: 1\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(
            f"[llmhub.sources]\ntwin = papers:{name}\n", encoding="utf-8"
        )
    got = refresh(load(SOURCES="paper-listing,twin"))
    (status,) = [s for s in got.sources if s.name == "twin"]
    assert status.distribution is None
    assert "claimed by one (papers:one) and two (papers:two)" in (status.reason or "")


def test_the_users_mistakes_are_errors(load: Load) -> None:
    """A source that is not there, an option that does not fit: nothing is built."""
    with pytest.raises(PluginNotFoundError):
        refresh(load(SOURCES="paper-lisitng"))
    with pytest.raises(PluginOptionsError):
        refresh(load(), source_options={"paper-listing": {"url": 3}})


def test_options_of_the_spec_reach_the_source(load: Load, upstream: Upstream) -> None:
    """Over the environment's."""
    url = upstream.serve("/other", {"gpt-9": 5})
    got = refresh(load(), source_options={"paper-listing": {"url": url}})
    assert ids(got.catalog) == ["openai:gpt-9"]


def test_the_users_precedence_is_obeyed(
    load: Load, tmp_path: Path, upstream: Upstream, papers: Path
) -> None:
    """A table in config.toml decides who is believed."""
    (papers / "papers-1.0.dist-info" / "entry_points.txt").write_text(
        "[llmhub.sources]\npaper-listing = papers:Listing\nzz = papers:Listing\n",
        encoding="utf-8",
    )
    upstream.serve("/zz", {"gpt-5": 9})
    (tmp_path / "config").mkdir()
    config = tmp_path / "config" / "config.toml"
    variables = {"SOURCES": "paper-listing,zz", "ZZ_URL": upstream.url("/zz")}
    assert refresh(load(**variables)).catalog.models[0].context_tokens == 400_000
    config.write_text('[precedence]\ncontext_tokens = ["zz"]\n', encoding="utf-8")
    (model, _) = refresh(load(**variables)).catalog.models
    assert model.context_tokens == 9
    assert [conflict.lost for conflict in model.conflicts] == ["400000"]


def test_a_cache_that_can_not_be_written_is_said(load: Load, tmp_path: Path) -> None:
    """The catalog is there for this run, and not kept."""
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    with capture_logs() as logs:
        got = refresh(load())
    assert (got.replaced, got.kept) == (True, False)
    assert [e["event"] for e in logs if e["log_level"] == "warning"] == [
        "cache.unwritable"
    ]


def test_a_damaged_catalog_is_rebuilt(load: Load) -> None:
    """Damage is no reason to give up, and no reason to keep."""
    settings = load()
    first = refresh(settings)
    Cache(settings.cache_dir).path("catalog.json").write_bytes(b"junk")
    assert provide(settings).catalog.digest == first.catalog.digest
    assert kept(settings) is not None


def test_progress_is_told(load: Load) -> None:
    """Once per source."""
    told: list[SourceStatus] = []
    refresh(load(), progress=told.append)
    assert sorted(status.name for status in told) == ["paper-board", "paper-listing"]


def test_in_an_event_loop_the_coroutines_serve(load: Load) -> None:
    """An application's loop stays responsive while the catalog is fused."""

    async def run() -> None:
        settings = load()
        assert (await arefresh(settings)).replaced
        assert not (await aprovide(settings)).replaced
        with pytest.raises(RuntimeError, match="await arefresh"):
            refresh(settings)

    asyncio.run(run())


# ---------------------------------------------------------------- providing


def test_a_young_catalog_serves_without_asking(load: Load, upstream: Upstream) -> None:
    """Not one request, and no warning."""
    first = provide(load())
    assert first.replaced
    asked = len(upstream.asked)
    second = provide(load())
    assert (second.replaced, second.sources, second.warning) == (False, (), None)
    assert second.catalog.models == first.catalog.models
    assert second.catalog.origin == "cache"
    assert len(upstream.asked) == asked


def test_an_old_catalog_is_revalidated(load: Load, upstream: Upstream) -> None:
    """As soon as it is older than the user wants."""
    provide(load())
    upstream.serve("/listing", {"gpt-6": 1})
    assert ids(provide(load(TTL_SECONDS="0")).catalog) == ["openai:gpt-6"]


def test_an_incomplete_catalog_is_due_sooner(
    load: Load, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After ten minutes, however long a complete one would serve."""
    upstream.serve("/board", b"", status=503)
    provide(load())
    asked = len(upstream.asked)
    provide(load())
    assert len(upstream.asked) == asked
    _later(monkeypatch, 601)
    upstream.serve("/board", {"gpt-5": 1430.0})
    got = provide(load())
    assert got.catalog.models[0].arena_score == 1430.0
    _later(monkeypatch, 2 * 601)
    assert not provide(load()).replaced


def _later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let time pass, for ages only."""

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(UTC) + timedelta(seconds=seconds)

    monkeypatch.setattr(freshness, "datetime", Later)


def test_sources_that_failed_are_left_alone_for_a_while(
    load: Load, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run without network waits for it once, not every time; a refresh asks."""
    provide(load())
    for path in ("/listing", "/board"):
        upstream.serve(path, b"", status=500)
    first = provide(load(TTL_SECONDS="0"))
    asked = len(upstream.asked)
    second = provide(load(TTL_SECONDS="0"))
    assert len(upstream.asked) == asked
    assert second.catalog.models == first.catalog.models
    assert second.warning is not None
    assert "the sources did not answer a moment ago; using the kept" in second.warning
    refresh(load(TTL_SECONDS="0"))
    assert len(upstream.asked) > asked
    _later(monkeypatch, 601)
    asked = len(upstream.asked)
    provide(load(TTL_SECONDS="0"))
    assert len(upstream.asked) > asked


def test_without_network_and_cache_the_embedded_catalog_serves(
    load: Load, upstream: Upstream
) -> None:
    """The second time at once."""
    for path in ("/listing", "/board"):
        upstream.serve(path, b"", status=500)
    assert provide(load()).catalog.origin == "snapshot"
    asked = len(upstream.asked)
    assert provide(load()).catalog.origin == "snapshot"
    assert len(upstream.asked) == asked


def test_offline_the_kept_catalog_serves_at_any_age(
    load: Load, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a word: the user asked for it."""
    first = provide(load())
    _later(monkeypatch, 400 * 86_400)
    asked = len(upstream.asked)
    got = provide(load(OFFLINE="1", TTL_SECONDS="0"))
    assert got.catalog.models == first.catalog.models
    assert got.warning is None
    assert len(upstream.asked) == asked


def test_offline_another_set_of_sources_is_no_reason(load: Load) -> None:
    """What is kept is better than nothing."""
    first = provide(load())
    got = provide(load(OFFLINE="1", SOURCES="paper-listing"))
    assert got.catalog.models == first.catalog.models


def test_offline_without_a_cache_the_embedded_catalog_serves(
    load: Load, upstream: Upstream
) -> None:
    """And says that it is not the user's own."""
    got = provide(load(OFFLINE="1"))
    assert got.catalog.origin == "snapshot"
    assert got.warning is not None
    assert got.warning.startswith("offline, and no catalog is kept; using the embedded")
    assert upstream.asked == []


@pytest.mark.usefixtures("no_snapshot")
def test_offline_with_nothing_it_is_an_error(load: Load) -> None:
    """There is nothing to choose from."""
    with pytest.raises(CatalogUnavailableError, match="offline, and no catalog"):
        provide(load(OFFLINE="1"))


def test_offline_a_refresh_rebuilds_from_kept_answers(
    load: Load, upstream: Upstream
) -> None:
    """After an upgrade of this tool, for example."""
    settings = load()
    first = refresh(settings)
    Cache(settings.cache_dir).path("catalog.json").unlink()
    asked = len(upstream.asked)
    got = refresh(load(OFFLINE="1"))
    assert got.catalog.digest == first.catalog.digest
    assert len(upstream.asked) == asked


def test_offline_a_lost_catalog_is_made_anew_of_kept_answers(
    load: Load, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Better than the embedded one; as old as its answers, so due when they are."""
    first = provide(load())
    kept_at = Cache(load().cache_dir).path("catalog.json")
    kept_at.write_bytes(kept_at.read_bytes()[:-9])
    asked = len(upstream.asked)
    _later(monkeypatch, 2 * 86_400)
    got = provide(load(OFFLINE="1"))
    assert (got.catalog.digest, got.replaced) == (first.catalog.digest, True)
    assert got.catalog.checked_at == max(
        status.fetched_at or "" for status in got.sources
    )
    assert len(upstream.asked) == asked
    assert not provide(load(OFFLINE="1")).replaced
    assert provide(load()).replaced
    assert len(upstream.asked) > asked


def test_offline_half_a_catalog_is_no_better_than_the_embedded_one(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prices without ratings: the answers of one source never came."""
    first = provide(load())
    cache = Cache(load().cache_dir)
    cache.path("catalog.json").unlink()
    shutil.rmtree(cache.path("payloads", "paper-board"))
    embedded = attrs.evolve(first.catalog, origin="snapshot")
    monkeypatch.setattr(store, "load_snapshot", lambda: embedded)
    got = provide(load(OFFLINE="1"))
    assert (got.catalog, got.replaced) == (embedded, False)
    assert got.warning is not None
    assert "paper-board gives nothing now" in got.warning


def test_offline_nobody_was_asked_in_vain(load: Load, upstream: Upstream) -> None:
    """What failed for want of answers is tried as soon as there is a network."""
    provide(load())
    cache = Cache(load().cache_dir)
    cache.path("catalog.json").unlink()
    for answer in cache.path("payloads").rglob("*"):
        if answer.is_file():
            answer.unlink()
    assert provide(load(OFFLINE="1")).catalog.origin == "snapshot"
    asked = len(upstream.asked)
    assert provide(load()).replaced
    assert len(upstream.asked) > asked


# ---------------------------------------------------------------- what it rests on


@pytest.mark.parametrize(
    "variables",
    [
        {"SOURCES": "paper-listing"},
        {"PAPER_LISTING_URL": "elsewhere"},
    ],
)
def test_other_sources_and_options_are_another_catalog(
    load: Load, upstream: Upstream, variables: dict[str, str]
) -> None:
    """A mirror that was just set is asked at once, not a day later."""
    provide(load())
    upstream.serve("/elsewhere", {"gpt-6": 1})
    changed = {
        name: upstream.url(f"/{text}") if name.endswith("URL") else text
        for name, text in variables.items()
    }
    assert provide(load(**changed)).replaced
    assert not provide(load(**changed)).replaced


def test_a_newer_version_of_a_source_is_another_catalog(
    load: Load, papers: Path
) -> None:
    """Its authors had a reason."""
    provide(load())
    (papers / "papers-1.0.dist-info").rename(papers / "papers-1.1.dist-info")
    metadata = papers / "papers-1.1.dist-info" / "METADATA"
    metadata.write_text("Name: papers\nVersion: 1.1\n", encoding="utf-8")
    assert provide(load()).replaced


def test_a_changed_table_of_the_user_is_another_catalog(
    load: Load, tmp_path: Path
) -> None:
    """An alias that was just written counts at once."""
    provide(load())
    (tmp_path / "config").mkdir()
    denials = tmp_path / "config" / "denials.toml"
    denials.write_text(
        '[[denial]]\nrated = "gpt-5"\nreason = "a test"\n', encoding="utf-8"
    )
    got = provide(load())
    assert got.replaced
    assert got.catalog.models[0].arena_score is None
    assert not provide(load()).replaced


def test_options_of_the_spec_are_part_of_it(load: Load, upstream: Upstream) -> None:
    """Two specs that name two mirrors have two catalogs."""
    options = {"paper-listing": {"url": upstream.serve("/other", {"gpt-9": 5})}}
    provide(load())
    assert provide(load(), source_options=options).replaced
    assert not provide(load(), source_options=options).replaced


@pytest.mark.parametrize("when", ["", "yesterday", "2026-01-01T00:00:00"])
def test_an_age_that_nobody_knows_is_none(when: str) -> None:
    """A catalog without a time is due."""
    assert age_seconds(Catalog(models=(), checked_at=when)) is None


def test_a_clock_that_was_put_back_makes_a_catalog_due(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A catalog from the future is not trusted to be young."""
    provide(load())
    _later(monkeypatch, -3_600)
    assert provide(load()).replaced


# ---------------------------------------------------------------- processes

REFRESH = """
    import sys
    from llmhub_core.catalog.build import refresh
    from llmhub_core.settings import load_settings

    got = refresh(load_settings())
    print(got.replaced, got.kept, got.catalog.digest)
"""


DIE_AT_REPLACEMENT = """
    import os, pathlib, signal

    replace, left = pathlib.Path.replace, [int(os.environ["LEFT"])]

    def die(*arguments):
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return replace(*arguments)

    pathlib.Path.replace = die
"""

FULL_DISK = """
    import resource, signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))
"""


def _start(
    settings: Settings, papers: Path, before: str = "", **environ: str
) -> subprocess.Popen[str]:
    environ = {
        **os.environ,
        **settings.environ,
        **environ,
        "PYTHONPATH": str(papers),
    }
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(before) + textwrap.dedent(REFRESH)],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_refreshes_at_once_both_succeed(
    load: Load, upstream: Upstream, papers: Path
) -> None:
    """Two processes, one cache: both end well, with one catalog."""
    both = threading.Event()
    for path, body in (("/listing", {"gpt-5": 1}), ("/board", {"gpt-5": 1430.0})):
        upstream.serve(path, body, wait=both)
    processes = [_start(load(), papers) for _ in range(2)]
    while len(upstream.asked) < 4:
        assert all(process.poll() is None for process in processes)
    both.set()
    ended = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert len({out for out, _ in ended}) == 1
    assert ended[0][0].startswith("True True ")
    catalog = kept(load())
    assert catalog is not None
    assert catalog.digest in ended[0][0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_refresh_loses_nothing(
    load: Load, upstream: Upstream, papers: Path, number: signal.Signals
) -> None:
    """Ctrl-C or SIGKILL while one source has answered: the old catalog loads."""
    first = refresh(load())
    never = threading.Event()
    upstream.serve("/listing", {"gpt-6": 1})
    upstream.serve("/board", {"gpt-6": 1.0}, wait=never)
    asked = len(upstream.asked)
    process = _start(load(), papers)
    while len(upstream.asked) < asked + 2:
        assert process.poll() is None
    process.send_signal(number)
    process.communicate()
    never.set()
    assert process.returncode != 0
    got = provide(load(OFFLINE="1"))
    assert got.catalog.models == first.catalog.models
    assert refresh(load()).replaced


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_refresh_killed_while_it_writes_loses_nothing(
    load: Load, upstream: Upstream, papers: Path, left: int
) -> None:
    """Before its first, second or third file is in place: the old catalog loads."""
    first = refresh(load())
    upstream.serve("/listing", {"gpt-6": 1})
    upstream.serve("/board", {"gpt-6": 1.0})
    process = _start(load(), papers, DIE_AT_REPLACEMENT, LEFT=str(left))
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert provide(load(OFFLINE="1")).catalog.models == first.catalog.models
    assert ids(refresh(load()).catalog) == ["openai:gpt-6"]


def test_a_full_disk_is_survived(load: Load, upstream: Upstream, papers: Path) -> None:
    """The new catalog is used and not kept; the old one stays whole."""
    first = refresh(load())
    upstream.serve("/listing", {"gpt-6": 1})
    process = _start(load(), papers, FULL_DISK)
    out, err = process.communicate()
    assert process.returncode == 0
    assert out.startswith("True False ")
    assert "cache.unwritable" in err
    assert "File too large" in err
    after = kept(load())
    assert after is not None
    assert after.models == first.catalog.models


def test_a_worse_answer_never_replaces_a_better_one_meanwhile(
    load: Load, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While we waited for a lost source, another process has built a good catalog."""
    settings = load()
    gather = build.gather

    async def gather_then_lose(*arguments: Any, **how: Any) -> Any:
        found = await gather(*arguments, **how)
        monkeypatch.setattr(build, "gather", gather)
        await asyncio.to_thread(refresh, settings)
        lost = attrs.evolve(
            found[1],
            harvest=None,
            status=attrs.evolve(found[1].status, state="skipped"),
        )
        return (found[0], lost)

    monkeypatch.setattr(build, "gather", gather_then_lose)
    got = refresh(settings)
    assert not got.replaced
    assert got.catalog.models[0].arena_score == 1430.0
