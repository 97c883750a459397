"""Installed plugins that are bad in every way, beside good ones, as a process."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.installing import lay_out

HEAD = """\
import asyncio, os, sys, time
from llmhub_core.contracts import *
from llmhub_core.records.candidate import Ranked, Ranking
from llmhub_core.records.model import Facts
from llmhub_core.records.observation import Harvest, ServedModel
"""

#: What each bad source does, and what is said of it.
SOURCES: Mapping[str, tuple[str, str]] = {
    "absent": ("import no_such_module", "ModuleNotFoundError: No module named"),
    "stillborn": (
        """
    class Plugin:
        contract_version = 1
        def __init__(self): raise RuntimeError("no database")
        async def fetch(self, context): ...
        """,
        "RuntimeError: no database",
    ),
    "stopping": ("import time; time.sleep(600)", "does not load: not done within 2 s"),
    "stillwaiting": (
        """
    class Plugin:
        contract_version = 1
        def __init__(self): time.sleep(600)
        async def fetch(self, context): ...
        """,
        "does not load: not done within 2 s",
    ),
    "missing": ("import sys; Plugins = 1", "AttributeError: module 'llmhub_missing'"),
    "newer": (
        """
    class Plugin:
        contract_version = 2
        async def fetch(self, context): ...
        """,
        (
            "written for contract 2, and this llmhub-core speaks contract 1: upgrade "
            "llmhub-core"
        ),
    ),
    "raising": ("raise KeyError('models')", "KeyError: 'models'"),
    "exiting": ("sys.exit(7)", "SystemExit: 7"),
    "interrupting": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "grouped": (
        "raise BaseExceptionGroup('all', [SystemExit(1), OSError()])",
        "SystemExit: 1",
    ),
    "waiting": ("await asyncio.sleep(600)", "not done within 2 s"),
    "sleeping": ("time.sleep(600)", "not done within 2 s"),
    "busy": ("while True: pass", "not done within 2 s"),
    "lingering": ("await asyncio.to_thread(time.sleep, 600)", "not done within 2 s"),
    "untyped": ("return {'models': []}", "returned dict, not a Harvest"),
    "unawaited": ("return", "returned NoneType, not a Harvest"),
    "endless": (
        """
        def rows():
            while True:
                yield None
        await context.get(os.environ["LLMHUB_MODELS_DEV_URL"] + "/api.json")
        return Harvest(served=rows())
        """,
        "is not a tuple",
    ),
    "flooding": (
        """
        row = ServedModel(provider="p", model_id="m", record="r", facts=Facts())
        return Harvest(served=(row,) * 300_000)
        """,
        "has 300,000 rows, where 200,000 are allowed",
    ),
    "wordy": (
        "return Harvest(notes=('x' * 1_000_000,) * 100)",
        "has more than 64,000,000 characters of text",
    ),
}

FETCH = """\
class Plugin:
    contract_version = 1
    async def fetch(self, context):
"""


def _module(body: str) -> str:
    """A module with a plugin, or one whose source fetches like this."""
    body = textwrap.dedent(body).strip("\n")
    if "class Plugin" not in body and not body.startswith("import "):
        body = FETCH + textwrap.indent(body, 8 * " ")
    return HEAD + body + "\n"


@pytest.fixture
def site(tmp_path: Path, environ: dict[str, str]) -> Path:
    """A folder of installed distributions, on the path of the command."""
    folder = tmp_path / "site"
    folder.mkdir()
    environ["PYTHONPATH"] = str(folder)
    return folder


def test_bad_sources_are_named_and_the_others_count(llmhub: Run, site: Path) -> None:
    """All at once: each is skipped with its reason, and the catalog is made."""
    for name, (body, _) in SOURCES.items():
        lay_out(site, f"llmhub-{name}", {name: "Plugin"}, _module(body))
    done = llmhub(
        "catalog",
        "refresh",
        "--json",
        LLMHUB_SOURCES=",".join(["models-dev", *SOURCES]),
        LLMHUB_SOURCE_TIMEOUT_SECONDS="2",
        LLMHUB_PLUGIN_LOAD_TIMEOUT_SECONDS="2",
    )
    told = json.loads(done.stdout)
    assert done.returncode == 0
    states = {state["name"]: state for state in told["sources"]}
    assert states["models-dev"]["state"] == "fresh"
    for name, (_, reason) in SOURCES.items():
        assert states[name]["state"] == "skipped", name
        assert reason in states[name]["reason"], name
        owner = (states[name]["distribution"], states[name]["version"])
        assert owner == (f"llmhub-{name}", "0.1"), name


def test_a_source_that_floods_memory_is_cut_off(llmhub: Run, site: Path) -> None:
    """It is stopped, what it took is given back, and the others count."""
    body = """
        kept = []
        while True:
            kept.append(os.urandom(1_000_000))
    """
    lay_out(site, "llmhub-hungry", {"hungry": "Plugin"}, _module(body))
    done = llmhub(
        "catalog",
        "refresh",
        "--json",
        LLMHUB_SOURCES="models-dev,hungry",
        LLMHUB_PLUGIN_MEMORY_MB="200",
    )
    states = {state["name"]: state for state in json.loads(done.stdout)["sources"]}
    assert states["models-dev"]["state"] == "fresh"
    assert states["hungry"]["state"] == "skipped"
    assert "where 200 MB are allowed" in states["hungry"]["reason"]


PRINTING = """
    print("imported")
    class Plugin:
        contract_version = 1
        def __init__(self):
            print("constructed")
        async def fetch(self, context):
            print("fetched")
            sys.stdout.write("more")
            os.write(1, b"to the descriptor\\n")
            os.system("echo from a child")
            await context.get(os.environ["LLMHUB_MODELS_DEV_URL"] + "/api.json")
            row = ServedModel(provider="p", model_id="m", record="r", facts=Facts())
            return Harvest(served=(row,))
