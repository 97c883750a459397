"""Edits of a spec's text that keep every comment and every untouched line.

Each function takes text and gives text; writing it is the caller's. Nothing is
given that was not read again first: it must hold exactly the asked change, every
comment that stood outside of it, and be a valid spec.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from llmhub_core.errors import SpecError
from llmhub_core.spec.load import parse_spec, placed
from llmhub_core.spec.shape import nearest, shown
from llmhub_core.spec.surgery import comments, cut, put
from llmhub_core.spec.syntax import Listing, Node, Table, parse
from llmhub_core.spec.writing import inline

__all__ = ["add_role", "edit_role", "remove_key", "remove_role", "set_key"]


def set_key(
    text: str, keys: Sequence[str], value: Any, *, path: Path | str | None = None
) -> str:
    """Set one key, such as ``("roles", "llm.inference", "task")``.

    Args:
        text: A valid spec.
        keys: The key's path; what is missing on it is added.
        value: Text, number, truth value, None for ``null``, list or mapping. A
            mapping takes the place of what was there.
        path: Where the text came from, for messages.

    Raises:
        SpecError: The text or the result is not a valid spec, or a comment stands
            in what would be replaced.
    """
    return _edited(text, [(tuple(keys), value)], path)


def remove_key(
    text: str, keys: Sequence[str], *, path: Path | str | None = None
) -> str:
    """Take one key out, with its value and the comments inside it.

    Raises:
        SpecError: As ``set_key``; or there is no such key.
    """
    return _edited(text, [(tuple(keys), _GONE)], path)


def add_role(
    text: str,
    name: str,
    settings: Mapping[str, Any],
    *,
    path: Path | str | None = None,
) -> str:
    """Add a role behind the others.

    Args:
        text: A valid spec.
        name: A name that no role has yet.
        settings: The role's keys as in the file; ``kind`` at least, unless
            ``defaults`` has it.
        path: Where the text came from, for messages.

    Raises:
        SpecError: As ``set_key``; or the name is taken.
    """
    with placed(path):
        if parse(text).get("roles", name) is not None:
            raise SpecError(
                f"there is a role {shown(name)} already: edit it, or rename."
            )
    return _edited(text, [(("roles", name), dict(settings))], path)


def edit_role(
    text: str,
    name: str,
    settings: Mapping[str, Any],
    *,
    path: Path | str | None = None,
) -> str:
    """Change some keys of a role, leaving the others.

    Args:
        text: A valid spec.
        name: The role.
        settings: The keys to change, nested as in the file. Mappings are merged;
            None takes a key out.
        path: Where the text came from, for messages.

    Raises:
        SpecError: As ``set_key``; or there is no such role, or no such key to take
            out.
    """
    with placed(path):
        tree = parse(text)
        _known_role(tree, name)
    return _edited(text, _changes(tree, ("roles", name), settings), path)


def remove_role(text: str, name: str, *, path: Path | str | None = None) -> str:
    """Take a role out, also from the environments that change it.

    Raises:
        SpecError: As ``set_key``; or there is no such role, or it is the last.
    """
    with placed(path):
        tree = parse(text)
        _known_role(tree, name)
    places: list[tuple[str, ...]] = [("roles", name)]
    overlays = tree.get("environments")
    for env in overlays.entries if isinstance(overlays, Table) else ():
        keys = ("environments", env, "roles", name)
        if tree.get(*keys) is not None:
            places.append(keys)
    return _edited(text, [(keys, _GONE) for keys in places], path)


_GONE = object()


def _edited(
    text: str, changes: Sequence[tuple[tuple[str, ...], Any]], path: Path | str | None
) -> str:
    parse_spec(text, path=path)
    with placed(path):
        tree = parse(text)
        for keys, value in changes:
            make = cut if value is _GONE else partial(put, value=value)
            after = make(text, tree, keys)
            found = parse(after)
            _verify((text, tree), (after, found), keys, value)
            text, tree = after, found
    try:
        parse_spec(text)
    except SpecError as error:
        raise SpecError(f"that edit is refused: {error.problem}", path=path) from error
    return text


def _verify(
    before: tuple[str, Table],
    after: tuple[str, Table],
    keys: tuple[str, ...],
    value: Any,
) -> None:
    """Compare the new text, read again, with what was asked for."""
    expected = _data(before[1])
    *outer, last = keys
    place = expected
    for key in outer:
        if not isinstance(place.get(key), dict):
            place[key] = {}
        place = place[key]
    if value is _GONE:
        del place[last]
    else:
        place[last] = _data(parse(f"value: {inline(value)}"))["value"]
    lost: Counter[str] = Counter()
    if value is not _GONE:
        lost = Counter(comment for _, comment in comments(*before))
        lost -= Counter(comment for _, comment in comments(*after))
    if _data(after[1]) != expected or lost:
        raise SpecError(
            f"{'.'.join(keys)} can't be changed without touching something else: "
            "edit it by hand."
        )


def _data(node: Node) -> Any:
    if isinstance(node, Table):
        return {key: _data(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, Listing):
        return [_data(item) for item in node.items]
    return node.text, node.plain


def _changes(
    tree: Table, keys: tuple[str, ...], settings: Mapping[str, Any]
) -> list[tuple[tuple[str, ...], Any]]:
    """One change per key; a section that is not there yet is one key."""
    found: list[tuple[tuple[str, ...], Any]] = []
    for key, value in settings.items():
        place = (*keys, key)
        if isinstance(value, Mapping) and isinstance(tree.get(*place), Table):
            found += _changes(tree, place, value)
        else:
            found.append((place, _GONE if value is None else value))
    return found


def _known_role(tree: Table, name: str) -> None:
    roles = tree.get("roles")
    known = tuple(roles.entries) if isinstance(roles, Table) else ()
    if name not in known:
        raise SpecError(
            f"there is no role {shown(name)}.{nearest(name, known)} Known: "
            f"{', '.join(known)}."
        )
