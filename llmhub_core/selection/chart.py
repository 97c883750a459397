"""Cost against quality in characters, for a terminal."""

from __future__ import annotations

from llmhub_core.numerals import plain
from llmhub_core.selection.picture import Picture, axes, caption

__all__ = ["chart"]

_MARKS = {"primary": "#", "backup": "o", "front": "*", "other": "."}


def chart(drawn: Picture, *, width: int = 72, height: int = 18) -> str:
    """Draw the picture with characters.

    Args:
        drawn: What to draw.
        width: Columns of the whole chart.
        height: Lines of its field.

    Returns:
        Lines without colour: ``#`` the choice, ``o`` backups, ``*`` the front, ``.``
        the others.
    """
    if not drawn.points:
        return caption(drawn)
    scales = axes(drawn.points)
    columns = max(width - 8, 10)
    field = [[" "] * columns for _ in range(height)]
    for point in drawn.points:
        column = round(scales.across(point.usd_per_request) * (columns - 1))
        line = height - 1 - round(scales.up(point.score) * (height - 1))
        field[line][column] = _MARKS[point.use]
    labels = {
        height - 1 - round(scales.up(score) * (height - 1)): str(score)
        for score in scales.hundreds(50)
    }
    lines = [
        f"{labels.get(number, ''):>6} |{''.join(row)}".rstrip()
        for number, row in enumerate(field)
    ]
    marks = [" "] * (columns + 8)
    for usd in scales.decades():
        label = f"${plain(usd)}"
        start = 8 + round(scales.across(usd) * (columns - 1)) - len(label) // 2
        start = min(max(start, 8), len(marks) - len(label))
        marks[start : start + len(label)] = label
    return "\n".join(
        [
            *lines,
            f"       +{'-' * columns}",
            "".join(marks).rstrip(),
            "        # chosen  o backup  * on the front  . other; cost of a request",
        ]
    )
