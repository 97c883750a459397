"""The numbers on the pages about selection are the numbers in the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from attrs import fields

from llmhub_core.records.candidate import Candidate
from llmhub_core.records.need import RoleNeed
from llmhub_core.records.spec import Level, Preferences, RoleSpec, Spec
from llmhub_core.selection import interpret
from llmhub_core.selection.interpret import rating_keys
from llmhub_core.selection.parameters import TEMPERATURES
from llmhub_core.selection.quality import ENOUGH
from llmhub_core.spec.role import TASKS
from llmhub_selectors.balanced import CEILING, BalancedOptions
from llmhub_selectors.cost_first import CostFirstOptions
from llmhub_selectors.floor import GAPS
from llmhub_selectors.latency_first import LatencyFirstOptions

DOCS = Path(__file__).parents[2] / "docs"
EXPLANATION = (DOCS / "explanation" / "selection.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "selectors.md").read_text(encoding="utf-8")


def rows(text: str, head: str) -> list[list[str]]:
    """Cells of the table under a heading, without its head."""
    _, found, rest = text.partition(f"# {head}\n")
    assert found, f"there is no heading {head!r}"
    section = re.split(r"(?m)^#+ ", rest)[0]
    lines = re.findall(r"(?m)^\| (.*) \|$", section)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines[1:]]


def test_the_floors_are_those_of_the_code() -> None:
    """Points below the best, and what they mean in match-ups."""
    shown = {row[0]: row[1:] for row in rows(EXPLANATION, "The quality floor")}
    wins = {
        level: f"{100 / (1 + 10 ** (gap / 400)):.0f} %" for level, gap in GAPS.items()
    }
    assert shown == {
        "`high`": [f"{GAPS['high']:g}", wins["high"]],
        "`medium`, or nothing said": [f"{GAPS['medium']:g}", wins["medium"]],
        "`low`": [f"{GAPS['low']:g}", wins["low"]],
    }
    assert GAPS[None] == GAPS["medium"]


@pytest.mark.parametrize(
    ("label", "level"),
    [
        ("`high`", "high"),
        ("`medium`", "medium"),
        ("`low`", "low"),
        ("nothing said", None),
    ],
)
def test_the_weights_are_those_of_the_code(label: str, level: Level | None) -> None:
    """The points of a level are the proportions of the shares."""
    (row,) = [row for row in rows(EXPLANATION, "Weights") if row[0] == label]
    points = [int(cell) for cell in row[1:]]
    wishes = Preferences(quality=level, cost=level, latency=level)
    spec = Spec(project="p", roles={"r": RoleSpec(name="r", preferences=wishes)})
    weights = interpret(spec, "r").weights
    shares = [weights.quality, weights.cost, weights.latency]
    assert shares == pytest.approx([point / sum(points) for point in points])


def test_the_categories_are_those_of_the_code() -> None:
    """Every task that has a row of its own, and the rule for the others."""
    shown = {row[0]: row[1:] for row in rows(EXPLANATION, "Quality") if len(row) > 2}
    special = {
        "general": "`general`",
        "reasoning": "`reasoning`",
        "long_context": "`long_context`",
        "vision": "`vision`, or images as input of a general role",
    }
    for task in TASKS:
        first, *others = map(str, rating_keys("chat", task, images=False))
        if task in special:
            assert shown[special[task]] == [first, ", ".join(others) or "none"]
        else:
            assert [first, *others] == [f"text/{task}", "text/overall"]
    said = " ".join(EXPLANATION.split())
    assert f"fewer than {ENOUGH} shared names" in said
    assert f"rates fewer than {ENOUGH} names" in said


def test_the_temperatures_are_those_of_the_code() -> None:
    """One sentence names them all."""
    assert TEMPERATURES == {"coding": 0.2, "math": 0.2, "creative_writing": 1.0}
    said = " ".join(EXPLANATION.split())
    assert "0.2 for `coding` and `math`, 1.0 for `creative_writing`" in said


@pytest.mark.parametrize(
    ("selector", "options"),
    [
        ("balanced", BalancedOptions),
        ("cost-first", CostFirstOptions),
        ("latency-first", LatencyFirstOptions),
    ],
)
def test_every_option_is_in_the_reference(selector: str, options: type[Any]) -> None:
    """With its default."""
    gaps = f"{GAPS['high']:g}, {GAPS['medium']:g} or {GAPS['low']:g} by `quality`"
    expected = {
        f"`{each.name}`": gaps if each.default is None else f"{each.default:g}"
        for each in fields(options)
    }
    shown = {row[0]: row[1] for row in rows(REFERENCE, selector)}
    assert shown == expected


def test_the_formula_is_that_of_the_code() -> None:
    """Its two rates are the defaults of the options, the ceiling is the code's."""
    options = BalancedOptions()
    formula = (
        f"wq * rating - wc * {options.points_per_doubling:g} * log2(1 + cost / cheap) "
        f"- wl * {options.points_per_class:g} * latency"
    )
    assert formula in REFERENCE
    assert CEILING == 2
    assert "twice the cost of the cheapest" in " ".join(REFERENCE.split())


@pytest.mark.parametrize(
    ("record", "inside"), [(Candidate, "candidate"), (RoleNeed, "need")]
)
def test_what_a_selector_is_handed_exists(record: type[Any], inside: str) -> None:
    """Every field in the tables is a field of the record."""
    _, _, section = REFERENCE.partition("## What a selector is handed\n")
    table = section.partition(f"| of a {inside} | is |\n")[2].partition("\n\n")[0]
    names = re.findall(r"`(\w+)`", "\n".join(re.findall(r"(?m)^\| ([^|]*) \|", table)))
    assert names
    assert set(names) <= {each.name for each in fields(record)}
