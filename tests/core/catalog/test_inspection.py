"""Harvests at the door: nothing that can't be meant comes in, all of it is named."""

from __future__ import annotations

import math
from datetime import date
from typing import Any, get_args, get_type_hints

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.catalog.inspection import inspect
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Facts, PriceTier
from llmhub_core.records.observation import (
    BaseModel,
    Harvest,
    Probe,
    RatedModel,
    ServedModel,
)
from llmhub_core.testing.strategies import harvests

HINTS = get_type_hints(Facts)


def served(facts: Any = None, **changes: Any) -> ServedModel:
    """A sound observation, changed."""
    known: dict[str, Any] = {
        "provider": "openai",
        "model_id": "gpt-5",
        "record": "openai/gpt-5",
        "facts": Facts() if facts is None else facts,
    }
    return ServedModel(**{**known, **changes})


def rated(**changes: Any) -> RatedModel:
    """A sound rating, changed."""
    known: dict[str, Any] = {
        "name": "gpt-5 (high)",
        "board": "text",
        "category": "overall",
        "score": 1400.0,
    }
    return RatedModel(**{**known, **changes})


def inspected(facts: Facts) -> tuple[Facts, dict[str | None, str]]:
    """What is left of these facts, and why the rest is not."""
    got = inspect(Harvest(served=(served(facts),)))
    return got.served[0].facts, {r.field: r.reason for r in got.refused}


@given(harvests())
def test_a_sound_harvest_comes_through_as_it_is(harvest: Harvest) -> None:
    """The very same object: nothing is copied, nothing refused."""
    assert inspect(harvest) is harvest


# ---------------------------------------------------------------- fields


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", "Claude Opus 4.5 (latest) — 日本語"),
        ("family", "claude"),
        ("kind", "chat"),
        ("status", "deprecated"),
        ("supports_reasoning", False),
        ("context_tokens", 1),
        ("max_output_tokens", 1_000_000_000),
        ("reasoning_budget_min_tokens", 0),
        ("reasoning_efforts", ()),
        ("input_modalities", ("text", "image")),
        ("knowledge_cutoff", "2024-02"),
        ("release_date", "2024-02-29"),
    ],
)
def test_what_is_sound_stays(field: str, value: Any) -> None:
    """The ends of what is allowed are allowed."""
    facts = Facts(**{field: value})
    assert inspected(facts) == (facts, {})


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("display_name", "", "'' is not a line of text"),
        ("display_name", "two\nlines", r"'two\nlines' is not a line of text"),
        ("display_name", "\x1b[31mred", r"'\x1b[31mred' is not a line of text"),
        ("display_name", "\ud800", r"'\ud800' is not a line of text"),
        ("display_name", "x" * 201, f"'{'x' * 40}' is not a line of text"),
        ("display_name", 5, "5 is not a line of text"),
        ("display_name", b"x", "b'x' is not a line of text"),
        ("kind", "robot", "'robot' is none of audio, chat, "),
        ("kind", ["chat"], "a list is none of audio, "),
        ("status", True, "True is none of alpha, beta, "),
        ("supports_reasoning", "false", "'false' is neither True nor False"),
        ("supports_reasoning", 0, "0 is neither True nor False"),
        ("context_tokens", 0, "0 is not a number of tokens"),
        ("context_tokens", -1, "-1 is not a number of tokens"),
        ("context_tokens", 128000.0, "128000.0 is not a number of tokens"),
        ("context_tokens", True, "True is not a number of tokens"),
        ("context_tokens", 10**30, "a huge number is not a number of tokens"),
        ("reasoning_budget_min_tokens", -1, "-1 is not a count"),
        ("reasoning_efforts", "low", "'low' is not a tuple of words"),
        ("reasoning_efforts", ["low"], "a list is not a tuple of words"),
        ("reasoning_efforts", ("low", 1), "a tuple is not a tuple of words"),
        ("input_modalities", ("a text",), "a tuple is not a tuple of words"),
        ("release_date", "2026-13", "'2026-13' is not the date of a model"),
        ("release_date", "2026-02-30", "'2026-02-30' is not the date of a model"),
        ("release_date", "1970-01-01", "'1970-01-01' is not the date of a model"),
        ("release_date", "9999-01-01", "'9999-01-01' is not the date of a model"),
        ("release_date", "2026", "'2026' is not the date of a model"),
        ("release_date", "2026-1-1", "'2026-1-1' is not the date of a model"),
        ("release_date", "2026-01-01T00", "is not the date of a model"),
        ("release_date", "\uff12\uff10\uff12\uff16-01", "is not the date of a model"),
        ("release_date", date(2026, 1, 1), "a date is not the date of a model"),
    ],
)
def test_a_bad_field_is_unknown_and_named(field: str, value: Any, reason: str) -> None:
    """The record stands without it, and the refusal says which field and why."""
    good = {"open_weights": True}
    facts, refused = inspected(Facts(**{**good, field: value}))
    assert facts == Facts(**good)  # type: ignore[arg-type]
    assert list(refused) == [field]
    assert reason in refused[field]


