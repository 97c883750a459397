"""From what sources say to one record per served model, by example."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub_core.catalog.boards import newest_boards
from llmhub_core.catalog.fusion import Fused, fuse
from llmhub_core.catalog.identity import load_tables
from llmhub_core.catalog.precedence import Precedence, load_precedence
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import CanonicalModel, Conflict, Facts, Origin
from llmhub_core.records.observation import (
    BaseModel,
    Harvest,
    Probe,
    RatedModel,
    ServedModel,
)


def served(record: str, **said: Any) -> ServedModel:
    """A model by its record id, ``provider/model``."""
    provider, _, model_id = record.partition("/")
    return ServedModel(
        provider=provider, model_id=model_id, record=record, facts=Facts(**said)
    )


def base(record: str, **said: Any) -> BaseModel:
    """An underlying model by its record id, ``lab/model``."""
    lab, _, model_id = record.partition("/")
    return BaseModel(lab=lab, model_id=model_id, record=record, facts=Facts(**said))


def rated(name: str, score: float, **more: Any) -> RatedModel:
    """A rating on the overall text board."""
    known: dict[str, Any] = {"board": "text", "category": "overall"}
    return RatedModel(name=name, score=score, **{**known, **more})


def fused(**harvests: Harvest) -> Fused:
    """Fuse harvests; underscores in names become hyphens."""
    return fuse(
        {name.replace("_", "-"): harvest for name, harvest in harvests.items()},
        tables=load_tables(),
        precedence=load_precedence(),
    )


def one(result: Fused, canonical_id: str) -> CanonicalModel:
    """The model of that id."""
    (model,) = [m for m in result.models if m.canonical_id == canonical_id]
    return model


# ---------------------------------------------------------------- rows


def test_sources_meet_under_any_llms_name_of_a_provider() -> None:
    """``google`` at one source is ``gemini`` at the other: one model."""
    result = fused(
        models_dev=Harvest(served=(served("google/gemini-2.5-pro", context_tokens=9),)),
        mine=Harvest(served=(served("gemini/gemini-2.5-pro", max_output_tokens=8),)),
    )
    (model,) = result.models
    assert model.canonical_id == "gemini:gemini-2.5-pro"
    assert (model.provider, model.model_id) == ("gemini", "gemini-2.5-pro")
    assert model.source_ids == {
        "mine": "gemini/gemini-2.5-pro",
        "models-dev": "google/gemini-2.5-pro",
    }
    assert (model.context_tokens, model.max_output_tokens) == (9, 8)


def test_one_source_has_one_say() -> None:
    """The second row of one model is refused, and which one is second is settled."""
    rows = (served("google/m", context_tokens=9), served("gemini/m", context_tokens=8))
    for told in (rows, rows[::-1]):
        result = fused(models_dev=Harvest(served=told))
        (model,) = result.models
        assert model.context_tokens == 8
        assert result.refused == (
            Refusal(
                source="models-dev",
                record="google/m",
                reason="the same model as gemini/m",
            ),
        )


def test_what_sources_refused_is_handed_on_with_their_name() -> None:
    """Sorted, so that two runs can be compared."""
    result = fused(
        b=Harvest(refused=(Refusal(record="2", reason="r"),)),
        a=Harvest(refused=(Refusal(record="3", reason="r", field="f"),)),
    )
    assert [(r.source, r.record, r.field) for r in result.refused] == [
        ("a", "3", "f"),
        ("b", "2", None),
    ]


def test_without_sources_there_are_no_models() -> None:
    """Nothing in, nothing out, and no error."""
    assert fused() == Fused(models=(), refused=(), unmatched=())


# ---------------------------------------------------------------- ratings


def test_every_host_carries_the_rating_of_its_model() -> None:
    """Score, interval, the reason, and where it comes from."""
    result = fused(
        models_dev=Harvest(
            served=(
                served("openai/gpt-5", supports_reasoning=True),
                served("openrouter/openai/gpt-5"),
                served("openai/gpt-5-mini"),
            )
        ),
        arena=Harvest(
            ratings=(
                rated(
                    "gpt-5",
                    1430.0,
                    ci_low=1425.0,
                    ci_high=1435.0,
                    organization="openai",
                ),
                rated("gpt-5", 1400.0, category="math"),
                rated("gpt-5", 1410.0, board="vision"),
                rated("nobody-7b", 1100.0),
            ),
            as_of="2026-06-08",
        ),
    )
    for canonical_id in ("openai:gpt-5", "openrouter:openai/gpt-5"):
        model = one(result, canonical_id)
        assert model.group == "openai/gpt-5"
        assert model.lab == "openai"
        assert model.arena_score == 1430.0
        assert (model.arena_ci_low, model.arena_ci_high) == (1425.0, 1435.0)
        assert model.rating_note == "'gpt-5' is the model's plain rating"
        assert model.provenance["arena_score"] == Origin(source="arena")
        assert [(r.board, r.category, r.score) for r in model.ratings] == [
            ("text", "math", 1400.0),
            ("text", "overall", 1430.0),
            ("vision", "overall", 1410.0),
        ]
        assert {rating.source for rating in model.ratings} == {"arena"}
    assert one(result, "openai:gpt-5-mini").ratings == ()
    assert one(result, "openai:gpt-5-mini").arena_score is None
    assert [(miss.name, miss.reason) for miss in result.unmatched] == [
        ("nobody-7b", "no-row")
    ]


def test_the_default_rating_comes_first_and_proxies_say_so() -> None:
    """Plain before effort; the others stay with their labels."""
    result = fused(
        models_dev=Harvest(
            served=(
                served(
                    "openai/gpt-5.1",
                    supports_reasoning=True,
                    reasoning_efforts=("low", "high"),
                ),
            )
        ),
        arena=Harvest(
            ratings=(rated("gpt-5.1-high", 1500.0), rated("gpt-5.1", 1450.0))
        ),
    )
    (model,) = result.models
    assert model.arena_score == 1450.0
    assert [(r.name, r.effort, r.proxy) for r in model.ratings] == [
        ("gpt-5.1", None, False),
        ("gpt-5.1-high", "high", True),
    ]


def test_a_rating_without_an_overall_one_gives_no_score() -> None:
    """Coding is not everything."""
    result = fused(
        models_dev=Harvest(served=(served("openai/gpt-5"),)),
        arena=Harvest(ratings=(rated("gpt-5", 1430.0, category="coding"),)),
    )
    (model,) = result.models
    assert model.arena_score is None
    assert model.rating_note is None
    assert len(model.ratings) == 1
    assert "arena_score" not in model.provenance


# ---------------------------------------------------------------- boards


def _boards(**harvests: Harvest) -> tuple[list[tuple[str, float]], list[str]]:
    boards = newest_boards(harvests, Precedence(default=("b", "a")))
    return (
        [(by.source, by.rated.score) for by in boards.ratings],
        sorted(f"{r.source} {r.record}: {r.reason}" for r in boards.refused),
    )


def test_the_newest_edition_of_a_board_counts_as_a_whole() -> None:
    """A name that only the older one has is refused: its scale is another one."""
    assert _boards(
        b=Harvest(
            ratings=(
                rated("x", 1.0, published_on="2025-12-17"),
                rated("only here", 2.0, published_on="2025-12-17"),
            )
        ),
        a=Harvest(ratings=(rated("x", 3.0, published_on="2026-06-08"),)),
    ) == (
        [("a", 3.0)],
        [
            "b text/overall/only here: a's board of 2026-06-08 counts",
            "b text/overall/x: a's board of 2026-06-08 counts",
        ],
    )


def test_each_category_has_its_own_newest_edition() -> None:
    """One source may have the newer math, the other the newer overall."""
    kept, refused = _boards(
        b=Harvest(ratings=(rated("x", 1.0, category="math"),)),
        a=Harvest(ratings=(rated("x", 3.0, published_on="2026-06-08"),)),
    )
    assert sorted(kept) == [("a", 3.0), ("b", 1.0)]
    assert refused == []


@pytest.mark.parametrize("day", ["2026-06-08", None])
def test_on_one_day_the_first_source_counts(day: str | None) -> None:
    """By the order of precedence; two sources are never mixed."""
    kept, refused = _boards(
        a=Harvest(ratings=(rated("x", 1.0, published_on=day),)),
        b=Harvest(ratings=(rated("y", 2.0, published_on=day),)),
    )
    assert kept == [("b", 2.0)]
    assert refused == [f"a text/overall/x: b's board of {day or 'no date'} counts"]


def test_a_board_without_a_date_is_older_than_one_with() -> None:
    """Frozen files do not say when they were made."""
    kept, _ = _boards(
        b=Harvest(ratings=(rated("x", 1.0),)),
        a=Harvest(ratings=(rated("x", 2.0, published_on="2025-01-01"),)),
    )
    assert kept == [("a", 2.0)]


def test_a_name_is_on_a_board_once() -> None:
    """The same one of two in whatever order; another maker is another name."""
    rows = (rated("x", 1.0), rated("x", 2.0), rated("x", 3.0, organization="lab"))
    for told in (rows, rows[::-1]):
        kept, refused = _boards(a=Harvest(ratings=told))
        assert kept == [("a", 1.0), ("a", 3.0)]
        assert refused == ["a text/overall/x: is listed twice"]


# ---------------------------------------------------------------- lending


def test_the_underlying_model_lends_to_all_its_hosts() -> None:
    """Marked as of the base; what a host says itself stands."""
    result = fused(
        models_dev=Harvest(
            served=(
                served("openai/gpt-5", open_weights=True),
                served("openrouter/openai/gpt-5"),
            ),
            bases=(
                base("openai/gpt-5", open_weights=False, knowledge_cutoff="2024-09"),
            ),
            as_of="2026-06-08",
        )
    )
    own, host = (
        one(result, "openai:gpt-5"),
        one(result, "openrouter:openai/gpt-5"),
    )
    assert (own.open_weights, host.open_weights) == (True, False)
    assert own.knowledge_cutoff == host.knowledge_cutoff == "2024-09"
    lent = Origin(source="models-dev", as_of="2026-06-08", via="base")
    assert host.provenance["open_weights"] == own.provenance["knowledge_cutoff"] == lent


def test_hosts_lend_to_each_other_what_they_agree_on() -> None:
    """Where they contradict each other the gap stays a gap."""
    result = fused(
        models_dev=Harvest(
            served=(
                served("openai/gpt-5", kind="chat", family="gpt"),
                served("azure/gpt-5", kind="chat", family="gpt-5"),
                served("openrouter/openai/gpt-5"),
            )
        )
    )
    host = one(result, "openrouter:openai/gpt-5")
    assert host.kind == "chat"
    assert host.provenance["kind"] == Origin(source="models-dev", via="group")
    assert host.family is None


@pytest.mark.parametrize(
    "said",
    [
        {"price_basis": "listed", "price_input_per_million": 1.0},
        {"context_tokens": 128_000},
        {"max_output_tokens": 4_096},
        {"supports_tool_call": True},
        {"supports_structured_output": True},
        {"input_modalities": ("image", "text")},
    ],
)
def test_what_is_the_hosts_own_is_not_lent(said: dict[str, Any]) -> None:
    """Price, limits and what the host's API offers."""
    result = fused(
        models_dev=Harvest(
            served=(served("openai/gpt-5", **said), served("openrouter/openai/gpt-5")),
            bases=(base("openai/gpt-5", **said),),
        )
    )
    host = one(result, "openrouter:openai/gpt-5")
    assert {name: getattr(host, name) for name in said} == dict.fromkeys(said)


