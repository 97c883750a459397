"""``llmhub catalog refresh``: ask every source, rebuild the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llmhub_core.commands.catalog.options import warn
from llmhub_core.commands.options import as_json
from llmhub_core.commands.table import Column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmhub_core.catalog.provision import Provision
    from llmhub_core.commands.console import Console
    from llmhub_core.records.catalog import SourceStatus
    from llmhub_core.records.model import CanonicalModel

__all__ = ["command"]


@click.command()
@click.option(
    "--accept-shrink",
    is_flag=True,
    help="Believe a source that gives less than half of what it gave.",
)
@as_json
@click.pass_context
def command(ctx: click.Context, *, accept_shrink: bool, as_json: bool) -> None:
    """Ask every source and rebuild the catalog.

    Exits 3 when no new catalog came of it; the old one stays.
    """
    from attrs import asdict

    from llmhub_core.catalog.build import refresh
    from llmhub_core.settings import load_settings

    console: Console = ctx.obj
    with console.progress("asking the sources") as progress:
        provision = refresh(
            load_settings(), progress=progress, accept_shrink=accept_shrink
        )
    if as_json:
        catalog = provision.catalog
        console.json(
            {
                "models": len(catalog),
                "digest": catalog.digest,
                "checked_at": catalog.checked_at,
                "origin": catalog.origin,
                "replaced": provision.replaced,
                "kept": provision.kept,
                "warning": provision.warning,
                "sources": [asdict(status) for status in provision.sources],
                "unmatched": len(catalog.unmatched),
            }
        )
    else:
        _print_refresh(console, provision)
    warn(console, provision)
    if not provision.replaced:
        ctx.exit(3)


def _print_refresh(console: Console, provision: Provision) -> None:
    from llmhub_core.commands.console import counted

    catalog = provision.catalog
    rows = [_source_row(status) for status in provision.sources]
    console.table(
        (
            "source",
            "state",
            "age",
            Column("models", right=True),
            Column("ratings", right=True),
            Column("refused", right=True),
        ),
        rows,
    )
    for status in provision.sources:
        for remark in filter(None, (status.reason, *status.notes)):
            console.data(f"{status.name}: {remark}")
    priced = sum(model.price_input_per_million is not None for model in catalog)
    rated = sum(model.arena_score is not None for model in catalog)
    providers = len({model.provider for model in catalog})
    console.data(
        f"{counted(len(catalog), 'model')} of {counted(providers, 'provider')}: "
        f"{priced:,} with a price, {rated:,} with a rating; "
        f"{counted(len(catalog.unmatched), 'rated name')} without a served model"
    )
    for kind, count in _kinds(catalog):
        console.data(f"  {kind:<12}{count:>6,}")


def _source_row(status: SourceStatus) -> tuple[str, ...]:
    from llmhub_core.commands.console import age_of

    size = f", {status.transferred_bytes:,} bytes" if status.transferred_bytes else ""
    return (
        status.name,
        f"{status.state}{size}",
        age_of(status.fetched_at),
        f"{status.served:,}",
        f"{status.rated:,}",
        f"{status.refused:,}",
    )


def _kinds(models: Iterable[CanonicalModel]) -> list[tuple[str, int]]:
    from collections import Counter

    counted = Counter(model.kind or "unknown" for model in models)
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
