"""Rated names find their model, carry their label, or say why not."""

from __future__ import annotations

import pytest

from llmhub_core.catalog.identity import (
    RULES,
    Join,
    JoinResult,
    Label,
    RatedName,
    ServedRow,
    Unmatched,
    carries,
    default_rating,
    group,
    join,
)


def row(row_id: str, **facts: object) -> ServedRow:
    """A served row of ``provider:model_id``."""
    provider, _, model_id = row_id.partition(":")
    return ServedRow(provider=provider, model_id=model_id, **facts)  # type: ignore[arg-type]


def reasons(row_id: str, *efforts: str, **facts: object) -> ServedRow:
    """A row that reasons, at these efforts."""
    return row(row_id, reasoning=True, efforts=efforts or None, **facts)


def joined(names: list[str], rows: list[ServedRow]) -> JoinResult:
    """Join names on the text board to a market."""
    return join([RatedName(name=name) for name in names], group(rows))


def one(name: str, rows: list[ServedRow]) -> Join:
    """The join of one name that has one."""
    result = joined([name], rows)
    assert not result.unmatched, result.unmatched
    return result.joins[0]


def missed(names: list[str], rows: list[ServedRow]) -> dict[str, Unmatched]:
    """What did not join, by name."""
    return {each.rated.name: each for each in joined(names, rows).unmatched}


OPUS = reasons("anthropic:claude-opus-4-6", "low", "high", "max")
ROUTED = reasons("openrouter:anthropic/claude-opus-4.6:thinking")


@pytest.mark.parametrize(
    ("name", "label", "rules"),
    [
        ("claude-opus-4-6", Label(), ()),
        ("claude-opus-4-6-high", Label(effort="high"), ("effort",)),
        ("claude-opus-4-6 (xHigh)", None, ()),
        ("claude-opus-4-6-thinking", Label(thinking=True), ("thinking-mode",)),
        (
            "claude-opus-4-6-thinking-32k",
            Label(thinking=True, budget=32_000),
            ("thinking-mode",),
        ),
        (
            "claude-opus-4-6-high-32k",
            Label(thinking=True, effort="high", budget=32_000),
            ("thinking-mode", "effort"),
        ),
        ("claude-opus-4-6-no-thinking", Label(thinking=False), ("non-thinking-mode",)),
        ("claude-opus-4-6-fp8", Label(serving=("fp8",)), ()),
        ("claude-opus-4-6 (codex-harness)", Label(settings=("codex-harness",)), ()),
    ],
)
def test_labels_a_rating_with_its_setting(
    name: str, label: Label | None, rules: tuple[str, ...]
) -> None:
    """Mode, budget, effort, precision and harness stay with the rating."""
    result = joined([name], [OPUS])

    if label is None:
        assert (
            result.unmatched[0].detail
            == "anthropic/claude-opus-4.6: it has no effort 'xhigh'"
        )
    else:
        (found,) = result.joins
        assert found.label == label
        assert found.rules == ("same-name", *rules, "found-at-lab")


def test_keeps_the_date_of_a_rating() -> None:
    """The label says which snapshot was rated."""
    rows = [row("openai:gpt-4o-2024-05-13"), row("x:openai/gpt-4o-2024-05-13")]
    found = one("gpt-4o-2024-05-13", rows)

    assert found.label.stamp == "20240513"
    assert found.rules == ("same-name", "same-date", "found-at-lab")


def test_gives_pinned_rows_only_their_own_mode() -> None:
    """A row that thinks does not carry the rating of a model that does not."""
    rows = [OPUS, ROUTED, row("sap:claude-4.6-opus-high", reasoning=True)]

    assert one("claude-opus-4-6", rows).rows == ("anthropic:claude-opus-4-6",)
    assert one("claude-opus-4-6-thinking", rows).rows == (
        "anthropic:claude-opus-4-6",
        "openrouter:anthropic/claude-opus-4.6:thinking",
    )
    assert len(one("claude-opus-4-6-high", rows).rows) == 3


