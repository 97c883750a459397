"""Merging on the tree: an environment over the file, a role over the defaults.

Mappings merge key by key. A scalar or a list replaces what was there. ``null``
takes away what was there, the environment's also what ``defaults`` would bring. A
key with nothing behind it says nothing.
"""

from __future__ import annotations

from attrs import evolve

from llmhub_core.errors import SpecError
from llmhub_core.spec.shape import nearest, shown
from llmhub_core.spec.syntax import (
    Entry,
    Listing,
    Scalar,
    Table,
    is_blank,
    is_null,
)

__all__ = ["effective", "environments", "merge"]

_DEFAULT_ENV = "dev"


def merge(base: Table, over: Table) -> Table:
    """Lay one mapping over another; lines stay those of what was written."""
    entries = dict(base.entries)
    for key, entry in over.entries.items():
        below = entries.get(key)
        if is_blank(entry.node):
            continue
        if (
            isinstance(entry.node, Table)
            and below is not None
            and isinstance(below.node, Table)
        ):
            entries[key] = evolve(below, node=merge(below.node, entry.node))
        else:
            entries[key] = entry
    return evolve(base, entries=entries)


def environments(tree: Table) -> tuple[str, ...]:
    """Names of the environments of a checked tree, the default one first."""
    default = tree.get("env")
    named = tree.get("environments")
    first = _DEFAULT_ENV if default is None else getattr(default, "text", _DEFAULT_ENV)
    rest = named.entries if isinstance(named, Table) else {}
    return (first, *(name for name in rest if name != first))


def effective(tree: Table, env: str | None) -> tuple[str, Table]:
    """What a checked tree comes to in one environment.

    Args:
        tree: The whole file, checked against ``FILE``.
        env: The environment, or None for the file's default.

    Returns:
        Its name, and the tree without ``environments`` and ``defaults``: both
        are merged in.

    Raises:
        SpecError: The file has no environment of that name, or says twice which
            providers are allowed by default.
    """
    known = environments(tree)
    name = known[0] if env is None else env
    if name not in known:
        entry = tree.entries.get("environments")
        raise SpecError(
            f"there is no environment {shown(name)}.{nearest(name, known)} "
            f"Known here: {', '.join(known)}.",
            line=entry.line if entry else None,
        )
    overlay = tree.get("environments", name)
    merged = merge(tree, overlay) if isinstance(overlay, Table) else tree
    entries = {
        key: entry
        for key, entry in merged.entries.items()
        if key not in {"environments", "defaults"}
    }
    defaults, roles = merged.get("defaults"), merged.get("roles")
    if isinstance(defaults, Table) and isinstance(roles, Table):
        entries["roles"] = evolve(
            entries["roles"], node=_inherit(roles, _as_role(defaults))
        )
    return name, evolve(merged, entries=entries)


def _as_role(defaults: Table) -> Table:
    # `defaults.providers` is short for `defaults.preferences.providers`.
    entries = dict(defaults.entries)
    short = entries.pop("providers", None)
    if short is None or is_blank(short.node) or is_null(short.node):
        return evolve(defaults, entries=entries)
    if defaults.get("preferences", "providers") is not None:
        raise SpecError(
            "defaults.providers and defaults.preferences.providers say the same "
            "thing: keep one of them.",
            line=short.line,
        )
    spelt = evolve(
        defaults,
        entries={
            "preferences": evolve(
                short, node=evolve(defaults, entries={"providers": short})
            )
        },
    )
    return merge(spelt, evolve(defaults, entries=entries))


def _inherit(roles: Table, defaults: Table) -> Table:
    entries: dict[str, Entry] = {}
    for name, entry in roles.entries.items():
        own = entry.node
        if is_blank(own):
            own = evolve(defaults, entries={}, line=entry.line)
        if isinstance(own, Table):
            own = evolve(_yield(merge(defaults, own), own), line=entry.line)
        entries[name] = evolve(entry, node=own)
    return evolve(roles, entries=entries)


def _yield(merged: Table, own: Table) -> Table:
    """Let a default give way where the role's own words leave it no meaning.

    A default ``relax`` speaks only of what the role requires, and a provider that
    a role forces itself is not held against the default allowlist.
    """
    entries = dict(merged.entries)
    relax, require = merged.get("relax"), merged.get("require")
    if "relax" not in own.entries and isinstance(relax, Listing):
        asked = require.entries if isinstance(require, Table) else {}
        items = tuple(
            item
            for item in relax.items
            if isinstance(item, Scalar)
            and item.text in asked
            and not is_null(asked[item.text].node)
        )
        entries["relax"] = evolve(entries["relax"], node=evolve(relax, items=items))
    wishes = merged.get("preferences")
    if (
        own.get("force_provider") is not None
        and own.get("preferences", "providers") is None
        and isinstance(wishes, Table)
    ):
        kept = {k: v for k, v in wishes.entries.items() if k != "providers"}
        entries["preferences"] = evolve(
            entries["preferences"], node=evolve(wishes, entries=kept)
        )
    return evolve(merged, entries=entries)
