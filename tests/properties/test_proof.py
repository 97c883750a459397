"""Random specs over the embedded catalog, against the rules written a second time.

``nox -s proof`` tries ten thousand specs; the suite a few hundred.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from llmhub_core.catalog.provision import provide
from llmhub_core.contracts import SelectorContext
from llmhub_core.errors import (
    IneligibleModelError,
    LLMHubError,
    NoCandidatesError,
    SpecError,
)
from llmhub_core.plugins import load_selector
from llmhub_core.records.candidate import Candidates, Ranking
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed
from llmhub_core.records.spec import Spec
from llmhub_core.selection import (
    Measures,
    assemble,
    check_ranking,
    interpret,
    shortlist,
    why_not,
)
from llmhub_core.selection.eligibility import eligible
from llmhub_core.settings import load_settings
from llmhub_core.spec import parse_spec, selector_for
from llmhub_core.spec.writing import lines
from tests.properties import random_specs
from tests.properties.written_choices import Entrant, backups, beats, winner
from tests.properties.written_limits import Test, allowed, broken, limits_of, relaxed
from tests.properties.written_numbers import Keys, World, categories
from tests.properties.written_specs import Data, effective

#: How many specs are tried, and from which seed on.
SPECS = int(os.environ.get("LLMHUB_PROOF_SPECS", "120"))
START = int(os.environ.get("LLMHUB_PROOF_START", "0"))
#: Tests that share them, so that processes can.
PARTS = 4
#: Models of each spec whose refusal is looked at.
LOOKED_AT = 25


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The catalog that comes with the package."""
    folder = tmp_path_factory.mktemp("cache")
    return provide(load_settings(offline=True, cache_dir=folder)).catalog


@pytest.fixture(scope="module")
def world(catalog: Catalog) -> World:
    """Its facts."""
    return World(catalog)


@pytest.fixture(scope="module")
def measures(catalog: Catalog) -> Measures:
    """Its numbers, as selection reckons them."""
    return Measures(catalog)


class Case:
    """One random spec, as the two sides read it."""

    def __init__(self, seed: int, data: Data, env: str, spec: Spec) -> None:
        self.seed, self.data, self.env, self.spec = seed, data, env, spec
        self.written = effective(data, env)
        self.role: Data = self.written["roles"]["role"]
        self.keys: Keys = categories(self.role)
        self.need: RoleNeed = interpret(spec, "role")

    def __str__(self) -> str:
        return f"seed {self.seed}, --env {self.env}\n{text_of(self.data)}"


def text_of(data: Data) -> str:
    """A spec as people write it."""
    return "\n".join(row for key, value in data.items() for row in lines(key, value))


def case(seed: int, world: World) -> Case:
    """The spec of a seed: the first that the language admits."""
    random = Random(seed)
    for _ in range(200):
        data = random_specs.spec(random)
        env = random.choice(("dev", *data.get("environments", ())))
        name_models(random, data, env, world)
        try:
            return Case(seed, data, env, parse_spec(text_of(data), env=env))
        except SpecError:
            continue  # contradicts itself; tests/core/spec/test_spec_py
    raise AssertionError(seed)


def name_models(random: Random, data: Data, env: str, world: World) -> None:
    """Now and then name the fallbacks, or the model."""
    role = data["roles"]["role"]
    draw = random.random()
    if draw < 0.85:
        return
    written = effective(data, env)["roles"]["role"]
    limits = limits_of(effective(data, env), written, world, categories(written))
    fine = allowed(world, limits)
    # One in four is anybody, so that hard limits have somebody to refuse.
    pool = fine if fine and random.random() < 0.75 else [*world.models]
    named = random.sample(pool, min(len(pool), 2))
    if draw < 0.93:
        role["fallbacks"] = named
    else:
        role["force_provider"], role["force_model"] = named[0].split(":", 1)


@pytest.mark.parametrize("part", range(PARTS))
def test_choices_are_those_of_exhaustive_search(
    part: int, catalog: Catalog, world: World, measures: Measures
) -> None:
    """Limits, refusals, steps, numbers, winners and chains are as the rules say."""
    seen: Counter[str] = Counter()
    for seed in range(START + part, START + SPECS, PARTS):
        one = case(seed, world)
        try:
            seen.update(proven(one, catalog, world, measures))
        except (AssertionError, LLMHubError) as error:
            error.add_note(str(one))
            raise
    # What was never reached was not proven.
    assert seen["chosen"] > seen["nobody"] > 0
    assert min(seen[name] for name in ("balanced", "cost-first")) > 0


