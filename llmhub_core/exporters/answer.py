"""An exporter at work: watched, and its answer held against its contract."""

from __future__ import annotations

import os
from collections.abc import Sequence
from copy import deepcopy
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from attrs import evolve

from llmhub_core.contracts import ExportContext, ExportedFile, Exporter
from llmhub_core.errors import InvalidExportError, LLMHubError, PluginFailedError
from llmhub_core.isolation import confined, in_words
from llmhub_core.plugins import Plugin
from llmhub_core.redaction import redacted

__all__ = ["check_files", "exported"]

#: A config of 1,000 roles has 1 MB; what is larger is no config.
_MOST_BYTES: Final = 64 * 1024 * 1024
_MOST_FILES: Final = 1_000
_OURS: Final = frozenset({"llmhub.lock", "llmhub.spec.yaml"})


def exported(
    plugin: Plugin[Exporter],
    context: ExportContext,
    *,
    seconds: float,
    memory_mb: float,
) -> tuple[ExportedFile, ...]:
    """Have an exporter make its files, in so much time and memory at most.

    A stranger's gets a copy of the context: what it changes there, such as the
    parameters of a model, reaches neither the other exporters nor the config.

    Raises:
        InvalidExportError: It returned what can't be written.
        PluginFailedError: It raised, hung or took too much memory.
        LLMHubError: What it raised on purpose.
    """
    installed = plugin.installed
    if not installed.is_ours:
        context = deepcopy(context)
    try:
        files: object = confined(
            lambda: plugin.instance.export(context),
            seconds=seconds,
            memory_mb=memory_mb,
        )
    except LLMHubError:
        raise
    except Exception as error:
        reason = redacted(in_words(error), os.environ)
        raise PluginFailedError(str(installed), reason) from error
    owner = "" if installed.is_ours else f" of {installed.owner}"
    return check_files(files, exporter=f"{installed.name!r}{owner}")


def check_files(files: object, *, exporter: str) -> tuple[ExportedFile, ...]:
    """Refuse files that an exporter was not free to return.

    Args:
        files: The exporter's answer.
        exporter: Its name, for the error.

    Returns:
        The files, their names and texts as plain text.

    Raises:
        InvalidExportError: It is no sequence of files, none at all, too many or too
            large; a name leads out of the folder, occurs twice, or is the spec's or
            the lock's; a text is none, or does not end in a newline.
    """
    problem = _no_files(files)
    if problem is None:
        assert isinstance(files, Sequence)  # noqa: S101 - `_no_files` looked
        seen: dict[str, str] = {}
        for file in files:
            problem = problem or _bad_name(file.name, seen) or _bad_text(file)
        if problem is None:
            # A subclass of str may do anything, and paths take none.
            return tuple(
                evolve(file, name=str(file.name), text=str(file.text)) for file in files
            )
    raise InvalidExportError(exporter, problem)


def _no_files(files: object) -> str | None:
    if isinstance(files, (str, bytes)) or not isinstance(files, Sequence):
        return (
            f"returned {type(files).__name__}, not a sequence of files: return "
            "[ExportedFile(name=..., text=...)]."
        )
    if not files:
        return "returned no file: return at least one."
    if len(files) > _MOST_FILES:
        return f"returned {len(files):,} files, where {_MOST_FILES:,} are allowed."
    for file in files:
        if not isinstance(file, ExportedFile):
            return (
                f"returned {type(file).__name__} among its files: return "
                "[ExportedFile(name=..., text=...)]."
            )
    return None


def _bad_name(name: object, seen: dict[str, str]) -> str | None:
    if not isinstance(name, str) or not name or not name.isprintable():
        return f"named a file {name!r}: give it a name of printable characters."
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or PureWindowsPath(name).drive
        or "\\" in name
        or ".." in path.parts
        or str(path) != name
        or not path.name
    ):
        return (
            f"wants to write {name!r}, outside its folder: give a plain name relative "
            "to the output folder, such as 'config.yaml' or 'app/config.yaml'."
        )
    if name.casefold() in _OURS:
        return f"wants to write {name!r}, which the config is made from."
    if name.casefold() in seen:
        first = seen[name.casefold()]
        return f"returned {first!r} and {name!r}: give each file a name of its own."
    seen[name.casefold()] = name
    return None


def _bad_text(file: ExportedFile) -> str | None:
    text: object = file.text
    if file.comment not in {None, "#"}:
        return f"gave {file.name} the comment sign {file.comment!r}: give '#' or None."
    if not isinstance(text, str):
        return f"gave {file.name} {type(text).__name__} for a text: return str."
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return f"gave {file.name} characters that can't be written as UTF-8."
    if size > _MOST_BYTES:
        return f"gave {file.name} {size:,} bytes, where {_MOST_BYTES:,} are allowed."
    if not text.endswith("\n"):
        return f"gave {file.name} a text that does not end in a newline: end it so."
    return None
