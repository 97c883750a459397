"""Rows that can't be right, by the figures of the rows that were found wrong."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub_core.catalog.flags import FLAGS, flags
from llmhub_core.records.model import CanonicalModel


def row(canonical_id: str, **said: Any) -> CanonicalModel:
    """A row of one group, made by a lab that sells at ``anthropic``."""
    provider, _, model_id = canonical_id.partition(":")
    known: dict[str, Any] = {"group": "anthropic/opus", "lab": "anthropic"}
    return CanonicalModel(
        canonical_id=canonical_id,
        provider=provider,
        model_id=model_id,
        **(known | said),
    )


def at(canonical_id: str, price_in: float, price_out: float) -> CanonicalModel:
    """A row with a price list."""
    return row(
        canonical_id,
        price_basis="listed",
        price_input_per_million=price_in,
        price_output_per_million=price_out,
    )


def flagged(*models: CanonicalModel, **how: Any) -> dict[str, dict[str, str]]:
    """Flags of the rows that have any, by id."""
    found = flags(models, how.pop("doubts", {}), **how)
    return {m.canonical_id: f for m, f in zip(models, found, strict=True) if f}


LAB = at("anthropic:opus", 5, 25)


def test_writes_the_prices_of_small_models_in_full() -> None:
    """An embedding model's thousand tokens cost a fraction of a cent, in figures."""
    hosts = [at(f"{name}:small", 0.19, 0) for name in ("a", "b", "c", "d")]

    (found,) = flagged(at("e:small", 0.019, 0), *hosts).values()
    assert found["price-far-from-group"] == (
        "$0.000019 for 1,000 tokens in and 300 out is 10.0% of the $0.00019 of the "
        "median host"
    )


def test_a_host_that_asks_three_times_as_much_as_the_lab() -> None:
    """Both prices and both rows are named; less than that is no error."""
    found = flagged(
        LAB,
        at("bedrock:au.opus", 16.5, 82.5),
        at("vertexai:opus", 15, 75),
        at("azure:opus", 14.9, 74.9),
        at("groq:opus", 5.5, 27.5),
    )
    assert found == {
        "bedrock:au.opus": {
            "price-far-from-group": (
                "$16.5 in, $82.5 out is 3.3 times what anthropic:opus asks"
            )
        },
        "vertexai:opus": {
            "price-far-from-group": (
                "$15 in, $75 out is 3.0 times what anthropic:opus asks"
            )
        },
    }


def test_a_host_that_asks_a_tenth_of_what_the_lab_asks() -> None:
    """Perhaps a price per thousand tokens; nine tenths less is still a bargain."""
    found = flagged(LAB, at("a:opus", 0.5, 2.5), at("b:opus", 0.51, 2.55))
    assert found == {
        "a:opus": {
            "price-far-from-group": (
                "$0.5 in, $2.5 out is 10.0% of what anthropic:opus asks"
            )
        }
    }


def test_the_nearest_price_of_the_lab_counts() -> None:
    """A lab may sell one model at several prices, as a fast one or a dated one."""
    fast = at("anthropic:opus-fast", 30, 150)
    assert flagged(LAB, fast, at("openrouter:opus-fast", 30, 150)) == {}


def test_without_the_lab_the_median_host_tells_what_is_usual() -> None:
    """Of four hosts at least; a free one is nobody's measure."""
    hosts = [at(f"h{n}:opus", 1, 4) for n in range(3)]
    free = row("f:opus", price_basis="free", price_input_per_million=0.0)
    dear = at("dear:opus", 3, 12)
    assert flagged(*hosts[:2], free, dear) == {}
    assert flagged(*hosts, free, dear) == {
        "dear:opus": {
            "price-far-from-group": (
                "$0.0066 for 1,000 tokens in and 300 out is 3.0 times the $0.0022 "
                "of the median host"
            )
        }
    }


def test_two_rows_of_one_host_are_one_opinion() -> None:
    """Four hosts are needed, not four rows."""
    rows = [at(f"h:opus-{n}", 1, 4) for n in range(4)]
    assert flagged(*rows, at("dear:opus", 30, 120)) == {}


def test_a_context_window_far_from_the_labs() -> None:
    """Three times as much, or a tenth of it."""
    known = row("anthropic:opus", context_tokens=200_000)
    found = flagged(
        known,
        row("a:opus", context_tokens=600_000),
        row("b:opus", context_tokens=20_000),
        row("c:opus", context_tokens=599_999),
        row("d:opus", context_tokens=20_001),
        row("e:opus"),
    )
    assert found == {
        "a:opus": {
            "context-far-from-group": "600,000 tokens, 200,000 at anthropic:opus"
        },
        "b:opus": {
            "context-far-from-group": "20,000 tokens, 200,000 at anthropic:opus"
        },
    }


