"""What keys bring to light is placed, and moves nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.catalog.boards import RatedBy
from llmhub_core.catalog.identity import ServedRow, load_tables
from llmhub_core.catalog.placing import Placing, place
from llmhub_core.records.observation import RatedModel

IDS = (
    "gpt-5.1", "gpt-5.1-2025-11-13", "gpt-5.1-mini", "gpt-5.1-chat-latest",
    "claude-opus-4-5", "claude-opus-4-5-20251101", "anthropic/claude-opus-4.5:thinking",
    "claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022", "claude-3.5-sonnet",
    "qwen3-235b-a22b", "qwen3-235b-a22b-instruct-2507", "Qwen/Qwen3-235B-A22B-FP8",
    "qwen3-235b-a22b-thinking-2507", "qwen3-235b", "pearl-ai/qwen3-235b-a22b",
    "pearl-ai/gemma-4-31b-it", "gemma-4-31b-it", "gemini-3-pro-preview", "gemini-3-pro",
    "llama-4-maverick-17b-128e-instruct", "llama-4-maverick-17b-16e",
    "llama-4-maverick", "deepseek-v3", "deepseek-v3-0324",
    "accounts/fireworks/models/deepseek-v3p1",
)  # fmt: skip
NAMES = (
    "gpt-5.1", "gpt-5.1-high", "claude-opus-4-5-20251101-thinking-32k",
    "claude-3-5-sonnet-20241022", "qwen3-235b-a22b", "qwen3-235b-a22b-instruct-2507",
    "gemma-4-31b", "gemini-3-pro", "llama-4-maverick-17b-128e-instruct",
    "deepseek-v3-0324", "deepseek-v3.1", "claude-opus-4-4",
)  # fmt: skip
SHOPS = ("openai", "anthropic", "gemini", "mistral", "fireworks", "openrouter")


def row_id(row: ServedRow) -> str:
    """The id under which a row is kept."""
    return f"{row.provider}:{row.model_id}"


listed = st.builds(
    ServedRow,
    provider=st.sampled_from(SHOPS),
    model_id=st.sampled_from(IDS),
    release_date=st.sampled_from([None, "2024-06-20", "2024-10-22", "2025-11-13"]),
    last_updated=st.sampled_from([None, "2024-10-22", "2025-11-01"]),
    reasoning=st.none() | st.booleans(),
)
catalogs = st.lists(listed, max_size=10, unique_by=row_id)
brought = st.lists(
    st.builds(
        ServedRow, provider=st.sampled_from(SHOPS), model_id=st.sampled_from(IDS)
    ),
    max_size=6,
    unique_by=row_id,
)
boards = st.lists(
    st.builds(
        RatedBy,
        source=st.just("arena"),
        rated=st.builds(
            RatedModel,
            name=st.sampled_from(NAMES),
            board=st.sampled_from(["text", "vision"]),
            category=st.just("overall"),
            score=st.just(1400.0),
        ),
    ),
    max_size=8,
    unique=True,
)


def placed(rows: list[ServedRow], keyed: set[str], board: list[RatedBy]) -> Placing:
    """Place rows with the packaged tables."""
    ids = tuple(map(row_id, rows))
    return place(rows, ids, keyed, board, load_tables())


@given(rows=catalogs, found=brought, board=boards)
def test_a_providers_key_moves_no_other_row(
    rows: list[ServedRow], found: list[ServedRow], board: list[RatedBy]
) -> None:
    """Groups and ratings of known rows are those without the key."""
    known = {row_id(row) for row in rows}
    extra = [row for row in found if row_id(row) not in known]
    without = placed(rows, set(), board)
    given_key = placed([*rows, *extra], {row_id(row) for row in extra}, board)

    assert {i: given_key.places[i] for i in known} == without.places
    assert len(given_key.places) == len(known) + len(extra)
    assert all(given_key.places[row_id(row)].keyed for row in extra)


@given(rows=catalogs, found=brought, board=boards, data=st.data())
def test_placing_has_no_order(
    rows: list[ServedRow],
    found: list[ServedRow],
    board: list[RatedBy],
    data: st.DataObject,
) -> None:
    """Rows and what keys brought may come in any order."""
    known = {row_id(row) for row in rows}
    extra = [row for row in found if row_id(row) not in known]
    keyed = {row_id(row) for row in extra}
    shuffled = data.draw(st.permutations([*rows, *extra]))

    assert placed(shuffled, keyed, board) == placed([*rows, *extra], keyed, board)
