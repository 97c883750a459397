"""The reference of the flags, against the flags."""

from __future__ import annotations

import re
from pathlib import Path

from llmhub_core.catalog.flags import FLAGS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "flags.md"


def test_every_flag_is_listed_with_its_meaning() -> None:
    """In the same order and the same words."""
    rows = re.findall(
        r"^\| `(.+?)` \| (.+?) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    assert rows == list(FLAGS.items())
