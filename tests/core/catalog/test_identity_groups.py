"""Served rows find the group of their underlying model, or are doubted."""

from __future__ import annotations

import pytest

from llmhub_core.catalog.identity import (
    RULES,
    Grouping,
    RatedName,
    ServedRow,
    group,
    join,
)


def row(row_id: str, **facts: object) -> ServedRow:
    """A served row of ``provider:model_id``."""
    provider, _, model_id = row_id.partition(":")
    return ServedRow(provider=provider, model_id=model_id, **facts)  # type: ignore[arg-type]


def day(row_id: str, date: str, **facts: object) -> ServedRow:
    """A row that came out and was last updated on one day."""
    return row(row_id, release_date=date, last_updated=date, **facts)


def groups_of(*rows: ServedRow) -> dict[str, str]:
    """The group of every row, by row id."""
    placements = group(rows).placements
    return {row_id: placed.group for row_id, placed in placements.items()}


def suspicions(grouping: Grouping) -> dict[str, str]:
    """Why rows are doubted, by row id."""
    return {
        row_id: placed.suspicion
        for row_id, placed in grouping.placements.items()
        if placed.suspicion is not None
    }


def test_names_groups_readably() -> None:
    """A group is called after its lab and model, dated only where it must be."""
    found = groups_of(
        day("anthropic:claude-opus-4-5", "2025-11-24"),
        day("anthropic:claude-opus-4-5-20251101", "2025-11-01"),
        day("openai:gpt-4o", "2024-05-13"),
        day("openai:gpt-4o-2024-05-13", "2024-05-13"),
        day("openai:gpt-4o-2024-08-06", "2024-08-06"),
        row("x:somebody/strange-model"),
    )

    assert found == {
        "anthropic:claude-opus-4-5": "anthropic/claude-opus-4.5",
        "anthropic:claude-opus-4-5-20251101": "anthropic/claude-opus-4.5",
        "openai:gpt-4o": "openai/gpt-4o",
        "openai:gpt-4o-2024-05-13": "openai/gpt-4o-20240513",
        "openai:gpt-4o-2024-08-06": "openai/gpt-4o-20240806",
        "x:somebody/strange-model": "unknown/strange-model",
    }


def test_places_every_row_once() -> None:
    """Groups and placements tell one story, each id once, in order."""
    rows = [
        row("a:glm-5"),
        row("b:z-ai/glm-5"),
        row("a:glm-5"),
        row("google:gemini-3-pro"),
    ]
    grouping = group(rows)

    assert list(grouping.placements) == [
        "a:glm-5",
        "b:z-ai/glm-5",
        "gemini:gemini-3-pro",
    ]
    assert list(grouping.groups) == sorted(grouping.groups)
    for row_id, placed in grouping.placements.items():
        assert row_id in grouping.groups[placed.group].rows


@pytest.mark.parametrize(
    ("served", "why"),
    [
        (row("neon:claude-sonnet-4", display_name="Claude Sonnet 4.5"), "the id says"),
        (row("x:llama3-8b", display_name="Llama 3.1 Instruct (8B)"), "the id says"),
        (row("x:qwen3-max", display_name="Qwen3-Max-Thinking"), "says thinking"),
        (
            row("x:grok-4-thinking", display_name="Grok 4 (non-reasoning)"),
            "not thinking",
        ),
        (row("x:gemma-3-4b-it", display_name="Gemma 3 12B"), "the name 12b"),
        (row("x:kimi-k2-0905", display_name="Kimi K2 0711"), "the name 0711"),
    ],
)
def test_doubts_a_row_whose_id_and_name_differ(served: ServedRow, why: str) -> None:
    """Such a row stands alone and says why."""
    grouping = group([served, row("y:claude-sonnet-4"), row("z:claude-sonnet-4-5")])
    (row_id,) = suspicions(grouping)
    placed = grouping.placements[row_id]

    assert why in suspicions(grouping)[row_id]
    assert placed.group == f"{row_id}?"
    assert grouping.groups[placed.group].rows == (row_id,)


def test_doubts_a_name_of_another_known_model() -> None:
    """Other words are a contradiction where both are known models."""
    known = [row("y:deepseek-reasoner"), row("y:deepseek-r1"), row("z:glm-5")]
    served = row("x:deepseek-r1:free", display_name="DeepSeek Reasoner")

    assert "x:deepseek-r1:free" in suspicions(group([served, *known]))
    assert suspicions(group([row("x:glm-5", display_name="Big Pickle"), *known])) == {}