def test_reads_a_name_as_a_model_before_an_effort() -> None:
    """Where a model is called so, its last word is no effort."""
    rows = [reasons("alibaba:qwen3.7-max"), reasons("alibaba:qwen3.7", "max")]

    assert one("qwen3.7-max", rows[1:]).label.effort == "max"
    both = joined(
        ["gpt-5.1-codex-max"],
        [reasons("openai:gpt-5.1-codex"), reasons("x:gpt-5.1-codex-max")],
    )
    assert both.joins[0].rows == ("x:gpt-5.1-codex-max",)


@pytest.mark.parametrize(
    ("organization", "joins"),
    [("", 1), ("Amazon", 1), ("Unheard Of", 1), ("Deepgram", 0), ("AWS", 1)],
)
def test_holds_the_boards_organisation_against_the_lab(
    organization: str, joins: int
) -> None:
    """Known organisations must be the model's lab; unknown ones say nothing."""
    rated = RatedName(name="nova-2-lite", organization=organization)

    assert (
        len(join([rated], group([row("bedrock:amazon.nova-2-lite-v1:0")])).joins)
        == joins
    )


def test_prefers_the_rated_date_to_one_near_it() -> None:
    """A served name of the very date wins over the lab's row of about that day."""
    rows = [
        row("alibaba:qwen3-max", last_updated="2025-09-23"),
        row("x:qwen3-max-2025-09-23"),
        row("y:qwen3-max-2025-10-01"),
    ]

    assert one("qwen3-max-2025-09-23", rows).rows == ("x:qwen3-max-2025-09-23",)


def test_trusts_the_labs_own_update_for_a_date() -> None:
    """A dated rating is of the lab's undated row that was updated then."""
    lab = row("openai:gpt-4.1", release_date="2024-01-01", last_updated="2025-04-14")
    host = row("x:openai/gpt-4.1", release_date="2025-04-14", last_updated="2025-04-14")
    found = one("gpt-4.1-2025-04-14", [lab, host])

    assert found.rows == ("openai:gpt-4.1", "x:openai/gpt-4.1")
    assert "date-of-the-labs-row" in found.rules
    assert (
        "no served name"
        in missed(["gpt-4.1-2025-04-14"], [host])["gpt-4.1-2025-04-14"].detail
    )


def test_refuses_a_date_that_two_ratings_claim() -> None:
    """Two rated snapshots can't both be one undated row."""
    lab = row("openai:gpt-4.1", last_updated="2025-04-14")
    names = ["gpt-4.1-2025-04-14", "gpt-4.1-2025-04-30"]

    assert {each.detail for each in missed(names, [lab]).values()} == {
        "openai/gpt-4.1: another rated date fits the lab's row as well"
    }


def test_refuses_a_date_near_the_undated_rating() -> None:
    """Beside an undated rating, a dated one needs the lab's row to the day."""
    near = row("openai:gpt-4.1", last_updated="2025-04-04")
    same = row("openai:gpt-4.1", last_updated="2025-04-14")
    names = ["gpt-4.1", "gpt-4.1-2025-04-14"]

    assert "rating of its own" in missed(names, [near])[names[1]].detail
    assert missed(names, [same]) == {}


def test_refuses_a_date_where_the_lab_lists_another() -> None:
    """A lab that lists dates lists the one that it means."""
    rows = [
        row("openai:gpt-4o", last_updated="2024-08-06"),
        row("openai:gpt-4o-2024-11-20"),
    ]

    assert (
        "the lab lists other dates"
        in missed(["gpt-4o-2024-08-06"], rows)["gpt-4o-2024-08-06"].detail
    )


@pytest.mark.parametrize(
    ("names", "rows", "joins"),
    [
        (["gpt-4.1-2025-04-14"], ["openai:gpt-4.1"], 1),
        (["gpt-4.1-2025-04-14"], ["x:openai/gpt-4.1"], 1),
        (["gpt-4.1-2025-04-14", "gpt-4.1"], ["openai:gpt-4.1"], 1),
        (["gpt-4o-2024-05-13", "gpt-4o-2024-08-06"], ["openai:gpt-4o"], 0),
        (["gpt-4o-2024-05-13"], ["openai:gpt-4o", "x:gpt-4o-2024-08-06"], 0),
        (["gpt-5.2-chat-latest-20260210"], ["openai:gpt-5.2-chat-latest"], 0),
        (["chatgpt-4o-latest-20250326"], ["openai:chatgpt-4o-latest"], 0),
        (["hunyuan-t1-20250711"], ["tencent:hunyuan-t1"], 0),
        (["qwen-vl-max-2025-08-13"], ["alibaba:qwen-vl-max"], 0),
        (["gpt-4-0613"], ["openai:gpt-4-turbo"], 0),
    ],
)
def test_reads_dates_without_any_metadata(
    names: list[str], rows: list[str], joins: int
) -> None:
    """Where nothing dates a model, the only date known is its own."""
    result = joined(names, [row(row_id) for row_id in rows])

    assert len(result.joins) == joins


