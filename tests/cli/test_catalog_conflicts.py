"""``llmhub catalog conflicts``: what it prints, for people and for programs."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, Protocol

import pytest

from llmhub_core.catalog.likeness import written
from llmhub_core.commands import main
from llmhub_core.commands.catalog import conflicts
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.records.model import CanonicalModel, Conflict, Origin, PriceTier

OURS, THEIRS = Origin(source="models-dev"), Origin(source="theirs", as_of="2026-11")
TIER = PriceTier(
    above_context_tokens=200_000, input_per_million=2.0, output_per_million=8.0
)


def lost(field: str, values: tuple[Any, Any], **how: Any) -> Conflict:
    """A conflict with another source."""
    kept, other = map(written, values)
    known: dict[str, Any] = {"kept_from": OURS, "lost_from": THEIRS}
    return Conflict(field=field, kept=kept, lost=other, **(known | how))


ELSEWHERE = lost(
    "open_weights",
    (False, True),
    lost_from=Origin(source="models-dev", via="base"),
    said_of="openai/gpt-5",
)
CATALOG = Catalog(
    models=(
        CanonicalModel(
            canonical_id="groq:gpt-5",
            provider="groq",
            model_id="gpt-5",
            group="openai/gpt-5",
            conflicts=(ELSEWHERE,),
            flags={"odd": "it is"},
        ),
        CanonicalModel(
            canonical_id="openai:gpt-5",
            provider="openai",
            model_id="gpt-5",
            group="openai/gpt-5",
            conflicts=(
                lost("price_input_per_million", (0.0, 1.25)),
                lost("price_output_per_million", (10.0, 11.0)),
                lost("price_cache_read_per_million", (None, 0.125)),
                lost("price_tiers", ((TIER,), ())),
                lost("supports_tool_call", (True, False)),
                lost("input_modalities", (("text",), ("text", "image"))),
                lost("context_tokens", (400_000, 272_000)),
                lost("display_name", ("GPT-5", "GPT 5")),
            ),
            flags={"zero-price": "says 0", "floating-alias": "floats"},
        ),
        CanonicalModel(
            canonical_id="openrouter:openai/gpt-5",
            provider="openrouter",
            model_id="openai/gpt-5",
            group="openai/gpt-5",
            conflicts=(ELSEWHERE,),
        ),
    ),
    sources=(
        SourceStatus(
            name="models-dev", state="fresh", fetched_at="2026-11-22T10:00:00Z"
        ),
        SourceStatus(name="theirs", state="fresh"),
    ),
)


@pytest.fixture(autouse=True)
def catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command read the catalog above."""
    monkeypatch.setattr(conflicts, "load", lambda console, *, offline: CATALOG)


class Done(NamedTuple):
    """What the command did."""

    status: object
    stdout: str
    stderr: str


class Run(Protocol):
    """Run the command."""

    def __call__(self, *arguments: str) -> Done:
        """Return what it printed and its exit status."""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``llmhub catalog conflicts`` in this process."""

    def run(*arguments: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(["catalog", "conflicts", *arguments])
        said = capsys.readouterr()
        return Done(ended.value.code, said.out, said.err)

    return run


def lines(text: str) -> list[str]:
    """Lines with single spaces."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_people_read_both_values_with_their_sources(run: Run) -> None:
    """Each value in its unit; hosts that err alike about one model share a line."""
    done = run()
    assert done.status == 0
    ours, theirs = "models-dev 2026-11-22", "theirs 2026-11"
    tier = "above 200,000 tokens $2.00 in, $8.00 out per 1M tokens"
    told = lines(done.stdout)[3:-1]
    assert [line.removeprefix("openai:gpt-5 ") for line in told] == [
        f"price price_input_per_million $0.00 {ours} $1.25 {theirs} from 0",
        f"price price_output_per_million $10.00 {ours} $11.00 {theirs} 10%",
        f"price price_cache_read_per_million unknown {ours} $0.125 {theirs}",
        f"price price_tiers {tier} {ours} none {theirs}",
        f"capability supports_tool_call yes {ours} no {theirs}",
        f"capability input_modalities text {ours} text, image {theirs}",
        f"limit context_tokens 400,000 {ours} 272,000 {theirs} 47%",
        f"name display_name GPT-5 {ours} GPT 5 {theirs}",
        f"groq:gpt-5 + 1 group open_weights no {ours} yes {ours} of openai/gpt-5",
    ]
    assert lines(done.stderr) == ["2 rows fail a check; see --suspicious"]


def test_the_rest_is_counted(run: Run) -> None:
    """What a limit leaves out, and that nothing is left."""
    assert lines(run("--limit", "2").stderr)[0] == "7 more; see --limit"
    nothing = run("--kind", "date", "--model", "openrouter:openai/gpt-5")
    assert lines(nothing.stderr) == ["nothing fits"]


def test_suspicious_rows_are_listed_with_the_reason(run: Run) -> None:
    """And each check is explained once; one of another version can't be."""
    done = run("--suspicious", "--limit", "2")
    assert lines(done.stdout)[3:-1] == [
        "openai:gpt-5 zero-price says 0",
        "openai:gpt-5 floating-alias floats",
    ]
    told = lines(done.stderr)
    assert told[0].startswith("1 zero-price: the price list says 0")
    assert told[2:] == ["1 odd: of another version", "1 more; see --limit"]
    assert "openai" not in run("--suspicious", "--provider", "groq").stdout


def test_programs_read_both_lists_under_the_same_filters(run: Run) -> None:
    """Values as they are; JSON has no infinity, so that a price against 0 has null."""
    told = json.loads(run("--json", "--model", "openai:gpt-5").stdout)
    sizes = {one["field"]: one["size"] for one in told["conflicts"]}
    assert sizes["price_input_per_million"] is None
    assert sizes["price_output_per_million"] == pytest.approx(0.1)
    assert told["conflicts"][0] == {
        "canonical_id": "openai:gpt-5",
        "group": "openai/gpt-5",
        "kind": "price",
        "field": "price_input_per_million",
        "kept": {
            "value": 0.0,
            "source": "models-dev",
            "date": "2026-11-22",
            "via": None,
            "said_of": None,
        },
        "lost": {
            "value": 1.25,
            "source": "theirs",
            "date": "2026-11",
            "via": None,
            "said_of": None,
        },
        "size": None,
    }
    assert [one["flag"] for one in told["suspicious"]] == [
        "zero-price",
        "floating-alias",
    ]
    alone = json.loads(run("--json", "--suspicious").stdout)
    assert alone["conflicts"] == []
    assert alone["suspicious"][-1] == {
        "canonical_id": "groq:gpt-5",
        "flag": "odd",
        "means": None,
        "says": "it is",
    }


def test_the_kinds_on_the_command_line_are_those_of_the_catalog() -> None:
    """They are written out, so that ``--help`` imports nothing."""
    from llmhub_core.catalog.conflicts import KINDS

    assert conflicts._KINDS == KINDS


def test_an_unknown_field_is_an_error_with_a_hint(run: Run) -> None:
    """Not an empty list."""
    done = run("--field", "open_wieghts")
    assert done.status == 2
    assert done.stderr == (
        "error: no field 'open_wieghts' in the catalog. Did you mean 'open_weights'?\n"
    )
