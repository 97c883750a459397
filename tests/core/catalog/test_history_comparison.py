"""What counts as a change between two refreshes, and what does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.catalog.comparison import KEPT_DAYS, History, advance
from llmhub_core.catalog.standing import KINDS, Answers, read_answers
from llmhub_core.records.catalog import Catalog, SourceState, SourceStatus
from llmhub_core.records.history import Change
from llmhub_core.records.model import CanonicalModel, Origin, PriceTier
from llmhub_core.records.observation import Harvest, Probe

DAY = "2026-11-{:02}T12:00:00Z"
LIST, BOARD = "price-list", "board"
BOTH = frozenset({LIST, BOARD})


def model(name: str = "openai:gpt-5", **facts: Any) -> CanonicalModel:
    """A model that the price list tells of, and the board rates."""
    provider, _, model_id = name.partition(":")
    sources = facts.pop("source_ids", {LIST: model_id})
    told = {
        field: Origin(source=BOARD if field == "arena_score" else LIST)
        for field, value in facts.items()
        if field in KINDS and field != "callable" and value is not None
    }
    facts.setdefault("provenance", told)
    return CanonicalModel(
        canonical_id=name,
        provider=provider,
        model_id=model_id,
        source_ids=sources,
        **facts,
    )


def catalog(day: int, *models: CanonicalModel) -> Catalog:
    """What a refresh of that day made."""
    return Catalog(models=models, checked_at=DAY.format(day))


def answers(
    listers: frozenset[str] = BOTH,
    asking: frozenset[str] = frozenset(),
    probed: Mapping[str, str] | None = None,
) -> Answers:
    """Who answered."""
    return Answers(listers=listers, asking=asking, probed=probed or {})


def run(*steps: tuple[Catalog, Answers]) -> History:
    """Take down one refresh after the other."""
    history: History | None = None
    for made, who in steps:
        history = advance(history, made, who, "as ever")
    assert history is not None
    return history


def told(history: History) -> list[tuple[str, str, object, object]]:
    """The changes, without their times."""
    return [
        (change.canonical_id, change.field or change.kind, change.before, change.after)
        for change in history.changes
    ]


# ---------------------------------------------------------------- what counts


def test_the_first_catalog_is_no_news() -> None:
    """Everything is new to us; nothing of it is new."""
    history = run((catalog(1, model(), model("openai:gpt-4")), answers()))
    assert history.changes == ()
    assert history.heard == BOTH
    assert set(history.standings) == {"openai:gpt-5", "openai:gpt-4"}


def test_the_same_catalog_again_is_no_news() -> None:
    """Whatever the hour."""
    made = [model(price_input_per_million=1.0)]
    assert (
        run((catalog(1, *made), answers()), (catalog(2, *made), answers())).changes
        == ()
    )


def test_what_vanishes_leaves_a_tombstone() -> None:
    """With when it was seen last, when it was missed, by whom, and its last facts."""
    last = model(
        "openai:gpt-4",
        display_name="GPT-4",
        family="gpt",
        group="openai/gpt-4",
        kind="chat",
        status="deprecated",
        release_date="2023-03-14",
        price_input_per_million=30.0,
        price_output_per_million=60.0,
    )
    history = run(
        (catalog(1, model(), last), answers()),
        (catalog(2, model(), last), answers()),
        (catalog(5, model()), answers()),
    )
    assert told(history) == [("openai:gpt-4", "removed", None, None)]
    assert history.changes[0].found_at == DAY.format(5)
    (stone,) = history.tombstones.values()
    assert stone.canonical_id == "openai:gpt-4"
    assert (stone.last_listed_at, stone.gone_at) == (DAY.format(2), DAY.format(5))
    assert stone.listed_by == (LIST,)
    assert (stone.display_name, stone.family, stone.group) == (
        "GPT-4",
        "gpt",
        "openai/gpt-4",
    )
    assert (stone.kind, stone.status, stone.release_date) == (
        "chat",
        "deprecated",
        "2023-03-14",
    )
    assert (stone.price_input_per_million, stone.price_output_per_million) == (30, 60)
    assert "openai:gpt-4" not in history.standings


def test_what_comes_back_has_no_tombstone() -> None:
    """It is told as added, and lives."""
    one, other = model("openai:a"), model("openai:b")
    history = run(
        (catalog(1, one, other), answers()),
        (catalog(2, one), answers()),
        (catalog(3, one, other), answers()),
    )
    assert [row[:2] for row in told(history)] == [
        ("openai:b", "removed"),
        ("openai:b", "added"),
    ]
    assert history.tombstones == {}


def test_what_is_listed_for_the_first_time_is_added() -> None:
    """By somebody who was heard before."""
    history = run(
        (catalog(1, model("openai:a")), answers()),
        (catalog(2, model("openai:a"), model("openai:b")), answers()),
    )
    assert told(history) == [("openai:b", "added", None, None)]


CHANGED: dict[str, tuple[Any, Any, Any, Any]] = {
    "price_input_per_million": (3.0, 2.5, 3.0, 2.5),
    "price_output_per_million": (None, 15.0, None, 15.0),
    "price_cache_read_per_million": (0.3, None, 0.3, None),
    "price_basis": ("listed", "free", "listed", "free"),
    "price_tiers": (
        None,
        (
            PriceTier(
                above_context_tokens=200_000,
                input_per_million=6.0,
                output_per_million=22.5,
            ),
        ),
        None,
        "above 200,000 tokens 6 in, 22.5 out",
    ),
    "context_tokens": (200_000, 1_000_000, 200_000, 1_000_000),
    "status": ("stable", "deprecated", "stable", "deprecated"),
    "kind": ("chat", "embedding", "chat", "embedding"),
    "supports_tool_call": (False, True, False, True),
    "input_modalities": (("text",), ("text", "image"), "text", "image, text"),
}


@pytest.mark.parametrize("field", CHANGED)
def test_a_changed_fact_is_told_with_both_values(field: str) -> None:
    """Under the kind of change that it is."""
    before, after, shown_before, shown_after = CHANGED[field]
    origin = {field: Origin(source=LIST)}
    history = run(
        (catalog(1, model(**{field: before}, provenance=origin)), answers()),
        (catalog(2, model(**{field: after}, provenance=origin)), answers()),
    )
    assert told(history) == [("openai:gpt-5", field, shown_before, shown_after)]
    assert history.changes[0].kind == KINDS[field]


def test_modalities_in_another_order_are_the_same() -> None:
    """Which is named first means nothing."""
    history = run(
        (catalog(1, model(input_modalities=("text", "image"))), answers()),
        (catalog(2, model(input_modalities=("image", "text"))), answers()),
    )
    assert history.changes == ()


def test_names_and_families_change_without_a_word() -> None:
    """Nobody decides by them; a tombstone has the last ones."""
    history = run(
        (catalog(1, model(display_name="GPT 5", family="x")), answers()),
        (catalog(2, model(display_name="GPT-5", family="gpt")), answers()),
        (catalog(3), answers()),
    )
    assert [row[1] for row in told(history)] == ["removed"]
    assert history.tombstones["openai:gpt-5"].display_name == "GPT-5"


# ---------------------------------------------------------------- who was silent


def test_a_silent_source_takes_nothing_away() -> None:
    """Its models are missing because it is; back again, they are no news either."""
    one = model()
    history = run(
        (catalog(1, one), answers()),
        (catalog(2), answers(frozenset({BOARD}))),
        (catalog(3), answers(frozenset({BOARD}))),
    )
    assert (history.changes, history.tombstones) == ((), {})
    assert history.standings["openai:gpt-5"].last_listed_at == DAY.format(1)
    history = advance(history, catalog(4, one), answers(), "as ever")
    assert history.changes == ()
    assert history.standings["openai:gpt-5"].last_listed_at is None


def test_what_vanished_behind_a_silence_is_found_afterwards() -> None:
    """With the time when it was really seen last."""
    history = run(
        (catalog(1, model()), answers()),
        (catalog(2), answers(frozenset({BOARD}))),
        (catalog(3), answers()),
    )
    stone = history.tombstones["openai:gpt-5"]
    assert (stone.last_listed_at, stone.gone_at) == (DAY.format(1), DAY.format(3))


def test_a_model_that_somebody_still_lists_is_not_gone() -> None:
    """Only when the last one has taken it off."""
    both = model(source_ids={LIST: "gpt-5", "other": "gpt-5"})
    with_other = frozenset({LIST, BOARD, "other"})
    history = run(
        (catalog(1, both), answers(with_other)),
        (catalog(2), answers()),
    )
    assert history.tombstones == {}
    assert history.standings["openai:gpt-5"].listers == {"other"}
    history = advance(history, catalog(3), answers(with_other), "as ever")
    assert set(history.tombstones) == {"openai:gpt-5"}


def test_who_listed_it_before_its_silence_still_may() -> None:
    """Though somebody else listed it meanwhile, and has taken it off."""
    both = model(source_ids={LIST: "gpt-5", "other": "gpt-5"})
    history = run(
        (catalog(1, both), answers(frozenset({LIST, "other"}))),
        (catalog(2, model()), answers()),
        (catalog(3), answers()),
    )
    assert history.tombstones == {}


def test_a_value_that_an_older_answer_brings_is_not_compared() -> None:
    """It was not known before, and it is not known now whether it still holds."""
    history = run(
        (catalog(1, model(context_tokens=None)), answers()),
        (catalog(2, model(context_tokens=4)), answers(frozenset({BOARD}))),
    )
    assert history.changes == ()


def test_a_value_of_a_silent_source_is_not_compared() -> None:
    """What another says meanwhile is no change, nor is the old value afterwards."""
    mine = model(context_tokens=8, provenance={"context_tokens": Origin(source=LIST)})
    theirs = evolve(
        mine, context_tokens=4, provenance={"context_tokens": Origin(source="other")}
    )
    three = frozenset({LIST, BOARD, "other"})
    history = run(
        (catalog(1, mine), answers(three)),
        (catalog(2, theirs), answers(frozenset({BOARD, "other"}))),
        (catalog(3, mine), answers(three)),
    )
    assert history.changes == ()
    history = advance(history, catalog(4, theirs), answers(three), "as ever")
    assert [row[2:] for row in told(history)] == [(8, 4)]


def test_a_source_that_is_heard_for_the_first_time_is_no_news() -> None:
    """Neither its models nor its values: they are new to us alone."""
    richer = model(
        context_tokens=8, provenance={"context_tokens": Origin(source="other")}
    )
    extra = model("openai:b", source_ids={"other": "b"})
    three = frozenset({LIST, BOARD, "other"})
    history = run(
        (catalog(1, model()), answers()),
        (catalog(2, richer, extra), answers(three)),
    )
    assert history.changes == ()
    later = evolve(richer, context_tokens=9)
    history = advance(history, catalog(3, later, extra), answers(three), "as ever")
    assert told(history) == [("openai:gpt-5", "context_tokens", 8, 9)]


def test_an_older_answer_that_stands_in_tells_nothing() -> None:
    """What it lists and says is taken down, and no news."""
    history = run(
        (catalog(1, model(context_tokens=8)), answers()),
        (
            catalog(2, model(context_tokens=4), model("openai:b")),
            answers(frozenset({BOARD})),
        ),
    )
    assert history.changes == ()
    assert history.standings["openai:gpt-5"]["context_tokens"] == 8


# ---------------------------------------------------------------- keys


def keyed(callable_: Any = "yes", **sources: str) -> CanonicalModel:
    """A model that the user's key brought."""
    return model(source_ids=sources or {"asker": "gpt-5"}, callable=callable_)


