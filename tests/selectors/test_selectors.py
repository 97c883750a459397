"""The four selectors on cases that a person can check by eye."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log2
from typing import Any

import pytest
from attrs import evolve

from llmhub_core.contracts import Selector, SelectorContext
from llmhub_core.plugins import load_selector
from llmhub_core.records.candidate import Candidate, Latency, Ranking
from llmhub_core.records.need import RoleNeed, Weights
from llmhub_core.records.spec import Workload
from llmhub_core.settings import load_settings
from llmhub_selectors.balanced import Balanced, BalancedOptions
from llmhub_selectors.cost_first import CostFirst, CostFirstOptions
from llmhub_selectors.latency_first import LatencyFirst, LatencyFirstOptions
from llmhub_selectors.quality_first import QualityFirst
from llmhub_selectors.words import money

Make = Callable[..., Candidate]
Need = Callable[..., RoleNeed]
ALL: tuple[Selector, ...] = (
    Balanced(),
    CostFirst(),
    LatencyFirst(),
    QualityFirst(),
)


def rank(selector: Selector, need: RoleNeed, *found: Candidate) -> Ranking:
    """The selector's answer."""
    return selector.rank(need, found, SelectorContext())


def order(selector: Selector, need: RoleNeed, *found: Candidate) -> list[str]:
    """Ids, best first."""
    return [place.canonical_id for place in rank(selector, need, *found).order]


# ------------------------------------------------------------------ all of them
@pytest.mark.parametrize(
    ("name", "selector"),
    [
        ("balanced", Balanced),
        ("cost-first", CostFirst),
        ("latency-first", LatencyFirst),
        ("quality-first", QualityFirst),
    ],
)
def test_selectors_are_found_by_entry_point(name: str, selector: type) -> None:
    """As anybody's would be."""
    assert isinstance(load_selector(name, load_settings()).instance, selector)


@pytest.mark.parametrize("name", ["balanced", "cost-first", "latency-first"])
def test_a_gap_is_an_option(name: str, candidate: Make, need: Need) -> None:
    """The floor can be set from the spec, as text too."""
    models = (candidate("a:best", 1400, 0.02, slow=2), candidate("b:ok", 1380, 0.01))
    for gap, first in (("10", "a:best"), ("20", "b:ok")):
        plugin = load_selector(name, load_settings(), {"gap": gap})
        assert order(plugin.instance, need(), *models)[0] == first


@pytest.mark.parametrize(
    "options", [BalancedOptions, CostFirstOptions, LatencyFirstOptions]
)
def test_a_negative_gap_is_refused(options: Callable[..., Any]) -> None:
    """The floor can't lie above the best."""
    with pytest.raises(ValueError, match="gap"):
        options(gap=-1)


TIES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"canonical_id": "b:m"}, {"canonical_id": "a:m"}, {"preferred_providers": ("b",)}),
    (
        {"canonical_id": "b:m"},
        {"canonical_id": "a:m"},
        {"preferred_providers": ("b", "a")},
    ),
    ({"canonical_id": "b:m", "status": "stable"}, {"status": "beta"}, {}),
    ({"canonical_id": "b:m"}, {"flags": {"name-disagrees": "it does"}}, {}),
    ({"canonical_id": "b:m", "home": True}, {}, {}),
    ({"canonical_id": "a:m"}, {"canonical_id": "a:m-2"}, {}),
]


@pytest.mark.parametrize("selector", ALL, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("case", TIES)
def test_ties_are_broken_in_the_documented_order(
    candidate: Make,
    need: Need,
    selector: Selector,
    case: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
) -> None:
    """Allowlist, stable, sound, the lab's own provider, then the id."""
    first, second, more = case
    alike = {"score": 1400.0, "usd": 0.01}
    one = candidate(**{"canonical_id": "a:m", **alike, **first})
    other = candidate(**{"canonical_id": "a:m", **alike, **second})
    for found in ((one, other), (other, one)):
        assert order(selector, need(**more), *found)[0] == one.canonical_id


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0.0, "free"),
        (None, "price unknown"),
        (0.0041, "$0.0041 per request"),
        (0.000406, "$0.00041 per request"),
        (1.5, "$1.50 per request"),
        (12.0, "$12.00 per request"),
        (0.00001, "$0.000010 per request"),
    ],
)
def test_money_has_two_significant_digits(
    candidate: Make, usd: float | None, text: str
) -> None:
    """And never an exponent."""
    assert money(candidate("a:m", usd=usd)) == text