def proven(
    one: Case, catalog: Catalog, world: World, measures: Measures
) -> tuple[str, ...]:
    """Hold one spec's choice against the rules; return what was reached."""
    limits = limits_of(one.written, one.role, world, one.keys)
    fine = allowed(world, limits)
    assert sorted(eligible(one.need, measures)) == sorted(fine)
    refusals_are_true(one, limits, world, measures)
    loose: Data | None = one.role
    if not fine:
        loose = relaxed(one.written, one.role, world, one.keys)
    if not fine and "force_model" in one.role:
        with pytest.raises(IneligibleModelError):
            shortlist(catalog, one.need, measures)
        return ("forced in vain",)
    if loose is None:
        with pytest.raises(NoCandidatesError):
            shortlist(catalog, one.need, measures)
        return ("nobody",)
    found = shortlist(catalog, one.need, measures)
    kept = allowed(world, limits_of(one.written, loose, world, one.keys))
    assert [c.canonical_id for c in found.kept] == sorted(kept)
    assert bool(found.relaxed) == (not fine)
    entrants = [Entrant(world.models[n], one.role, world, one.keys) for n in kept]
    numbers_are_those_of_the_rules(found, entrants)
    selector, ranking = ranked(one, found)
    options = selector_options(one.written, one.role, selector)
    first = winner(selector, options, one.role, entrants)
    chosen = ranking.order[0].canonical_id
    assert chosen == first.model.canonical_id
    named = {entrant.model.canonical_id: entrant for entrant in entrants}
    assert not any(beats(other, named[chosen]) for other in entrants)
    reached = chain_holds(
        one, found, ranking, measures=measures, loose=loose, world=world
    )
    return ("chosen", selector, "relaxed" if found.relaxed else "as written", reached)


def refusals_are_true(
    one: Case, limits: dict[str, list[Test]], world: World, measures: Measures
) -> None:
    """Every ``why-not`` names just the keys that turn a model away."""
    random = Random(one.seed)
    for name in random.sample([*world.models], LOOKED_AT):
        model = world.models[name]
        said = {key for key, _ in why_not(model, one.need, measures).reasons}
        assert said == broken(model, limits), name
        left = one.need.without(*said)
        assert not why_not(model, left, measures).reasons
        others = {key: tests for key, tests in limits.items() if key not in said}
        assert not broken(model, others)


def numbers_are_those_of_the_rules(
    found: Candidates, entrants: Sequence[Entrant]
) -> None:
    """Cost, rating and latency of every candidate."""
    by_id = {entrant.model.canonical_id: entrant for entrant in entrants}
    for candidate in found.kept:
        entrant = by_id[candidate.canonical_id]
        usd = candidate.cost.usd_per_request if candidate.cost else float("inf")
        low = candidate.quality.value if candidate.quality else float("-inf")
        assert usd == entrant.usd, candidate.canonical_id
        assert low == pytest.approx(entrant.low, abs=1e-9), candidate.canonical_id
        assert candidate.latency.value == entrant.latency, candidate.canonical_id


def selector_options(written: Data, role: Data, selector: str) -> Data:
    """Options of the selector: the role's over the file's."""
    shared = written.get("selectors", {}).get(selector, {})
    own = role.get("selector_options", {}) if "selector" in role else {}
    return {**shared, **own}


def ranked(one: Case, found: Candidates) -> tuple[str, Ranking]:
    """What the role's own selector answers."""
    name, options = selector_for(one.spec, one.spec.roles["role"], None)
    assert name == one.role.get("selector", one.written.get("selector", "balanced"))
    plugin = load_selector(name, load_settings(offline=True), options)
    ranking = plugin.instance.rank(found.need, found.kept, SelectorContext())
    assert len(ranking.order) == len(found.kept)
    return name, check_ranking(ranking, found, selector=name)


def chain_holds(
    one: Case,
    found: Candidates,
    ranking: Ranking,
    *,
    measures: Measures,
    loose: Data,
    world: World,
) -> str:
    """Primary and backups are distinct, eligible, and as far apart as can be."""
    limits = limits_of(one.written, loose, world, one.keys)
    fallbacks: Any = one.role.get("fallbacks", 2)
    if isinstance(fallbacks, list):
        # What forces the primary does not bind them, and naming waives `free`.
        plain = {k: v for k, v in loose.items() if not k.startswith("force_")}
        strict = limits_of(one.written, plain, world, one.keys)
        strict.pop("free", None)
        fallbacks = list(dict.fromkeys(fallbacks))
        if any(broken(world.models[name], strict) for name in fallbacks):
            with pytest.raises(IneligibleModelError):
                assemble(found, ranking, measures, selector="proof")
            return "fallback in vain"
        choice = assemble(found, ranking, measures, selector="proof")
        expected = [n for n in fallbacks if n != choice.primary.canonical_id]
        assert [pick.canonical_id for pick in choice.backups] == expected
        return "fallbacks named"
    choice = assemble(found, ranking, measures, selector="proof")
    order: list[CanonicalModel] = [world.models[p.canonical_id] for p in ranking.order]
    chain = [pick.canonical_id for pick in choice.backups]
    assert chain == backups(loose, order, fallbacks)
    everybody = [choice.primary.canonical_id, *chain]
    assert len(everybody) == len(set(everybody))
    for name in everybody:
        assert not broken(world.models[name], limits), name
    return f"{len(chain)} backups"
