"""The stages of selection in a row."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llmhub_core.errors import (
    IneligibleModelError,
    NoCandidatesError,
    PluginNotFoundError,
    SpecError,
)
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.spec import (
    Preferences,
    ProviderSpec,
    Require,
    RoleSpec,
    Spec,
)
from llmhub_core.selection.chosen import choose
from llmhub_core.spec import parse_spec

Make = Callable[..., CanonicalModel]
MakeCatalog = Callable[..., Catalog]


@pytest.fixture
def market(model: Make, catalog: MakeCatalog) -> Catalog:
    """A cheap one, a good one, and one of a gateway that any-llm does not know."""
    return catalog(
        model("openai:cheap", score=1300.0, price_output_per_million=0.1),
        model("openai:good", score=1400.0, price_output_per_million=9.0),
        model(
            "vercel:best",
            score=1500.0,
            callable="no",
            callable_note="any-llm has no provider 'vercel'",
        ),
    )


def test_each_role_is_chosen_by_its_own_selector(market: Catalog) -> None:
    """The role's, else the spec's; an override is over both."""
    spec = Spec(
        project="p",
        selector="cost-first",
        roles={
            "a": RoleSpec(name="a", preferences=Preferences(quality="low")),
            "b": RoleSpec(name="b", selector="quality-first"),
        },
    )
    found = choose(spec, market)
    assert [c.choice.primary.canonical_id for c in found.values()] == [
        "openai:cheap",
        "openai:good",
    ]
    assert [c.choice.selector for c in found.values()] == [
        "cost-first",
        "quality-first",
    ]
    overridden = choose(spec, market, selector="quality-first", roles=["a"])
    assert list(overridden) == ["a"]
    assert overridden["a"].choice.primary.canonical_id == "openai:good"
    assert overridden["a"].selector_version is not None


def test_options_of_a_role_reach_its_selector(market: Catalog) -> None:
    """`selector_options` beside the role's own selector."""
    role = RoleSpec(name="a", selector="cost-first", selector_options={"gap": 5})
    found = choose(Spec(project="p", roles={"a": role}), market)
    assert found["a"].choice.primary.canonical_id == "openai:good"


def test_an_address_opens_a_provider_that_any_llm_does_not_know(
    market: Catalog,
) -> None:
    """With an `api_base` its models of the catalog are candidates."""
    address = {"vercel": ProviderSpec(api_base="https://gateway.example/v1")}
    roles = {"a": RoleSpec(name="a", selector="quality-first")}
    without = choose(Spec(project="p", roles=roles), market)
    assert without["a"].choice.primary.canonical_id == "openai:good"
    opened = choose(Spec(project="p", roles=roles, providers=address), market)
    assert opened["a"].choice.primary.canonical_id == "vercel:best"


def test_what_gave_way_reaches_the_choice(market: Catalog) -> None:
    """The record of relaxation travels to the end."""
    role = RoleSpec(name="a", require=Require(min_quality=1450), relax=("min_quality",))
    found = choose(Spec(project="p", roles={"a": role}), market)
    assert [step.granted for step in found["a"].choice.relaxed] == ["1400"]


def test_a_mistyped_provider_or_selector_stops_the_run(market: Catalog) -> None:
    """Before anything is chosen."""
    wrong = RoleSpec(name="a", preferences=Preferences(providers=("opnai",)))
    with pytest.raises(SpecError, match="Did you mean 'openai'"):
        choose(Spec(project="p", roles={"a": wrong}), market)
    typo = RoleSpec(name="a", selector="cost-frist")
    with pytest.raises(PluginNotFoundError, match="cost-first"):
        choose(Spec(project="p", roles={"a": typo}), market)


def test_the_order_of_roles_changes_no_choice(market: Catalog) -> None:
    """Roles share numbers, never outcomes."""
    roles = {
        "a": RoleSpec(name="a", preferences=Preferences(quality="low", cost="low")),
        "b": RoleSpec(name="b", task="coding"),
        "c": RoleSpec(name="c", preferences=Preferences(quality="high")),
    }
    one = choose(Spec(project="p", roles=roles), market)
    other = choose(Spec(project="p", roles=dict(reversed(roles.items()))), market)
    assert {name: c.choice for name, c in one.items()} == {
        name: c.choice for name, c in other.items()
    }


def test_what_nobody_satisfies_is_told_with_its_line(market: Catalog) -> None:
    """The role for its limits, the key for a model that it names."""
    text = "project: p\nroles:\n  a:\n    kind: chat\n    "
    asked = parse_spec(f"{text}require: {{tools: true}}\n", path="s.yaml")
    with pytest.raises(NoCandidatesError, match=r"^s\.yaml:3: role 'a': none of"):
        choose(asked, market)
    named = parse_spec(f"{text}fallbacks: ['vercel:best']\n", path="s.yaml")
    with pytest.raises(IneligibleModelError, match=r"^s\.yaml:5: role 'a': the fall"):
        choose(named, market)
    built = Spec(
        project="p", roles={"a": RoleSpec(name="a", require=Require(tools=True))}
    )
    with pytest.raises(NoCandidatesError, match=r"^role 'a': none of"):
        choose(built, market)