ASKED = answers(
    frozenset({LIST, BOARD, "asker:openai"}),
    frozenset({"asker"}),
    {"openai": "asker:openai"},
)


def test_a_key_that_is_taken_away_takes_no_model_away() -> None:
    """Its provider is not asked any more; that says nothing."""
    history = run((catalog(1, keyed()), ASKED), (catalog(2), answers()))
    assert (history.changes, history.tombstones) == ((), {})


def test_a_provider_that_takes_a_model_off_its_list_is_believed() -> None:
    """It was asked, and answered in full."""
    history = run((catalog(1, keyed()), ASKED), (catalog(2), ASKED))
    assert history.tombstones["openai:gpt-5"].listed_by == ("asker:openai",)


def test_another_providers_answer_says_nothing() -> None:
    """The source is the same, who speaks is not."""
    groq = answers(
        frozenset({LIST, BOARD, "asker:groq"}),
        frozenset({"asker"}),
        {"groq": "asker:groq"},
    )
    history = run((catalog(1, keyed()), ASKED), (catalog(2), groq))
    assert history.tombstones == {}


def test_a_key_that_is_set_adds_nothing() -> None:
    """What it brings to light was there before."""
    history = run((catalog(1), answers()), (catalog(2, keyed()), ASKED))
    assert history.changes == ()


