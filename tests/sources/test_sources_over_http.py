"""The built-in sources as the core runs them: entry points, HTTP, cache, failures."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest

from llmhub_core.cache import Cache
from llmhub_core.catalog.gather import Gathered, gather
from llmhub_core.plugins import load_sources
from llmhub_core.records.observation import Harvest
from llmhub_core.settings import load_settings

NAMES = ["any-llm", "arena", "models-dev"]


class Upstreams(ThreadingHTTPServer):
    """models.dev, the dataset service and one provider on loopback.

    Attributes:
        data: Folder of the payloads.
        broken: Per first segment of the path, or per config of the dataset, a
            status or a body to answer with.
        statuses: Status of every answer since it was last cleared.
    """

    daemon_threads = True

    def __init__(self, data: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.data = data
        self.broken: dict[str, int | bytes] = {}
        self.statuses: list[int] = []

    @property
    def url(self) -> str:
        """Base address."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstreams

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        first, *rest = url.path.strip("/").split("/")
        config = parse_qs(url.query).get("config", [""])[0]
        broken = self.server.broken.get(first, self.server.broken.get(config))
        if isinstance(broken, int):
            self._send(b'{"error": "injected"}', broken)
        elif broken is not None:
            self._send(broken, 200)
        elif first == "rows":
            self._rows({key: value[0] for key, value in parse_qs(url.query).items()})
        elif first == "provider":
            ids = [{"id": "gpt-5.5", "object": "model", "created": 0, "owned_by": "x"}]
            self._send(json.dumps({"object": "list", "data": ids}).encode(), 200)
        else:
            self._file(self.server.data / first / "/".join(rest))

    def _rows(self, query: dict[str, str]) -> None:
        path = self.server.data / "arena" / f"{query['config']}.json"
        if not path.is_file():
            self._send(b'{"error": "The config does not exist."}', 404)
            return
        rows = json.loads(path.read_bytes())
        # Real pages hold 100 rows; shorter boards must be paged here as well.
        start, length = int(query["offset"]), int(query["length"])
        page = [
            {"row_idx": start + place, "row": row, "truncated_cells": []}
            for place, row in enumerate(rows[start : start + length])
        ]
        answer = {"features": [], "rows": page, "num_rows_total": len(rows)}
        self._send(json.dumps(answer).encode(), 200)

    def _file(self, path: Path) -> None:
        if path.is_file():
            self._send(path.read_bytes(), 200, kind="text/plain; charset=utf-8")
        else:
            self._send(b"{}", 404)

    def _send(self, body: bytes, status: int, kind: str = "application/json") -> None:
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if body.startswith(b"<"):
            kind = "text/html"
        if status == 200 and self.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        self.server.statuses.append(status)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@pytest.fixture
def upstreams(data: Path) -> Iterator[Upstreams]:
    """Serve the payloads until the test ends."""
    with Upstreams(data) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


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
