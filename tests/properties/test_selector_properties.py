"""Every selector against exhaustive search under its written rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.contracts import Selector, SelectorContext
from llmhub_core.records.candidate import Candidate, Ranking
from llmhub_core.records.need import RoleNeed
from llmhub_core.selection.front import beats, pareto_front
from llmhub_core.testing.candidates import candidates
from llmhub_core.testing.roles import needs
from llmhub_selectors.balanced import Balanced
from llmhub_selectors.cost_first import CostFirst
from llmhub_selectors.latency_first import LatencyFirst
from llmhub_selectors.quality_first import QualityFirst

SELECTORS: tuple[Selector, ...] = (
    Balanced(),
    CostFirst(),
    LatencyFirst(),
    QualityFirst(),
)
every_selector = pytest.mark.parametrize(
    "selector", SELECTORS, ids=lambda selector: type(selector).__name__
)
Rank = Callable[[Candidate], tuple[object, ...]]


def rank(selector: Selector, need: RoleNeed, found: Sequence[Candidate]) -> Ranking:
    """The selector's answer."""
    return selector.rank(need, found, SelectorContext())


def winner(selector: Selector, need: RoleNeed, found: Sequence[Candidate]) -> str:
    """Who comes first."""
    return rank(selector, need, found).order[0].canonical_id


# ------------------------------------------------- the rules, written a second time
def usd(candidate: Candidate) -> float:
    """Cost of one request."""
    return candidate.cost.usd_per_request if candidate.cost else float("inf")


def low(candidate: Candidate) -> float:
    """Lower end of the rating."""
    return candidate.quality.value if candidate.quality else float("-inf")


def the_floor(need: RoleNeed, found: Sequence[Candidate]) -> float:
    """Best lower end minus the gap; below every rating where none is rated."""
    gap = {"high": 30, "medium": 100, None: 100, "low": 300}[need.quality]
    priced = [low(c) for c in found if c.quality and c.cost]
    rated = [low(c) for c in found if c.quality]
    return max(priced or rated or [float("-inf")]) - gap


def last_resort(need: RoleNeed, c: Candidate) -> tuple[object, ...]:
    """The documented order of what the numbers leave tied."""
    preferred = list(need.preferred_providers)
    return (
        (
            preferred.index(c.model.provider)
            if c.model.provider in preferred
            else len(preferred)
        ),
        0 if c.model.status in ("stable", None) else 1,
        1 if c.model.flags else 0,
        0 if c.at_home else 1,
        c.canonical_id,
    )


def age(candidate: Candidate) -> tuple[int, str]:
    """Newest first, as far as it is known; inverted digits sort the other way."""
    date = candidate.model.release_date
    if date is None:
        return (1, "")
    padded = (date + "-00-00")[:10] if len(date) == 4 else (date + "-00")[:10]
    return (0, "".join(chr(255 - ord(letter)) for letter in padded))


def best_by(found: Sequence[Candidate], key: Rank) -> str:
    """The one that comes before every other: all pairs are compared."""
    firsts = [
        one
        for one in found
        if all(one is other or key(one) < key(other) for other in found)
    ]
    assert len(firsts) == 1
    return firsts[0].canonical_id


def unrated_by_price(need: RoleNeed) -> Rank:
    """Cheapest, then newest."""
    return lambda c: (usd(c), age(c), *last_resort(need, c))


def unrated_by_promise(need: RoleNeed) -> Rank:
    """Newest, then dearest; no price comes last of a date."""
    return lambda c: (
        age(c),
        -usd(c) if c.cost else 0.0,
        *last_resort(need, c),
    )


# ------------------------------------------------- brute force
@given(needs(), candidates())
def test_cost_first_is_the_cheapest_good_enough(
    need: RoleNeed, found: tuple[Candidate, ...]
) -> None:
    """Exhaustive search under the rule finds the same winner."""
    enough = [c for c in found if c.quality and low(c) >= the_floor(need, found)]
    if not enough:
        expected = best_by(found, unrated_by_price(need))
    else:
        pool = [c for c in enough if c.cost] or enough
        expected = best_by(pool, lambda c: (usd(c), -low(c), *last_resort(need, c)))
    assert winner(CostFirst(), need, found) == expected


@given(needs(), candidates())
def test_quality_first_is_the_cheapest_of_the_best(
    need: RoleNeed, found: tuple[Candidate, ...]
) -> None:
    """Exhaustive search under the rule finds the same winner."""
    rated = [c for c in found if c.quality]
    if not rated:
        expected = best_by(found, unrated_by_promise(need))
    else:
        top = max(map(low, rated))
        # Of equally good ones the higher rating opens the band.
        score = max(c.quality.score for c in rated if c.quality and low(c) == top)
        least = top - (score - top)
        band = [c for c in rated if low(c) >= least]
        expected = best_by(band, lambda c: (usd(c), -low(c), *last_resort(need, c)))
    assert winner(QualityFirst(), need, found) == expected


