"""Tables: whole where programs read them, fitted where people do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from llmhub_core.commands.table import Column, lay_out

COLUMNS = (
    Column("model"),
    Column("price", right=True, rank=1),
    Column("context", right=True, rank=2),
    Column("tags", folds=True, rank=3),
)
ROWS = (
    ("openai:gpt-5", "$1.25", "400,000", "long-context reasoning tools vision"),
    ("x:y", "unknown", "-", ""),
)


def _text(width: int | None) -> str:
    laid = lay_out(COLUMNS, ROWS, width)
    return "\n".join((laid.head, *laid.lines))


def test_with_all_the_room_a_row_is_a_line() -> None:
    """Numbers to the right, nothing cut, no space at the ends."""
    assert _text(None) == (
        " model            price   context   tags\n"
        " ──────────────────────────────────────────────────────────────────────\n"
        " openai:gpt-5     $1.25   400,000   long-context reasoning tools vision\n"
        " x:y            unknown         -"
    )
    assert _text(71) == _text(None)


def test_words_fold_before_columns_go() -> None:
    """A column of words is narrowed down to 18 characters."""
    assert _text(60) == (
        " model            price   context   tags\n"
        " ───────────────────────────────────────────────────────────\n"
        " openai:gpt-5     $1.25   400,000   long-context reasoning\n"
        "                                    tools vision\n"
        " x:y            unknown         -"
    )


def test_a_narrow_column_comes_back_once_a_wide_one_went() -> None:
    """It went first, and there is room for it after all."""
    columns = (Column("model"), Column("sort", rank=2), Column("wide", rank=1))
    rows = (("openai:gpt-5", "price", "x" * 40),)
    assert lay_out(columns, rows, 30).dropped == ("wide",)
    assert lay_out(columns, rows, 20).dropped == ("sort", "wide")


def test_the_least_important_columns_go_first() -> None:
    """And are named; those of rank 0 stay, whole, whatever the width."""
    laid = lay_out(COLUMNS, ROWS, 40)
    assert laid.dropped == ("tags",)
    assert lay_out(COLUMNS, ROWS, 30).dropped == ("context", "tags")
    narrow = lay_out(COLUMNS, ROWS, 5)
    assert narrow.dropped == ("price", "context", "tags")
    assert narrow.lines == (" ────", " openai:gpt-5", " x:y")


def test_wide_characters_take_two_cells() -> None:
    """A column is as wide as it looks."""
    laid = lay_out((Column("名"), Column("n")), (("通义千问", "1"), ("ab", "2")), None)
    assert laid.lines[1:] == (" 通义千问   1", " ab         2")


def test_a_table_may_be_empty() -> None:
    """The heads tell what there is nothing of."""
    laid = lay_out((Column("a"), Column("bc")), (), None)
    assert (laid.head, laid.lines) == (" a   bc", (" ──────",))


words = st.text(st.sampled_from("ab-é通"), min_size=1, max_size=30)


@given(
    st.lists(st.tuples(words, words, st.lists(words, max_size=6).map(" ".join))),
    st.integers(20, 200),
)
def test_nothing_is_cut_and_ids_stay_whole(
    rows: list[tuple[str, str, str]], width: int
) -> None:
    """Each word of what is shown is there; a line is too long only for an id."""
    columns = (Column("id"), Column("n", rank=1), Column("words", folds=True, rank=2))
    laid = lay_out(columns, rows, width)
    shown = " ".join(laid.lines).split()
    kept = [place for place, c in enumerate(columns) if c.head not in laid.dropped]
    for row in rows:
        for place in kept:
            assert set(row[place].split()) <= set(shown)
    widest = max((cell_len(row[0]) for row in rows), default=0)
    if "n" in laid.dropped:
        assert all(cell_len(line) <= max(width, widest + 1) for line in laid.lines)
