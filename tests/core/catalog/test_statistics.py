"""Tiers by hand-computed examples, and tags."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.catalog.statistics import Scale, reference_price, tags, tiers
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.rating import Rating
from llmhub_core.testing.catalogs import catalogs

NO_TIERS = dict.fromkeys(
    ("cost_tier", "quality_tier", "reasoning_tier", "creative_tier")
)


def model(name: str, *, score: float | None = None, **facts: Any) -> CanonicalModel:
    """A chat model of that name with a rating."""
    return CanonicalModel(
        canonical_id=f"openai:{name}",
        provider="openai",
        model_id=name,
        arena_score=score,
        **{"kind": "chat", "group": name, **facts},
    )


def priced(name: str, dollars: float | None, **facts: Any) -> CanonicalModel:
    """A model with one price for input and output."""
    basis = None if dollars is None else "listed"
    return model(
        name,
        price_basis=basis,
        price_input_per_million=dollars,
        price_output_per_million=dollars,
        **facts,
    )


def rating(category: str, score: float, board: str = "text") -> Rating:
    """One rating."""
    return Rating(name="x", board=board, category=category, score=score)


def placed(name: str, models: list[CanonicalModel], **how: Any) -> list[int | None]:
    """One tier of each model."""
    return [tier[name] for tier in tiers(models, **how)]


# ---------------------------------------------------------------- scales


def test_bounds_lie_at_the_fifths() -> None:
    """Linear between values: of 0, 10, .. 100 at 20, 40, 60 and 80."""
    scale = Scale.over(float(n) for n in range(0, 101, 10))
    assert scale.bounds == (20.0, 40.0, 60.0, 80.0)
    assert Scale.over([4.0, 1.0, 2.0]).bounds == pytest.approx((1.4, 1.8, 2.4, 3.2))


@pytest.mark.parametrize(
    ("value", "fifth"),
    [(-5, 1), (20, 1), (20.1, 2), (40, 2), (50, 3), (80, 4), (80.1, 5), (1e9, 5)],
)
def test_a_value_on_a_bound_is_in_the_lower_fifth(value: float, fifth: int) -> None:
    """Every value has one fifth, also those beyond the distribution."""
    assert Scale((20.0, 40.0, 60.0, 80.0)).fifth(value) == fifth


def test_without_values_there_is_one_fifth() -> None:
    """Nothing to compare with: the first."""
    assert Scale.over([]).bounds == ()
    assert Scale.over([]).fifth(3.0) == 1


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1e6), st.floats(0, 1e6))
def test_fifths_rise_with_values(values: list[float], one: float, other: float) -> None:
    """A dearer model is never in a cheaper fifth."""
    scale = Scale.over(values)
    low, high = sorted((one, other))
    assert 1 <= scale.fifth(low) <= scale.fifth(high) <= 5
    assert list(scale.bounds) == sorted(scale.bounds)


@pytest.mark.parametrize("size", [1, 2, 5, 6, 7, 11, 36, 71, 101, 5_276])
def test_a_bound_that_falls_on_a_value_is_that_value(size: int) -> None:
    """To the last bit, so that who stands on it is in the lower fifth."""
    values = [0.1 * n for n in range(size)]
    scale = Scale.over(values)
    for fifths, bound in enumerate(scale.bounds, start=1):
        place, rest = divmod(fifths * (size - 1), 5)
        if rest == 0:
            assert bound == values[place]
            assert scale.fifth(values[place]) <= fifths


@given(st.lists(st.floats(0, 1e6), min_size=2))
def test_bounds_are_those_of_the_standard_library(values: list[float]) -> None:
    """Quintiles of a whole population, with the ends included."""
    expected = statistics.quantiles(values, n=5, method="inclusive")
    assert Scale.over(values).bounds == pytest.approx(expected)


# ---------------------------------------------------------------- tiers


def test_cost_tiers_by_hand() -> None:
    """Six prices 1 to 6: bounds at 2, 3, 4, 5."""
    models = [priced(str(n), float(n)) for n in (6, 5, 4, 3, 2, 1)]
    assert placed("cost_tier", models) == [5, 4, 3, 2, 1, 1]


def test_quality_tiers_by_hand() -> None:
    """Six ratings: bounds at 1200 to 1500, and the best fifth is 1."""
    models = [model(str(n), score=1000.0 + 100 * n) for n in (1, 2, 3, 4, 5, 6)]
    assert placed("quality_tier", models) == [5, 4, 3, 2, 1, 1]


def test_reasoning_is_the_mean_of_math_and_hard_prompts() -> None:
    """1300 and 1500 make 1400, above 1350 twice; one alone makes nothing."""
    both = (rating("hard_prompts", 1300.0), rating("math", 1500.0))
    even = (rating("hard_prompts", 1350.0), rating("math", 1350.0))
    models = [
        model("both", ratings=both),
        model("even", ratings=even),
        model("math only", ratings=(rating("math", 1600.0),)),
        model("elsewhere", ratings=(rating("math", 1600.0, board="vision"),)),
    ]
    assert placed("reasoning_tier", models) == [1, 5, None, None]


def test_creative_takes_the_default_rating_of_its_category() -> None:
    """The first of several in one category is the default."""
    better = (rating("creative_writing", 1400.0), rating("creative_writing", 1000.0))
    worse = (rating("creative_writing", 1300.0), rating("creative_writing", 1600.0))
    models = [model("better", ratings=better), model("worse", ratings=worse)]
    assert placed("creative_tier", models) == [1, 5]


def test_no_number_no_tier() -> None:
    """Nobody is placed by reputation, and a bare 0/0 is no price."""
    unknown = [
        model("unknown"),
        priced("zero", None, tags=()),
        model("plan", price_basis="subscription"),
        model("half", price_basis="listed", price_input_per_million=1.0),
        model("unlisted", price_input_per_million=1.0, price_output_per_million=1.0),
    ]
    assert tiers(unknown) == [NO_TIERS] * 5


def test_free_is_the_cheapest() -> None:
    """Where the source says free, 0 is a price."""
    free = model(
        "free",
        price_basis="free",
        price_input_per_million=0.0,
        price_output_per_million=0.0,
    )
    models = [free, *(priced(str(n), float(n)) for n in range(1, 6))]
    assert placed("cost_tier", models)[0] == 1


def test_each_kind_has_its_own_fifths() -> None:
    """A dear embedding model is not compared with chat models."""
    chats = [priced(str(n), float(n)) for n in range(10, 16)]
    embeddings = [priced(f"e{n}", n / 10, kind="embedding") for n in range(1, 7)]
    assert placed("cost_tier", chats + embeddings) == [1, 1, 2, 3, 4, 5] * 2


def test_an_embedding_needs_no_output_price() -> None:
    """It has no output tokens; a chat model without one has no price."""
    facts = {"price_basis": "listed", "price_input_per_million": 2.0}
    assert reference_price(model("e", kind="embedding", **facts)) == 0.002
    assert reference_price(model("c", **facts)) is None


def test_the_reference_request_has_1000_tokens_in_and_300_out() -> None:
    """US dollars for one request of the default workload."""
    one = model(
        "x",
        price_basis="listed",
        price_input_per_million=3.0,
        price_output_per_million=15.0,
    )
    assert reference_price(one) == pytest.approx(0.003 + 0.0045)


def test_a_model_counts_once_in_quality_and_per_host_in_cost() -> None:
    """Fifty hosts of one good model make the others no worse."""
    hosts = [model(f"h{n}", score=1500.0, group="good") for n in range(50)]
    others = [model(str(n), score=1000.0 + 100 * n) for n in range(5)]
    assert placed("quality_tier", [*hosts, *others])[50:] == [5, 4, 3, 2, 1]
    many = [priced(f"h{n}", 9.0, group="good") for n in range(50)]
    dear = [priced(str(n), float(n)) for n in range(1, 6)]
    assert placed("cost_tier", [*many, *dear])[50:] == [1] * 5


def test_of_several_modes_the_best_counts() -> None:
    """Whichever of a model's rows comes first."""
    modes = [
        model("thinking", score=1500.0, group="good"),
        model("plain", score=900.0, group="good"),
    ]
    others = [model(str(n), score=1000.0 + 100 * n) for n in range(1, 5)]
    expected = placed("quality_tier", [*modes, *others])
    assert placed("quality_tier", [*reversed(modes), *others])[2:] == expected[2:]
    assert expected == [1, 5, 5, 4, 3, 2]


