"""Ratings of a predecessor, and benchmark results, brought to served models."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub_core.catalog.evidence import benchmarks
from llmhub_core.catalog.fusion import Fused, fuse
from llmhub_core.catalog.identity import load_tables
from llmhub_core.catalog.inheritance import ENOUGH_PAIRS, Drift, drifts
from llmhub_core.catalog.precedence import load_precedence
from llmhub_core.records.model import CanonicalModel, Facts
from llmhub_core.records.observation import (
    BaseModel,
    Harvest,
    RatedModel,
    ServedModel,
)
from llmhub_core.records.rating import Benchmark, Rating

OVERALL = ("text", "overall")


def served(record: str, **said: Any) -> ServedModel:
    """A model by its record id, ``provider/model``."""
    provider, _, model_id = record.partition("/")
    return ServedModel(
        provider=provider, model_id=model_id, record=record, facts=Facts(**said)
    )


def rated(name: str, score: float, **more: Any) -> RatedModel:
    """A rating on the overall text board, ten points wide."""
    known: dict[str, Any] = {
        "board": "text",
        "category": "overall",
        "ci_low": score - 5,
        "ci_high": score + 5,
    }
    return RatedModel(name=name, score=score, **{**known, **more})


def rating(score: float) -> Rating:
    """A rating whose name does not matter."""
    return Rating(name="m", board="text", category="overall", score=score)


def lines(
    pairs: int, *models: ServedModel, ratings: tuple[RatedModel, ...] = ()
) -> dict[str, Harvest]:
    """Pairs of models of which the later ones stand 1, 2, 3 ... points higher.

    The last pair lost 40 points.
    """
    names = [(f"qwen2.5-{n}b", f"qwen3-{n}b") for n in range(1, pairs + 1)]
    scores = [
        (1200.0, 1160.0 if n == pairs else 1200.0 + n) for n in range(1, pairs + 1)
    ]
    rows = [served(f"alibaba/{name}") for pair in names for name in pair]
    board = [
        rated(name, score)
        for pair, points in zip(names, scores, strict=True)
        for name, score in zip(pair, points, strict=True)
    ]
    return {
        "models-dev": Harvest(served=(*rows, *models)),
        "arena": Harvest(ratings=(*board, *ratings)),
    }


def fused(harvests: dict[str, Harvest], **options: bool) -> Fused:
    """Fuse with the tables as they are shipped."""
    return fuse(harvests, tables=load_tables(), precedence=load_precedence(), **options)


def one(result: Fused, canonical_id: str) -> CanonicalModel:
    """The model of that id."""
    (model,) = [m for m in result.models if m.canonical_id == canonical_id]
    return model


def test_an_unrated_successor_stands_on_its_predecessor() -> None:
    """Apart from ratings that were earned, wider, flagged, and in words."""
    result = fused(lines(ENOUGH_PAIRS, served("alibaba/qwen3.5-1b")))
    heir = one(result, "alibaba:qwen3.5-1b")
    before = one(result, "alibaba:qwen3-1b")
    assert (heir.ratings, heir.arena_score, heir.quality_tier) == ((), None, None)
    (found,) = heir.inherited_ratings
    assert (found.name, found.score) == ("qwen3-1b", 1201.0)
    assert (found.basis, found.inherited_from) == ("inherited", before.group)
    # Of 20 pairs, the worst lost 40 points and the best gained 19.
    assert (found.ci_low, found.ci_high) == (1196.0 - 40, 1206.0 + 19)
    assert found.rules[-1] == "predecessor"
    assert heir.rating_note == (
        f"not rated yet: 'qwen3-1b' of its predecessor {before.group} stands in, its "
        "interval widened by 40 points down and 19 up, as 20 pairs of models differ"
    )
    assert before.inherited_ratings == ()


def test_nothing_is_inherited_where_a_setting_forbids_it() -> None:
    """The catalog then holds what was earned, and nothing else."""
    harvests = lines(ENOUGH_PAIRS, served("alibaba/qwen3.5-1b"))
    result = fused(harvests, inherit_ratings=False)
    heir = one(result, "alibaba:qwen3.5-1b")
    assert (heir.inherited_ratings, heir.rating_note) == ((), None)


def test_too_few_pairs_say_nothing_about_the_next_one() -> None:
    """Nineteen rated pairs are no measure of what a successor is worth."""
    result = fused(lines(ENOUGH_PAIRS - 1, served("alibaba/qwen3.5-1b")))
    assert one(result, "alibaba:qwen3.5-1b").inherited_ratings == ()


@pytest.mark.parametrize(
    "name", ["qwen3.5-7b-coder", "qwen3.5-99b", "qwen4-1b-thinking", "qwen2-1b"]
)
def test_only_the_next_of_the_same_line_and_size_inherits(name: str) -> None:
    """Other variants, sizes and modes, and what came earlier, have no claim."""
    result = fused(lines(ENOUGH_PAIRS, served(f"alibaba/{name}")))
    assert one(result, f"alibaba:{name}").inherited_ratings == ()


def test_a_snapshot_stands_on_the_one_before_and_is_no_measure() -> None:
    """Widened as versions differ: snapshots of one version would say too little."""
    names = ("qwen9-1b-2026-01-15", "qwen9-1b-2026-03-15", "qwen9-1b-2026-05-15")
    scores = (rated(names[0], 1300.0), rated(names[1], 1900.0))
    result = fused(
        lines(ENOUGH_PAIRS, *(served(f"alibaba/{n}") for n in names), ratings=scores)
    )
    heir = one(result, f"alibaba:{names[2]}")
    (found,) = heir.inherited_ratings
    assert (found.name, found.score) == (names[1], 1900.0)
    # The pair qwen3 and qwen9 counts and gained 99; the 600 of the snapshots do not.
    assert found.ci_high == 1905.0 + 99


def test_an_inheritance_is_not_passed_on() -> None:
    """The successor of an unrated model stands on nothing."""
    result = fused(
        lines(ENOUGH_PAIRS, served("alibaba/qwen3.5-1b"), served("alibaba/qwen3.7-1b"))
    )
    assert one(result, "alibaba:qwen3.7-1b").inherited_ratings == ()


def test_a_board_that_rates_the_model_passes_nothing_on() -> None:
    """A rating in one category is more than a predecessor's in another."""
    own = rated("qwen3.5-1b", 1300.0, category="coding")
    result = fused(lines(ENOUGH_PAIRS, served("alibaba/qwen3.5-1b"), ratings=(own,)))
    heir = one(result, "alibaba:qwen3.5-1b")
    assert [r.category for r in heir.ratings] == ["coding"]
    assert heir.inherited_ratings == ()


