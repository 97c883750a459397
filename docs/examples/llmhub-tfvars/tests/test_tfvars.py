"""The exporter tfvars keeps the contract, and a parser of HCL reads what it writes."""

from __future__ import annotations

from typing import Any

import hcl2
import pytest
from attrs import evolve
from llmhub_tfvars import TFVars, TFVarsOptions

from llmhub_core.contracts import ExportContext, Exporter
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.testing import ExporterContract, export_contexts


class TestTFVars(ExporterContract):
    """All that the contract asks."""

    @pytest.fixture
    def exporter(self) -> Exporter:
        """Return what is under test."""
        return TFVars(TFVarsOptions())


def _context(**changes: Any) -> ExportContext:
    """A context of the kit with one role of a plain model and one backup."""
    first = next(iter(export_contexts()))
    pick = Pick(
        canonical_id="openai:m", provider="openai", model_id="m", reason="made up"
    )
    choice = Choice(
        role="answer",
        mode="chat",
        primary=evolve(pick, **changes),
        backups=(evolve(pick, provider="mistral", model_id="n"),),
        selector="balanced",
        eligible=2,
        considered=2,
    )
    return ExportContext(spec=first.spec, choices=(choice,), head=("made by a test",))


def _text(context: ExportContext, **options: str) -> str:
    (file,) = TFVars(TFVarsOptions(**options)).export(context)
    return file.text


def test_the_file_is_as_terraform_formats_it() -> None:
    """Equal signs stand below one another, so `terraform fmt` changes nothing."""
    assert _text(_context()) == (
        "# made by a test\n"
        "\n"
        "llm_roles = {\n"
        '  "answer" = {\n'
        '    mode      = "chat"\n'
        '    provider  = "openai"\n'
        '    model     = "m"\n'
        '    fallbacks = [{ provider = "mistral", model = "n" }]\n'
        "  }\n"
        "}\n"
    )


def test_every_file_parses_and_holds_every_role() -> None:
    """Whatever the roles are called and however many backups there are."""
    for context in export_contexts():
        read = hcl2.loads(_text(context))
        assert len(read["llm_roles"]) == len(context.choices)


def test_names_can_not_begin_a_template() -> None:
    """A model's id is data: it is never evaluated, and ends no string early."""
    text = _text(_context(model_id='a"b\\${c}%{d}\u2028'))
    assert r'model     = "a\"b\\$${c}%%{d}\u2028"' in text
    assert hcl2.loads(text)


def test_only_the_default_environment_is_loaded_by_itself() -> None:
    """Two files of the name *.auto.tfvars would overwrite one another."""
    context = _context()
    spec = evolve(context.spec, env="dev", environments=("dev", "prod"))
    names = {
        env: TFVars(TFVarsOptions())
        .export(evolve(context, spec=evolve(spec, env=env)))[0]
        .name
        for env in spec.environments
    }
    assert names == {"dev": "llmhub.auto.tfvars", "prod": "llmhub.prod.tfvars"}


def test_the_variable_can_be_called_otherwise() -> None:
    """And only by what Terraform takes for a name."""
    assert "\nmodels = {\n" in _text(_context(), variable="models")
    with pytest.raises(ValueError, match="variable"):
        TFVarsOptions(variable="not a name")
