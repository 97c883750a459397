"""The codec: strict on the way in, one form on the way out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_type_hints

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmhub_core import codec
from llmhub_core.codec import CodecError, digest, dumps, loads, structure
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.lock import Lock
from llmhub_core.records.model import CanonicalModel, Facts, PriceTier
from llmhub_core.records.rating import Rating
from llmhub_core.testing.strategies import json_values, records


def _within(kind: Any) -> Iterator[type]:
    """A record class and every record class in its fields."""
    if attrs.has(kind):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from _within(hint)
    for inner in get_args(kind):
        yield from _within(inner)


# What is written to files: the lock and the catalog, with all that is in them.
KEPT = sorted({*_within(Lock), *_within(Catalog)}, key=lambda cls: cls.__name__)


@pytest.mark.parametrize("cls", KEPT, ids=lambda cls: cls.__name__)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=10)
@given(data=st.data())
def test_every_record_comes_back_from_json_as_it_was(
    cls: type[Any], data: st.DataObject
) -> None:
    """Writing a record to JSON and reading it again gives an equal record."""
    record = data.draw(records(cls))
    assert structure(loads(dumps(codec.unstructure(record))), cls) == record
    assert structure(codec.unstructure(record), cls) == record


@pytest.mark.parametrize("cls", KEPT, ids=lambda cls: cls.__name__)
@settings(max_examples=10)
@given(data=json_values())
def test_any_json_is_read_or_refused_with_one_kind_of_error(
    cls: type[Any], data: Any
) -> None:
    """Whatever JSON says, the answer is a record or a CodecError with a path."""
    try:
        assert isinstance(structure(data, cls), cls)
    except CodecError as error:
        named = (error.path[:1], error.problem.endswith(f" @ {error.path}"))
        if named != ("$", True):
            raise


@attrs.frozen(kw_only=True)
class Sample:
    """One field of every kind that records use."""

    flag: bool = False
    count: int = 0
    amount: float = 0.0
    name: str = ""
    words: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    tiers: tuple[PriceTier, ...] = ()
    choice: Literal["one", "two"] = "one"
    maybe: float | None = None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("flag", "false"),
        ("flag", 0),
        ("flag", None),
        ("count", 1.0),
        ("count", 1.9),
        ("count", True),
        ("count", "1"),
        ("amount", "1.5"),
        ("amount", True),
        ("amount", float("nan")),
        ("amount", float("inf")),
        ("amount", None),
        ("name", 1),
        ("name", None),
        ("words", "abc"),
        ("words", {"a": 1}),
        ("words", ["a", 1]),
        ("counts", [True]),
        ("counts", [1.0]),
        ("tiers", [3]),
        ("tiers", [{"above_context_tokens": 1.5}]),
        ("tiers", {}),
        ("choice", "three"),
        ("choice", ["one"]),
        ("maybe", "1"),
        ("maybe", float("-inf")),
    ],
)
def test_nothing_is_coerced(field: str, value: Any) -> None:
    """A value of another type is refused where it stands, never bent to fit."""
    with pytest.raises(CodecError) as caught:
        structure({field: value}, Sample)
    assert caught.value.path.startswith(f"$.{field}")


def test_values_without_a_type_are_taken_as_they_are() -> None:
    """Call parameters are anybody's; lists become tuples, at any depth."""

    @attrs.frozen
    class Call:
        params: Mapping[str, object]

    given = {"stop": ["a", ["b"]], "deep": {"list": [1, None]}, "n": 1.5}
    read = structure({"params": given}, Call)
    assert read.params == {"stop": ("a", ("b",)), "deep": {"list": (1, None)}, "n": 1.5}


def test_a_whole_number_is_a_number() -> None:
    """JSON writes 2.0 as 2 in places, so an int fits where a float is asked."""
    read = structure({"amount": 2, "maybe": 3}, Sample)
    assert (type(read.amount), type(read.maybe)) == (float, float)


@pytest.mark.parametrize(
    ("data", "cls", "problem"),
    [
        ([], Facts, "expected an object, got list @ $"),
        (None, Facts, "expected an object, got NoneType @ $"),
        ({"b": 1, "a": 2}, Facts, "unknown 'a', 'b' @ $"),
        ({"kind": "robot"}, Facts, "'robot' is none of chat, "),
        ({"price_tiers": [{}]}, Facts, "above_context_tokens is missing @ $"),
        (
            {"price_tiers": [{"above_context_tokens": 1}, 3]},
            Facts,
            "expected an object, got int @ $.price_tiers[1]",
        ),
        ({"environments": []}, Lock, "got list @ $.environments"),
        (
            {"environments": {"prod": {"spec_digest": 1, "catalog_digest": ""}}},
            Lock,
            "expected str, got int @ $.environments['prod'].spec_digest",
        ),
    ],
)
def test_an_error_says_what_is_wrong_and_where(
    data: Any, cls: type[Any], problem: str
) -> None:
    """The problem names what was found and its JSON path, in plain words."""
    with pytest.raises(CodecError) as caught:
        structure(data, cls)
    assert problem in caught.value.problem


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "NaN",
        "[Infinity]",
        '{"a": -Infinity}',
        "1e400",
        "-1e400",
        "[" * 100_000,
        "9" * 5_000,
        b"\xff\xfe[\x00]\x00",
        b"\xef\xbb\xbf[]",
        '"\x00"',
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_not_strict_json_is_refused(text: str | bytes) -> None:
    """Half documents, endless numbers, endless nesting and other encodings."""
    with pytest.raises(CodecError, match="not JSON"):
        loads(text)