LISTED: dict[str, Any] = {
    "price_basis": "listed",
    "price_input_per_million": 2.5,
    "price_output_per_million": 10.0,
}
TIER = PriceTier(above_context_tokens=200_000, input_per_million=5.0)
NO_PRICE = "is not a price in US dollars per million tokens"


@pytest.mark.parametrize(
    "prices",
    [
        LISTED,
        {**LISTED, "price_output_per_million": 0.0},  # embeddings
        {**LISTED, "price_input_per_million": 3},
        {**LISTED, "price_tiers": (TIER,)},
        {"price_basis": "free", "price_input_per_million": 0.0},
        {"price_basis": "free"},
        {"price_basis": "zero"},
        {"price_basis": "subscription"},
    ],
)
def test_a_price_list_that_agrees_with_itself_stays(prices: dict[str, Any]) -> None:
    """Listed with numbers, free with none or zeros, the others without."""
    assert inspected(Facts(**prices)) == (Facts(**prices), {})


@pytest.mark.parametrize(
    ("prices", "left", "reasons"),
    [
        (
            {**LISTED, "price_cache_read_per_million": -1.0},
            LISTED,
            {"price_cache_read_per_million": f"-1.0 {NO_PRICE}"},
        ),
        (
            {**LISTED, "price_cache_read_per_million": math.nan},
            LISTED,
            {"price_cache_read_per_million": f"nan {NO_PRICE}"},
        ),
        (
            {**LISTED, "price_cache_read_per_million": math.inf},
            LISTED,
            {"price_cache_read_per_million": f"inf {NO_PRICE}"},
        ),
        (
            {**LISTED, "price_reasoning_per_million": True},
            LISTED,
            {"price_reasoning_per_million": f"True {NO_PRICE}"},
        ),
        (
            {**LISTED, "price_reasoning_per_million": "2.5"},
            LISTED,
            {"price_reasoning_per_million": f"'2.5' {NO_PRICE}"},
        ),
        (
            {**LISTED, "price_reasoning_per_million": 1e6},
            LISTED,
            {"price_reasoning_per_million": f"1000000.0 {NO_PRICE}"},
        ),
        (
            {**LISTED, "price_tiers": (TIER, TIER)},
            LISTED,
            {"price_tiers": "the steps do not rise"},
        ),
        (
            {**LISTED, "price_tiers": [TIER]},
            LISTED,
            {"price_tiers": "a list is not a tuple of price tiers"},
        ),
        (
            {**LISTED, "price_tiers": (attrs.evolve(TIER, input_per_million=-5.0),)},
            LISTED,
            {"price_tiers": f"-5.0 {NO_PRICE}"},
        ),
        (
            {**LISTED, "price_tiers": (attrs.evolve(TIER, above_context_tokens=0),)},
            LISTED,
            {"price_tiers": "0 is not a number of tokens"},
        ),
        (
            {**LISTED, "price_input_per_million": 0.0, "price_output_per_million": 0.0},
            {},
            dict.fromkeys(LISTED, "0 is no listed price: it is free, or unknown"),
        ),
        (
            {"price_basis": "listed", "price_tiers": (TIER,)},
            {},
            dict.fromkeys(("price_basis", "price_tiers"), "lists no price"),
        ),
        (
            {"price_basis": "listed", "price_input_per_million": math.nan},
            {},
            {
                "price_basis": "lists no price",
                "price_input_per_million": f"nan {NO_PRICE}",
            },
        ),
        (
            {**LISTED, "price_basis": "free"},
            {},
            dict.fromkeys(LISTED, "is free and has a price"),
        ),
        (
            {"price_basis": "free", "price_tiers": (TIER,)},
            {},
            dict.fromkeys(("price_basis", "price_tiers"), "is free and has a price"),
        ),
        (
            {**LISTED, "price_basis": None},
            {},
            dict.fromkeys(
                list(LISTED)[1:], "a price needs the price_basis listed or free"
            ),
        ),
        (
            {**LISTED, "price_basis": "zero"},
            {"price_basis": "zero"},
            dict.fromkeys(
                list(LISTED)[1:], "a price needs the price_basis listed or free"
            ),
        ),
    ],
)
def test_a_price_that_can_not_be_meant_is_unknown(
    prices: dict[str, Any], left: dict[str, Any], reasons: dict[str, str]
) -> None:
    """Never negative, never endless, never 0 for "not said", never half a list."""
    facts, refused = inspected(Facts(**prices))
    assert facts == Facts(**left)
    assert refused == reasons