@pytest.mark.parametrize(
    ("row_id", "name"),
    [
        ("gemini:gemini-2.5-flash-image", "Nano Banana"),
        ("regolo-ai:minimax-m2.5", "MiniMax 2.5"),
        ("kilo:gemma-3n-e4b-it", "Google: Gemma 3n 4B"),
        ("vercel:qwen-3-32b", "Qwen 3.32B"),
        ("x:claude-opus-4-8", "Claude Opus 4.8 (AU)"),
        ("x:whisper-large-v3", "Whisper"),
        ("x:mistral-small-2506", "Mistral Small 3.2"),
        ("x:gpt-5.3-chat", "GPT-5.3 Chat (latest)"),
    ],
)
def test_trusts_nicknames_and_shorter_names(row_id: str, name: str) -> None:
    """What a name leaves out, rounds or calls otherwise is no contradiction."""
    rows = [row(row_id, display_name=name), row("y:qwen3-32b"), row("y:minimax-m2.5")]

    assert suspicions(group(rows)) == {}


def test_takes_the_model_from_the_name_where_the_id_names_none() -> None:
    """An id that nobody else uses yields to a name that everybody knows."""
    found = groups_of(
        row("kimi-for-coding:k2p6", display_name="Kimi K2.6"), row("moonshot:kimi-k2.6")
    )

    assert set(found.values()) == {"moonshotai/kimi-k2.6"}


def test_makes_another_model_of_altered_weights() -> None:
    """A display name that says base or uncensored says another model."""
    found = groups_of(
        row("x:llama-3.1-405b", display_name="Llama 3.1 405B (base)"),
        row("y:llama-3.1-405b-instruct"),
        row("venice:qwen-3-6-plus", display_name="Qwen 3.6 Plus Uncensored"),
        row("alibaba:qwen3.6-plus"),
    )

    assert len(set(found.values())) == 4


def test_doubts_what_may_be_the_untuned_model() -> None:
    """Beside X-instruct, a host's X and a repository's X may be its base."""
    grouping = group(
        [
            row("x:qwen/qwen2.5-72b"),
            row("x:qwen/qwen2.5-72b-instruct"),
            row("huggingface:Qwen/Qwen2.5-72B"),
            row("y:qwen2.5-72b"),
            row("y:qwen2.5-72b-fp8"),
        ]
    )

    assert set(suspicions(grouping)) == {
        "x:qwen/qwen2.5-72b",
        "huggingface:Qwen/Qwen2.5-72B",
    }
    assert len(grouping.groups["alibaba/qwen-2.5-72b"].rows) == 3


def test_tells_reworkers_from_hosts() -> None:
    """Who stands before one open model reworked it; who stands before many hosts."""
    found = groups_of(
        row("together:pearl-ai/gemma-4-31b-it"),
        row("edenai:flexai/gpt-oss-120b"),
        row("edenai:flexai/gemma-4-31b-it"),
        row("edenai:vertex/gemini-3.7-flash@eu"),
        row("edenai:amazon/zai.glm-4.7"),
        row("x:deepgram/nova-2-lite"),
        row("y:amazon/nova-2-lite"),
        row("z:neuralmagic/gemma-4-31b-it-FP8"),
        row("z:nobody/gemma-4-31b-it-AWQ"),
        row("nobodys:nobodys/gemma-4-31b-it"),
    )

    assert found == {
        "together:pearl-ai/gemma-4-31b-it": "pearl-ai/gemma-4-31b",
        "edenai:flexai/gpt-oss-120b": "openai/gpt-oss-120b",
        "edenai:flexai/gemma-4-31b-it": "google/gemma-4-31b",
        "edenai:vertex/gemini-3.7-flash@eu": "google/gemini-3.7-flash",
        "edenai:amazon/zai.glm-4.7": "zai/glm-4.7",
        "x:deepgram/nova-2-lite": "deepgram/nova-2-lite",
        "y:amazon/nova-2-lite": "amazon/nova-2-lite",
        "z:neuralmagic/gemma-4-31b-it-FP8": "google/gemma-4-31b",
        "z:nobody/gemma-4-31b-it-AWQ": "google/gemma-4-31b",
        "nobodys:nobodys/gemma-4-31b-it": "google/gemma-4-31b",
    }


def test_keeps_every_hosts_router_its_own() -> None:
    """Two hosts' ``auto`` are two things."""
    found = groups_of(row("a:auto"), row("b:b/auto"), row("c:free"))

    assert len(set(found.values())) == 3


def test_gives_the_only_lab_to_rows_that_name_none() -> None:
    """A name without a brand gets the lab that others put before it."""
    found = groups_of(row("x:z-image-turbo"), row("y:alibaba/z-image-turbo"))

    assert set(found.values()) == {"alibaba/z-image-turbo"}


def test_keeps_labs_apart_under_one_name() -> None:
    """Where two labs claim a name, rows without a lab join neither."""
    found = groups_of(
        row("x:a21/foo"), row("y:alibaba/foo"), row("z:google/foo"), row("w:foo")
    )

    assert len(set(found.values())) == 3


