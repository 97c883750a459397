"""The cache folder: what is damaged is never believed, what can't be kept is said."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import filelock
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from llmhub_core import cache as cache_module
from llmhub_core.cache import Cache

NAME = ("payloads", "models-dev", "https://models.dev/api.json")
HEAD = {"url": "https://models.dev/api.json", "etag": '"abc"'}
BODY = b'{"a": 1}\n\nwith lines\n'


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """A cache with one kept file."""
    cache = Cache(tmp_path / "cache")
    assert cache.write(*NAME, head=HEAD, body=BODY)
    return cache


def test_what_was_kept_comes_back(cache: Cache) -> None:
    """Head and body are as they were, line ends included."""
    entry = cache.read(*NAME)
    assert entry is not None
    assert dict(entry.head) == HEAD
    assert entry.body == BODY


def test_what_was_never_kept_is_absent(cache: Cache) -> None:
    """Nothing is made up, and nothing is said about it."""
    with capture_logs() as logs:
        assert cache.read("payloads", "models-dev", "other") is None
    assert not logs


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_single_damage_is_noticed(cache: Cache, data: st.DataObject) -> None:
    """One bit turned, or any tail lost: the file is dropped, with a warning."""
    path = cache.path(*NAME)
    cache.write(*NAME, head=HEAD, body=BODY)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    bit = data.draw(st.sampled_from([0, *(1 << n for n in range(8))]))
    damaged = bytearray(whole)
    damaged[place] ^= bit
    path.write_bytes(damaged if bit else whole[:place])
    with capture_logs() as logs:
        assert Cache(cache.folder).read(*NAME) is None
    assert [entry["event"] for entry in logs] == ["cache.discarded"]
    assert logs[0]["log_level"] == "warning"


def test_damage_of_a_folder_is_warned_of_once(cache: Cache) -> None:
    """A hundred spoilt pages of one source are one warning; the rest is detail."""
    names = [("payloads", source, page) for source in "ab" for page in "123"]
    for name in names:
        cache.write(*name, head=HEAD, body=BODY)
        path = cache.path(*name)
        path.write_bytes(path.read_bytes()[:-1])
    with capture_logs() as logs:
        assert [cache.read(*name) for name in names] == [None] * 6
    assert [entry["log_level"] for entry in logs] == [
        *("warning", "debug", "debug"),
        *("warning", "debug", "debug"),
    ]
    assert {entry["event"] for entry in logs} == {"cache.discarded"}


@pytest.mark.parametrize(
    "junk",
    [b"", b"\n", b"\n\n\n", b"\x00" * 100, b"[" * 100_000, b'{"format": 1}\nbody'],
    ids=["empty", "one line", "lines", "zeros", "nesting", "no seal"],
)
def test_junk_is_noticed(cache: Cache, junk: bytes) -> None:
    """Whatever stands in the file, reading it never raises."""
    cache.path(*NAME).write_bytes(junk)
    assert cache.read(*NAME) is None


@pytest.mark.parametrize("head", [[1], {"format": "0"}, {}, "text", None])
def test_another_format_is_noticed(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, head: object
) -> None:
    """A file that is whole, but of another format, is dropped as well."""
    line = json.dumps(head).encode()
    seal = cache_module._seal(line + b"\nbody")
    cache.path(*NAME).write_bytes(b"\n".join((seal, line, b"body")))
    assert cache.read(*NAME) is None


def test_a_head_that_is_no_json_is_noticed(cache: Cache) -> None:
    """Even under a right seal."""
    seal = cache_module._seal(b"{\nbody")
    cache.path(*NAME).write_bytes(b"\n".join((seal, b"{", b"body")))
    assert cache.read(*NAME) is None


def test_a_newer_format_leaves_older_files_alone(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two versions of the tool share a folder without fighting over files."""
    older = cache.path(*NAME)
    monkeypatch.setattr(cache_module, "FORMAT", 2)
    assert cache.read(*NAME) is None
    assert cache.write(*NAME, head={}, body=b"new")
    assert older.exists()
    assert cache.path(*NAME) != older


def test_a_folder_in_place_of_a_file_is_absent(cache: Cache) -> None:
    """Odd things in the folder are no reason to fall over."""
    cache.path("folder").mkdir()
    assert cache.read("folder") is None


def test_an_unwritable_folder_is_said_once(tmp_path: Path) -> None:
    """Work goes on without a cache; one warning says so."""
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache")
    with capture_logs() as logs:
        assert not cache.write("one", head={}, body=b"1")
        assert not cache.write("two", head={}, body=b"2")
        with cache.locked():
            assert cache.read("one") is None
    assert [(e["event"], e["log_level"]) for e in logs] == [
        ("cache.unwritable", "warning")
    ]
    assert "Not a directory" in logs[0]["reason"]