# ---------------------------------------------------------------- records


@pytest.mark.parametrize(
    "bad",
    ["", "two words", "line\nend", "\x00", "\ud800", "x" * 201, None, 3, b"x", []],
)
@pytest.mark.parametrize("field", ["provider", "model_id", "record"])
def test_a_record_without_a_sound_id_goes(field: str, bad: Any) -> None:
    """It could be neither called nor shown; the others stay."""
    good = served(model_id="gpt-5-mini", record="openai/gpt-5-mini")
    got = inspect(Harvest(served=(served(**{field: bad}), good)))
    assert got.served == (good,)
    (refusal,) = got.refused
    assert "can't be an id" in refusal.reason
    assert refusal.record == ("served[0]" if field == "record" else "openai/gpt-5")
    assert refusal.field is None


@pytest.mark.parametrize("provider", ["open:ai", "open/ai"])
def test_a_provider_does_not_hold_the_mark_that_ends_it(provider: str) -> None:
    """``a:b:c`` could be split in two ways."""
    got = inspect(
        Harvest(
            served=(served(provider=provider),),
            bases=(BaseModel(lab=provider, model_id="m", record="r", facts=Facts()),),
            probes=(Probe(provider=provider, model_ids=None),),
        )
    )
    assert (got.served, got.bases, got.probes) == ((), (), ())
    assert len(got.refused) == 3


def test_bases_are_inspected_like_served_models() -> None:
    """A bad field goes, a bad id takes the record with it."""
    base = BaseModel(
        lab="openai", model_id="gpt-5", record="openai/gpt-5", facts=Facts()
    )
    bad = attrs.evolve(base, facts=Facts(context_tokens=-1))
    got = inspect(Harvest(bases=(bad, attrs.evolve(base, lab=""))))
    assert got.bases == (base,)
    assert [r.field for r in got.refused] == ["context_tokens", None]


