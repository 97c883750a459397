"""The selector frugal keeps the contract, and its budget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmhub_frugal import Frugal, FrugalOptions

from llmhub_core.contracts import Selector, SelectorContext
from llmhub_core.records.candidate import Candidate, Ranking
from llmhub_core.records.need import RoleNeed
from llmhub_core.records.spec import Workload
from llmhub_core.testing import SelectorContract, make_candidate
from llmhub_core.testing.candidates import candidates

OFFERED = (
    make_candidate("openai:dear", usd_per_request=0.5, score=1500.0),
    make_candidate("openai:fair", usd_per_request=0.002, score=1400.0),
    make_candidate("openai:free", usd_per_request=0.0, score=1200.0),
    make_candidate("openai:unknown", score=1600.0),
    make_candidate("openai:unrated", usd_per_request=0.001),
)


class TestFrugal(SelectorContract):
    """All that the contract asks."""

    @pytest.fixture
    def selector(self) -> Selector:
        """Return what is under test."""
        return Frugal(FrugalOptions())


def _rank(
    options: FrugalOptions,
    role: str = "answer",
    offered: tuple[Candidate, ...] = OFFERED,
    requests: int | None = None,
) -> Ranking:
    need = RoleNeed(role=role, workload=Workload(requests_per_month=requests))
    return Frugal(options).rank(need, offered, SelectorContext())


def _ids(ranking: Ranking) -> list[str]:
    return [place.canonical_id for place in ranking.order]


def test_the_best_that_is_affordable_comes_first() -> None:
    """What is too dear, or has no price, is not even a backup."""
    ranking = _rank(FrugalOptions(usd_per_month=20))
    assert _ids(ranking) == ["openai:fair", "openai:free", "openai:unrated"]
    assert ranking.order[0].reason == "rated 1400, $20.00 a month of $20.00"


def test_a_budget_of_more_roles_affords_less() -> None:
    """Ten roles divide what one could spend alone."""
    ranking = _rank(FrugalOptions(usd_per_month=20, roles=10))
    assert _ids(ranking)[0] == "openai:free"


def test_the_workload_of_the_role_counts() -> None:
    """The option stands in only where the spec does not say how many requests."""
    options = FrugalOptions(usd_per_month=20, requests_per_month=10)
    assert _ids(_rank(options))[0] == "openai:dear"
    assert _ids(_rank(options, requests=1_000))[0] == "openai:fair"
    assert _ids(_rank(options, requests=1_000_000))[0] == "openai:free"


def test_over_budget_is_said() -> None:
    """Where nothing fits, the cheapest is alone and the note says by how much."""
    ranking = _rank(FrugalOptions(usd_per_month=1), offered=OFFERED[:2])
    assert _ids(ranking) == ["openai:fair"]
    (note,) = ranking.notes
    assert note.startswith("over budget: the cheapest costs $20.00 a month, and $1.00")


def test_without_any_price_the_budget_is_said_to_be_idle() -> None:
    """No price is not free: nobody pretends that a budget was kept."""
    ranking = _rank(FrugalOptions(), offered=OFFERED[3:4])
    assert _ids(ranking) == ["openai:unknown"]
    assert ranking.notes == ("no candidate has a price: the budget was not applied",)


def test_shares_come_off_the_top() -> None:
    """A named role has its fraction; the others divide the rest in equal parts."""
    options = FrugalOptions(usd_per_month=100, roles=4, shares={"a": 0.5, "b": 0.2})
    assert [options.allowance(role) for role in "abcd"] == pytest.approx(
        [50, 20, 15, 15]
    )


def test_a_role_too_many_gets_nothing_of_what_is_all_given_away() -> None:
    """Where named roles take everything, another one affords what is free."""
    options = FrugalOptions(shares={"a": 1.0})
    assert _ids(_rank(options, "b")) == ["openai:free"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"usd_per_month": 0.0}, "'usd_per_month' must be more than 0: 0.0"),
        ({"usd_per_month": float("nan")}, "'usd_per_month' must be more than 0: nan"),
        ({"roles": 0}, "'roles' must be more than 0: 0"),
        ({"requests_per_month": -1}, "must be more than 0: -1"),
        ({"roles": 1, "shares": {"a": 0.1, "b": 0.1}}, "names 2 roles, and"),
        ({"roles": 2, "shares": {"a": 1.0}}, "adds up to 1: .* less than 1"),
        ({"roles": 1, "shares": {"a": 1.5}}, "adds up to 1.5: .* at most 1"),
        ({"roles": 2, "shares": {"a": -1.0}}, "adds up to -1: each must be more"),
        ({"roles": 2, "shares": {"a": float("nan")}}, "adds up to nan"),
    ],
)
def test_a_division_that_does_not_work_out_is_refused(
    options: dict[str, float | dict[str, float]], problem: str
) -> None:
    """Before a role is ranked, and with the number that is wrong."""
    with pytest.raises(ValueError, match=problem):
        FrugalOptions(**options)  # type: ignore[arg-type]


@given(
    offered=st.lists(candidates(), min_size=1, max_size=4),
    usd=st.sampled_from((0.5, 5.0, 50.0)),
    first=st.floats(min_value=0.01, max_value=0.9),
)
def test_all_roles_together_keep_the_budget(
    offered: list[tuple[Candidate, ...]], usd: float, first: float
) -> None:
    """As many roles as were told, whichever comes first: never more than allowed."""
    shares = {"role-0": first} if len(offered) > 1 else {}
    options = FrugalOptions(usd_per_month=usd, roles=len(offered), shares=shares)
    spent = 0.0
    for number, models in enumerate(offered):
        ranking = _rank(options, f"role-{number}", models)
        if ranking.notes:
            continue  # told to be over budget, or to have no price
        costs = {c.canonical_id: c.cost for c in models}
        dearest = max(
            cost.usd_per_request * options.requests_per_month
            for name in _ids(ranking)
            if (cost := costs[name]) is not None
        )
        spent += dearest
    assert spent <= usd * (1 + 1e-9)
