"""What holds for every fusion, whatever the sources say."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.catalog import store
from llmhub_core.catalog.fusion import Fused, fuse
from llmhub_core.catalog.identity import load_tables
from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.catalog.likeness import alike, written
from llmhub_core.catalog.precedence import load_precedence
from llmhub_core.catalog.soundness import PRICES
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel, Facts
from llmhub_core.records.observation import Harvest, Probe, ServedModel
from llmhub_core.testing.strategies import facts, harvests

FACTS = tuple(attrs.fields_dict(Facts))
TIERS = ("cost_tier", "quality_tier", "reasoning_tier", "creative_tier")
#: Facts of the weights on which hosts are held against each other.
COMPARED = ("kind", "supports_reasoning", "knowledge_cutoff", "open_weights")


def holds(*strategies: st.SearchStrategy[Any]) -> Callable[[Any], Any]:
    """Like ``given``; the strategies stay at hand for another run of the property."""

    def decorate(check: Any) -> Any:
        test = given(*strategies)(check)
        test.strategies = strategies
        return test

    return decorate


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Harvest]:
    """What two or three sources say; none of them asks with keys.

    The first one may repeat itself with other facts; the second one also speaks of
    models that the first one knows, and both have price lists for one of them.
    """
    names = draw(
        st.sampled_from((("models-dev", "arena"), ("arena", "b", "models-dev")))
    )
    world = {name: attrs.evolve(draw(harvests()), probes=()) for name in names}
    first, second = names[:2]
    (priced, *others) = world[first].served or (None,)
    shared = [attrs.evolve(row, facts=draw(facts())) for row in others[:1]]
    if priced is not None:
        shared.append(attrs.evolve(priced, facts=_listed(draw, priced.facts)))
        ours = attrs.evolve(priced, facts=_listed(draw, draw(facts())))
        again = attrs.evolve(priced, facts=draw(facts()))
        repeated = (again,) if draw(st.booleans()) else ()
        world[first] = attrs.evolve(world[first], served=(ours, *others, *repeated))
    world[second] = attrs.evolve(world[second], served=(*world[second].served, *shared))
    return world


def _listed(draw: st.DrawFn, known: Facts) -> Facts:
    blank: dict[str, Any] = dict.fromkeys(PRICES)
    prices = {
        "price_basis": "listed",
        "price_input_per_million": draw(st.sampled_from((1.0, 2.0))),
        "price_output_per_million": draw(st.sampled_from((None, 4.0, 8.0))),
    }
    return attrs.evolve(known, **(blank | prices))


@st.composite
def keyed(draw: st.DrawFn) -> Harvest:
    """What a source says that asks with the user's keys, with and without facts."""
    known = draw(harvests())
    extra = draw(
        st.lists(
            st.tuples(
                st.sampled_from(("openai", "anthropic")),
                st.sampled_from(("gpt-4.1", "claude-sonnet-4-5", "gpt-5-2025-10-01")),
            ),
            max_size=3,
            unique=True,
        )
    )
    ids = {(s.provider, s.model_id) for s in known.served} | set(extra)
    return Harvest(
        served=tuple(
            ServedModel(
                provider=p,
                model_id=m,
                record=f"{p}:{m}",
                facts=draw(st.just(Facts()) | facts()),
            )
            for p, m in sorted(ids)
        ),
        probes=(*known.probes, Probe(provider="openai", model_ids=None)),
    )


def fused(world: Mapping[str, Harvest]) -> Fused:
    """Fuse with the tables that come with the package."""
    return fuse(world, tables=load_tables(), precedence=load_precedence())


def digest(result: Fused) -> str:
    """The digest of the catalog."""
    return store.encode(Catalog(models=result.models))[0].digest


def shuffled(world: Mapping[str, Harvest], seed: int) -> dict[str, Harvest]:
    """The same world told in another order."""
    chance = random.Random(seed)

    def turned(records: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(records, len(records)))

    names = chance.sample(list(world), len(world))
    return {
        name: attrs.evolve(
            world[name],
            served=turned(world[name].served),
            bases=turned(world[name].bases),
            ratings=turned(world[name].ratings),
            probes=turned(world[name].probes),
            refused=turned(world[name].refused),
        )
        for name in names
    }


@holds(worlds(), keyed(), st.integers(0, 1_000))
def test_neither_sources_nor_rows_have_an_order(
    world: dict[str, Harvest], asked: Harvest, seed: int
) -> None:
    """The same records in any order give the same catalog, to the last refusal."""
    world["any-llm"] = asked
    assert fused(shuffled(world, seed)) == fused(world)