"""


def test_what_plugins_print_stays_out_of_the_data(llmhub: Run, site: Path) -> None:
    """Prints, the descriptor, child processes: all of it goes to stderr."""
    lay_out(site, "llmhub-chatty", {"chatty": "Plugin"}, _module(PRINTING))
    done = llmhub("catalog", "refresh", "--json", LLMHUB_SOURCES="models-dev,chatty")
    states = {
        state["name"]: state["state"] for state in json.loads(done.stdout)["sources"]
    }
    assert states == {"chatty": "fresh", "models-dev": "fresh"}
    for said in ("imported", "constructed", "fetched", "descriptor", "from a child"):
        assert said in done.stderr
    listed = llmhub("plugins", "list", "--json")
    assert "chatty" in {row["name"] for row in json.loads(listed.stdout)}


SELECTORS: Mapping[str, tuple[str, str]] = {
    "stranger": (
        "return Ranking(order=(Ranked(canonical_id='x:y', reason='because'),))",
        (
            "the selector 'stranger' of llmhub-stranger 0.1 chose 'x:y', which is not "
            "a candidate."
        ),
    ),
    "crashing": (
        "return 1 / 0",
        "the selector 'crashing' of llmhub-crashing 0.1 failed: ZeroDivisionError",
    ),
    "leaving": (
        "sys.exit(0)",
        "the selector 'leaving' of llmhub-leaving 0.1 failed: SystemExit: 0",
    ),
    "interrupting": (
        "raise KeyboardInterrupt",
        (
            "the selector 'interrupting' of llmhub-interrupting 0.1 failed: "
            "KeyboardInterrupt"
        ),
    ),
    "lazy": (
        "yield candidates[0].canonical_id",
        "the selector 'lazy' of llmhub-lazy 0.1 answered with generator, not with a",
    ),
    "double": (
        (
            "return Ranking(order=(Ranked(canonical_id=candidates[0].canonical_id, "
            "reason='r'),) * 2)"
        ),
        "the selector 'double' of llmhub-double 0.1 ranked 'anthropic:",
    ),
    "colourful": (
        (
            "return Ranking(order=(Ranked(canonical_id=candidates[0].canonical_id, "
            "reason=chr(27) + '[31m'),))"
        ),
        "' of llmhub-colourful 0.1 gave '\\x1b[31m' as the reason for 'anthropic:",
    ),
    "stuck": (
        "time.sleep(600)",
        "the selector 'stuck' of llmhub-stuck 0.1 failed: not done within 1 s",
    ),
    "mute": (
        "return None",
        "the selector 'mute' of llmhub-mute 0.1 answered with NoneType",
    ),
    "odd": (
        "return Ranking(order=['a', 'b'])",
        "the selector 'odd' of llmhub-odd 0.1 ranked str, not Ranked.",
    ),
    "nan": (
        (
            "return Ranking(order=tuple(Ranked(canonical_id=c.canonical_id, "
            "reason='r', score=float('nan')) for c in candidates))"
        ),
        "with nan, not with a finite number.",
    ),
}


@pytest.mark.parametrize("name", SELECTORS)
def test_a_bad_selector_is_refused_by_name(
    llmhub: Run, site: Path, project: Path, name: str
) -> None:
    """The error says whose it is and what it did; nothing is written."""
    body, problem = SELECTORS[name]
    code = (
        f"class Plugin:\n    contract_version = 1\n"
        f"    def rank(self, need, candidates, context):\n        {body}\n"
    )
    lay_out(site, f"llmhub-{name}", {name: "Plugin"}, _module(code), kind="selector")
    done = llmhub("generate", "--selector", name, LLMHUB_PLUGIN_TIMEOUT_SECONDS="1")
    assert done.returncode == 2
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / "llmhub.lock").exists()
    assert llmhub("generate", "--selector", "balanced").returncode == 0


EXPORTERS: Mapping[str, tuple[str, str]] = {
    "climbing": ("[F(name='../x', text='a\\n')]", "'../x', outside its folder"),
    "absolute": ("[F(name='/tmp/x', text='a\\n')]", "'/tmp/x', outside its folder"),
    "windows": ("[F(name='C:x', text='a\\n')]", "'C:x', outside its folder"),
    "twice": (
        "[F(name='x', text='a\\n'), F(name='X', text='b\\n')]",
        "returned 'x' and 'X': give each file a name of its own",
    ),
    "lock": ("[F(name='llmhub.lock', text='a\\n')]", "the config is made from"),
    "empty": ("[]", "returned no file"),
    "text": ("'a file'", "returned str, not a sequence of files"),
    "bytes": ("[F(name='x', text=b'a')]", "gave x bytes for a text"),
    "torn": ("[F(name='x', text='a')]", "does not end in a newline"),
    "raises": ("1 / 0", "failed: ZeroDivisionError: division by zero"),
    "interrupts": (
        "(_ for _ in ()).throw(KeyboardInterrupt)",
        "failed: KeyboardInterrupt",
    ),
    "signed": (
        "[F(name='x', text='a\\n', comment=';')]",
        "gave x the comment sign ';': give '#' or None",
    ),
    "folder": ("[F(name='.', text='a\\n')]", "'.', outside its folder"),
    "sleepy": ("time.sleep(600)", "failed: not done within 1 s"),
}


def test_a_bad_exporter_is_refused_by_name(
    llmhub: Run, site: Path, project: Path, tmp_path: Path
) -> None:
    """The error says whose it is and what it did; nothing is written anywhere."""
    assert llmhub("generate").returncode == 0
    before = _files(tmp_path)
    for name, (answer, _) in EXPORTERS.items():
        code = (
            "F = ExportedFile\nclass Plugin:\n    contract_version = 1\n"
            f"    def export(self, context):\n        return {answer}\n"
        )
        lay_out(
            site, f"llmhub-{name}", {name: "Plugin"}, _module(code), kind="exporter"
        )
    before |= _files(site)
    for name, (_, problem) in EXPORTERS.items():
        done = llmhub("generate", "--export", name, LLMHUB_PLUGIN_TIMEOUT_SECONDS="1")
        assert done.returncode == 2, name
        assert f"the exporter {name!r} of llmhub-{name} 0.1 " in done.stderr
        assert problem in done.stderr
        assert "Traceback" not in done.stderr
    assert {p for p in _files(tmp_path) if p.suffix != ".pyc"} == before


WANDERING = """
    os.chdir("/")
    class Plugin:
        contract_version = 1
        def __init__(self):
            os.chdir("/")
        def rank(self, need, candidates, context):
            os.chdir("/")
            order = tuple(Ranked(canonical_id=c.canonical_id, reason="r 1")
                          for c in candidates)
            return Ranking(order=order)
        def export(self, context):
            os.chdir("/")
            context.choices[0].primary.params["temperature"] = 9
            context.spec.roles.clear()
            return [ExportedFile(name="app/models.txt", text="models\\n")]
