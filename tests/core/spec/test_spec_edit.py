"""Edits touch what was asked for, and nothing else of the text."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmhub_core.errors import SpecError
from llmhub_core.spec import (
    add_role,
    edit_role,
    parse_spec,
    remove_key,
    remove_role,
    set_key,
)
from llmhub_core.spec import edit as edit_module

ROLE = "llm.inference"
WORKLOAD = "    workload: {input_tokens: 2000, output_tokens: 400, cached_input: 0.5,"
PARAMS = (
    "    mode_params: {temperature: 0.2, max_tokens: 2048, "
    'stop: ["\\n", end], seed: "7"'
)


def delta(before: str, after: str) -> list[str]:
    """The lines that went and came, as in a diff without context."""
    rows = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0)
    return [row for row in rows if row[:3] not in {"---", "+++"} and row[0] in "-+"]


def test_scalar_is_replaced_in_its_line(full: str) -> None:
    """The comment behind a value stays behind the new one."""
    after = set_key(full, ("project",), "my shop")
    assert delta(full, after) == [
        "-project: my-shop  # the app",
        "+project: my shop  # the app",
    ]


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        ({"task": "math"}, ["-    task: coding", "+    task: math"]),
        (
            {"preferences": {"quality": "low", "cost": None}},
            ["-      quality: high", "-      cost: medium", "+      quality: low"],
        ),
        (
            {"preferences": {"providers": ["anthropic", "openai"]}},
            [
                "-      providers: [openai, anthropic]  # order breaks ties",
                "+      providers: [anthropic, openai]  # order breaks ties",
            ],
        ),
        (
            {"require": {"output_modalities": ["text", "audio"]}},
            [
                "-      output_modalities:",
                "-        - text",
                "+      output_modalities: [text, audio]",
            ],
        ),
        (
            {"require": {"max_price": {"input": 2.5, "output": None}}},
            [
                "-      max_price: {input: 3.0, output: 15}",
                "+      max_price: {input: 2.5}",
            ],
        ),
        (
            {"workload": {"input_tokens": None}},
            [
                f"-{WORKLOAD}",
                f"+{WORKLOAD.replace('input_tokens: 2000, ', '')}",
            ],
        ),
        (
            {"mode_params": {"top_p": 1, "x y": "a: b"}},
            [
                f"-{PARAMS}}}",
                f'+{PARAMS}, top_p: 1, x y: "a: b"}}',
            ],
        ),
    ],
)
def test_role_is_edited_key_by_key(
    full: str, settings: dict[str, Any], lines: list[str]
) -> None:
    """Only the lines of the keys that change are touched, and it parses as asked."""
    after = edit_role(full, ROLE, settings)
    assert sorted(delta(full, after)) == sorted(lines)
    assert parse_spec(after) != parse_spec(full)


def test_missing_sections_are_added_where_they_belong(full: str) -> None:
    """A role that has only its kind gets whole sections, indented like the rest."""
    after = edit_role(
        full,
        "llm.embedding",
        {
            "preferences": {"quality": "low"},
            "require": {"max_price": {"input": 1.0}, "context_tokens": 512},
            "description": "yes: it # embeds",
        },
    )
    assert delta(full, after) == [
        "+    preferences: {quality: low}",
        "+    require:",
        "+      max_price: {input: 1.0}",
        "+      context_tokens: 512",
        '+    description: "yes: it # embeds"',
    ]
    role = parse_spec(after).roles["llm.embedding"]
    assert role.require.max_price.input == 1.0
    assert role.description == "yes: it # embeds"


def test_new_role_stands_behind_the_others(full: str) -> None:
    """A role is added as a block after the last one; all else is untouched."""
    after = add_role(
        full,
        "on",
        {
            "kind": "chat",
            "preferences": {"quality": "high", "providers": ["openai"]},
            "require": {"max_price": {"output": 2}, "tools": True},
            "runtime": {},
        },
    )
    assert delta(full, after) == [
        "+  on:",
        "+    kind: chat",
        "+    preferences: {quality: high, providers: [openai]}",
        "+    require:",
        "+      max_price: {output: 2}",
        "+      tools: true",
        "+    runtime: {}",
    ]
    assert list(parse_spec(after).roles) == [ROLE, "llm.embedding", "on"]


def test_removed_role_goes_from_the_environments_too(full: str) -> None:
    """Nothing of the role is left that would bring it back half."""
    full += "  staging: {selector: balanced}\n"
    after = remove_role(full, ROLE)
    for env in ("dev", "prod", "staging"):
        assert list(parse_spec(after, env=env).roles) == ["llm.embedding"]
    assert "  # The role that answers." in after
    assert "    roles: {}" in after.splitlines()


def test_comments_inside_a_removed_block_go_with_it() -> None:
    """A comment indented into the block is part of it, one beside it is not."""
    text = (
        "project: x\nroles:\n  a:\n    kind: chat\n    # task: math\n"
        "  # about b\n  b: {kind: chat}\n"
    )
    assert remove_role(text, "a") == (
        "project: x\nroles:\n  # about b\n  b: {kind: chat}\n"
    )


def test_last_key_of_a_mapping_leaves_it_empty() -> None:
    """The mapping's own line, with its comment, stays."""
    text = (
        "project: x\nroles:\n  a:\n    kind: chat\n    require:  # hard\n"
        "      # we need it\n      tools: true  # yes\n    task: math\n"
    )
    after = remove_key(text, ("roles", "a", "require", "tools"))
    assert after == (
        "project: x\nroles:\n  a:\n    kind: chat\n    require: {}  # hard\n"
        "      # we need it\n    task: math\n"
    )
    again = set_key(after, ("roles", "a", "require", "tools"), value=True)
    assert "    require: {tools: true}  # hard\n" in again


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("a",), "{b: 1, c: 2}"),
        (("b",), "{a: [x, y], c: 2}"),
        (("c",), "{a: [x, y], b: 1}"),
    ],
)
def test_key_is_cut_out_of_a_flow_mapping(keys: tuple[str, ...], expected: str) -> None:
    """Commas are left as if the key had never been there."""
    head = "project: x\nroles: {r: {kind: chat}}\n"
    text = f"{head}selectors: {{s: {{a: [x, y], b: 1, c: 2}}}}\n"
    after = remove_key(text, ("selectors", "s", *keys))
    assert after.endswith(f"selectors: {{s: {expected}}}\n")


