"""What is common to all contracts: how a clause is checked and how it is broken."""

from __future__ import annotations

import inspect
import io
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any, Final, Protocol, TypeVar

from attrs import NOTHING, fields, has

from llmhub_core.codec import CodecError, structure_text
from llmhub_core.contracts import CONTRACT_VERSION
from llmhub_core.isolation import CutOffError, EndedError, confined, in_words

__all__ = [
    "BreachError",
    "Subject",
    "UncheckedError",
    "declares_its_version",
    "has_sound_options",
    "in_words",
    "observed",
]

T = TypeVar("T")


class BreachError(AssertionError):
    """A plugin broke its contract; the text tells its author what to do."""


class UncheckedError(Exception):
    """A clause can't be checked here; the text says why."""


class Subject(Protocol):
    """A plugin under examination."""

    @property
    def instance(self) -> Any:
        """The plugin."""

    @property
    def seconds(self) -> float:
        """How long one call of it may take."""


_NAMED: Final = re.compile(r"^\s*contract_version\b[^=\n]*=\s*[A-Za-z_]", re.MULTILINE)


def declares_its_version(subject: Subject) -> None:
    """The class says which contract it was written for."""
    cls = type(subject.instance)
    owners = [c for c in cls.__mro__ if "contract_version" in vars(c)]
    owner = owners[0] if owners else None
    if owner is None or owner.__module__ == "llmhub_core.contracts":
        raise BreachError(
            f"{cls.__name__} does not say which contract it was written for. Write "
            f"`contract_version: ClassVar[int] = {CONTRACT_VERSION}` into the class: "
            "a later version can then refuse it with a reason instead of failing."
        )
    if cls.contract_version != CONTRACT_VERSION:
        raise BreachError(
            f"contract_version is {cls.contract_version!r}, and llmhub-core speaks "
            f"contract {CONTRACT_VERSION}: it will not load this plugin. Read "
            "docs/reference/plugins.md for what changed, and write the new number."
        )
    try:
        text = inspect.getsource(owner)
    except (OSError, TypeError):
        return  # made at run time, or shipped without its source
    if _NAMED.search(text):
        raise BreachError(
            "contract_version is taken from somewhere else, so it changes with the "
            "installed llmhub-core and says nothing. Write the number: "
            f"`contract_version: ClassVar[int] = {CONTRACT_VERSION}`."
        )


def has_sound_options(subject: Subject) -> None:
    """Options are a frozen attrs class that reads what users write."""
    options = getattr(subject.instance, "options_class", None)
    if options is None:
        return
    if not has(options):
        raise BreachError(
            f"options_class is {options!r}, which is no attrs class: decorate it with "
            "`@attrs.frozen(kw_only=True)`."
        )
    for field in fields(options):
        if field.init and not field.kw_only:
            raise BreachError(
                f"the option {field.name!r} can be given by position, so that a new "
                "option before it would break callers: decorate the class with "
                "`@attrs.frozen(kw_only=True)`."
            )
        value = field.default
        if value is NOTHING or type(value) not in {bool, float, int, str} or not value:
            continue
        given = {f.name: f.default for f in fields(options) if f.default is NOTHING}
        if given:
            continue  # others are required, and what fits them is not known here
        try:
            filled = structure_text({field.name: str(value)}, options)
        except CodecError as error:
            raise BreachError(
                f"the option {field.name!r} can't be read from the environment, where "
                f"everything is text: {error}. Annotate it with what it is: str, int, "
                "float, bool or a tuple of them."
            ) from error
        read = getattr(filled, field.name)
        if read != value:
            raise BreachError(
                f"the option {field.name!r} is {value!r} by default and {read!r} when "
                "that is written into the environment: annotate it with the type of "
                "its default."
            )


def observed(call: Callable[[], T], *, method: str, instead: str, seconds: float) -> T:
    """Call a plugin as the core does, with an eye on the clock and on stdout.

    Args:
        call: What to do.
        method: Name of the method, for the sentence.
        instead: What it does rather than end the process.
        seconds: How long it may take.

    Raises:
        BreachError: It takes longer, prints, or ends the process.
    """
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            value = confined(call, seconds=seconds)
    except CutOffError as error:
        raise BreachError(
            f"{method}() was cut off: {error}. The core waits as little: give every "
            "wait a limit, and work on as many rows as you need."
        ) from None
    except EndedError as error:
        raise BreachError(
            f"{method}() raised {error}, which ends the process of whoever asked: "
            f"{instead} instead."
        ) from error.__cause__
    if said.getvalue():
        raise BreachError(
            f"{method}() printed {said.getvalue()[:60]!r}. Standard output belongs to "
            "what the user asked for, such as --json: use the logging module, or put "
            "what the user should know into `notes`."
        )
    return value
