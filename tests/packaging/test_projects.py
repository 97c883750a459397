"""The two project files agree with each other and with the tools beside them."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
OURS = {"llmhub_core", "llmhub_runtime", "llmhub_selectors", "llmhub_sources"}


def _load(path: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def core() -> dict[str, Any]:
    """Return the root's project file."""
    return _load("pyproject.toml")


@pytest.fixture(scope="module")
def runtime() -> dict[str, Any]:
    """Return the runtime's project file."""
    return _load("llmhub_runtime/pyproject.toml")


def test_versions_move_in_step(core: dict[str, Any], runtime: dict[str, Any]) -> None:
    """Both distributions carry one calendar version, pinned exactly."""
    version = core["project"]["version"]
    assert runtime["project"]["version"] == version
    assert re.fullmatch(r"\d\d\.(1[0-2]|[1-9])\.\d+", version)
    assert f"llmhub-core-runtime=={version}" in core["project"]["dependencies"]


def test_both_support_the_same_pythons(
    core: dict[str, Any], runtime: dict[str, Any]
) -> None:
    """Whoever can install the one can install the other."""
    assert core["project"]["requires-python"] == runtime["project"]["requires-python"]

    def versions(project: dict[str, Any]) -> list[str]:
        return [c for c in project["project"]["classifiers"] if ":: Python ::" in c]

    assert versions(core) == versions(runtime)


def test_the_runtime_depends_on_nothing_of_the_core(runtime: dict[str, Any]) -> None:
    """The core's libraries stay out of an application's environment."""
    names = {
        re.split(r"[<>=~! \[]", requirement)[0].lower()
        for requirement in runtime["project"]["dependencies"]
    }
    heavy = {"aiohttp", "click", "llmhub-core", "rich", "stevedore", "strictyaml"}
    assert not names & (heavy | {"structlog", "platformdirs", "filelock"})


@pytest.mark.parametrize(
    ("project", "packages"),
    [
        ("pyproject.toml", ["llmhub_core", "llmhub_selectors", "llmhub_sources"]),
        ("llmhub_runtime/pyproject.toml", ["llmhub_runtime"]),
    ],
    ids=["core", "runtime"],
)
def test_every_library_that_is_imported_is_declared(
    project: str, packages: list[str]
) -> None:
    """Nothing works only because another package happened to bring a library."""
    declared = _load(project)["project"]
    extras = declared.get("optional-dependencies", {}).values()
    allowed = {
        canonicalize_name(Requirement(line).name)
        for lines in [declared["dependencies"], *extras]
        for line in lines
    }
    owners = packages_distributions()
    imported = {
        root: module.relative_to(ROOT)
        for package in packages
        for module in (ROOT / package).rglob("*.py")
        for root in _imported_roots(module)
    }
    undeclared = {
        root: str(module)
        for root, module in imported.items()
        if root not in sys.stdlib_module_names
        and root not in OURS
        and not allowed & {canonicalize_name(name) for name in owners.get(root, [])}
    }
    assert undeclared == {}


def _imported_roots(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def test_the_licence_is_the_same_text() -> None:
    """The runtime's folder has a copy, because a link would leave its wheel without."""
    copy = ROOT / "llmhub_runtime" / "LICENSE"
    assert not copy.is_symlink()
    assert copy.read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_pre_commit_runs_the_pinned_tools(core: dict[str, Any]) -> None:
    """A commit is judged by the same releases of the tools as `nox -s lint`."""
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    used = set(re.findall(r"additional_dependencies: \[(.+)\]", hooks))
    assert used >= set(core["dependency-groups"]["lint"])
