"""The references of the config and of the runtime leave nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import llmhub_runtime
from llmhub_runtime import config, errors, values
from llmhub_runtime.codec import Named, Table
from llmhub_runtime.metering.pricing import PRICING
from llmhub_runtime.settings import BACKOFF, SETTINGS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
TABLES = {
    "The top level": config._CONFIG,
    "A provider": config._PROVIDER,
    "A role": config._ROLE,
    "A fallback": config._FALLBACK,
    "Prices": PRICING,
    "Call settings": SETTINGS,
    "Backoff": BACKOFF,
}


def section(page: str, heading: str) -> str:
    """The text below a heading, up to the next one of its rank or above."""
    lines = page.splitlines()
    (start,) = [i for i, line in enumerate(lines) if line.lstrip("# ") == heading]
    rank = lines[start].count("#")
    for end in range(start + 1, len(lines)):
        marks = len(lines[end]) - len(lines[end].lstrip("#"))
        if 0 < marks <= rank:
            return "\n".join(lines[start:end])
    return "\n".join(lines[start:])


@pytest.mark.parametrize("heading", TABLES)
def test_every_key_of_the_config_is_explained(heading: str) -> None:
    """Each key that a record has stands in the section of that record."""
    text = section((REFERENCE / "config.md").read_text("utf-8"), heading)
    own = [entry.key for entry in TABLES[heading].entries]
    assert [key for key in own if f"`{key}`" not in text] == []


def test_no_table_is_forgotten() -> None:
    """The sections cover every table that hangs on the config's."""
    known = list(TABLES.values())
    for table in known:
        for entry in table.entries:
            form = entry.form
            form = getattr(form, "item", form)
            if isinstance(form, Table) and form is not config._ROLE:
                assert form in known or form.record is llmhub_runtime.PricingTier
    assert isinstance(config._CONFIG.entries[3].form, Named)


@pytest.mark.parametrize(
    "words", [values.MODES, values.COMMITS, values.ERROR_CLASSES], ids=["m", "c", "e"]
)
def test_every_word_that_a_key_takes_is_there(words: tuple[str, ...]) -> None:
    """Modes, ways to commit and error classes."""
    page = (REFERENCE / "config.md").read_text("utf-8")
    assert [word for word in words if f"`{word}`" not in page] == []


def test_every_refused_key_is_there() -> None:
    """What is planned and does not work yet is named as such."""
    text = section((REFERENCE / "config.md").read_text("utf-8"), "Call settings")
    refused = {key for table in TABLES.values() for key in table.refused}
    assert [key for key in sorted(refused) if f"`{key}`" not in text] == []


def test_every_public_name_is_explained() -> None:
    """Each name that the package offers stands on the page of the runtime."""
    page = (REFERENCE / "runtime.md").read_text("utf-8")
    names = set(llmhub_runtime.__all__) - {"__version__"}
    names |= {name for name in errors.__all__ if name.endswith("Error")}
    assert [name for name in sorted(names) if f"`{name}" not in page] == []


def test_every_event_of_a_call_is_explained() -> None:
    """What a log record has as its ``event`` stands in the table, and nothing else."""
    page = section((REFERENCE / "runtime.md").read_text("utf-8"), "Errors")
    told = set(re.findall(r"^\| `(\w+\.\w+)` \|", page, re.MULTILINE))
    package = Path(llmhub_runtime.__file__).parent / "resilience"
    code = "".join(one.read_text("utf-8") for one in package.glob("*.py"))
    assert set(re.findall(r'"event": "(\w+\.\w+)"', code)) == told