def test_models_that_do_not_count_are_placed_and_move_nobody() -> None:
    """What a user's keys brought stands in the others' fifths."""
    known = [model(str(n), score=1000.0 + 100 * n) for n in range(1, 7)]
    keyed = [model(f"k{n}", score=1000.0 + n) for n in range(50)]
    before = placed("quality_tier", known)
    after = placed("quality_tier", [*keyed, *known], among=known)
    assert after[50:] == before
    assert set(after[:50]) == {5}


def test_alone_in_its_kind_a_model_is_in_the_first_fifth() -> None:
    """Also when what is alone does not count."""
    alone = [model("x", score=1000.0)]
    assert placed("quality_tier", alone) == [1]
    assert placed("quality_tier", alone, among=[]) == [1]


def _price(model: CanonicalModel) -> Fraction | None:
    if model.price_basis not in ("listed", "free"):
        return None
    price_in, price_out = model.price_input_per_million, model.price_output_per_million
    if price_out is None and model.kind == "embedding":
        price_out = 0.0
    if price_in is None or price_out is None:
        return None
    return Fraction(price_in) * 1000 + Fraction(price_out) * 300


def _score(model: CanonicalModel, *categories: str) -> Fraction | None:
    if not categories:
        return None if model.arena_score is None else Fraction(model.arena_score)
    scores = []
    for category in categories:
        found = [
            r.score
            for r in model.ratings
            if r.board == "text" and r.category == category
        ]
        if not found:
            return None
        scores.append(Fraction(found[0]))
    return sum(scores, Fraction()) / len(scores)