def test_a_context_window_far_from_the_median_hosts() -> None:
    """As with prices, where the lab has no row."""
    hosts = [row(f"h{n}:opus", context_tokens=8_192) for n in range(3)]
    (found,) = flagged(*hosts, row("x:opus", context_tokens=128_000)).values()
    assert found == {
        "context-far-from-group": "128,000 tokens, 8,192 at the median host"
    }


def test_who_does_not_count_is_measured_by_the_others() -> None:
    """Rows that only a key brought are flagged, and make nobody else suspicious."""
    keyed = [at(f"k{n}:opus", 1, 5) for n in range(4)]
    other = at("x:opus", 30, 150)
    assert flagged(*keyed, other, among=[other]) == {}
    assert set(flagged(*keyed, LAB, at("x:opus", 1, 5), among=[LAB])) == set()
    assert set(flagged(at("k:opus", 50, 250), LAB, among=[LAB])) == {"k:opus"}


@pytest.mark.parametrize(
    ("said", "flag", "says"),
    [
        (
            {"price_input_per_million": 0.5, "price_cache_read_per_million": 1.25},
            "cache-price-over-input",
            "$1.25 to read from the cache, $0.5 to send anew",
        ),
        (
            {"price_basis": "zero"},
            "zero-price",
            "the price list says 0: free, in a plan, or unknown",
        ),
        (
            {"context_tokens": 8_000, "max_output_tokens": 16_000},
            "output-over-context",
            "16,000 tokens out of a context of 8,000",
        ),
        (
            {"release_date": "2025-11-24", "last_updated": "2025-08"},
            "updated-before-released",
            "updated 2025-08, released 2025-11-24",
        ),
    ],
)
def test_a_row_that_contradicts_itself(
    said: dict[str, Any], flag: str, says: str
) -> None:
    """The figures that can't both be right."""
    assert flagged(row("x:y", **said)) == {"x:y": {flag: says}}


@pytest.mark.parametrize(
    "model_id",
    [
        "mistral-large-latest",
        "~anthropic/claude-opus-latest",
        "gpt-5.1-chat-latest",
        "models/gemini-flash-latest",
        "LATEST",
        "~auto",
        "m@latest",
    ],
)
def test_an_id_that_floats(model_id: str) -> None:
    """Neither model nor price can be pinned."""
    assert list(flagged(row(f"x:{model_id}"))[f"x:{model_id}"]) == ["floating-alias"]


@pytest.mark.parametrize("model_id", ["greatest-hits", "latestmodel-1", "a~b", "gpt-5"])
def test_an_id_that_does_not(model_id: str) -> None:
    """A word within a word is none."""
    assert flagged(row(f"x:{model_id}")) == {}


@pytest.mark.parametrize(
    ("model_id", "name", "odd"),
    [
        ("mistral-large2", "Mistral Large (latest)", True),
        ("mistral-medium-3.5", "Mistral Medium Latest", True),
        ("claude-haiku-4-5", "Claude Haiku 4.5 (latest)", False),
        ("claude-opus-4-0", "Claude Opus 4 (latest)", False),
        ("mistral-large2", "Mistral Large 2", False),
        ("mistral-large2", None, False),
    ],
)
def test_a_name_that_floats_over_an_id_that_does_not(
    model_id: str,
    name: str | None,
    odd: bool,
) -> None:
    """The id names a version that a name with "latest" lacks; ``-0`` is none."""
    found = flagged(row(f"x:{model_id}", display_name=name))
    assert ("name-disagrees" in found.get(f"x:{model_id}", {})) == odd


def test_a_doubt_of_identity_is_told_in_its_words() -> None:
    """Before what the name itself says."""
    model = row("x:m-2", display_name="M (latest)")
    found = flagged(model, doubts={"x:m-2": "the id says m-2", "x:other": "no"})
    assert found == {"x:m-2": {"name-disagrees": "the id says m-2"}}


def test_flags_stand_in_the_order_of_their_weight() -> None:
    """And every one of them has a meaning."""
    model = row(
        "x:m-2-latest",
        price_basis="zero",
        context_tokens=1,
        max_output_tokens=2,
        release_date="2026-02",
        last_updated="2026-01",
    )
    (found,) = flagged(model, doubts={"x:m-2-latest": "?"}).values()
    assert list(found) == [name for name in FLAGS if name in found]
    assert len(found) == 5
