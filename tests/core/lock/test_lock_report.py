"""Comparisons as people read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from llmhub_core.lock.report import compare, markdown
from llmhub_core.records.candidate import Cost, Quality
from llmhub_core.records.lock import LockedEnvironment

ROLE = "llm.answers"


@pytest.fixture
def served(locked: LockedEnvironment) -> Callable[..., LockedEnvironment]:
    """The environment with other facts about one role's primary."""

    def make(**facts: Any) -> LockedEnvironment:
        entry = locked.roles[ROLE]
        backups = facts.pop("backups", entry.choice.backups)
        primary = evolve(entry.choice.primary, **facts)
        choice = evolve(entry.choice, primary=primary, backups=backups)
        roles = {**locked.roles, ROLE: evolve(entry, choice=choice)}
        return evolve(locked, roles=roles)

    return make


def quality(score: float, **more: Any) -> Quality:
    """A rating, ten points wide."""
    known: dict[str, Any] = {
        "value": score - 5,
        "score": score,
        "ci_low": score - 5,
        "ci_high": score + 5,
        "board": "text",
        "category": "overall",
        "name": "m",
        "basis": "measured",
    }
    return Quality(**{**known, **more})


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"canonical_id": "x:new"}, "openai:gpt-5 -> x:new"),
        (
            {"cost": Cost(usd_per_request=0.0042, basis="listed")},
            "per request $0.0021 -> $0.0042 (+100%)",
        ),
        ({"cost": None}, "per request $0.0021 -> unknown"),
        (
            {"quality": quality(1425.0)},
            "rating 1400 (1392-1408) -> 1425 (1420-1430), +25 points",
        ),
        (
            {"quality": quality(1400.0, basis="inherited")},
            "rating 1400 (1392-1408) -> 1400 (1395-1405), inherited, +0 points",
        ),
        (
            {"quality": quality(1500.0, category="coding")},
            "rating 1400 (1392-1408) -> 1500 (1495-1505), of another category",
        ),
        ({"quality": None}, "rating 1400 (1392-1408) -> none"),
        ({"context_tokens": 1_000_000}, "context 400,000 -> 1,000,000"),
        ({"max_output_tokens": None}, "output 128,000 -> unknown"),
        (
            {"capabilities": ("tools", "vision")},
            "loses structured_output; gains vision",
        ),
        (
            {"params": {"temperature": 0.9, "stop": ("\n\n",), "extra": {"b": 1}}},
            "parameters temperature 0.2 -> 0.9",
        ),
    ],
)
def test_every_difference_has_a_phrase(
    locked: LockedEnvironment,
    served: Callable[..., LockedEnvironment],
    facts: dict[str, Any],
    word: str,
) -> None:
    """What differs is said with both values."""
    (role,) = compare(locked, served(**facts), env="dev").roles
    first = locked.roles[ROLE].choice.primary.canonical_id
    assert word.replace("openai:gpt-5", first, 1) in role.words


def test_backups_and_what_gave_way_are_said(
    locked: LockedEnvironment, served: Callable[..., LockedEnvironment]
) -> None:
    """A chain without its backups is another chain."""
    (role,) = compare(locked, served(backups=()), env="dev").roles
    assert any(w.startswith("backups ") and w.endswith("-> none") for w in role.words)


def test_a_month_is_the_workloads(
    locked: LockedEnvironment, served: Callable[..., LockedEnvironment]
) -> None:
    """Cost of a request times requests; unknown where either is."""
    dear = served(cost=Cost(usd_per_request=0.0042, basis="listed"))
    report = compare(locked, dear, env="dev", requests_per_month={ROLE: 1000})
    (role,) = report.roles
    assert role.usd_per_month_before == pytest.approx(2.1)
    assert role.usd_per_month_after == pytest.approx(4.2)
    assert report.usd_per_month_after == pytest.approx(4.2)
    silent = compare(locked, dear, env="dev")
    assert silent.roles[0].usd_per_month_after is None
    assert silent.usd_per_month_before is None
    unknown = compare(
        locked, served(cost=None), env="dev", requests_per_month={ROLE: 1000}
    )
    assert "$2.10 → unknown" in markdown(unknown, title="x")


def test_roles_that_come_and_go_are_said(locked: LockedEnvironment) -> None:
    """They have one side only."""
    came = compare(None, locked, env="dev")
    assert [role.words[0].split(":")[0] for role in came.roles] == ["added", "added"]
    went = compare(locked, None, env="dev")
    assert {role.words[0].split(":")[0] for role in went.roles} == {"removed"}
    assert markdown(went, title="x").count("| — |") == 4


def test_markdown_is_a_table_that_no_name_breaks(
    locked: LockedEnvironment, served: Callable[..., LockedEnvironment]
) -> None:
    """Pipes, backticks and line breaks in a name stay inside their cell."""
    report = compare(locked, served(canonical_id="x:`a|b`\n## c"), env="dev")
    text = markdown(report, title="What changed")
    lines = text.splitlines()
    assert lines[0] == "## What changed"
    (row,) = [line for line in lines if line.startswith(f"| `{ROLE}`")]
    assert "`` x:`a\\|b` ## c ``" in row
    assert not any(line.startswith("## c") for line in lines)
    assert text.endswith("\n")


def test_nothing_is_said_in_a_sentence(locked: LockedEnvironment) -> None:
    """Equal states make no table."""
    text = markdown(compare(locked, locked, env="prod"), title="x")
    assert text == "## x\n\nNothing differs in `prod`.\n"
