"""llmhub.lock is read with care and written in one form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmhub_core.errors import LockError
from llmhub_core.lock.file import dump_lock, load_lock, parse_lock, refuse_edits
from llmhub_core.records.lock import Lock


def written(folder: Path, text: str) -> Path:
    """Put a lock into a folder."""
    path = folder / "llmhub.lock"
    path.write_text(text, encoding="utf-8")
    return path


def line_with(text: str, part: str) -> int:
    """The 1-based line that holds a text."""
    return next(n for n, row in enumerate(text.splitlines(), 1) if part in row)


def test_gives_none_for_a_file_that_is_not_there(tmp_path: Path) -> None:
    """No lock yet is not an error."""
    assert load_lock(tmp_path / "llmhub.lock") is None


def test_gives_back_what_was_written(tmp_path: Path, lock: Lock) -> None:
    """Reading a written lock gives the same record, and the same bytes again."""
    path = tmp_path / "llmhub.lock"
    path.write_bytes(dump_lock(lock))
    read = load_lock(path)
    assert read == lock
    assert dump_lock(read) == path.read_bytes()


def test_writes_sorted_keys_and_nothing_at_its_default(lock: Lock) -> None:
    """The file is JSON with sorted keys, one value a line, and a version."""
    text = dump_lock(lock).decode()
    data = json.loads(text)
    again = json.dumps(data, sort_keys=True, indent=2, ensure_ascii=False)
    assert text == f"{again}\n"
    assert data["version"] == 1
    assert "null" not in text
    assert "price_reasoning_per_million" not in text


def test_takes_windows_line_ends_and_a_byte_order_mark(
    tmp_path: Path, lock: Lock
) -> None:
    """What an editor does to the layout changes no value."""
    path = tmp_path / "llmhub.lock"
    text = dump_lock(lock).decode().replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load_lock(path) == lock


def test_names_an_unfinished_merge_and_its_line(tmp_path: Path, lock: Lock) -> None:
    """Conflict marks are called what they are, at their line."""
    rows = dump_lock(lock).decode().splitlines()
    rows[3:4] = ["<<<<<<< HEAD", rows[3], "=======", rows[3], ">>>>>>> topic"]
    path = written(tmp_path, "\n".join(rows))
    with pytest.raises(LockError, match="unfinished merge") as caught:
        load_lock(path)
    assert str(caught.value).startswith(f"{path}:4: ")


def test_refuses_a_key_that_is_there_twice(tmp_path: Path, lock: Lock) -> None:
    """A merge without conflict marks can repeat a key: JSON alone would not tell."""
    text = dump_lock(lock).decode()
    row = next(r for r in text.splitlines() if '"spec_digest"' in r)
    doubled = text.replace(row, f"{row},\n{row}")
    with pytest.raises(LockError, match="'spec_digest' twice") as caught:
        load_lock(written(tmp_path, doubled))
    assert caught.value.line == line_with(text, '"spec_digest"') + 1


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"version": 1', '"version": 2', "has format 2, .* reads format 1"),
        ('"mode": "chat"', '"mode": 7', "choice.mode: expected str, got int"),
        ('"eligible": 31', '"eligible": "31"', "eligible: expected int, got str"),
        ('"eligible": 31', '"eligible": 31, "eligable": 3', "unknown 'eligable'"),
        ('"eligible": 31,', '"eligible" 31,', "not JSON: Expecting ':'"),
        ('"basis": "listed"', '"basis": "lusted"', "'lusted' is none of"),
    ],
)
def test_names_the_line_of_what_does_not_fit(
    tmp_path: Path, lock: Lock, old: str, new: str, problem: str
) -> None:
    """Damage is told with file and line, and what to do."""
    text = dump_lock(lock).decode()
    damaged = text.replace(old, new, 1)
    path = written(tmp_path, damaged)
    with pytest.raises(LockError, match=problem) as caught:
        load_lock(path)
    # A key that should not be there: the line of what holds it.
    place = '"choice"' if "unknown" in problem else new
    assert str(caught.value).startswith(f"{path}:{line_with(damaged, place)}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\x80\x81\x00", "not UTF-8"),
        (b"[]", "not an llmhub.lock"),
        (b"{}", "not an llmhub.lock"),
        (b'{"version": true}', "not an llmhub.lock"),
        (b'{"version": 1, "environments": []}', "environments: expected an object"),
        (b'{"version": 1, "environments"', "not JSON"),
        (b'{"version": NaN}', "not JSON: NaN"),
        (b"[" * 100_000, "not JSON"),
        (b'{"version": ' + b"1" * 5000 + b"}", "not JSON"),
    ],
)
def test_refuses_what_is_not_a_lock(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    """Whatever stands there, the answer is one line that says what to do."""
    path = tmp_path / "llmhub.lock"
    path.write_bytes(content)
    with pytest.raises(LockError, match=problem) as caught:
        load_lock(path)
    assert "\n" not in str(caught.value)
    assert "restore the file from version control" in str(caught.value)


def test_refuses_a_folder(tmp_path: Path) -> None:
    """A path that can't be read is told as such."""
    with pytest.raises(LockError, match="can't be read: Is a directory"):
        load_lock(tmp_path)


def test_refuses_a_hand_edit_and_names_value_and_line(
    tmp_path: Path, lock: Lock
) -> None:
    """A changed price is found, with its path, its line and the way out."""
    text = dump_lock(lock).decode().replace("1.25", "0.25", 1)
    path = written(tmp_path, text)
    with pytest.raises(LockError) as caught:
        load_lock(path)
    assert str(caught.value) == (
        f"{path}:{line_with(text, '0.25')}: role 'embed' in environment 'dev': "
        "choice.primary.price_input_per_million was edited by hand. Say in the spec "
        "what you want; restore the file from version control, or choose anew with "
        "`llmhub generate --env dev --upgrade embed`."
    )


def test_counts_further_hand_edits(lock: Lock) -> None:
    """The message names the first edit and says how many more there are."""
    text = dump_lock(lock).decode().replace("1.25", "0.25")
    with pytest.raises(LockError, match=r"role 'embed'.*, and 1 more"):
        refuse_edits(parse_lock(text))


def test_leaves_a_hand_edit_to_the_caller_when_asked(
    tmp_path: Path, lock: Lock
) -> None:
    """Unverified, the lock is what the file says."""
    text = dump_lock(lock).decode().replace("1.25", "0.25", 1)
    read = load_lock(written(tmp_path, text), verify=False)
    assert read is not None
    primary = read.environments["dev"].roles["embed"].choice.primary
    assert primary.price_input_per_million == 0.25


def test_minds_only_the_hand_edits_that_matter(lock: Lock) -> None:
    """An edited role that is chosen anew may go, one that stays pinned may not."""
    read = parse_lock(dump_lock(lock).decode().replace("1.25", "0.25", 1))
    refuse_edits(read, env="dev", roles=["llm.answers"])
    refuse_edits(read, env="prod")
    with pytest.raises(LockError, match="role 'embed'"):
        refuse_edits(read, env="dev", roles=["embed"])


def test_minds_an_edited_head_while_something_stays_pinned(lock: Lock) -> None:
    """The head is made anew when all roles are, and only then may its edit go."""
    read = parse_lock(dump_lock(lock).decode().replace("2026-11-20", "2026-11-21"))
    refuse_edits(read, roles=[])
    with pytest.raises(LockError, match=r"sources\.models-dev\.fetched_at was edited"):
        refuse_edits(read, roles=["embed"])
