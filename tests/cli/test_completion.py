"""A shell completes commands, options and the names that a user would type."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def completed(llmhub: Run, *words: str) -> list[str]:
    """What the shell is offered for the last of the words."""
    done = llmhub(
        _LLMHUB_COMPLETE="bash_complete",
        COMP_WORDS=" ".join(["llmhub", *words]),
        COMP_CWORD=str(len(words)),
    )
    assert done.returncode == 0
    assert done.stderr == ""
    lines = done.stdout.split()
    return [line.removeprefix("plain,") for line in lines]


def test_each_shell_gets_its_script(llmhub: Run) -> None:
    """As the reference says to put them to use."""
    for shell in ("bash", "zsh", "fish"):
        done = llmhub(_LLMHUB_COMPLETE=f"{shell}_source")
        assert done.returncode == 0
        assert "_LLMHUB_COMPLETE=" in done.stdout


def test_commands_and_options_are_completed(llmhub: Run) -> None:
    """Of groups too."""
    assert completed(llmhub, "ge") == ["generate"]
    assert completed(llmhub, "catalog", "sh") == ["show"]
    assert completed(llmhub, "generate", "--fr") == ["--frozen"]


def test_names_come_from_the_spec_and_from_what_is_installed(llmhub: Run) -> None:
    """Roles, environments and selectors."""
    assert completed(llmhub, "explain", "llm.") == ["llm.answers", "llm.search"]
    assert completed(llmhub, "generate", "--upgrade", "llm.s") == ["llm.search"]
    assert completed(llmhub, "outdated", "--env", "p") == ["prod"]
    assert completed(llmhub, "generate", "--selector", "cost") == ["cost-first"]


@pytest.mark.parametrize("text", [None, "roles: ["])
def test_without_a_spec_that_can_be_read_nothing_is_offered(
    llmhub: Run, project: Path, text: str | None
) -> None:
    """No error appears in the middle of a line; another spec may be named."""
    spec = project / "llmhub.spec.yaml"
    spec.rename(project / "other.yaml")
    if text is not None:
        spec.write_text(text, encoding="utf-8")
    assert completed(llmhub, "explain", "llm.") == []
    named = completed(llmhub, "explain", "--spec", "other.yaml", "llm.s")
    assert named == ["llm.search"]
