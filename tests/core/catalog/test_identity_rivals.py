"""Other names on the boards and in the market speak against a join, or do not."""

from __future__ import annotations

import pytest

from llmhub_core.catalog.identity import JoinResult, RatedName, ServedRow, group, join


def row(row_id: str, date: str = "", **facts: object) -> ServedRow:
    """A served row of ``provider:model_id``, of one day."""
    provider, _, model_id = row_id.partition(":")
    return ServedRow(
        provider=provider,
        model_id=model_id,
        release_date=date or None,
        last_updated=date or None,
        **facts,  # type: ignore[arg-type]
    )


def joined(name: str, *row_ids: str) -> JoinResult:
    """Join one name to a market of bare ids."""
    return join([RatedName(name=name)], group([row(row_id) for row_id in row_ids]))


def carriers(result: JoinResult) -> list[str]:
    """The rows that carry a rating."""
    return [row_id for found in result.joins for row_id in found.rows]


@pytest.mark.parametrize(
    "name",
    ["gemini-pro", "mistral-medium", "claude-opus", "qwen-max", "mistral-7b-instruct"],
)
def test_joins_no_brand_without_a_number(name: str) -> None:
    """A name that every generation had needs an alias, even alone on its market."""
    (missed,) = joined(name, f"somehost:{name}").unmatched

    assert missed.detail.endswith("the bare name has meant several models")


def test_joins_a_bare_name_that_never_had_a_second_model() -> None:
    """Nothing says that the name floats, so it means what it says."""
    assert carriers(joined("yi-lightning", "x:yi-lightning")) == ["x:yi-lightning"]
    assert not joined("yi-lightning", "x:yi-lightning", "y:yi-lightning-2").joins


def test_a_bare_name_of_the_table_stands_beside_its_dated_one() -> None:
    """The dated one is another snapshot, and nobody says that he sells it."""
    grouping = group(
        [
            ServedRow(
                provider="xai",
                model_id="grok-imagine-image",
                release_date="2026-01-28",
                last_updated="2026-01-28",
            )
        ]
    )
    names = ("grok-imagine-image", "grok-imagine-image (20260207)")
    result = join([RatedName(name=name) for name in names], grouping)
    assert [found.rated.name for found in result.joins] == [names[0]]
    assert carriers(result) == ["xai:grok-imagine-image"]


def test_takes_the_first_weights_for_no_revision() -> None:
    """``v0.1`` alone is how weights start; ``v0.2`` makes the bare name float."""
    mixtral = joined("mixtral-8x7b-instruct", "x:mixtral-8x7b-instruct-v0.1")
    revised = joined("foo-7b-instruct", "x:foo-7b-instruct", "y:foo-7b-instruct-v0.2")

    assert carriers(mixtral) == ["x:mixtral-8x7b-instruct-v0.1"]
    assert revised.joins == ()


def test_a_floating_sibling_does_not_hide_the_only_snapshot() -> None:
    """``-latest`` is another name, not the undated model beside a dated one."""
    rows = [
        row("x:anthropic/claude-3.5-haiku", "2024-10-22"),
        row("y:claude-3-5-haiku-20241022", "2024-10-22"),
        row("z:claude-3-5-haiku-latest"),
    ]
    result = join([RatedName(name="claude-3-5-haiku")], group(rows))

    assert carriers(result) == [
        "x:anthropic/claude-3.5-haiku",
        "y:claude-3-5-haiku-20241022",
    ]


def test_tells_plain_and_instruct_apart_within_one_release() -> None:
    """The hybrid model of April is no rival of July's instruct model."""
    market = (
        "alibaba:qwen3-235b-a22b",
        "alibaba:qwen3-235b-a22b-instruct-2507",
        "alibaba:qwen3-235b-a22b-thinking-2507",
    )
    rows = [row(row_id, reasoning="instruct" not in row_id) for row_id in market]
    grouping = group(rows)

    def carried(name: str) -> list[str]:
        return carriers(join([RatedName(name=name)], grouping))

    assert carried("qwen3-235b-a22b") == [market[0]]
    assert carried("qwen3-235b-a22b-2507") == [market[1]]
    assert carried("qwen3-235b-a22b-thinking-2507") == [market[2]]


@pytest.mark.parametrize(
    ("row_id", "joins"),
    [
        ("huggingface:Qwen/Qwen2.5-72B", 0),
        ("huggingface:allenai/olmo-3-32b", 0),
        ("x:meta-llama/Llama-3.1-8B", 0),
        ("huggingface:Qwen/Qwen2.5-72B-Instruct", 1),
        ("huggingface:allenai/olmo-3-32b-instruct", 1),
        ("x:Meta-Llama-3.1-8B", 1),
        ("x:TEE/Llama3-1-8b", 1),
        ("x:meta-llama/Llama-3.1-8B-FP8", 1),
        ("meta:meta-llama/Llama-3.1-8B", 1),
    ],
)
def test_takes_a_repositorys_plain_name_for_the_model_before_tuning(
    row_id: str, joins: int
) -> None:
    """The tuned model's rating needs a name that says so, or a host's own."""
    names = ["qwen2.5-72b-instruct", "llama-3.1-8b-instruct", "olmo-3-32b-instruct"]
    result = join([RatedName(name=name) for name in names], group([row(row_id)]))

    assert len(result.joins) == joins


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("phi-3-medium-4k-instruct", "microsoft/phi-3-medium-4k-instruct"),
        ("qwen3.8-max-0902", "alibaba/qwen-3.8-max-0902"),
        ("claude-opus-9-high", "anthropic/claude-opus-9-high"),
    ],
)
def test_says_what_was_looked_for_as_it_is_called(name: str, detail: str) -> None:
    """What no reading finds is named in the first one, the effort at its place."""
    (missed,) = joined(name, "openai:gpt-5").unmatched

    assert missed.detail == f"nothing served is called {detail}"