@pytest.mark.parametrize("facts", [None, {}, "facts", 3])
def test_facts_of_another_type_are_none(facts: Any) -> None:
    """The model is known to be served, and nothing else is known."""
    got = inspect(Harvest(served=(attrs.evolve(served(), facts=facts),)))
    assert got.served[0].facts == Facts()
    assert "is not Facts" in got.refused[0].reason


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "two\nlines"),
        ("board", "a board"),
        ("category", None),
        ("score", math.nan),
        ("score", math.inf),
        ("score", 0.0),
        ("score", -1200.0),
        ("score", "1400"),
        ("score", True),
        ("score", None),
        ("score", 1e5),
    ],
)
def test_a_rating_without_name_or_number_goes(field: str, value: Any) -> None:
    """There is nothing left to say of it."""
    got = inspect(Harvest(ratings=(rated(**{field: value}), rated())))
    assert got.ratings == (rated(),)
    assert [(r.record, r.field) for r in got.refused] == [("ratings[0]", field)]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"votes": -1}, ["votes"]),
        ({"votes": 10.0}, ["votes"]),
        ({"published_on": "yesterday"}, ["published_on"]),
        ({"organization": ""}, ["organization"]),
        ({"ci_low": math.nan}, ["ci_low"]),
        ({"ci_low": 1401.0}, ["ci_low", "ci_high"]),
        ({"ci_high": 1399.0}, ["ci_low", "ci_high"]),
        ({"ci_low": 1390.0, "ci_high": 1395.0}, ["ci_low", "ci_high"]),
    ],
)
def test_a_rating_stands_without_its_bad_fields(
    changes: dict[str, Any], fields: list[str]
) -> None:
    """An interval that does not hold the rating is none."""
    got = inspect(Harvest(ratings=(rated(**changes),)))
    assert got.ratings == (rated(),)
    assert [r.field for r in got.refused] == fields
    assert {r.record for r in got.refused} == {"text/overall/gpt-5 (high)"}


@pytest.mark.parametrize(
    ("changes", "left", "fields"),
    [
        ({"model_ids": ("a", "b c", 3)}, {"model_ids": ("a",)}, ["model_ids"] * 2),
        ({"model_ids": "abc"}, {"model_ids": None}, ["model_ids"]),
        ({"model_ids": 3}, {"model_ids": None}, ["model_ids"]),
        ({"complete": "yes"}, {"complete": False}, ["complete"]),
        ({"complete": None}, {"complete": False}, ["complete"]),
    ],
)
def test_a_probe_says_only_what_it_can_mean(
    changes: dict[str, Any], left: dict[str, Any], fields: list[str]
) -> None:
    """What is doubtful takes no model away."""
    probe = Probe(provider="openai", model_ids=("a",))
    got = inspect(Harvest(probes=(attrs.evolve(probe, **changes),)))
    assert got.probes == (attrs.evolve(probe, **left),)
    assert [(r.record, r.field) for r in got.refused] == [
        ("openai", field) for field in fields
    ]


# ---------------------------------------------------------------- the harvest


@pytest.mark.parametrize("records", [None, 3, "text", {}, iter(())])
@pytest.mark.parametrize("field", ["served", "bases", "ratings", "probes"])
def test_what_is_no_tuple_holds_no_records(field: str, records: Any) -> None:
    """The other parts of the harvest count."""
    part: dict[str, Any] = {"served": (served(),), "ratings": (rated(),)}
    got = inspect(Harvest(**{**part, field: records}))
    assert getattr(got, field) == ()
    assert (got.served or got.ratings) != ()
    assert [r.record for r in got.refused] == [field]
    assert "is not a tuple" in got.refused[0].reason


def test_records_of_another_type_go() -> None:
    """Each is named by its place."""
    odd: Any = (served(), {}, rated(), None)
    got = inspect(Harvest(served=odd, notes=("fine", 3)))  # type: ignore[arg-type]
    assert got.served == (served(),)
    assert got.notes == ("fine",)
    assert [(r.record, r.reason) for r in got.refused] == [
        ("served[1]", "a dict is not a ServedModel"),
        ("served[2]", "a RatedModel is not a ServedModel"),
        ("served[3]", "a NoneType is not a ServedModel"),
        ("notes[1]", "3 is not a str"),
    ]


