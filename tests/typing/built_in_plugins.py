"""The built-in plugins keep the contracts: checked by mypy, never run."""

from __future__ import annotations

from llmhub_core.contracts import CatalogSource, Exporter, Selector
from llmhub_core.exporters.llmhub import LLMHubExporter
from llmhub_selectors.balanced import Balanced
from llmhub_selectors.cost_first import CostFirst
from llmhub_selectors.latency_first import LatencyFirst
from llmhub_selectors.quality_first import QualityFirst
from llmhub_sources.any_llm import AnyLLMSource
from llmhub_sources.arena import ArenaSource
from llmhub_sources.models_dev import ModelsDevSource

sources: tuple[CatalogSource, ...] = (AnyLLMSource(), ArenaSource(), ModelsDevSource())
selectors: tuple[Selector, ...] = (
    Balanced(),
    CostFirst(),
    LatencyFirst(),
    QualityFirst(),
)
exporters: tuple[Exporter, ...] = (LLMHubExporter(),)
