"""What sources disagree on, listed over a whole catalog."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from attrs import fields_dict

from llmhub_core.catalog.conflicts import (
    KINDS,
    Asked,
    Side,
    Suspicion,
    disagreements,
    suspicions,
)
from llmhub_core.catalog.likeness import written
from llmhub_core.errors import FilterError, UnknownModelError
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.records.model import CanonicalModel, Conflict, Facts, Origin

OURS, THEIRS = Origin(source="models-dev"), Origin(source="theirs", as_of="2026-11")
LAB = Origin(source="models-dev", via="base")


def lost(field: str, values: tuple[Any, Any], **how: Any) -> Conflict:
    """A conflict between models-dev, which is kept, and another source."""
    kept, other = map(written, values)
    known: dict[str, Any] = {"kept_from": OURS, "lost_from": THEIRS}
    return Conflict(field=field, kept=kept, lost=other, **(known | how))


def model(canonical_id: str, *conflicts: Conflict, **said: Any) -> CanonicalModel:
    """A row with conflicts."""
    provider, _, model_id = canonical_id.partition(":")
    return CanonicalModel(
        canonical_id=canonical_id,
        provider=provider,
        model_id=model_id,
        conflicts=conflicts,
        **({"group": f"lab/{model_id}"} | said),
    )


CATALOG = Catalog(
    models=(
        model(
            "gemini:flash",
            lost("price_output_per_million", (2.5, 3.75)),
            lost("price_input_per_million", (0.3, 0.75)),
            lost("price_basis", ("listed", "zero")),
            lost("price_cache_read_per_million", (None, 0.1)),
            flags={"floating-alias": "it floats"},
        ),
        model(
            "groq:gpt-5",
            lost("open_weights", (False, True), lost_from=LAB, said_of="openai/gpt-5"),
            callable="no",
            group="openai/gpt-5",
        ),
        model(
            "openai:gpt-5",
            lost("context_tokens", (400_000, 128_000)),
            lost("price_input_per_million", (0.0, 2.0)),
            lost("supports_tool_call", (True, False)),
            lost("knowledge_cutoff", ("2024-09", "2025-01"), lost_from=LAB),
            lost("last_updated", ("2024-09", "2025-01")),
            lost("display_name", ("GPT-5", "GPT 5")),
            group="openai/gpt-5",
            flags={"zero-price": "0", "name-disagrees": "gpt-4"},
        ),
    ),
    sources=(
        SourceStatus(
            name="models-dev", state="fresh", fetched_at="2026-11-22T10:00:00Z"
        ),
        SourceStatus(name="quiet", state="skipped"),
        SourceStatus(name="theirs", state="fresh", as_of="2026-10"),
    ),
)


def told(**asked: Any) -> list[tuple[str, str]]:
    """Which disagreements are listed, by row and field."""
    return [
        (one.canonical_id, one.field) for one in disagreements(CATALOG, Asked(**asked))
    ]


def test_money_comes_first_and_the_farthest_apart_before_the_rest() -> None:
    """By kind, then by size; what can't be measured is last of its kind."""
    found = disagreements(CATALOG)
    assert [(one.kind, one.field, one.size) for one in found] == [
        ("price", "price_input_per_million", inf),
        ("price", "price_input_per_million", 1.5),
        ("price", "price_output_per_million", 0.5),
        ("price", "price_cache_read_per_million", None),
        ("price", "price_basis", None),
        ("capability", "supports_tool_call", None),
        ("limit", "context_tokens", 2.125),
        ("date", "last_updated", None),
        ("name", "display_name", None),
        ("group", "knowledge_cutoff", None),
        ("group", "open_weights", None),
    ]


def test_each_side_has_its_value_source_and_date() -> None:
    """The date of the data, or else of the day when it was fetched."""
    (first, *_) = disagreements(CATALOG, Asked(provider="gemini"))
    assert first.kept == Side(value=0.3, source="models-dev", date="2026-11-22")
    assert first.lost == Side(value=0.75, source="theirs", date="2026-11")
    (host,) = disagreements(CATALOG, Asked(model="groq:gpt-5"))
    assert host.group == "openai/gpt-5"
    assert host.lost == Side(
        value=True,
        source="models-dev",
        date="2026-11-22",
        via="base",
        said_of="openai/gpt-5",
    )