@pytest.mark.parametrize(("then", "now"), [("yes", "no"), ("no", "yes")])
def test_a_model_that_can_no_longer_be_called_is_told(then: str, now: str) -> None:
    """Where its provider was asked both times."""
    history = run(
        (catalog(1, keyed(then, **{LIST: "gpt-5"})), ASKED),
        (catalog(2, keyed("not_probed", **{LIST: "gpt-5"})), answers()),
        (catalog(3, keyed(now, **{LIST: "gpt-5"})), ASKED),
    )
    assert told(history) == [("openai:gpt-5", "callable", then, now)]
    assert history.changes[0].kind == "status"


def test_being_asked_about_for_the_first_time_is_no_change() -> None:
    """Not probed is unknown, not no."""
    history = run(
        (catalog(1, keyed("yes"), model("openai:b", callable="no")), ASKED),
        (catalog(2, model("openai:c", callable="not_probed")), answers()),
        (catalog(3, model("openai:c", callable="no")), ASKED),
    )
    assert [row for row in told(history) if row[1] == "callable"] == []


# ---------------------------------------------------------------- ratings


def rated(score: float | None, low: float | None, high: float | None) -> CanonicalModel:
    """A model with a rating."""
    return model(arena_score=score, arena_ci_low=low, arena_ci_high=high)


