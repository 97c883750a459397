"""What each place of the spec accepts, and how it refuses the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from llmhub_core.errors import SpecError
from llmhub_core.records.spec import Kind
from llmhub_core.spec import parse_spec
from llmhub_core.spec.language import FILE, every_key
from llmhub_core.spec.quantities import Duration, Month, Number, Whole, seconds
from llmhub_core.spec.running import RUNTIME
from llmhub_core.spec.shape import Shape
from llmhub_core.spec.syntax import parse
from llmhub_core.spec.tables import Either, Free, Key, Keys, ListOf, MapOf, plain
from llmhub_core.spec.words import Choice, Flag, ModelId, Text
from llmhub_runtime import parse_config
from llmhub_runtime.values import ERROR_CLASSES, MODES

ROLE = "project: x\nroles:\n  r:\n    kind: chat\n"


def read(shape: Shape, written: str) -> Any:
    """Read one value by its shape."""
    node = parse(f"key: {written}\n").entries["key"].node
    return shape.read(node, "key")


@pytest.mark.parametrize(
    ("shape", "written", "value"),
    [
        (Flag(), "true", True),
        (Flag(), "Yes", True),
        (Flag(), "ON", True),
        (Flag(), '"false"', False),
        (Flag(), "no", False),
        (Flag(), "Off", False),
        (Whole(), "0", 0),
        (Whole(), "100_000", 100_000),
        (Whole(), "+7", 7),
        (Number(), "3", 3.0),
        (Number(), ".5", 0.5),
        (Number(), "1e-3", 0.001),
        (Number(maximum=1), "1.0", 1.0),
        (Text(), "no", "no"),
        (Text(), "' padded '", "padded"),
        (Text(), "|\n  two\n  lines\n", "two\nlines"),
        (Choice(words=("low", "high")), "low", "low"),
        (Duration(), "60", 60),
        (Duration(), "0.5", 0.5),
        (Duration(), "500ms", "500ms"),
        (Duration(), "1d", "1d"),
        (Month(), "2024", "2024"),
        (Month(), "2024-06", "2024-06"),
        (Month(), "2024-02-29", "2024-02-29"),
        (ModelId(), "openai:gpt", "openai:gpt"),
        (ModelId(), "openai/gpt", "openai:gpt"),
        (ModelId(), "openrouter/meta/llama:free", "openrouter:meta/llama:free"),
        (ListOf(item=Whole()), "[1, 2]", (1, 2)),
        (ListOf(item=Whole()), "\n- 1\n- 2", (1, 2)),
        (ListOf(item=Whole()), "[]", ()),
        (Either(one=Whole(), many=ListOf(item=ModelId())), "3", 3),
        (Either(one=Whole(), many=ListOf(item=ModelId())), "[a:b]", ("a:b",)),
    ],
)
def test_value_is_read_by_its_shape(shape: Shape, written: str, value: Any) -> None:
    """The place says what a value is, whatever it looks like."""
    found = read(shape, written)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("shape", "written"),
    [
        (Flag(), "1"),
        (Flag(), "maybe"),
        (Flag(), "[true]"),
        (Whole(), "-1"),
        (Whole(), "1.5"),
        (Whole(), "1e3"),
        (Whole(), "007"),
        (Whole(), "9" * 5000),
        (Whole(minimum=1), "0"),
        (Number(), "-0.1"),
        (Number(), "nan"),
        (Number(), ".inf"),
        (Number(), "inf"),
        (Number(), "1e999"),
        (Number(), "1_000"),
        (Number(), "$3"),
        (Number(above=True), "0"),
        (Number(maximum=1), "1.01"),
        (Text(), '""'),
        (Text(), "{a: b}"),
        (Text(pattern="[a-z]+"), "Ab"),
        (Choice(words=("low", "high")), "Low"),
        (Duration(), "0"),
        (Duration(), "0s"),
        (Duration(), "-5s"),
        (Duration(), "5 s"),
        (Duration(), "1w"),
        (Month(), "2024-13"),
        (Month(), "2023-02-29"),
        (Month(), "06/2024"),
        (Month(), "0000"),
        (ModelId(), "gpt-4o"),
        (ModelId(), ":gpt"),
        (ModelId(), "'openai:a b'"),
    ],
)
def test_value_of_another_shape_is_refused(shape: Shape, written: str) -> None:
    """A value that does not fit is one line that says what would."""
    with pytest.raises(SpecError) as caught:
        read(shape, written)
    assert caught.value.problem.startswith(f"key must be {shape.says}, not ")
    assert caught.value.line == 1
    assert len(caught.value.problem) < 240


@pytest.mark.parametrize("shape", [Flag(), Whole(), Text(), Choice(words=("a",))])
def test_blank_value_is_refused_where_one_is_due(shape: Shape) -> None:
    """A key with nothing behind it is named, with what is missing."""
    with pytest.raises(SpecError, match=r"key has no value: write .*, or take"):
        read(shape, "")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("openai", r"must be a list, not 'openai': write \[openai\]\."),
        ("{a: b}", r"must be a list, not a mapping\."),
        ("[a, b, a]", "names 'a' twice"),
        ("[a, ]", None),
        ("[[a]]", "each of key must be text, not a list or mapping"),
    ],
)
def test_lists_are_lists_without_repetition(written: str, words: str | None) -> None:
    """A single value is not a list of one, and nothing is named twice."""
    shape = ListOf(item=Text())
    if words is None:
        assert read(shape, written) == ("a",)
        return
    with pytest.raises(SpecError, match=words):
        read(shape, written)


def test_free_values_follow_yaml_1_2() -> None:
    """Under free keys, only true, false, null and numbers are not text."""
    written = (
        "{a: true, b: 'true', c: 12, d: 0.5, e: null, f: no, g: 2024-06, h: 1e3, "
        "i: [1, {j: ~}], k: 0123, l: -1.5e-3, m: .inf, n: on, o: 1_000, p: {}, "
        "q: 1e+100, r: 1e999}"
    )
    assert read(Free(), written) == {
        "a": True,
        "b": "true",
        "c": 12,
        "d": 0.5,
        "e": None,
        "f": "no",
        "g": "2024-06",
        "h": 1000.0,
        "i": (1, {"j": None}),
        "k": "0123",
        "l": -0.0015,
        "m": ".inf",
        "n": "on",
        "o": "1_000",
        "p": {},
        "q": 1e100,
        "r": "1e999",
    }


def test_free_value_must_be_written() -> None:
    """A free key with nothing behind it is refused: nobody knows what it means."""
    with pytest.raises(SpecError, match=r"key has no value: write one \(`null`"):
        read(Free(), "{a: }")


@pytest.mark.parametrize(
    ("where", "written", "words"),
    [
        ("", "rolez: {}", "unknown key 'rolez'. Did you mean 'roles'?"),
        (
            "    ",
            "quality: high",
            "unknown key 'quality' in roles.r: it belongs under 'preferences'.",
        ),
        (
            "    ",
            "zzz: 1",
            "unknown key 'zzz' in roles.r. Known here: kind, description, task, ",
        ),
        (
            "    ",
            "preferences: {cots: low}",
            "unknown key 'cots' in roles.r.preferences. Did you mean 'cost'?",
        ),
        (
            "    ",
            "runtime: {cache: {mod: on}}",
            "unknown key 'mod' in roles.r.runtime.cache. Did you mean 'mode'?",
        ),
        (
            "    ",
            "preferences: {quality: hgih}",
            "one of low, medium, high, not 'hgih'. Did you mean 'high'?",
        ),
        ("    ", "task: codign", "Did you mean 'coding'?"),
        ("    ", "require: 5", "roles.r.require must be a mapping, not a single"),
        ("    ", "require: [a]", "roles.r.require must be a mapping, not a list"),
        ("", "providers: {'a b': {}}", "'a b' can't be used as provider name"),
        ("", "environments: {'a/b': {}}", "'a/b' can't be used as environment name"),
    ],
)
def test_mistake_is_named_with_its_remedy(
    where: str, written: str, words: str, refusal: Callable[..., SpecError]
) -> None:
    """Unknown keys, misplaced keys and wrong words say what was likely meant."""
    error = refusal(f"{ROLE}{where}{written}\n")
    assert words in error.problem
    assert error.line == 5


def test_mistake_in_another_environment_is_found(
    refusal: Callable[..., SpecError],
) -> None:
    """The whole file is checked, not only the environment that was asked for."""
    error = refusal(f"{ROLE}environments:\n  prod:\n    roles: {{r: {{tsak: math}}}}\n")
    assert error.line == 7
    assert "environments.prod.roles.r. Did you mean 'task'?" in error.problem


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            "roles: {r: {kind: chat}}\n",
            None,
            "the spec lacks 'project': write `project",
        ),
        ("project: x\n", None, "the spec lacks 'roles': write `roles: {llm.inf"),
        ("project: x\nroles:\n", None, "the spec lacks 'roles'"),
        ("project: x\nroles: {}\n", 2, "roles is empty"),
        ("project: x\nroles:\n  a: {kind: chat}\n  r:\n", 4, "roles.r lacks 'kind'"),
        (
            "project: x\nroles:\n  r:\n\n    task: math\n",
            3,
            "roles.r lacks 'kind': write `kind: chat`.",
        ),
    ],
)
def test_missing_key_is_named(
    text: str, line: int | None, words: str, refusal: Callable[..., SpecError]
) -> None:
    """A required key that is not there is named with a value to write."""
    error = refusal(text)
    assert words in error.problem
    assert error.line == line


def test_a_key_of_a_role_that_is_not_indented_is_told(
    refusal: Callable[..., SpecError],
) -> None:
    """It reads as a role of that name, and is none."""
    error = refusal("project: p\nroles:\n  x:\n  kind: chat\n")
    assert (error.line, error.problem) == (
        4,
        "roles.kind is no role, but a key of one: indent it under its role.",
    )


def test_kind_may_come_from_the_defaults() -> None:
    """A role without its own kind takes the default one."""
    spec = parse_spec("project: x\nroles:\n  r:\ndefaults: {kind: embedding}\n")
    assert spec.roles["r"].kind == "embedding"


def test_a_key_that_was_pasted_is_not_repeated(
    refusal: Callable[..., SpecError],
) -> None:
    """A secret in the place of a variable's name appears in no message."""
    error = refusal(f"{ROLE}providers: {{openai: {{env_key: sk-verysecret}}}}\n")
    assert "never the key itself" in error.problem
    assert "verysecret" not in repr(error) + str(error)


