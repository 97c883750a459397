"""The smaller commands, and what all of them share."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from llmhub_core.commands import cli
from tests.cli.conftest import SPEC, Run, script


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
    environ: dict[str, str],
    project: Path,
    typed: str,
    replaced: bool,
) -> None:
    """A real terminal is asked; anything but yes leaves the file."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [script(), "init"],
        cwd=project,
        env=environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        os.write(ours, typed.encode())
        said = b""
        while process.poll() is None or b"\n" not in said:
            try:
                said += os.read(ours, 4096)
            except OSError:
                break
        process.wait(timeout=60)
    os.close(ours)
    assert b"Replace it?" in said
    assert ((project / "llmhub.spec.yaml").read_text("utf-8") != SPEC) is replaced
    assert process.returncode == (0 if replaced else 130)


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


def test_verbose_traces_to_stderr_and_leaves_stdout_to_data(llmhub: Run) -> None:
    """Events are readable on stderr; JSON on stdout stays JSON."""
    done = llmhub("--verbose", "generate", "--json", "--dry-run")
    assert json.loads(done.stdout)["roles"]
    for event in ("source.fetched", "catalog.fused", "role.chosen"):
        assert event in done.stderr


def test_quiet_prints_data_and_errors_only(llmhub: Run) -> None:
    """Nothing on stderr when all is well."""
    assert llmhub("--quiet", "generate").stderr == ""


def test_debug_shows_where_an_error_came_from(llmhub: Run) -> None:
    """Tracebacks appear only when they are asked for."""
    assert "Traceback" in llmhub("--debug", "generate", "--env", "none").stderr
    assert "Traceback" not in llmhub("generate", "--env", "none").stderr


def test_every_command_has_help() -> None:
    """No command and no option without a word about it, but for the obvious."""
    import click

    with click.Context(cli) as ctx:
        for name in cli.list_commands(ctx):
            command = cli.get_command(ctx, name)
            assert command is not None
            assert command.help