@given(json_values())
def test_json_has_one_form(data: Any) -> None:
    """What was written reads back the same, and is written the same again."""
    written = dumps(data)
    assert loads(written) == data
    assert dumps(loads(written)) == written
    assert written.endswith(b"\n")


@given(st.dictionaries(st.text("aéß/", max_size=4), json_values(), min_size=2))
def test_key_order_changes_neither_bytes_nor_digest(data: dict[str, Any]) -> None:
    """Equal data gives equal bytes in whatever order it was put together."""
    turned = dict(reversed(data.items()))
    assert dumps(turned) == dumps(data)
    assert digest(turned) == digest(data)


def test_the_digest_is_of_the_compact_form() -> None:
    """Anybody can recompute it: SHA-256 of sorted, compact, UTF-8 JSON."""
    data = {"b": "é", "a": [1, 2.5, None]}
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert digest(data) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("data", [float("nan"), [float("inf")], "\ud800", {1, 2}])
def test_what_json_can_not_say_is_not_written(data: Any) -> None:
    """NaN, half a surrogate pair and sets raise instead of making odd files."""
    for write in (dumps, digest):
        with pytest.raises(CodecError, match="can't be written as JSON"):
            write(data)


def test_fields_at_their_default_are_left_out() -> None:
    """Files stay small, and a later default does not contradict an older file."""
    rating = Rating(name="gpt-5", board="text", category="overall", score=1400.0)
    assert codec.unstructure(rating) == {
        "name": "gpt-5",
        "board": "text",
        "category": "overall",
        "score": 1400.0,
    }


def test_a_required_field_must_be_there() -> None:
    """A record without its id is no record."""
    with pytest.raises(CodecError, match="model_id is missing"):
        structure({"canonical_id": "a:b", "provider": "a"}, CanonicalModel)


@attrs.frozen(kw_only=True)
class Options:
    """What a plugin may ask for."""

    url: str = "https://example.com"
    pages: int = 3
    share: float = attrs.field(default=0.5, validator=attrs.validators.le(1.0))
    strict: bool = False
    boards: tuple[str, ...] = ()
    mode: Literal["fast", "full"] = "fast"
    limit: float | None = None


def test_text_becomes_what_the_field_asks_for() -> None:
    """Variables are text: numbers, truths and lists are read out of it."""
    read = codec.structure_text(
        {
            "pages": " 12 ",
            "share": "0.25",
            "strict": "Yes",
            "boards": "text, vision,,",
            "mode": "full",
            "limit": "2",
        },
        Options,
    )
    assert read == Options(
        pages=12,
        share=0.25,
        strict=True,
        boards=("text", "vision"),
        mode="full",
        limit=2.0,
    )


@pytest.mark.parametrize("word", ["0", "false", "No", "OFF", " off "])
def test_every_word_for_false_is_false(word: str) -> None:
    """``bool("false")`` is True in Python; here it is False."""
    assert codec.structure_text({"strict": word}, Options).strict is False


def test_values_from_a_typed_file_stay_as_they_are() -> None:
    """TOML and YAML have types of their own, which are taken at their word."""
    read = codec.structure_text(
        {"pages": 2, "strict": True, "boards": ["a, b"], "limit": None}, Options
    )
    assert read == Options(pages=2, strict=True, boards=("a, b",))


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("pages", "many", "'many' is not a whole number @ $.pages"),
        ("pages", "1.5", "'1.5' is not a whole number @ $.pages"),
        ("pages", 1.5, "expected int, got float @ $.pages"),
        ("share", "half", "'half' is not a number @ $.share"),
        ("share", "nan", "'nan' is not a number @ $.share"),
        ("share", "1e400", "'1e400' is not a number @ $.share"),
        ("strict", "maybe", "'maybe' is not true or false @ $.strict"),
        ("strict", 1, "expected bool, got int @ $.strict"),
        ("url", 3, "expected str, got int @ $.url"),
        ("boards", [1], "item 0: expected str, got int @ $.boards"),
        ("boards", {"a": 1}, "expected a list, got dict @ $.boards"),
        ("mode", "slow", "'slow' is none of fast, full @ $.mode"),
        ("hurry", "1", "unknown 'hurry' @ $"),
        ("share", "2", "'share' must be <= 1.0: 2.0 @ $"),
    ],
)
def test_an_option_that_does_not_fit_is_named(
    field: str, value: Any, problem: str
) -> None:
    """The value and its field are named, for the user to find them."""
    with pytest.raises(CodecError) as caught:
        codec.structure_text({field: value}, Options)
    assert caught.value.problem == problem
