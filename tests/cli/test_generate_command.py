"""``llmhub generate``: spec to lock to config, again and again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import SPEC, Answer, Run
from tests.upstreams import Upstreams

LOCK, CONFIG = "llmhub.lock", "llmhub.yaml"


def _bytes(project: Path) -> tuple[bytes, bytes]:
    return (project / LOCK).read_bytes(), (project / CONFIG).read_bytes()


def test_it_chooses_prints_and_writes(llmhub: Run, project: Path) -> None:
    """Each role gets a model of its kind, with price, rating, reason and backups."""
    done = llmhub("generate")
    assert done.returncode == 0, done.stderr
    config = yaml.safe_load((project / CONFIG).read_text("utf-8"))
    roles = config["roles"]
    assert roles["llm.answers"]["mode"] == "chat"
    assert roles["llm.search"]["mode"] == "embedding"
    assert "embed" in roles["llm.search"]["model"]
    for name, role in roles.items():
        assert name in done.stdout
        assert f"{role['provider']}:{role['model']}" in done.stdout
        for backup in role.get("fallbacks", ()):
            assert f"{backup['provider']}:{backup['model']}" in done.stdout
            assert backup["provider"] != role["provider"]
    assert len(roles["llm.answers"]["fallbacks"]) == 2
    for word in ("price", "rating", "why", "backup", "per 1M tokens"):
        assert word in done.stdout
    assert "wrote" in done.stderr


def test_a_second_run_asks_nobody_and_changes_no_byte(
    llmhub: Run, project: Path, upstreams: Upstreams
) -> None:
    """What the lock covers is emitted again without a network."""
    llmhub("generate")
    before = _bytes(project)
    (project / CONFIG).unlink()
    upstreams.statuses.clear()
    done = llmhub("generate")
    assert done.returncode == 0
    assert upstreams.statuses == []
    assert _bytes(project) == before
    assert "nothing changed" in llmhub("generate").stderr


def test_the_bytes_depend_on_spec_and_catalog_alone(
    llmhub: Run, project: Path, tmp_path: Path
) -> None:
    """Hash seed, time zone, locale and working directory change nothing."""
    llmhub("catalog", "refresh")
    digests = set()
    worlds = [
        ("0", "UTC", "C"),
        ("1", "Asia/Kolkata", "C.UTF-8"),
        ("4711", "America/St_Johns", "POSIX"),
        ("2", "Pacific/Kiritimati", "tr_TR.UTF-8"),
    ]
    for place, (seed, zone, locale) in enumerate(worlds):
        folder = tmp_path / f"world{place}"
        folder.mkdir()
        (folder / "llmhub.spec.yaml").write_text(SPEC, encoding="utf-8")
        elsewhere = place % 2 == 1
        done = llmhub(
            "generate",
            "--offline",
            *(("--spec", str(folder / "llmhub.spec.yaml")) if elsewhere else ()),
            cwd=project if elsewhere else folder,
            PYTHONHASHSEED=seed,
            TZ=zone,
            LC_ALL=locale,
        )
        assert done.returncode == 0, done.stderr
        digests.add(hashlib.sha256(b"".join(_bytes(folder))).hexdigest())
    assert len(digests) == 1


def test_only_the_role_that_changed_is_chosen_anew(llmhub: Run, project: Path) -> None:
    """Other roles keep their choice, word for word."""
    llmhub("generate")
    before = json.loads((project / LOCK).read_text("utf-8"))
    spec = project / "llmhub.spec.yaml"
    spec.write_text(SPEC.replace("tools: true", "tools: true, reasoning: true"))
    done = llmhub("generate", "--json")
    plan = json.loads(done.stdout)["plan"]
    assert [renewal["role"] for renewal in plan["renewed"]] == ["llm.answers"]
    assert plan["pinned"] == ["llm.search"]
    after = json.loads((project / LOCK).read_text("utf-8"))
    roles = [lock["environments"]["dev"]["roles"] for lock in (before, after)]
    assert roles[0]["llm.search"] == roles[1]["llm.search"]
    assert roles[0]["llm.answers"] != roles[1]["llm.answers"]


def test_upgrade_chooses_anew_from_a_fresh_catalog(
    llmhub: Run, upstreams: Upstreams
) -> None:
    """With a role named, only that one; the sources are asked again."""
    llmhub("generate")
    upstreams.statuses.clear()
    done = llmhub("generate", "--upgrade", "llm.search", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)["plan"]
    assert [renewal["role"] for renewal in plan["renewed"]] == ["llm.search"]
    assert 304 in upstreams.statuses
    unknown = llmhub("generate", "--upgrade", "llm.serch")
    assert unknown.returncode == 2
    assert "llm.search" in unknown.stderr


def test_an_environment_has_its_own_config(llmhub: Run, project: Path) -> None:
    """``--env prod`` writes its own file and leaves the other alone."""
    llmhub("generate")
    before = (project / CONFIG).read_bytes()
    done = llmhub("generate", "--env", "prod")
    assert done.returncode == 0, done.stderr
    assert (project / "llmhub.prod.yaml").exists()
    assert (project / CONFIG).read_bytes() == before
    assert set(json.loads((project / LOCK).read_text("utf-8"))["environments"]) == {
        "dev",
        "prod",
    }


def test_check_finds_what_does_not_agree(llmhub: Run, project: Path) -> None:
    """Exit 0 when all agree; 1 with the role and the key when not; writes nothing."""
    assert llmhub("generate", "--check").returncode == 1
    llmhub("generate")
    assert llmhub("generate", "--check").returncode == 0
    config = project / CONFIG
    config.write_text(config.read_text("utf-8").replace("mode: chat", "mode: tool"))
    before = _bytes(project)
    done = llmhub("generate", "--check")
    assert done.returncode == 1
    assert "llm.answers" in done.stdout
    assert _bytes(project) == before


def test_frozen_needs_a_lock_that_covers_the_spec(
    llmhub: Run, project: Path, upstreams: Upstreams
) -> None:
    """It never asks anybody, and names the roles that are not covered."""
    done = llmhub("generate", "--frozen")
    assert done.returncode == 2
    assert "llm.answers" in done.stderr
    assert upstreams.statuses == []
    llmhub("generate")
    upstreams.statuses.clear()
    (project / CONFIG).unlink()
    assert llmhub("generate", "--frozen").returncode == 0
    assert (project / CONFIG).exists()
    assert upstreams.statuses == []


def test_dry_run_writes_nothing(llmhub: Run, project: Path) -> None:
    """The decision is shown, the folder stays as it was."""
    done = llmhub("generate", "--dry-run")
    assert done.returncode == 0
    assert "llm.answers" in done.stdout
    assert [path.name for path in project.iterdir()] == ["llmhub.spec.yaml"]


def test_explain_names_runners_up_and_who_is_out(llmhub: Run) -> None:
    """Counts of models turned away by constraint, and the next best."""
    done = llmhub("generate", "--explain", "--dry-run")
    assert "eligible" in done.stdout
    assert "callable" in done.stdout
    assert "per request" in done.stdout


def test_a_hand_edited_config_is_not_overwritten(llmhub: Run, project: Path) -> None:
    """Without ``--force`` the file stays; with it, it is replaced."""
    llmhub("generate")
    ours = (project / CONFIG).read_bytes()
    (project / CONFIG).write_text("project: mine\nroles: {}\n", encoding="utf-8")
    done = llmhub("generate")
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert (project / CONFIG).read_text("utf-8").startswith("project: mine")
    assert llmhub("generate", "--force").returncode == 0
    assert (project / CONFIG).read_bytes() == ours


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: text[: len(text) // 2], "JSON"),
        (lambda text: "<<<<<<< ours\n" + text, "merge"),
        (lambda _: "", "empty"),
    ],
    ids=["truncated", "unfinished merge", "empty"],
)
def test_a_damaged_lock_is_an_error_and_stays(
    llmhub: Run, project: Path, damage: object, says: str
) -> None:
    """Nothing is guessed and nothing is lost."""
    llmhub("generate")
    lock = project / LOCK
    damaged = damage(lock.read_text("utf-8"))  # type: ignore[operator]
    lock.write_text(damaged, encoding="utf-8")
    done = llmhub("generate")
    assert done.returncode == 2
    assert says in done.stderr
    assert LOCK in done.stderr
    assert llmhub("generate", "--check").stderr == done.stderr
    assert lock.read_text("utf-8") == damaged


@pytest.mark.parametrize("name", ["llmhub.spec.yaml", LOCK])
def test_the_config_never_takes_the_place_of_spec_or_lock(
    llmhub: Run, project: Path, name: str
) -> None:
    """A slip in --output costs nothing, not even with --force."""
    llmhub("generate")
    before = (project / name).read_bytes()
    done = llmhub("generate", "--force", "--output", name)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {name}: ")
    assert (project / name).read_bytes() == before


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        ("project: shop", "projct: shop", 1, "project"),
        ("project: shop", "project: shop\nselector: balancd", 2, "balanced"),
        ("kind: chat", "kind: chat\n    force_model: openai:gpt-5.55", 6, "gpt-5.5"),
        ("kind: chat", "kind: chatt", 5, "chat"),
        ("quality: high", "qualty: high", 6, "quality"),
        ("    kind: embedding", "\tkind: embedding", 9, "tab"),
        ("env: dev", "env: dev\nenv: dev", 3, "env"),
        (
            "kind: embedding",
            "kind: embedding\n    preferences: {providers: [opnai]}",
            10,
            "openai",
        ),
    ],
    ids=[
        "key",
        "selector",
        "forced model",
        "enum",
        "flow key",
        "tab",
        "duplicate",
        "provider",
    ],
)
def test_a_wrong_spec_is_one_line_with_its_place(
    llmhub: Run, project: Path, *, before: str, after: str, line: int, says: str
) -> None:
    """File, line, what is wrong and the nearest right word; exit 2."""
    spec = project / "llmhub.spec.yaml"
    spec.write_text(SPEC.replace(before, after), encoding="utf-8")
    done = llmhub("generate", "--offline")
    assert done.returncode == 2
    (message,) = done.stderr.strip().splitlines()[-1:]
    assert f"llmhub.spec.yaml:{line}:" in message
    assert says in message
    assert "Traceback" not in done.stderr
    assert not (project / LOCK).exists()


def test_unknown_names_are_refused_with_what_exists(llmhub: Run, project: Path) -> None:
    """A selector, a model, a role, an environment that are not there."""
    done = llmhub("generate", "--selector", "cost-frist")
    assert (done.returncode, "cost-first" in done.stderr) == (2, True)
    assert "balanced" in done.stderr
    done = llmhub("generate", "--env", "prodd")
    assert (done.returncode, "prod" in done.stderr) == (2, True)
    spec = project / "llmhub.spec.yaml"
    forced = "{quality: high, cost: medium}\n    force_model: openai:gpt-5.55"
    spec.write_text(SPEC.replace("{quality: high, cost: medium}", forced))
    done = llmhub("generate")
    assert done.returncode == 2
    assert "gpt-5.5" in done.stderr


def test_a_folder_that_takes_no_file_is_named(
    llmhub: Run, project: Path, tmp_path: Path
) -> None:
    """An output that can't be written is an error of one line, exit 2."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    done = llmhub("generate", "--output", str(blocked / "llmhub.yaml"))
    assert done.returncode == 2
    assert str(blocked) in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / LOCK).exists()


