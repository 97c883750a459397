"""``llmhub plugins show``, ``check`` and ``new``, as processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.installing import lay_out

THRIFTY = '''
import attrs
from llmhub_core.records.candidate import Ranked, Ranking


@attrs.frozen(kw_only=True)
class Options:
    """Options.

    Attributes:
        usd: What one role
            may cost.
        api_token: Opens the door.
    """

    usd: float = 10.0
    api_token: str = ""


class Thrifty:
    """Cheapest first.

    Then by name.
    """

    contract_version = 1
    options_class = Options

    def __init__(self, options):
        self.options = options

    def rank(self, need, candidates, context):
        key = lambda c: (c.cost.usd_per_request if c.cost else 9e9, c.canonical_id)
        order = sorted(candidates, key=key)
        return Ranking(
            order=tuple(Ranked(canonical_id=c.canonical_id, reason="1") for c in order)
        )
'''


@pytest.fixture
def site(tmp_path: Path, environ: dict[str, str]) -> Path:
    """A folder of installed distributions, on the path of the command."""
    folder = tmp_path / "site"
    folder.mkdir()
    environ["PYTHONPATH"] = str(folder)
    lay_out(folder, "llmhub-thrifty", {"thrifty": "Thrifty"}, THRIFTY, kind="selector")
    return folder


# ---------------------------------------------------------------- show


def test_show_tells_each_option_and_where_it_is_set(
    llmhub: Run, site: Path, project: Path, environ: dict[str, str]
) -> None:
    """The spec with its line, the environment, config.toml with its line, or none."""
    (option, token) = json.loads(llmhub("plugins", "show", "thrifty", "--json").stdout)[
        0
    ]["options"]
    assert option == {
        "name": "usd",
        "type": "float",
        "default": "10.0",
        "value": "10.0",
        "origin": "default",
        "variable": "LLMHUB_THRIFTY_USD",
        "doc": "What one role may cost.",
    }
    assert token["doc"] == "Opens the door."

    def origin(**more: str) -> tuple[str, str]:
        done = llmhub("plugins", "show", "thrifty", "--json", **more)
        shown = json.loads(done.stdout)[0]["options"][0]
        return shown["value"], shown["origin"]

    config = Path(environ["LLMHUB_CONFIG_DIR"]) / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[selectors.thrifty]\n# ours\nusd = 3\n", encoding="utf-8")
    assert origin() == ("3", f"{config}:3: selectors.thrifty.usd")
    assert origin(LLMHUB_THRIFTY_USD="4") == ("'4'", "LLMHUB_THRIFTY_USD")
    spec = project / "llmhub.spec.yaml"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(f"{text}selectors:\n  thrifty:\n    usd: 5\n", encoding="utf-8")
    line = len(text.splitlines()) + 3
    assert origin(LLMHUB_THRIFTY_USD="4") == ("5", f"llmhub.spec.yaml:{line}")


def test_show_prints_no_secret(llmhub: Run, site: Path) -> None:
    """An option that is named like one is masked."""
    done = llmhub(
        "plugins", "show", "thrifty", LLMHUB_THRIFTY_API_TOKEN="very-secret-123"
    )
    assert "very-secret-123" not in done.stdout + done.stderr
    assert "LLMHUB_THRIFTY_API_TOKEN" in done.stdout


def test_show_is_for_reading(llmhub: Run, site: Path) -> None:
    """Owner, code, contract, state, the class's own words."""
    text = llmhub("plugins", "show", "thrifty").stdout
    for line in (
        "selector thrifty",
        "  from      llmhub-thrifty 0.1",
        "  code      llmhub_thrifty:Thrifty",
        "  contract  1",
        "  state     works",
        "  Then by name.",
    ):
        assert line in text.splitlines()
    assert "It takes no options." in llmhub("plugins", "show", "litellm").stdout


def test_show_says_why_one_does_not_work(llmhub: Run, site: Path) -> None:
    """Broken by its code, or by an option."""
    lay_out(site, "llmhub-off", {"off": "Off"}, "import no_such_module")
    assert "broken: the source 'off' of llmhub-off 0.1 does not load: Module" in (
        llmhub("plugins", "show", "off").stdout
    )
    done = llmhub("plugins", "show", "thrifty", LLMHUB_THRIFTY_USD="much")
    assert "broken: LLMHUB_THRIFTY_USD: options of the selector" in done.stdout
    unknown = llmhub("plugins", "show", "thrifti")
    assert unknown.returncode == 2
    assert "no plugin is named 'thrifti'" in unknown.stderr