def test_settles_dates_by_the_labs_own_row() -> None:
    """What the lab's undated row means, every host's means."""
    found = groups_of(
        day("alibaba:qwen3-max", "2025-09-23"),
        day("x:qwen3-max-2025-09-23", "2025-09-24"),
        day("y:qwen3-max-2026-01-23", "2026-01-23"),
        row("z:qwen/qwen3-max", release_date="1970-01-01"),
    )

    assert found["alibaba:qwen3-max"] == found["x:qwen3-max-2025-09-23"]
    assert found["z:qwen/qwen3-max"] == found["alibaba:qwen3-max"]
    assert found["y:qwen3-max-2026-01-23"] != found["alibaba:qwen3-max"]


def test_leaves_an_alias_open_where_the_lab_lists_several_dates() -> None:
    """``gpt-4o`` is none of its three snapshots for certain."""
    found = groups_of(
        day("openai:gpt-4o", "2024-08-06"),
        day("openai:gpt-4o-2024-05-13", "2024-05-13"),
        day("openai:gpt-4o-2024-08-06", "2024-08-06"),
    )

    assert len(set(found.values())) == 3


def test_settles_dates_by_the_day_a_host_began() -> None:
    """Without the lab's row, release on the snapshot's day tells, one row at a time."""
    found = groups_of(
        day("a:deepseek-r1-0528", "2025-05-28"),
        day("b:deepseek-r1", "2025-01-20"),
        day("c:deepseek-r1", "2025-01-20"),
        day("d:deepseek-r1", "2025-05-28"),
    )

    assert (
        found["d:deepseek-r1"]
        == found["a:deepseek-r1-0528"]
        == "deepseek/deepseek-r1-0528"
    )
    assert found["b:deepseek-r1"] == found["c:deepseek-r1"] == "deepseek/deepseek-r1"


def test_wants_a_short_date_to_the_day() -> None:
    """A date without a year must hit nearly the day, one with a year the month."""
    short = groups_of(day("a:grok-4-0709", "2025-07-09"), day("b:grok-4", "2025-07-20"))
    full = groups_of(
        day("a:grok-4-20250709", "2025-07-09"), day("b:grok-4", "2025-07-20")
    )

    assert len(set(short.values())) == 2
    assert len(set(full.values())) == 1


def test_settles_dates_by_most_hosts() -> None:
    """Where most hosts began on the snapshot's day, all mean it."""
    found = groups_of(
        day("a:grok-4-0709", "2025-07-09"),
        day("b:grok-4", "2025-07-09"),
        day("c:grok-4", "2025-07-10"),
        day("d:grok-4", "2025-09-09"),
    )

    assert set(found.values()) == {"xai/grok-4"}


def test_settles_months_by_most_hosts_only() -> None:
    """A month alone is no proof for one row, it is for most of them."""
    agreeing = groups_of(
        day("a:command-a-03-2025", "2025-03-13"),
        day("b:command-a", "2025-03-13"),
        day("c:command-a", "2024-11-01"),
        day("d:command-a", "2025-03-14"),
    )
    apart = groups_of(
        day("a:qwen3-14b-2507", "2025-07-25"),
        day("b:qwen3-14b", "2025-04-28"),
        day("c:qwen3-14b", "2025-07-01"),
    )

    assert len(set(agreeing.values())) == 1
    assert apart["c:qwen3-14b"] == apart["b:qwen3-14b"] != apart["a:qwen3-14b-2507"]


@pytest.mark.parametrize(
    ("lab", "name", "groups"),
    [
        ("anthropic", "claude-opus-4-1", 1),
        ("anthropic", "claude-instant", 2),
        ("x", "claude-opus-4-1", 1),
        ("alibaba", "qwen-plus", 2),
        ("x", "qwen3-plus", 2),
    ],
)
def test_settles_dates_without_any_metadata(lab: str, name: str, groups: int) -> None:
    """Labs that date every release leave one meaning, others leave it open."""
    found = groups_of(row(f"{lab}:{name}"), row(f"h:{name}-20250805"))

    assert len(set(found.values())) == groups


def test_leaves_dates_open_between_hosts_snapshots() -> None:
    """Without the lab's row, two snapshots leave an undated name open."""
    found = groups_of(
        day("a:kimi-k2-0711", "2025-07-11"),
        day("b:kimi-k2-0905", "2025-09-05"),
        day("c:kimi-k2", "2025-07-11"),
    )

    assert len(set(found.values())) == 3


