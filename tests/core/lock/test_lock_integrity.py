"""Checksums tell which value of the lock was edited."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import evolve

from llmhub_core.errors import LockError
from llmhub_core.lock.file import dump_lock, parse_lock
from llmhub_core.lock.freeze import freeze, merge
from llmhub_core.lock.integrity import Edit, edits, environment_digest
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.choice import Choice
from llmhub_core.records.lock import Lock, LockedEnvironment
from llmhub_core.records.spec import Spec


def values(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all single values."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from values(value, (*place, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from values(value, (*place, index))
    else:
        yield place


def edited(value: Any) -> Any:
    """A value of the same type that is slightly another."""
    if isinstance(value, str):
        last = value[-1:]
        return value[:-1] + ("0" if last != "0" else "1")
    return value + 1


def holder(data: Any, place: tuple[Any, ...]) -> Any:
    """What holds the value of a place."""
    for step in place[:-1]:
        data = data[step]
    return data


def test_finds_nothing_in_what_was_written(lock: Lock) -> None:
    """A lock as it was written fits its checksums, before and after reading."""
    assert edits(lock) == ()
    assert edits(parse_lock(dump_lock(lock).decode())) == ()


def test_names_every_single_value_that_is_edited(lock: Lock) -> None:
    """Whatever one value is changed to, it is named by its whole path."""
    data = json.loads(dump_lock(lock))
    places = list(values(data))
    assert len(places) > 80
    for place in places:
        changed = copy.deepcopy(data)
        inside = holder(changed, place)
        inside[place[-1]] = edited(inside[place[-1]])
        text = json.dumps(changed, indent=2)
        if place == ("version",) or place[-1] == "basis":
            # The format, and words out of a fixed list, are told at reading.
            with pytest.raises(LockError, match=r"format 2|basis: '.*' is none of"):
                parse_lock(text)
        else:
            found = edits(parse_lock(text))
            assert [(edit.place, edit.exact) for edit in found] == [(place, True)]


@pytest.mark.parametrize("digit", [0, 20, 31, 32, 50, 63])
def test_tells_an_edited_checksum_from_an_edited_value(lock: Lock, digit: int) -> None:
    """The checksum itself is named when it is what was changed."""
    data = json.loads(dump_lock(lock))
    role = data["environments"]["dev"]["roles"]["embed"]
    old = role["integrity"]
    new = "0" if old[digit] != "0" else "1"
    role["integrity"] = old[:digit] + new + old[digit + 1 :]
    (edit,) = edits(parse_lock(json.dumps(data)))
    assert edit.place == ("environments", "dev", "roles", "embed", "integrity")


@pytest.mark.parametrize("checksum", [None, "", "none of my business"])
def test_misses_a_checksum_that_is_gone(lock: Lock, checksum: str | None) -> None:
    """Taking the checksum out, or writing anything for it, does not help."""
    data = json.loads(dump_lock(lock))
    role = data["environments"]["dev"]["roles"]["embed"]
    role["integrity"] = checksum
    if checksum is None:
        del role["integrity"]
    (edit,) = edits(parse_lock(json.dumps(data)))
    assert str(edit) == (
        "role 'embed' in environment 'dev': integrity was edited by hand"
    )


def test_names_a_value_that_was_added(lock: Lock) -> None:
    """A key that was not there before is named too."""
    data = json.loads(dump_lock(lock))
    place = ("environments", "dev", "roles", "embed", "choice", "primary", "params")
    holder(data, (*place, "seed"))["seed"] = 7
    (edit,) = edits(parse_lock(json.dumps(data)))
    assert edit.place == (*place, "seed")
    assert edit.exact


@pytest.mark.parametrize(
    "taken", [["primary", "params", "temperature"], ["answer"], ["notes", 0]]
)
def test_names_the_role_when_a_value_was_taken_out(
    lock: Lock, taken: list[Any]
) -> None:
    """What is gone can't be named; whose it was can."""
    data = json.loads(dump_lock(lock))
    choice = data["environments"]["dev"]["roles"]["llm.answers"]["choice"]
    inside = holder(choice, tuple(taken))
    del inside[taken[-1]]
    (edit,) = edits(parse_lock(json.dumps(data)))
    assert (edit.role, edit.exact) == ("llm.answers", False)
    assert str(edit).endswith("was edited by hand, moved, or merged")


def test_names_the_role_when_several_values_were_edited(lock: Lock) -> None:
    """Two edits in one entry are found, though not told apart."""
    data = json.loads(dump_lock(lock))
    choice = data["environments"]["dev"]["roles"]["llm.answers"]["choice"]
    choice["primary"]["model_id"] = "gpt-y"
    choice["primary"]["canonical_id"] = "openai:gpt-y"
    (edit,) = edits(parse_lock(json.dumps(data)))
    assert (edit.role, edit.exact) == ("llm.answers", False)
    assert edit.place == ("environments", "dev", "roles", "llm.answers")


def test_notices_an_entry_that_was_moved(lock: Lock) -> None:
    """A role's entry is good for that role in that environment alone."""
    data = json.loads(dump_lock(lock))
    roles = data["environments"]["dev"]["roles"]
    roles["chat"] = roles.pop("llm.answers")
    data["environments"]["prod"] = {**data["environments"]["dev"], "roles": {}}
    found = edits(parse_lock(json.dumps(data)))
    assert [(e.environment, e.role) for e in found] == [("dev", "chat"), ("prod", None)]
    assert str(found[1]).startswith("environment 'prod': ")


def test_lets_branches_that_change_different_roles_merge(
    spec: Spec,
    chosen: tuple[Choice, ...],
    locked: LockedEnvironment,
    catalog: Catalog,
    make_choice: Callable[..., Choice],
) -> None:
    """Each side's own entries fit their checksums in the merged file."""
    newer = evolve(catalog, digest="d" * 64)
    ours = freeze(
        spec, [make_choice("embed", "openai:e")], catalog=newer, locked=locked
    )
    theirs = freeze(
        spec, [make_choice("llm.answers", "xai:g")], catalog=newer, locked=locked
    )
    both = evolve(
        ours, roles={**ours.roles, "llm.answers": theirs.roles["llm.answers"]}
    )
    assert edits(merge(None, spec, both)) == ()


def test_digests_an_environment_by_all_that_it_says(locked: LockedEnvironment) -> None:
    """Any change of an environment changes its digest."""
    assert environment_digest(locked) == environment_digest(evolve(locked))
    assert environment_digest(evolve(locked, catalog_digest="d")) != environment_digest(
        locked
    )


def test_says_an_edit_in_words() -> None:
    """An edit reads as whose value it is and which."""
    edit = Edit(
        environment="dev",
        role=None,
        place=("environments", "dev", "sources", "arena", "version"),
        exact=True,
    )
    assert str(edit) == "environment 'dev': sources.arena.version was edited by hand"