def test_takes_back_a_date_that_was_the_only_one_known() -> None:
    """An undated row that could mean one served date can't where two are rated."""
    rows = [row("x:claude-3-5-sonnet-20241022"), row("y:claude-3.5-sonnet")]
    names = ["claude-3-5-sonnet-20241022", "claude-3-5-sonnet-20240620"]

    assert one(names[0], rows).rows == (
        "x:claude-3-5-sonnet-20241022",
        "y:claude-3.5-sonnet",
    )
    assert joined(names, rows).joins[0].rows == ("x:claude-3-5-sonnet-20241022",)


def test_prefers_the_undated_model_to_its_dated_snapshot() -> None:
    """A plain rating is of the model, not of a row that stands with a later date."""
    rows = [
        row("a:deepseek-r1-0528", release_date="2025-05-28"),
        row("b:deepseek-r1", release_date="2025-05-28"),
        row("c:deepseek-r1", release_date="2025-01-20"),
        row("d:deepseek-r1", release_date="2025-01-20"),
    ]

    assert one("deepseek-r1", rows).rows == ("c:deepseek-r1", "d:deepseek-r1")
    assert one("deepseek-r1-0528", rows).rows == ("a:deepseek-r1-0528", "b:deepseek-r1")


def test_gives_a_preview_its_own_rating() -> None:
    """A plain rating is the preview's only while that has none of its own."""
    rows = [row("tencent-tokenhub:hy3-preview")]

    assert one("hy3", rows).rules[1] == "only-the-preview-is-served"
    both = joined(["hy3", "hunyuan-hy3-preview"], rows)
    assert [found.rated.name for found in both.joins] == ["hunyuan-hy3-preview"]
    assert "rating of its own" in both.unmatched[0].detail


@pytest.mark.parametrize(
    ("names", "rows", "joins"),
    [
        (["gemini-2.0-flash-001"], ["gemini:gemini-2.0-flash"], 1),
        (["gemini-1.5-pro-001", "gemini-1.5-pro-002"], ["gemini:gemini-1.5-pro"], 0),
        (
            ["gemini-1.5-pro-001"],
            ["gemini:gemini-1.5-pro", "gemini:gemini-1.5-pro-002"],
            0,
        ),
        (
            ["gemini-1.5-pro-001"],
            ["gemini:gemini-1.5-pro-001", "gemini:gemini-1.5-pro-002"],
            1,
        ),
        (["gemini-1.5-pro-002"], ["gemini:gemini-1.5-pro-002"], 1),
    ],
)
def test_counts_revisions(names: list[str], rows: list[str], joins: int) -> None:
    """The first revision is the model itself until there is a second."""
    assert len(joined(names, [row(row_id) for row_id in rows]).joins) == joins


@pytest.mark.parametrize(
    ("names", "rows", "joins"),
    [
        (["yi-lightning"], ["x:yi-lightning"], 1),
        (["mercury"], ["x:mercury", "x:mercury-2"], 0),
        (["mercury", "mercury-2"], ["x:mercury"], 0),
        (["gpt-oss-120b"], ["x:gpt-oss-120b"], 1),
        (
            ["mistral-7b-instruct", "mistral-7b-instruct-v0.2"],
            ["x:mistral-7b-instruct"],
            0,
        ),
        (["yi-34b-chat", "yi-1.5-34b-chat"], ["x:yi-34b-chat"], 1),
    ],
)
def test_trusts_a_bare_name_only_while_it_is_alone(
    names: list[str], rows: list[str], joins: int
) -> None:
    """A name without a number floats as soon as others of it have one."""
    result = joined(names, [row(row_id) for row_id in rows])

    assert sum(found.rated.name == names[0] for found in result.joins) == joins


