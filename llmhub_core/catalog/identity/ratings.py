"""Several ratings of one model: which one stands for a served row."""

from __future__ import annotations

from collections.abc import Iterable

from llmhub_core.catalog.identity.lexicon import EFFORTS
from llmhub_core.catalog.identity.records import (
    Join,
    Label,
    Placement,
    RatingChoice,
)

__all__ = ["carries", "default_rating"]


def carries(placement: Placement, label: Label) -> bool:
    """Whether a row can carry a rating earned under that label.

    A row that pins a mode or an effort carries only ratings of that mode and
    effort; a row that pins none carries all of its model.
    """
    if placement.suspicion is not None:
        return False
    if placement.effort is not None and placement.effort != label.effort:
        return False
    return placement.thinking is None or placement.thinking == _mode(label)


def _mode(label: Label) -> bool | None:
    if label.thinking is None and label.effort is not None:
        return label.effort != "none"
    return label.thinking


def default_rating(joins: Iterable[Join], placement: Placement) -> RatingChoice:
    """Choose the rating that stands for a row, of those of one board.

    The plain one; for a row that pins a mode or effort, the one of that mode and
    effort; else the lowest effort, as a proxy. Ratings under other settings (a
    harness, a tool) and of previews come last. Of equals the one that needs no
    alias counts.

    Args:
        joins: Joins of the row's model on one board, in any order.
        placement: The row's.

    Returns:
        The choice with its reason.

    Raises:
        ValueError: The row carries none of them; ``Join.rows`` says which it does.
    """
    usable = [join for join in joins if carries(placement, join.label)]
    if not usable:
        raise ValueError(f"{placement.row_id} carries none of these ratings")
    best = min(usable, key=lambda join: _rank(join, placement))
    label = best.label
    name = best.rated.name
    if placement.thinking is not None or placement.effort is not None:
        return RatingChoice(
            join=best,
            proxy=bool(label.settings),
            reason=f"{name!r} was rated in the mode that this id pins",
        )
    if _is_plain(label):
        return RatingChoice(
            join=best, proxy=False, reason=f"{name!r} is the model's plain rating"
        )
    others = len(usable) - 1
    beside = f"; {others} more under other settings" if others else ""
    return RatingChoice(
        join=best,
        proxy=True,
        reason=(
            f"no plain rating: {name!r} ({describe(label)}) stands in as the "
            f"lowest setting{beside}"
        ),
    )


def describe(label: Label) -> str:
    """Write a label for people: ``thinking, high effort, 32,000 tokens``."""
    parts = []
    if label.thinking is not None:
        parts.append("thinking" if label.thinking else "not thinking")
    if label.effort is not None:
        parts.append(f"{label.effort} effort")
    if label.budget is not None:
        parts.append(f"{label.budget:,} tokens")
    if label.preview:
        parts.append("preview")
    parts += (*label.serving, *label.settings)
    return ", ".join(parts) or "plain"


def _is_plain(label: Label) -> bool:
    return not (
        label.thinking is not None
        or label.effort is not None
        or label.preview
        or label.settings
    )


def _rank(join: Join, placement: Placement) -> tuple[object, ...]:
    label = join.label
    effort = -1 if label.effort is None else EFFORTS.index(label.effort)
    thinking = {None: 0, False: 1, True: 2}[label.thinking]
    if placement.thinking is not None:
        thinking = 0
    if placement.effort is not None:
        effort = -1
    return (
        len(label.settings),
        label.preview,
        thinking,
        effort,
        label.budget or 0,
        len(label.serving),
        "alias" in join.rules,
        join.rated.name,
        join.rated.organization,
        join.rated.board,
    )
