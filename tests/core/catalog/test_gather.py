"""Asking sources: fresh, cached, stale or skipped, and one never spoils another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import pytest
from structlog.testing import capture_logs

from llmhub_core import http
from llmhub_core.cache import Cache
from llmhub_core.catalog import gather as gather_module
from llmhub_core.catalog.gather import Gathered, gather
from llmhub_core.contracts import SourceContext
from llmhub_core.errors import SourceDataError, SourceUnavailableError
from llmhub_core.records.catalog import Refusal, SourceStatus
from llmhub_core.records.model import Facts
from llmhub_core.records.observation import Harvest, Probe, ServedModel
from llmhub_core.records.spec import ProviderSpec
from llmhub_core.settings import Settings
from llmhub_core.testing.fakes import ScriptedSource, plugged
from llmhub_core.testing.upstream import Upstream

Script: TypeAlias = Callable[[SourceContext], Awaitable[Any]]

SECRET = "sk-s3cr3t-12345"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_BACKOFF_SECONDS", 0.0)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A server with two models on it."""
    with Upstream() as upstream:
        upstream.serve("/models", ["gpt-5", "gpt-5-mini"])
        yield upstream


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a cache of their own and a key in the environment."""
    return Settings(
        cache_dir=tmp_path / "cache",
        config_dir=tmp_path / "config",
        source_timeout_seconds=5.0,
        environ={"OPENAI_API_KEY": SECRET},
    )


def run(
    settings: Settings, *scripts: Script, names: str = "abcdef", **how: Any
) -> list[Gathered]:
    """Gather from sources that follow these scripts, named a, b, c."""
    plugins = [
        plugged(name, ScriptedSource(script))
        for name, script in zip(names, scripts, strict=False)
    ]
    cache = Cache(settings.cache_dir)
    return list(asyncio.run(gather(plugins, settings=settings, cache=cache, **how)))


def harvest(ids: Sequence[str]) -> Harvest:
    """What a source says that knows these models."""
    return Harvest(
        served=tuple(
            ServedModel(provider="openai", model_id=i, record=i, facts=Facts())
            for i in ids
        ),
        as_of="2026-11-20",
    )


def listing(url: str) -> Script:
    """A source that reads a list of ids."""

    async def script(context: SourceContext) -> Harvest:
        payload = await context.get(url)
        try:
            return harvest(json.loads(payload.body))
        except ValueError as error:
            raise SourceDataError(payload.url, "is not JSON") from error

    return script


def ids(gathered: Gathered) -> list[str]:
    """The models in a harvest."""
    assert gathered.harvest is not None
    return [served.model_id for served in gathered.harvest.served]


# ---------------------------------------------------------------- states


def test_a_first_answer_is_fresh(settings: Settings, upstream: Upstream) -> None:
    """What came, how much of it and whose plugin it was stands in the status."""
    (got,) = run(settings, listing(upstream.url("/models")))
    assert ids(got) == ["gpt-5", "gpt-5-mini"]
    status = got.status
    assert (status.name, status.state, status.reason) == ("a", "fresh", None)
    assert (status.distribution, status.version) == ("a-distribution", "1.0")
    assert (status.served, status.rated, status.refused) == (2, 0, 0)
    assert status.transferred_bytes == len(b'["gpt-5", "gpt-5-mini"]')
    assert status.as_of == "2026-11-20"
    assert status.fetched_at is not None


def test_an_unchanged_answer_is_cached(settings: Settings, upstream: Upstream) -> None:
    """The second time nothing is transferred, and the age is that of the first."""
    script = listing(upstream.url("/models"))
    (first,) = run(settings, script)
    sent = upstream.sent_bytes
    (second,) = run(settings, script)
    assert second.harvest == first.harvest
    assert second.status.state == "cached"
    assert second.status.transferred_bytes == 0
    assert second.status.fetched_at == first.status.fetched_at
    assert upstream.sent_bytes == sent
    assert len(upstream.asked) == 2


def test_a_changed_answer_replaces_the_kept_one(
    settings: Settings, upstream: Upstream
) -> None:
    """And is what counts offline afterwards."""
    script = listing(upstream.url("/models"))
    run(settings, script)
    upstream.serve("/models", ["gpt-6"])
    (second,) = run(settings, script)
    assert (ids(second), second.status.state) == (["gpt-6"], "fresh")
    (third,) = run(attrs.evolve(settings, offline=True), script)
    assert ids(third) == ["gpt-6"]


def test_offline_nobody_is_asked(settings: Settings, upstream: Upstream) -> None:
    """Kept answers serve; without one the source is skipped, and says why."""
    script = listing(upstream.url("/models"))
    offline = attrs.evolve(settings, offline=True)
    (before,) = run(offline, script)
    assert before.status.state == "skipped"
    assert before.status.reason is not None
    assert "offline, and no answer is kept" in before.status.reason
    run(settings, script)
    asked = len(upstream.asked)
    (after,) = run(offline, script)
    assert (ids(after), after.status.state) == (["gpt-5", "gpt-5-mini"], "cached")
    assert len(upstream.asked) == asked


BROKEN = {
    "status": ({"body": b"", "status": 500}, "HTTP 500"),
    "busy": ({"body": b"", "status": 503}, "HTTP 503"),
    "html": ({"body": b"<html>", "kind": "text/html"}, "answered a web page"),
    "truncated": ({"body": b'["gpt-5", "gp'}, "is not JSON"),
    "empty": ({"body": []}, "gave nothing that can be used"),
    "wrong form": ({"body": [1, 2]}, "gave nothing that can be used"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_failure_leaves_the_older_answer_standing(
    settings: Settings, upstream: Upstream, name: str
) -> None:
    """Stale with the reason, and the kept copy is not touched by the bad one."""
    answer, reason = BROKEN[name]
    script = listing(upstream.url("/models"))
    (first,) = run(settings, script)
    upstream.serve("/models", **answer)
    for _ in range(2):
        (got,) = run(settings, script)
        assert (ids(got), got.status.state) == (["gpt-5", "gpt-5-mini"], "stale")
        assert got.status.fetched_at == first.status.fetched_at
        assert got.status.reason is not None
        assert reason in got.status.reason


@pytest.mark.parametrize("name", BROKEN)
def test_a_failure_with_nothing_kept_skips_the_source(
    settings: Settings, upstream: Upstream, name: str
) -> None:
    """The others count all the same."""
    answer, reason = BROKEN[name]
    upstream.serve("/broken", **answer)
    good, bad = run(
        settings, listing(upstream.url("/models")), listing(upstream.url("/broken"))
    )
    assert good.status.state == "fresh"
    assert bad.harvest is None
    assert bad.status.state == "skipped"
    assert bad.status.fetched_at is None
    assert bad.status.reason is not None
    assert reason in bad.status.reason
    assert not Cache(settings.cache_dir).path("payloads", "b").exists()


def test_a_source_that_asks_nobody_is_fresh(settings: Settings) -> None:
    """A source without keys, or one that reckons: nothing is old about it."""

    async def script(context: SourceContext) -> Harvest:
        return Harvest()

    (got,) = run(settings, script)
    assert got.status.state == "fresh"
    assert got.harvest == Harvest()


def test_probes_without_listings_are_an_answer(settings: Settings) -> None:
    """A provider that did not answer is not the source's failure."""

    async def script(context: SourceContext) -> Harvest:
        async def probe() -> bytes:
            return b"[]"

        await context.recorded("openai", probe)
        return Harvest(probes=(Probe(provider="openai", model_ids=None),))

    (got,) = run(settings, script)
    assert got.status.state == "fresh"


