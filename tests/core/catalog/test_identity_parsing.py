"""Names are taken apart into what identity is judged by."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from llmhub_core.catalog import identity
from llmhub_core.catalog.identity import (
    RatedName,
    ServedRow,
    Signature,
    Stamp,
    group,
    join,
    parse,
)
from llmhub_core.catalog.identity.dates import days_between
from llmhub_core.catalog.identity.naming import effort_reading, owner_of, parse_name
from llmhub_core.catalog.identity.sizes import fits, fuller, in_order

# name, its canonical spelling
KEYS = (
    ("claude-3-5-sonnet-20241022", "anthropic/claude-3.5-sonnet-20241022"),
    ("Claude Sonnet 3.5", "anthropic/claude-sonnet-3.5"),
    ("gpt-4o-2024-05-13", "openai/gpt-4o-20240513"),
    ("GPT-4o (2024-05-13)", "openai/gpt-4o-20240513"),
    ("command-r-plus-08-2024", "cohere/command-r-plus-202408"),
    ("Command R+", "cohere/command-r-plus"),
    ("gemini-2.5-flash-preview-04-17", "google/gemini-2.5-flash-0417-preview"),
    ("gemini-2.5-flash-preview-09-2025", "google/gemini-2.5-flash-202509-preview"),
    ("kimi-k2-0905-preview", "moonshotai/kimi-k2-0905-preview"),
    ("Kimi K2 (07/11)", "moonshotai/kimi-k2-0711"),
    ("mistral-large-2411", "mistral/mistral-large-202411"),
    ("Mistral Large 24.11", "mistral/mistral-large-202411"),
    ("deepseek-v3.2-251201", "deepseek/deepseek-v3.2-20251201"),
    ("step-2-16k-exp-202412", "stepfun/step-2-16k-exp-202412"),
    ("nova-chat-26-02-10", "amazon/nova-chat-20260210"),
    ("phi-3-mini-4k-instruct-june-2024", "microsoft/phi-3-mini-4k-instruct-202406"),
    ("GPT-4 Turbo (older v1106)", "openai/gpt-4-turbo-1106"),
    ("gemini-1.5-pro-002", "google/gemini-1.5-pro-002"),
    ("amazon-nova-pro-v1.0", "amazon/nova-pro-001"),
    ("claude-opus-4-6@default", "anthropic/claude-opus-4.6-default"),
    ("claude-opus-4-0", "anthropic/claude-opus-4"),
    ("accounts/fireworks/models/glm-5p2", "zai/glm-5.2"),
    ("Llama-3_3-Nemotron-Super-49B-v1_5", "nvidia/llama-3.3-nemotron-super-v1.5-49b"),
    ("llama3.1:8b", "meta/llama-3.1-8b"),
    ("gpt-oss:120b", "openai/gpt-oss-120b"),
    ("mixtral-8x7b-instruct-v0.1", "mistral/mixtral-v0.1-8x7b-instruct"),
    ("mistral.mistral-7b-instruct-v0:2", "mistral/mistral-v0.2-7b-instruct"),
    ("anthropic.claude-v2:1", "anthropic/claude-v2.1"),
    (
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "anthropic/claude-sonnet-4.5-20250929",
    ),
    (
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "anthropic/claude-3.5-sonnet-20241022",
    ),
    ("gemini-3.7-flash@eu", "google/gemini-3.7-flash"),
    ("openai.gpt-oss-120b-1:0", "openai/gpt-oss-120b"),
    (
        "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
        "meta/llama-3.3-70b-instruct-fp8-fast",
    ),
    (
        "Qwen3-Coder-480B-A35B-Instruct-int4-mixed-ar",
        "alibaba/qwen-3-coder-480b-a35b-instruct-int4-ar-mixed",
    ),
    ("qwen2.5:7b-instruct-q4_K_M", "alibaba/qwen-2.5-7b-instruct-quantized"),
    ("llama3-70b-8192", "meta/llama-3-70b-8192"),
    ("claude-opus-4-thinking:32768", "anthropic/claude-opus-4-thinking-32768tok"),
    (
        "claude-opus-4-1-20250805-thinking-16k",
        "anthropic/claude-opus-4.1-20250805-thinking-16000tok",
    ),
    ("gemini-3-flash (thinking-minimal)", "google/gemini-3-flash-thinking-minimal"),
    ("qwen3-235b-a22b-no-thinking", "alibaba/qwen-3-235b-a22b-no-thinking"),
    ("gemini-2.5-flash-nothink", "google/gemini-2.5-flash-no-thinking"),
    ("grok-4-fast-non-reasoning", "xai/grok-4-fast-no-thinking"),
    ("kimi-k2.5-instant", "moonshotai/kimi-k2.5-no-thinking"),
    ("sonar-reasoning-pro", "perplexity/sonar-reasoning-pro"),
    ("ppl-sonar-pro-high", "perplexity/sonar-pro-[high]"),
    ("gpt-5.4-high (codex-harness)", "openai/gpt-5.4-high-[codex-harness]"),
    ("x-image (nano-banana) [web-search]", "x-image-[web-search]"),
    ("gpt-image-1.5-high-fidelity", "openai/gpt-image-1.5-[high-fidelity]"),
    ("seedream-4-2k", "bytedance/seedream-4-[2k]"),
    ("step-2-16k", "stepfun/step-2-16k"),
    ("gpt-5.2-chat-latest", "openai/gpt-5.2-chat"),
    ("chatgpt-4o-latest", "openai/chatgpt-4o-latest"),
    ("gpt-3.5-turbo-instruct", "openai/gpt-3.5-turbo-instruct"),
    ("gpt-35-turbo", "openai/gpt-3.5-turbo"),
    ("Kimi-K2-Instruct", "moonshotai/kimi-k2-instruct"),
    ("FLUX.2 [pro]", "bfl/flux-2-pro"),
    ("zai-org-glm-4.7-flash", "zai/glm-4.7-flash"),
    ("z-ai/glm-4.7", "zai/glm-4.7"),
    ("ai21-jamba-1.5-large", "ai21/jamba-1.5-large"),
    ("OpenAI: GPT-5.1", "openai/gpt-5.1"),
    ("hunyuan-hy3-preview", "tencent/hy-3-preview"),
    ("deepseek-chat-v3-0324", "deepseek/deepseek-v3-0324"),
    ("minimax.minimax-m2", "minimax/minimax-m2"),
    ("claude-opus-4-7-fast", "anthropic/claude-opus-4.7-fast"),
    ("Llama 3.1 405B (base)", "meta/llama-3.1-base-405b"),
    ("x-12-10-45", "x-45-1210"),
    ("free", "free"),
    ("", ""),
    ("Bielik ż 11B", "bielik-ż-11b"),
)


@pytest.mark.parametrize(("name", "key"), KEYS)
def test_reads_a_name_into_one_spelling(name: str, key: str) -> None:
    """Every style of writing ends in one canonical spelling."""
    assert parse(name).key == key


@pytest.mark.parametrize("key", sorted({key for _, key in KEYS}))
def test_reads_its_own_spelling(key: str) -> None:
    """The canonical spelling reads as itself."""
    assert parse(key).key == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("claude-3-5-sonnet", "Claude Sonnet 3.5"),
        ("anthropic--claude-4.5-haiku", "claude-haiku-4-5"),
        ("gemini-flash-1.5", "gemini-1.5-flash"),
        ("deepseek-v3.2", "deepseek-3.2"),
        ("GPT-5.1", "gpt-5-1"),
        ("imagen-ultra-4.0-generate", "imagen-4.0-ultra-generate"),
        ("solar-pro3", "solar-pro-3"),
        ("mimo-v2.5", "MiMo V2.5"),
        ("k2p5", "k2.5"),
        ("gemini-3.0-pro", "gemini-3-pro"),
    ],
)
def test_lets_one_version_stand_anywhere(one: str, other: str) -> None:
    """The place and the style of a name's only version are spelling."""
    assert parse(one).stem == parse(other).stem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("llama-3.1-tulu-3-8b", "llama-3-tulu-3.1-8b"),
        ("hermes-3-llama-3.1", "hermes-3.1-llama-3"),
        ("grok-4.20", "grok-4.2"),
        ("gpt-4o", "gpt-4"),
        ("doubao-1.5-thinking-pro-vision", "doubao-1.5-thinking-vision-pro"),
        ("phi-3-mini-4k", "phi-3-mini-128k"),
        ("gemma-3n", "gemma-3"),
    ],
)
def test_keeps_words_and_versions_in_order(one: str, other: str) -> None:
    """Words, versions and, with two versions, their places are identity."""
    assert parse(one).stem != parse(other).stem


