"""The three sources' prices held against two price lists that nobody here wrote."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import oracles
from tests.cli.conftest import Run
from tests.upstreams import DATA

ORACLES = ("genai-prices", "model-prices")
INPUT, OUTPUT = "price_input_per_million", "price_output_per_million"
LABS = json.loads((DATA / "models_dev_labs" / "api.json").read_text(encoding="utf-8"))
WELL_KNOWN = [
    f"{'gemini' if lab == 'google' else 'moonshot' if lab == 'moonshotai' else lab}:{i}"
    for lab, told in LABS.items()
    for i in told["models"]
]

#: What was found by hand: models.dev of July 2026 beside the oracles of November.
KNOWN = {
    ("gemini:gemini-flash-latest", INPUT): (0.3, {0.75}),
    ("gemini:gemini-flash-latest", OUTPUT): (2.5, {3.75}),
    ("mistral:mistral-medium-latest", INPUT): (0.4, {1.5}),
    ("mistral:mistral-medium-latest", OUTPUT): (2, {7.5}),
    ("mistral:mistral-large-latest", INPUT): (0.5, {2}),
    ("mistral:mistral-large-latest", OUTPUT): (1.5, {6}),
    ("mistral:ministral-8b-latest", INPUT): (0.1, {0.15}),
    ("mistral:ministral-8b-latest", OUTPUT): (0.1, {0.15}),
    ("deepseek:deepseek-v4-flash", INPUT): (0.14, {0.15}),
    ("deepseek:deepseek-v4-flash", OUTPUT): (0.28, {0.6}),
    ("deepseek:deepseek-v4-pro", INPUT): (0.435, {0.66}),
    ("deepseek:deepseek-v4-pro", OUTPUT): (0.87, {1.98}),
    ("deepseek:deepseek-chat", INPUT): (0.14, {0.27}),
    ("deepseek:deepseek-chat", OUTPUT): (0.28, {1.1}),
    ("deepseek:deepseek-reasoner", INPUT): (0.14, {0.55}),
    ("deepseek:deepseek-reasoner", OUTPUT): (0.28, {2.19}),
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The oracles, installed as a third party's distribution."""
    folder = tmp_path / "site"
    info = folder / "oracles-1.0.dist-info"
    info.mkdir(parents=True)
    metadata = "Metadata-Version: 2.1\nName: oracles\nVersion: 1.0\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(oracles.ENTRY_POINTS, encoding="utf-8")
    shutil.copy(oracles.__file__, folder)
    return folder


@pytest.fixture
def asked(llmhub: Run, site: Path) -> Callable[..., Any]:
    """Ask the command for JSON, with models.dev and both oracles as the sources."""
    settings = {
        "PYTHONPATH": str(site),
        "LLMHUB_MODELS_DEV_URL": str(DATA / "models_dev_labs"),
        "LLMHUB_SOURCES": ",".join(("models-dev", *ORACLES)),
    }

    def ask(*arguments: str) -> Any:
        run = llmhub("catalog", *arguments, "--json", **settings)
        assert run.returncode == 0, run.stderr
        assert "skipped" not in run.stdout
        return json.loads(run.stdout)

    ask("refresh")
    return ask


def test_the_oracles_stand_on_the_public_contracts_alone() -> None:
    """They import nothing that a third party should not."""
    tree = ast.parse(Path(oracles.__file__).read_text(encoding="utf-8"))
    ours = {
        node.module.removeprefix("llmhub_core.").split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("llmhub_")
    }
    assert ours == {"contracts", "errors", "records"}


def test_the_known_disagreements_are_listed(asked: Callable[..., Any]) -> None:
    """All of them with both values, sources and dates, and no other on these models."""
    told = asked("conflicts", "--kind", "price")["conflicts"]
    found: dict[tuple[str, str], tuple[float, set[float]]] = {}
    for one in told:
        key = one["canonical_id"], one["field"]
        if key[0] in WELL_KNOWN and key[1] in {INPUT, OUTPUT}:
            assert (one["kept"]["source"], one["kept"]["date"]) == (
                "models-dev",
                "2026-06-30",
            )
            assert one["lost"]["source"] in ORACLES
            assert one["lost"]["date"].startswith("2026-1")
            found.setdefault(key, (one["kept"]["value"], set()))[1].add(
                one["lost"]["value"]
            )
    assert found == KNOWN


def test_every_well_known_price_agrees_with_an_oracle_or_is_listed(
    asked: Callable[..., Any],
) -> None:
    """63 models at their labs; nothing is neither confirmed nor contradicted."""
    assert len(WELL_KNOWN) == 63
    models = {one["canonical_id"]: one for one in asked("show")}
    disputed: dict[tuple[str, str], set[str]] = {}
    for one in asked("conflicts", "--kind", "price")["conflicts"]:
        key = one["canonical_id"], one["field"]
        disputed.setdefault(key, set()).add(one["lost"]["source"])
    agreed, listed = [], []
    for canonical_id in WELL_KNOWN:
        model = models[canonical_id]
        knowing = set(ORACLES) & model["source_ids"].keys()
        assert knowing, f"no oracle knows {canonical_id}"
        assert model["provenance"][INPUT]["source"] == "models-dev"
        against = disputed.get((canonical_id, INPUT), set()) | disputed.get(
            (canonical_id, OUTPUT), set()
        )
        (listed if knowing <= against else agreed).append(canonical_id)
    assert (len(agreed), len(listed)) == (58, 5)
    assert {key[0] for key in KNOWN} >= set(listed)


def test_a_price_list_that_was_not_taken_is_kept_where_ours_is_silent(
    asked: Callable[..., Any],
) -> None:
    """models.dev has no cache price of Mistral's: the oracles' is told, not taken."""
    (model,) = [
        one
        for one in asked("show", "--provider", "mistral")
        if one["canonical_id"] == "mistral:mistral-large-2512"
    ]
    assert model["price_cache_read_per_million"] is None
    told = asked(
        *("conflicts", "--model", "mistral:mistral-large-2512"),
        *("--field", "price_cache_read_per_million"),
    )["conflicts"]
    assert [(one["kept"]["value"], one["lost"]["value"]) for one in told] == [
        (None, 0.05),
        (None, 0.05),
    ]


def test_what_floats_is_flagged(asked: Callable[..., Any]) -> None:
    """The aliases whose price moved carry a flag that says that it may."""
    flagged = {
        one["canonical_id"]
        for one in asked("conflicts", "--suspicious")["suspicious"]
        if one["flag"] == "floating-alias"
    }
    assert {name for name, _ in KNOWN if name.endswith("-latest")} <= flagged