# ------------------------------------------------------------------ cost-first
@pytest.mark.parametrize(
    ("quality", "expected"),
    [("high", "b:30"), ("medium", "c:100"), (None, "c:100"), ("low", "d:300")],
)
def test_the_quality_preference_sets_the_floor(
    candidate: Make, need: Need, quality: str | None, expected: str
) -> None:
    """30, 100 or 300 points below the best, the floor included."""
    models = (
        candidate("a:best", 1500, 0.05),
        candidate("b:30", 1470, 0.04),
        candidate("c:100", 1400, 0.03),
        candidate("d:300", 1200, 0.02),
        candidate("e:301", 1199, 0.01),
    )
    assert order(CostFirst(), need(quality=quality), *models)[0] == expected


def test_the_floor_looks_at_lower_ends(candidate: Make, need: Need) -> None:
    """A rating that is good by luck is not good enough."""
    sure = candidate("a:sure", 1410, 0.02, half=5)
    vague = candidate("b:vague", 1415, 0.01, half=60)
    best = candidate("c:best", 1500, 0.03, half=5)
    assert order(CostFirst(), need(), best, sure, vague) == [
        "a:sure",
        "c:best",
        "b:vague",
    ]


def test_a_flagship_without_a_price_does_not_raise_the_floor(
    candidate: Make, need: Need
) -> None:
    """The floor hangs below the best that can be paid."""
    models = (
        candidate("a:unpriced", 1500),
        candidate("b:good", 1380, 0.01),
        candidate("c:cheap", 1350, 0.001),
    )
    assert order(CostFirst(), need(), *models) == ["c:cheap", "b:good", "a:unpriced"]


def test_cost_first_orders_everybody(candidate: Make, need: Need) -> None:
    """Good enough by cost, without a price, below the floor, unrated."""
    models = (
        candidate("a:unrated-unpriced"),
        candidate("b:unrated", usd=0.001, release_date="2024"),
        candidate("c:below", 1300, 0.001),
        candidate("d:unpriced", 1450),
        candidate("e:dear", 1500, 0.05),
        candidate("f:cheap", 1410, 0.01),
        candidate("g:unrated-newer", usd=0.001, release_date="2025-01"),
        candidate("h:cheap-better", 1420, 0.01),
    )
    ranking = rank(CostFirst(), need(), *models)
    assert [place.canonical_id for place in ranking.order] == [
        "h:cheap-better",
        "f:cheap",
        "e:dear",
        "d:unpriced",
        "c:below",
        "g:unrated-newer",
        "b:unrated",
        "a:unrated-unpriced",
    ]
    above = "by price of 3 at or above 1400.0"
    below = "below the floor of 1400.0"
    assert [place.reason for place in ranking.order] == [
        f"rating 1420 (>=1420.0 at 95 %), $0.010 per request; no. 1 {above}",
        f"rating 1410 (>=1410.0 at 95 %), $0.010 per request; no. 2 {above}",
        f"rating 1500 (>=1500.0 at 95 %), $0.050 per request; no. 3 {above}",
        "rating 1450 (>=1450.0 at 95 %), price unknown; after every model with a price",
        f"rating 1300 (>=1300.0 at 95 %), $0.0010 per request; {below}",
        "no rating, $0.0010 per request; after every rated model",
        "no rating, $0.0010 per request; after every rated model",
        "no rating, price unknown; after every rated model",
    ]
    assert ranking.notes == ()


def test_where_nobody_is_rated_the_cheapest_wins_and_the_choice_says_so(
    candidate: Make, need: Need
) -> None:
    """Embeddings: by price alone, unknown prices last."""
    models = (candidate("a:m"), candidate("b:m", usd=0.02), candidate("c:m", usd=0.01))
    ranking = rank(CostFirst(), need(), *models)
    assert [p.canonical_id for p in ranking.order] == ["c:m", "b:m", "a:m"]
    assert ranking.notes == ("no candidate is rated: chosen by price alone",)
    assert ranking.order[0].reason == (
        "no rating, $0.010 per request; no. 1 by price, no candidate is rated"
    )


