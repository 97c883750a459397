"""What came, went and changed, as users see it: changes, status, --check."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, get_args

import pytest

from llmhub_core.commands import main
from llmhub_core.commands.catalog.changes import _KINDS
from llmhub_core.records.history import ChangeKind
from tests.cli.conftest import Run
from tests.upstreams import DATA, Upstreams

Turn: TypeAlias = Callable[[Callable[[dict[str, Any]], None]], None]


@pytest.fixture
def turn(upstreams: Upstreams, tmp_path: Path) -> Turn:
    """Change what models.dev answers."""
    upstreams.data = tmp_path / "data"
    shutil.copytree(DATA, upstreams.data)
    path = upstreams.data / "models_dev" / "api.json"

    def turn(change: Callable[[dict[str, Any]], None]) -> None:
        document = json.loads(path.read_text("utf-8"))
        change({name: entry["models"] for name, entry in document.items()})
        path.write_text(json.dumps(document), encoding="utf-8")

    return turn


def later(models: dict[str, Any]) -> None:
    """Seven weeks later: a price falls, a model is deprecated, one goes, one comes."""
    openai = models["openai"]
    openai["gpt-5-mini"]["cost"]["input"] /= 2
    openai["o3"]["status"] = "deprecated"
    openai["gpt-6"] = openai.pop("gpt-5.5") | {"id": "gpt-6", "name": "GPT-6"}


def lived(llmhub: Run, turn: Turn) -> None:
    """Refresh before and after."""
    assert llmhub("catalog", "refresh").returncode == 0
    turn(later)
    assert llmhub("catalog", "refresh").returncode == 0


# ---------------------------------------------------------------- changes


def test_changes_are_told_with_both_values(llmhub: Run, turn: Turn) -> None:
    """In a table, with the percentage; on stdout, with nothing on stderr."""
    lived(llmhub, turn)
    done = llmhub("catalog", "changes")
    assert done.returncode == 0
    assert done.stderr == ""
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    found = [line for line in lines if "openai:" in line]
    assert [line.partition(" ")[2] for line in found] == [
        "openai:gpt-5-mini price_input_per_million $0.25 $0.125 -50 %",
        "openai:gpt-5.5 removed",
        "openai:gpt-6 added",
        "openai:o3 status stable deprecated",
    ]


def test_changes_are_there_for_programs(llmhub: Run, turn: Turn) -> None:
    """All of them, however few the table would show."""
    lived(llmhub, turn)
    rows = json.loads(llmhub("catalog", "changes", "--json", "--limit", "1").stdout)
    assert [(row["canonical_id"], row["kind"]) for row in rows] == [
        ("openai:gpt-5-mini", "price"),
        ("openai:gpt-5.5", "removed"),
        ("openai:gpt-6", "added"),
        ("openai:o3", "status"),
    ]
    price = rows[0]
    assert price["field"] == "price_input_per_million"
    assert (price["before"], price["after"], price["percent"]) == (0.25, 0.125, -50.0)
    assert rows[1]["percent"] is None


def test_changes_are_narrowed_down(llmhub: Run, turn: Turn) -> None:
    """By what the options say."""
    lived(llmhub, turn)
    for narrowed, expected in (
        ("--kind price", ["openai:gpt-5-mini"]),
        ("--kind removed --kind added", ["openai:gpt-5.5", "openai:gpt-6"]),
        ("--model openai/o3", ["openai:o3"]),
        ("--provider anthropic", []),
        ("--provider openai --since 2026-01-01 --field status", ["openai:o3"]),
        ("--since 2999-01-01", []),
        ("--since 4w --field status", ["openai:o3"]),
    ):
        done = llmhub("catalog", "changes", "--json", *narrowed.split())
        assert [row["canonical_id"] for row in json.loads(done.stdout)] == expected
        assert ("no change since" in done.stderr) == (not expected)


def test_a_long_list_is_cut_and_says_so(llmhub: Run, turn: Turn) -> None:
    """The rest is counted on stderr."""
    lived(llmhub, turn)
    done = llmhub("catalog", "changes", "--limit", "1")
    assert "openai:o3" not in done.stdout
    assert "3 more; see --limit" in done.stderr


def test_without_a_history_it_is_said_how_it_begins(llmhub: Run) -> None:
    """No error: there is nothing yet."""
    done = llmhub("catalog", "changes")
    assert (done.returncode, done.stdout) == (0, "")
    assert "begins with the first `llmhub catalog refresh`" in done.stderr
    llmhub("catalog", "refresh")
    done = llmhub("catalog", "changes", "--json")
    assert json.loads(done.stdout) == []
    assert "no change since" in done.stderr


def test_a_name_that_the_history_has_is_no_slip(llmhub: Run) -> None:
    """Nothing changed at it, which is said; before a history nobody knows a name."""
    assert llmhub("catalog", "changes", "--provider", "nobody").returncode == 0
    llmhub("catalog", "refresh")
    for asked in (("--provider", "google"), ("--model", "gpt-5-mini")):
        done = llmhub("catalog", "changes", *asked)
        assert (done.returncode, done.stdout) == (0, "")
        assert "no change since" in done.stderr
    assert llmhub("catalog", "changes", "--provider", "nobody").returncode == 2


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--since", "yesterday", "'yesterday' is neither a date such as"),
        ("--since", "30", "'30' is neither"),
        ("--since", "99999d", "is neither"),
        ("--since", "2026-13-01", "is neither"),
        ("--field", "price_input", "Did you mean 'price_input_per_million'?"),
        ("--field", "zzz", "Known are price_input_per_million,"),
        ("--kind", "prices", "'prices' is not one of"),
    ],
)
def test_a_mistyped_option_is_an_error(
    capsys: pytest.CaptureFixture[str], option: str, value: str, says: str
) -> None:
    """With what would be right."""
    with pytest.raises(SystemExit) as ended:
        main(["catalog", "changes", option, value])
    assert ended.value.code == 2
    assert says in " ".join(capsys.readouterr().err.split())


def test_the_kinds_are_those_of_the_records() -> None:
    """The command writes them out, so that its help is quick."""
    assert get_args(ChangeKind) == _KINDS


# ---------------------------------------------------------------- status and --check


def forced(project: Path, model: str) -> None:
    """Write a spec that names one model."""
    (project / "llmhub.spec.yaml").write_text(
        "project: shop\n"
        "roles:\n"
        "  answers:\n"
        "    kind: chat\n"
        f"    force_model: {model}\n"
        "    fallbacks: 0\n",
        encoding="utf-8",
    )


@pytest.fixture
def settled(llmhub: Run, project: Path, turn: Turn) -> Turn:
    """A project whose lock and config agree, on a model that will be gone."""
    (project / "llmhub.spec.yaml").write_text(
        "project: shop\n"
        "roles:\n"
        "  answers:\n"
        "    kind: chat\n"
        "    fallbacks: 0\n"
        "    preferences: {model_denylist: ['*:gpt-5-mini', '*:o3']}\n"
        "    force_provider: openai\n",
        encoding="utf-8",
    )
    assert llmhub("generate").returncode == 0
    assert "gpt-5.5" in (project / "llmhub.lock").read_text("utf-8")
    assert llmhub("generate", "--check").returncode == 0
    return turn


GONE = "role 'answers': openai:gpt-5.5 is no longer listed since 20"


def test_check_finds_a_model_that_is_gone(llmhub: Run, settled: Turn) -> None:
    """Once the kept catalog knows; it asks nobody itself."""
    settled(later)
    assert llmhub("generate", "--check").returncode == 0
    assert llmhub("catalog", "refresh").returncode == 0
    done = llmhub("generate", "--check")
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith("llmhub.lock:")
    assert GONE in line
    assert line.endswith("run `llmhub generate --upgrade answers`")
    ((found),) = json.loads(llmhub("generate", "--check", "--json").stdout)
    assert (found["kind"], found["role"]) == ("retired", "answers")
    assert llmhub("generate", "--upgrade", "answers").returncode == 0
    assert llmhub("generate", "--check").returncode == 0


def test_check_says_nothing_without_a_catalog(
    llmhub: Run, settled: Turn, tmp_path: Path
) -> None:
    """A build server that never refreshed: the three files agree, and that is all."""
    settled(later)
    llmhub("catalog", "refresh")
    empty = str(tmp_path / "empty")
    done = llmhub("generate", "--check", LLMHUB_CACHE_DIR=empty)
    assert done.returncode == 0
    assert not Path(empty).exists()


def test_check_on_a_machine_that_never_saw_the_model(
    llmhub: Run, settled: Turn, tmp_path: Path
) -> None:
    """After a refresh of its own it misses what the lock was made from."""
    settled(later)
    own = {"LLMHUB_CACHE_DIR": str(tmp_path / "own")}
    assert llmhub("catalog", "refresh", **own).returncode == 0
    done = llmhub("generate", "--check", **own)
    assert done.returncode == 1
    assert "openai:gpt-5.5 is not listed (catalog of " in done.stdout


def test_status_warns_of_a_model_that_is_gone(llmhub: Run, settled: Turn) -> None:
    """A warning on stderr; spec, lock and config still agree."""
    settled(later)
    llmhub("catalog", "refresh")
    done = llmhub("status")
    assert done.returncode == 0
    assert done.stdout.count("in order") == 3
    assert f"warning: {GONE}" in done.stderr
    done = llmhub("status", "--json")
    (lock,) = [f for f in json.loads(done.stdout)["files"] if f["what"] == "lock"]
    assert lock["findings"] == []
    assert lock["warnings"][0].startswith(GONE)


def test_status_finds_a_damaged_lock(llmhub: Run, settled: Turn, project: Path) -> None:
    """It exits 1 and names the lock, not the spec."""
    lock = project / "llmhub.lock"
    lock.write_text(lock.read_text("utf-8")[:-20], encoding="utf-8")
    done = llmhub("status")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].endswith("llmhub.spec.yaml  in order")
    assert lines[1].endswith("llmhub.lock  needs a look")
    assert "is not JSON" in lines[2]
    (found,) = [
        entry
        for entry in json.loads(llmhub("status", "--json").stdout)["files"]
        if entry["findings"]
    ]
    assert found["what"] == "lock"


def test_status_outside_a_project_is_no_finding(llmhub: Run, tmp_path: Path) -> None:
    """It says where the cache is, and that there is no spec here."""
    done = llmhub("status", cwd=tmp_path)
    assert done.returncode == 0
    assert "llmhub.spec.yaml  not there" in done.stdout


def test_a_forced_model_that_is_gone_is_told_with_its_date(
    llmhub: Run, turn: Turn, project: Path
) -> None:
    """And with what is listed instead; the line is the spec's."""
    lived(llmhub, turn)
    for written in ("openai:gpt-5.5", "gpt-5.5\n    force_provider: openai"):
        forced(project, written)
        done = llmhub("generate")
        assert done.returncode == 2
        assert done.stderr.startswith("error: llmhub.spec.yaml:5: model '")
        assert "is no longer listed since 20" in done.stderr
        assert "openai:gpt-6" in done.stderr


