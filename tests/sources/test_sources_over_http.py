"""The built-in sources as the core runs them: entry points, HTTP, cache, failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from llmhub_core.cache import Cache
from llmhub_core.catalog.gather import Gathered, gather
from llmhub_core.plugins import load_sources
from llmhub_core.records.observation import Harvest
from llmhub_core.settings import load_settings
from tests.upstreams import Upstreams, serving

NAMES = ["any-llm", "arena", "models-dev"]


@pytest.fixture
def upstreams() -> Iterator[Upstreams]:
    """Serve the payloads until the test ends."""
    with serving() as server:
        yield server


@pytest.fixture
def refresh(upstreams: Upstreams, tmp_path: Path) -> Callable[..., dict[str, Gathered]]:
    """Gather from the three sources with one cache."""

    def run(**more: str) -> dict[str, Gathered]:
        environ = {
            "LLMHUB_MODELS_DEV_URL": f"{upstreams.url}/models_dev",
            "LLMHUB_ARENA_DATASET_URL": upstreams.url,
            "LLMHUB_ARENA_CATALOG_URL": f"{upstreams.url}/none",
            "LLMHUB_SOURCES": ",".join(NAMES),
        }
        settings = load_settings(
            environ | more, cache_dir=tmp_path / "cache", config_dir=tmp_path / "config"
        )
        plugins, broken = load_sources(settings)
        assert not broken
        gathered = asyncio.run(
            gather(plugins, settings=settings, cache=Cache(settings.cache_dir))
        )
        return {one.status.name: one for one in gathered}

    return run


def test_all_three_bring_their_facts(
    refresh: Callable[..., dict[str, Gathered]], upstreams: Upstreams
) -> None:
    """Found by entry point, options from the environment, all fresh."""
    provider = {
        "OPENAI_API_KEY": "k-1",
        "OPENAI_BASE_URL": f"{upstreams.url}/provider/v1",
    }
    statuses = {name: one.status for name, one in refresh(**provider).items()}
    assert list(statuses) == NAMES
    assert {name: status.state for name, status in statuses.items()} == dict.fromkeys(
        NAMES, "fresh"
    )
    assert statuses["any-llm"].served == 1
    assert (statuses["arena"].rated, statuses["arena"].as_of) == (62, "2026-10-05")
    assert (statuses["models-dev"].served, statuses["models-dev"].refused) == (35, 4)


def test_a_second_refresh_transfers_nothing(
    refresh: Callable[..., dict[str, Gathered]], upstreams: Upstreams
) -> None:
    """Every document that is there is still valid, and the harvest is the same."""
    before = refresh()
    upstreams.statuses.clear()
    after = refresh()
    assert set(upstreams.statuses) <= {304, 404}
    for name in ("arena", "models-dev"):
        assert after[name].status.transferred_bytes == 0
        assert after[name].harvest == before[name].harvest


@pytest.mark.parametrize(
    "broken",
    [500, 403, b"<!doctype html><html></html>", b'{"openai": {"models": {"gpt', b"[]",
     b"{}", b"null", b"\x00" * 4096, b"[" * 200_000, b'{"rows": []}'],
)  # fmt: skip
@pytest.mark.parametrize(
    ("name", "segment"), [("models-dev", "models_dev"), ("arena", "rows")]
)
def test_a_broken_upstream_costs_its_source_alone(
    refresh: Callable[..., dict[str, Gathered]],
    upstreams: Upstreams,
    name: str,
    segment: str,
    broken: int | bytes,
) -> None:
    """The others are fresh; this one is skipped with its reason, then stale."""
    upstreams.broken = {segment: broken}
    first = refresh()
    assert first[name].status.state == "skipped"
    assert first[name].status.reason
    others = [one for other, one in first.items() if other not in {name, "any-llm"}]
    assert [one.status.state for one in others] == ["fresh"]
    upstreams.broken = {}
    good = refresh()
    upstreams.broken = {segment: broken}
    last = refresh()
    assert last[name].status.state == "stale"
    assert _said(last[name]) == _said(good[name])


def _said(one: Gathered) -> Harvest:
    """The harvest but for its remarks: they tell how it was had."""
    assert one.harvest is not None
    return attrs.evolve(one.harvest, notes=())


def test_a_broken_board_is_the_kept_one(
    refresh: Callable[..., dict[str, Gathered]], upstreams: Upstreams
) -> None:
    """The other boards are asked, this one stays what it was, again and again."""
    good = refresh()["arena"]
    upstreams.broken = {"text_style_control": 500}
    for _ in range(2):
        arena = refresh()["arena"]
        assert arena.status.state == "stale"
        note = "text: no text_style_control (HTTP 500), its kept answer taken"
        assert note in arena.status.notes
        assert _said(arena) == _said(good)


def test_a_folder_does_as_well(
    refresh: Callable[..., dict[str, Gathered]], upstreams: Upstreams, data: Path
) -> None:
    """A site without a network points both sources at files."""
    gathered = refresh(
        LLMHUB_MODELS_DEV_URL=f"{data}/models_dev",
        LLMHUB_ARENA_DATASET_URL=(data / "arena").as_uri(),
        LLMHUB_ARENA_CATALOG_URL=str(data),
    )
    assert gathered["models-dev"].status.served == 35
    assert gathered["arena"].status.rated == 62
    assert upstreams.statuses == []