def test_dates_modes_as_their_model() -> None:
    """An undated id that pins a mode means the snapshot that the model means."""
    found = groups_of(
        day("anthropic:claude-opus-4-5", "2025-11-24", reasoning=True),
        day("anthropic:claude-opus-4-5-20251101", "2025-11-01", reasoning=True),
        day("x:claude-opus-4-5:thinking", "1999-01-01", reasoning=True),
        day("y:claude-opus-4-5-20251101:thinking", "1999-01-01", reasoning=True),
    )

    assert set(found.values()) == {"anthropic/claude-opus-4.5"}


def test_dates_what_two_groups_would_be_called() -> None:
    """Where a model and its preview mean two snapshots, the second is dated."""
    grouping = group(
        [
            day("google:gemini-9", "2025-01-15"),
            day("x:gemini-9-20250110", "2025-01-10"),
            day("google:gemini-9-preview", "2025-06-15"),
            day("y:gemini-9-preview-20250610", "2025-06-10"),
            day("z:gemini-9-20250610", "2025-06-10"),
        ]
    )

    assert sorted(grouping.groups) == ["google/gemini-9", "google/gemini-9-20250610"]


def test_reads_short_dates_as_the_full_ones_they_can_mean() -> None:
    """``0905`` is ``2025-09-05`` where no other year is known."""
    one = groups_of(row("a:kimi-k2-0905"), row("b:kimi-k2-2025-09-05"))
    two = groups_of(
        *[row(f"a:kimi-k2-{d}") for d in ("0905", "2025-09-05", "2026-09-05")]
    )

    assert len(set(one.values())) == 1
    assert len(set(two.values())) == 3


def test_doubts_a_date_that_only_the_name_gives() -> None:
    """Beside other hosts' undated rows, a dated display name needs support."""
    rows = [
        day("a:deepseek-v3-0324", "2025-03-24"),
        day("b:deepseek-v3", "2024-12-26"),
        day("c:deepseek-v3", "2024-12-26", display_name="DeepSeek V3 0324"),
        day("d:deepseek-v3", "2025-03-24", display_name="DeepSeek V3 0324"),
        row(
            "e:deepseek-v3", last_updated="2025-03-25", display_name="DeepSeek V3 0324"
        ),
    ]
    grouping = group(rows)

    assert set(suspicions(grouping)) == {"c:deepseek-v3"}
    assert grouping.placements["d:deepseek-v3"].group == "deepseek/deepseek-v3-0324"


def test_doubts_a_named_date_that_its_release_contradicts() -> None:
    """A release at another snapshot's date speaks against the name's."""
    rows = [
        day("mistral:mistral-medium-2505", "2025-05-07"),
        day("mistral:mistral-medium-2508", "2025-08-12"),
        day("vercel:mistral-medium", "2025-05-07", display_name="Mistral Medium 3.1"),
    ]

    assert set(suspicions(group(rows))) == {"vercel:mistral-medium"}


def test_keeps_floating_names_apart() -> None:
    """``-latest`` names mean what the day says."""
    found = groups_of(
        day("mistral:mistral-large-latest", "2025-12-02"),
        day("mistral:mistral-large-2512", "2025-12-02"),
        row("openrouter:~mistralai/mistral-large-latest"),
    )

    assert found["mistral:mistral-large-latest"] != found["mistral:mistral-large-2512"]
    assert (
        found["mistral:mistral-large-latest"]
        == found["openrouter:~mistralai/mistral-large-latest"]
    )


def test_takes_a_plain_name_for_the_only_preview() -> None:
    """Where the lab sells only a preview, hosts that leave the word out mean it."""
    found = groups_of(row("google:gemini-3-pro-preview"), row("x:gemini-3-pro"))

    assert set(found.values()) == {"google/gemini-3-pro-preview"}


def test_keeps_a_model_apart_from_its_preview() -> None:
    """The lab or any host that sells both tells them apart for all."""
    by_lab = groups_of(row("google:gemini-3-pro-preview"), row("google:gemini-3-pro"))
    by_host = groups_of(
        row("google:gemini-3-pro-preview"),
        row("x:gemini-3-pro-preview"),
        row("x:gemini-3-pro"),
        row("y:gemini-3-pro"),
    )
    unsold = groups_of(row("x:gemini-3-pro-preview"), row("y:gemini-3-pro"))

    assert len(set(by_lab.values())) == len(set(by_host.values())) == 2
    assert len(set(unsold.values())) == 2


def test_doubts_a_preview_that_only_the_name_tells() -> None:
    """A plain id with a preview's name may be either where both are sold."""
    rows = [
        row("google:gemini-3-lite-preview"),
        row("google:gemini-3-lite"),
        row("neon:gemini-3-lite", display_name="Gemini 3 Lite Preview"),
    ]

    assert set(suspicions(group(rows))) == {"neon:gemini-3-lite"}


