"""The reference of plugins has every record, field and clause that authors meet."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import attrs
import pytest

from llmhub_core import contracts, testing
from llmhub_core.catalog.bounds import MAX_CHARACTERS, MAX_ROWS
from llmhub_core.records import model, spec
from llmhub_core.records.candidate import (
    Candidate,
    Cost,
    Latency,
    Quality,
    Ranked,
    Ranking,
)
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.records.model import CanonicalModel, Facts, PriceTier
from llmhub_core.records.need import Constraint, RatingKey, RoleNeed, Weights
from llmhub_core.records.observation import (
    BaseModel,
    Harvest,
    Payload,
    Probe,
    RatedModel,
    ServedModel,
)
from llmhub_core.records.rating import Benchmark, Rating
from llmhub_core.records.spec import Workload
from llmhub_core.testing import strategies
from llmhub_core.testing.exporter_clauses import EXPORTER_CLAUSES
from llmhub_core.testing.selector_clauses import SELECTOR_CLAUSES
from llmhub_core.testing.source_clauses import SOURCE_CLAUSES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "plugins.md"
TEXT = PAGE.read_text(encoding="utf-8")
RECORDS: tuple[Any, ...] = (
    BaseModel, Benchmark, Candidate, CanonicalModel, Choice, Constraint, Cost, Facts,
    Harvest, Latency, Payload, Pick, PriceTier, Probe, Quality, Ranked, Ranking,
    RatedModel, Rating, RatingKey, Refusal, RoleNeed, ServedModel, Weights, Workload,
    contracts.ExportContext, contracts.ExportedFile, contracts.SelectorContext,
)  # fmt: skip


def _rows(heading: str) -> dict[str, str]:
    """First cell in code and second cell of the table under a heading."""
    _, _, rest = TEXT.partition(f"\n### {heading}\n")
    section = re.split(r"\n##", rest)[0]
    cells = r"^\| `([^`]+)` \| ((?:[^|\\]|\\.)+) \|"
    return dict(re.findall(cells, section, re.MULTILINE))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_field_of_a_record_is_there_with_its_type(record: Any) -> None:
    """In its order, and no field that is gone."""
    written = {
        name: cell.strip("`").replace("\\|", "|")
        for name, cell in _rows(record.__name__).items()
    }
    assert list(written) == [field.name for field in attrs.fields(record)]
    # As the author of the record wrote it: `field.type` is something else once a codec
    # has resolved the names of the class.
    types: dict[str, str] = {}
    for base in reversed(record.__mro__):
        types |= inspect.get_annotations(base)
    assert written == {name: types[name] for name in written}


def test_every_record_is_imported_from_where_the_page_says() -> None:
    """A module per row, and no record of the page that has no row."""
    _, _, rest = TEXT.partition("\n## Where the records are\n")
    section = re.split(r"\n## ", rest)[0]
    named = set()
    for module, records in re.findall(
        r"^\| `(llmhub_core[.\w]+)` \| (.+) \|$", section, re.MULTILINE
    ):
        for record in re.findall(r"`(\w+)`", records):
            assert getattr(import_module(module), record).__module__ == module
            named.add(record)
    assert {record.__name__ for record in RECORDS} <= named


@pytest.mark.parametrize("name", ["Kind", "Status", "PriceBasis", "Callable", "Level"])
def test_the_words_of_a_type_are_there(name: str) -> None:
    """Those that it has, in its order."""
    home = spec if name == "Level" else model
    (row,) = re.findall(rf"^\| `{name}` \| (.+) \|$", TEXT, re.MULTILINE)
    assert tuple(re.findall(r"`(\w+)`", row)) == get_args(getattr(home, name))


@pytest.mark.parametrize(
    ("heading", "clauses"),
    [
        ("Clauses of a source", SOURCE_CLAUSES),
        ("Clauses of a selector", SELECTOR_CLAUSES),
        ("Clauses of an exporter", EXPORTER_CLAUSES),
    ],
)
def test_every_clause_is_there_with_its_promise(heading: str, clauses: Any) -> None:
    """As the kit checks them, in its order."""
    promises = {c.__name__: str(c.__doc__).strip().rstrip(".") for c in clauses}
    assert list(_rows(heading).items()) == list(promises.items())


def test_every_member_of_a_sources_context_is_there() -> None:
    """Properties and methods alike."""
    members = {n for n in vars(contracts.SourceContext) if not n.startswith("_")}
    written = {re.split(r"[ (]", n.replace("await ", "").replace("with ", ""))[0]
               for n in _rows("SourceContext")}  # fmt: skip
    assert written == members


def test_every_name_for_tests_is_there() -> None:
    """What can be imported from the kit, and its strategies."""
    code = set(re.findall(r"`(\w+)`", TEXT))
    assert {*testing.__all__, *strategies.__all__} <= code


def test_the_limits_are_those_of_the_code() -> None:
    """Numbers that a page repeats go out of date."""
    assert f"more than {MAX_ROWS:,} rows or {MAX_CHARACTERS:,} characters" in TEXT