def test_every_host_of_the_successor_inherits() -> None:
    """As they would carry its rating; a row that pins a mode takes no plain one."""
    result = fused(
        lines(
            ENOUGH_PAIRS,
            served("alibaba/qwen3.5-1b", supports_reasoning=True),
            served("groq/qwen3.5-1b"),
            served("openrouter/qwen/qwen3.5-1b:thinking"),
        )
    )
    assert one(result, "groq:qwen3.5-1b").inherited_ratings
    pinned = one(result, "openrouter:qwen/qwen3.5-1b:thinking")
    assert pinned.inherited_ratings == ()


def test_a_rating_without_an_interval_is_not_inherited() -> None:
    """What is not known can't be widened."""
    harvests = lines(ENOUGH_PAIRS, served("alibaba/qwen3.5-1b"))
    (arena,) = [h for name, h in harvests.items() if name == "arena"]
    ratings = tuple(
        rated(r.name, r.score, ci_low=None) if r.name == "qwen3-1b" else r
        for r in arena.ratings
    )
    result = fused({**harvests, "arena": Harvest(ratings=ratings)})
    assert one(result, "alibaba:qwen3.5-1b").inherited_ratings == ()


def test_drift_never_narrows_an_interval() -> None:
    """Where every successor gained, nothing is lost at the lower end."""
    pairs = [({OVERALL: rating(0.0)}, {OVERALL: rating(float(n))}) for n in range(40)]
    assert drifts(pairs) == {OVERALL: Drift(down=0.0, up=39.0, pairs=40)}


def test_one_pair_in_forty_may_differ_more() -> None:
    """The ends are the 2.5th and the 97.5th percentile, nearest rank."""
    pairs = [
        ({OVERALL: rating(0.0)}, {OVERALL: rating(float(n - 60))}) for n in range(120)
    ]
    assert drifts(pairs)[OVERALL] == Drift(down=58.0, up=57.0, pairs=120)


# ---------------------------------------------------------------- benchmarks


def results_of(record: str, *results: Benchmark) -> BaseModel:
    """A record about an underlying model, by its id ``lab/model``."""
    lab, _, model_id = record.partition("/")
    return BaseModel(
        lab=lab, model_id=model_id, record=record, facts=Facts(), benchmarks=results
    )


def test_every_host_shows_the_benchmarks_of_its_model() -> None:
    """Each result once, in order, with the source that brought it."""
    slow = Benchmark(name="SWE-Bench", score=60.0, metric="%")
    fast = Benchmark(name="Aider", score=0.8)
    result = fused(
        {
            "models-dev": Harvest(
                served=(served("openai/gpt-5"), served("azure/gpt-5")),
                bases=(results_of("openai/gpt-5", slow, fast, slow),),
            )
        }
    )
    for model in result.models:
        assert [(b.name, b.score, b.metric, b.source) for b in model.benchmarks] == [
            ("Aider", 0.8, None, "models-dev"),
            ("SWE-Bench", 60.0, "%", "models-dev"),
        ]


def test_results_of_a_model_that_nobody_serves_are_refused_by_name() -> None:
    """They are in no model, so the refusals say where they went."""
    lost = results_of("openai/gpt-9", Benchmark(name="Aider", score=1.0))
    result = fused(
        {"models-dev": Harvest(served=(served("openai/gpt-5"),), bases=(lost,))}
    )
    assert [model.benchmarks for model in result.models] == [()]
    assert [refusal.record for refusal in result.refused] == ["openai/gpt-9"]
    assert benchmarks({"x": Harvest(bases=(lost,))}, {}) == {}
