"""Where the names of a picture stand, so that none covers another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from attrs import frozen

__all__ = ["Anchor", "Box", "Label", "Wanted", "labels"]

Anchor: TypeAlias = Literal["start", "middle", "end"]

#: Width of a letter as a share of its size: wide enough for most fonts.
_LETTER = 0.62


@frozen(kw_only=True)
class Box:
    """A rectangle, in the units of the picture; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        """Whether the other lies wholly inside."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


@frozen(kw_only=True)
class Wanted:
    """A name to write beside a point.

    Attributes:
        text: The name.
        x: Of the point.
        y: Of the point.
        radius: Of the point.
        size: Of the letters.
        needed: Whether it is written even where it covers something.
    """

    text: str
    x: float
    y: float
    radius: float
    size: int = 12
    needed: bool = False

    @property
    def disc(self) -> Box:
        """The point itself."""
        return Box(
            left=self.x - self.radius,
            top=self.y - self.radius,
            right=self.x + self.radius,
            bottom=self.y + self.radius,
        )


@frozen(kw_only=True)
class Label:
    """A name and where its line of text is anchored."""

    wanted: Wanted
    x: float
    y: float
    anchor: Anchor


def labels(wanted: Sequence[Wanted], inside: Box) -> Iterator[Label]:
    """Place names beside their points, where they cover least.

    Args:
        wanted: The most important first; it is placed first.
        inside: The picture; no name leaves it.

    Yields:
        One label for each name that covers nothing, or is needed.
    """
    taken = [each.disc for each in wanted]
    for each in wanted:
        spots = [
            (label, box) for label, box in _around(each) if inside.holds(box)
        ] or list(_around(each))[:1]
        hits = [sum(box.meets(other) for other in taken) for _, box in spots]
        label, box = spots[hits.index(min(hits))]
        if each.needed or not min(hits):
            taken.append(box)
            yield label


def _around(wanted: Wanted) -> Iterator[tuple[Label, Box]]:
    width = _LETTER * wanted.size * len(wanted.text)
    half, gap = wanted.size / 2, wanted.radius + 5
    spots: tuple[tuple[float, float, Anchor, float], ...] = (
        (wanted.x + gap, wanted.y, "start", 0.0),
        (wanted.x - gap, wanted.y, "end", width),
        (wanted.x + gap, wanted.y - wanted.size, "start", 0.0),
        (wanted.x + gap, wanted.y + wanted.size, "start", 0.0),
        (wanted.x - gap, wanted.y - wanted.size, "end", width),
        (wanted.x - gap, wanted.y + wanted.size, "end", width),
        (wanted.x, wanted.y - gap - half, "middle", width / 2),
        (wanted.x, wanted.y + gap + half, "middle", width / 2),
    )
    for x, y, anchor, before in spots:
        # The line of text stands a third of its size below its middle.
        label = Label(wanted=wanted, x=x, y=y + wanted.size / 3, anchor=anchor)
        left = x - before
        yield (
            label,
            Box(left=left, top=y - half, right=left + width, bottom=y + half),
        )
