"""Files are written whole or not at all."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from llmhub_core.errors import OutputError
from llmhub_core.files import sweep, write_atomically

as_user = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="root may write everywhere",
)


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_new_file_is_written(tmp_path: Path) -> None:
    """The bytes arrive, and nothing else is left in the folder."""
    path = tmp_path / "llmhub.lock"
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert _names(tmp_path) == ["llmhub.lock"]


def test_a_new_file_obeys_the_umask(tmp_path: Path) -> None:
    """The user's umask decides who may read it, as for any program."""
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o444])
def test_the_mode_of_an_old_file_is_kept(tmp_path: Path, mode: int) -> None:
    """A private file stays private; the umask has no say in it."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    """The file that the link names is replaced, wherever it is."""
    real = tmp_path / "real" / "config.yaml"
    real.parent.mkdir()
    real.write_bytes(b"old")
    link = tmp_path / "llmhub.yaml"
    link.symlink_to(real)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_dangling_link_gets_its_file(tmp_path: Path) -> None:
    """A link to a file that is not there yet makes that file."""
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "later")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "later").read_bytes() == b"new"


@pytest.mark.parametrize("call", ["replace", "chmod"])
def test_a_failure_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """When a step fails, the old content stands and no litter is left."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, call, fail)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        write_atomically(path, b"new")
    assert str(caught.value).startswith(f"{path}: can't be written")
    assert path.read_bytes() == b"old"
    assert _names(tmp_path) == ["file"]


def test_an_interrupt_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between two steps loses nothing."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert _names(tmp_path) == ["file"]


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_a_killed_process_leaves_the_old_file_alone(tmp_path: Path, step: str) -> None:
    """SIGKILL before the replacement: the old content, every time."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    module, _, name = step.partition(".")
    code = f"""
        import os, signal, sys, {module}
        from pathlib import Path
        from llmhub_core.files import write_atomically

        def die(*_):
            os.kill(os.getpid(), signal.SIGKILL)

        {module}.{name} = die
        write_atomically(Path(sys.argv[1]), b"new" * 100_000)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(path)], check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"


def test_a_full_disk_is_an_error_with_its_reason(tmp_path: Path) -> None:
    """A limit on file size fails like a full disk: in the middle of writing."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    code = """
        import resource, signal, sys
        from pathlib import Path
        from llmhub_core.errors import OutputError
        from llmhub_core.files import write_atomically

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            write_atomically(Path(sys.argv[1]), b"new" * 100_000)
        except OutputError as error:
            sys.exit(f"refused: {error.problem}")
    """
    # Coverage writes files of its own, which the limit would fail too.
    environ = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(path)],
        check=False,
        capture_output=True,
        text=True,
        env=environ,
    )
    assert done.stderr == "refused: can't be written: File too large\n"
    assert path.read_bytes() == b"old"
    assert _names(tmp_path) == ["file"]


@as_user
def test_a_read_only_folder_is_an_error(tmp_path: Path) -> None:
    """The message names the file and says why."""
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="Permission denied"):
            write_atomically(tmp_path / "file", b"")
    finally:
        tmp_path.chmod(0o700)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """Folders are not made up: a typing error would hide in one."""
    with pytest.raises(OutputError, match="No such file or directory"):
        write_atomically(tmp_path / "nowhere" / "file", b"")


@pytest.mark.parametrize("kind", ["folder", "device", "pipe"])
def test_what_is_no_file_is_never_replaced(tmp_path: Path, kind: str) -> None:
    """Root could turn ``/dev/null`` into a file; not with this."""
    path = {"device": Path(os.devnull)}.get(kind, tmp_path / kind)
    if kind == "folder":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(OutputError, match="is not a file"):
        write_atomically(path, b"new")
    assert not path.is_file()


def test_what_killed_writers_left_is_swept_out(tmp_path: Path) -> None:
    """In the folder and below it; nobody else's files are touched."""
    code = """
        import os, pathlib, signal, sys
        from llmhub_core.files import write_atomically

        pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        write_atomically(pathlib.Path(sys.argv[1]), b"new")
    """
    below = tmp_path / "below"
    below.mkdir()
    for folder in (tmp_path, below):
        path = folder / "file"
        path.write_bytes(b"old")
        (folder / "mine.tmp").write_bytes(b"mine")
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), str(path)], check=False
        )
        assert len(_names(folder)) - folder.joinpath("below").exists() == 3
    sweep(tmp_path)
    assert sorted(_names(tmp_path)) == ["below", "file", "mine.tmp"]
    assert sorted(_names(below)) == ["file", "mine.tmp"]
    sweep(tmp_path / "nowhere")
