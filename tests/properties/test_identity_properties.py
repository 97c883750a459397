"""What holds for every name, every market and every board."""

from __future__ import annotations

from datetime import date, timedelta

from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st

from llmhub_core.catalog.identity import (
    RULES,
    RatedName,
    ServedRow,
    default_rating,
    group,
    join,
    parse,
)
from llmhub_core.catalog.identity.providers import canonical_provider, parse_model_id

BRANDS = ("gpt", "claude", "gemini", "qwen", "llama", "deepseek", "kimi", "glm", "foo")
WORDS = ("mini", "pro", "max", "flash", "codex", "vl", "turbo", "chat", "fast", "high")
TAILS = (
    "preview", "latest", "thinking", "no-thinking", "thinking-32k", "20250514", "0905",
    "2507", "2025-09-23", "08-2024", "001", "002", "fp8", "instruct", "it", "free",
    "v1", "(high)", "(nickname)", "[web-search]", "minimal",
)  # fmt: skip
SIZES = ("8b", "70b", "235b-a22b", "8x7b", "17b-128e", "e4b", "1t")
VERSIONS = ("3", "3.5", "4o", "k2", "v3.1", "4.0", "2.5", "m2.5", "10")

names = st.builds(
    lambda brand, middle, tail: "-".join([brand, *middle, *tail]),
    st.sampled_from(BRANDS),
    st.lists(st.sampled_from(WORDS + VERSIONS + SIZES), max_size=4),
    st.lists(st.sampled_from(TAILS), max_size=3),
)
anything = st.text(max_size=40) | names
days = st.none() | st.dates(date(2023, 1, 1), date(2027, 1, 1)).map(date.isoformat)
providers = st.sampled_from(
    ["openai", "anthropic", "google", "alibaba", "moonshotai", "openrouter", "x", "y"]
)
rows = st.builds(
    ServedRow,
    provider=providers,
    model_id=names | names.map(lambda name: f"org/{name}") | st.text(max_size=12),
    display_name=st.none() | names | st.text(max_size=12),
    release_date=days | st.just("rubbish"),
    last_updated=days,
    reasoning=st.none() | st.booleans(),
    efforts=st.none() | st.just(()) | st.just(("low", "high", "max")),
)
markets = st.lists(
    rows,
    max_size=12,
    unique_by=lambda row: (canonical_provider(row.provider), row.model_id),
)
strangers = st.lists(
    st.builds(
        ServedRow,
        provider=providers | st.just("zeta"),
        model_id=st.builds(
            "{}{}-{}".format,
            st.sampled_from(["", "zeta/", "Zeta-Labs/"]),
            st.sampled_from(["zeta", "omicron", "zeta-omicron"]),
            st.sampled_from([*TAILS, *SIZES, *VERSIONS]),
        ),
        release_date=days,
        reasoning=st.none() | st.booleans(),
    ),
    max_size=6,
)
boards = st.lists(
    st.builds(
        RatedName,
        name=anything,
        organization=st.sampled_from(["", "OpenAI", "Z.ai", "Nobody"]),
        board=st.sampled_from(["text", "vision"]),
    ),
    max_size=12,
)


@given(name=anything)
@example(name="all-mini-lm-l6-v2")
@example(name="v0-1.0-md")
@example(name="gpt-4-2025-13-45")
@example(name="thinking-0k:nothinking")
@example(name="0thinking:v1")
@example(name="claude0fast:thinking0k")
def test_parsing_is_idempotent(name: str) -> None:
    """The canonical spelling of a name is its own canonical spelling.

    But where it ends in a lone 1 behind a version, which reads like a revision.
    """
    signature = parse(name)
    key = signature.key
    assume(signature.core[-1:] != ("1",))

    assert parse(key).key == key


@given(name=names)
def test_parsing_ignores_case_and_separators(name: str) -> None:
    """How words are held together and capitalised is no part of a name."""
    signature = parse(name)

    assert parse(name.upper()) == signature
    assert parse(name.title()) == signature
    assert parse(name.replace("-", " ")).key == signature.key
    assert parse(name.replace("-", "--")) == signature


@given(
    name=names, path=st.sampled_from(["models/", "accounts/fireworks/models/", "@cf/"])
)
def test_parsing_ignores_places(name: str, path: str) -> None:
    """A path of places says nothing of the model."""
    assert parse(path + name) == parse(name)


