"""What is remembered of one model: that it was listed, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmhub_core.cache import Cache
    from llmhub_core.commands.console import Console
    from llmhub_core.records.history import Tombstone

__all__ = ["print_changes", "print_tombstone", "tombstone_of"]

#: Changes that are shown with a model; the command ``changes`` has all.
_CHANGES = 5


def tombstone_of(text: str) -> Tombstone | None:
    """Return what is left of a model that nobody lists any more.

    Args:
        text: Its id, in any of its forms.
    """
    from llmhub_core.catalog.history import tombstone
    from llmhub_core.catalog.identity.providers import parse_model_id

    parsed = parse_model_id(text)
    return None if parsed is None else tombstone(_cache(), ":".join(parsed))


def print_tombstone(console: Console, stone: Tombstone) -> None:
    """Print when it was last seen, its last price, and what is there instead."""
    name = stone.display_name or "no display name"
    console.data(f"{console.strong(stone.canonical_id)}  {name}")
    console.data(f"  {stone}")
    print_changes(console, stone.canonical_id)


def print_changes(console: Console, canonical_id: str) -> None:
    """Print the last changes that refreshes found; nothing when there are none."""
    from llmhub_core.catalog.history import changes

    found = changes(_cache(), model=canonical_id)
    if found:
        console.data("last changes:")
    for change in found[:_CHANGES]:
        what = (
            change.kind
            if change.field is None
            else f"{change.field} {_said(change.before)}, now {_said(change.after)}"
        )
        console.data(f"  {change.found_at[:10]}  {what}")
    if len(found) > _CHANGES:
        more = len(found) - _CHANGES
        console.data(f"  {more} more: llmhub catalog changes --model {canonical_id}")


def _said(value: object) -> str:
    return "unknown" if value is None else str(value)


def _cache() -> Cache:
    from llmhub_core.cache import Cache
    from llmhub_core.settings import load_settings

    return Cache(load_settings().cache_dir)
