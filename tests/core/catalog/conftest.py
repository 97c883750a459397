"""A third party's distribution with two sources, for tests of whole refreshes."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from llmhub_core import http
from llmhub_core.settings import Settings, load_settings
from llmhub_core.testing.upstream import Upstream

Load: TypeAlias = Callable[..., Settings]

PAPERS = """
    import json

    import attrs

    from llmhub_core.errors import SourceDataError
    from llmhub_core.records.model import Facts
    from llmhub_core.records.observation import Harvest, RatedModel, ServedModel


    @attrs.frozen(kw_only=True)
    class Options:
        url: str


    class Source:
        options_class = Options

        def __init__(self, options):
            self.url = options.url

        async def fetch(self, context):
            payload = await context.get(self.url)
            try:
                rows = json.loads(payload.body)
            except ValueError:
                raise SourceDataError(payload.url, "is not JSON")
            return self.read(rows)


    class Listing(Source):
        def read(self, rows):
            return Harvest(
                served=tuple(
                    ServedModel(
                        provider="openai",
                        model_id=name,
                        record=f"openai/{name}",
                        facts=Facts(kind="chat", context_tokens=tokens),
                    )
                    for name, tokens in sorted(rows.items())
                )
            )


    class Board(Source):
        def read(self, rows):
            return Harvest(
                ratings=tuple(
                    RatedModel(
                        name=name, board="text", category="overall", score=score
                    )
                    for name, score in sorted(rows.items())
                )
            )
"""

POINTS = """
[llmhub.sources]
paper-listing = papers:Listing
paper-board = papers:Board
"""


@pytest.fixture
def papers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The distribution, installed; the folder that it is in."""
    folder = tmp_path / "site"
    info = folder / "papers-1.0.dist-info"
    info.mkdir(parents=True)
    metadata = "Metadata-Version: 2.1\nName: papers\nVersion: 1.0\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    (folder / "papers.py").write_text(textwrap.dedent(PAPERS), encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    sys.modules.pop("papers", None)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A server with two models and one rating."""
    with Upstream() as upstream:
        upstream.serve("/listing", {"gpt-5": 400_000, "gpt-5-mini": 128_000})
        upstream.serve("/board", {"gpt-5": 1430.0})
        yield upstream


@pytest.fixture
def load(
    tmp_path: Path, upstream: Upstream, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> Load:
    """Settings under which only the two sources of papers are asked, without waits."""
    monkeypatch.setattr(http, "_BACKOFF_SECONDS", 0.0)

    def load(**variables: str) -> Settings:
        environ = {
            "LLMHUB_SOURCES": "paper-listing,paper-board",
            "LLMHUB_PAPER_LISTING_URL": upstream.url("/listing"),
            "LLMHUB_PAPER_BOARD_URL": upstream.url("/board"),
            "LLMHUB_CACHE_DIR": str(tmp_path / "cache"),
            "LLMHUB_CONFIG_DIR": str(tmp_path / "config"),
            **{f"LLMHUB_{name}": text for name, text in variables.items()},
        }
        return load_settings(environ)

    return load
