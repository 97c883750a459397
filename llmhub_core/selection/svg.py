"""Cost against quality as an SVG picture; no display is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from html import escape as escape_html
from typing import TypeAlias

from llmhub_core.numerals import plain
from llmhub_core.selection.labels import Box, Wanted, labels
from llmhub_core.selection.picture import ORDER, Axes, Picture, Point, axes, caption

__all__ = ["svg"]

#: Outside of attributes quotes may stand.
escape = partial(escape_html, quote=False)

_Place: TypeAlias = Callable[[float], float]
_Spot: TypeAlias = tuple[float, float]

_WIDTH, _HEIGHT = 880, 560
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 30, 56, 60
_COLOURS = {
    "primary": "#c2410c",
    "backup": "#0369a1",
    "front": "#334155",
    "other": "#cbd5e1",
}
_RADIUS = {"primary": 7.0, "backup": 6.0, "front": 4.5, "other": 3.0}


def svg(drawn: Picture) -> str:
    """Draw the picture as SVG; the same picture gives the same text."""
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="12" role="img">'
    )
    parts = [
        root,
        f"<title>{escape(drawn.role)}: cost against quality</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        _text(_LEFT, 24, f"{drawn.role}: cost against quality", size=16, bold=True),
        _text(_LEFT, 42, caption(drawn), colour="#64748b"),
    ]
    if drawn.points:
        parts += _drawn(drawn.points, axes(drawn.points))
    parts += _legend()
    return "\n".join([*parts, "</svg>"]) + "\n"


def _drawn(points: Sequence[Point], scales: Axes) -> Iterable[str]:
    def x(usd: float) -> float:
        return _LEFT + scales.across(usd) * (_WIDTH - _LEFT - _RIGHT)

    def y(score: float) -> float:
        return _HEIGHT - _BOTTOM - scales.up(score) * (_HEIGHT - _TOP - _BOTTOM)

    for usd in scales.decades():
        yield _line((x(usd), _TOP), (x(usd), _HEIGHT - _BOTTOM), "#e2e8f0")
        yield _text(x(usd), _HEIGHT - _BOTTOM + 16, f"${plain(usd)}", anchor="middle")
    for score in scales.hundreds(50):
        yield _line((_LEFT, y(score)), (_WIDTH - _RIGHT, y(score)), "#e2e8f0")
        yield _text(_LEFT - 8, y(score) + 4, str(score), anchor="end")
    middle = _LEFT + (_WIDTH - _LEFT - _RIGHT) / 2
    yield _text(middle, _HEIGHT - 26, "expected cost of a request", anchor="middle")
    yield from _front_line(points, x, y)
    for point in points:
        at, colour = (x(point.usd_per_request), y(point.score)), _COLOURS[point.use]
        if point.use in {"primary", "backup"}:
            low, high = (at[0], y(point.ci_low)), (at[0], y(point.ci_high))
            yield _line(low, high, colour, width=2)
        yield (
            f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{_RADIUS[point.use]:g}" '
            f'fill="{colour}"><title>{escape(_said(point))}</title></circle>'
        )
    yield from _names(points, x, y)


def _names(points: Sequence[Point], x: _Place, y: _Place) -> Iterable[str]:
    """The chosen one and its backups by name, and of the front whoever has room."""
    uses = {point.canonical_id: point.use for point in points if point.use != "other"}
    named = [
        Wanted(
            text=point.canonical_id,
            x=x(point.usd_per_request),
            y=y(point.score),
            radius=_RADIUS[point.use],
            size=10 if point.use == "front" else 12,
            needed=point.use != "front",
        )
        for point in reversed(points)
        if point.canonical_id in uses
    ]
    inside = Box(left=_LEFT, top=_TOP, right=_WIDTH, bottom=_HEIGHT - _BOTTOM)
    for label in labels(named, inside):
        use = uses[label.wanted.text]
        yield _text(
            label.x,
            label.y,
            label.wanted.text,
            size=label.wanted.size,
            anchor=label.anchor,
            colour=_COLOURS[use],
            bold=use == "primary",
            halo=True,
        )


def _front_line(points: Sequence[Point], x: _Place, y: _Place) -> Iterable[str]:
    """Join the points that no other one beats, at what is compared of them."""
    front: list[Point] = []
    for point in sorted(points, key=lambda p: (p.usd_per_request, -p.ci_low)):
        if not front or point.ci_low > front[-1].ci_low:
            front.append(point)
    path = " ".join(f"{x(p.usd_per_request):.1f},{y(p.score):.1f}" for p in front)
    yield (
        f'<polyline points="{path}" fill="none" stroke="{_COLOURS["front"]}" '
        'stroke-width="1.2" stroke-dasharray="4 3"/>'
    )


def _legend() -> list[str]:
    labels = {
        "primary": "chosen",
        "backup": "backup",
        "front": "on the front: nobody is cheaper and better",
        "other": "other eligible models",
    }
    parts, across = [], float(_LEFT)
    for use in reversed(ORDER):
        parts.append(
            f'<circle cx="{across:.0f}" cy="{_HEIGHT - 10}" r="4" '
            f'fill="{_COLOURS[use]}"/>'
        )
        parts.append(_text(across + 9, _HEIGHT - 6, labels[use]))
        across += 30 + 6.2 * len(labels[use])
    return parts


def _said(point: Point) -> str:
    return (
        f"{point.canonical_id}: ${point.usd_per_request:.6f} per request, rating "
        f"{point.score:.0f} ({point.ci_low:.0f}-{point.ci_high:.0f})"
    )


def _line(start: _Spot, end: _Spot, colour: str, *, width: float = 1) -> str:
    return (
        f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" '
        f'x2="{end[0]:.1f}" y2="{end[1]:.1f}" '
        f'stroke="{colour}" stroke-width="{width:g}"/>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 12,
    anchor: str = "start",
    colour: str = "#1e293b",
    bold: bool = False,
    halo: bool = False,
) -> str:
    weight = ' font-weight="600"' if bold else ""
    around = ' stroke="#ffffff" stroke-width="3" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{colour}"{weight}{around}>{escape(text)}</text>'
    )
