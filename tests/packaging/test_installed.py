"""Which copy of the packages the tests import."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

import pytest

import llmhub_core
import llmhub_runtime
import llmhub_selectors
import llmhub_sources

# Read at import: the fixtures hide the variables of the project from the tests.
EXPECTED = "LLMHUB_EXPECT_INSTALLED" in os.environ
PACKAGES = (llmhub_core, llmhub_runtime, llmhub_selectors, llmhub_sources)


@pytest.mark.skipif(not EXPECTED, reason="only `nox -s tests` installs the wheels")
@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_the_installed_packages_are_tested(package: ModuleType) -> None:
    """Under nox the tests run on the wheels, not on the checkout beside them."""
    assert "site-packages" in Path(str(package.__file__)).parts