def test_keeps_every_attribute_apart() -> None:
    """One name with everything fills every field."""
    name = (
        "nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-Instruct-2507-thinking-32k-FP8:free"
    )

    assert parse(name) == Signature(
        vendor="nvidia",
        core=("nemotron", "3", "super"),
        stem="nemotron super 3",
        sizes=("120b", "a12b"),
        stamp=Stamp(year=2025, month=7),
        thinking=True,
        budget=32_000,
        chat_format="instruct",
        serving=("fp8", "free"),
    )


@pytest.mark.parametrize(
    ("name", "model", "effort", "budget"),
    [
        ("gpt-5.1-high", "gpt 5.1", "high", None),
        ("muse-spark-1.2 (xHigh)", "muse spark 1.2", "xhigh", None),
        ("claude-opus-4-5-20251101-high-32k", "claude opus 4.5", "high", 32_000),
        ("deepseek-v4-pro-high-20260813", "deepseek pro 4", "high", None),
        ("qwen3-max", "qwen 3", "max", None),
    ],
)
def test_offers_a_second_reading_with_an_effort(
    name: str, model: str, effort: str, budget: int | None
) -> None:
    """A last word that is an effort can be one; whether it is, the market tells."""
    reading = effort_reading(parse_name(name))

    assert reading is not None
    assert (reading.stem, reading.effort, reading.budget) == (model, effort, budget)