def test_of_two_sources_that_know_the_model_the_first_in_precedence_lends() -> None:
    """What the other one says of it is kept beside."""
    result = fused(
        b=Harvest(
            bases=(base("openai/gpt-5", open_weights=False, family="gpt"),),
            as_of="2026-11-01",
        ),
        models_dev=Harvest(
            served=(served("openai/gpt-5"), served("openrouter/openai/gpt-5")),
            bases=(base("openai/gpt-5", open_weights=True, family="gpt"),),
        ),
    )
    for model in result.models:
        assert (model.open_weights, model.family) == (True, "gpt")
        assert model.conflicts == (
            Conflict(
                field="open_weights",
                kept="true",
                kept_from=Origin(source="models-dev", via="base"),
                lost="false",
                lost_from=Origin(source="b", as_of="2026-11-01", via="base"),
                said_of="openai/gpt-5",
            ),
        )


def test_a_source_that_contradicts_itself_lends_nothing() -> None:
    """Of two records about one model nobody knows which is right; it is told."""
    result = fused(
        models_dev=Harvest(
            served=(served("openai/gpt-5"),),
            bases=(
                base("openai/gpt-5", open_weights=True, family="gpt"),
                base("openai/gpt-5", open_weights=False, family="gpt"),
            ),
        ),
    )
    (model,) = result.models
    assert (model.open_weights, model.family) == (None, "gpt")
    assert {(r.record, r.field) for r in result.refused} == {
        ("openai/gpt-5", "open_weights")
    }
    same = "in openai/gpt-5, which is the same model: neither is used"
    assert [refusal.reason for refusal in result.refused] == [
        f"false here and true {same}",
        f"true here and false {same}",
    ]