@pytest.mark.parametrize("selector", [CostFirst(), Balanced()])
def test_local_models_without_prices_are_chosen_by_rating(
    candidate: Make, need: Need, selector: Selector
) -> None:
    """No price is fine where nobody has one; it is said."""
    models = (candidate("ollama:small", 1300), candidate("ollama:large", 1350))
    ranking = rank(selector, need(), *models)
    assert ranking.order[0].canonical_id == "ollama:large"
    assert ranking.notes == ("no candidate that is good enough has a known price",)


# ------------------------------------------------------------------ quality-first
def test_inside_the_interval_of_the_best_the_cheaper_wins(
    candidate: Make, need: Need
) -> None:
    """1,490 is the best lower end, its half-interval 10: from 1,480 on all tie."""
    models = (
        candidate("a:best", 1500, 0.05, half=10),
        candidate("b:tied", 1486, 0.01, half=6),
        candidate("c:not", 1485, 0.001, half=6),
    )
    ranking = rank(QualityFirst(), need(), *models)
    assert [p.canonical_id for p in ranking.order] == ["b:tied", "a:best", "c:not"]
    assert ranking.order[0].reason == (
        "rating 1486 (>=1480.0 at 95 %), $0.010 per request; no. 1 by price of 2 in "
        "the best band (1480.0 to 1490.0 at 95 %)"
    )
    assert ranking.order[2].reason.endswith(
        "no. 1 by price of 1 in the band 2 (1473.0 to 1479.0 at 95 %)"
    )


def test_an_interval_above_its_own_rating_is_a_band_of_its_own(
    candidate: Make, need: Need
) -> None:
    """Such a row is wrong, but it is ranked, and the run ends."""
    odd = candidate("a:odd", 1400, 0.05, half=-10)
    plain = candidate("b:plain", 1405, 0.01)
    assert order(QualityFirst(), need(), odd, plain) == ["a:odd", "b:plain"]


def test_without_a_price_in_a_band_comes_after_the_priced(
    candidate: Make, need: Need
) -> None:
    """A tie in quality goes to the known price; a clear lead needs none."""
    models = (
        candidate("a:unpriced", 1500, half=10),
        candidate("b:tied", 1495, 0.05, half=10),
        candidate("c:far", 1300, 0.01),
    )
    assert order(QualityFirst(), need(), *models) == ["b:tied", "a:unpriced", "c:far"]
    assert order(QualityFirst(), need(), models[0], models[2])[0] == "a:unpriced"


def test_unrated_models_never_outrank_rated_ones(candidate: Make, need: Need) -> None:
    """However new and however dear: first the newer, then the dearer, then unknown."""
    models = (
        candidate("a:new", usd=9.0, release_date="2026-06"),
        candidate("b:newer", usd=0.1, release_date="2026-06-30"),
        candidate("c:rated", 900, 0.001),
        candidate("d:new-cheap", usd=1.0, release_date="2026-06"),
        candidate("e:new-unpriced", release_date="2026-06"),
        candidate("f:undated", usd=99.0),
    )
    assert order(QualityFirst(), need(), *models) == [
        "c:rated",
        "b:newer",
        "a:new",
        "d:new-cheap",
        "e:new-unpriced",
        "f:undated",
    ]


def test_quality_first_without_ratings_says_what_it_went_by(
    candidate: Make, need: Need
) -> None:
    """The remark names the rule, the reason the date."""
    ranking = rank(
        QualityFirst(),
        need(),
        candidate("a:m", usd=0.1, release_date="2025-05-20"),
        candidate("b:m"),
    )
    assert ranking.notes == ("no candidate is rated: newest, then dearest, first",)
    assert [p.reason for p in ranking.order] == [
        "no rating, $0.10 per request; released 2025-05-20",
        "no rating, price unknown; released at an unknown date",
    ]


# ------------------------------------------------------------------ balanced
def test_utility_is_the_written_formula(candidate: Make, need: Need) -> None:
    """Weights, 25 points a doubling, 10 points a class, cheap is $0.10 a million."""
    wishes = need(
        weights=Weights(quality=0.5, cost=0.3, latency=0.2),
        workload=Workload(input_tokens=900, output_tokens=100),
    )
    ranking = rank(Balanced(), wishes, candidate("a:m", 1400, 0.0007, half=4, slow=3))
    # A thousand tokens at $0.10 per million are $0.0001; 1 + 7 is three doublings.
    assert log2(1 + 0.0007 / 0.0001) == pytest.approx(3)
    assert ranking.order[0].score == pytest.approx(
        0.5 * 1396 - 0.3 * 25 * 3 - 0.2 * 10 * 3
    )


