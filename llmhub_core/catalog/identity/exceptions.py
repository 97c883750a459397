"""The files of aliases and denials: the packaged ones and the user's own."""

from __future__ import annotations

import datetime as dt
import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from llmhub_core.catalog.identity.naming import parse_name
from llmhub_core.catalog.identity.packaged import data_text
from llmhub_core.catalog.identity.signature import Signature
from llmhub_core.catalog.identity.tables import Alias, Denial, Tables
from llmhub_core.errors import SettingsError

__all__ = ["load_tables"]

_LINE = re.compile(r"at line (\d+)")


def load_tables(extra_dir: Path | None = None) -> Tables:
    """Load the packaged tables and the user's own.

    Args:
        extra_dir: The user's config folder; ``aliases.toml`` and ``denials.toml``
            in it are read where they exist.

    Returns:
        Both, the user's entries first, so that they win.

    Raises:
        SettingsError: A file of the user does not parse or an entry is not valid;
            names the file and line.
    """
    packaged = _packaged()
    if extra_dir is None:
        return packaged
    aliases = _read(extra_dir / "aliases.toml")
    denials = _read(extra_dir / "denials.toml")
    if aliases is None and denials is None:
        return packaged
    return Tables(
        aliases=(*_aliases(extra_dir / "aliases.toml", aliases), *packaged.aliases),
        denials=(*_denials(extra_dir / "denials.toml", denials), *packaged.denials),
    )


@functools.cache
def _packaged() -> Tables:
    return Tables(
        aliases=_aliases(Path("aliases.toml"), data_text("aliases.toml")),
        denials=_denials(Path("denials.toml"), data_text("denials.toml")),
    )


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), f"can't be read: {error}") from error


def _aliases(path: Path, text: str | None) -> tuple[Alias, ...]:
    made = []
    for entry, origin in _entries(path, text, "alias"):
        _check_keys(
            entry,
            origin,
            required={"name", "is", "reason"},
            extra={"released", "size"},
        )
        released = entry.get("released")
        if released is not None:
            try:
                released = dt.date.fromisoformat(str(released))
            except ValueError as error:
                raise SettingsError(
                    origin, f"`released` is not a date (YYYY-MM-DD): {released!r}"
                ) from error
        made.append(
            Alias(
                name=_named(entry["name"], origin),
                target=_named(entry["is"], origin),
                released=released,
                sizes=_sized(entry.get("size"), origin),
                reason=entry["reason"],
                origin=origin,
            )
        )
    return tuple(made)


def _denials(path: Path, text: str | None) -> tuple[Denial, ...]:
    made = []
    for entry, origin in _entries(path, text, "denial"):
        _check_keys(entry, origin, required={"reason"}, extra={"rated", "model"})
        if "rated" not in entry and "model" not in entry:
            raise SettingsError(origin, "a denial names `rated`, `model` or both")
        made.append(
            Denial(
                rated=entry.get("rated", "").strip().lower(),
                model=entry.get("model", "").strip().lower(),
                reason=entry["reason"],
                origin=origin,
            )
        )
    return tuple(made)


def _named(text: str, origin: str) -> Signature:
    signature = parse_name(text)
    if not signature.core:
        raise SettingsError(origin, f"{text!r} names no model")
    return signature


def _sized(text: str | None, origin: str) -> tuple[str, ...]:
    if text is None:
        return ()
    sizes = parse_name(f"model-{text}").sizes
    if not sizes or "-".join(sizes) != text.strip().lower():
        raise SettingsError(origin, f"`size` is not one, as 24b or 30b-a3b: {text!r}")
    return sizes


def _entries(
    path: Path, text: str | None, kind: str
) -> Iterable[tuple[dict[str, Any], str]]:
    """Yield the entries of one file, each with its place."""
    if text is None:
        return
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _LINE.search(str(error))
        line = place[1] if place is not None else None
        origin = f"{path}:{line}" if line else str(path)
        raise SettingsError(origin, f"is not TOML: {error}") from error
    unknown = sorted(set(document) - {kind})
    entries = document.get(kind, [])
    if unknown or not isinstance(entries, list):
        name = unknown[0] if unknown else kind
        raise SettingsError(str(path), f"only [[{kind}]] entries belong here: {name!r}")
    header = re.compile(rf"\s*\[\[\s*['\"]?{kind}['\"]?\s*\]\]")
    lines = [
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if header.match(line)
    ]
    for index, entry in enumerate(entries):
        origin = f"{path}:{lines[index]}" if len(lines) == len(entries) else str(path)
        if not isinstance(entry, dict):
            raise SettingsError(origin, f"[[{kind}]] must be a table")
        yield entry, origin


def _check_keys(
    entry: Mapping[str, Any], origin: str, *, required: set[str], extra: set[str]
) -> None:
    unknown = sorted(set(entry) - required - extra)
    if unknown:
        known = ", ".join(sorted(required | extra))
        raise SettingsError(origin, f"unknown key {unknown[0]!r}; known: {known}")
    for key in sorted(required | (extra & set(entry))):
        value = entry.get(key)
        if key == "released":
            continue
        if not isinstance(value, str) or not value.strip():
            raise SettingsError(origin, f"`{key}` must be a text that is not empty")
