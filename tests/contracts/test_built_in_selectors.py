"""The built-in selectors run the kit that everybody's plugins run."""

from __future__ import annotations

import pytest

from llmhub_core.contracts import Selector
from llmhub_core.testing import SelectorContract
from llmhub_selectors.balanced import Balanced
from llmhub_selectors.cost_first import CostFirst
from llmhub_selectors.latency_first import LatencyFirst
from llmhub_selectors.llm_assisted import LLMAssisted
from llmhub_selectors.quality_first import QualityFirst


class TestBalanced(SelectorContract):
    """The selector ``balanced``."""

    @pytest.fixture
    def selector(self) -> Selector:
        """Return it."""
        return Balanced()


class TestCostFirst(SelectorContract):
    """The selector ``cost-first``."""

    @pytest.fixture
    def selector(self) -> Selector:
        """Return it."""
        return CostFirst()


class TestLatencyFirst(SelectorContract):
    """The selector ``latency-first``."""

    @pytest.fixture
    def selector(self) -> Selector:
        """Return it."""
        return LatencyFirst()


class TestLLMAssisted(SelectorContract):
    """The selector ``llm-assisted``."""

    @pytest.fixture
    def selector(self) -> Selector:
        """Return it."""
        return LLMAssisted()


class TestQualityFirst(SelectorContract):
    """The selector ``quality-first``."""

    @pytest.fixture
    def selector(self) -> Selector:
        """Return it."""
        return QualityFirst()
