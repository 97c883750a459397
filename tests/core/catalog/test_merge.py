"""What several sources say of one model, merged."""

from __future__ import annotations

import itertools
import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.catalog.likeness import alike
from llmhub_core.catalog.merge import Loan, Merged, Voice, lent, merge
from llmhub_core.catalog.precedence import Precedence, load_precedence
from llmhub_core.catalog.soundness import PRICES
from llmhub_core.records.model import Conflict, Facts, Origin, PriceTier
from llmhub_core.testing.strategies import facts, records

ORDER = Precedence(default=("first", "second"), fields={"family": ("second",)})
ORIGINS = {name: Origin(source=name, as_of="2026-01-01") for name in "abc"}


def voice(source: str, **said: Any) -> Voice:
    """What a source says."""
    return Voice(origin=Origin(source=source), facts=Facts(**said))


def test_the_first_in_precedence_who_knows_decides() -> None:
    """Per field; whoever knows nothing of it has no say."""
    merged = merge(
        [
            voice("unlisted", kind="other", display_name="D", context_tokens=3),
            voice("second", kind="embedding", context_tokens=2, family="2"),
            voice("first", kind="chat", family="1"),
        ],
        ORDER,
    )
    assert merged.values == {
        "kind": "chat",
        "context_tokens": 2,
        "display_name": "D",
        "family": "2",
    }
    assert {name: o.source for name, o in merged.provenance.items()} == {
        "kind": "first",
        "context_tokens": "second",
        "display_name": "unlisted",
        "family": "second",
    }


