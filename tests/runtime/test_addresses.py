"""Every provider is sent where the config says, or the config is refused."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import any_llm.providers
import pytest

from llmhub_runtime import ConfigError
from llmhub_runtime.connecting import _ADDRESSES, _address

PROVIDERS = Path(os.fspath(any_llm.providers.__path__[0]))


def deaf() -> Iterator[str]:
    """The providers whose client any-llm builds without the address it is given."""
    for file in PROVIDERS.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef) or node.name != "_init_client":
                continue
            used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            # What subclasses have to write themselves builds nothing.
            if "api_base" not in used and "NotImplementedError" not in used:
                yield file.parent.name


def test_providers_that_are_not_told_their_address() -> None:
    """Those that any-llm leaves in the dark, and no others, are told by us."""
    assert set(deaf()) == set(_ADDRESSES)


def test_address_goes_by_the_sdks_own_name() -> None:
    """For those alone, and only when there is one."""
    assert _address("groq", "http://h") == {"base_url": "http://h"}
    assert _address("groq", None) == {}
    assert _address("openai", "http://h") == {}


@pytest.mark.parametrize("name", ["vertexai", "vertexaianthropic", "xai"])
def test_address_that_nobody_would_keep_to_is_refused(name: str) -> None:
    """A prompt must not go elsewhere than the config says."""
    with pytest.raises(ConfigError, match=f"providers.{name}.api_base: .*remove it"):
        _address(name, "http://h")
