"""The built-in exporters run the kit that everybody's plugins run."""

from __future__ import annotations

import pytest

from llmhub_core.contracts import Exporter
from llmhub_core.exporters.json import JSONExporter
from llmhub_core.exporters.litellm import LiteLLMExporter
from llmhub_core.exporters.llmhub import LLMHubExporter
from llmhub_core.exporters.openai_env import OpenAIEnvExporter
from llmhub_core.testing import ExporterContract


class TestLLMHub(ExporterContract):
    """The exporter ``llmhub``."""

    @pytest.fixture
    def exporter(self) -> Exporter:
        """Return it."""
        return LLMHubExporter()


class TestLiteLLM(ExporterContract):
    """The exporter ``litellm``."""

    @pytest.fixture
    def exporter(self) -> Exporter:
        """Return it."""
        return LiteLLMExporter()


class TestOpenAIEnv(ExporterContract):
    """The exporter ``openai-env``."""

    @pytest.fixture
    def exporter(self) -> Exporter:
        """Return it."""
        return OpenAIEnvExporter()


class TestJSON(ExporterContract):
    """The exporter ``json``."""

    @pytest.fixture
    def exporter(self) -> Exporter:
        """Return it."""
        return JSONExporter()

    @pytest.fixture
    def writes_head(self) -> bool:
        """JSON has no comments."""
        return False