def test_a_rating_moves_when_it_leaves_its_interval() -> None:
    """Inside of it nothing is known to have happened, however often."""
    steps = [(1400, 1390, 1410), (1407, 1397, 1417), (1410, 1400, 1420)]
    made = [(catalog(d, rated(*row)), answers()) for d, row in enumerate(steps, 1)]
    history = run(*made)
    assert history.changes == ()
    history = advance(
        history, catalog(9, rated(1411, 1401, 1421)), answers(), "as ever"
    )
    assert told(history) == [("openai:gpt-5", "arena_score", 1400, 1411)]
    history = advance(
        history, catalog(10, rated(1400, 1390, 1410)), answers(), "as ever"
    )
    assert told(history)[1:] == [("openai:gpt-5", "arena_score", 1411, 1400)]


@pytest.mark.parametrize(("low", "high"), [(None, None), (1399.5, None)])
def test_a_rating_without_an_interval_moves_with_every_change(
    low: float | None, high: float | None
) -> None:
    """There is nothing else to go by."""
    history = run(
        (catalog(1, rated(1400, low, high)), answers()),
        (catalog(2, rated(1401, low, high)), answers()),
    )
    assert told(history) == [("openai:gpt-5", "arena_score", 1400, 1401)]


def test_a_rating_that_comes_or_goes_is_told() -> None:
    """From unknown to known and back."""
    none = model(arena_score=None, provenance={})
    history = run(
        (catalog(1, none), answers()),
        (catalog(2, rated(1400, 1390, 1410)), answers()),
        (catalog(3, none), answers()),
    )
    assert [row[2:] for row in told(history)] == [(None, 1400), (1400, None)]


def test_a_silent_board_keeps_its_last_rating_and_interval() -> None:
    """Its return is measured by them."""
    none = model(arena_score=None, provenance={})
    history = run(
        (catalog(1, rated(1400, 1390, 1410)), answers()),
        (catalog(2, none), answers(frozenset({LIST}))),
        (catalog(3, rated(1405, 1395, 1415)), answers()),
    )
    assert history.changes == ()


# ---------------------------------------------------------------- conditions, bounds


def test_other_conditions_begin_anew_and_keep_what_was_found() -> None:
    """Another mirror, version or table: differences are ours, not the world's."""
    history = run(
        (catalog(1, model("openai:a"), model("openai:b")), answers()),
        (catalog(2, model("openai:a", context_tokens=1)), answers()),
    )
    found, stones = history.changes, set(history.tombstones)
    assert stones == {"openai:b"}
    history = advance(history, catalog(3, model("openai:z")), answers(), "otherwise")
    assert (history.changes, set(history.tombstones)) == (found, stones)
    assert set(history.standings) == {"openai:z"}
    history = advance(history, catalog(4, model("openai:b")), answers(), "otherwise")
    assert [row[:2] for row in told(history)[len(found) :]] == [
        ("openai:b", "added"),
        ("openai:z", "removed"),
    ]


def test_what_is_older_than_the_bound_is_dropped() -> None:
    """Changes, tombstones, and models that nobody was asked about any more."""
    history = run(
        (catalog(1, keyed(), model("openai:a"), model("openai:b")), ASKED),
        (catalog(2, model("openai:a")), answers()),
    )
    assert set(history.tombstones) == {"openai:b"}
    assert set(history.standings) == {"openai:a", "openai:gpt-5"}
    assert KEPT_DAYS == 400
    just = Catalog(models=(model("openai:a"),), checked_at="2027-12-06T12:00:00Z")
    assert set(advance(history, just, answers(), "as ever").tombstones) == {"openai:b"}
    late = evolve(just, checked_at="2027-12-08T12:00:00Z")
    history = advance(history, late, answers(), "as ever")
    assert (history.changes, history.tombstones) == ((), {})
    assert set(history.standings) == {"openai:a"}