@pytest.mark.parametrize(
    ("name", "rows", "joins"),
    [
        ("gemma-3", ["x:gemma-3-27b-it"], 0),
        ("qwen3-235b", ["x:qwen3-235b-a22b"], 1),
        ("qwen3-30b", ["x:qwen3-30b-a3b", "x:qwen3-30b-a6b"], 0),
        ("qwen3-235b-a22b", ["x:qwen3-coder-plus"], 0),
        ("glm-5-700b", ["x:glm-5"], 0),
    ],
)
def test_completes_a_size_only_to_one(name: str, rows: list[str], joins: int) -> None:
    """A part of a size may be left out where one size fits."""
    assert len(joined([name], [row(row_id) for row_id in rows]).joins) == joins


def test_leaves_the_size_out_where_served_names_do() -> None:
    """A rated name without size is the sized model that some serve without."""
    rows = [
        row("a:llama-4-scout-17b-16e-instruct"),
        row("b:llama-4-scout", display_name="Llama 4 Scout 17B 16E Instruct"),
    ]
    found = one("llama-4-scout", rows)

    assert found.rows == ("a:llama-4-scout-17b-16e-instruct", "b:llama-4-scout")
    assert "size-left-out" in found.rules


def test_lists_candidates_that_it_could_not_tell_apart() -> None:
    """Ambiguous is unmatched, with the candidates."""
    rows = [row("a:kimi-k2-2024-09-05"), row("b:kimi-k2-2025-09-05")]
    (ambiguous,) = joined(["kimi-k2-0905"], rows).unmatched

    assert ambiguous.reason == "ambiguous"
    assert ambiguous.candidates == (
        "moonshotai/kimi-k2-20240905",
        "moonshotai/kimi-k2-20250905",
    )
    assert ambiguous.detail.startswith("could be moonshotai/kimi-k2-20240905 or")


def test_lets_the_lab_decide_between_candidates() -> None:
    """Of two that fit, the lab's own is meant."""
    rows = [row("moonshot:kimi-k2-2024-09-05"), row("b:kimi-k2-2025-09-05")]

    assert one("kimi-k2-0905", rows).rows == ("moonshot:kimi-k2-2024-09-05",)


def test_says_what_is_missing() -> None:
    """An unmatched name says what was looked for or what stood in the way."""
    rows = [
        row("openai:gpt-5-mini"),
        row("x:qwen3-next-80b-a3b-thinking", reasoning=True),
    ]
    reasons_why = missed(["gpt-5", "qwen3-next-80b-a3b-instruct"], rows)

    assert reasons_why["gpt-5"].detail == "nothing served is called openai/gpt-5"
    assert reasons_why["gpt-5"].reason == "no-row"
    other = reasons_why["qwen3-next-80b-a3b-instruct"]
    assert other.candidates == ("alibaba/qwen-3-next-80b-a3b-thinking",)
    assert "another mode" in other.detail


def test_gives_no_rating_to_rows_in_doubt() -> None:
    """A row whose id and name differ carries neither model's rating."""
    rows = [
        row("neon:claude-sonnet-4", display_name="Claude Sonnet 4.5"),
        row("anthropic:claude-sonnet-4-5"),
    ]
    result = joined(["claude-sonnet-4", "claude-sonnet-4-5"], rows)

    assert [found.rows for found in result.joins] == [("anthropic:claude-sonnet-4-5",)]


