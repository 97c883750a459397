"""The smaller commands, and what all of them share."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmhub_core.catalog import store
from llmhub_core.commands import main
from tests.cli.conftest import SPEC, Answer, Run


def test_help_and_version(llmhub: Run) -> None:
    """Both answer on stdout; every command is listed."""
    done = llmhub("--help")
    assert done.returncode == 0
    for name in ("init", "generate", "spec", "catalog", "plugins", "status"):
        assert name in done.stdout
    assert llmhub("--version").stdout.startswith("llmhub 2")


def test_a_mistyped_command_is_refused_with_a_near_one(llmhub: Run) -> None:
    """Exit 2 and a suggestion."""
    done = llmhub("genrate")
    assert done.returncode == 2
    assert "generate" in done.stderr


def test_init_writes_a_spec_that_generates(llmhub: Run, tmp_path: Path) -> None:
    """Keys that are present become providers; the spec works as it is."""
    folder = tmp_path / "new-app"
    folder.mkdir()
    done = llmhub("init", cwd=folder, OPENAI_API_KEY="k-1", MISTRAL_API_KEY="k-2")
    assert done.returncode == 0, done.stderr
    text = (folder / "llmhub.spec.yaml").read_text("utf-8")
    assert "project: new-app" in text
    assert "OPENAI_API_KEY" in text
    assert "anthropic" not in text
    example = (folder / ".env.example").read_text("utf-8")
    assert "OPENAI_API_KEY=\n" in example
    assert "k-1" not in text + example + done.stderr
    assert llmhub("generate", "--offline", cwd=folder).returncode == 0


def test_init_keeps_a_spec_that_is_there(llmhub: Run, project: Path) -> None:
    """Without ``--yes`` nothing is replaced."""
    done = llmhub("init")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert (project / "llmhub.spec.yaml").read_text("utf-8") == SPEC
    assert llmhub("init", "--yes").returncode == 0


@pytest.mark.parametrize(("typed", "replaced"), [("y\n", True), ("n\n", False)])
def test_on_a_terminal_init_asks(
    answer: Answer, project: Path, typed: str, replaced: bool
) -> None:
    """A real terminal is asked; anything but yes leaves the file."""
    status, said = answer(typed, "init")
    assert "Replace it?" in said
    assert ((project / "llmhub.spec.yaml").read_text("utf-8") != SPEC) is replaced
    assert status == (0 if replaced else 130)


def test_init_keeps_an_example_that_is_there(llmhub: Run, project: Path) -> None:
    """Somebody's ``.env.example`` is left alone, and that is said."""
    example = project / ".env.example"
    example.write_text("MINE=\n", encoding="utf-8")
    done = llmhub("init", "--yes")
    assert done.returncode == 0
    assert "left .env.example as it is" in done.stderr
    assert example.read_text("utf-8") == "MINE=\n"


def test_spec_validate_checks_every_environment(llmhub: Run, project: Path) -> None:
    """A mistake in an environment that is not the default one is found too."""
    done = llmhub("spec", "validate")
    assert done.returncode == 0, done.stderr
    assert "dev" in done.stdout
    assert "prod" in done.stdout
    spec = project / "llmhub.spec.yaml"
    spec.write_text(SPEC.replace("quality: low, cost: low", "quality: lo"))
    done = llmhub("spec", "validate")
    assert done.returncode == 2
    assert "llmhub.spec.yaml:13:" in done.stderr
    facts = json.loads(llmhub("spec", "schema").stdout)
    assert "roles" in facts["properties"]


def test_spec_validate_tells_programs(llmhub: Run) -> None:
    """JSON has every environment, or the one that was asked for."""
    dev, prod = (
        {"env": env, "roles": ["llm.answers", "llm.search"]} for env in ("dev", "prod")
    )
    both = json.loads(llmhub("spec", "validate", "--json").stdout)
    assert both == {"project": "shop", "environments": [dev, prod]}
    one = json.loads(llmhub("spec", "validate", "--env", "prod", "--json").stdout)
    assert one["environments"] == [prod]


def test_plugins_list_names_owners(llmhub: Run) -> None:
    """Built-ins are plugins like everybody's."""
    rows = json.loads(llmhub("plugins", "list", "--json").stdout)
    named = {(row["kind"], row["name"]) for row in rows}
    assert {
        ("source", "any-llm"),
        ("source", "arena"),
        ("source", "models-dev"),
        ("selector", "balanced"),
        ("selector", "cost-first"),
        ("selector", "quality-first"),
        ("exporter", "llmhub"),
    } <= named
    assert all(row["works"] and row["distribution"] for row in rows)
    assert "llmhub-core" in llmhub("plugins", "list").stdout


