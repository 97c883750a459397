"""JSON from strangers."""

from __future__ import annotations

import json

import pytest

from llmhub_core.errors import SourceDataError
from llmhub_core.records.observation import Payload
from llmhub_sources.documents import (
    Fields,
    is_day,
    is_local,
    is_sound,
    join,
    read_document,
    said,
)


def _payload(body: bytes | str) -> Payload:
    data = body if isinstance(body, bytes) else body.encode()
    return Payload(
        url="https://x.test/a.json",
        body=data,
        fetched_at="2026-07-01T00:00:00Z",
        transferred=True,
    )


def _read(text: str) -> Fields:
    return Fields(read_document(_payload(text)), "a/b")


def _refused(fields: Fields) -> list[str | None]:
    return [refusal.field for refusal in fields.refused]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"<html></html>", b'{"a": 1,}', b"\xff\xfe\x00", b'"\xc3"', b"nope"],
)
def test_what_is_not_json_is_a_data_error(body: bytes) -> None:
    """A document without form names its address."""
    with pytest.raises(SourceDataError, match=r"https://x\.test/a\.json: is not JSON"):
        read_document(_payload(body))


def test_nesting_without_end_is_a_data_error() -> None:
    """A hundred thousand brackets end in a sentence, not in a crash."""
    with pytest.raises(SourceDataError, match="nested too deeply"):
        read_document(_payload("[" * 100_000 + "]" * 100_000))


def test_a_byte_order_mark_is_no_trouble() -> None:
    """UTF-8 with a mark in front is read."""
    assert read_document(_payload(b'\xef\xbb\xbf{"a": 1}')) == {"a": 1}


@pytest.mark.parametrize(
    "literal", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 5000, "-1"]
)
def test_a_number_that_is_none_costs_its_field_alone(literal: str) -> None:
    """Neither the document nor the field beside it suffers."""
    fields = _read(f'{{"bad": {literal}, "good": 7}}')
    assert fields.number("bad", least=0, most=100, wanted="a price") is None
    assert fields.count("bad") is None
    assert fields.count("good") == 7
    assert _refused(fields) == ["bad", "bad"]


@pytest.mark.parametrize(
    "twice", ['"a": 1, "a": 2', '"a": 1, "a": true', '"a": 0, "a": {}']
)
def test_one_key_with_two_values_has_none(twice: str) -> None:
    """Neither the first nor the last is picked."""
    fields = _read(f"{{{twice}}}")
    assert fields.count("a") is None
    assert _refused(fields) == ["a"]
    assert "two different values" in fields.refused[0].reason


def test_one_key_with_one_value_twice_has_it() -> None:
    """Repetition is no contradiction."""
    assert _read('{"a": [1], "b": 3, "a": [1]}').raw("a") == [1]


@pytest.mark.parametrize(
    "value", ["true", '"1"', "[1]", "{}", "1.5", "-1", "2000000000"]
)
def test_a_count_is_a_whole_number_in_bounds(value: str) -> None:
    """A flag, a text, a fraction or a negative number counts nothing."""
    fields = _read(f'{{"a": {value}}}')
    assert fields.count("a") is None
    assert _refused(fields) == ["a"]


def test_a_whole_float_is_a_count() -> None:
    """Some upstreams write whole numbers with a point."""
    assert _read('{"a": 4932.0}').count("a") == 4932


@pytest.mark.parametrize("value", ["1", "0", '"true"', "[]"])
def test_a_flag_is_true_or_false(value: str) -> None:
    """Nothing else stands for either."""
    fields = _read(f'{{"a": {value}}}')
    assert fields.flag("a") is None
    assert _refused(fields) == ["a"]


@pytest.mark.parametrize("value", ['"a\\u0000"', '"\\ud800"', '"\\u001b[2J"', "3"])
def test_a_text_is_one_printable_line(value: str) -> None:
    """Half of a surrogate pair or an escape sequence would break who prints it."""
    fields = _read(f'{{"a": {value}}}')
    assert fields.text("a") is None
    assert _refused(fields) == ["a"]


