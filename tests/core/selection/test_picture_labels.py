"""Names in the picture: beside their points, and not over each other."""

from __future__ import annotations

from itertools import combinations

from hypothesis import example, given
from hypothesis import strategies as st

from llmhub_core.selection.labels import Box, Label, Wanted, labels

PAGE = Box(left=0.0, top=0.0, right=400.0, bottom=200.0)
HAIR = 1e-6


def box(label: Label) -> Box:
    """Where its letters stand, wide ones taken; a hair's breadth is rounding."""
    width = 0.62 * label.wanted.size * len(label.wanted.text)
    before = {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
    middle = label.y - label.wanted.size / 3
    half = label.wanted.size / 2
    return Box(
        left=label.x - before + HAIR,
        top=middle - half + HAIR,
        right=label.x - before + width - HAIR,
        bottom=middle + half - HAIR,
    )


def point(text: str, x: float, y: float, *, needed: bool = False) -> Wanted:
    """A name wanted at a point."""
    return Wanted(text=text, x=x, y=y, radius=5.0, needed=needed)


def test_a_name_alone_stands_right_of_its_point() -> None:
    """And left of it, where the page ends."""
    (label,) = labels([point("openai:gpt", 100, 100)], PAGE)
    assert (label.anchor, label.x) == ("start", 110)
    (label,) = labels([point("openai:gpt", 390, 100)], PAGE)
    assert (label.anchor, label.x) == ("end", 380)


def test_the_later_of_two_names_moves_away() -> None:
    """Both are written, and neither covers the other."""
    first, second = labels(
        [point("openai:gpt", 100, 100), point("mistral:large", 110, 104)], PAGE
    )
    assert not box(first).meets(box(second))
    # Right of it stands the other point.
    assert first.anchor == "end"


def test_without_room_only_what_is_needed_is_written() -> None:
    """On a page full of points, whoever is not chosen stays without a name."""
    crowd = [point("", x, y) for x in range(0, 400, 9) for y in range(0, 200, 9)]
    other = point("front:model", 200, 100)
    chosen = point("chosen:model", 200, 104, needed=True)
    found = labels([chosen, other, *crowd], PAGE)
    assert [label.wanted.text for label in found if label.wanted.text] == [
        "chosen:model"
    ]


@given(
    st.lists(
        st.tuples(st.floats(20, 380), st.floats(20, 180), st.integers(1, 30)),
        max_size=12,
    )
)
@example([(20.0, 60.83113103643564, 1), (20.0, 60.83113103643564, 2)])  # they touch
def test_names_that_are_not_needed_cover_nothing(
    spots: list[tuple[float, float, int]],
) -> None:
    """Neither each other nor a point, and none leaves the page."""
    wanted = [point("x" * length, x, y) for x, y, length in spots]
    found = list(labels(wanted, PAGE))
    for one, other in combinations(found, 2):
        assert not box(one).meets(box(other))
    for label in found:
        assert PAGE.holds(box(label)) or len(label.wanted.text) * 7.44 + 20 > 180
        assert not any(box(label).meets(each.disc) for each in wanted)