def test_single_key_of_a_flow_mapping_leaves_braces() -> None:
    """An empty flow mapping can be filled again."""
    text = "project: x\nroles: {r: {kind: chat, require: {tools: true}}}\n"
    after = remove_key(text, ("roles", "r", "require", "tools"))
    assert after == "project: x\nroles: {r: {kind: chat, require: {}}}\n"
    assert set_key(after, ("roles", "r", "require", "tools"), value=True) == text


@pytest.mark.parametrize("blank", ["", "  # soft", " ~", " null  # none"])
def test_blank_section_is_filled(blank: str) -> None:
    """A section with nothing in it takes a value below or beside its key."""
    text = f"project: x\nroles:\n  r:\n    kind: chat\n    preferences:{blank}\n"
    long = {"providers": [f"provider-{n:02}" for n in range(8)], "cost": "low"}
    comment = blank[blank.find("#") :] if "#" in blank else ""
    for value in ({"cost": "low"}, long):
        after = set_key(text, ("roles", "r", "preferences"), value)
        assert parse_spec(after).roles["r"].preferences.cost == "low"
        assert comment in after
    assert "    preferences:\n      providers: [" in after.replace(comment, "").replace(
        "preferences:  \n", "preferences:\n"
    )
    nested = set_key(text, ("roles", "r", "preferences", "quality"), "low")
    assert parse_spec(nested).roles["r"].preferences.quality == "low"


def test_long_flow_mapping_becomes_lines_when_it_must() -> None:
    """A one-line mapping that is replaced by a long one is written key by key."""
    text = (
        "project: x\nroles:\n  r:\n    kind: chat\n    preferences: {cost: low}  # c\n"
    )
    names = [f"provider-{n:02}" for n in range(8)]
    after = set_key(text, ("roles", "r", "preferences"), {"providers": names})
    assert "    preferences:  # c\n      providers: [provider-00, " in after


def test_block_text_is_replaced_whole() -> None:
    """A description of several lines is one value."""
    text = (
        "project: x\nroles:\n  r:\n    description: |\n      one # no comment\n"
        "      two\n\n    kind: chat  # k\n"
    )
    after = edit_role(text, "r", {"description": "three"})
    assert "    description: three\n" in after
    assert "one" not in after
    assert "    kind: chat  # k\n" in after


def test_value_on_the_line_below_its_key_moves_up() -> None:
    """A value that stood under its key is replaced beside it."""
    text = "project:\n  x\nroles: {r: {kind: chat}}\n"
    assert set_key(text, ("project",), "y") == "project: y\nroles: {r: {kind: chat}}\n"


def test_windows_lines_stay_windows_lines(full: str) -> None:
    """Added lines end as the others do."""
    after = add_role(full.replace("\n", "\r\n"), "new", {"kind": "chat"})
    assert after.count("\n") == after.count("\r\n") == full.count("\n") + 2


