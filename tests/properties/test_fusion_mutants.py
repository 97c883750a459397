"""A property that can't fail says nothing: each is run on code that is broken.

Every case replaces one function by a plausible mistake and asks hypothesis for a
world in which the property notices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st

from llmhub_core.catalog import (
    dissent,
    flags,
    fusion,
    lending,
    merge,
    placing,
    rows,
    statistics,
    underlying,
)
from llmhub_core.catalog.merge import Merged
from llmhub_core.records.model import Origin
from tests.properties import test_fusion_properties as properties

Patch = pytest.MonkeyPatch

#: More worlds than an ordinary run, because a mistake may show in few of them; the
#: same ones each time, because this must not fail by chance.
SEARCH = settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    report_multiple_bugs=False,
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)


def first_told_wins(patch: Patch) -> None:
    """Of two rows of one model the one that came first counts."""
    patch.setattr(rows, "_order", lambda served: 0)


def refusals_as_they_come(patch: Patch) -> None:
    """Refusals are listed in the order in which sources were asked."""
    patch.setattr(fusion, "_order", lambda refusal: 0)


def repetitions_in_silence(patch: Patch) -> None:
    """A repeated row is dropped and not refused."""
    real = rows._once
    patch.setattr(rows, "_once", lambda said: (real(said)[0], []))


def last_told_wins(patch: Patch) -> None:
    """Told twice, the ratings of a board count twice."""
    real = fusion.newest_boards

    def doubled(*arguments: Any) -> Any:
        boards = real(*arguments)
        return attrs.evolve(boards, refused=boards.refused * 2)

    patch.setattr(fusion, "newest_boards", doubled)


def older_boards_in_silence(patch: Patch) -> None:
    """Ratings of an older edition are dropped and not refused."""
    real = fusion.newest_boards
    patch.setattr(
        fusion, "newest_boards", lambda *a: attrs.evolve(real(*a), refused=())
    )


def unserved_bases_in_silence(patch: Patch) -> None:
    """A record of a model that nobody serves is dropped and not refused."""
    real = lending.underlying
    patch.setattr(lending, "underlying", lambda *a: attrs.evolve(real(*a), refused=()))


def refusals_of_sources_in_silence(patch: Patch) -> None:
    """What sources refused is forgotten."""
    patch.setattr(fusion, "_said_by_sources", lambda harvests: [])


def losers_in_silence(patch: Patch) -> None:
    """A value that lost is forgotten."""
    real = fusion.merge
    patch.setattr(fusion, "merge", lambda *a: attrs.evolve(real(*a), conflicts=()))


def losing_prices_in_silence(patch: Patch) -> None:
    """Prices are forgotten where the list that was taken is silent."""
    real = fusion.merge

    def merged(*arguments: Any) -> Merged:
        told = real(*arguments)
        kept = tuple(c for c in told.conflicts if c.kept != "null")
        return attrs.evolve(told, conflicts=kept)

    patch.setattr(fusion, "merge", merged)


def unmatched_in_silence(patch: Patch) -> None:
    """Rated names without a served model are forgotten."""
    real = fusion.place
    patch.setattr(
        fusion, "place", lambda *a, **k: attrs.evolve(real(*a, **k), unmatched=())
    )


def hosts_in_silence(patch: Patch) -> None:
    """What hosts say otherwise of the weights is forgotten."""
    patch.setattr(lending, "reference", lambda free, at_lab: {})


def conflict_with_oneself(patch: Patch) -> None:
    """Every value is held against that of the lab, whether they differ or not."""
    patch.setattr(dissent, "alike", lambda name, one, other: False)


def values_without_origin(patch: Patch) -> None:
    """One value comes without a word of where it is from."""
    real = fusion.merge

    def merged(*arguments: Any) -> Merged:
        told = real(*arguments)
        known = {n: o for n, o in told.provenance.items() if n != "status"}
        return attrs.evolve(told, provenance=known)

    patch.setattr(fusion, "merge", merged)


def origins_without_value(patch: Patch) -> None:
    """An origin stands beside what nobody said."""
    real = fusion.merge

    def merged(*arguments: Any) -> Merged:
        told = real(*arguments)
        stray = {"status": Origin(source="models-dev")}
        return attrs.evolve(told, provenance={**stray, **told.provenance})

    patch.setattr(fusion, "merge", merged)


def _filled(name: str, value: object) -> Callable[[Patch], None]:
    def fill(patch: Patch) -> None:
        real = fusion.merge

        def merged(voices: Any, precedence: Any) -> Merged:
            told = real(voices, precedence)
            return attrs.evolve(
                told,
                values={name: value, **told.values},
                provenance={name: voices[0].origin, **told.provenance},
            )

        patch.setattr(fusion, "merge", merged)

    fill.__doc__ = f"Unknown {name} becomes {value!r}."
    fill.__name__ = f"unknown_{name}_is_{value}"
    return fill


def drifting(patch: Patch) -> None:
    """Every fusion lets a number grow."""
    real = fusion.merge

    def merged(*arguments: Any) -> Merged:
        told = real(*arguments)
        grown = {n: v + 1 for n, v in told.values.items() if n == "context_tokens"}
        return attrs.evolve(told, values={**told.values, **grown})

    patch.setattr(fusion, "merge", merged)


def mixed_price_lists(patch: Patch) -> None:
    """Each price comes from the first source that knows it."""
    patch.setattr(merge, "_PRICES", frozenset())


def keys_count(patch: Patch) -> None:
    """What a key told counts like what everybody hears."""
    patch.setattr(rows, "public", dict)
    patch.setattr(lending, "public", dict)


def keyed_rows_count_in_tiers(patch: Patch) -> None:
    """Rows that only a key brought move the bounds of the fifths."""
    real = statistics.tiers
    patch.setattr(fusion, "tiers", lambda models, **_: real(models))


def keyed_rows_count_in_flags(patch: Patch) -> None:
    """Rows that only a key brought tell what is usual."""
    real = flags.flags
    patch.setattr(fusion, "flags", lambda models, doubts, **_: real(models, doubts))


def keyed_rows_count_in_groups(patch: Patch) -> None:
    """Rows that only a key brought are grouped with the others."""
    real = placing.place
    patch.setattr(
        fusion,
        "place",
        lambda served, ids, keyed, *rest, **more: real(served, ids, (), *rest, **more),
    )


def first_base_wins(patch: Patch) -> None:
    """A base lends though another one of its source contradicts it."""
    patch.setattr(underlying, "alike", lambda name, one, other: True)


CASES: list[tuple[Callable[[Patch], None], Any]] = [
    (first_told_wins, properties.test_neither_sources_nor_rows_have_an_order),
    (refusals_as_they_come, properties.test_neither_sources_nor_rows_have_an_order),
    (repetitions_in_silence, properties.test_saying_it_twice_says_nothing_new),
    (last_told_wins, properties.test_saying_it_twice_says_nothing_new),
    (drifting, properties.test_what_is_fused_can_be_fused_again),
    (repetitions_in_silence, properties.test_every_served_observation_is_somewhere),
    (losers_in_silence, properties.test_every_value_is_kept_or_lost_with_a_record),
    (
        losing_prices_in_silence,
        properties.test_every_value_is_kept_or_lost_with_a_record,
    ),
    (older_boards_in_silence, properties.test_every_rating_is_somewhere),
    (unmatched_in_silence, properties.test_every_rating_is_somewhere),
    (unserved_bases_in_silence, properties.test_every_base_is_somewhere),
    (refusals_of_sources_in_silence, properties.test_what_sources_refuse_is_handed_on),
    (conflict_with_oneself, properties.test_a_conflict_has_two_sides),
    (hosts_in_silence, properties.test_hosts_that_differ_about_the_weights_are_told),
    (values_without_origin, properties.test_every_known_fact_has_an_origin),
    (origins_without_value, properties.test_every_known_fact_has_an_origin),
    (
        _filled("open_weights", value=False),
        properties.test_every_value_was_said_by_its_origin,
    ),
    (
        _filled("max_input_tokens", value=0),
        properties.test_every_value_was_said_by_its_origin,
    ),
    (mixed_price_lists, properties.test_no_row_mixes_two_price_lists),
    (keys_count, properties.test_a_key_moves_nothing_that_stands_without_it),
    (
        keyed_rows_count_in_tiers,
        properties.test_a_key_moves_nothing_that_stands_without_it,
    ),
    (
        keyed_rows_count_in_flags,
        properties.test_a_key_moves_nothing_that_stands_without_it,
    ),
    (
        keyed_rows_count_in_groups,
        properties.test_a_key_moves_nothing_that_stands_without_it,
    ),
    (first_base_wins, properties.test_what_is_said_of_the_weights_is_somewhere),
]


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize(
    ("mistake", "notices"),
    CASES,
    ids=[f"{mistake.__name__}-{test.__name__[5:]}" for mistake, test in CASES],
)
def test_the_property_notices_the_mistake(
    mistake: Callable[[Patch], None], notices: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the mistake in the code there is a world in which the property fails."""
    mistake(monkeypatch)
    check = notices.hypothesis.inner_test

    @SEARCH
    @given(st.tuples(*notices.strategies))
    def run(drawn: tuple[Any, ...]) -> None:
        check(*drawn)

    with pytest.raises(AssertionError):
        run()
