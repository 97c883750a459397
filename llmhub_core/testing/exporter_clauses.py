"""The contract of exporters, clause by clause."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Final, TypeAlias
from unittest.mock import patch

from attrs import field, frozen

from llmhub_core.contracts import ExportContext, ExportedFile, Exporter
from llmhub_core.errors import InvalidExportError
from llmhub_core.exporters.answer import check_files
from llmhub_core.testing.clause import (
    BreachError,
    declares_its_version,
    has_sound_options,
    in_words,
    observed,
)
from llmhub_core.testing.samples import export_contexts

__all__ = ["EXPORTER_CLAUSES", "ExporterSubject"]

_SECRET: Final = "sk-this-value-must-not-be-written"  # noqa: S105 - it opens nothing
_KEYS: Final = (
    "ANTHROPIC_API_KEY",
    "MISTRAL_API_KEY",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "OUR_OPENAI_KEY",
)


@frozen(kw_only=True)
class ExporterSubject:
    """An exporter under examination.

    Attributes:
        instance: The exporter.
        writes_every_role: False when some roles have no place in its format.
        writes_head: False when its format has no comments.
        seconds: How long one export may take.
    """

    instance: Exporter = field(repr=False)
    writes_every_role: bool = True
    writes_head: bool = True
    seconds: float = 10.0

    def export(self, context: ExportContext) -> tuple[ExportedFile, ...]:
        """Export as the core does.

        Raises:
            BreachError: It raises, prints, hangs, or answers with what can't be
                written.
        """
        files: object = observed(
            lambda: _exported(self.instance, context),
            method="export",
            instead="return the files",
            seconds=self.seconds,
        )
        try:
            return check_files(files, exporter="under examination")
        except InvalidExportError as error:
            raise BreachError(f"export() {error.problem}") from None


def _exported(exporter: Exporter, context: ExportContext) -> object:
    try:
        return exporter.export(context)
    except Exception as error:
        roles = ", ".join(choice.role for choice in context.choices)
        raise BreachError(
            f"export() raised {in_words(error)}, for the roles {roles}. Write what "
            "can be written; prices and limits are None where they are unknown. What "
            "the spec asks and the format can't say is a SpecError that names it."
        ) from error


# ---------------------------------------------------------------- clauses


def returns_files(subject: ExporterSubject) -> None:
    """Files with text that ends in a newline, inside the folder, no name twice."""
    for context in export_contexts():
        subject.export(context)


def returns_the_same_again(subject: ExporterSubject) -> None:
    """Same context, same bytes."""
    for context in export_contexts():
        if subject.export(context) != subject.export(context):
            raise BreachError(
                "export() wrote two things for one context. Drop what changes between "
                "calls: the clock, random numbers, the order of sets."
            )


def leaves_its_input_alone(subject: ExporterSubject) -> None:
    """The spec and the choices are not changed."""
    for context in export_contexts():
        before = deepcopy(context)
        subject.export(context)
        if context != before:
            raise BreachError(
                "export() changed what it was handed. Change a copy, such as "
                "`dict(pick.params)`."
            )


def writes_every_role(subject: ExporterSubject) -> None:
    """The model of every role is named somewhere."""
    if not subject.writes_every_role:
        return
    for context in export_contexts():
        written = "".join(file.text for file in subject.export(context))
        for choice in context.choices:
            if choice.primary.model_id not in written:
                raise BreachError(
                    f"the role {choice.role!r} is lost: its model "
                    f"{choice.primary.model_id!r} is in no file. Write every choice; "
                    "if the format has no place for some, override the fixture "
                    "`writes_every_role` to return False, and say so in the README."
                )


def writes_the_head(subject: ExporterSubject) -> None:
    """The head's lines stand in the files, so that readers see where they come from."""
    if not subject.writes_head:
        return
    for context in export_contexts():
        for file in subject.export(context):
            missing = [line for line in context.head if line not in file.text]
            if missing:
                raise BreachError(
                    f"{file.name} lacks the line {missing[0]!r} of context.head. Write "
                    "the lines as comments at its top; if the format has none, "
                    "override the fixture `writes_head` to return False."
                )


def writes_no_secret(subject: ExporterSubject) -> None:
    """Values of environment variables are never written; their names are."""
    with patch.dict(os.environ, dict.fromkeys(_KEYS, _SECRET)):
        for context in export_contexts():
            for file in subject.export(context):
                if _SECRET in file.text:
                    raise BreachError(
                        f"{file.name} holds the value of an environment variable. "
                        "Write the variable's name: files are committed."
                    )


def writes_nothing_itself(subject: ExporterSubject) -> None:
    """Files are returned; the core writes them, whole or not at all."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for context in export_contexts():
                subject.export(context)
            written = sorted(path.name for path in Path(folder).iterdir())
        finally:
            os.chdir(before)
    if written:
        raise BreachError(
            f"export() wrote {written[0]} by itself. Return "
            "ExportedFile(name=..., text=...): the core checks for edits by hand, "
            "asks, and writes atomically."
        )


ExporterClause: TypeAlias = Callable[[ExporterSubject], None]

EXPORTER_CLAUSES: Final[tuple[ExporterClause, ...]] = (
    declares_its_version,
    has_sound_options,
    returns_files,
    returns_the_same_again,
    leaves_its_input_alone,
    writes_every_role,
    writes_the_head,
    writes_no_secret,
    writes_nothing_itself,
)