@pytest.mark.parametrize(("reasoning", "groups"), [(True, 1), (False, 2), (None, 2)])
def test_takes_a_mode_for_a_mode_of_what_reasons(
    reasoning: bool | None, groups: int
) -> None:
    """``X-thinking`` is X where X reasons; else it is a model of its own."""
    found = groups_of(
        row("moonshot:kimi-k9", reasoning=reasoning),
        row("x:kimi-k9-thinking", reasoning=True),
    )

    assert len(set(found.values())) == groups


def test_takes_two_modes_of_nothing_for_one_model() -> None:
    """Where only both modes are sold, the model is what they are modes of."""
    grouping = group(
        [
            row("xai:grok-4-fast-reasoning", reasoning=True),
            row("xai:grok-4-fast-non-reasoning", reasoning=False),
        ]
    )

    assert {placed.group for placed in grouping.placements.values()} == {
        "xai/grok-4-fast"
    }
    assert {placed.thinking for placed in grouping.placements.values()} == {True, False}


def test_believes_the_lab_on_reasoning_before_hosts() -> None:
    """One word of the lab outweighs many hosts, and a tie says nothing."""
    lab = row("moonshot:kimi-k9", reasoning=False)
    hosts = [row(f"h{number}:kimi-k9", reasoning=True) for number in range(3)]
    mode = row("x:kimi-k9-thinking", reasoning=True)
    tie = [hosts[0], row("h1:kimi-k9", reasoning=False), mode]

    assert len(set(groups_of(lab, *hosts, mode).values())) == 2
    assert len(set(groups_of(*hosts, mode).values())) == 1
    assert len(set(groups_of(*tie).values())) == 2


def test_keeps_instruct_and_thinking_of_one_date_apart() -> None:
    """Where X-instruct does not reason, X-thinking is other weights, X ambiguous."""
    grouping = group(
        [
            row("x:qwen3-235b-a22b-instruct-2507", reasoning=False),
            row("x:qwen3-235b-a22b-thinking-2507", reasoning=True),
            row("y:qwen3-235b-a22b-2507", reasoning=False),
            row("z:qwen3-235b-2507", reasoning=True),
        ]
    )
    places = {row_id: placed.group for row_id, placed in grouping.placements.items()}

    assert places["y:qwen3-235b-a22b-2507"] == places["x:qwen3-235b-a22b-instruct-2507"]
    assert places["x:qwen3-235b-a22b-thinking-2507"].endswith("-thinking")
    assert set(suspicions(grouping)) == {"z:qwen3-235b-2507"}


def test_keeps_the_labs_hybrid_apart_from_its_instruct() -> None:
    """The lab's own X that reasons is neither X-instruct nor X-thinking."""
    found = groups_of(
        row("alibaba:qwen3-vl-30b-a3b", reasoning=True),
        row("x:qwen3-vl-30b-a3b-instruct", reasoning=False),
        row("x:qwen3-vl-30b-a3b-thinking", reasoning=True),
        row("y:qwen3-vl-30b-a3b-no-thinking", reasoning=False),
    )

    assert found["alibaba:qwen3-vl-30b-a3b"] == "alibaba/qwen-3-vl-30b-a3b-plain"
    assert found["y:qwen3-vl-30b-a3b-no-thinking"] == found["alibaba:qwen3-vl-30b-a3b"]
    assert len(set(found.values())) == 3


@pytest.mark.parametrize(
    ("base", "effort", "groups"),
    [
        (row("openai:o3-mini", reasoning=True, efforts=("low", "high")), "high", 1),
        (row("openai:o3-mini", reasoning=True), "high", 1),
        (row("openai:o3-mini", reasoning=True, efforts=("low",)), "high", 2),
        (row("openai:o3-mini", reasoning=False), "high", 2),
        (row("openai:o4-mini", reasoning=True), "high", 2),
    ],
)
def test_folds_an_effort_into_the_model_that_takes_it(
    base: ServedRow, effort: str, groups: int
) -> None:
    """``o3-mini-high`` is o3-mini where that reasons and may take the effort."""
    grouping = group([base, row(f"x:openai/o3-mini-{effort}", reasoning=True)])
    placed = grouping.placements[f"x:openai/o3-mini-{effort}"]

    assert len({p.group for p in grouping.placements.values()}) == groups
    assert placed.effort == (effort if groups == 1 else None)


def test_leaves_product_words_alone() -> None:
    """Where max is a product of the line, it is no effort without the lab's word."""
    base = row("alibaba:qwen3-32b", reasoning=True)

    assert (
        len(set(groups_of(base, row("alibaba:qwen3-max", reasoning=True)).values()))
        == 2
    )
    codex = row("openai:gpt-5.1-codex", reasoning=True)
    assert len(set(groups_of(codex, row("openai:gpt-5.1-codex-max")).values())) == 2


