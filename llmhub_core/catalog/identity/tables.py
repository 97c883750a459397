"""Reviewed exceptions to the rules: aliases and denials, ours and the user's."""

from __future__ import annotations

import datetime as dt
import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from llmhub_core.catalog.identity.dates import days_between
from llmhub_core.catalog.identity.parse import parse_name
from llmhub_core.catalog.identity.signature import Signature, Stamp
from llmhub_core.errors import SettingsError

__all__ = ["Alias", "Denial", "Tables", "load_tables"]

_RELEASE_WINDOW_DAYS = 31
_LINE = re.compile(r" \(at line (\d+), column \d+\)$|$")


@frozen(kw_only=True)
class Alias:
    """Two names of one model that no rule can know.

    Attributes:
        name: The other name.
        target: The name that it stands for.
        released: Day on which the meant model came out, where the name floats.
        reason: Why they are one.
        origin: File and line that said so.
    """

    name: Signature
    target: Signature
    released: dt.date | None
    reason: str
    origin: str


@frozen(kw_only=True)
class Denial:
    """A join that must not be made.

    Attributes:
        rated: Name on a board, lower case; empty means any.
        model: Served id, with or without provider, or group id; empty means any.
        reason: Why not.
        origin: File and line that said so.
    """

    rated: str
    model: str
    reason: str
    origin: str


@frozen(kw_only=True)
class Tables:
    """Aliases and denials in force; the user's come before the packaged ones."""

    aliases: tuple[Alias, ...] = ()
    denials: tuple[Denial, ...] = ()
    _by_stem: Mapping[str, tuple[Alias, ...]] = field(init=False, repr=False, eq=False)

    @_by_stem.default
    def _index(self) -> Mapping[str, tuple[Alias, ...]]:
        found: dict[str, list[Alias]] = {}
        for alias in self.aliases:
            found.setdefault(alias.name.stem, []).append(alias)
        return {stem: tuple(aliases) for stem, aliases in found.items()}

    def resolve(
        self, signature: Signature, release_date: str | None = None
    ) -> tuple[Signature, Alias | None]:
        """Replace an alias by the name that it stands for.

        Args:
            signature: A parsed name.
            release_date: Of the served model; None for a name on a board, which
                means the model that the entry names.

        Returns:
            The signature to go on with, and the entry that applied, if any.
        """
        for alias in self._by_stem.get(signature.stem, ()):
            resolved = _apply(alias, signature, release_date)
            if resolved is not None:
                return resolved, alias
        return signature, None

    def denial(self, rated: str, models: Iterable[str]) -> Denial | None:
        """Return the entry that forbids a rated name any of these ids, if any."""
        if not self.denials:
            return None
        name = rated.strip().lower()
        ids = {form for model in models for form in _forms(model)}
        for entry in self.denials:
            if entry.rated in ("", name) and (not entry.model or entry.model in ids):
                return entry
        return None


def _forms(model: str) -> Iterable[str]:
    """Return the ways in which a denial may write one served or group id."""
    text = model.lower()
    yield text
    provider, mark, rest = text.partition(":")
    if mark:
        yield rest
        yield rest.rpartition("/")[2]
        yield f"{provider}/{rest}"


def _apply(
    alias: Alias, signature: Signature, release_date: str | None
) -> Signature | None:
    """Return what a name of the alias's stem stands for, if the alias covers it."""
    name, target = alias.name, alias.target
    stamp = signature.stamp
    if name.sizes not in ((), signature.sizes):
        return None
    if not name.sizes and signature.sizes and target.sizes not in ((), signature.sizes):
        return None
    if name.stamp is not None:
        if stamp is None or not name.stamp.agrees_with(stamp):
            return None
        stamp = target.stamp
    elif alias.released is not None:
        if stamp is not None or not _came_out(alias.released, release_date):
            return None
        stamp = Stamp(
            year=alias.released.year,
            month=alias.released.month,
            day=alias.released.day,
        )
    elif stamp and target.stamp and not target.stamp.agrees_with(stamp):
        return None
    return evolve(
        signature,
        vendor=target.vendor or signature.vendor,
        core=target.core,
        stem=target.stem,
        sizes=target.sizes,
        stamp=target.stamp or stamp,
        chat_format=signature.chat_format or target.chat_format,
    )


def _came_out(released: dt.date, release_date: str | None) -> bool:
    """Whether a served model came out then; a name on a board means that model."""
    if release_date is None:
        return True
    stamp = Stamp(year=released.year, month=released.month, day=released.day)
    distance = days_between(stamp, release_date)
    return distance is not None and distance <= _RELEASE_WINDOW_DAYS


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
    folder = resources.files("llmhub_core.catalog.identity") / "data"
    texts = {
        name: (folder / name).read_text(encoding="utf-8")
        for name in ("aliases.toml", "denials.toml")
    }
    return Tables(
        aliases=_aliases(Path("aliases.toml"), texts["aliases.toml"]),
        denials=_denials(Path("denials.toml"), texts["denials.toml"]),
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
            entry, origin, required={"name", "is", "reason"}, extra={"released"}
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
