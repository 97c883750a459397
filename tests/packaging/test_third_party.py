"""Packages of strangers, installed beside our wheels, used, and taken away again.

What is under ``docs/examples`` is built and installed into one fresh environment, as
its reader would do it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.build

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
PACKAGES = ("llmhub-frugal", "llmhub-openrouter", "llmhub-tfvars")
UV = Path(sys.executable).with_name("uv")
#: Exit codes of the command line.
FOUND, WRONG = 1, 2

SPEC = """\
project: shop
selectors:
  frugal: {usd_per_month: 30, roles: 2, shares: {answer: 0.9}}
defaults:
  preferences: {providers: [openai, anthropic, mistral]}
roles:
  answer:
    kind: chat
    preferences: {quality: high}
    workload: {input_tokens: 1500, output_tokens: 300, requests_per_month: 30000}
  classify:
    kind: chat
    preferences: {quality: high}
    workload: {input_tokens: 200, output_tokens: 10, requests_per_month: 90000}
"""


class House:
    """An environment with our two wheels, and a folder to work in.

    Args:
        python: Its Python.
    """

    def __init__(self, python: Path) -> None:
        self.python = python

    def installs(self, *what: Path | str) -> None:
        """Install beside what is there."""
        _done(UV, "pip", "install", "--python", self.python, *what)

    @contextmanager
    def with_package(self, name: str, extra: str = "") -> Iterator[None]:
        """Install a package from its folder; at the end it is gone."""
        self.installs(f"{EXAMPLES / name}{extra}")
        try:
            yield
        finally:
            _done(UV, "pip", "uninstall", "--python", self.python, name)

    def run(
        self, folder: Path, *command: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in a folder."""
        program, *arguments = command
        return subprocess.run(
            [self.python.with_name(program), *arguments],
            cwd=folder,
            env=os.environ | {"NO_COLOR": "1", "COLUMNS": "160"} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def llmhub(
        self, folder: Path, *arguments: str, ends: int = 0, **environment: str
    ) -> str:
        """Run ``llmhub`` and return what it printed on both streams."""
        done = self.run(folder, "llmhub", *arguments, **environment)
        said = done.stdout + done.stderr
        assert done.returncode == ends, said
        return said

    def plugins(self, folder: Path) -> dict[str, list[str]]:
        """What ``plugins list`` says of each plugin."""
        rows = self.llmhub(folder, "plugins", "list").splitlines()
        return {cells[1]: cells for row in rows if len(cells := row.split()) > 3}


def _done(*command: Path | str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class _Mirror(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback; the address has no slash at its end."""
    handler = partial(_Mirror, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def house(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a fresh environment with both wheels."""
    python = tmp_path_factory.mktemp("house") / "environment" / "bin" / "python"
    _done(UV, "venv", "--python", sys.executable, python.parents[1])
    opened = House(python)
    (core,), (runtime,) = dist.glob("llmhub_core-*.whl"), dist.glob("*_runtime-*.whl")
    opened.installs(f"{core}[testing]", runtime)
    return opened


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a folder with a spec."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "llmhub.spec.yaml").write_text(SPEC, encoding="utf-8")
    return folder


def _chosen(folder: Path) -> dict[str, Any]:
    """The choice of every role in the lock."""
    lock = json.loads((folder / "llmhub.lock").read_text(encoding="utf-8"))
    (environment,) = lock["environments"].values()
    return {name: role["choice"] for name, role in environment["roles"].items()}


def _models(folder: Path) -> dict[str, str]:
    """The model of every role; the lock and the config agree on it."""
    config = (folder / "llmhub.yaml").read_text(encoding="utf-8")
    models = {
        role: choice["primary"]["model_id"] for role, choice in _chosen(folder).items()
    }
    for model in models.values():
        assert f"model: {model}\n" in config
    return models


def test_a_selector_chooses_and_is_missed(house: House, shop: Path) -> None:
    """It is seen at once, keeps its budget, and the lock says when it is gone."""
    frugal = ("generate", "--offline", "--selector=frugal")
    house.llmhub(shop, "generate", "--offline")
    balanced = _models(shop)
    assert "frugal" not in house.plugins(shop)
    assert "frugal" in house.llmhub(shop, *frugal, ends=WRONG)
    with house.with_package("llmhub-frugal"):
        row = house.plugins(shop)["frugal"]
        assert row[:5] == ["selector", "frugal", "llmhub-frugal", "1.0.0", "works"]
        house.llmhub(shop, *frugal)
        chosen = _chosen(shop)
        assert _models(shop).keys() == balanced.keys()
        assert _models(shop) != balanced
        for role, requests, part in (("answer", 30_000, 27), ("classify", 90_000, 3)):
            assert chosen[role]["selector"] == "frugal"
            for pick in (chosen[role]["primary"], *chosen[role]["backups"]):
                assert pick["cost"]["usd_per_request"] * requests <= part
                assert f"a month of ${part}.00" in pick["reason"]
        house.llmhub(shop, "generate", "--check", "--selector=frugal")
    assert "frugal" not in house.plugins(shop)
    said = house.llmhub(shop, "generate", "--check", "--selector=frugal", ends=FOUND)
    assert "role 'answer' was chosen by the selector 'frugal'" in said
    assert "(its distribution was at 1.0.0), which is not installed" in said
    # What is pinned needs nobody; what is to be chosen anew does.
    house.llmhub(shop, *frugal)
    assert _chosen(shop) == chosen
    said = house.llmhub(shop, *frugal, "--upgrade", ends=WRONG)
    assert "'frugal'" in said
    assert _chosen(shop) == chosen


def test_a_budget_that_does_not_add_up_is_told_with_its_line(
    house: House, shop: Path
) -> None:
    """The plugin's own check of its options speaks with the place in the spec."""
    spec = shop / "llmhub.spec.yaml"
    text = spec.read_text(encoding="utf-8").replace("roles: 2,", "roles: 0,")
    spec.write_text(text, encoding="utf-8")
    with house.with_package("llmhub-frugal"):
        said = house.llmhub(
            shop, "generate", "--offline", "--selector=frugal", ends=WRONG
        )
    assert "llmhub.spec.yaml:3" in said
    assert "'roles' must be more than 0: 0" in said


def test_a_source_brings_what_nobody_else_knows(house: House, tmp_path: Path) -> None:
    """A model that only OpenRouter lists is chosen by its price, and then is gone."""
    spec = """\
project: film
roles:
  watch:
    kind: chat
    require: {input_modalities: [video]}
    preferences: {providers: [openrouter]}
"""
    (tmp_path / "llmhub.spec.yaml").write_text(spec, encoding="utf-8")
    only = "openrouter:perceptron/perceptron-mk1"
    mirror = tmp_path / "mirror"
    shutil.copytree(ROOT / "tests" / "data" / "models_dev", mirror / "models-dev")
    answer = EXAMPLES / "llmhub-openrouter" / "tests" / "data" / "models.json"
    shutil.copy(answer, mirror / "openrouter.json")
    with _served(mirror) as address:
        around = {
            "LLMHUB_MODELS_DEV_URL": f"{address}/models-dev",
            "LLMHUB_OPENROUTER_URL": f"{address}/openrouter.json",
        }
        before = {**around, "LLMHUB_SOURCES": "models-dev"}
        after = {**around, "LLMHUB_SOURCES": "models-dev,openrouter"}
        house.llmhub(tmp_path, "catalog", "refresh", **before)
        house.llmhub(tmp_path, "catalog", "show", only, ends=WRONG, **before)
        with house.with_package("llmhub-openrouter"):
            row = house.plugins(tmp_path)["openrouter"]
            assert row[:2] == ["source", "openrouter"]
            assert row[4] == "works"
            said = house.llmhub(tmp_path, "catalog", "refresh", **after)
            assert "openrouter" in said
            done = house.run(
                tmp_path, "llmhub", "catalog", "show", only, "--json", **after
            )
            model = json.loads(done.stdout)
            assert model["price_input_per_million"] == 0.15
            assert model["context_tokens"] == 32_768
            assert model["provenance"]["context_tokens"]["source"] == "openrouter"
            house.llmhub(tmp_path, "generate", **after)
            assert _models(tmp_path) == {"watch": "perceptron/perceptron-mk1"}
            primary = _chosen(tmp_path)["watch"]["primary"]
            assert primary["price_output_per_million"] == 1.5
        assert "openrouter" not in house.plugins(tmp_path)
        said = house.llmhub(tmp_path, "catalog", "refresh", ends=WRONG, **after)
        assert "'openrouter'" in said
        house.llmhub(tmp_path, "catalog", "refresh", **before)
        house.llmhub(tmp_path, "catalog", "show", only, ends=WRONG, **before)


def test_an_exporter_writes_its_file(house: House, shop: Path) -> None:
    """What was decided stands in it, sealed like a file of our own."""
    export = ("generate", "--offline", "--export", "tfvars")
    with house.with_package("llmhub-tfvars"):
        assert house.plugins(shop)["tfvars"][4] == "works"
        house.llmhub(shop, *export)
        written = shop / "llmhub.auto.tfvars"
        text = written.read_text(encoding="utf-8")
        for choice in _chosen(shop).values():
            assert f'model     = "{choice["primary"]["model_id"]}"' in text
        written.write_text(text.replace("chat", "chatter"), encoding="utf-8")
        assert "--force" in house.llmhub(shop, *export, ends=WRONG)
    assert "tfvars" not in house.plugins(shop)
    assert "'tfvars'" in house.llmhub(shop, *export, "--force", ends=WRONG)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_passes_its_own_tests(
    house: House, name: str, tmp_path: Path
) -> None:
    """As published: installed, with the kit, in its author's folder."""
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / name, folder)
    shutil.rmtree(folder / "src")  # what is installed is tested
    with house.with_package(name, "[test]"):
        done = house.run(folder, "pytest", "-q")
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_the_packages_are_typed(house: House, tmp_path: Path) -> None:
    """`mypy --strict` agrees with them on our published types, and not with a slip."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (mypy,) = (t for t in groups["dependency-groups"]["types"] if "mypy" in t)
    house.installs(mypy)
    for name in PACKAGES:
        shutil.copytree(EXAMPLES / name / "src", tmp_path, dirs_exist_ok=True)
    slip = tmp_path / "slip.py"
    slip.write_text(
        "from llmhub_core.contracts import Selector\n"
        "from llmhub_openrouter import OpenRouter, OpenRouterOptions\n"
        "chosen: Selector = OpenRouter(OpenRouterOptions())\n",
        encoding="utf-8",
    )
    packages = [n.replace("-", "_") for n in PACKAGES]
    strict = ("mypy", "--strict", "--cache-dir", str(tmp_path / "cache"))
    done = house.run(tmp_path, *strict, *packages)
    assert done.returncode == 0, done.stdout
    done = house.run(tmp_path, *strict, slip.name)
    assert done.returncode == 1
    assert '"OpenRouter" is missing following "Selector" protocol member' in done.stdout
