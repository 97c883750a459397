"""Reviewed exceptions to the rules: aliases and denials."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from attrs import evolve, field, frozen

from llmhub_core.catalog.identity.dates import days_between
from llmhub_core.catalog.identity.signature import Signature, Stamp

__all__ = ["Alias", "Denial", "Tables"]

_RELEASE_WINDOW_DAYS = 31


@frozen(kw_only=True)
class Alias:
    """Two names of one model that no rule can know.

    Attributes:
        name: The other name.
        target: The name that it stands for.
        released: Day on which the meant model came out, where the name floats.
        sizes: Of the meant model, where its own name leaves them out: a name that
            adds another size is another model's.
        reason: Why they are one.
        origin: File and line that said so.
    """

    name: Signature
    target: Signature
    released: dt.date | None
    sizes: tuple[str, ...] = ()
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
    _by_rated: dict[str, tuple[Denial, ...]] = field(
        factory=dict, init=False, repr=False, eq=False
    )

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
            release_date: Of the served model, empty where unknown; None for a name
                on a board, which means the model that the entry names.

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
        # Nearly all names have no entry, and are asked for with every host.
        entries = self.denials_of(rated)
        if not entries:
            return None
        ids = {form for model in models for form in _forms(model)}
        for entry in entries:
            if not entry.model or entry.model in ids:
                return entry
        return None

    def denials_of(self, rated: str) -> tuple[Denial, ...]:
        """Return the entries that may forbid this rated name something."""
        found = self._by_rated.get(rated)
        if found is None:
            name = rated.strip().lower()
            found = tuple(e for e in self.denials if e.rated in ("", name))
            self._by_rated[rated] = found
        return found


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
    added = signature.sizes != name.sizes
    if added and (name.sizes or signature.sizes not in (target.sizes, alias.sizes)):
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
