"""Whether a model can be called, told from what its provider lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmhub_core.catalog.fusion import fuse
from llmhub_core.catalog.identity import load_tables
from llmhub_core.catalog.precedence import load_precedence
from llmhub_core.records.model import Facts
from llmhub_core.records.observation import Harvest, Probe, ServedModel


def _served(provider: str, model_id: str) -> ServedModel:
    record = f"{provider}/{model_id}"
    return ServedModel(
        provider=provider, model_id=model_id, record=record, facts=Facts()
    )


@pytest.mark.parametrize(
    ("probe", "listed", "unlisted"),
    [
        (None, "not_probed", "not_probed"),
        (Probe(provider="openai", model_ids=None), "not_probed", "not_probed"),
        (Probe(provider="openai", model_ids=("gpt-5",)), "yes", "no"),
        (
            Probe(provider="openai", model_ids=("gpt-5",), complete=False),
            "yes",
            "not_probed",
        ),
    ],
)
def test_absence_means_something_in_a_complete_list(
    tmp_path: Path, probe: Probe | None, listed: str, unlisted: str
) -> None:
    """A provider that serves more than it lists takes no model away."""
    catalog = Harvest(served=(_served("openai", "gpt-5"), _served("openai", "gpt-4")))
    probed = Harvest(probes=(probe,) if probe else ())
    fused = fuse(
        {"models-dev": catalog, "any-llm": probed},
        tables=load_tables(tmp_path),
        precedence=load_precedence(),
    )
    callables = {model.model_id: model.callable for model in fused.models}
    assert callables == {"gpt-5": listed, "gpt-4": unlisted}