def test_a_date_that_fits_both_of_two_days_is_of_no_use_either() -> None:
    """Each record of the source is told why its date is not used."""
    days = ("2025-01", "2025-01-15", "2025-01-20")
    result = fused(
        models_dev=Harvest(
            served=(served("openai/gpt-5"),),
            bases=tuple(base("openai/gpt-5", knowledge_cutoff=day) for day in days),
        ),
    )
    (model,) = result.models
    assert model.knowledge_cutoff is None
    assert sorted(refusal.reason[:30] for refusal in result.refused) == [
        '"2025-01" here and "2025-01-20',
        '"2025-01-15" here and "2025-01',
        '"2025-01-20" here and "2025-01',
    ]


def test_a_base_that_nobody_serves_is_refused() -> None:
    """So that nothing a source said is lost in silence."""
    result = fused(
        models_dev=Harvest(
            served=(served("openai/gpt-5"),), bases=(base("openai/gpt-99"),)
        )
    )
    assert result.refused == (
        Refusal(
            source="models-dev",
            record="openai/gpt-99",
            reason="nobody serves this underlying model",
        ),
    )


def test_a_suspicious_row_neither_lends_nor_borrows() -> None:
    """Its id says one model and its name another: nobody knows whose facts it has."""
    result = fused(
        models_dev=Harvest(
            served=(
                served("anthropic/claude-sonnet-4", family="claude", kind="chat"),
                served(
                    "databricks/databricks-claude-sonnet-4",
                    display_name="Claude Sonnet 4.5",
                    open_weights=False,
                ),
            )
        ),
        arena=Harvest(ratings=(rated("claude-sonnet-4", 1400.0),)),
    )
    doubtful = one(result, "databricks:databricks-claude-sonnet-4")
    assert "name-disagrees" in doubtful.flags
    assert (doubtful.kind, doubtful.family) == (None, None)
    assert doubtful.arena_score is None
    assert one(result, "anthropic:claude-sonnet-4").open_weights is None


