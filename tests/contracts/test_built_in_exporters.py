"""The built-in exporters run the kit that everybody's plugins run."""

from __future__ import annotations

import pytest

from llmhub_core.contracts import Exporter
from llmhub_core.exporters.llmhub import LLMHubExporter
from llmhub_core.testing import ExporterContract


class TestLLMHub(ExporterContract):
    """The exporter ``llmhub``."""

    @pytest.fixture
    def exporter(self) -> Exporter:
        """Return it."""
        return LLMHubExporter()