"""


def test_what_a_plugin_changes_stays_with_it(
    llmhub: Run, site: Path, project: Path
) -> None:
    """Files land where they belong, and the next exporter reads what was decided."""
    for kind in ("selector", "exporter"):
        owner = f"llmhub-wandering-{kind}"
        code = _module(WANDERING)
        lay_out(site, owner, {"wandering": "Plugin"}, code, kind=kind)
    generate = ("generate", "--selector", "wandering")
    assert llmhub(*generate).returncode == 0
    decided = (project / "llmhub.yaml").read_text(encoding="utf-8")
    (project / "llmhub.yaml").unlink()
    both = (*generate, "--export", "wandering", "--export", "llmhub")
    assert "app/models.txt: can't be written" in llmhub(*both).stderr
    (project / "app").mkdir()
    assert llmhub(*both).returncode == 0
    assert (project / "app" / "models.txt").read_text("utf-8") == "models\n"
    assert (project / "llmhub.yaml").read_text(encoding="utf-8") == decided
    assert llmhub("generate", "--check", "--selector", "wandering").returncode == 0


#: Each of the three would keep the process for ten minutes after its work is done.
CLINGING = """
    import atexit, threading
    from concurrent.futures import ThreadPoolExecutor

    threading.Thread(target=time.sleep, args=(600,), daemon=False).start()
    ThreadPoolExecutor().submit(time.sleep, 600)
    atexit.register(time.sleep, 600)

    class Plugin:
        contract_version = 1
        def rank(self, need, candidates, context):
            order = tuple(Ranked(canonical_id=c.canonical_id, reason="r 1")
                          for c in candidates)
            return Ranking(order=order)