# ---------------------------------------------------------------- bad plugins


async def _raises(context: SourceContext) -> Harvest:
    raise RuntimeError("first line\nsecond line")


async def _exits(context: SourceContext) -> Harvest:
    raise SystemExit(3)


async def _asserts(context: SourceContext) -> Harvest:
    raise AssertionError


async def _fails_in_a_group(context: SourceContext) -> Harvest:
    async with asyncio.TaskGroup() as group:
        group.create_task(_raises(context))
    return Harvest()


async def _times_out(context: SourceContext) -> Harvest:
    raise TimeoutError("the plugin's own")


async def _calls_itself_off(context: SourceContext) -> Harvest:
    raise asyncio.CancelledError


async def _interrupts(context: SourceContext) -> Harvest:
    raise KeyboardInterrupt("not the user's")


async def _returns_nothing(context: SourceContext) -> None:
    return None


async def _talks(context: SourceContext) -> Harvest:
    raise ValueError("x" * 5_000)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (_raises, "RuntimeError: first line second line"),
        (_exits, "SystemExit: 3"),
        (_asserts, "AssertionError"),
        (_fails_in_a_group, "RuntimeError: first line second line"),
        (_times_out, "TimeoutError: the plugin's own"),
        (_calls_itself_off, "CancelledError"),
        (_interrupts, "KeyboardInterrupt: not the user's"),
        (_returns_nothing, "returned NoneType, not a Harvest"),
        (lambda context: Harvest(), "can't be used in 'await' expression"),
        (lambda: None, "takes 0 positional arguments"),
        (_talks, f"ValueError: {'x' * 288}..."),
    ],
)
def test_whatever_a_source_does_the_others_count(
    settings: Settings, upstream: Upstream, script: Script, reason: str
) -> None:
    """Raising, exiting, returning anything: a status with one line of reason."""
    bad, good = run(settings, script, listing(upstream.url("/models")))
    assert good.status.state == "fresh"
    assert bad.status.state == "skipped"
    assert bad.status.reason is not None
    assert reason in bad.status.reason
    assert "\n" not in bad.status.reason
    assert len(bad.status.reason) <= 310