def test_a_doubled_price_must_bring_its_points(candidate: Make, need: Need) -> None:
    """At equal weights about 25 of them, far above the cheap end."""
    base = candidate("a:base", 1400, 0.1)
    too_little = candidate("b:little", 1424, 0.2)
    enough = candidate("c:enough", 1426, 0.2)
    assert order(Balanced(), need(), base, too_little)[0] == "a:base"
    assert order(Balanced(), need(), base, enough)[0] == "c:enough"
    thrifty = Balanced(BalancedOptions(points_per_doubling=50))
    assert order(thrifty, need(), base, enough)[0] == "a:base"


def test_a_class_of_latency_is_worth_its_points(candidate: Make, need: Need) -> None:
    """At equal weights ten of them."""
    quick = candidate("a:quick", 1400, 0.01)
    slow = candidate("b:slow", 1409, 0.010001, slow=1)
    assert order(Balanced(), need(), quick, slow)[0] == "a:quick"
    patient = Balanced(BalancedOptions(points_per_class=1))
    assert order(patient, need(), quick, slow)[0] == "b:slow"


def test_free_is_not_infinitely_better_than_cheap(candidate: Make, need: Need) -> None:
    """A free model gains about a doubling on one at $0.10 per million, no more."""
    free = candidate("a:free", 1400, 0.0)
    cheap = candidate("b:cheap", 1430, 0.00013)
    assert order(Balanced(), need(), free, cheap)[0] == "b:cheap"


def test_cheap_wishes_get_one_of_the_cheapest_good_enough(
    candidate: Make, need: Need
) -> None:
    """With `cost: low` at most twice the price of the cheapest above the floor."""
    cheapest = candidate("a:cheapest", 1410, 0.01)
    twice = candidate("b:twice", 1490, 0.02)
    more = candidate("c:more", 1500, 0.0201)
    weights = Weights(quality=0.98, cost=0.01, latency=0.01)
    low = need(cost="low", weights=weights)
    assert order(Balanced(), low, cheapest, twice, more) == [
        "b:twice",
        "a:cheapest",
        "c:more",
    ]
    assert (
        order(Balanced(), need(weights=weights), cheapest, twice, more)[0] == "c:more"
    )


def test_high_quality_gets_one_of_the_best(candidate: Make, need: Need) -> None:
    """With `quality: high` nothing 31 points below the best, however cheap."""
    best = candidate("a:best", 1500, 1.0)
    near = candidate("b:near", 1470, 0.9)
    far = candidate("c:far", 1469, 0.00001)
    weights = Weights(quality=0.01, cost=0.98, latency=0.01)
    assert order(
        Balanced(), need(quality="high", weights=weights), best, near, far
    ) == [
        "b:near",
        "a:best",
        "c:far",
    ]


def test_a_beaten_model_waits_behind_the_front(candidate: Make, need: Need) -> None:
    """Speed does not make up for being dearer and worse."""
    beaten = candidate("a:beaten", 1399, 0.011, slow=0)
    front = candidate("b:front", 1400, 0.010, slow=7)
    hurry = need(weights=Weights(quality=0.1, cost=0.1, latency=0.8))
    assert order(Balanced(), hurry, beaten, front) == ["b:front", "a:beaten"]


@pytest.mark.parametrize(
    ("wishes", "first", "note"),
    [
        ({}, "b:small", "no candidate is rated: by price alone"),
        (
            {"quality": "high"},
            "a:large",
            "no candidate is rated: newest, then dearest, first",
        ),
        (
            {"quality": "high", "cost": "low"},
            "b:small",
            "no candidate is rated: by price alone",
        ),
    ],
)
def test_embeddings_are_cheap_unless_quality_is_all_that_counts(
    candidate: Make, need: Need, wishes: dict[str, Any], first: str, note: str
) -> None:
    """Without ratings price decides, in the direction that the wishes point."""
    models = (
        candidate("a:large", usd=0.13, release_date="2024-01-25"),
        candidate("b:small", usd=0.02, release_date="2024-01-25"),
        candidate("c:old", usd=0.10, release_date="2022-12-15"),
    )
    ranking = rank(Balanced(), need(**wishes), *models)
    assert ranking.order[0].canonical_id == first
    assert ranking.notes == (note,)