def test_needs_a_row_that_can_carry_the_rating() -> None:
    """Where every row pins another mode, the name stays unmatched."""
    rows = [
        row("x:glm-9:thinking", reasoning=True),
        row("x:glm-9:no-thinking", reasoning=False),
    ]

    assert (
        missed(["glm-9"], rows)["glm-9"].detail == "no row of it can carry the rating"
    )


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("kimi-k2-thinking", [row("x:kimi-k2")]),
        ("kimi-k2-thinking", [row("x:kimi-k2", reasoning=False)]),
        ("kimi-k2-no-thinking", [row("x:kimi-k2")]),
        ("qwen3-32b-thinking", [row("x:qwen3-32b-instruct", reasoning=True)]),
        ("qwen3-32b-instruct-thinking", [row("x:qwen3-32b", reasoning=True)]),
        ("gpt-5.1-high", [row("x:gpt-5.1")]),
        ("gpt-5.1-high", [row("x:gpt-5.1", reasoning=False)]),
        ("gpt-5.1-codex-max", [row("x:gpt-5.1-codex", reasoning=True)]),
        (
            "deepseek-v9-thinking",
            [
                row("x:deepseek-v9", reasoning=True, efforts=()),
                row("x:deepseek-v9-instruct"),
            ],
        ),
    ],
)
def test_needs_reasoning_for_modes_and_efforts(
    name: str, rows: list[ServedRow]
) -> None:
    """Unknown is not yes: a mode needs a model that is known to reason."""
    assert joined([name], rows).joins == ()


def test_keeps_modes_and_formats_of_their_own_apart() -> None:
    """A mode or format that is a model of its own takes its own rating only."""
    kimi = [row("x:kimi-k2", reasoning=False), reasons("y:kimi-k2-thinking")]
    qwen = [
        reasons("alibaba:qwen3-vl-30b-a3b"),
        row("x:qwen3-vl-30b-a3b-instruct", reasoning=False),
        reasons("x:qwen3-vl-30b-a3b-thinking"),
    ]

    assert one("kimi-k2-thinking", kimi).rows == ("y:kimi-k2-thinking",)
    assert one("kimi-k2", kimi).rows == ("x:kimi-k2",)
    assert one("qwen3-vl-30b-a3b", qwen).rows == ("alibaba:qwen3-vl-30b-a3b",)
    assert one("qwen3-vl-30b-a3b-instruct", qwen).rows == (
        "x:qwen3-vl-30b-a3b-instruct",
    )
    assert one("qwen3-vl-30b-a3b-thinking", qwen).rows == (
        "x:qwen3-vl-30b-a3b-thinking",
    )


def test_takes_a_mode_with_dates_of_its_own_for_another_model() -> None:
    """An undated X that reasons is not X-thinking where that is a dated model."""
    rows = [
        reasons("x:bytedance-seed/seed-1.6"),
        reasons("y:doubao-seed-1-6-thinking-250715"),
    ]

    assert one("seed-1.6", rows).rows == ("x:bytedance-seed/seed-1.6",)
    assert one("seed-1.6-thinking-250715", rows).rows == (
        "y:doubao-seed-1-6-thinking-250715",
    )
    assert "seed-1.6-thinking" in missed(["seed-1.6-thinking"], rows)


def test_believes_the_labs_efforts_before_hosts() -> None:
    """A host that claims every effort does not widen the lab's list."""
    rows = [
        reasons("anthropic:claude-opus-4-5", "low", "medium", "high"),
        reasons("perplexity-agent:anthropic/claude-opus-4-5", "low", "xhigh"),
    ]

    assert len(joined(["claude-opus-4-5-high"], rows).joins) == 1
    assert joined(["claude-opus-4-5-xhigh"], rows).joins == ()
    assert len(joined(["claude-opus-4-5-xhigh"], rows[1:]).joins) == 1


def test_answers_every_name_of_every_board_once() -> None:
    """Repetitions are dropped, boards are kept, order is by name."""
    names = [
        RatedName(name="glm-5", board="webdev"),
        RatedName(name="glm-5", board="text"),
        RatedName(name="glm-5", board="text"),
        RatedName(name="absent", board="text"),
    ]
    result = join(names, group([row("x:glm-5")]))

    assert [(each.rated.name, each.rated.board) for each in result.joins] == [
        ("glm-5", "text"),
        ("glm-5", "webdev"),
    ]
    assert [each.rated.name for each in result.unmatched] == ["absent"]


def test_survives_an_empty_world() -> None:
    """Nothing served and nothing rated is no error."""
    assert join([], group([])) == JoinResult(joins=(), unmatched=())
    assert joined([""], [row("x:"), row("y:-")]).joins == ()


def test_explains_every_rule() -> None:
    """Each rule has one sentence."""
    assert all(sentence and not sentence.endswith(".") for sentence in RULES.values())


# ------------------------------------------------------------------ which one is shown


