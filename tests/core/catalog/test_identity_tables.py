"""Aliases and denials: reviewed, reasoned, and open to the user."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmhub_core.catalog.identity import (
    RatedName,
    ServedRow,
    Tables,
    group,
    join,
    load_tables,
    parse,
)
from llmhub_core.catalog.identity.lexicon import lexicon
from llmhub_core.catalog.identity.packaged import read_data
from llmhub_core.errors import SettingsError

ALIAS = """
# ours
[[alias]]
name = "house-model-2"
is = "llama-3.3-70b-instruct"
reason = "What our gateway calls it."
"""
DENIAL = """
[[denial]]
rated = "Llama-3.3-70b-instruct"
model = "x:meta/llama-3.3-70b-instruct"
reason = "That host's copy is broken."
"""


def write(folder: Path, name: str, text: str) -> Path:
    """Put a file into a config folder."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["aliases.toml", "denials.toml"])
def test_reasons_every_packaged_entry(name: str) -> None:
    """No exception without a reason that says more than its names."""
    (entries,) = read_data(name).values()

    assert all(len(entry["reason"].split()) >= 4 for entry in entries)


@pytest.mark.parametrize(
    "kind", ["lane", "product", "mute", "quick", "setting", "spelling", "host"]
)
def test_reasons_every_word_that_is_tied_to_a_brand(kind: str) -> None:
    """Words that mean something on some brands only say why."""
    assert all(
        len(entry["reason"].split()) >= 4 for entry in read_data("lexicon.toml")[kind]
    )


def test_packages_no_alias_twice() -> None:
    """One name stands for one model."""
    names = [(alias.name.key, alias.released) for alias in load_tables().aliases]

    assert len(set(names)) == len(names) > 30


def test_claims_no_brand_for_two_labs() -> None:
    """A brand word has one lab, and every lab's shops are its own."""
    brands = [
        brand for lab in read_data("labs.toml").values() for brand in lab["brands"]
    ]

    assert len(set(brands)) == len(brands)
    assert lexicon().is_vendor("gemini", "google")
    assert lexicon().is_vendor("sakana", "sakana")
    assert not lexicon().is_vendor("vertexaianthropic", "anthropic")
    assert not lexicon().is_vendor("openai", None)


def test_reads_the_users_aliases(tmp_path: Path) -> None:
    """An alias of the user joins a name that nothing else would."""
    write(tmp_path, "aliases.toml", ALIAS)
    tables = load_tables(tmp_path)
    rows = [ServedRow(provider="x", model_id="meta/llama-3.3-70b-instruct")]

    (found,) = join(
        [RatedName(name="House Model 2")], group(rows, tables), tables
    ).joins

    assert found.rows == ("x:meta/llama-3.3-70b-instruct",)
    assert "alias" in found.rules


def test_lets_the_users_alias_win(tmp_path: Path) -> None:
    """Of two entries for a name, the user's counts."""
    text = ALIAS.replace("house-model-2", "devstral-2")
    tables = load_tables(write(tmp_path, "aliases.toml", text).parent)

    resolved, alias = tables.resolve(parse("devstral-2"))

    assert resolved.stem == "llama 3.3"
    assert alias is not None
    assert alias.origin == f"{tmp_path / 'aliases.toml'}:3"


@pytest.mark.parametrize(
    "model",
    [
        "x:meta/llama-3.3-70b-instruct",
        "x/meta/llama-3.3-70b-instruct",
        "meta/llama-3.3-70b-instruct",
        "Llama-3.3-70b-instruct",
    ],
)
def test_reads_the_users_denials(tmp_path: Path, model: str) -> None:
    """A denial takes the rating from one row, however the row is written."""
    text = DENIAL.replace("x:meta/llama-3.3-70b-instruct", model)
    tables = load_tables(write(tmp_path, "denials.toml", text).parent)
    rows = [
        ServedRow(provider="x", model_id="meta/llama-3.3-70b-instruct"),
        ServedRow(provider="y", model_id="llama-3.3-70b-versatile"),
    ]

    (found,) = join(
        [RatedName(name="llama-3.3-70b-instruct")], group(rows), tables
    ).joins

    assert found.rows == ("y:llama-3.3-70b-versatile",)


def test_says_that_a_join_was_denied(tmp_path: Path) -> None:
    """A denied group leaves the name unmatched, with the entry's reason."""
    text = DENIAL.replace("x:meta/llama-3.3-70b-instruct", "meta/llama-3.3-70b")
    tables = load_tables(write(tmp_path, "denials.toml", text).parent)
    rows = [ServedRow(provider="x", model_id="meta/llama-3.3-70b-instruct")]

    (missed,) = join(
        [RatedName(name="llama-3.3-70b-instruct")], group(rows), tables
    ).unmatched

    assert (missed.reason, missed.detail) == ("denied", "That host's copy is broken.")
    assert missed.candidates == ("meta/llama-3.3-70b",)


def test_keeps_the_packaged_tables_without_files(tmp_path: Path) -> None:
    """A config folder without files changes nothing."""
    assert load_tables(tmp_path) == load_tables(None) == load_tables()