def _placed(
    models: Sequence[CanonicalModel],
    values: list[Fraction | None],
    *,
    best_is_high: bool,
) -> list[int | None]:
    """Count, for each model, how many of the four bounds lie before it."""
    found: list[int | None] = []
    for model, value in zip(models, values, strict=True):
        known: dict[str, Fraction] = {}
        for other, worth in zip(models, values, strict=True):
            if other.kind != model.kind or worth is None:
                continue
            if best_is_high:
                name = other.group or other.canonical_id
                known[name] = max(worth, known.get(name, worth))
            else:
                known[other.canonical_id] = worth
        if value is None:
            found.append(None)
            continue
        ordered = sorted(known.values(), reverse=best_is_high)
        bounds = []
        for fifths in range(1, 5):
            place = Fraction(fifths * (len(ordered) - 1), 5)
            below = ordered[math.floor(place)]
            above = ordered[math.ceil(place)]
            bounds.append(below + (above - below) * (place - math.floor(place)))
        beyond = [value < b if best_is_high else value > b for b in bounds]
        found.append(1 + sum(beyond))
    return found


@given(catalogs(max_size=20))
def test_tiers_are_those_of_another_reckoning(catalog: Catalog) -> None:
    """The same fifths, reckoned in fractions and without a shortcut."""
    models = catalog.models
    expected = {
        "cost_tier": _placed(models, [_price(m) for m in models], best_is_high=False),
        **{
            name: _placed(
                models, [_score(m, *categories) for m in models], best_is_high=True
            )
            for name, categories in (
                ("quality_tier", ()),
                ("reasoning_tier", ("math", "hard_prompts")),
                ("creative_tier", ("creative_writing",)),
            )
        },
    }
    found = tiers(models)
    for name, places in expected.items():
        assert [tier[name] for tier in found] == places


# ---------------------------------------------------------------- tags


@pytest.mark.parametrize(
    ("facts", "tag"),
    [
        ({"supports_reasoning": True}, "reasoning"),
        ({"supports_tool_call": True}, "tools"),
        ({"supports_structured_output": True}, "structured-output"),
        ({"input_modalities": ("image", "text")}, "vision"),
        ({"input_modalities": ("audio", "text")}, "audio-input"),
        ({"output_modalities": ("image",)}, "image-output"),
        ({"open_weights": True}, "open-weights"),
        ({"context_tokens": 200_000}, "long-context"),
        ({"price_basis": "free"}, "free"),
        ({"status": "deprecated"}, "deprecated"),
        ({"release_date": "2026-06"}, "new"),
        ({"release_date": "2026-04-01"}, "new"),
    ],
)
def test_a_tag_says_what_is_known(facts: dict[str, Any], tag: str) -> None:
    """One fact, one tag."""
    assert tags(model("x", **facts), newest="2026-06-30") == (tag,)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"supports_reasoning": False, "supports_tool_call": None},
        {"input_modalities": ("text",), "open_weights": False},
        {"context_tokens": 199_999},
        {"price_basis": "zero"},
        {"status": "beta"},
        {"release_date": "2026-03-31"},
        {"release_date": "2026-07-01"},
    ],
)
def test_what_is_not_known_has_no_tag(facts: dict[str, Any]) -> None:
    """Unknown is not yes; 91 days old is not new; nor is what is yet to come."""
    assert tags(model("x", **facts), newest="2026-06-30") == ()


def test_without_a_newest_date_nothing_is_new() -> None:
    """No clock is read."""
    assert tags(model("x", release_date="2026-06-01"), newest=None) == ()


def test_tags_are_sorted() -> None:
    """The same ones in the same order, always."""
    found = tags(
        model("x", supports_tool_call=True, open_weights=True, context_tokens=10**6),
        newest=None,
    )
    assert found == ("long-context", "open-weights", "tools")
