"""What the commands of the catalog share: their options, and how they get it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from llmhub_core.catalog.provision import Provision
    from llmhub_core.catalog.query import Filters
    from llmhub_core.commands.console import Console
    from llmhub_core.records.catalog import Catalog

__all__ = [
    "check_known",
    "filters_of",
    "finite",
    "limit",
    "load",
    "note_rest",
    "order",
    "warn",
    "with_filters",
]

F = TypeVar("F", bound=Callable[..., Any])


def finite(
    ctx: click.Context, param: click.Parameter, value: float | None
) -> float | None:
    """Refuse ``nan`` and ``inf``, with which nothing can be compared."""
    if value is not None and not math.isfinite(value):
        message = f"'{value}' is not a finite number."
        raise click.BadParameter(message, ctx, param)
    return value


limit = click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=40,
    show_default=True,
    help="How many lines to print; JSON has all.",
)
order = click.option(
    "--sort",
    "order",
    # Written out: the module that sorts is imported when it does.
    type=click.Choice(("rating", "price", "context", "name", "released")),
    help="What to sort by.",
)

_FILTERS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("--provider", "providers", {"multiple": True}, "Only of this provider."),
    ("--kind", "kinds", {"multiple": True}, "Only this kind: chat, embedding, ..."),
    ("--lab", "labs", {"multiple": True}, "Only made by this lab."),
    (
        "--capability",
        "capabilities",
        {"multiple": True},
        "Only with this: tools, structured-output, reasoning, vision, audio-input, ...",
    ),
    ("--tag", "tags", {"multiple": True}, "Only with this tag."),
    (
        "--max-price-input",
        "max_price_input",
        {"type": click.FloatRange(min=0), "metavar": "USD", "callback": finite},
        "At most this much per million input tokens.",
    ),
    (
        "--max-price-output",
        "max_price_output",
        {"type": click.FloatRange(min=0), "metavar": "USD", "callback": finite},
        "At most this much per million output tokens.",
    ),
    (
        "--min-context",
        "min_context",
        {"type": click.IntRange(min=1), "metavar": "TOKENS"},
        "At least this much context.",
    ),
    (
        "--min-rating",
        "min_rating",
        {"type": float, "metavar": "SCORE", "callback": finite},
        "At least this overall text rating.",
    ),
    (
        "--open-weights/--closed-weights",
        "open_weights",
        {"default": None},
        "Only with open, or without open weights.",
    ),
    (
        "--callable",
        "callable_",
        {"flag_value": "yes", "default": None},
        "Only what your keys reach.",
    ),
    (
        "--maybe-callable",
        "callable_",
        {"flag_value": "possible", "default": None},
        "Also what any-llm may call with a key that is not set.",
    ),
)


def with_filters(command: F) -> F:
    """Add the options that narrow a list of models; read by :func:`filters_of`."""
    for flag, name, settings, says in reversed(_FILTERS):
        command = click.option(flag, name, help=says, **settings)(command)
    return command


def filters_of(console: Console, catalog: Catalog, options: dict[str, Any]) -> Filters:
    """Make the record of what the options ask for.

    Args:
        console: Where to say why nothing can fit.
        catalog: What is asked.
        options: Values of the options that :func:`with_filters` adds.
    """
    from llmhub_core.catalog.query import Filters

    callable_ = options.pop("callable_")
    if callable_ == "yes" and not any(m.callable == "yes" for m in catalog):
        console.note(
            "no provider was asked with a key of yours: set its key, then "
            "`llmhub catalog refresh`; --maybe-callable needs none"
        )
    return Filters(callable=callable_, **options)


def check_known(noun: str, name: str | None, names: Collection[str]) -> None:
    """Refuse a name that can't be meant, rather than find nothing of it.

    Args:
        noun: What is named, such as ``board``.
        name: The name; None when nothing was asked for.
        names: Those that there are.

    Raises:
        FilterError: It is none of them, with near ones.
    """
    if name is None or name in names:
        return
    from difflib import get_close_matches

    from llmhub_core.errors import FilterError

    raise FilterError(noun, name, get_close_matches(name, sorted(names), n=2))


def load(console: Console, *, offline: bool) -> Catalog:
    """Return the catalog, brought up to date first when it is due.

    What is older than it should be is said on stderr.

    Args:
        console: Where to say it, and to show progress.
        offline: Whether ``--offline`` was given.
    """
    from llmhub_core.catalog.provision import provide
    from llmhub_core.settings import load_settings

    settings = load_settings(offline=True if offline else None)
    with console.progress("asking the sources") as progress:
        provision = provide(settings, progress=progress)
    warn(console, provision)
    return provision.catalog


def warn(console: Console, provision: Provision) -> None:
    """Say what is missing, older than it should be, or not kept."""
    if provision.warning:
        console.warn(provision.warning)
    if provision.replaced and not provision.kept:
        console.warn("the cache folder can't be written, so nothing was kept")


def note_rest(console: Console, shown: int, found: int, undecided: int = 0) -> None:
    """Say on stderr what a list leaves out.

    Args:
        console: Where to say it.
        shown: Number of lines that are printed.
        found: Number of lines that there are.
        undecided: Number of models that may fit, for all that is known.
    """
    from llmhub_core.commands.console import counted

    if found > shown:
        console.note(f"{found - shown:,} more; see --limit")
    if not found:
        console.note("nothing fits")
    if undecided:
        console.note(
            f"not listed: {counted(undecided, 'model')} of which something that you "
            "ask for is not known"
        )