def test_text_without_a_last_newline_can_be_edited() -> None:
    """The end of the file is the end of a line."""
    text = "project: x\nroles:\n  r:\n    kind: chat"
    assert edit_role(text, "r", {"task": "math"}) == f"{text}\n    task: math"
    assert remove_key(f"{text}\n    task: math", ("roles", "r", "task")) == f"{text}\n"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: remove_role(t, "llm.infrence"), "no role 'llm.infrence'. Did you"),
        (lambda t: edit_role(t, "x", {}), "there is no role 'x'. Known: llm.inf"),
        (lambda t: add_role(t, ROLE, {"kind": "chat"}), "'llm.inference' already"),
        (lambda t: add_role(t, "new", {}), "refused: roles.new lacks 'kind'"),
        (lambda t: set_key(t, ("roles", ROLE, "taks"), 1), "Did you mean 'task'?"),
        (lambda t: set_key(t, ("project", "x"), 1), "project is not a mapping"),
        (lambda t: set_key(t, (), 1), "there is no key to set"),
        (lambda t: remove_key(t, ("zzz",)), "there is no zzz to take out"),
        (lambda t: remove_key(t, ("project", "x")), "no project.x to take out"),
        (lambda t: remove_key(t, ("project",)), "refused: the spec lacks 'project'"),
        (lambda t: set_key(t, ("project",), object()), "can't be written"),
        (lambda t: set_key(t, ("project",), float("nan")), "nan can't be written"),
        (
            lambda t: set_key(t, ("roles", ROLE, "preferences"), {"cost": "low"}),
            "comment '# order breaks ties' stands in what would be replaced",
        ),
        (
            lambda t: edit_role(t, ROLE, {"require": {"knowledge_after": "June"}}),
            "refused: roles.llm.inference.require.knowledge_after must be a date",
        ),
    ],
)
def test_edit_that_can_not_be_made_is_refused(
    full: str, change: Callable[[str], str], words: str
) -> None:
    """What is not there, not valid, or would lose words is left alone."""
    with pytest.raises(SpecError) as caught:
        change(full)
    assert words in str(caught.value)


def test_refusal_names_the_file(full: str) -> None:
    """An edit that is handed a path puts it into its errors."""
    path = Path("llmhub.spec.yaml")
    with pytest.raises(SpecError, match=r"^llmhub\.spec\.yaml: there is no role 'x'"):
        edit_role(full, "x", {}, path=path)
    with pytest.raises(SpecError, match=r"^llmhub\.spec\.yaml: that edit is refused"):
        add_role(full, "x", {}, path=path)
    with pytest.raises(SpecError, match=r"^llmhub\.spec\.yaml: there is no zzz"):
        remove_key(full, ("zzz",), path=path)


def test_text_that_is_no_spec_is_not_edited() -> None:
    """What was wrong before the edit is reported at its own line."""
    with pytest.raises(SpecError) as caught:
        set_key("project: x\nrolez: {}\n", ("project",), "y", path="s.yaml")
    assert str(caught.value).startswith("s.yaml:2: unknown key 'rolez'")


@pytest.mark.parametrize(
    ("text", "keys", "words"),
    [
        (
            "project: x\nroles: {r: {kind: chat, require: {tools: true # why\n}}}\n",
            ("roles", "r", "require", "tools"),
            "comment '# why' stands",
        ),
        (
            "project: x\nroles: {r: {kind: chat}}\nselectors:\n  ? s\n  : {}\n  t:\n",
            ("selectors", "s"),
            "'s' shares its line with something else",
        ),
    ],
)
def test_key_that_can_not_be_cut_out_cleanly_is_left(
    text: str, keys: tuple[str, ...], words: str
) -> None:
    """A comment or an odd layout in the way of a cut stops it."""
    with pytest.raises(SpecError) as caught:
        remove_key(text, keys)
    assert words in caught.value.problem
    assert caught.value.line is not None


def test_key_without_a_colon_is_left() -> None:
    """A layout that the surgery does not know is for the person to edit."""
    text = "project: x\nroles: {r: {kind: chat, selectors}}\n".replace(
        "selectors", "require"
    )
    with pytest.raises(SpecError, match="written in a way that can't be edited"):
        set_key(text, ("roles", "r", "require", "tools"), value=True)
    after = set_key(text, ("roles", "r", "task"), "math")
    assert after == "project: x\nroles: {r: {kind: chat, require, task: math}}\n"


def test_edit_that_went_wrong_is_caught(
    full: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the surgery does, only the asked change comes out."""
    for wrong in ("task: reasoning", "task: math  # comment"):
        monkeypatch.setattr(
            edit_module,
            "put",
            lambda text, *_, value, wrong=wrong: text.replace(
                "task: coding", wrong
            ).replace("# soft", ""),
        )
        with pytest.raises(SpecError, match="without touching something else"):
            set_key(full, ("roles", ROLE, "task"), "math")