# ---------------------------------------------------------------- keys


def test_a_model_that_a_key_brought_is_placed_among_the_others() -> None:
    """It has the group, the rating and the lent facts, and it is callable."""
    known = Harvest(served=(served("openrouter/openai/gpt-5", kind="chat"),))
    board = Harvest(ratings=(rated("gpt-5", 1430.0),))
    mine = Harvest(
        served=(served("openai/gpt-5"), served("openai/gpt-6")),
        probes=(Probe(provider="openai", model_ids=("gpt-5", "gpt-6")),),
    )
    result = fused(models_dev=known, arena=board, any_llm=mine)
    new = one(result, "openai:gpt-5")
    assert new.group == one(result, "openrouter:openai/gpt-5").group
    assert (new.arena_score, new.kind, new.callable) == (1430.0, "chat", "yes")
    assert one(result, "openai:gpt-6").group == "openai/gpt-6"
    assert one(result, "openai:gpt-6").callable == "yes"


def test_a_key_can_match_a_name_that_nobody_else_lists() -> None:
    """The rating is the new model's, and moves nobody's tier."""
    known = Harvest(
        served=tuple(served(f"openai/gpt-{n}", kind="chat") for n in (4, 5))
    )
    board = Harvest(
        ratings=(rated("gpt-4", 1200.0), rated("gpt-5", 1400.0), rated("gpt-6", 1600.0))
    )
    mine = Harvest(
        served=(served("openai/gpt-6", kind="chat"),),
        probes=(Probe(provider="openai", model_ids=("gpt-6",)),),
    )
    before = fused(models_dev=known, arena=board)
    after = fused(models_dev=known, arena=board, any_llm=mine)
    assert [miss.name for miss in before.unmatched] == ["gpt-6"]
    assert after.unmatched == ()
    assert one(after, "openai:gpt-6").arena_score == 1600.0
    assert one(after, "openai:gpt-6").quality_tier == 1
    for model in before.models:
        assert one(after, model.canonical_id).quality_tier == model.quality_tier