def test_plugins_list_says_what_is_broken(llmhub: Run, tmp_path: Path) -> None:
    """A plugin that does not import is listed with its owner and the reason."""
    about = tmp_path / "site" / "acme_picks-1.2.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: acme-picks\nVersion: 1.2\n", encoding="utf-8"
    )
    (about / "entry_points.txt").write_text(
        "[llmhub.selectors]\nacme = acme_picks:Gone\n", encoding="utf-8"
    )
    where = str(about.parent)
    rows = json.loads(llmhub("plugins", "list", "--json", PYTHONPATH=where).stdout)
    (acme,) = (row for row in rows if row["name"] == "acme")
    assert (acme["distribution"], acme["version"]) == ("acme-picks", "1.2")
    assert acme["works"] is False
    assert "acme_picks" in acme["reason"]
    table = llmhub("plugins", "list", PYTHONPATH=where).stdout
    (line,) = (line for line in table.splitlines() if " acme " in line)
    assert "broken" in line


def test_status_says_where_things_are(
    llmhub: Run, project: Path, environ: dict[str, str]
) -> None:
    """Files, whether they agree, the cache and the age of the catalog."""
    before = json.loads(llmhub("status", "--json").stdout)
    states = {file["what"]: file["state"] for file in before["files"]}
    assert states["lock"] == "not there"
    assert "embedded" in before["catalog"]["summary"]
    llmhub("generate")
    done = llmhub("status")
    assert done.stdout.count("in order") == 3
    assert environ["LLMHUB_CACHE_DIR"] in done.stdout
    assert str(project) not in (project / "llmhub.lock").read_text("utf-8")


def test_status_says_what_needs_a_look(llmhub: Run, project: Path) -> None:
    """Under the file: roles that the lock lacks, and a spec that can't be read."""
    done = llmhub("status")
    assert done.returncode == 0
    assert "llmhub.spec.yaml  in order" in done.stdout
    assert "llmhub.lock  not there" in done.stdout
    (project / "llmhub.spec.yaml").write_text("projct: shop\n", encoding="utf-8")
    done = llmhub("status")
    assert done.returncode == 1
    state, finding = done.stdout.splitlines()[:2]
    assert state.endswith("llmhub.spec.yaml  needs a look")
    assert "projct" in finding


def test_status_without_any_catalog_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A distributor may leave the embedded one out."""
    monkeypatch.setattr(store, "load_snapshot", lambda: None)
    with pytest.raises(SystemExit) as ended:
        main(["status", "--json"])
    assert ended.value.code == 0
    catalog = json.loads(capsys.readouterr().out)["catalog"]
    assert catalog["summary"] == "none yet: `llmhub catalog refresh` brings one"
    assert (catalog["models"], catalog["digest"]) == (0, None)


def test_verbose_traces_to_stderr_and_leaves_stdout_to_data(llmhub: Run) -> None:
    """Events are readable on stderr; JSON on stdout stays JSON."""
    done = llmhub("--verbose", "generate", "--json", "--dry-run")
    assert json.loads(done.stdout)["roles"]
    for event in ("source.fetched", "catalog.fused", "role.chosen"):
        assert event in done.stderr


def test_quiet_prints_data_and_errors_only(llmhub: Run) -> None:
    """Nothing on stderr when all is well."""
    assert llmhub("--quiet", "generate").stderr == ""


@pytest.mark.parametrize(
    "command", ["generate", "explain answer", "outdated", "diff", "status", "init"]
)
def test_a_folder_is_no_spec(llmhub: Run, command: str) -> None:
    """Every command says so, and which option is meant."""
    done = llmhub(*command.split(), "--spec", ".")
    assert done.returncode == 2
    assert "'--spec': File '.' is a directory" in done.stderr
    assert "Traceback" not in done.stderr


def test_options_that_do_nothing_together_are_refused(llmhub: Run) -> None:
    """A check that chose anew would not be one."""
    done = llmhub("generate", "--check", "--upgrade")
    assert done.returncode == 2
    assert "leave --upgrade out" in done.stderr


def test_debug_shows_where_an_error_came_from(llmhub: Run) -> None:
    """Tracebacks appear only when they are asked for."""
    assert "Traceback" in llmhub("--debug", "generate", "--env", "none").stderr
    assert "Traceback" not in llmhub("generate", "--env", "none").stderr
