"""The built-in sources run the kit that everybody's plugins run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from llmhub_core.contracts import CatalogSource
from llmhub_core.testing import CatalogSourceContract
from llmhub_sources.any_llm import AnyLLMSource
from llmhub_sources.arena import ArenaSource
from llmhub_sources.models_dev import ModelsDevSource

DATA = Path(__file__).parents[1] / "data"

ROW = {
    "model_name": "gpt-x",
    "organization": "acme",
    "rating": 1400.0,
    "rating_lower": 1395.0,
    "rating_upper": 1405.0,
    "vote_count": 1234.0,
    "category": "overall",
    "leaderboard_publish_date": "2026-10-05",
}


class TestModelsDev(CatalogSourceContract):
    """The source ``models-dev``."""

    @pytest.fixture
    def source(self) -> CatalogSource:
        """Return it."""
        return ModelsDevSource()

    @pytest.fixture
    def answers(self) -> Mapping[str, Any]:
        """Real rows."""
        return {
            f"https://models.dev/{name}": (DATA / "models_dev" / name).read_bytes()
            for name in ("api.json", "models.json")
        }


class TestArena(CatalogSourceContract):
    """The source ``arena``."""

    @pytest.fixture
    def source(self) -> CatalogSource:
        """Return it."""
        return ArenaSource()

    @pytest.fixture
    def answers(self) -> Mapping[str, Any]:
        """One page of the live dataset."""
        query = {
            "config": "text_style_control",
            "dataset": "lmarena-ai/leaderboard-dataset",
            "length": "100",
            "offset": "0",
            "split": "latest",
        }
        rows = [{"row_idx": 0, "row": ROW, "truncated_cells": []}]
        address = "https://datasets-server.huggingface.co/rows?" + urlencode(query)
        return {address: {"rows": rows, "num_rows_total": 1, "partial": False}}


class TestAnyLLM(CatalogSourceContract):
    """The source ``any-llm``."""

    @pytest.fixture
    def source(self) -> CatalogSource:
        """Return it."""
        return AnyLLMSource()

    @pytest.fixture
    def environ(self) -> Mapping[str, str]:
        """A key: who has none is not asked."""
        return {"OPENAI_API_KEY": "sk-none"}

    @pytest.fixture
    def answers(self) -> Mapping[str, Any]:
        """What the provider lists."""
        return {"openai": ["gpt-5", "gpt-5-mini"]}