@pytest.mark.parametrize(
    "name", ["gpt-5.1", "mistral-medium", "high", "yi-medium-200k"]
)
def test_offers_no_effort_without_a_model(name: str) -> None:
    """A bare brand takes no effort."""
    assert effort_reading(parse_name(name)) is None


def test_completes_a_name_from_its_display_name() -> None:
    """What the display name adds without contradiction is taken over."""
    signature = parse("qwen/qwen3-coder", display_name="Qwen3 Coder 480B A35B Instruct")

    assert signature.sizes == ("480b", "a35b")
    assert signature.chat_format == "instruct"


def test_finds_the_lost_point_in_the_display_name() -> None:
    """An id that lost its decimal point gets it back."""
    assert parse("openai-gpt-52", display_name="GPT-5.2").key == "openai/gpt-5.2"


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        (["@cf", "meta"], "meta"),
        (["openai", "chat-completion", "models"], "openai"),
        (["accounts", "fireworks", "models"], None),
        (["hf:zai-org"], "zai org"),
        (["OpenPipe"], "openpipe"),
        (["TEE"], None),
        ([], None),
    ],
)
def test_finds_the_owner_in_a_path(path: list[str], owner: str | None) -> None:
    """Places are skipped, labs win over others."""
    assert owner_of(path) == owner


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (Stamp(month=9, day=5), Stamp(year=2025, month=9, day=5), True),
        (Stamp(year=2025, month=7), Stamp(year=2025, month=7, day=25), True),
        (Stamp(month=9, day=5), Stamp(month=9, day=6), False),
        (Stamp(year=2024, month=9), Stamp(year=2025, month=9), False),
        (Stamp(month=9, day=5), Stamp(month=5, day=9), False),
        (Stamp(month=1, day=11), Stamp(year=2023, month=1), False),
    ],
)
def test_agrees_on_dates_where_both_speak(
    one: Stamp, other: Stamp, agree: bool
) -> None:
    """A part that one date leaves out is no disagreement; a month is too little."""
    assert one.agrees_with(other) is agree is other.agrees_with(one)


