"""What importing the runtime brings along, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import llmhub_runtime

HEAVY = {
    "aiohttp",
    "any_llm",
    "asyncio",
    "llmhub_core",
    "openai",
    "pydantic",
    "stevedore",
    "strictyaml",
    "structlog",
    "yaml",
}


def modules_after(code: str) -> set[str]:
    """Run code in an isolated interpreter; return the root modules it has then."""
    program = (
        f"import sys\nbefore = set(sys.modules)\n{code}\n"
        "brought = {m.partition('.')[0] for m in set(sys.modules) - before}\n"
        "import json\nprint(json.dumps(sorted(brought)))"
    )
    command = [sys.executable, "-I", "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(json.loads(done.stdout))


def test_import_brings_nothing_heavy() -> None:
    """Of third parties only attrs; asyncio and YAML wait for their use."""
    brought = modules_after("import llmhub_runtime")
    assert not brought & HEAVY
    outside = brought - set(sys.stdlib_module_names)
    assert {one for one in outside if not one.startswith("_")} == {
        "attr",
        "attrs",
        "llmhub_runtime",
    }


def test_hub_waits_with_any_llm_until_the_first_call() -> None:
    """Making a hub from a config reads YAML and no more."""
    brought = modules_after(
        "from llmhub_runtime import LLMHub, parse_config\n"
        "LLMHub(config_obj=parse_config('project: p\\nenv: e'))"
    )
    assert "yaml" in brought
    assert not brought & (HEAVY - {"yaml"})


def test_package_is_typed_and_has_one_version() -> None:
    """The marker of PEP 561 is there, and the version is the distribution's."""
    from importlib.metadata import version

    assert Path(llmhub_runtime.__file__).with_name("py.typed").exists()
    assert llmhub_runtime.__version__ == version("llmhub-core-runtime")


def test_public_names_are_sorted_and_there() -> None:
    """``__all__`` is what the package offers."""
    assert llmhub_runtime.__all__ == sorted(llmhub_runtime.__all__)
    assert all(hasattr(llmhub_runtime, name) for name in llmhub_runtime.__all__)
