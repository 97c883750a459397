"""Two states of a lock are compared role by role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from llmhub_core.codec import dumps, unstructure
from llmhub_core.lock.diff import diff, standing
from llmhub_core.records.candidate import Cost
from llmhub_core.records.choice import Choice
from llmhub_core.records.lock import LockedEnvironment


def with_primary(
    locked: LockedEnvironment, role: str, **facts: Any
) -> LockedEnvironment:
    """The same, with other facts about one role's primary."""
    entry = locked.roles[role]
    choice = entry.choice
    primary = evolve(choice.primary, **facts)
    changed = evolve(entry, choice=evolve(choice, primary=primary))
    return evolve(locked, roles={**locked.roles, role: changed})


def test_finds_nothing_between_equals(locked: LockedEnvironment) -> None:
    """No difference, no record."""
    assert diff(locked, locked) == ()
    assert diff(None, None) == ()


def test_passes_over_what_changes_no_call(locked: LockedEnvironment) -> None:
    """Another reason, note or digest for the same model is no change."""
    other = with_primary(locked, "embed", reason="else", notes=("new",), score=0.1)
    assert diff(locked, evolve(other, catalog_digest="d")) == ()


@pytest.mark.parametrize(
    ("facts", "differs"),
    [
        ({"canonical_id": "openai:e"}, ("model",)),
        ({"price_input_per_million": 3.0}, ("price_input_per_million",)),
        ({"context_tokens": None}, ("context_tokens",)),
        ({"params": {}}, ("params",)),
        ({"capabilities": ()}, ("capabilities",)),
        ({"cost": Cost(usd_per_request=1.0, basis="listed")}, ("usd_per_request",)),
        ({"cost": None}, ("usd_per_request",)),
        (
            {"quality": None},
            (
                "rating",
                "rating_category",
                "rating_ci_low",
                "rating_ci_high",
                "rating_basis",
            ),
        ),
    ],
)
def test_names_what_differs(
    locked: LockedEnvironment, facts: dict[str, Any], differs: tuple[str, ...]
) -> None:
    """The fields that differ are named, with both sides beside them."""
    (change,) = diff(locked, with_primary(locked, "embed", **facts))
    assert (change.role, change.change) == ("embed", "changed")
    assert change.differs == differs
    assert change.before is not None
    assert change.before.model == "mistral:embed"
    assert change.before.rating == 1400.0
    assert change.before.rating_category == "text/overall"


def test_tells_added_from_removed(locked: LockedEnvironment) -> None:
    """A role on one side alone was added or removed; an environment likewise."""
    fewer = evolve(locked, roles={"embed": locked.roles["embed"]})
    (added,) = diff(fewer, locked)
    (removed,) = diff(locked, fewer)
    assert (added.change, added.before, added.role) == ("added", None, "llm.answers")
    assert (removed.change, removed.after) == ("removed", None)
    assert removed.before == added.after
    assert [c.change for c in diff(None, locked)] == ["added", "added"]
    assert [c.role for c in diff(locked, None)] == ["embed", "llm.answers"]


def test_compares_backups_and_relaxations(
    make_choice: Callable[..., Choice],
) -> None:
    """Who takes over, and what gave way, are part of the standing."""
    found = standing(make_choice("chat", "openai:a", "xai:b", "groq:c"))
    assert found.backups == ("xai:b", "groq:c")
    assert found.relaxed == ("context_tokens: 9 -> 8",)


def test_can_be_written_as_json(locked: LockedEnvironment) -> None:
    """Changes turn into plain data as they are."""
    data = unstructure(diff(None, locked))
    assert b'"model": "openai:gpt-x"' in dumps(data)