TEXTS = st.text(max_size=200) | st.sampled_from(
    ["", ".", "..", "../../etc/passwd", "a/b", "C:\\x", "a" * 300, "é", "\ud800", "\0"]
)


@given(one=TEXTS, other=TEXTS)
def test_any_text_names_a_file_of_its_own(one: str, other: str) -> None:
    """Names stay inside the folder, short enough, and different for each text."""
    cache = Cache(Path("/cache"))
    paths = [cache.path("payloads", text) for text in (one, other)]
    for path in paths:
        assert path.parent == Path("/cache/v1/payloads")
        assert path.name not in {"", ".", ".."}
        assert path.name.isascii()
        assert path.name.isprintable()
        assert len(path.name) <= 100
        assert not set(path.name) & set('/\\:*?"<>|')
    assert (paths[0] == paths[1]) == (one == other)


def _start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


HOLD = """
    import sys
    from pathlib import Path
    from llmhub_core.cache import Cache

    with Cache(Path(sys.argv[1])).locked():
        print("locked", flush=True)
        sys.stdin.readline()
        Path(sys.argv[1], "mark").write_text("first")
"""


def test_the_lock_keeps_another_process_out(tmp_path: Path) -> None:
    """While one process holds the lock, another waits for it to finish."""
    first = _start(HOLD, str(tmp_path))
    assert first.stdout is not None
    assert first.stdin is not None
    assert first.stdout.readline() == "locked\n"
    with pytest.raises(filelock.Timeout):
        filelock.FileLock(tmp_path / ".lock", timeout=0).acquire()
    first.stdin.write("go on\n")
    first.stdin.flush()
    with Cache(tmp_path).locked():
        assert (tmp_path / "mark").read_text() == "first"
    first.communicate()
    assert first.returncode == 0


def test_a_killed_holder_leaves_no_lock_behind(tmp_path: Path) -> None:
    """The lock dies with its process; nobody has to delete a file by hand."""
    first = _start(HOLD, str(tmp_path))
    assert first.stdout is not None
    assert first.stdout.readline() == "locked\n"
    first.kill()
    first.communicate()
    filelock.FileLock(tmp_path / ".lock", timeout=5).acquire().lock.release()


def test_a_lock_that_is_never_released_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hung process does not hang the others: files are replaced whole anyway."""
    monkeypatch.setattr(cache_module, "_LOCK_SECONDS", 0.01)
    first = _start(HOLD, str(tmp_path))
    assert first.stdout is not None
    assert first.stdout.readline() == "locked\n"
    cache = Cache(tmp_path)
    with capture_logs() as logs, cache.locked():
        assert cache.write("one", head={}, body=b"1")
    assert [entry["event"] for entry in logs] == ["cache.unwritable"]
    first.kill()
    first.communicate()


def test_whoever_gets_the_lock_sweeps(tmp_path: Path) -> None:
    """In the cache's own files only: the folder may be shared with others."""
    cache = Cache(tmp_path)
    assert cache.write("payloads", "one", head={}, body=b"1")
    left = cache.path("payloads", ".llmhub-0123456789abcdef.tmp").parent
    (left / ".llmhub-0123456789abcdef.tmp").write_bytes(b"half")
    (tmp_path / ".llmhub-0123456789abcdef.tmp").write_bytes(b"somebody else's")
    with cache.locked():
        assert [path.name for path in left.iterdir()] == ["one"]
    assert (tmp_path / ".llmhub-0123456789abcdef.tmp").exists()


def test_the_lock_is_released_when_the_work_fails(tmp_path: Path) -> None:
    """An error inside gets out, and leaves the lock free."""
    cache = Cache(tmp_path)
    with pytest.raises(OSError, match="inside"), cache.locked():
        raise OSError("inside")
    with filelock.FileLock(tmp_path / ".lock", timeout=0):
        pass


def test_two_processes_write_one_name_without_mixing(tmp_path: Path) -> None:
    """A reader sees one whole file or the other, never both."""
    code = """
        import sys
        from pathlib import Path
        from llmhub_core.cache import Cache

        cache = Cache(Path(sys.argv[1]))
        for _ in range(30):
            assert cache.write("name", head={}, body=sys.argv[2].encode() * 50_000)
    """
    writers = [_start(code, str(tmp_path), letter) for letter in "ab"]
    cache = Cache(tmp_path)
    while any(writer.poll() is None for writer in writers):
        entry = cache.read("name")
        assert entry is None or entry.body in {b"a" * 50_000, b"b" * 50_000}
    assert [writer.communicate() and writer.returncode for writer in writers] == [0, 0]
    assert [path.name for path in cache.path("name").parent.iterdir()] == ["name"]