def test_without_network_or_cache_the_embedded_catalog_is_used(
    llmhub: Run, project: Path
) -> None:
    """``--offline`` on a new machine chooses from thousands of models, and says so."""
    done = llmhub("generate", "--offline", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["catalog"]["origin"] == "snapshot"
    assert report["roles"]["llm.answers"]["considered"] > 5_000
    assert "embedded catalog" in done.stderr
    assert (project / CONFIG).exists()


def test_roles_without_upgrade_are_a_mistake(llmhub: Run, project: Path) -> None:
    """Nothing is chosen for a command that can be read in two ways."""
    done = llmhub("generate", "llm.answers")
    assert done.returncode == 2
    assert "--upgrade" in done.stderr
    assert not (project / LOCK).exists()


def test_a_role_that_left_the_spec_leaves_the_lock(llmhub: Run, project: Path) -> None:
    """And that is said."""
    llmhub("generate", "--offline")
    spec = project / "llmhub.spec.yaml"
    kept = SPEC.replace("  llm.search:\n    kind: embedding\n", "")
    spec.write_text(kept, encoding="utf-8")
    done = llmhub("generate", "--offline")
    assert "llm.search is no longer in the spec and leaves the lock" in done.stderr
    assert "llm.search" not in (project / LOCK).read_text("utf-8")
    assert "llm.search" not in (project / CONFIG).read_text("utf-8")


@pytest.mark.parametrize(("typed", "replaced"), [("y\n", True), ("n\n", False)])
def test_on_a_terminal_generate_asks(
    answer: Answer, llmhub: Run, project: Path, typed: str, replaced: bool
) -> None:
    """Before it replaces a config that was edited by hand."""
    llmhub("generate", "--offline")
    config = project / CONFIG
    ours = config.read_bytes()
    mine = b"project: mine\nroles: {}\n"
    config.write_bytes(mine)
    status, said = answer(typed, "generate", "--offline")
    assert "was edited by hand. Replace it?" in said
    assert status == (0 if replaced else 130)
    assert config.read_bytes() == (ours if replaced else mine)


def test_check_tells_programs(llmhub: Run, project: Path) -> None:
    """The findings as JSON; none is an empty list; a config that is a folder."""
    done = llmhub("generate", "--check", "--json")
    assert done.returncode == 1
    assert {finding["file"] for finding in json.loads(done.stdout)} >= {"lock"}
    llmhub("generate", "--offline")
    done = llmhub("generate", "--check", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    (project / CONFIG).unlink()
    (project / CONFIG).mkdir()
    done = llmhub("generate", "--check")
    assert done.returncode == 2
    assert "llmhub.yaml: can't be read" in done.stderr


def test_a_role_that_wants_no_backup_gets_none(llmhub: Run, project: Path) -> None:
    """The missing backup is said, not left out."""
    spec = project / "llmhub.spec.yaml"
    alone = "kind: embedding\n    fallbacks: 0"
    spec.write_text(SPEC.replace("kind: embedding", alone), encoding="utf-8")
    done = llmhub("generate", "--offline", "--dry-run")
    assert done.returncode == 0, done.stderr
    answers, _, search = done.stdout.partition("llm.search")
    assert "backup   none" not in answers
    assert search.count("backup") == 1
    assert "backup   none" in search


def test_keys_that_are_missing_are_told(llmhub: Run, project: Path) -> None:
    """Once when the files are written, and by status at any time; never a key."""
    search = "kind: embedding\n    preferences: {providers: [openai]}"
    spec = SPEC.replace("kind: embedding", search)
    (project / "llmhub.spec.yaml").write_text(spec, encoding="utf-8")
    done = llmhub("generate", "--offline", OPENAI_API_KEY="sk-secret")
    told = done.stderr.splitlines()[-1]
    assert told.startswith("keys that are not set here: ")
    assert "OPENAI_API_KEY" not in told
    again = llmhub("generate", "--offline").stderr
    assert "keys that" not in again
    shown = llmhub("status", OPENAI_API_KEY="sk-secret").stdout
    for variable in told.partition(": ")[2].split(", "):
        assert f" {variable}  not set, for " in shown
    assert "OPENAI_API_KEY  set, for openai" in shown
    assert "sk-secret" not in done.stdout + done.stderr + shown
