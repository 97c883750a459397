"""A refresh that is killed at any moment, or can't write: the catalog loads."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from llmhub_core.cache import Cache
from llmhub_core.catalog import store
from llmhub_core.catalog.annals import open_annals
from llmhub_core.testing.upstream import Upstream

# Forks a child for every line that it reads, so that nothing is imported twice.
DRIVER = """
    import ctypes, errno, os, resource, signal, struct, sys, time

    from llmhub_core.catalog.build import refresh
    from llmhub_core.settings import load_settings

    CACHE = os.environ["LLMHUB_CACHE_DIR"]


    def die_at(step):
        "Be killed at this operation on the cache's files."
        left = [step]

        def hook(event, arguments):
            if event in {"open", "os.rename", "os.remove", "os.mkdir", "os.chmod"}:
                if str(arguments[0]).startswith(CACHE):
                    if left[0] == 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                    left[0] -= 1

        sys.addaudithook(hook)


    def full_after(writes):
        "Have no space left after so many files."
        fsync, left = os.fsync, [writes]

        def out_of_space(number):
            if left[0] == 0:
                os.ftruncate(number, 7)  # a part of it was written
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            left[0] -= 1
            return fsync(number)

        os.fsync = out_of_space


    def no_longer_than(size):
        "Fail to write more than so many bytes to any file."
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


    def obey_modes(_):
        "Give up what lets root write everywhere."
        if os.geteuid() == 0:
            libc = ctypes.CDLL(None, use_errno=True)
            head = struct.pack("II", 0x20080522, 0)
            assert libc.capset(head, bytes(24)) == 0


    refresh(load_settings())
    print("ready", flush=True)
    for line in sys.stdin:
        how, number, children = line.split()
        started = []
        for _ in range(int(children)):
            pid = os.fork()
            if pid == 0:
                status = 70
                try:
                    globals().get(how, id)(int(number))
                    got = refresh(load_settings())
                    status = 0 if got.replaced and got.kept else 3
                finally:
                    os._exit(status)
            started.append(pid)
        if how == "killed_after":
            time.sleep(int(number) / 1e6)
            os.kill(started[0], signal.SIGKILL)
        ended = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in started]
        print(*ended, flush=True)