@given(needs(), candidates())
def test_balanced_is_the_most_useful_on_the_front(
    need: RoleNeed, found: tuple[Candidate, ...]
) -> None:
    """Exhaustive search under the rule finds the same winner."""
    floor = the_floor(need, found)
    enough = [c for c in found if c.quality and c.cost and low(c) >= floor]
    unpriced = [c for c in found if c.quality and low(c) >= floor]
    cheap = (need.workload.input_tokens + 300) * 0.1 / 1e6

    def useful(c: Candidate) -> tuple[object, ...]:
        utility = (
            need.weights.quality * low(c)
            - need.weights.cost * 25 * log2(1 + usd(c) / cheap)
            - need.weights.latency * 10 * c.latency.value
        )
        return (-round(utility, 6), usd(c), -low(c), *last_resort(need, c))

    if enough:
        cheapest = min(map(usd, enough))
        pool = [
            c
            for c in enough
            if (need.cost != "low" or usd(c) <= 2 * cheapest)
            and not any(beats(other, c) for other in found)
        ]
        expected = best_by(pool, useful)
    elif unpriced:
        expected = best_by(unpriced, lambda c: (-low(c), *last_resort(need, c)))
    elif need.quality == "high" and need.cost != "low":
        expected = best_by(found, unrated_by_promise(need))
    else:
        expected = best_by(found, unrated_by_price(need))
    assert winner(Balanced(), need, found) == expected


@given(needs(), candidates())
def test_latency_first_is_the_fastest_on_the_front(
    need: RoleNeed, found: tuple[Candidate, ...]
) -> None:
    """Exhaustive search under the rule finds the same winner."""
    floor = the_floor(need, found)
    enough = [c for c in found if c.quality and low(c) >= floor]
    pool = [
        c for c in enough if c.cost and not any(beats(other, c) for other in enough)
    ]
    expected = best_by(
        pool or enough or found,
        lambda c: (
            c.latency.value,
            usd(c),
            *(() if pool or enough else age(c)),
            -low(c) if pool or enough else 0,
            *last_resort(need, c),
        ),
    )
    assert winner(LatencyFirst(), need, found) == expected


# ------------------------------------------------- what holds for all of them
@every_selector
@given(need=needs(), found=candidates())
def test_the_first_is_never_beaten_on_price_and_quality_both(
    selector: Selector, need: RoleNeed, found: tuple[Candidate, ...]
) -> None:
    """No eligible model has at most its cost and at least its rating, but it."""
    first = winner(selector, need, found)
    chosen = next(c for c in found if c.canonical_id == first)
    assert not any(beats(other, chosen) for other in found)


@every_selector
@given(need=needs(), found=candidates(), data=st.data())
def test_the_order_of_the_candidates_changes_nothing(
    selector: Selector,
    need: RoleNeed,
    found: tuple[Candidate, ...],
    data: st.DataObject,
) -> None:
    """Row order upstream is not a reason."""
    shuffled = data.draw(st.permutations(found))
    assert rank(selector, need, shuffled) == rank(selector, need, found)


@every_selector
@given(need=needs(), found=candidates())
def test_everybody_gets_a_place_and_a_reason(
    selector: Selector, need: RoleNeed, found: tuple[Candidate, ...]
) -> None:
    """The ranking is a permutation, each place with one line of reason."""
    order = rank(selector, need, found).order
    assert sorted(r.canonical_id for r in order) == [c.canonical_id for c in found]
    assert all(r.reason and "\n" not in r.reason for r in order)


@every_selector
@given(need=needs(), found=candidates(min_size=2), data=st.data())
def test_an_unknown_price_is_never_cheapest(
    selector: Selector,
    need: RoleNeed,
    found: tuple[Candidate, ...],
    data: st.DataObject,
) -> None:
    """Of two models that are alike but for the price, the known price is first."""
    known = [c for c in found if c.cost is not None]
    if not known:
        return
    one = data.draw(st.sampled_from(known))
    order = [r.canonical_id for r in rank(selector, need, found).order]
    for other in found:
        alike = (other.quality, other.latency, other.model.release_date) == (
            one.quality,
            one.latency,
            one.model.release_date,
        )
        if other.cost is None and alike:
            assert order.index(one.canonical_id) < order.index(other.canonical_id)


@given(need=needs(), found=candidates())
def test_no_unrated_model_outranks_a_rated_one_by_quality(
    need: RoleNeed, found: tuple[Candidate, ...]
) -> None:
    """Under quality-first, whoever has no rating comes after all who have one."""
    rated = {c.canonical_id for c in found if c.quality}
    order = [r.canonical_id in rated for r in rank(QualityFirst(), need, found).order]
    assert order == sorted(order, reverse=True)


@given(candidates(max_size=20))
def test_the_front_is_who_is_beaten_by_nobody(found: tuple[Candidate, ...]) -> None:
    """The sweep finds what comparing all pairs finds."""
    known = [c for c in found if c.cost and c.quality]
    expected = {
        c.canonical_id for c in known if not any(beats(other, c) for other in known)
    }
    assert {c.canonical_id for c in pareto_front(found)} == expected
