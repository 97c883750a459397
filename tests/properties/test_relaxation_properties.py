"""Limits give way only where the spec says so, in its order, and no further."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.errors import NoCandidatesError
from llmhub_core.records.candidate import Candidates
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.need import RoleNeed
from llmhub_core.records.spec import MaxPrice, Require, RoleSpec, Spec
from llmhub_core.selection import Measures, interpret, shortlist
from llmhub_core.selection.eligibility import eligible
from llmhub_core.testing.catalogs import catalogs

KEYS = ("context_tokens", "max_price", "tools", "min_quality", "input_modalities")
HARD = Require(
    context_tokens=900_000,
    max_price=MaxPrice(input=0.2, output=0.2),
    tools=True,
    min_quality=1405.0,
    input_modalities=("audio", "image", "text"),
    knowledge_after="2024-06",
)


def ask(relax: tuple[str, ...]) -> RoleNeed:
    """A need that hardly any model satisfies, of which some keys may give way."""
    role = RoleSpec(name="role", require=HARD, relax=relax)
    return interpret(Spec(project="p", roles={"role": role}), "role")


def relaxed(catalog: Catalog, need: RoleNeed) -> Candidates | None:
    """The shortlist, or None where even giving way does not help."""
    try:
        return shortlist(catalog, need)
    except NoCandidatesError:
        return None


relaxations = st.lists(st.sampled_from(KEYS), unique=True).map(tuple)


@given(catalogs(min_size=4), relaxations)
def test_only_named_keys_give_way(catalog: Catalog, keys: tuple[str, ...]) -> None:
    """Everything that `relax` does not name stays exactly as it was."""
    need = ask(keys)
    found = relaxed(catalog, need)
    if found is None:
        return
    may = {f"require.{key}" for key in keys}
    assert [c for c in found.need.constraints if c.name not in may] == [
        c for c in need.constraints if c.name not in may
    ]
    assert {step.constraint for step in found.relaxed} <= set(keys)


@given(catalogs(min_size=4), relaxations)
def test_the_record_tells_what_gave_way(
    catalog: Catalog, keys: tuple[str, ...]
) -> None:
    """A constraint differs from the wish when, and only when, a step says so."""
    need = ask(keys)
    found = relaxed(catalog, need)
    if found is None:
        return
    changed = {
        name
        for name in (c.name for c in need.constraints)
        if [c for c in need.constraints if c.name == name]
        != [c for c in found.need.constraints if c.name == name]
    }
    assert changed == {f"require.{step.constraint}" for step in found.relaxed}
    assert all(step.wanted != step.granted for step in found.relaxed)


@given(catalogs(min_size=4), relaxations)
def test_nothing_gives_way_while_a_candidate_is_there(
    catalog: Catalog, keys: tuple[str, ...]
) -> None:
    """With an eligible model, or without `relax`, the need is not touched."""
    need, measures = ask(keys), Measures(catalog)
    as_written = eligible(need, measures)
    found = relaxed(catalog, need)
    if as_written:
        assert found is not None
        assert found.relaxed == ()
        assert {c.canonical_id for c in found.kept} == as_written
    elif not keys:
        assert found is None


@given(catalogs(min_size=4), relaxations)
def test_candidates_are_found_whenever_giving_way_can_help(
    catalog: Catalog, keys: tuple[str, ...]
) -> None:
    """None are left only when taking all named keys away leaves none."""
    need, measures = ask(keys), Measures(catalog)
    open_need = need.without(*(f"require.{key}" for key in keys))
    assert (relaxed(catalog, need) is None) == (not eligible(open_need, measures))


@given(catalogs(min_size=4), relaxations)
def test_a_later_key_stays_while_earlier_ones_suffice(
    catalog: Catalog, keys: tuple[str, ...]
) -> None:
    """The order of `relax` is the order of giving way."""
    need, measures = ask(keys), Measures(catalog)
    found = relaxed(catalog, need)
    if found is None or not found.relaxed:
        return
    reached = max(keys.index(step.constraint) for step in found.relaxed)
    before = need.without(*(f"require.{key}" for key in keys[:reached]))
    assert not eligible(before, measures)


@given(catalogs(min_size=4), relaxations)
def test_no_smaller_step_leaves_a_candidate(
    catalog: Catalog, keys: tuple[str, ...]
) -> None:
    """Moved a hair back towards the wish, each granted number excludes everybody."""
    need, measures = ask(keys), Measures(catalog)
    found = relaxed(catalog, need)
    if found is None:
        return
    wishes = {c.test: c.wanted for c in need.constraints}
    for granted in found.need.constraints:
        wish = wishes[granted.test]
        if granted.test in {"context", "quality"} and granted.wanted != wish:
            assert isinstance(granted.wanted, int | float)
            closer = evolve(granted, wanted=granted.wanted + 1e-6)
            others = tuple(c for c in found.need.constraints if c != granted)
            stricter = evolve(found.need, constraints=(*others, closer))
            assert not eligible(stricter, measures)


@given(catalogs(min_size=4))
def test_an_unneeded_step_is_taken_back(catalog: Catalog) -> None:
    """Of keys that give way together, each is needed: restored, it excludes all."""
    need, measures = ask(KEYS), Measures(catalog)
    found = relaxed(catalog, need)
    if found is None:
        return
    for step in found.relaxed:
        name = f"require.{step.constraint}"
        wish = tuple(c for c in need.constraints if c.name == name)
        others = tuple(c for c in found.need.constraints if c.name != name)
        restored = evolve(found.need, constraints=(*others, *wish))
        assert not eligible(restored, measures)