"""


class Child(Protocol):
    """Refresh in a child process."""

    def __call__(
        self, how: str = "id", number: int = 0, children: int = 1
    ) -> list[int]:
        """Return the exit status of each child; 0 for a catalog that was kept."""


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """The cache that the children write to."""
    return Cache(tmp_path / "cache")


@pytest.fixture
def child(
    tmp_path: Path, upstream: Upstream, papers: Path, cache: Cache
) -> Iterator[Child]:
    """A process that has refreshed once and forks others that do."""
    environ = {
        # Coverage writes files of its own, which the limits would fail too.
        **{k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")},
        "LLMHUB_SOURCES": "paper-listing,paper-board",
        "LLMHUB_PAPER_LISTING_URL": upstream.url("/listing"),
        "LLMHUB_PAPER_BOARD_URL": upstream.url("/board"),
        "LLMHUB_CACHE_DIR": str(cache.folder),
        "LLMHUB_CONFIG_DIR": str(tmp_path / "config"),
        "PYTHONPATH": os.pathsep.join(
            filter(None, (str(papers), os.environ.get("PYTHONPATH")))
        ),
    }
    upstream.serve("/listing", {"gpt-5": 1_000, "gpt-5-mini": 128_000})
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(DRIVER)],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        ask, answers = process.stdin, process.stdout

        def run(how: str = "id", number: int = 0, children: int = 1) -> list[int]:
            ask.write(f"{how} {number} {children}\n")
            ask.flush()
            return [int(status) for status in answers.readline().split()]

        yield run
        ask.close()


@pytest.fixture
def turn(upstream: Upstream) -> Callable[[], None]:
    """Let the world change, in another way each time."""
    numbers = itertools.count(1)

    def turn() -> None:
        number = next(numbers)
        listing = {"gpt-5": 1_000 + number, "gpt-5-mini": 128_000}
        if number % 3:
            listing["gpt-6"] = 8_000
        upstream.serve("/listing", listing)
        upstream.serve("/board", {"gpt-5": 1430.0 + number})

    return turn


def turns(cache: Cache) -> int:
    """How often the world had turned when the kept catalog was made."""
    catalog = store.load(cache)
    assert catalog is not None, "the catalog does not load"
    found = catalog.get("openai:gpt-5")
    assert found is not None
    assert found.context_tokens is not None
    return found.context_tokens - 1_000


def leftovers(cache: Cache) -> int:
    """Files that are half written."""
    return sum(1 for _ in cache.folder.rglob("*.tmp"))


def assert_the_history_is_whole(cache: Cache) -> None:
    """Every change starts where the one before ended; comings and goings alternate."""
    kept = open_annals(cache)
    standing = kept.standing("openai:gpt-5") if kept else None
    assert kept is not None
    assert standing is not None
    steps = [(c.before, c.after) for c in kept.changes if c.field == "context_tokens"]
    assert steps
    assert all(one[1] == other[0] for one, other in itertools.pairwise(steps))
    assert steps[-1][1] == standing["context_tokens"]
    lived = [c.kind for c in kept.changes if c.canonical_id == "openai:gpt-6"]
    assert all(one != other for one, other in itertools.pairwise(lived))


def test_killed_at_every_step_on_its_files(
    child: Child, cache: Cache, turn: Callable[[], None]
) -> None:
    """Between any two of them the old or the new catalog stands, and a way on."""
    assert child() == [0]
    survived = 0
    for step in itertools.count():
        before = turns(cache)
        turn()
        (status,) = child("die_at", step)
        assert status in {0, -signal.SIGKILL}
        assert turns(cache) >= before
        assert leftovers(cache) <= 1
        if status == 0:
            break
        survived += 1
    assert survived > 20, "fewer steps than a refresh has: nobody was killed"
    assert leftovers(cache) == 0
    assert_the_history_is_whole(cache)


def test_killed_at_random_moments(
    child: Child, cache: Cache, turn: Callable[[], None]
) -> None:
    """Wherever it is: asking, fusing, writing."""
    moments = random.Random(20261122)
    ended = []
    for _ in range(40):
        turn()
        ended += child("killed_after", moments.randrange(150_000))
        turns(cache)
        assert leftovers(cache) <= 1
    assert -signal.SIGKILL in ended
    turn()
    assert child() == [0]
    assert leftovers(cache) == 0
    assert_the_history_is_whole(cache)


@pytest.mark.parametrize("writes", range(5))
def test_a_disk_that_fills_up(
    child: Child, cache: Cache, turn: Callable[[], None], writes: int
) -> None:
    """In the middle of any file: the old one stays, the next refresh works."""
    turn()
    before = turns(cache)
    (status,) = child("full_after", writes)
    # The lock is swept and written by nobody: payloads, history, then the catalog.
    assert status == (3 if writes < 4 else 0)
    assert turns(cache) == before + (writes >= 4)
    assert leftovers(cache) == 0
    turn()
    assert child() == [0]
    assert turns(cache) == 2
    assert_the_history_is_whole(cache)


@pytest.mark.parametrize("size", [0, 100, 1_000, 2_500])
def test_a_disk_that_takes_small_files_only(
    child: Child, cache: Cache, turn: Callable[[], None], size: int
) -> None:
    """Some files are replaced and others are not."""
    turn()
    assert child("no_longer_than", size) == [3]
    assert turns(cache) == 0
    assert leftovers(cache) == 0
    turn()
    assert child() == [0]
    assert_the_history_is_whole(cache)


@pytest.mark.skipif(sys.platform != "linux", reason="root's powers are Linux's")
def test_a_folder_that_may_only_be_read(
    child: Child, cache: Cache, turn: Callable[[], None]
) -> None:
    """The refresh serves its own run; the old catalog stays."""
    folders = [cache.folder, *(p for p in cache.folder.rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        turn()
        assert child("obey_modes") == [3]
        assert turns(cache) == 0
    finally:
        for folder in folders:
            folder.chmod(0o700)
    assert child() == [0]
    assert turns(cache) == 1
    assert_the_history_is_whole(cache)


def test_many_refreshes_at_once(
    child: Child, cache: Cache, turn: Callable[[], None]
) -> None:
    """Each ends well; what changed is told once."""
    for _ in range(3):
        turn()
        assert child(children=4) == [0, 0, 0, 0]
    assert turns(cache) == 3
    kept = open_annals(cache)
    assert kept is not None
    told = [c.after for c in kept.changes if c.field == "context_tokens"]
    assert told == [1_001, 1_002, 1_003]
    assert leftovers(cache) == 0
    assert_the_history_is_whole(cache)
