"""What is in the built distributions, and that they install."""

from __future__ import annotations

import configparser
import email
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from email.message import Message
from pathlib import Path

import pytest

pytestmark = pytest.mark.build

CORE_PACKAGES = {"llmhub_core", "llmhub_selectors", "llmhub_sources"}
RUNTIME_PACKAGES = {"llmhub_runtime"}


@pytest.fixture
def core(dist: Path) -> Path:
    """Return the wheel of llmhub-core."""
    (wheel,) = dist.glob("llmhub_core-*.whl")
    return wheel


@pytest.fixture
def runtime(dist: Path) -> Path:
    """Return the wheel of llmhub-core-runtime."""
    (wheel,) = dist.glob("llmhub_core_runtime-*.whl")
    return wheel


def _files(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def _packages(wheel: Path) -> set[str]:
    roots = {name.split("/")[0] for name in _files(wheel)}
    return {root for root in roots if not root.endswith(".dist-info")}


def _part(wheel: Path, name: str) -> str:
    (found,) = (file for file in _files(wheel) if file.endswith(f".dist-info/{name}"))
    return zipfile.ZipFile(wheel).read(found).decode()


def _metadata(wheel: Path) -> Message:
    return email.message_from_string(_part(wheel, "METADATA"))


def _output(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _say(python: Path, code: str) -> str:
    return _output(python, "-I", "-c", code)


def test_each_wheel_holds_its_own_packages(core: Path, runtime: Path) -> None:
    """The core's wheel has three packages, the runtime's one; no file is in both."""
    assert _packages(core) == CORE_PACKAGES
    assert _packages(runtime) == RUNTIME_PACKAGES
    assert not _files(core) & _files(runtime)


def test_wheels_hold_nothing_of_the_workshop(core: Path, runtime: Path) -> None:
    """No project file, test, cache or built archive slips into a wheel.

    What `plugins new` writes is a project with tests, of which the wheel has templates.
    """
    scaffold = "llmhub_core/scaffold/templates/"
    for name in _files(core) | _files(runtime):
        if name.startswith(scaffold):
            assert name.endswith(".txt")
            continue
        assert "__pycache__" not in name
        assert not name.endswith(("pyproject.toml", ".whl", ".tar.gz"))
        assert "/tests/" not in name


def test_every_module_of_the_checkout_is_in_a_wheel(core: Path, runtime: Path) -> None:
    """What git tracks as a package's file is what gets installed."""
    root = Path(__file__).parents[2]
    packages = sorted(CORE_PACKAGES | RUNTIME_PACKAGES)
    listed = _output("git", "-C", root, "ls-files", *packages).splitlines()
    # The runtime's folder is its package and its project: these are the project's.
    beside = {f"llmhub_runtime/{n}" for n in ("README.md", "LICENSE", "pyproject.toml")}
    assert set(listed) - beside - (_files(core) | _files(runtime)) == set()


@pytest.mark.parametrize(
    ("distribution", "licence"), [("core", "MIT AND CC-BY-4.0"), ("runtime", "MIT")]
)
def test_wheels_are_typed_licensed_and_private(
    distribution: str, licence: str, request: pytest.FixtureRequest
) -> None:
    """Each wheel says that it is typed, carries the licence, and can't be uploaded."""
    wheel: Path = request.getfixturevalue(distribution)
    for package in _packages(wheel):
        assert f"{package}/py.typed" in _files(wheel)
    assert "MIT License" in _part(wheel, "licenses/LICENSE")
    metadata = _metadata(wheel)
    assert metadata["License-Expression"] == licence
    assert "Private :: Do Not Upload" in metadata.get_all("Classifier", [])


def test_the_core_names_whose_data_it_holds(core: Path) -> None:
    """The notice of the embedded catalog is among the licences."""
    notice = _part(core, "licenses/llmhub_core/catalog/snapshot/NOTICE")
    assert "Arena" in notice
    assert "CC BY 4.0" in notice


def test_the_core_pins_the_runtime_exactly(core: Path, runtime: Path) -> None:
    """The core accepts the runtime that was built beside it and no other."""
    version = _metadata(runtime)["Version"]
    assert _metadata(core)["Version"] == version
    wanted = _metadata(core).get_all("Requires-Dist", [])
    assert f"llmhub-core-runtime=={version}" in wanted


def test_entry_points_name_files_of_the_wheel(core: Path) -> None:
    """Every plugin and script that the wheel announces is a module it contains."""
    entries = configparser.ConfigParser(delimiters=("=",))
    entries.read_string(_part(core, "entry_points.txt"))
    assert set(entries.sections()) >= {
        "console_scripts",
        "llmhub.exporters",
        "llmhub.selectors",
        "llmhub.sources",
    }
    for section in entries.sections():
        for target in entries[section].values():
            path = target.split(":")[0].replace(".", "/")
            assert _files(core) & {f"{path}.py", f"{path}/__init__.py"}, target


def test_source_archives_carry_the_licence(dist: Path) -> None:
    """Whoever gets the source gets its licence and its project file."""
    archives = sorted(dist.glob("*.tar.gz"))
    assert len(archives) == 2
    for archive in archives:
        with tarfile.open(archive) as opened:
            names = {name.partition("/")[2] for name in opened.getnames()}
        assert {"LICENSE", "README.md", "pyproject.toml"} <= names


def test_the_runtime_installs_and_imports_alone(
    runtime: Path, install: Callable[..., Path]
) -> None:
    """Production needs the runtime's wheel only; nothing of the core comes along."""
    python = install(runtime)
    code = (
        "import importlib.util as u, llmhub_runtime;"
        "print([n for n in ('llmhub_core', 'stevedore', 'aiohttp', 'structlog',"
        " 'strictyaml') if u.find_spec(n)])"
    )
    assert _say(python, code) == "[]"


def test_the_source_archives_install_and_run(
    dist: Path, install: Callable[..., Path]
) -> None:
    """Both source archives install together; the command and each plugin load."""
    python = install(*dist.glob("*.tar.gz"))
    shown = _output(python.with_name("llmhub"), "--version")
    version = _say(
        python, "from importlib.metadata import version; print(version('llmhub-core'))"
    )
    assert re.search(rf"\b{re.escape(version)}$", shown)
    code = (
        "from importlib.metadata import distribution;"
        "print(sum(1 for e in distribution('llmhub-core').entry_points if e.load()))"
    )
    assert int(_say(python, code)) >= 8
