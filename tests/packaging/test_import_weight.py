"""What comes along when a package is imported: start-up time is made of imports."""

from __future__ import annotations

import os
import subprocess
import sys

CODE = """
import sys
before = set(sys.modules)
{statement}
roots = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(*sorted(roots - sys.stdlib_module_names))
"""


def _imported_by(statement: str) -> set[str]:
    """Return the root modules outside the standard library that a statement loads."""
    # Without the variables by which coverage follows a process: it would be counted.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-I", "-c", CODE.format(statement=statement)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_the_runtime_brings_its_own_libraries_only() -> None:
    """An application pays for attrs, cattrs and YAML; any-llm waits for a call."""
    roots = _imported_by("import llmhub_runtime")
    allowed = {"_yaml", "attr", "attrs", "cattr", "cattrs", "typing_extensions", "yaml"}
    assert "llmhub_runtime" in roots
    assert roots - allowed == {"llmhub_runtime"}


def test_the_core_brings_no_heavy_library() -> None:
    """Importing the core's name costs nothing until one of its parts is used."""
    roots = _imported_by("import llmhub_core")
    assert "llmhub_core" in roots
    heavy = {"aiohttp", "any_llm", "cattrs", "click", "filelock", "platformdirs"}
    heavy |= {"pytest", "rich", "stevedore", "strictyaml", "structlog", "yaml"}
    assert not roots & heavy


def test_help_brings_click_alone() -> None:
    """`llmhub --help` answers from names and one-line texts, without the machinery."""
    roots = _imported_by(
        "from contextlib import suppress\n"
        "from llmhub_core.commands import main\n"
        "sys.argv = ['llmhub', '--help']\n"
        "with suppress(SystemExit): main()"
    )
    assert "click" in roots
    heavy = {"aiohttp", "any_llm", "cattrs", "filelock", "llmhub_runtime", "rich"}
    assert not roots & (heavy | {"stevedore", "strictyaml", "structlog", "yaml"})