def test_sections_left_blank_say_nothing() -> None:
    """Commenting out the last key of a section leaves a valid spec."""
    blank = "providers:\npolicy:\nsources:\nselectors:\nenvironments:\ndefaults:\n"
    role = "    require:\n      # tools: true\n    relax:\n    mode_params:\n"
    assert parse_spec(f"{ROLE}{role}{blank}") == parse_spec(ROLE)


def test_every_example_is_accepted() -> None:
    """The example of each key, as the docs show it, is a value of that key."""
    for path, key in every_key():
        read(key.shape, key.example)
        assert key.means.endswith("."), path


def test_every_shape_of_the_language_says_what_it_wants() -> None:
    """Each key has words for messages and a schema for editors."""
    for path, key in every_key():
        assert key.shape.says, path
        assert key.shape.schema(), path


def test_names_in_angle_brackets_stand_for_names_that_people_choose() -> None:
    """every_key walks into roles and environments once."""
    paths = [path for path, _ in every_key()]
    assert ("roles", "<role>", "require", "max_price", "input") in paths
    assert ("environments", "<environment>", "roles", "<role>", "task") in paths
    assert len(paths) == len(set(paths))
    assert {path[0] for path in paths} == set(FILE.keys)


def test_mapping_without_a_record_is_kept_as_it_is() -> None:
    """Keys without a record, and names with nothing behind them, stay mappings."""
    inner = Keys(keys={"n": Key(shape=Whole(), means="A number.", example="1")})
    shape = MapOf(item=inner, noun="thing", name=r"\w+")
    assert read(shape, "{a: {n: 1}, b: , c: null}") == {"a": {"n": 1}, "b": {}}


