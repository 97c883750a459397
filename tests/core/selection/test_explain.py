"""Why these models: places, counts, flip points, the front."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import pytest

from llmhub_core.contracts import SelectorContext
from llmhub_core.records.candidate import Candidate, Candidates, Ranked, Ranking
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.choice import Choice
from llmhub_core.records.model import CanonicalModel, PriceTier
from llmhub_core.records.need import RoleNeed
from llmhub_core.records.spec import Require, RoleSpec, Spec, Workload
from llmhub_core.selection import (
    Measures,
    assemble,
    explain,
    flip,
    interpret,
    pareto_front,
    shortlist,
)
from llmhub_core.selection.front import beats

Make = Callable[..., CanonicalModel]
MakeCatalog = Callable[..., Catalog]


class Cheapest:
    """A selector of the test's own: by cost, unknown last, then by id."""

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        """Rank by cost."""
        ordered = sorted(
            candidates,
            key=lambda c: (
                c.cost.usd_per_request if c.cost else float("inf"),
                c.canonical_id,
            ),
        )
        return Ranking(
            order=tuple(
                Ranked(canonical_id=c.canonical_id, reason="by cost", score=-float(n))
                for n, c in enumerate(ordered)
            )
        )


class Alphabetical(Cheapest):
    """A selector that no price moves."""

    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        """Rank by name."""
        names = sorted(c.canonical_id for c in candidates)
        return Ranking(
            order=tuple(Ranked(canonical_id=n, reason="name") for n in names)
        )


class CheapestOfTheWeak(Cheapest):
    """A selector whose first another one beats."""

    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        """Rank by cost, the best rated last."""
        fair = super().rank(need, candidates, context).order
        best = max(candidates, key=lambda c: c.quality.value if c.quality else 0.0)
        return Ranking(
            order=tuple(sorted(fair, key=lambda r: r.canonical_id == best.canonical_id))
        )


