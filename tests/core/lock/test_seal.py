"""A written file shows that nobody has changed it since."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmhub_core.errors import HandEditedError, OutputError
from llmhub_core.lock.seal import is_ours, must_write, seal

TEXT = "# Written by a tool.\n#\nproject: shop\nroles: {}\n# end\n"
SEALED = seal(TEXT)


def test_adds_one_line_at_the_end_of_the_head_comment() -> None:
    """The rest of the file stays as it is."""
    rows = SEALED.splitlines()
    assert rows[2].startswith("# sha256 of all other lines: ")
    assert [*rows[:2], *rows[3:]] == TEXT.splitlines()


@pytest.mark.parametrize("text", ["", "a: 1\n", "# only\n"])
def test_seals_any_text(text: str) -> None:
    """Files without a head comment, or with nothing else, can be sealed."""
    assert is_ours(seal(text))
    assert not is_ours(text)


@pytest.mark.parametrize(
    "edited",
    [
        SEALED.replace("shop", "mall"),
        SEALED.replace("# Written", "# Edited"),
        SEALED.replace("project", "# mine\nproject"),
        SEALED + "more: 1\n",
        SEALED.replace("lines: ", "lines: 0"),
        "\n" + SEALED,
    ],
)
def test_notices_any_edit(edited: str) -> None:
    """Values, comments, blank lines and the seal itself count."""
    assert is_ours(SEALED)
    assert not is_ours(edited)


def test_forgives_what_git_does_to_line_ends() -> None:
    """A checkout on Windows is not an edit."""
    assert is_ours("\ufeff" + SEALED.replace("\n", "\r\n"))


def test_writes_what_is_not_there(tmp_path: Path) -> None:
    """A new file, or an empty one, loses nobody's work."""
    path = tmp_path / "llmhub.yaml"
    assert must_write(path, SEALED)
    path.write_text("\n", encoding="utf-8")
    assert must_write(path, SEALED)


def test_leaves_alone_what_is_right_already(tmp_path: Path) -> None:
    """The same bytes are not written again."""
    path = tmp_path / "llmhub.yaml"
    path.write_text(SEALED, encoding="utf-8", newline="\n")
    assert not must_write(path, SEALED)
    assert not must_write(path, SEALED, force=True)


def test_replaces_what_it_wrote_itself(tmp_path: Path) -> None:
    """A file that is as it was written may be written anew."""
    path = tmp_path / "llmhub.yaml"
    path.write_text(seal("a: 1\n"), encoding="utf-8")
    assert must_write(path, SEALED)


@pytest.mark.parametrize(
    "content", [SEALED.replace("shop", "mall").encode(), b"a: 1\n", b"\xff\xfe\x00"]
)
def test_keeps_somebodys_own_work(tmp_path: Path, content: bytes) -> None:
    """Edited, written by hand or not even text: kept, unless that is forced."""
    path = tmp_path / "llmhub.yaml"
    path.write_bytes(content)
    with pytest.raises(HandEditedError, match=r"edited by hand.*--force") as caught:
        must_write(path, SEALED)
    assert caught.value.path == path
    assert path.read_bytes() == content
    assert must_write(path, SEALED, force=True)


def test_refuses_a_folder_under_its_name(tmp_path: Path) -> None:
    """What can't be read can't be judged."""
    with pytest.raises(OutputError, match="can't be read"):
        must_write(tmp_path, SEALED)
