"""The reference of the spec shows every key, as the reader knows it.

The tables in docs/reference/spec.md come from the tables that the reader uses.
``UPDATE_DOCS=1`` writes them anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from llmhub_core.spec.language import every_key
from llmhub_core.spec.tables import Key, Keys

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "spec.md"
TOP = "The top level"
# Said in a sentence, not in a table of its own: the keys are those of elsewhere.
ELSEWHERE = re.compile(
    r"defaults\.(?!providers$)|environments\.<environment>\.|.*\.max_price\.(?!\w)"
)


def sections() -> dict[str, list[tuple[str, Key]]]:
    """The keys of each heading of the page, in the order of the language."""
    found: dict[str, list[tuple[str, Key]]] = {}
    for path, key in every_key():
        dotted = ".".join(path)
        if ELSEWHERE.match(dotted):
            continue
        head = f"`{'.'.join(path[:-1])}`" if len(path) > 1 else TOP
        found.setdefault(head, []).append((path[-1], key))
    return found


def table(keys: list[tuple[str, Key]]) -> str:
    """A heading's table: what is written, what holds otherwise, what it means."""
    rows = ["| key | value | default | meaning | example |", "|---|---|---|---|---|"]
    for name, key in keys:
        shown = f"*`{name}`*" if key.required else f"`{name}`"
        default = "required" if key.required else key.default
        says = "a mapping, see below" if isinstance(key.shape, Keys) else key.shape.says
        rows.append(f"| {shown} | {says} | {default} | {key.means} | `{key.example}` |")
    return "\n".join(rows)


def shown_table(page: str, head: str) -> tuple[int, int]:
    """Where the table of a heading stands, or where one would go."""
    start = page.index(f"### {head}\n") + len(f"### {head}\n")
    end = (page[start:] + "\n#").index("\n#") + start
    match = re.search(r"(?m)(?:^\|.*\n?)+", page[start:end])
    if match is None:
        return end, end
    return start + match.start(), start + match.end()


@pytest.mark.parametrize("head", sections())
def test_reference_shows_the_keys_of_each_section(head: str) -> None:
    """Type, default, meaning and example of each key stand on the page."""
    page = PAGE.read_text(encoding="utf-8")
    start, end = shown_table(page, head)
    truth = table(sections()[head]) + "\n"
    if page[start:end] != truth and os.environ.get("UPDATE_DOCS") == "1":
        lead = "" if page[start - 2 : start] == "\n\n" else "\n"
        PAGE.write_text(f"{page[:start]}{lead}{truth}{page[end:]}", encoding="utf-8")
        pytest.fail(f"{PAGE.name}: wrote the table of {head}; read it again")
    assert page[start:end] == truth


def test_reference_has_no_heading_for_what_is_not_there() -> None:
    """A section that the language lost is lost from the page too."""
    page = PAGE.read_text(encoding="utf-8")
    keys = page[page.index("## All keys") : page.index("## In an editor")]
    heads = re.findall(r"(?m)^### (.*)$", keys)
    assert sorted(heads) == sorted([*sections(), "`environments.<environment>`"])