def test_what_a_key_brought_lends_to_nobody() -> None:
    """Neither its own facts nor those of a base that only it leads to."""
    known = Harvest(
        served=(served("openai/gpt-5"), served("openrouter/openai/gpt-5")),
        bases=(base("openai/gpt-5-2025-08-07", family="gpt"),),
    )
    mine = Harvest(
        served=(served("openai/gpt-5-2025-08-07", kind="chat"),),
        probes=(Probe(provider="openai", model_ids=("gpt-5-2025-08-07",)),),
    )
    result = fused(models_dev=known, any_llm=mine)
    own = one(result, "openai:gpt-5")
    assert (own.family, own.kind) == (None, None)
    dated = one(result, "openai:gpt-5-2025-08-07")
    assert dated.group == own.group
    assert (dated.family, dated.kind) == ("gpt", "chat")
    assert result.refused == ()


def test_what_a_key_told_of_a_known_model_moves_no_bound() -> None:
    """Its own price may be new to you; the others are measured as everybody sees it."""
    hosts = tuple(
        served(
            f"host{n}/gpt-5",
            price_basis="listed",
            price_input_per_million=float(n),
            price_output_per_million=float(n),
        )
        for n in range(1, 7)
    )
    listed = Harvest(
        served=(*hosts, served("openai/gpt-5")),
        bases=(base("openai/gpt-5", kind="chat"),),
    )
    mine = Harvest(
        served=(
            served(
                "openai/gpt-5",
                kind="image",
                price_basis="listed",
                price_input_per_million=2.5,
                price_output_per_million=2.5,
            ),
            served("host3/gpt-5", kind="embedding", family="mine"),
        ),
        probes=(Probe(provider="openai", model_ids=("gpt-5",)),),
    )
    before, after = fused(models_dev=listed), fused(models_dev=listed, any_llm=mine)
    for n in (1, 2, 4, 5, 6):
        name = f"host{n}:gpt-5"
        assert one(after, name) == one(before, name)
        assert one(after, name).family is None
    own = one(after, "openai:gpt-5")
    assert (own.price_input_per_million, own.kind) == (2.5, "image")
    assert one(before, "openai:gpt-5").price_input_per_million is None


# ---------------------------------------------------------------- checks


@pytest.mark.parametrize(
    ("said", "flag"),
    [
        (
            {
                "price_basis": "listed",
                "price_input_per_million": 0.5,
                "price_cache_read_per_million": 1.25,
            },
            "cache-price-over-input",
        ),
        ({"context_tokens": 8, "max_output_tokens": 9}, "output-over-context"),
        (
            {"release_date": "2026-02-01", "last_updated": "2026-01-31"},
            "updated-before-released",
        ),
        (
            {"release_date": "2026-02", "last_updated": "2026-01"},
            "updated-before-released",
        ),
        ({"price_basis": "zero"}, "zero-price"),
    ],
)
def test_a_row_that_contradicts_itself_is_flagged(
    said: dict[str, Any], flag: str
) -> None:
    """Nothing is corrected; the user is told."""
    (model,) = fused(
        models_dev=Harvest(served=(served("openai/gpt-5", **said),))
    ).models
    assert list(model.flags) == [flag]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"context_tokens": 8, "max_output_tokens": 8},
        {"max_output_tokens": 8},
        {"release_date": "2026-02-15", "last_updated": "2026-02"},
        {"release_date": "2026-02", "last_updated": "2026-02-15"},
        {"release_date": "2026-02-01"},
        {"price_basis": "free"},
    ],
)
def test_a_row_that_may_be_right_is_not(said: dict[str, Any]) -> None:
    """What is unknown, equal, or less exact contradicts nothing."""
    (model,) = fused(
        models_dev=Harvest(served=(served("openai/gpt-5", **said),))
    ).models
    assert model.flags == {}


def test_new_means_new_to_the_catalog_that_everybody_sees() -> None:
    """A date that only a key brought does not age the others."""
    known = Harvest(served=(served("openai/gpt-5", release_date="2026-01-01"),))
    mine = Harvest(
        served=(served("openai/gpt-6", release_date="2026-12-01"),),
        probes=(Probe(provider="openai", model_ids=("gpt-6",)),),
    )
    result = fused(models_dev=known, any_llm=mine)
    assert one(result, "openai:gpt-5").tags == ("new",)