def test_completes_sizes_from_others() -> None:
    """Part of a size, and a size that only display names give, find the full one."""
    found = groups_of(
        row("a:qwen3-coder-480b-a35b-instruct"),
        row("b:qwen3-coder:480b"),
        row("c:qwen3-coder", display_name="Qwen3 Coder 480B A35B"),
        row("d:qwen3-coder"),
        row("e:qwen3-coder-30b-a3b"),
    )

    assert (
        len({found[row_id] for row_id in found if row_id != "e:qwen3-coder-30b-a3b"})
        == 1
    )
    assert len(set(found.values())) == 2


def test_completes_sizes_as_the_lab_gives_them() -> None:
    """A host that mistypes the experts does not keep the others from theirs."""
    found = groups_of(
        row("meta:llama-4-maverick-17b-128e-instruct"),
        row("a:llama-4-maverick-17b-instruct"),
        row("b:llama-4-maverick-17b-16e-instruct"),
    )

    assert found["a:llama-4-maverick-17b-instruct"] == "meta/llama-4-maverick-17b-128e"
    assert len(set(found.values())) == 2
    nobodys = groups_of(
        row("a:llama-4-maverick-17b-instruct"),
        row("b:llama-4-maverick-17b-16e-instruct"),
        row("c:llama-4-maverick-17b-128e-instruct"),
    )
    assert len(set(nobodys.values())) == 3


def test_takes_a_model_with_its_draft_for_another() -> None:
    """A second whole size is no fuller naming of the first."""
    found = groups_of(row("a:llama-3.1-70b"), row("b:llama-3.1-70b-1b"))

    assert found == {
        "a:llama-3.1-70b": "meta/llama-3.1-70b",
        "b:llama-3.1-70b-1b": "meta/llama-3.1-70b-1b",
    }


def test_lets_an_id_float_whose_name_does_not() -> None:
    """What an alias means today is none of the model that its name gives."""
    found = groups_of(
        row("x:openai/gpt-pro-latest", display_name="GPT-5.5 Pro"),
        row("openai:gpt-5.5-pro", display_name="GPT-5.5 Pro"),
    )

    assert found == {
        "openai:gpt-5.5-pro": "openai/gpt-5.5-pro",
        "x:openai/gpt-pro-latest": "openai/gpt-5.5-pro-latest",
    }


@pytest.mark.parametrize(
    ("released", "doubted"),
    [("2024-12-26", True), ("2025-03-24", False), ("2025-03", False), ("", False)],
)
def test_holds_a_named_date_against_the_release(released: str, doubted: bool) -> None:
    """A name that dates an undated id to another month than its own is doubted."""
    grouping = group(
        [
            row(
                "x:deepseek/deepseek-v3",
                display_name="DeepSeek V3 0324",
                release_date=released or None,
            )
        ]
    )

    assert bool(suspicions(grouping)) is doubted


def test_keeps_instruct_from_the_thinking_model_beside_it() -> None:
    """Though the listing says that both reason, instruct is no thinking model's."""
    found = groups_of(
        row("alibaba:qwen3-next-80b-a3b-instruct", reasoning=True),
        row("alibaba:qwen3-next-80b-a3b-thinking", reasoning=True),
        row("nebius:qwen3-next-80b-a3b-thinking-fast", reasoning=True),
    )

    assert sorted(found.values()) == [
        "alibaba/qwen-3-next-80b-a3b",
        "alibaba/qwen-3-next-80b-a3b-thinking",
        "alibaba/qwen-3-next-80b-a3b-thinking",
    ]


def test_gives_everyday_words_to_the_lab_whose_shop_it_is() -> None:
    """Deepgram's Nova is not Amazon's, with a path or without."""
    found = groups_of(
        row("bedrock:amazon.nova-lite-v1:0"),
        row("deepgram:nova-lite"),
        row("x:nova-lite"),
    )

    assert found == {
        "bedrock:amazon.nova-lite-v1:0": "amazon/nova-lite",
        "deepgram:nova-lite": "deepgram/nova-lite",
        "x:nova-lite": "amazon/nova-lite",
    }


def test_groups_ids_that_name_nothing() -> None:
    """A lab's path with only a size, a mode or nothing behind it is no error."""
    found = groups_of(
        row("x:openai/8b"), row("x:google/thinking"), row("x:meta/"), row("y:qwen: 7b")
    )

    assert len(found) == 4