def test_balanced_orders_everybody(candidate: Make, need: Need) -> None:
    """Front, beaten, over the ceiling, unpriced, below the floor, unrated."""
    models = (
        candidate("a:unrated", usd=0.001),
        candidate("b:below", 1300, 0.001),
        candidate("c:unpriced", 1450),
        candidate("d:dear", 1500, 0.05),
        candidate("e:beaten", 1400, 0.012),
        candidate("f:front", 1410, 0.011),
    )
    ranking = rank(Balanced(), need(cost="low"), *models)
    assert [p.canonical_id for p in ranking.order] == [
        "f:front",
        "e:beaten",
        "d:dear",
        "c:unpriced",
        "b:below",
        "a:unrated",
    ]
    assert [p.reason.partition("; ")[2] for p in ranking.order] == [
        "no. 1 of 3 at or above 1400.0",
        "no. 2 of 3 at or above 1400.0",
        "no. 3 of 3 at or above 1400.0",
        "after every model with a price",
        "below the floor of 1400.0",
        "released unknown",
    ]
    assert [p.score is not None for p in ranking.order] == [True] * 3 + [False] * 3


def test_the_dear_end_of_the_front_is_no_backup(candidate: Make, need: Need) -> None:
    """Behind the first, a beaten model that is worth its price comes before it."""
    models = (
        candidate("a:best", 1410, 0.001),
        candidate("b:beaten", 1405, 0.0012),
        candidate("c:dear", 1415, 1.0),
    )
    assert order(Balanced(), need(), *models) == ["a:best", "b:beaten", "c:dear"]


# ------------------------------------------------------------------ latency-first
def test_latency_first_takes_the_fastest_good_enough(
    candidate: Make, need: Need
) -> None:
    """The first on the front; behind it speed, then no price, the floor, no rating."""
    models = (
        candidate("a:slow", 1500, 0.05, slow=5),
        candidate("b:quick", 1420, 0.02, slow=1),
        candidate("c:quick-cheaper", 1410, 0.01, slow=1),
        candidate("d:beaten", 1400, 0.06, slow=0),
        candidate("e:unpriced", 1450, slow=0),
        candidate("f:below", 1300, 0.001, slow=0),
        candidate("g:unrated", usd=0.001, slow=0),
    )
    ranking = rank(LatencyFirst(), need(), *models)
    assert [p.canonical_id for p in ranking.order] == [
        "c:quick-cheaper",
        "d:beaten",
        "b:quick",
        "a:slow",
        "e:unpriced",
        "f:below",
        "g:unrated",
    ]
    assert ranking.order[0].reason == (
        "latency 1 (proxy: made up), rating 1410 (>=1410.0 at 95 %), $0.010 per request"
    )
    assert ranking.order[5].reason.endswith("; below the floor of 1400.0")
    assert ranking.notes == ("latency is a proxy (size and reasoning), not measured",)


def test_latency_first_without_ratings_says_so(candidate: Make, need: Need) -> None:
    """Fastest, then cheapest."""
    models: Sequence[Candidate] = (
        candidate("a:m", usd=0.02),
        candidate("b:m", usd=0.01),
        candidate("c:m", usd=0.001, slow=1),
    )
    ranking = rank(LatencyFirst(), need(), *models)
    assert [p.canonical_id for p in ranking.order] == ["b:m", "a:m", "c:m"]
    assert ranking.notes[0] == "no candidate is rated: by latency alone"


def test_measured_latency_is_no_proxy(candidate: Make, need: Need) -> None:
    """Once somebody measures, the remark is gone and the reason says seconds."""
    one = candidate("a:m", 1400, 0.01)
    timed = evolve(
        one, latency=Latency(value=0.8, basis="measured", reason="own calls, median")
    )
    ranking = rank(LatencyFirst(), need(), timed)
    assert ranking.notes == ()
    assert "latency 0.8 (measured: own calls, median)" in ranking.order[0].reason


def test_a_rating_that_is_not_measured_says_what_it_is(
    candidate: Make, need: Need
) -> None:
    """In the reason, beside the number."""
    ranking = rank(QualityFirst(), need(), candidate("a:m", 1400, basis="proxy"))
    assert "rating 1400 (>=1400.0 at 95 %, proxy)" in ranking.order[0].reason