@given(text=anything)
def test_splitting_an_id_loses_nothing(text: str) -> None:
    """A split id has both halves, and its canonical form splits the same."""
    parsed = parse_model_id(text)

    if parsed is not None:
        provider, model_id = parsed
        assert provider
        assert model_id
        assert parse_model_id(f"{provider}:{model_id}") is not None


@given(market=markets, board=boards, data=st.data())
def test_order_does_not_matter(
    market: list[ServedRow], board: list[RatedName], data: st.DataObject
) -> None:
    """Any order of rows and names gives the same groups and joins.

    Of rows with one id one counts, and it is the same one in any order.
    """
    market += [evolve(row, reasoning=data.draw(st.booleans())) for row in market[:3]]
    grouping = group(market)
    shuffled = group(data.draw(st.permutations(market)))

    assert shuffled == grouping
    assert join(data.draw(st.permutations(board)), shuffled) == join(board, grouping)


@given(market=markets)
def test_every_row_stands_in_one_group(market: list[ServedRow]) -> None:
    """No row is lost or placed twice, and rules are documented."""
    grouping = group(market)
    placed = [row_id for found in grouping.groups.values() for row_id in found.rows]

    assert sorted(placed) == sorted(grouping.placements)
    assert len(placed) == len(market)
    for row_id, placement in grouping.placements.items():
        assert row_id in grouping.groups[placement.group].rows
        assert set(placement.rules) <= set(RULES)
    for found in grouping.groups.values():
        assert found.predecessor is None or found.predecessor in grouping.groups


@given(market=markets, board=boards)
def test_every_name_is_joined_or_explained(
    market: list[ServedRow], board: list[RatedName]
) -> None:
    """Each rated name comes out once, and no join reaches a row in doubt."""
    grouping = group(market)
    result = join(board, grouping)
    answered = [each.rated for each in (*result.joins, *result.unmatched)]

    assert sorted(answered, key=repr) == sorted(set(board), key=repr)
    for found in result.joins:
        assert found.rows
        assert set(found.rules) <= set(RULES)
        for row_id in found.rows:
            placement = grouping.placements[row_id]
            assert placement.group == found.group
            assert placement.suspicion is None
            assert default_rating([found], placement).join == found
    for missed in result.unmatched:
        assert missed.detail
        assert set(missed.candidates) <= set(grouping.groups)


@given(market=markets, board=boards)
def test_a_join_never_crosses_words_versions_or_sizes(
    market: list[ServedRow], board: list[RatedName]
) -> None:
    """What joins has one stem, compatible dates and the rated lab."""
    grouping = group(market)

    for found in join(board, grouping).joins:
        if "alias" in found.rules or "named-by-lab" in found.rules:
            continue
        signature = parse(found.rated.name)
        joined = grouping.groups[found.group].signature
        stem = signature.stem.split()
        assert set(joined.stem.split()) <= set(stem)
        extra = set(stem) - set(joined.stem.split())
        assert extra <= {
            "minimal",
            "low",
            "medium",
            "high",
            "xhigh",
            "max",
            "none",
            "32k",
        }
        assert bool(extra) <= (found.label.effort is not None)
        if signature.stamp and joined.stamp:
            assert signature.stamp.agrees_with(joined.stamp)


@given(market=markets, board=boards, others=strangers)
def test_adding_models_of_other_labs_changes_no_join(
    market: list[ServedRow], board: list[RatedName], others: list[ServedRow]
) -> None:
    """Models of other words leave all joins as they are, whoever sells them."""
    before = join(board, group(market))
    after = join(board, group([*market, *others]))

    assert after.joins == before.joins
    assert after.unmatched == before.unmatched


@given(name=names, days_apart=st.integers(min_value=32, max_value=400))
def test_a_date_far_from_the_labs_row_never_joins(name: str, days_apart: int) -> None:
    """The lab's undated row takes only dates near its last update."""
    bare = parse(name)
    if bare.stamp or bare.latest or not bare.core:
        return
    released = date(2025, 1, 15)
    rated = f"{name}-{released + timedelta(days=days_apart):%Y%m%d}"
    row = ServedRow(
        provider="openai",
        model_id=name,
        last_updated=released.isoformat(),
        reasoning=True,
    )

    assert (
        join(
            [RatedName(name=rated)], group([evolve(row, provider="google"), row])
        ).joins
        == ()
    )
