"""What is remembered of one model: that it was listed, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmhub_core.cache import Cache
    from llmhub_core.commands.console import Console
    from llmhub_core.records.history import Tombstone

__all__ = [
    "print_changes",
    "print_quitters",
    "print_tombstones",
    "tombstone_of",
    "tombstones_of",
]

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


def tombstones_of(name: str) -> tuple[Tombstone, ...]:
    """Return what is left of a model, by its name without a provider."""
    from llmhub_core.catalog.history import tombstones

    return tombstones(_cache(), name)


def print_quitters(console: Console, name: str) -> None:
    """Print who lists a model no more that others still do."""
    stones = tombstones_of(name)
    if stones:
        gone = (f"{stone.canonical_id} since {stone.gone_at[:10]}" for stone in stones)
        console.data(f"no longer listed: {', '.join(gone)}")


def print_tombstones(console: Console, stones: tuple[Tombstone, ...]) -> None:
    """Print when each was last seen, its last price, and what is there instead.

    What changed before is printed of one; that of several would bury them.
    """
    for stone in stones:
        name = stone.display_name or "no display name"
        console.data(f"{console.strong(stone.canonical_id)}  {name}")
        console.data(f"  {stone}")
    if len(stones) == 1:
        print_changes(console, stones[0].canonical_id)


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
    if isinstance(value, float):
        from llmhub_core.numerals import plain

        return plain(value, 12)
    return "unknown" if value is None else str(value)


def _cache() -> Cache:
    from llmhub_core.cache import Cache
    from llmhub_core.settings import load_settings

    return Cache(load_settings().cache_dir)
