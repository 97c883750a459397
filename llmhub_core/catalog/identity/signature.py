"""What a model's name says, taken apart: the record that identity is judged by."""

from __future__ import annotations

import attrs

__all__ = ["Signature", "Stamp"]


@attrs.frozen(kw_only=True, order=True)
class Stamp:
    """A date as names carry it: full, year and month, or month and day.

    Args:
        year: Four digits, or None (``0905`` names no year).
        month: 1 to 12.
        day: 1 to 31, or None (``2507`` names no day).
    """

    year: int | None = None
    month: int
    day: int | None = None

    def __str__(self) -> str:
        if self.year is None:
            return f"{self.month:02}{self.day or 0:02}"
        if self.day is None:
            return f"{self.year}{self.month:02}"
        return f"{self.year}{self.month:02}{self.day:02}"

    def agrees_with(self, other: Stamp) -> bool:
        """Whether both can mean one day: no part that both name differs."""
        return (
            self.month == other.month
            and (
                self.year is None or other.year is None or self.year == other.year
            )
            and (self.day is None or other.day is None or self.day == other.day)
        )


@attrs.frozen(kw_only=True)
class Signature:
    """One name, parsed.

    Two names can mean the same model only when ``vendor`` (as far as known),
    ``words``, ``versions`` and ``sizes`` are equal; the other fields are
    compared by the rules of the ``grouping`` and ``joining`` modules.

    Args:
        vendor: The lab whose brand the name carries, or None.
        words: Variant words. Sorted when at most one version is named, because
            vendors write ``claude-3-5-sonnet`` and ``claude-sonnet-3.5`` for one
            model; in order of appearance otherwise.
        versions: Version tokens in order of appearance: ``("3.5",)``, ``("4o",)``.
        order: The core in order of appearance; empty unless two versions make
            the order part of the identity (``llama-3.1-tulu-3``).
        sizes: Parameter counts, largest kind first: ``("235b", "a22b")``.
        stamp: The snapshot's date, or None.
        thinking: True or False when the name pins the mode, else None.
        budget: Thinking budget in tokens, or None.
        effort: Reasoning effort at the end of the name, or None.
        preview: The name says preview, beta or experimental.
        latest: The name floats (``-latest``).
        revision: ``1`` for ``-001`` and ``-v1``, ``2`` for ``-002``, else None.
        chat_format: A format word (instruct, it, chat) beside a size.
        serving: Precision and serving words that leave the weights alone.
        settings: Call settings that a board adds: ``2k``, ``codex-harness``.
    """

    vendor: str | None = None
    words: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    stamp: Stamp | None = None
    thinking: bool | None = None
    budget: int | None = None
    effort: str | None = None
    preview: bool = False
    latest: bool = False
    revision: int | None = None
    chat_format: str | None = None
    serving: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    @property
    def core(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """What must be equal before anything else is asked."""
        return self.words, self.versions, self.order
