"""Tables in text: whole where programs read them, fitted where people do."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

__all__ = ["Column", "Laid", "lay_out"]

_GAP = 3
#: Narrower than this a column of words is no longer read with pleasure.
_NARROWEST = 18


@frozen
class Column:
    """One column.

    Attributes:
        head: What stands over it.
        right: Whether it is aligned to the right, as numbers are.
        folds: Whether its words may go on in a second line.
        rank: When room is short, columns of the highest rank go first; those of
            rank 0 always stay, as wide as they are.
    """

    head: str
    right: bool = False
    folds: bool = False
    rank: int = 0


@frozen(kw_only=True)
class Laid:
    """A table in lines.

    Attributes:
        head: The line of heads.
        lines: The rule and the rows below it.
        dropped: Heads of the columns that had no room.
    """

    head: str
    lines: tuple[str, ...]
    dropped: tuple[str, ...] = ()


def lay_out(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None
) -> Laid:
    """Put rows under heads.

    Nothing is ever cut. Where room is short, words fold, then columns are dropped;
    a column that neither folds nor may go is as wide as it is.

    Args:
        columns: One per cell of a row.
        rows: Cells without line breaks.
        width: Terminal cells in a line; None for as many as it takes.
    """
    widths = [
        max(_cells(cell) for cell in (column.head, *(row[place] for row in rows)))
        for place, column in enumerate(columns)
    ]
    places = list(range(len(columns)))
    if width is not None:
        words = [
            max(
                _cells(word)
                for cell in (column.head, *(row[place] for row in rows))
                for word in cell.split() or [""]
            )
            for place, column in enumerate(columns)
        ]
        places, widths = _fitted(columns, widths, words, width)
    rule = " " + "─" * (sum(widths[p] + _GAP for p in places) - _GAP)
    heads = [columns[place] for place in places]
    lines = [rule if width is None else rule[:width]]
    for row in rows:
        lines += _row(heads, [row[p] for p in places], [widths[p] for p in places])
    return Laid(
        head=_row(
            [evolve(head, folds=False) for head in heads],
            [head.head for head in heads],
            [widths[p] for p in places],
        )[0],
        lines=tuple(lines),
        dropped=tuple(
            column.head for p, column in enumerate(columns) if p not in places
        ),
    )


def _fitted(
    columns: Sequence[Column],
    widths: Sequence[int],
    words: Sequence[int],
    width: int,
) -> tuple[list[int], list[int]]:
    """Choose which columns stay, and how wide they are.

    Args:
        columns: All of them.
        widths: How wide each is with its cells on one line.
        words: How wide its longest word is.
        width: Terminal cells that there are.
    """
    places = list(range(len(columns)))
    while True:
        least = [max(_NARROWEST, word) for word in words]
        over, _ = _folded(columns, widths, least, places, width)
        optional = [p for p in places if columns[p].rank > 0]
        if over <= 0:
            return _refilled(columns, widths, least, places, width)
        if not optional:
            # Words in the columns that must stay are broken at last.
            least = [_NARROWEST for _ in words]
            return places, _folded(columns, widths, least, places, width)[1]
        places.remove(max(optional, key=lambda p: (columns[p].rank, p)))


def _refilled(
    columns: Sequence[Column],
    widths: Sequence[int],
    least: Sequence[int],
    places: list[int],
    width: int,
) -> tuple[list[int], list[int]]:
    """Take back narrow columns that had to go before a wide one did."""
    gone = [p for p in range(len(columns)) if p not in places]
    for place in sorted(gone, key=lambda p: (columns[p].rank, p)):
        more = sorted([*places, place])
        if _folded(columns, widths, least, more, width)[0] <= 0:
            places = more
    return places, _folded(columns, widths, least, places, width)[1]


def _folded(
    columns: Sequence[Column],
    widths: Sequence[int],
    least: Sequence[int],
    places: Sequence[int],
    width: int,
) -> tuple[int, list[int]]:
    """Narrow the columns that fold, the widest first; return what is still over."""
    found = list(widths)
    over = 1 + sum(found[p] + _GAP for p in places) - _GAP - width
    for place in sorted(places, key=lambda p: (-found[p], p)):
        if columns[place].folds and over > 0:
            less = min(over, max(0, found[place] - least[place]))
            found[place] -= less
            over -= less
    return over, found


def _row(
    columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int]
) -> list[str]:
    folded = [
        _fold(cell, width) if column.folds else [cell]
        for column, cell, width in zip(columns, cells, widths, strict=True)
    ]
    lines = []
    for number in range(max(map(len, folded))):
        line = ""
        for column, parts, width in zip(columns, folded, widths, strict=True):
            part = parts[number] if number < len(parts) else ""
            space = " " * (width - _cells(part))
            line += (space + part if column.right else part + space) + " " * _GAP
        lines.append(f" {line}".rstrip())
    return lines


def _cells(text: str) -> int:
    """Terminal cells that a text takes: some characters take two, some none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _fold(text: str, width: int) -> list[str]:
    """Break between words, and within a word only where it is too long by itself."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and _cells(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
        while _cells(lines[-1]) > width:
            fits = len(lines[-1])
            while _cells(lines[-1][:fits]) > width:
                fits -= 1
            lines[-1:] = [lines[-1][:fits], lines[-1][fits:]]
    return lines