def test_a_source_that_is_gone_has_no_date() -> None:
    """Also where it was never fetched."""
    gone = Origin(source="quiet")
    catalog = Catalog(
        models=(model("a:b", lost("kind", ("chat", "image"), lost_from=gone)),),
        sources=CATALOG.sources,
    )
    (one,) = disagreements(catalog)
    assert one.lost.date is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"field": "open_weights"}, [("groq:gpt-5", "open_weights")]),
        ({"kind": "limit"}, [("openai:gpt-5", "context_tokens")]),
        ({"model": "groq:gpt-5"}, [("groq:gpt-5", "open_weights")]),
        ({"model": "groq/gpt-5"}, [("groq:gpt-5", "open_weights")]),
        (
            {"model": "gpt-5", "kind": "group"},
            [("openai:gpt-5", "knowledge_cutoff"), ("groq:gpt-5", "open_weights")],
        ),
        (
            {"provider": "google", "min_size": 1.5},
            [("gemini:flash", "price_input_per_million")],
        ),
        ({"provider": "gemini", "kind": "group"}, []),
        (
            {"source": "theirs", "kind": "date"},
            [("openai:gpt-5", "last_updated")],
        ),
        ({"source": "quiet"}, []),
        (
            {"min_size": 2},
            [
                ("openai:gpt-5", "price_input_per_million"),
                ("openai:gpt-5", "context_tokens"),
            ],
        ),
    ],
)
def test_disagreements_can_be_asked_for(
    asked: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    """By field, sort, model or all who serve it, provider, source and size."""
    assert told(**asked) == found


def test_any_size_is_a_size() -> None:
    """0 leaves out only what can't be measured."""
    assert len(told(min_size=0)) == 4
    assert len(told()) == 11


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"field": "price_input"}, "field 'price_input'"),
        ({"source": "model-dev"}, "Did you mean 'models-dev'"),
        ({"provider": "opnai"}, "Did you mean 'openai'"),
    ],
)
def test_what_there_is_not_is_said(asked: dict[str, Any], says: str) -> None:
    """With near names, instead of an empty list."""
    with pytest.raises(FilterError, match=says):
        disagreements(CATALOG, Asked(**asked))


def test_an_unknown_model_is_said() -> None:
    """For the suspicions too."""
    for ask in (disagreements, suspicions):
        with pytest.raises(UnknownModelError, match="nothing"):
            ask(CATALOG, Asked(model="nothing"))


def test_every_field_has_a_kind() -> None:
    """And each kind has fields; ``group`` has those of the weights."""
    catalog = Catalog(
        models=(model("a:b", *(lost(name, ("a", "b")) for name in fields_dict(Facts))),)
    )
    found = {one.field: one.kind for one in disagreements(catalog)}
    assert found.keys() == fields_dict(Facts).keys()
    assert set(found.values()) == {*KINDS} - {"group"}
    assert found["reasoning_budget_min_tokens"] == "limit"
    assert found["status"] == found["input_modalities"] == "capability"
    assert found["family"] == "name"
    assert {found[name] for name in found if name.startswith("price_")} == {"price"}


def test_suspicions_are_listed_by_weight() -> None:
    """The most telling flag first; a flag of another version comes last."""
    assert suspicions(CATALOG) == (
        Suspicion(canonical_id="openai:gpt-5", flag="name-disagrees", says="gpt-4"),
        Suspicion(canonical_id="openai:gpt-5", flag="zero-price", says="0"),
        Suspicion(canonical_id="gemini:flash", flag="floating-alias", says="it floats"),
    )
    other = Catalog(models=(model("a:b", flags={"odd": "?", "zero-price": "0"}),))
    assert [one.flag for one in suspicions(other)] == ["zero-price", "odd"]


def test_suspicions_can_be_asked_for() -> None:
    """Of a provider, or of everybody who serves a model."""
    (one,) = suspicions(CATALOG, Asked(provider="google"))
    assert one.canonical_id == "gemini:flash"
    assert len(suspicions(CATALOG, Asked(model="openai/gpt-5"))) == 2
    assert suspicions(CATALOG, Asked(model="groq:gpt-5")) == ()