def test_what_was_said_otherwise_is_kept() -> None:
    """Each losing value with its source, as JSON text."""
    merged = merge(
        [
            voice("first", context_tokens=1, open_weights=True),
            voice("second", context_tokens=2, open_weights=True),
            voice("third", context_tokens=3, open_weights=False),
        ],
        ORDER,
    )
    assert merged.conflicts == (
        Conflict(
            field="context_tokens",
            kept="1",
            kept_from=Origin(source="first"),
            lost="2",
            lost_from=Origin(source="second"),
        ),
        Conflict(
            field="context_tokens",
            kept="1",
            kept_from=Origin(source="first"),
            lost="3",
            lost_from=Origin(source="third"),
        ),
        Conflict(
            field="open_weights",
            kept="true",
            kept_from=Origin(source="first"),
            lost="false",
            lost_from=Origin(source="third"),
        ),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"input_modalities": ("text", "image")},
            {"input_modalities": ("image", "text")},
        ),
        ({"context_tokens": 5}, {"context_tokens": 5}),
        ({"price_input_per_million": 3}, {"price_input_per_million": 3.0}),
        ({"open_weights": False}, {}),
    ],
)
def test_saying_the_same_is_no_conflict(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    """The order of modalities means nothing, and silence contradicts nobody."""
    assert (
        merge([voice("first", **one), voice("second", **other)], ORDER).conflicts == ()
    )


def test_efforts_have_an_order() -> None:
    """``("low", "high")`` and ``("high", "low")`` are two statements."""
    merged = merge(
        [
            voice("first", reasoning_efforts=("low", "high")),
            voice("second", reasoning_efforts=("high", "low")),
        ],
        ORDER,
    )
    assert [conflict.lost for conflict in merged.conflicts] == ['["high", "low"]']


TIER = PriceTier(above_context_tokens=200_000, input_per_million=5.0)


def test_prices_come_from_one_list() -> None:
    """What the first list leaves out is not filled from another one."""
    merged = merge(
        [
            voice("first", price_basis="listed", price_input_per_million=1.0),
            voice(
                "second",
                price_basis="listed",
                price_input_per_million=2.0,
                price_output_per_million=8.0,
                price_tiers=(TIER,),
            ),
        ],
        ORDER,
    )
    assert merged.values == {"price_basis": "listed", "price_input_per_million": 1.0}
    assert [(c.field, c.kept, c.lost) for c in merged.conflicts[:2]] == [
        ("price_input_per_million", "1.0", "2.0"),
        ("price_output_per_million", "null", "8.0"),
    ]
    (tiers,) = merged.conflicts[2:]
    assert (tiers.field, tiers.kept) == ("price_tiers", "null")
    assert json.loads(tiers.lost)[0]["above_context_tokens"] == 200_000
    assert {c.kept_from.source for c in merged.conflicts} == {"first"}


@pytest.mark.parametrize("basis", ["zero", "subscription", None])
def test_a_list_comes_before_a_reason_for_none(basis: Any) -> None:
    """Whoever has a price decides, though another stands before it."""
    merged = merge(
        [
            voice("first", price_basis=basis, context_tokens=1),
            voice("second", price_basis="listed", price_output_per_million=8.0),
        ],
        ORDER,
    )
    assert merged.values["price_basis"] == "listed"
    assert merged.values["price_output_per_million"] == 8.0


def test_free_is_a_price() -> None:
    """The first in precedence that says free or lists a price decides."""
    merged = merge(
        [
            voice("second", price_basis="listed", price_input_per_million=8.0),
            voice("first", price_basis="free", price_input_per_million=0.0),
        ],
        ORDER,
    )
    assert merged.values == {"price_basis": "free", "price_input_per_million": 0.0}
    assert [(c.field, c.kept, c.lost) for c in merged.conflicts] == [
        ("price_input_per_million", "0.0", "8.0"),
        ("price_basis", '"free"', '"listed"'),
    ]


def test_without_any_list_the_first_reason_counts() -> None:
    """A plan, or a bare zero: no number either way."""
    merged = merge(
        [
            voice("second", price_basis="zero"),
            voice("first", price_basis="subscription"),
            voice("third", context_tokens=1),
        ],
        ORDER,
    )
    assert merged.values["price_basis"] == "subscription"


def test_a_price_without_basis_is_not_mixed_either() -> None:
    """Even what no sound source says stays in one piece."""
    merged = merge(
        [
            voice("first", price_input_per_million=1.0),
            voice("second", price_output_per_million=8.0, context_tokens=1),
        ],
        ORDER,
    )
    assert merged.values == {"price_input_per_million": 1.0, "context_tokens": 1}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_of_voices_that_say_nothing_nothing_is_known(count: int) -> None:
    """A listing of ids has nothing to say of prices or limits."""
    merged = merge([voice(f"s{n}") for n in range(count)], ORDER)
    assert merged == Merged(values={}, provenance={})


def test_a_silent_voice_beside_one_that_speaks_changes_nothing() -> None:
    """The row is that of the one."""
    one = voice("second", kind="chat", price_basis="zero")
    assert merge([voice("first"), one], ORDER) == merge([one], ORDER)


VOICES = st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.tuples(
        *(
            st.builds(Voice, origin=st.just(ORIGINS[name]), facts=facts())
            for name in names
        )
    )
)
PRECEDENCES = st.builds(
    Precedence,
    default=st.permutations("abc").map(tuple),
    fields=st.dictionaries(
        st.sampled_from(("kind", "price_basis", "family")),
        st.permutations("abc").map(tuple),
        max_size=2,
    ),
)


@given(VOICES, PRECEDENCES)
def test_the_order_of_voices_means_nothing(
    voices: tuple[Voice, ...], precedence: Precedence
) -> None:
    """Values, origins and conflicts, whoever was asked first."""
    merged = merge(voices, precedence)
    for turned in itertools.permutations(voices):
        assert merge(turned, precedence) == merged