def test_leaves_a_size_open_that_several_fit() -> None:
    """A name without size is none of two sizes."""
    found = groups_of(row("a:glm-4-9b"), row("b:glm-4-32b"), row("c:glm-4"))

    assert len(set(found.values())) == 3


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        ({"nvidia:nemotron-3-ultra-550b": "Nemotron 3 Ultra"}, 1),
        ({"a:nemotron-3-ultra-550b": "Nemotron 3 Ultra"}, 2),
        (
            {
                "a:nemotron-3-ultra-550b": "Nemotron 3 Ultra",
                "b:nemotron-3-ultra-550b": "Nemotron 3 Ultra",
            },
            1,
        ),
    ],
)
def test_believes_display_names_that_leave_a_size_out(
    names: dict[str, str], groups: int
) -> None:
    """The lab's name is enough, hosts' need a second one."""
    rows = [row(row_id, display_name=name) for row_id, name in names.items()]

    assert len(set(groups_of(*rows, row("x:nemotron-3-ultra")).values())) == groups


def test_learns_versions_from_the_labs_display_names() -> None:
    """A dated id under a versioned name makes the version an alias everywhere."""
    grouping = group(
        [
            row("mistral:mistral-huge-2901", display_name="Mistral Huge 7"),
            row("x:mistral-huge-7-900b"),
            row("y:mistral-huge-2907", display_name="Mistral Huge 8"),
        ]
    )

    (alias,) = grouping.learned.aliases
    assert alias.origin == "mistral:mistral-huge-2901"
    assert (
        grouping.placements["x:mistral-huge-7-900b"].group
        == "mistral/mistral-huge-202901"
    )
    assert "named-by-lab" in grouping.placements["x:mistral-huge-7-900b"].rules


@pytest.mark.parametrize(
    ("name", "hosts", "joins"),
    [
        ("mistral-huge-7", (), True),
        ("mistral-huge-7-900b", ("x:mistral-huge-7-900b",), True),
        ("mistral-huge-7-24b", ("x:mistral-huge-7-900b",), False),
        ("mistral-huge-7-24b", (), False),
        (
            "mistral-huge-7-24b",
            ("x:mistral-huge-7-900b", "y:mistral-huge-7-24b"),
            False,
        ),
    ],
)
def test_learns_the_only_size_that_hosts_give(
    name: str, hosts: tuple[str, ...], joins: bool
) -> None:
    """A size is the lab's model's where every host that gives one gives that."""
    lab = row("mistral:mistral-huge-2901", display_name="Mistral Huge 7")
    result = join([RatedName(name=name)], group([lab, *map(row, hosts)]))

    found = {each.group for each in result.joins}
    assert ("mistral/mistral-huge-202901" in found) is joins


def test_learns_nothing_that_two_snapshots_claim() -> None:
    """A version that names two dated ids names neither."""
    grouping = group(
        [
            row("mistral:mistral-huge-2901", display_name="Mistral Huge 7"),
            row("mistral:mistral-huge-2902", display_name="Mistral Huge 7"),
        ]
    )

    assert grouping.learned.aliases == ()


def test_tells_which_model_came_before() -> None:
    """Lines run by lab, words, size and mode, and by decimal version."""
    grouping = group(
        [
            row("xai:grok-4"),
            row("xai:grok-4.20"),
            row("xai:grok-4.3"),
            row("anthropic:claude-opus-4-5"),
            row("anthropic:claude-opus-4-6"),
            row("anthropic:claude-sonnet-4-6"),
            row("alibaba:qwen3-32b"),
            row("alibaba:qwen3.5-32b"),
            row("alibaba:qwen3.5-9b"),
            row("openai:gpt-4o"),
            row("openai:gpt-4"),
            day("openai:gpt-5-mini-20250801", "2025-08-01"),
            day("openai:gpt-5-mini-20251001", "2025-10-01"),
            row("x:foo-1"),
            row("x:foo-2"),
            row("x:llama-3.1-tulu-3-8b"),
            row("x:llama-3.1-tulu-4-8b"),
        ]
    )
    before = {
        found.id: found.predecessor
        for found in grouping.groups.values()
        if found.predecessor
    }

    assert before == {
        "xai/grok-4.20": "xai/grok-4",
        "xai/grok-4.3": "xai/grok-4.20",
        "anthropic/claude-opus-4.6": "anthropic/claude-opus-4.5",
        "alibaba/qwen-3.5-32b": "alibaba/qwen-3-32b",
        "openai/gpt-5-mini-20251001": "openai/gpt-5-mini-20250801",
    }