def test_limits_an_alias_to_its_release() -> None:
    """A bare brand name stands for a model only where the dates agree."""
    tables = load_tables()
    name = parse("cohere/command-r")

    assert tables.resolve(name, "2024-03-11")[1] is not None
    assert tables.resolve(name, "2024-03")[1] is not None
    assert tables.resolve(name)[1] is not None
    assert tables.resolve(name, "2024-08-30")[1] is None
    assert tables.resolve(name, "")[1] is None
    assert tables.resolve(parse("command-r-08-2024"))[1] is None


@pytest.mark.parametrize(
    ("name", "applies"),
    [
        ("mistral-small-3.2-24b-instruct-2506", True),
        ("mistral-small-3.2-2503", False),
        ("ministral-3-8b", True),
        ("ministral-3-8b-2512", True),
        ("ministral-3-70b", False),
        ("mistral-small-4", True),
        ("mistral-small-4-119b-2603", True),
        ("mistral-small-4-24b", False),
        ("mistral-medium-3-24b", False),
        ("gpt-4", True),
        ("gpt-4-8b", False),
        ("gpt-4-0314", False),
        ("gpt-4-turbo-1106", True),
        ("gpt-4-turbo-2024-04-09", False),
        ("gpt-4-turbo", False),
    ],
)
def test_applies_an_alias_only_where_nothing_contradicts(
    name: str, applies: bool
) -> None:
    """Another size or another date is another model, alias or not."""
    assert (load_tables().resolve(parse(name))[1] is not None) is applies


def test_holds_the_sizes_of_an_alias_against_a_name(tmp_path: Path) -> None:
    """An entry that gives its model a size leaves other sizes alone."""
    tables = load_tables(write(tmp_path, "aliases.toml", ALIAS).parent)

    assert tables.resolve(parse("house-model-2"))[0].sizes == ("70b",)
    assert tables.resolve(parse("house-model-2-70b"))[1] is not None
    assert tables.resolve(parse("house-model-2-8b"))[1] is None


def test_reads_the_size_that_an_alias_leaves_out(tmp_path: Path) -> None:
    """A name may add the size that its entry gives; without one it may add none."""
    text = ALIAS.replace("llama-3.3-70b-instruct", "mistral-huge-2901")
    bare = load_tables(write(tmp_path, "aliases.toml", text).parent)
    sized = load_tables(
        write(tmp_path, "aliases.toml", text + 'size = "30B-A3B"\n').parent
    )

    for tables in (bare, sized):
        assert tables.resolve(parse("house-model-2"))[1] is not None
        assert tables.resolve(parse("house-model-2-8b"))[1] is None
    assert bare.resolve(parse("house-model-2-30b-a3b"))[1] is None
    assert sized.resolve(parse("house-model-2-30b-a3b"))[1] is not None


def test_denies_nothing_without_entries() -> None:
    """Empty tables deny and rename nothing."""
    assert Tables().denial("qwq-32b", ["x:qwq-32b-preview"]) is None
    assert Tables().resolve(parse("gpt-4")) == (parse("gpt-4"), None)


@pytest.mark.parametrize(
    ("file", "text", "line", "problem"),
    [
        ("aliases.toml", ALIAS + "\n[[alias]\n", 8, "is not TOML"),
        ("aliases.toml", ALIAS + '[[alias]]\nname = "x"\nis = "y"\n', 7, "`reason`"),
        (
            "aliases.toml",
            ALIAS.replace('"What our gateway calls it."', '" "'),
            3,
            "`reason`",
        ),
        ("aliases.toml", ALIAS.replace("reason", "raeson"), 3, "unknown key 'raeson'"),
        ("aliases.toml", ALIAS + 'released = "soon"\n', 3, "not a date"),
        ("aliases.toml", ALIAS + 'size = "big"\n', 3, "`size`"),
        ("aliases.toml", ALIAS + 'size = "8b of it"\n', 3, "`size`"),
        (
            "aliases.toml",
            ALIAS.replace('"house-model-2"', '"---"'),
            3,
            "names no model",
        ),
        ("aliases.toml", ALIAS.replace('"house-model-2"', "2"), 3, "`name`"),
        ("aliases.toml", "[alias]\nname = 1\n", None, "only [[alias]] entries"),
        ("aliases.toml", "alias = [1]\n", None, "must be a table"),
        ("aliases.toml", ALIAS + "[other]\n", None, "'other'"),
        (
            "denials.toml",
            '[[denial]]\nreason = "because of it"\n',
            1,
            "`rated`, `model`",
        ),
        ("denials.toml", '[[denial]]\nmodel = ""\nreason = "x"\n', 1, "`model`"),
    ],
)
def test_points_at_the_line_of_a_mistake(
    tmp_path: Path, file: str, text: str, line: int | None, problem: str
) -> None:
    """A mistake in a user's file names the file, the line and what to do."""
    path = write(tmp_path, file, text)

    with pytest.raises(SettingsError) as caught:
        load_tables(tmp_path)

    assert caught.value.origin == (f"{path}:{line}" if line else str(path))
    assert problem in caught.value.problem


def test_says_that_a_file_is_unreadable(tmp_path: Path) -> None:
    """A file that is no text is a mistake of the settings, not a crash."""
    (tmp_path / "aliases.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(SettingsError, match="can't be read"):
        load_tables(tmp_path)
