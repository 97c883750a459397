"""What the commands of the catalog share: their options, and how they get it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from llmhub_core.catalog.build import Provision
    from llmhub_core.commands.console import Console
    from llmhub_core.records.catalog import Catalog

__all__ = ["as_json", "load", "offline", "warn"]

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
offline = click.option("--offline", is_flag=True, help="Never touch the network.")


def load(console: Console, *, offline: bool) -> Catalog:
    """Return the catalog, brought up to date first when it is due.

    What is older than it should be is said on stderr.

    Args:
        console: Where to say it, and to show progress.
        offline: Whether ``--offline`` was given.
    """
    from llmhub_core.catalog.build import provide
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
