"""The boards of Arena, and where each of them is published."""

from __future__ import annotations

from typing import Final

from attrs import frozen

__all__ = ["BOARDS", "MORE_BOARDS", "Board"]


@frozen(kw_only=True)
class Board:
    """One board.

    Attributes:
        name: Its name in the catalog.
        configs: Its configs in the dataset, the best one first.
        page: Its page on arena.ai, by which mirrors of the pages name it.
        file: Its file in arena-catalog, or None.
    """

    name: str
    configs: tuple[str, ...]
    page: str
    file: str | None = None


#: A rating that is not style-controlled lies some 40 points elsewhere, so of each
#: board one config is taken, never two. A page shows the style-controlled ratings.
BOARDS: Final = (
    Board(
        name="text",
        configs=("text_style_control",),
        page="text",
        file="leaderboard-text-style-control.json",
    ),
    Board(
        name="vision",
        configs=("vision_style_control",),
        page="vision",
        file="leaderboard-vision-style-control.json",
    ),
    Board(name="search", configs=("search_style_control", "search"), page="search"),
    Board(name="webdev", configs=("webdev",), page="code"),
)

#: Boards of other trades, read where the dataset has them.
MORE_BOARDS: Final = (
    Board(
        name="document",
        configs=("document_style_control", "document"),
        page="document",
    ),
    Board(
        name="text_to_image",
        configs=("text_to_image",),
        page="text-to-image",
        file="leaderboard-image.json",
    ),
    Board(name="image_edit", configs=("image_edit",), page="image-edit"),
    Board(name="text_to_video", configs=("text_to_video",), page="text-to-video"),
    Board(name="image_to_video", configs=("image_to_video",), page="image-to-video"),
    Board(name="video_edit", configs=("video_edit",), page="video-edit"),
)
