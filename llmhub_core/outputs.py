"""The files of a run: asked of exporters, sealed, written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import field, frozen

from llmhub_core.contracts import ExportContext
from llmhub_core.errors import OutputError
from llmhub_core.exporters.answer import exported
from llmhub_core.files import write_atomically
from llmhub_core.lock.seal import must_write, seal
from llmhub_core.plugins import load_exporter
from llmhub_core.settings import Settings
from llmhub_core.trace import emit

__all__ = ["Output", "export", "refuse_source", "write_due"]


@frozen(kw_only=True)
class Output:
    """One file to write."""

    path: Path
    text: str = field(repr=False)
    is_lock: bool = False


def export(
    context: ExportContext,
    exporters: Sequence[str],
    *,
    folder: Path,
    output: Path | None,
    settings: Settings,
) -> tuple[Output, ...]:
    """Ask exporters for their files, and seal what can be sealed.

    Args:
        context: What is exported.
        exporters: Names of the plugins; each is asked once.
        folder: Where the files go.
        output: Where the file goes instead, of which there must be one.
        settings: The run's settings.

    Raises:
        OutputError: Two files of one name, or more than one for ``output``.
        PluginError: An exporter can't be used, or failed.
    """
    files = [
        file
        for name in dict.fromkeys(exporters)
        for file in exported(
            load_exporter(name, settings),
            context,
            seconds=settings.plugin_timeout_seconds,
            memory_mb=settings.plugin_memory_mb,
        )
    ]
    for file in files:
        if sum(other.name == file.name for other in files) > 1:
            problem = f"{file.name} would be written by two of them: name one at a time"
            raise OutputError(folder, problem)
    if output is not None and len(files) != 1:
        problem = f"is one name for {len(files)} files: leave --output out"
        raise OutputError(output, problem)
    return tuple(
        Output(
            path=output or folder / file.name,
            text=seal(file.text) if file.comment == "#" else file.text,
        )
        for file in files
    )


def refuse_source(output: Path | None, *sources: Path | str) -> None:
    """Refuse a config in the place of the spec or the lock, even when forced."""
    for source in sources:
        if output is not None and output.resolve() == Path(source).resolve():
            problem = "is what the config is made from: give --output another name"
            raise OutputError(output, problem)


def write_due(outputs: Sequence[Output], *, force: bool) -> tuple[Path, ...]:
    """Write the files that are not right already, and return which they were.

    Raises:
        HandEditedError: An emitted file holds somebody's own work; nothing is
            written then.
        OutputError: A file can't be written.
    """
    due = [
        output
        for output in outputs
        if must_write(output.path, output.text, force=force or output.is_lock)
    ]
    for output in due:
        # Before the first file: half of a decision is worse than none.
        if not output.path.absolute().parent.is_dir():
            raise OutputError(output.path, "can't be written: there is no such folder")
    for output in due:
        write_atomically(output.path, output.text.encode())
        emit("config.written", path=str(output.path))
    return tuple(output.path for output in due)