class Counting(Cheapest):
    """The cheapest, and how many candidates were ranked for it."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        """Rank by cost."""
        self.sizes.append(len(candidates))
        return super().rank(need, candidates, context)


def prepared(catalog: Catalog, **role: Any) -> tuple[Candidates, Ranking, Choice]:
    """Candidates, their ranking by cost, and the choice."""
    spec = Spec(project="p", roles={"r": RoleSpec(name="r", **role)})
    measures = Measures(catalog)
    candidates = shortlist(catalog, interpret(spec, "r"), measures)
    ranking = Cheapest().rank(candidates.need, candidates.kept, SelectorContext())
    choice = assemble(candidates, ranking, measures, selector="cheapest")
    return candidates, ranking, choice


@pytest.fixture
def shop(model: Make, catalog: MakeCatalog) -> Catalog:
    """Prices of 1, 2, 4 and 8 dollars; one model is mute, one unpriced."""
    tools = {"supports_tool_call": True}
    return catalog(
        model("a:1", price_output_per_million=1.0, score=1300.0, lab="x", **tools),
        model("b:2", price_output_per_million=2.0, score=1350.0, lab="x", **tools),
        model("c:4", price_output_per_million=4.0, score=1320.0, lab="y", **tools),
        model("d:8", price_output_per_million=8.0, score=1400.0, lab="z", **tools),
        model("e:mute", score=1500.0),
        model("f:unpriced", price_basis="zero", **tools),
    )


def test_an_explanation_shows_the_head_and_whoever_was_chosen(shop: Catalog) -> None:
    """Places below the head appear when they are backups."""
    found = prepared(shop, fallbacks=2, require=Require(tools=True))
    shown = explain(*found, top=1)
    assert [(p.place, p.canonical_id, p.use) for p in shown.places] == [
        (1, "a:1", "primary"),
        (3, "c:4", "backup 1"),
        (4, "d:8", "backup 2"),
    ]
    assert shown.rejected == {"require.tools": 1}
    assert (shown.role, shown.selector) == ("r", "cheapest")
    assert (shown.eligible, shown.considered) == (5, 6)


def test_each_place_carries_its_numbers(shop: Catalog) -> None:
    """Cost, rating, latency, reason, score, and whether it is on the front."""
    shown = explain(*prepared(shop, require=Require(tools=True)))
    by_id = {place.canonical_id: place for place in shown.places}
    assert by_id["b:2"].cost is not None
    assert by_id["b:2"].cost.usd_per_request == 0.0016
    assert by_id["b:2"].quality is not None
    assert by_id["b:2"].quality.score == 1350.0
    assert by_id["b:2"].reason == "by cost"
    assert by_id["b:2"].score == -1.0
    assert by_id["b:2"].latency.basis == "proxy"
    assert {name: place.on_front for name, place in by_id.items()} == {
        "a:1": True,
        "b:2": True,
        "c:4": False,
        "d:8": True,
        "f:unpriced": None,
    }


def test_what_gave_way_is_part_of_the_explanation(shop: Catalog) -> None:
    """As the choice recorded it."""
    shown = explain(
        *prepared(shop, require=Require(min_quality=1600), relax=("min_quality",))
    )
    assert [step.granted for step in shown.relaxed] == ["1500"]


def test_flip_points_are_sought_for_the_runners_up(shop: Catalog) -> None:
    """Asked for with the selector, for as many as wanted."""
    found = prepared(shop, require=Require(tools=True))
    assert explain(*found).flips == ()
    shown = explain(*found, selector=Cheapest(), flips=2)
    assert [each.canonical_id for each in shown.flips] == ["b:2", "c:4"]
    assert explain(*found, selector=Alphabetical(), flips=2).flips == ()


def test_a_flip_point_is_where_the_order_turns(shop: Catalog) -> None:
    """Just below it the model is first, just above it is not."""
    candidates, _, _ = prepared(shop, require=Require(tools=True))
    found = flip(Cheapest(), candidates, "d:8")
    assert found is not None
    assert (found.side, found.price_per_million) == ("output", 8.0)
    # The first costs $1 in and out: 8 must fall to 1, within 8 / 4096.
    assert 1.0 - 8.0 / 4096 <= found.below_per_million < 1.0


def test_input_moves_where_there_is_no_output_to_pay(shop: Catalog) -> None:
    """With a workload of input only, or an embedding, the input price decides."""
    candidates, _, _ = prepared(
        shop, require=Require(tools=True), workload=Workload(output_tokens=0)
    )
    # All input prices are equal: b:2 comes second by name, and is first below 1.
    found = flip(Cheapest(), candidates, "b:2")
    assert found is not None
    assert found.side == "input"
    assert 1.0 - 1.0 / 4096 <= found.below_per_million < 1.0


def test_a_flip_point_is_a_price_of_the_tier_that_holds(
    model: Make, catalog: MakeCatalog
) -> None:
    """Long prompts pay, and move, the price of long prompts."""
    tier = PriceTier(
        above_context_tokens=200_000,
        input_per_million=2.0,
        output_per_million=20.0,
    )
    models = catalog(
        model("a:1", price_input_per_million=2.0, price_output_per_million=1.0),
        model("b:2", price_output_per_million=5.0, price_tiers=(tier,)),
    )
    candidates, _, _ = prepared(models, workload=Workload(input_tokens=300_000))
    found = flip(Cheapest(), candidates, "b:2")
    assert found is not None
    assert found.price_per_million == 20.0
    assert found.below_per_million == pytest.approx(1.0, abs=20 / 4096)


@pytest.mark.parametrize("canonical_id", ["a:1", "f:unpriced"])
def test_no_flip_point_for_the_first_and_for_unknown_prices(
    shop: Catalog, canonical_id: str
) -> None:
    """There is nothing to fall."""
    candidates, _, _ = prepared(shop, require=Require(tools=True))
    assert flip(Cheapest(), candidates, canonical_id) is None


def test_no_flip_point_where_no_price_helps(shop: Catalog) -> None:
    """A selector that ignores prices is not moved by them."""
    candidates, _, _ = prepared(shop, require=Require(tools=True))
    assert flip(Alphabetical(), candidates, "d:8") is None


def test_a_selector_may_prefer_what_is_beaten(
    model: Make, catalog: MakeCatalog
) -> None:
    """Nobody but the whole market knows its first, so the whole market is asked."""
    candidates, _, _ = prepared(
        catalog(
            model("a:1", score=1500.0, price_output_per_million=1.0),
            model("b:2", score=1400.0, price_output_per_million=2.0),
            model("c:4", score=1300.0, price_output_per_million=4.0),
        )
    )
    found = flip(CheapestOfTheWeak(), candidates, "c:4")
    assert found is not None
    assert 2.0 - 4.0 / 4096 <= found.below_per_million <= 2.0


def test_only_the_front_is_ranked_for_every_price(
    model: Make, catalog: MakeCatalog
) -> None:
    """Everybody is asked twice: at the price that was found, and a step above it."""
    many = (
        model(f"m:{n:03}", score=1400.0 - n, price_output_per_million=1.0 + n)
        for n in range(200)
    )
    candidates, _, _ = prepared(catalog(*many))
    selector = Counting()
    assert flip(selector, candidates, "m:150") is not None
    assert selector.sizes.count(200) == 2
    assert {*selector.sizes} == {2, 200}


def test_the_front_goes_up_in_cost_and_quality(shop: Catalog) -> None:
    """Cheapest first, each dearer one better."""
    candidates, _, _ = prepared(shop, require=Require(tools=True))
    assert [c.canonical_id for c in pareto_front(candidates.kept)] == [
        "a:1",
        "b:2",
        "d:8",
    ]


def test_equals_do_not_beat_each_other(model: Make, catalog: MakeCatalog) -> None:
    """Two hosts at one price are both on the front; the unknown beats nobody."""
    models = catalog(
        model("a:m", score=1300.0),
        model("b:m", score=1300.0),
        model("c:m", price_basis="zero", score=1400.0),
        model("d:m", price_output_per_million=0.5),
    )
    candidates, _, _ = prepared(models)
    one, other, unpriced, unrated = candidates.kept
    assert not beats(one, other)
    assert not beats(other, one)
    assert not beats(unpriced, one)
    assert not beats(unrated, one)
    assert [c.canonical_id for c in pareto_front(candidates.kept)] == ["a:m", "b:m"]