@holds(worlds())
def test_saying_it_twice_says_nothing_new(world: dict[str, Harvest]) -> None:
    """Fused again the digest is the same, and a repeated row is a refusal."""
    first = fused(world)
    assert digest(fused(world)) == digest(first)
    twice = {
        name: attrs.evolve(
            harvest,
            served=harvest.served * 2,
            bases=harvest.bases * 2,
            ratings=harvest.ratings * 2,
        )
        for name, harvest in world.items()
    }
    again = fused(twice)
    assert again.models == first.models
    repeated = sum(len(h.served) + len(h.ratings) for h in world.values())
    unplaced = Counter(r.reason for r in first.refused)[
        "nobody serves this underlying model"
    ]
    older = sum("counts" in r.reason for r in first.refused)
    assert len(again.refused) == len(first.refused) + repeated + unplaced
    assert sum("counts" in r.reason for r in again.refused) == 2 * older


@holds(worlds())
def test_what_is_fused_can_be_fused_again(world: dict[str, Harvest]) -> None:
    """Told once more by one source, what each row said of itself stays what it is."""
    first = fused(world)
    again = fused({"models-dev": Harvest(served=tuple(map(_told, first.models)))})
    assert [_own(model) for model in again.models] == list(map(_own, first.models))


def _told(model: CanonicalModel) -> ServedModel:
    return ServedModel(
        provider=model.provider,
        model_id=model.model_id,
        record=model.canonical_id,
        facts=Facts(**_own(model)),
    )


def _own(model: CanonicalModel) -> dict[str, Any]:
    """What was said of this very row."""
    return {
        name: getattr(model, name)
        for name, origin in model.provenance.items()
        if name in FACTS and origin.via is None
    }


@holds(worlds(), keyed())
def test_every_served_observation_is_somewhere(
    world: dict[str, Harvest], asked: Harvest
) -> None:
    """In the model that names it as its source's record, or among the refusals."""
    world["any-llm"] = asked
    result = fused(world)
    told = Counter(
        (source, served.record)
        for source, harvest in world.items()
        for served in harvest.served
    )
    found = Counter(
        (source, record)
        for model in result.models
        for source, record in model.source_ids.items()
    )
    found += Counter(
        (refusal.source, refusal.record)
        for refusal in result.refused
        if refusal.reason.startswith("the same model as ")
    )
    assert found == told


@holds(worlds(), keyed())
def test_every_value_is_kept_or_lost_with_a_record(
    world: dict[str, Harvest], asked: Harvest
) -> None:
    """What a source says of a row is the row's value, or in one of its conflicts."""
    world["any-llm"] = asked
    models = {model.canonical_id: model for model in fused(world).models}
    for source, harvest in world.items():
        for served in harvest.served:
            row_id = f"{canonical_provider(served.provider)}:{served.model_id}"
            model = models[row_id]
            if model.source_ids[source] != served.record:
                continue
            alone = [s.record for s in harvest.served].count(served.record) == 1
            lost = {
                (conflict.field, conflict.lost)
                for conflict in model.conflicts
                if conflict.lost_from.source == source
            }
            for name in FACTS if alone else ():
                said = getattr(served.facts, name)
                assert (
                    said is None
                    or alike(name, said, getattr(model, name))
                    or (name, written(said)) in lost
                )


@holds(worlds())
def test_what_sources_refuse_is_handed_on(world: dict[str, Harvest]) -> None:
    """Each refusal once, with the name of the source that made it."""
    refusals = fused(world).refused
    for source, harvest in world.items():
        for refusal in harvest.refused:
            assert attrs.evolve(refusal, source=source) in refusals


@holds(worlds())
def test_every_rating_is_somewhere(world: dict[str, Harvest]) -> None:
    """Carried by a model, unmatched by name, or refused with a reason."""
    result = fused(world)
    carried = {
        (rating.source, f"{rating.board}/{rating.category}/{rating.name}")
        for model in result.models
        for rating in model.ratings
    }
    refused = {(refusal.source, refusal.record) for refusal in result.refused}
    unmatched = {miss.name for miss in result.unmatched}
    for source, harvest in world.items():
        for rated in harvest.ratings:
            record = f"{rated.board}/{rated.category}/{rated.name}"
            assert (
                (source, record) in carried
                or (source, record) in refused
                or rated.name in unmatched
            )