def test_a_source_of_our_own_may_call_itself_off_too(settings: Settings) -> None:
    """An SDK that cancels what it runs in is a failure, and not the user's Ctrl-C."""
    plugin = plugged("ours", ScriptedSource(_calls_itself_off))
    installed = attrs.evolve(plugin.installed, distribution="llmhub-core")
    ours = attrs.evolve(plugin, installed=installed)
    cache = Cache(settings.cache_dir)
    (got,) = asyncio.run(gather([ours], settings=settings, cache=cache))
    assert (got.status.state, got.status.reason) == ("skipped", "called itself off")


def test_a_source_that_hangs_runs_out_of_time(
    settings: Settings, upstream: Upstream
) -> None:
    """The others have long ended by then, and their answers count."""

    async def hang(context: SourceContext) -> Harvest:
        await asyncio.Event().wait()
        return Harvest()

    short = attrs.evolve(settings, source_timeout_seconds=0.1)
    bad, good = run(short, hang, listing(upstream.url("/models")))
    assert bad.status.reason == "not done within 0.1 s"
    assert good.status.state == "fresh"


def test_a_source_that_hangs_after_its_request_gets_its_older_answer(
    settings: Settings, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it fetched before it hung is not kept, what it had is."""
    run(settings, listing(upstream.url("/models")))
    upstream.serve("/models", ["gpt-6"])
    monkeypatch.setattr(gather_module, "_KEPT_SECONDS", 0.2)

    async def hang(context: SourceContext) -> Harvest:
        got = await listing(upstream.url("/models"))(context)
        if not context.offline:
            await asyncio.Event().wait()
        return got

    (got,) = run(attrs.evolve(settings, source_timeout_seconds=0.3), hang)
    assert (ids(got), got.status.state) == (["gpt-5", "gpt-5-mini"], "stale")


def test_only_kept_answers_stand_in(settings: Settings, upstream: Upstream) -> None:
    """A source that offline does without any has no older answer to give."""
    run(settings, listing(upstream.url("/models")))

    async def script(context: SourceContext) -> Harvest:
        if not context.offline:
            raise RuntimeError("online only")
        return harvest(["made up"])

    (got,) = run(settings, script)
    assert (got.status.state, got.harvest) == ("skipped", None)
    assert got.status.reason == "RuntimeError: online only"


def test_being_called_off_is_not_swallowed(settings: Settings) -> None:
    """Ctrl-C and a caller's own time limit end the run, not just a source."""

    async def hang(context: SourceContext) -> Harvest:
        await asyncio.Event().wait()
        return Harvest()

    async def outer() -> None:
        async with asyncio.timeout(0.05):
            await gather(
                [plugged("a", ScriptedSource(hang))],
                settings=settings,
                cache=Cache(settings.cache_dir),
            )

    with pytest.raises(TimeoutError):
        asyncio.run(outer())


def test_bad_records_are_refused_and_the_rest_counts(settings: Settings) -> None:
    """Refusals of the source and of the inspection stand side by side."""

    async def script(context: SourceContext) -> Harvest:
        found = harvest(["gpt-5", "bad id"])
        refused = (Refusal(record="x", reason="said the source"),)
        return attrs.evolve(found, refused=refused)

    (got,) = run(settings, script)
    assert ids(got) == ["gpt-5"]
    assert got.status.refused == 2
    assert got.harvest is not None
    assert [r.reason for r in got.harvest.refused] == [
        "said the source",
        "'bad id' can't be an id",
    ]


# ---------------------------------------------------------------- the context


def test_a_source_sees_its_surroundings(settings: Settings) -> None:
    """Environment, providers, time limit and whether it is offline."""
    seen: list[SourceContext] = []

    async def script(context: SourceContext) -> Harvest:
        seen.append(context)
        return Harvest()

    spec = {"openai": ProviderSpec(env_key="MY_KEY")}
    run(settings, script, providers=spec)
    (context,) = seen
    assert context.environ["OPENAI_API_KEY"] == SECRET
    assert context.providers == spec
    assert context.offline is False
    assert context.timeout_seconds == settings.timeout_seconds
    assert SECRET not in repr(context)


def test_parameters_make_addresses(settings: Settings, upstream: Upstream) -> None:
    """In the order of their names, behind a query that is there."""
    upstream.serve("/rows", ["gpt-5"])

    async def script(context: SourceContext) -> Harvest:
        await context.get(upstream.url("/rows"), params={"b": "x/y", "a": "1"})
        await context.get(upstream.url("/rows?z=0"), params={"a": "1"})
        return harvest(["gpt-5"])

    run(settings, script)
    assert upstream.asked == ["/rows?a=1&b=x/y", "/rows?z=0&a=1"]


def test_files_are_read_like_upstreams(settings: Settings, tmp_path: Path) -> None:
    """A mirror on disk needs no network, offline neither."""
    path = tmp_path / "models.json"
    path.write_text('["gpt-5"]', encoding="utf-8")
    for how in (settings, attrs.evolve(settings, offline=True)):
        for url in (str(path), path.as_uri()):
            (got,) = run(how, listing(url))
            assert (ids(got), got.status.state) == (["gpt-5"], "fresh")
    path.unlink()
    (got,) = run(settings, listing(str(path)))
    assert got.status.reason == f"{path}: can't be read: No such file or directory"


def test_a_part_is_kept_whole_or_not_at_all(
    settings: Settings, upstream: Upstream
) -> None:
    """A part that fails keeps nothing, and its older copies stand in for it."""
    for page in ("/one", "/two"):
        upstream.serve(page, [page[1:]])

    async def script(context: SourceContext) -> Harvest:
        pages = [upstream.url("/one"), upstream.url("/two")]
        try:
            with context.together() as part:
                found = [json.loads((await part.get(url)).body) for url in pages]
        except SourceUnavailableError:
            found = [json.loads((await context.kept(url)).body) for url in pages]
        return harvest([name for page in found for name in page])

    (first,) = run(settings, script)
    assert first.status.state == "fresh"
    upstream.serve("/one", ["new"])
    upstream.serve("/two", b"", status=500)
    for _ in range(2):
        (got,) = run(settings, script)
        assert ids(got) == ["one", "two"]
        assert got.status.state == "stale"
        assert got.status.reason == (
            "a part could not be fetched, and its kept answer stands in"
        )


def test_a_named_answer_is_found_again_at_another_address(
    settings: Settings, upstream: Upstream
) -> None:
    """What a mirror gave stands in for another mirror that fails."""
    upstream.serve("/old/models", ["gpt-5"])
    upstream.serve("/new/models", b"", status=500)
    where = ["/old/models"]

    async def script(context: SourceContext) -> Harvest:
        payload = await context.get(upstream.url(where[0]), name="models")
        return harvest(json.loads(payload.body))

    assert run(settings, script)[0].status.state == "fresh"
    where[0] = "/new/models"
    (got,) = run(settings, script)
    assert (ids(got), got.status.state) == (["gpt-5"], "stale")
    assert "/new/models" in str(got.status.reason)
    (got,) = run(attrs.evolve(settings, offline=True), script)
    assert (ids(got), got.status.state) == (["gpt-5"], "cached")


def test_a_named_answer_is_revalidated_where_it_came_from(
    settings: Settings, upstream: Upstream
) -> None:
    """Another address is asked for all of it: a validator is of one address."""
    for path in ("/old/models", "/new/models"):
        upstream.serve(path, ["gpt-5"])
    states = []
    for path in ("/old/models", "/old/models", "/new/models", "/new/models"):

        async def script(context: SourceContext, path: str = path) -> Harvest:
            payload = await context.get(upstream.url(path), name="models")
            return harvest(json.loads(payload.body))

        (got,) = run(settings, script)
        states.append(got.status.state)
    assert states == ["fresh", "cached", "fresh", "cached"]


def test_nothing_kept_stands_in_for_nothing(
    settings: Settings, upstream: Upstream
) -> None:
    """Asking for a kept copy that is not there is an error like any other."""

    async def script(context: SourceContext) -> Harvest:
        await context.kept(upstream.url("/models"))
        return Harvest()

    (got,) = run(settings, script)
    assert got.status.reason == f"{upstream.url('/models')}: not kept"
    assert not upstream.asked


# ---------------------------------------------------------------- recorded probes


def probing(probe: Callable[[], Awaitable[bytes]]) -> Script:
    """A source that runs a probe and takes its ids."""

    async def script(context: SourceContext) -> Harvest:
        payload = await context.recorded("openai", probe)
        found = harvest(json.loads(payload.body))
        return attrs.evolve(found, probes=(Probe(provider="openai", model_ids=None),))

    return script


def test_a_probe_is_kept_like_a_payload(settings: Settings) -> None:
    """Offline its answer serves, and the probe is not run."""
    runs: list[int] = []

    async def probe() -> bytes:
        runs.append(1)
        return b'["gpt-5"]'

    (first,) = run(settings, probing(probe))
    (offline,) = run(attrs.evolve(settings, offline=True), probing(probe))
    assert ids(first) == ids(offline) == ["gpt-5"]
    assert (first.status.state, offline.status.state) == ("fresh", "cached")
    assert len(runs) == 1


def test_what_a_probe_raises_is_an_upstream_without_answer(settings: Settings) -> None:
    """Whatever an SDK raises, the source sees one kind of error, without secrets."""

    async def probe() -> bytes:
        raise RuntimeError(f"401: no such key {SECRET}")

    (got,) = run(settings, probing(probe))
    assert got.status.reason == "openai: RuntimeError: 401: no such key ***"


def test_a_probe_may_say_itself_what_is_wrong(settings: Settings) -> None:
    """An error of ours passes as it is."""

    async def probe() -> bytes:
        raise SourceUnavailableError("openai", "no listing")

    (got,) = run(settings, probing(probe))
    assert got.status.reason == "openai: no listing"


def test_a_probe_that_hangs_runs_out_of_time(settings: Settings) -> None:
    """It has the time of one request."""

    async def probe() -> bytes:
        await asyncio.Event().wait()
        return b""

    (got,) = run(attrs.evolve(settings, timeout_seconds=0.05), probing(probe))
    assert got.status.reason == "openai: no answer within 0.05 s"


# ---------------------------------------------------------------- secrets


def test_a_credential_in_an_address_reaches_no_file(
    settings: Settings, upstream: Upstream
) -> None:
    """Neither the name nor the content of a kept file has it, nor any status."""
    upstream.serve("/models", ["gpt-5"])
    url = f"{upstream.url('/models')}?api_key={SECRET}"
    with capture_logs() as logs:
        (got,) = run(settings, listing(url))
        upstream.serve("/models", b"", status=500)
        (stale,) = run(settings, listing(url))
    assert (got.status.state, stale.status.state) == ("fresh", "stale")
    kept = [path for path in settings.cache_dir.rglob("*") if path.is_file()]
    assert any("payloads" in str(path) for path in kept)
    for path in kept:
        assert SECRET not in str(path)
        assert SECRET.encode() not in path.read_bytes()
    assert SECRET not in repr([got, stale, logs])


def test_two_credentials_have_two_answers(
    settings: Settings, upstream: Upstream
) -> None:
    """What one account may see is not shown to another."""
    base = upstream.serve("/models", ["gpt-5"])
    run(settings, listing(f"{base}?key={SECRET}"))
    offline = attrs.evolve(settings, offline=True)
    (other,) = run(offline, listing(f"{base}?key=another"))
    assert other.status.state == "skipped"


def test_a_key_that_a_source_repeats_is_masked(settings: Settings) -> None:
    """In the reason of a failure as in a note."""

    async def fails(context: SourceContext) -> Harvest:
        raise RuntimeError(f"refused {context.environ['OPENAI_API_KEY']}")

    async def notes(context: SourceContext) -> Harvest:
        return Harvest(notes=(f"used {context.environ['OPENAI_API_KEY']}",))

    failed, noted = run(settings, fails, notes)
    assert failed.status.reason == "RuntimeError: refused ***"
    assert noted.status.notes == ("used ***",)


# ---------------------------------------------------------------- all of them


def test_progress_is_told_of_each_source_as_it_ends(
    settings: Settings, upstream: Upstream
) -> None:
    """Once each, the quick one first, and the result keeps the order given."""
    told: list[SourceStatus] = []

    async def slow(context: SourceContext) -> Harvest:
        await asyncio.sleep(0.2)
        return Harvest()

    async def quick(context: SourceContext) -> Harvest:
        return Harvest()

    got = run(settings, slow, quick, _raises, progress=told.append)
    assert [g.status.name for g in got] == ["a", "b", "c"]
    assert {status.name for status in told} == {"a", "b", "c"}
    assert told[-1].name == "a"


def test_events_tell_what_happened(settings: Settings, upstream: Upstream) -> None:
    """Fetched, stale and failed, each with its source."""
    script = listing(upstream.url("/models"))
    with capture_logs() as logs:
        run(settings, script)
        upstream.serve("/models", b"", status=500)
        run(settings, script, _raises)
    told = [(e["event"], e.get("source")) for e in logs if "source" in e["event"]]
    assert told == [
        ("source.fetched", "a"),
        ("source.failed", "b"),
        ("source.stale", "a"),
    ]


def test_a_cache_that_can_not_be_written_is_no_failure(
    settings: Settings, upstream: Upstream
) -> None:
    """The answer counts; it is just not there the next time."""
    settings.cache_dir.write_text("in the way", encoding="utf-8")
    with capture_logs() as logs:
        (got,) = run(settings, listing(upstream.url("/models")))
    assert got.status.state == "fresh"
    assert [e["event"] for e in logs if "cache" in e["event"]] == ["cache.unwritable"]


def test_no_sources_no_harvests(settings: Settings) -> None:
    """Nothing in, nothing out."""
    assert run(settings) == []
