"""Hosts against those who should know the weights: lab, record, most hosts."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub_core.catalog.dissent import dissent, reference
from llmhub_core.catalog.merge import Merged
from llmhub_core.catalog.underlying import Saying
from llmhub_core.records.model import Conflict, Origin

OURS = Origin(source="models-dev", as_of="2026-07-01")
ELSEWHERE = Origin(source="models-dev", as_of="2026-07-01", via="group")


def row(origin: Origin = OURS, **values: Any) -> Merged:
    """A row whose facts all come from one place."""
    return Merged(values=values, provenance=dict.fromkeys(values, origin))


def said(value: Any, said_of: str, origin: Origin = ELSEWHERE) -> tuple[Saying, ...]:
    """What somebody gives."""
    return (Saying(value=value, origin=origin, said_of=said_of),)


def test_the_lab_is_the_measure_however_many_say_otherwise() -> None:
    """It made the weights."""
    rows = {
        "groq:m": row(open_weights=False),
        "lab:m": row(open_weights=True),
        "nebius:m": row(open_weights=False),
    }
    assert reference(rows, {"lab:m"}) == {
        "open_weights": said(True, "lab:m")  # noqa: FBT003
    }


def test_without_the_lab_most_hosts_are() -> None:
    """Also where the lab has a row and does not say."""
    rows = {
        "a:m": row(knowledge_cutoff="2024-01"),
        "b:m": row(knowledge_cutoff="2024-06"),
        "c:m": row(knowledge_cutoff="2024-06"),
        "lab:m": row(kind="chat"),
    }
    assert reference(rows, {"lab:m"}) == {"knowledge_cutoff": said("2024-06", "b:m")}


def test_of_equally_many_the_first_row_is() -> None:
    """So that one of the two is told, and always the same one."""
    rows = {"a:m": row(kind="chat"), "b:m": row(kind="image")}
    assert reference(rows, ()) == {"kind": said("chat", "a:m")}


@pytest.mark.parametrize(
    "rows",
    [
        {"a:m": row(kind="chat"), "b:m": row(kind="chat")},
        {"a:m": row(kind="chat"), "b:m": row()},
        {"a:m": row(family="x"), "b:m": row(family="y")},
        {"a:m": row(release_date="2026-01"), "b:m": row(release_date="2026-02")},
        {"a:m": row(context_tokens=1), "b:m": row(context_tokens=2)},
    ],
)
def test_where_nobody_differs_nothing_is_measured(rows: dict[str, Merged]) -> None:
    """Limits, families and dates of the offer are the host's own."""
    assert reference(rows, ()) == {}


def test_a_row_that_says_otherwise_has_a_conflict() -> None:
    """With its own value, theirs, and where theirs was said."""
    found = dissent(
        row(kind="chat", open_weights=False),
        {"open_weights": said(True, "lab:m"), "kind": said("chat", "lab:m")},  # noqa: FBT003
        pinned=False,
    )
    assert found == (
        Conflict(
            field="open_weights",
            kept="false",
            kept_from=OURS,
            lost="true",
            lost_from=ELSEWHERE,
            said_of="lab:m",
        ),
    )


def test_a_date_that_is_less_exact_is_no_dissent() -> None:
    """June is June the 30th."""
    sayings = {"knowledge_cutoff": said("2024-06", "lab:m")}
    assert dissent(row(knowledge_cutoff="2024-06-30"), sayings, pinned=False) == ()


def test_a_row_of_one_mode_need_not_reason_as_its_model() -> None:
    """``:thinking`` reasons and the model itself need not; all else holds for it."""
    sayings = {
        "supports_reasoning": said(False, "lab:m"),  # noqa: FBT003
        "kind": said("image", "lab:m"),
    }
    thinking = row(supports_reasoning=True, kind="chat")
    assert [c.field for c in dissent(thinking, sayings, pinned=True)] == ["kind"]
    assert len(dissent(thinking, sayings, pinned=False)) == 2


def test_what_a_row_calls_its_own_is_not_measured() -> None:
    """Its family is; unless it was lent, and the lenders differ."""
    sayings = {"family": said("gpt", "r1") + said("o", "r2")}
    assert dissent(row(family="x"), sayings, pinned=False) == ()
    lent = row(Origin(source="models-dev", via="base"), family="gpt")
    assert [c.said_of for c in dissent(lent, sayings, pinned=False)] == ["r2"]


def test_silence_contradicts_nobody() -> None:
    """A row that says nothing has no conflict."""
    assert dissent(row(), {"kind": said("chat", "lab:m")}, pinned=False) == ()