def test_a_text_is_stripped_and_a_long_one_refused() -> None:
    """A tab at the end of a name is not part of it."""
    assert _read('{"a": " DeepSeek V3\\t"}').text("a") == "DeepSeek V3"
    assert _read('{"a": "  "}').text("a") is None
    fields = _read(json.dumps({"a": "x" * 10_000}))
    assert fields.text("a") is None
    assert len(fields.refused[0].reason) < 100


@pytest.mark.parametrize("day", ["2025-07", "2025-07-28", "2024-02-29"])
def test_a_day_may_lack_its_day(day: str) -> None:
    """Both forms of models.dev are dates."""
    assert is_day(day)


@pytest.mark.parametrize(
    "day",
    ["2025", "2025-13", "2025-02-31", "2025-25-11", "1970-01-01", "20250728",
     "2025-W30-1", "9999-01-01", "2025-07-28T00", "٢٠٢٥-07", ""],
)  # fmt: skip
def test_a_day_that_cannot_be_is_none(day: str) -> None:
    """Neither a day that no calendar has nor one before such models existed."""
    fields = Fields({"a": day}, "a/b")
    assert fields.day("a") is None
    assert _refused(fields) == ["a"]


def test_what_is_not_said_is_unknown_and_no_refusal() -> None:
    """Absent and null are the same: not said."""
    for fields in (Fields({}, "a/b"), Fields({"a": None}, "a/b")):
        assert fields.text("a") is None
        assert fields.flag("a") is None
        assert fields.count("a") is None
        assert fields.number("a", least=0, most=1, wanted="a price") is None
        assert fields.day("a") is None
        assert fields.words("a") is None
        assert fields.items("a") is None
        assert fields.table("a") is None
        assert fields.refused == []


def test_one_bad_item_spoils_a_list() -> None:
    """A list with a hole would say less than it seems to."""
    fields = Fields({"words": ["text", 3], "items": [{}, 3], "table": []}, "a/b")
    assert fields.words("words") is None
    assert fields.items("items") is None
    assert fields.table("table") is None
    assert _refused(fields) == ["words", "items", "table"]


def test_a_refusal_says_where_in_the_record() -> None:
    """The path is the one of the upstream's own document."""
    fields = Fields({"cost": {"tiers": [{"input": 1}, {"input": "x"}]}}, "lab/model")
    cost = fields.table("cost")
    assert cost is not None
    tiers = cost.items("tiers")
    assert tiers is not None
    for tier in tiers:
        tier.number("input", least=0, most=9, wanted="a price")
    (refusal,) = fields.refused
    assert (refusal.record, refusal.field) == ("lab/model", "cost.tiers.1.input")
    assert refusal.reason == "'x' is not a price"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": 1}, "an object"),
        ([1], "a list"),
        (10**30, "a huge number"),
        (True, "true"),
        (None, "null"),
        (-1.5, "-1.5"),
        ("\ud800é", "'\\ud800\\xe9'"),
    ],
)  # fmt: skip
def test_a_value_is_described_in_plain_letters(value: object, words: str) -> None:
    """Whatever came, the reason can be printed anywhere."""
    assert said(value) == words


def test_an_id_has_no_space_and_nothing_unprintable() -> None:
    """What can't be typed is not an id."""
    assert is_sound("accounts/fireworks/models/glm-5p2")
    assert not any(is_sound(text) for text in ("", "a b", "a\n", "\ud800", "x" * 201))


def test_addresses() -> None:
    """A folder is a base as good as a server."""
    assert join("https://models.dev/", "api.json") == "https://models.dev/api.json"
    assert join("/srv/mirror", "api.json") == "/srv/mirror/api.json"
    assert is_local("file:///srv/x")
    assert is_local("/srv/x")
    assert not is_local("http://127.0.0.1:1")
