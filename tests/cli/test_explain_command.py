"""``llmhub explain``, ``outdated`` and ``diff``, as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.cli.conftest import Run
from tests.upstreams import Upstreams

SPEC, LOCK = "llmhub.spec.yaml", "llmhub.lock"
IDENTITY = {
    "GIT_AUTHOR_NAME": "n",
    "GIT_AUTHOR_EMAIL": "n@example.com",
    "GIT_COMMITTER_NAME": "n",
    "GIT_COMMITTER_EMAIL": "n@example.com",
}


def primary(project: Path, role: str = "llm.answers") -> str:
    """The model that the lock pins for a role."""
    lock = json.loads((project / LOCK).read_text("utf-8"))
    pinned = lock["environments"]["dev"]["roles"][role]["choice"]["primary"]
    return str(pinned["canonical_id"])


def commit(project: Path) -> None:
    """Commit what is in the folder to a repository of its own."""
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run(
            ["git", *command], cwd=project, check=True, env={**os.environ, **IDENTITY}
        )


def change_taste(project: Path) -> None:
    """Let the role want the opposite of what it wanted."""
    text = (project / SPEC).read_text("utf-8")
    changed = text.replace("{quality: high, cost: medium}", "{quality: low, cost: low}")
    assert changed != text
    (project / SPEC).write_text(changed, encoding="utf-8")


def test_it_says_who_was_chosen_who_came_next_and_who_is_out(
    llmhub: Run, project: Path
) -> None:
    """It agrees with generate, and writes nothing."""
    before = sorted(path.name for path in project.iterdir())
    said = llmhub("explain", "llm.answers", "--json")
    assert said.returncode == 0, said.stderr
    assert sorted(path.name for path in project.iterdir()) == before
    told = json.loads(said.stdout)
    llmhub("generate")
    assert told["choice"]["primary"]["canonical_id"] == primary(project)
    assert told["pinned"] is None
    explanation = told["explanation"]
    rejected = sum(explanation["rejected"].values())
    assert explanation["eligible"] + rejected == explanation["considered"]
    assert explanation["places"][0]["use"] == "primary"
    again = llmhub("explain", "llm.answers")
    assert "lock     pins this model" in again.stdout
    assert "eligible" in again.stdout
    assert "turned away by" in again.stdout


def test_every_reason_against_a_model_is_given(llmhub: Run) -> None:
    """A bare name stands for all who serve it; an eligible one has its place."""
    said = llmhub("explain", "llm.search", "--why-not", "gpt-5.5")
    assert said.returncode == 0, said.stderr
    assert "why not" in said.stdout
    assert "(kind)" in said.stdout
    assert "take these away, and it is eligible" in said.stdout
    told = json.loads(
        llmhub("explain", "llm.answers", "--json", "--why-not", "gpt-5.5").stdout
    )
    assert told["why_not"]
    for answer in told["why_not"]:
        assert bool(answer["reasons"]) != bool(answer["place"])


def test_a_supposition_changes_the_answer_and_no_file(
    llmhub: Run, project: Path
) -> None:
    """What would be chosen is what is chosen once the spec says so."""
    told = json.loads(
        llmhub(
            *("explain", "llm.answers", "--json"),
            *("--what-if", "preferences.quality=low"),
            *("--what-if", "preferences.cost=low"),
        ).stdout
    )
    change_taste(project)
    llmhub("generate")
    supposed = told["what_if"]["choice"]["primary"]["canonical_id"]
    assert supposed == primary(project) != told["choice"]["primary"]["canonical_id"]


def test_a_supposition_that_nothing_satisfies_is_an_answer(llmhub: Run) -> None:
    """Nobody is left, and the limits to blame are named."""
    asked = ("--what-if", "require.context_tokens=999999999")
    said = llmhub("explain", "llm.answers", *asked)
    assert said.returncode == 0
    assert "nothing could serve" in said.stdout
    assert "context_tokens" in said.stdout


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("llm.answer",), "Did you mean 'llm.answers'?"),
        (("llm.answers", "--why-not", "gpt-5.55"), "Did you mean"),
        (("llm.answers", "--what-if", "preferences.cots=low"), "Did you mean 'cost'?"),
        (("llm.answers", "--what-if", "cost"), "KEY=VALUE"),
        (("llm.answers", "--plot", "nowhere/p.svg"), "no such folder"),
        (("llm.answers", "--plot", "p.png"), "does not end in .svg"),
    ],
)
def test_wrong_questions_are_answered_with_what_is_right(
    llmhub: Run, asked: tuple[str, ...], words: str
) -> None:
    """One line, and exit 2."""
    said = llmhub("explain", *asked)
    assert said.returncode == 2
    assert words in said.stderr
    assert "Traceback" not in said.stderr


def test_the_picture_is_drawn_to_a_file_and_to_the_terminal(
    llmhub: Run, project: Path
) -> None:
    """The chosen model is in both."""
    said = llmhub("explain", "llm.answers", "--plot", "why.svg", "--chart")
    assert said.returncode == 0, said.stderr
    text = (project / "why.svg").read_text("utf-8")
    ET.fromstring(text)  # noqa: S314 - our own text
    llmhub("generate")
    assert primary(project) in text
    assert "# chosen  o backup" in said.stdout


def test_outdated_is_silent_when_an_upgrade_changes_nothing(
    llmhub: Run, project: Path
) -> None:
    """The same catalog gives the same choice: exit 0, no file touched."""
    assert "run `llmhub generate`" in llmhub("outdated").stderr
    llmhub("generate")
    before = (project / LOCK).read_bytes()
    said = llmhub("outdated")
    assert (said.returncode, said.stdout) == (0, "")
    assert "an upgrade would change nothing" in said.stderr
    assert (project / LOCK).read_bytes() == before


def test_outdated_shows_what_upgrade_does(
    llmhub: Run, project: Path, upstreams: Upstreams
) -> None:
    """New prices: what is shown is what the upgrade then pins."""
    llmhub("generate")
    api = json.loads((upstreams.data / "models_dev" / "api.json").read_bytes())
    chosen = primary(project).partition(":")[2]
    for provider in api.values():
        for name, row in provider["models"].items():
            if chosen in name and "cost" in row:
                row["cost"] = {"input": 900.0, "output": 900.0}
    upstreams.broken["models_dev"] = json.dumps(api).encode()
    said = llmhub("outdated", "llm.answers", "--json")
    assert said.returncode == 1, said.stderr
    (report,) = json.loads(said.stdout)
    (role,) = report["roles"]
    assert role["change"]["role"] == "llm.answers"
    llmhub("generate", "--upgrade", "llm.answers")
    assert role["change"]["after"]["model"] == primary(project)
    assert f"{chosen}" in role["words"][0]


def test_outdated_names_models_that_are_deprecated(
    llmhub: Run, project: Path, upstreams: Upstreams
) -> None:
    """A locked model that its lab takes out of service is said, with exit 1."""
    llmhub("generate")
    api = json.loads((upstreams.data / "models_dev" / "api.json").read_bytes())
    chosen = primary(project).partition(":")[2]
    for provider in api.values():
        for name, row in provider["models"].items():
            if chosen in name:
                row["status"] = "deprecated"
    upstreams.broken["models_dev"] = json.dumps(api).encode()
    said = llmhub("outdated")
    assert said.returncode == 1
    assert f"{primary(project)} is deprecated" in said.stderr


def test_diff_compares_with_a_revision_and_with_a_file(
    llmhub: Run, project: Path
) -> None:
    """Exit 0 while nothing differs, 1 when something does."""
    llmhub("generate")
    commit(project)
    (project / "old.lock").write_bytes((project / LOCK).read_bytes())
    assert llmhub("diff").returncode == 0
    before = primary(project)
    change_taste(project)
    llmhub("generate")
    after = primary(project)
    for older in ((), ("HEAD",), ("old.lock",), ("old.lock", LOCK)):
        said = llmhub("diff", *older)
        assert said.returncode == 1
        assert f"{before} -> {after}" in said.stdout
    shown = llmhub("diff", "--markdown").stdout
    assert f"| `llm.answers` | `{before}` | `{after}` |" in shown


@pytest.mark.parametrize("older", ["nonsense", "--output=x", "HEAD:.."])
def test_diff_refuses_what_is_neither_revision_nor_lock(
    llmhub: Run, project: Path, older: str
) -> None:
    """No option reaches git, and nothing is written."""
    llmhub("generate")
    commit(project)
    files = sorted(path.name for path in project.iterdir())
    said = llmhub("diff", "--", older)
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert sorted(path.name for path in project.iterdir()) == files


def test_diff_outside_of_a_repository_says_so(llmhub: Run, project: Path) -> None:
    """There is no HEAD to compare with, and git says why."""
    said = llmhub("diff")
    assert "run `llmhub generate`" in said.stderr
    llmhub("generate")
    said = llmhub("diff", GIT_CEILING_DIRECTORIES=str(project.parent))
    assert said.returncode == 2
    assert "neither a lock file nor a revision" in said.stderr


def test_diff_knows_the_environments(llmhub: Run) -> None:
    """A mistyped one does not count as equal."""
    llmhub("generate")
    assert llmhub("diff", "--env", "dev", LOCK).returncode == 0
    said = llmhub("diff", "--env", "prud", LOCK)
    assert said.returncode == 2
    assert "neither lock has the environment 'prud': dev." in said.stderr


def test_the_monthly_sum_is_the_workloads(llmhub: Run, project: Path) -> None:
    """Requests per month of the spec times the cost of one."""
    spec = yaml.safe_load((project / SPEC).read_text("utf-8"))
    spec["roles"]["llm.answers"]["workload"] = {"requests_per_month": 1000}
    (project / SPEC).write_text(yaml.safe_dump(spec), encoding="utf-8")
    first = llmhub("generate")
    lock = json.loads((project / LOCK).read_text("utf-8"))
    choice = lock["environments"]["dev"]["roles"]["llm.answers"]["choice"]
    month = 1000 * choice["primary"]["cost"]["usd_per_request"]
    for said in (first, llmhub("explain", "llm.answers")):
        assert f" per request, ${month:,.2f} per month" in said.stdout
    commit(project)
    spec["roles"]["llm.answers"]["preferences"] = {"quality": "low", "cost": "low"}
    (project / SPEC).write_text(yaml.safe_dump(spec), encoding="utf-8")
    llmhub("generate")
    (report,) = (
        one for one in json.loads(llmhub("diff", "--json").stdout) if one["roles"]
    )
    (role,) = report["roles"]
    cost = role["change"]["after"]["usd_per_request"]
    assert role["usd_per_month_after"] == pytest.approx(1000 * cost)


def test_over_a_kept_catalog_it_imports_neither_what_builds_nor_what_writes(
    llmhub: Run, tmp_path: Path
) -> None:
    """Half of its time was imports."""
    picture = str(tmp_path / "picture.svg")
    llmhub("catalog", "refresh")
    said = llmhub(
        "explain", "llm.answers", "--plot", picture, PYTHONPROFILEIMPORTTIME="1"
    )
    assert said.returncode == 0, said.stderr
    imported = {row.rpartition("|")[2].strip() for row in said.stderr.splitlines()}
    assert "llmhub_core.inquiry" in imported
    assert not imported & {
        "aiohttp",
        "llmhub_core.catalog.build",
        "llmhub_core.catalog.fusion",
        "llmhub_core.catalog.history",
        "llmhub_core.catalog.lookup",
        "llmhub_core.lock.emit",
        "llmhub_core.pipeline",
        "llmhub_runtime",
    }