@holds(worlds())
def test_every_base_is_somewhere(world: dict[str, Harvest]) -> None:
    """It speaks of a group that is served, or is refused."""
    result = fused(world)
    refused = {refusal.record for refusal in result.refused}
    groups = {model.group for model in result.models}
    ids = {model.canonical_id for model in result.models}
    for harvest in world.values():
        for base in harvest.bases:
            row_id = f"{canonical_provider(base.lab)}:{base.model_id}"
            served = row_id in ids or f"{base.lab}/{base.model_id}" in groups
            assert served or base.record in refused


@holds(worlds())
def test_what_is_said_of_the_weights_is_somewhere(world: dict[str, Harvest]) -> None:
    """The value of each row, in one of its conflicts, or refused with the field."""
    result = fused(world)
    ids = {model.canonical_id: model.group for model in result.models}
    for source, harvest in world.items():
        for base in harvest.bases:
            row_id = f"{canonical_provider(base.lab)}:{base.model_id}"
            group = ids.get(row_id, f"{base.lab}/{base.model_id}")
            refused = {
                refusal.field
                for refusal in result.refused
                if refusal.source == source
                and (base.record == refusal.record or base.record in refusal.reason)
            }
            for model in result.models:
                if model.group != group or "name-disagrees" in model.flags:
                    continue
                lost = {(conflict.field, conflict.lost) for conflict in model.conflicts}
                for name in COMPARED:
                    said = getattr(base.facts, name)
                    assert (
                        said is None
                        or name in refused
                        or alike(name, said, getattr(model, name))
                        or (name, written(said)) in lost
                        or (name == "supports_reasoning" and ":" in model.model_id)
                    )


@holds(worlds(), keyed())
def test_a_conflict_has_two_sides(world: dict[str, Harvest], asked: Harvest) -> None:
    """The value that the model has, and another one that somebody said."""
    world["any-llm"] = asked
    result = fused(world)
    models = {model.canonical_id: model for model in result.models}
    said: dict[str, list[Facts]] = defaultdict(list)
    for harvest in world.values():
        for one in (*harvest.served, *harvest.bases):
            said[one.record].append(one.facts)
    for model in result.models:
        for conflict in model.conflicts:
            name, kept = conflict.field, getattr(model, conflict.field)
            assert conflict.kept == written(kept)
            assert kept is not None or name in PRICES
            assert conflict.kept_from == (
                model.provenance["price_basis"]
                if kept is None
                else model.provenance[name]
            )
            whose = conflict.said_of or model.source_ids[conflict.lost_from.source]
            if whose in models:  # another row, as whichever source told it
                whose = models[whose].source_ids[conflict.lost_from.source]
            values = [getattr(facts, name) for facts in said[whose]]
            assert conflict.lost in [written(v) for v in values if v is not None]
            assert not any(
                alike(name, kept, v) for v in values if written(v) == conflict.lost
            )


@holds(worlds())
def test_hosts_that_differ_about_the_weights_are_told(
    world: dict[str, Harvest],
) -> None:
    """Of two rows of one model that contradict each other one has a conflict."""
    groups: dict[str, list[CanonicalModel]] = defaultdict(list)
    for model in fused(world).models:
        # A row of one mode only may reason while its model need not.
        if "name-disagrees" not in model.flags and ":thinking" not in model.model_id:
            groups[model.group or ""].append(model)
    for rows in groups.values():
        for name in COMPARED:
            values = [_own(model)[name] for model in rows if name in _own(model)]
            if any(not alike(name, values[0], value) for value in values[1:]):
                assert any(
                    conflict.field == name and conflict.lost_from.via is not None
                    for model in rows
                    for conflict in model.conflicts
                )


@holds(worlds(), keyed())
def test_every_known_fact_has_an_origin(
    world: dict[str, Harvest], asked: Harvest
) -> None:
    """And no origin stands beside what is unknown."""
    world["any-llm"] = asked
    for model in fused(world).models:
        known = {name for name in FACTS if getattr(model, name) is not None}
        if model.arena_score is not None:
            known.add("arena_score")
        assert model.provenance.keys() == known
        assert all(o.source in world for o in model.provenance.values())