def test_a_fallback_that_is_gone_is_told_as_well(
    llmhub: Run, turn: Turn, project: Path
) -> None:
    """On its own line."""
    lived(llmhub, turn)
    forced(project, "openai:gpt-6")
    spec = project / "llmhub.spec.yaml"
    text = spec.read_text("utf-8").replace(": 0", ": [openai:gpt-5.5]")
    spec.write_text(text, encoding="utf-8")
    done = llmhub("generate")
    assert done.returncode == 2
    assert "llmhub.spec.yaml:6: model 'openai:gpt-5.5' is no longer" in done.stderr


def test_a_model_that_never_was_is_told_as_ever(
    llmhub: Run, turn: Turn, project: Path
) -> None:
    """With ids that look like it."""
    lived(llmhub, turn)
    forced(project, "openai:gpt-5.55")
    assert "Did you mean" in llmhub("generate").stderr


# ---------------------------------------------------------------- shrinking


def test_a_source_that_shrank_is_accepted_by_hand(llmhub: Run, turn: Turn) -> None:
    """Otherwise its older answer stands in."""
    llmhub("catalog", "refresh")

    def shrink(models: dict[str, Any]) -> None:
        for provider, entries in models.items():
            if provider != "openai":
                entries.clear()

    turn(shrink)
    done = llmhub("catalog", "refresh")
    assert done.returncode == 0
    assert "gives 5 where it gave 35 models" in " ".join(done.stderr.split())
    assert "--accept-shrink" in done.stderr
    done = llmhub("catalog", "refresh", "--accept-shrink", "--json")
    assert json.loads(done.stdout)["models"] == 5
    assert llmhub("catalog", "refresh").stderr == ""