def test_refusals_of_the_source_stay_in_front() -> None:
    """And a bad date of the harvest is one more."""
    said = Refusal(record="x", reason="said the source")
    got = inspect(Harvest(refused=(said,), as_of="someday"))
    assert got.as_of is None
    assert got.refused[0] == said
    assert [r.field for r in got.refused] == [None, "as_of"]


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("two\nlines  and spaces", "two lines and spaces"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("half \ud800", r"half \ud800"),
        ("x" * 1_000, "x" * 300 + "..."),
        (None, "a NoneType"),
        (7, "7"),
    ],
)
def test_what_a_source_tells_can_be_shown_and_kept(told: Any, left: str) -> None:
    """On one line, without control signs, not endless, and as text."""
    refusal = Refusal(record=told, reason=told, field="x")
    got = inspect(Harvest(refused=(refusal,)))
    assert got.refused == (Refusal(record=left, reason=left, field="x"),)
    if isinstance(told, str):
        assert inspect(Harvest(notes=(told,))).notes == (left,)
    else:
        odd = Refusal(record="r", reason="r", field=told)
        field = None if told is None else left
        assert inspect(Harvest(refused=(odd,))).refused[0].field == field


# ---------------------------------------------------------------- anything at all

ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=3)
    | st.lists(st.text(max_size=3) | st.integers(), max_size=3)
    | st.lists(st.text(max_size=3) | st.integers(), max_size=3).map(tuple)
    | st.dictionaries(st.text(max_size=2), st.integers(), max_size=2)
    | st.builds(PriceTier, above_context_tokens=st.floats() | st.integers())
)


@st.composite
def spoiled(draw: st.DrawFn) -> Harvest:
    """A sound harvest in which any field may hold anything."""
    harvest = draw(harvests())

    def spoil(record: Any) -> Any:
        if not attrs.has(type(record)) or draw(st.integers(0, 2)):
            return record
        if draw(st.integers(0, 5)) == 0:
            return draw(ANYTHING)
        names = [field.name for field in attrs.fields(type(record))]
        name = draw(st.sampled_from(names))
        if name == "facts":
            return attrs.evolve(record, facts=spoil(record.facts))
        return attrs.evolve(record, **{name: draw(ANYTHING)})

    parts: dict[str, Any] = {
        name: tuple(spoil(record) for record in getattr(harvest, name))
        for name in ("served", "bases", "ratings", "probes")
    }
    return attrs.evolve(harvest, **parts)


def _is_meant(name: str, value: Any) -> bool:
    """Whether a fact has its type and is within reason, told from the annotation."""
    kinds = get_args(HINTS[name])
    if name == "price_tiers":
        return all(isinstance(tier, PriceTier) for tier in value)
    if name.startswith("price_") and name != "price_basis":
        return type(value) in {int, float} and 0 <= value < math.inf
    if int in kinds:
        return type(value) is int and value >= 0
    if bool in kinds:
        return type(value) is bool
    if str in kinds or name in {"kind", "status", "price_basis"}:
        return type(value) is str and value.isprintable() and value != ""
    return type(value) is tuple and all(type(word) is str for word in value)


@given(spoiled())
def test_whatever_comes_only_sound_records_leave(harvest: Harvest) -> None:
    """Never an exception; every fact is meant; a second look finds nothing."""
    got = inspect(harvest)
    for record in (*got.served, *got.bases):
        known = attrs.asdict(record.facts, recurse=False)
        for name, value in known.items():
            assert value is None or _is_meant(name, value)
        assert "\n" not in record.record + record.model_id
    for rating in got.ratings:
        assert math.isfinite(rating.score)
    assert inspect(got) is got


@given(spoiled())
def test_every_record_stays_or_is_refused(harvest: Harvest) -> None:
    """Records in are records out plus refusals of whole records."""
    got = inspect(harvest)
    parts = ("served", "bases", "ratings", "probes")
    gone = sum(len(getattr(harvest, p)) - len(getattr(got, p)) for p in parts)
    # What the source itself refused comes through, before what is refused here.
    new = got.refused[len(harvest.refused) :]
    whole = [r for r in new if r.field is None or r.record.startswith("ratings[")]
    facts = [r for r in whole if r.reason.endswith("is not Facts")]
    assert gone == len(whole) - len(facts)