def test_takes_the_newest_of_several_snapshots_for_what_came_before() -> None:
    """The next version has the newest; where a release is unknown, none has any."""
    grouping = group(
        [
            row("bedrock:claude-3-sonnet-20240229"),
            row("bedrock:claude-3-5-sonnet-20240620"),
            row("bedrock:claude-3-5-sonnet-20241022"),
            row("bedrock:claude-3-7-sonnet-20250219"),
            row("alibaba:qwen8-max-preview"),
            row("alibaba:qwen8-max-2027-01-23"),
            row("alibaba:qwen9-max"),
        ]
    )

    assert {
        found.id: found.predecessor
        for found in grouping.groups.values()
        if found.predecessor
    } == {
        "anthropic/claude-3.5-sonnet-20240620": "anthropic/claude-3-sonnet-20240229",
        "anthropic/claude-3.5-sonnet-20241022": "anthropic/claude-3.5-sonnet-20240620",
        "anthropic/claude-3.7-sonnet-20250219": "anthropic/claude-3.5-sonnet-20241022",
        "alibaba/qwen-9-max": "alibaba/qwen-8-max-20270123",
    }


def test_orders_previews_and_snapshots_of_one_version_by_release() -> None:
    """The model after its preview, an undated name after the first snapshot."""

    def out(model_id: str, release_date: str) -> ServedRow:
        return row(model_id, release_date=release_date)

    grouping = group(
        [
            out("openai:gpt-4o", "2024-05-13"),
            out("openai:gpt-4o-2024-05-13", "2024-05-13"),
            out("azure:gpt-4o-2024-05-13", "2024-11-30"),
            out("openai:gpt-4o-2024-08-06", "2024-08-06"),
            out("gemini:gemini-3.1-flash-lite", "2026-05-07"),
            out("gemini:gemini-3.1-flash-lite-preview", "2026-03-03"),
            out("gemini:gemini-3.5-flash-preview-09-2026", "2026-09-25"),
            out("gemini:gemini-3.5-flash", "2026-06-17"),
            out("gemini:gemini-3.5-pro-preview", "2026-09-25"),
            out("gemini:gemini-3.5-pro", "2026-06-17"),
            out("a:qwen7-72b-0815", "2026-08-16"),
            out("b:qwen7-72b", "2026-06-01"),
            out("c:qwen7-72b", "2026-06-01"),
            out("d:qwen7-72b", "2026-09-01"),
        ]
    )

    assert {
        found.id: found.predecessor
        for found in grouping.groups.values()
        if found.predecessor
    } == {
        "openai/gpt-4o": "openai/gpt-4o-20240513",
        "openai/gpt-4o-20240806": "openai/gpt-4o",
        "google/gemini-3.1-flash-lite": "google/gemini-3.1-flash-lite-preview",
        "google/gemini-3.5-flash-202609-preview": "google/gemini-3.5-flash",
        "alibaba/qwen-7-72b-0815": "alibaba/qwen-7-72b",
    }


def test_trusts_no_row_whose_name_is_another_version_of_something_else() -> None:
    """No rating of GPT-5.4 for what calls itself 5.3, whatever words stand by it."""
    grouping = group(
        [
            row("openai:gpt-5.4", display_name="GPT-5.4"),
            row("azure:gpt-5.4", display_name="GPT-5.4"),
            row("openai:gpt-5.3-spark", display_name="GPT-5.4 Pro"),
            row("openai:gpt-5.4-pro", display_name="GPT-5.4 Pro"),
        ]
    )

    placement = grouping.placements["openai:gpt-5.3-spark"]
    assert placement.suspicion is not None
    assert "'GPT-5.4 Pro'" in placement.suspicion


def test_believes_no_release_that_contradicts_the_name() -> None:
    """Hosts give the day of the first release for every snapshot."""
    grouping = group(
        [
            row("openai:gpt-3.5-turbo-0301", release_date="2023-03-01"),
            row("azure:gpt-3.5-turbo-0613", release_date="2023-03-01"),
        ]
    )

    released = {found.id: found.released for found in grouping.groups.values()}
    assert released == {
        "openai/gpt-3.5-turbo-0301": "2023-03-01",
        "openai/gpt-3.5-turbo-0613": None,
    }
    assert not any(found.predecessor for found in grouping.groups.values())


def test_explains_every_rule_that_it_used() -> None:
    """Rule names on placements are documented."""
    grouping = group(
        [
            row("databricks:databricks-gpt-5-2"),
            row("x:openai-gpt-52", display_name="GPT-5.2"),
            row("together:pearl-ai/gemma-4-31b-it"),
            row("c:auto"),
            row("d:k2p6", display_name="Kimi K2.6"),
            row("moonshot:kimi-k2.6"),
            row("e:mixtral-8x7b-instruct-v0.1"),
            row("f:gpt-5.2-high", reasoning=True),
            row("openai:gpt-5.2", reasoning=True),
        ]
    )
    used = {rule for placed in grouping.placements.values() for rule in placed.rules}

    assert used >= {"host-words", "point-from-name", "derivative", "hosts-own", "alias"}
    assert used >= {"model-from-name", "effort-pinned"}
    assert used <= set(RULES)