@pytest.mark.parametrize(
    ("duration", "expected"),
    [("500ms", 0.5), ("90s", 90.0), (90, 90.0), (1.5, 1.5), ("2m", 120.0)],
)
def test_durations_compare_in_seconds(duration: str | float, expected: float) -> None:
    """However a duration is written, it is some seconds."""
    assert seconds(duration) == expected


def test_what_is_no_duration_has_no_seconds() -> None:
    """Asking for the seconds of something else is a mistake of the caller."""
    with pytest.raises(ValueError, match="'soon' is not a duration"):
        seconds("soon")


def test_runtime_settings_are_those_of_the_runtime() -> None:
    """What may stand under `runtime`, the runtime reads under a role."""
    role = {"provider": "openai", "model": "m"}
    others = {"llm.next": role, "llm.trial": role}
    for name, key in RUNTIME.keys.items():
        value = plain(parse(f"key: {key.example}\n"))["key"]
        if name not in {"cache", "budget"}:
            roles = {"r": {name: value, **role}, **others}
            parse_config({"project": "x", "env": "dev", "roles": roles})
    faults = RUNTIME.keys["retry_on"].shape
    assert isinstance(faults, ListOf)
    assert faults.item == Choice(words=ERROR_CLASSES)
    assert get_args(Kind) == MODES