# ---------------------------------------------------------------- check


def test_check_runs_the_kit_on_what_is_installed(llmhub: Run, site: Path) -> None:
    """A sound selector conforms; one that chooses strangers does not, exit 1."""
    done = llmhub("plugins", "check", "thrifty")
    assert done.returncode == 0
    assert done.stdout == (
        "conforms selector 'thrifty' of llmhub-thrifty 0.1: keeps 10 of 10 clauses\n"
    )
    bad = THRIFTY.replace("c.canonical_id, reason", "'a:b', reason")
    lay_out(site, "llmhub-bad", {"bad": "Thrifty"}, bad, kind="selector")
    lay_out(site, "llmhub-off", {"off": "Off"}, "import no_such_module")
    done = llmhub("plugins", "check", "bad")
    assert done.returncode == 1
    assert "  broken chooses_among_the_candidates" in done.stdout.splitlines()
    assert "rank() chose 'a:b', which is not a candidate." in done.stdout
    done = llmhub("plugins", "check", "off", "--json")
    assert done.returncode == 1
    (report,) = json.loads(done.stdout)
    assert report["conforms"] is False
    assert "ModuleNotFoundError" in report["reason"]
    assert llmhub("plugins", "check", "nobody").returncode == 2


def test_check_asks_a_source_and_damages_what_it_heard(llmhub: Run, site: Path) -> None:
    """Sound answers come from its upstream; one that is down leaves clauses open."""
    done = llmhub("plugins", "check", "models-dev", "--json")
    assert done.returncode == 0, done.stdout
    (report,) = json.loads(done.stdout)
    assert {verdict["state"] for verdict in report["verdicts"]} == {"kept"}
    done = llmhub(
        "plugins", "check", "models-dev", "--json", LLMHUB_MODELS_DEV_URL="/nowhere"
    )
    assert done.returncode == 0
    states = {v["clause"]: v["state"] for v in json.loads(done.stdout)[0]["verdicts"]}
    assert states["survives_rubbish"] == "unchecked"
    assert states["says_what_is_down"] == "kept"


def test_check_needs_neither_pytest_nor_hypothesis(llmhub: Run, site: Path) -> None:
    """Users have plugins, and no tools of authors."""
    for name in ("pytest", "hypothesis"):
        text = f"raise ImportError({name!r})"
        (site / f"{name}.py").write_text(text, encoding="utf-8")
    assert llmhub("plugins", "check", "--offline").returncode == 0


# ---------------------------------------------------------------- new


@pytest.mark.parametrize("kind", ["source", "selector", "exporter"])
def test_new_writes_a_package_whose_tests_pass(
    llmhub: Run, project: Path, kind: str
) -> None:
    """As generated, with nothing left to be filled in."""
    assert llmhub("plugins", "new", kind, "our-own").returncode == 0
    folder = project / "llmhub-our-own"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": "src"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "$" not in "".join(
        path.read_text(encoding="utf-8").replace('f"${cost', "")
        for path in folder.rglob("*")
        if path.suffix in {".py", ".toml", ".md"}
    )


def test_new_packages_are_typed(llmhub: Run, project: Path) -> None:
    """`mypy --strict` is content with all three kinds, code and tests."""
    pytest.importorskip("mypy")
    kinds = ("source", "selector", "exporter")
    for kind in kinds:
        assert llmhub("plugins", "new", kind, f"own-{kind}").returncode == 0
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict"),
            *(f"llmhub-own-{kind}/tests/test_own_{kind}.py" for kind in kinds),
            *(f"llmhub-own-{kind}/src/llmhub_own_{kind}" for kind in kinds),
        ],
        cwd=project,
        env={
            **os.environ,
            "MYPYPATH": ":".join(f"llmhub-own-{kind}/src" for kind in kinds),
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_new_overwrites_nothing(llmhub: Run, project: Path) -> None:
    """A folder that is there, a name that is taken, a name that is none."""
    folder = project / "llmhub-our-own"
    folder.mkdir()
    (folder / "README.md").write_text("mine", encoding="utf-8")
    done = llmhub("plugins", "new", "source", "our-own")
    assert done.returncode == 2
    assert "llmhub-our-own: is there already; nothing was written" in done.stderr
    assert (folder / "README.md").read_text(encoding="utf-8") == "mine"
    assert "is the name of the source 'arena'" in (
        llmhub("plugins", "new", "source", "arena").stderr
    )
    for name in ("Our", "our_own", "../own", "9lives"):
        done = llmhub("plugins", "new", "source", name)
        assert "is no name in kebab-case" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["README.md"]