def choice(
    names: list[str], served: ServedRow, *others: ServedRow
) -> tuple[str, bool, str]:
    """The rating that stands for the first row of a market."""
    grouping = group([served, *others])
    result = join([RatedName(name=name) for name in names], grouping)
    row_id = f"{served.provider}:{served.model_id}"
    chosen = default_rating(
        [found for found in result.joins if row_id in found.rows],
        grouping.placements[row_id],
    )
    return chosen.join.rated.name, chosen.proxy, chosen.reason


ALL = [
    "claude-opus-4-6",
    "claude-opus-4-6-high",
    "claude-opus-4-6-max",
    "claude-opus-4-6-thinking",
]


@pytest.mark.parametrize(
    ("names", "chosen", "proxy"),
    [
        (ALL, "claude-opus-4-6", False),
        (ALL[1:3], "claude-opus-4-6-high", True),
        (ALL[1:], "claude-opus-4-6-high", True),
        (["claude-opus-4-6-no-thinking", ALL[3]], "claude-opus-4-6-no-thinking", True),
        (
            ["claude-opus-4-6-thinking-32k", "claude-opus-4-6-thinking-16k"],
            "claude-opus-4-6-thinking-16k",
            True,
        ),
        (["claude-opus-4-6 (codex-harness)", ALL[2]], "claude-opus-4-6-max", True),
        (["claude-opus-4-6 (codex-harness)"], "claude-opus-4-6 (codex-harness)", True),
        (["claude-opus-4-6-fp8", ALL[0]], "claude-opus-4-6", False),
        (["claude-opus-4-6-fp8"], "claude-opus-4-6-fp8", False),
    ],
)
def test_shows_the_plain_rating_or_the_lowest_setting(
    names: list[str], chosen: str, proxy: bool
) -> None:
    """Plain first; else the lowest effort, marked as standing in."""
    name, is_proxy, reason = choice(names, OPUS)

    assert (name, is_proxy) == (chosen, proxy)
    assert repr(chosen) in reason


def test_shows_a_pinned_row_its_own_mode() -> None:
    """A row that pins a mode is shown the rating of that mode, not as a proxy."""
    name, proxy, reason = choice(ALL, ROUTED, OPUS)

    assert (name, proxy) == ("claude-opus-4-6-thinking", False)
    assert "in the mode that this id pins" in reason


def test_shows_a_row_of_one_effort_that_effort() -> None:
    """A row that pins an effort is shown the rating at that effort."""
    pinned = reasons("sap:anthropic--claude-4.6-opus-high")

    assert choice(ALL, pinned, OPUS)[:2] == ("claude-opus-4-6-high", False)


def test_carries_nothing_in_doubt() -> None:
    """A row whose names contradict each other carries no rating at all."""
    doubted = row("neon:claude-sonnet-4", display_name="Claude Sonnet 4.5")
    (placed,) = group([doubted]).placements.values()

    assert not carries(placed, Label())


def test_says_what_stands_in() -> None:
    """The reason names the setting and how many others there are."""
    names = ["claude-opus-4-6-high-32k", "claude-opus-4-6-thinking-64k"]

    assert choice(names, OPUS)[2] == (
        "no plain rating: 'claude-opus-4-6-thinking-64k' (thinking, 64,000 tokens) "
        "stands in as the lowest setting; 1 more under other settings"
    )


def test_shows_a_preview_last() -> None:
    """A preview's rating stands in for the model only alone."""
    dated = row("moonshot:kimi-k2-0905", reasoning=True)
    thinking = "kimi-k2-0905-thinking"

    assert choice(["kimi-k2-0905-preview", thinking], dated)[0] == thinking
    assert choice(["kimi-k2-0905-preview"], dated)[1]
    assert choice(["kimi-k2-0905-preview", "kimi-k2-0905"], dated)[0] == "kimi-k2-0905"


def test_refuses_to_choose_from_nothing() -> None:
    """Asking for a row that carries none of the ratings is a mistake of the caller."""
    grouping = group([OPUS, ROUTED])
    plain = join([RatedName(name="claude-opus-4-6")], grouping).joins

    with pytest.raises(ValueError, match="openrouter:anthropic"):
        default_rating(
            plain, grouping.placements["openrouter:anthropic/claude-opus-4.6:thinking"]
        )