@holds(worlds(), keyed())
def test_every_value_was_said_by_its_origin(
    world: dict[str, Harvest], asked: Harvest
) -> None:
    """Of the row itself, or of the same model when it was lent; never made up."""
    world["any-llm"] = asked
    result = fused(world)
    groups = {model.canonical_id: model.group for model in result.models}
    said: set[tuple[str, str | None, str, Any]] = set()
    for source, harvest in world.items():
        for served in harvest.served:
            row_id = f"{canonical_provider(served.provider)}:{served.model_id}"
            for name in FACTS:
                value = getattr(served.facts, name)
                said.add((source, row_id, name, value))
                said.add((source, groups[row_id], name, value))
        for base in harvest.bases:
            said |= {(source, None, n, getattr(base.facts, n)) for n in FACTS}
    for model in result.models:
        for name, origin in model.provenance.items():
            place = {None: model.canonical_id, "group": model.group, "base": None}
            value = getattr(model, name)
            assert name == "arena_score" or (
                (origin.source, place[origin.via], name, value) in said
            )


@holds(worlds())
def test_no_row_mixes_two_price_lists(world: dict[str, Harvest]) -> None:
    """All prices of a row come from one source, which said them of this very row."""
    for model in fused(world).models:
        origins = {model.provenance[n] for n in PRICES if n in model.provenance}
        assert len(origins) <= 1
        assert all(origin.via is None for origin in origins)
        if model.price_basis not in {"listed", "free"}:
            numbers = [n for n in PRICES if n != "price_basis"]
            assert all(getattr(model, name) is None for name in numbers)


@holds(worlds(), keyed())
def test_a_key_moves_nothing_that_stands_without_it(
    world: dict[str, Harvest], asked: Harvest
) -> None:
    """Tiers, ratings, groups, tags and facts are those that everybody sees.

    A key tells what can be called, adds models that nobody else lists, and may tell
    more of a model itself: of no other.
    """
    before = {model.canonical_id: model for model in fused(world).models}
    after = {
        model.canonical_id: model for model in fused({**world, "any-llm": asked}).models
    }
    assert before.keys() <= after.keys()
    told = {
        f"{canonical_provider(one.provider)}:{one.model_id}"
        for one in asked.served
        if one.facts != Facts()
    }
    blank: dict[str, Any] = {"callable": "yes", "callable_note": "", "source_ids": {}}
    for canonical_id, model in before.items():
        moved = after[canonical_id]
        for name in ("group", "lab", "ratings", "inherited_ratings", "arena_score"):
            assert getattr(moved, name) == getattr(model, name)
        if canonical_id not in told:
            assert attrs.evolve(moved, **blank) == attrs.evolve(model, **blank)


@holds(worlds())
def test_of_two_boards_the_newer_counts_as_a_whole(world: dict[str, Harvest]) -> None:
    """Per board and category all ratings are of one day and one source."""
    scales: dict[tuple[str, str], set[tuple[str | None, str]]] = {}
    days: dict[tuple[str, str], list[str]] = {}
    for harvest in world.values():
        for rated in harvest.ratings:
            key = (rated.board, rated.category)
            days.setdefault(key, []).append(rated.published_on or "")
    for model in fused(world).models:
        for rating in model.ratings:
            scale = scales.setdefault((rating.board, rating.category), set())
            scale.add((rating.published_on, rating.source))
    for key, scale in scales.items():
        assert len(scale) == 1
        assert next(iter(scale))[0] == max(days[key])


@holds(worlds(), keyed())
def test_models_are_sorted_and_distinct(
    world: dict[str, Harvest], asked: Harvest
) -> None:
    """Each canonical id once, in order; every model has a group."""
    result = fused({**world, "any-llm": asked})
    ids = [model.canonical_id for model in result.models]
    assert ids == sorted(set(ids))
    for model in result.models:
        assert model.canonical_id == f"{model.provider}:{model.model_id}"
        assert model.group
        assert all(getattr(model, tier) in {None, 1, 2, 3, 4, 5} for tier in TIERS)


@holds(worlds(), keyed())
def test_what_is_fused_survives_being_kept(
    world: dict[str, Harvest], asked: Harvest
) -> None:
    """Encoded and decoded, every model, refusal and name is equal."""
    result = fused({**world, "any-llm": asked})
    catalog, data = store.encode(
        Catalog(
            models=result.models,
            refused=result.refused,
            unmatched=result.unmatched,
            checked_at="2026-01-01T00:00:00Z",
        )
    )
    head = {"digest": catalog.digest, "checked_at": catalog.checked_at}
    back = store.decode(data, head, origin="cache")
    assert attrs.evolve(back, origin="built") == catalog