@pytest.mark.parametrize(
    ("stamp", "date", "days"),
    [
        (Stamp(year=2025, month=11, day=1), "2025-11-24", 23),
        (Stamp(month=9, day=5), "2025-09-04", 1),
        (Stamp(year=2025, month=7), "2025-07-28", 0),
        (Stamp(year=2025, month=7), "2025-09", 62),
        (Stamp(year=2025, month=7, day=3), "2025-08", 31),
        (Stamp(month=2, day=29), "2025-03-01", None),
        (Stamp(month=9, day=5), None, None),
        (Stamp(month=9, day=5), "soon", None),
        (Stamp(month=9, day=5), "2025", None),
        (Stamp(month=9, day=5), "2025-13-40", None),
    ],
)
def test_measures_days_to_a_date(
    stamp: Stamp, date: str | None, days: int | None
) -> None:
    """Distances are days, months where a day is missing, nothing where no date is."""
    assert days_between(stamp, date) == days


@pytest.mark.parametrize(
    "name",
    [
        "r1-1776",
        "gpt-2031-13-45",
        "model-20259999",
        "x-1399",
        "claude-0",
        "v9999",
        "10-40",
    ],
)
def test_takes_no_number_for_a_date_that_is_none(name: str) -> None:
    """Numbers outside the calendar stay words of the name."""
    assert parse(name).stamp is None


def test_compares_sizes_that_are_given_in_part() -> None:
    """Active parameters and experts may be left out, contradicted they may not."""
    assert fits(("235b",), ("235b", "a22b"))
    assert fits((), ("8b",))
    assert fits(("e4b",), ("4b",))
    assert not fits(("235b", "a22b"), ("235b", "a3b"))
    assert fuller(("235b",), ("235b", "a22b")) == ("235b", "a22b")
    assert fuller(("8b",), ("70b",)) == ("8b",)
    assert in_order(["128e", "a3b", "17b", "17b"]) == ("17b", "a3b", "128e")


@pytest.mark.parametrize("unit", ["k", "tok", "b", "e", "", ".5"])
@pytest.mark.parametrize("head", ["claude-5-thinking-", "claude-5-high-", "gpt-"])
def test_reads_numbers_of_any_length(head: str, unit: str) -> None:
    """Thousands of digits are a strange name, no error and no number."""
    name = f"{head}{'9' * 5_000}{unit}"
    grouping = group([ServedRow(provider="x", model_id=name, reasoning=True)])

    assert parse(name).budget is None
    assert len(join([RatedName(name=name)], grouping).joins) <= 1


def test_gives_its_names_when_they_are_looked_at() -> None:
    """The package has what it lists, whichever module was imported before."""
    import_module("llmhub_core.catalog.identity.joining")
    import_module("llmhub_core.catalog.identity.grouping")

    assert all(getattr(identity, name) for name in identity.__all__)
    assert callable(identity.join)
    with pytest.raises(AttributeError, match="'guess'"):
        identity.guess  # noqa: B018


def test_names_a_provider_without_the_rules() -> None:
    """Who asks for a provider's name does not wait for the rest."""
    code = (
        "import sys, llmhub_core.catalog.identity.providers as p;"
        "assert p.canonical_provider('google') == 'gemini';"
        "print(*sorted(m for m in sys.modules if 'catalog.identity.' in m))"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )

    assert [name.rpartition(".")[2] for name in ran.stdout.split()] == [
        "packaged",
        "providers",
    ]