def test_the_number_of_changes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest stay."""
    monkeypatch.setattr("llmhub_core.catalog.comparison._MOST_CHANGES", 2)
    history = run(
        *((catalog(day, model(context_tokens=day)), answers()) for day in range(1, 6))
    )
    assert [row[2:] for row in told(history)] == [(3, 4), (4, 5)]


# ---------------------------------------------------------------- who answered


STATES: list[SourceState] = ["fresh", "cached", "stale", "skipped", "snapshot"]


def test_only_whole_answers_count() -> None:
    """An answer that stands in, or is missing, says nothing about what is gone."""
    statuses = [SourceStatus(name=state, state=state) for state in STATES]
    found = read_answers(statuses, {state: Harvest() for state in STATES[:3]})
    assert found.listers == {"fresh", "cached"}
    assert found.asking == frozenset()


def test_an_older_listing_that_stands_in_is_none() -> None:
    """Though it is there."""
    harvest = Harvest(probes=(Probe(provider="groq", model_ids=("g",)),))
    statuses = [SourceStatus(name="asker", state="stale")]
    found = read_answers(statuses, {"asker": harvest})
    assert (found.listers, found.probed) == (frozenset(), {})
    assert found.asking == {"asker"}


def test_a_source_that_asks_speaks_for_each_provider_by_itself() -> None:
    """And only where the listing is complete."""
    probes = (
        Probe(provider="google", model_ids=("g",)),
        Probe(provider="azure", model_ids=("a",), complete=False),
        Probe(provider="groq", model_ids=None, note="HTTP 500"),
    )
    found = read_answers(
        [SourceStatus(name="asker", state="fresh")], {"asker": Harvest(probes=probes)}
    )
    assert found.listers == {"asker:gemini"}
    assert found.probed == {"gemini": "asker:gemini"}
    assert found.lister("asker", "groq") == "asker:groq"
    assert found.lister("other", "groq") == "other"


# ---------------------------------------------------------------- properties


MODELS = st.lists(
    st.builds(
        model,
        st.sampled_from(["openai:a", "openai:b", "groq:a"]),
        context_tokens=st.sampled_from([None, 4, 8]),
        price_input_per_million=st.sampled_from([None, 1.0, 2.0]),
    ),
    unique_by=lambda made: made.canonical_id,
)


@given(st.lists(MODELS, min_size=1, max_size=6))
def test_the_changes_lead_from_the_first_catalog_to_the_last(
    catalogs: list[list[CanonicalModel]],
) -> None:
    """Replayed on the first, they make the last: none is missing, none invented."""
    history: History | None = None
    for day, models in enumerate(catalogs, 1):
        history = advance(history, catalog(day, *models), answers(), "as ever")
    assert history is not None
    state = {made.canonical_id: _facts(made) for made in catalogs[0]}
    # What an added model is worth is not in its change.
    worth = {
        (DAY.format(day), made.canonical_id): _facts(made)
        for day, models in enumerate(catalogs, 1)
        for made in models
    }
    for change in history.changes:
        _replay(state, change, worth)
    assert state == {made.canonical_id: _facts(made) for made in catalogs[-1]}
    assert not set(history.tombstones) & set(state)


def _facts(made: CanonicalModel) -> dict[str, Any]:
    return {
        "context_tokens": made.context_tokens,
        "price_input_per_million": made.price_input_per_million,
    }


def _replay(
    state: dict[str, dict[str, Any]],
    change: Change,
    worth: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    if change.kind == "added":
        assert change.canonical_id not in state
        state[change.canonical_id] = dict(worth[change.found_at, change.canonical_id])
    elif change.kind == "removed":
        del state[change.canonical_id]
    else:
        assert change.field is not None
        facts = state[change.canonical_id]
        assert facts[change.field] == change.before != change.after
        facts[change.field] = change.after


@given(st.lists(MODELS, min_size=1, max_size=4))
def test_a_refresh_that_is_taken_down_twice_is_taken_down_once(
    catalogs: list[list[CanonicalModel]],
) -> None:
    """A process killed between history and catalog is repeated without a trace."""
    once: History | None = None
    twice: History | None = None
    for day, models in enumerate(catalogs, 1):
        made = catalog(day, *models)
        once = advance(once, made, answers(), "as ever")
        twice = advance(twice, made, answers(), "as ever")
        twice = advance(twice, made, answers(), "as ever")
    assert once == twice
