"""The reference of the lock shows every key, reason and finding that there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from attrs import fields_dict

from llmhub_core.lock.check import Kind
from llmhub_core.lock.plan import Reason
from llmhub_core.records.candidate import Cost, Latency, Quality, Relaxation
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.records.lock import Lock, LockedEnvironment, LockedRole, LockedSource
from llmhub_core.records.model import PriceTier

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "lock.md"


def first_column(head: str) -> list[str]:
    """The words in code of a heading's first table column."""
    text = PAGE.read_text(encoding="utf-8")
    _, found, rest = text.partition(f"# {head}\n")
    assert found, f"there is no heading {head!r}"
    return re.findall(r"(?m)^\| `([\w-]+)` \|", re.split(r"(?m)^#+ ", rest)[0])


@pytest.mark.parametrize(
    ("head", "record"),
    [
        ("The top level", Lock),
        ("`environments.<environment>`", LockedEnvironment),
        ("`sources.<source>`", LockedSource),
        ("`roles.<role>`", LockedRole),
        ("`choice`", Choice),
        ("`primary` and each of `backups`", Pick),
        ("`cost`", Cost),
        ("`quality`", Quality),
        ("`latency`", Latency),
        ("Each of `relaxed`", Relaxation),
        ("Each of `price_tiers`", PriceTier),
    ],
)
def test_reference_shows_every_key_of_the_lock(head: str, record: Any) -> None:
    """A key that is not documented, or documented and not there, is found."""
    assert sorted(first_column(head)) == sorted(fields_dict(record))


def test_reference_shows_every_reason_and_finding() -> None:
    """The words that programs compare are those of the code."""
    assert first_column("When a role is chosen anew") == [*get_args(Reason)]
    assert first_column("What `--check` finds") == [*get_args(Kind)]