@given(VOICES, PRECEDENCES)
def test_every_value_was_said_by_its_origin(
    voices: tuple[Voice, ...], precedence: Precedence
) -> None:
    """Known exactly when its origin said so; a None displaces nothing."""
    merged = merge(voices, precedence)
    by_origin = {one.origin: one.facts for one in voices}
    assert merged.values.keys() == merged.provenance.keys()
    for name, value in merged.values.items():
        assert value is not None
        assert getattr(by_origin[merged.provenance[name]], name) == value
    for name in attrs.fields_dict(Facts):
        if name not in PRICES:
            said = [getattr(one.facts, name) for one in voices]
            assert (name in merged.values) == any(value is not None for value in said)


@given(VOICES, PRECEDENCES)
def test_all_prices_of_a_row_have_one_origin(
    voices: tuple[Voice, ...], precedence: Precedence
) -> None:
    """And they are all that this origin said of prices."""
    merged = merge(voices, precedence)
    origins = {merged.provenance[name] for name in PRICES if name in merged.values}
    assert len(origins) <= 1
    for one in voices:
        if one.origin in origins:
            listed = {name: getattr(one.facts, name) for name in PRICES}
            assert {n: merged.values.get(n) for n in PRICES} == listed


@given(VOICES, PRECEDENCES)
def test_every_disagreement_is_kept(
    voices: tuple[Voice, ...], precedence: Precedence
) -> None:
    """Each voice that says otherwise is in one conflict per field.

    Prices also where the list that was taken is silent: both are kept apart.
    """
    merged = merge(voices, precedence)
    lost = {(c.field, c.lost_from.source) for c in merged.conflicts}
    assert len(lost) == len(merged.conflicts)
    for one in voices:
        for name in attrs.fields_dict(Facts):
            said, kept = getattr(one.facts, name), merged.values.get(name)
            differs = said is not None and not alike(name, said, kept)
            assert ((name, one.origin.source) in lost) == differs


# ---------------------------------------------------------------- lending


def loan(value: Any, source: str = "a") -> Loan:
    """A value and where it comes from."""
    return value, Origin(source=source, via="group")


def test_only_what_is_unknown_is_lent() -> None:
    """With its origin, and nothing of the row is replaced."""
    own = merge([voice("first", kind="chat", open_weights=False)], ORDER)
    got = lent(own, {"kind": loan("embedding"), "family": loan("gpt")})
    assert got.values == {"kind": "chat", "open_weights": False, "family": "gpt"}
    assert got.provenance["family"] == Origin(source="a", via="group")
    assert got.provenance["kind"] == Origin(source="first")
    assert own.values == {"kind": "chat", "open_weights": False}


def test_without_a_gap_nothing_is_lent() -> None:
    """The very same record."""
    own = merge([voice("first", kind="chat")], ORDER)
    assert lent(own, {"kind": loan("embedding")}) is own


# ---------------------------------------------------------------- precedence


def test_the_packaged_table_orders_the_built_in_sources() -> None:
    """models.dev before what an id alone tells."""
    order = load_precedence()
    assert order.rank("kind", "models-dev") < order.rank("kind", "any-llm")
    assert order.rank("kind", "any-llm") < order.rank("kind", "somebody's")


def test_unlisted_sources_come_last_by_name() -> None:
    """Never in the order in which they were asked."""
    order = Precedence(default=("z",))
    assert sorted("azb", key=lambda name: order.rank("kind", name)) == ["z", "a", "b"]


def test_the_users_order_stands_over_the_packaged_one() -> None:
    """Named sources first, the others as before; a field may have its own."""
    order = load_precedence({"default": ("mine",), "kind": ("arena", "mine")})
    assert order.default == ("mine", "models-dev", "any-llm", "arena")
    assert order.fields["kind"] == ("arena", "mine", "models-dev", "any-llm")


@given(st.lists(records(Facts), max_size=2))
def test_merging_takes_any_facts(said: list[Facts]) -> None:
    """Also what no sound source says: merging does not raise."""
    voices = [
        Voice(origin=ORIGINS[name], facts=known)
        for name, known in zip("ab", said, strict=False)
    ]
    if voices:
        merge(voices, ORDER)
