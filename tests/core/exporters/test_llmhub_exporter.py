"""The exporter for llmhub.yaml is a plugin like everybody's."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmhub_core.contracts import CONTRACT_VERSION, ExportContext
from llmhub_core.exporters.llmhub import LLMHubExporter
from llmhub_core.lock.seal import is_ours
from llmhub_core.plugins import discover, load_exporter
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.settings import load_settings
from llmhub_core.spec import parse_spec
from llmhub_runtime import LLMHub
from llmhub_runtime.config import load_config, parse_config

SPEC = """\
project: shop
roles:
  chat: {kind: chat}
environments:
  prod: {roles: {chat: {task: coding}}}
"""
PICK = Pick(canonical_id="groq:m", provider="groq", model_id="m", reason="why")
CHOICE = Choice(
    role="chat",
    mode="chat",
    primary=PICK,
    selector="balanced",
    eligible=1,
    considered=1,
)


def test_is_found_by_its_entry_point() -> None:
    """The core finds its own exporter as it finds others."""
    assert "llmhub" in {plugin.name for plugin in discover("exporter")}
    plugin = load_exporter("llmhub", load_settings())
    assert isinstance(plugin.instance, LLMHubExporter)
    assert plugin.instance.contract_version == CONTRACT_VERSION


@pytest.mark.parametrize(
    ("env", "name"), [(None, "llmhub.yaml"), ("prod", "llmhub.prod.yaml")]
)
def test_exports_one_file_per_environment(env: str | None, name: str) -> None:
    """The file has the name, the head comment and the content that belong to it."""
    spec = parse_spec(SPEC, env=env)
    context = ExportContext(spec=spec, choices=(CHOICE,), head=("By hand.", "Twice."))
    (file,) = LLMHubExporter().export(context)
    assert file.name == name
    assert file.text.startswith("# By hand.\n# Twice.\n# sha256 of all other lines: ")
    assert is_ours(file.text)
    assert parse_config(file.text).env == spec.env


def test_exports_what_the_runtime_can_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An application can open the file and find its role in it."""
    context = ExportContext(spec=parse_spec(SPEC), choices=(CHOICE,))
    (file,) = LLMHubExporter().export(context)
    path = tmp_path / file.name
    path.write_text(file.text, encoding="utf-8")
    config = load_config(path)
    assert config.roles["chat"].model == "m"
    assert config.providers["groq"].env_key == "GROQ_API_KEY"
    monkeypatch.setenv("GROQ_API_KEY", "gsk-test")
    assert LLMHub(config_path=path, strict_env=True)