"""


def test_the_process_ends_whatever_a_plugin_left_running(
    llmhub: Run, site: Path, project: Path
) -> None:
    """After a moment, with its output whole and its own exit code."""
    code = _module(CLINGING)
    lay_out(site, "llmhub-clinging", {"x": "Plugin"}, code, kind="selector")
    done = llmhub("generate", "--selector", "x")
    assert (done.returncode, "wrote llmhub.lock" in done.stderr) == (0, True)
    assert llmhub("generate", "--check", "--selector", "x").returncode == 0


LEAKING = """
    if __name__.endswith("exporter"):
        raise ValueError("no luck with " + os.environ["OPENAI_API_KEY"])
    class Plugin:
        contract_version = 1
        def rank(self, need, candidates, context):
            raise ValueError("no luck with " + os.environ["OPENAI_API_KEY"])
"""


def test_no_error_of_a_plugin_quotes_a_key(
    llmhub: Run, site: Path, project: Path
) -> None:
    """Whether it fails while it loads or at its work."""
    for kind in ("selector", "exporter"):
        owner = f"llmhub-leaking-{kind}"
        lay_out(site, owner, {"leaking": "Plugin"}, _module(LEAKING), kind=kind)
    for option in ("--selector", "--export"):
        done = llmhub("generate", option, "leaking", OPENAI_API_KEY="sk-very-secret-1")
        assert done.returncode == 2
        assert done.stderr.endswith(": ValueError: no luck with ***\n"), done.stderr


def _files(folder: Path) -> set[Path]:
    return {p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"}


def test_of_two_with_one_name_the_preferred_one_counts(
    llmhub: Run, site: Path, environ: dict[str, str]
) -> None:
    """Without a word both are named; with one, the other is passed over."""
    row = "ServedModel(provider='p', model_id='m', record='r', facts=Facts())"
    for owner in ("llmhub-one", "llmhub-two"):
        code = _module(f"return Harvest(served=({row},), notes=('{owner}',))")
        lay_out(site, owner, {"prices": "Plugin"}, code)
    environ["LLMHUB_SOURCES"] = "models-dev,prices"

    def prices(**more: str) -> Any:
        done = llmhub("catalog", "refresh", "--json", **more)
        states = {s["name"]: s for s in json.loads(done.stdout)["sources"]}
        assert states["models-dev"]["state"] in {"fresh", "cached"}
        return states["prices"]

    reason = prices()["reason"]
    assert "llmhub-one (llmhub_one:Plugin) and llmhub-two (llmhub_two:Plugin)" in reason
    assert 'prefer = ["llmhub-one"] under [plugins] in config.toml' in reason
    config = Path(environ["LLMHUB_CONFIG_DIR"]) / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text('[plugins]\nprefer = ["llmhub_two"]\n', encoding="utf-8")
    assert prices()["distribution"] == "llmhub-two"
    assert prices(LLMHUB_PLUGINS_PREFER="llmhub-one")["distribution"] == "llmhub-one"
    listed = json.loads(llmhub("plugins", "list", "--json").stdout)
    states = {r["distribution"]: r["reason"] for r in listed if r["name"] == "prices"}
    assert states == {
        "llmhub-one": "llmhub-two 0.1 is preferred in the settings",
        "llmhub-two": None,
    }


def test_what_is_not_asked_for_is_not_imported(llmhub: Run, site: Path) -> None:
    """Selectors and exporters that a run does not use cost it nothing."""
    for kind in ("selector", "exporter"):
        code = f"import sys\nsys.stderr.write('{kind} was imported')\n"
        lay_out(site, f"llmhub-idle-{kind}", {"idle": "Plugin"}, code, kind=kind)
    done = llmhub("generate")
    assert done.returncode == 0
    assert "was imported" not in done.stderr
    assert "was imported" in llmhub("plugins", "list").stderr


def test_a_removed_plugin_is_gone_at_once(llmhub: Run, site: Path) -> None:
    """Nothing of it is remembered between two runs."""
    lay_out(site, "llmhub-brief", {"brief": "Plugin"}, _module("return Harvest()"))
    assert "brief" in llmhub("plugins", "list").stdout
    shutil.rmtree(next(site.glob("llmhub_brief*.dist-info")))
    (site / "llmhub_brief.py").unlink()
    assert "brief" not in llmhub("plugins", "list").stdout
