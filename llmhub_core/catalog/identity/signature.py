"""What a model's name says, taken apart: the record that identity is judged by."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from llmhub_core.catalog.identity.tokens import is_version, plain

__all__ = ["Signature", "Stamp", "marks_of", "stem_of", "words_of"]


@attrs.frozen(kw_only=True, order=True)
class Stamp:
    """A date as names carry it: full, year and month, or month and day.

    Attributes:
        year: Four digits, or None (``0905`` names no year).
        month: 1 to 12.
        day: 1 to 31, or None (``2507`` names no day).
    """

    year: int | None = None
    month: int
    day: int | None = None

    def __str__(self) -> str:
        year = "" if self.year is None else f"{self.year}"
        day = "" if self.day is None else f"{self.day:02}"
        return f"{year}{self.month:02}{day}"

    def agrees_with(self, other: Stamp) -> bool:
        """Whether both can mean one day: no part that both name differs.

        ``0111`` names no year and ``2501`` no day: a month alone tells nothing.
        """
        return (
            self.month == other.month
            and not (None in (self.year, other.year) and None in (self.day, other.day))
            and (self.year is None or other.year is None or self.year == other.year)
            and (self.day is None or other.day is None or self.day == other.day)
        )


@attrs.frozen(kw_only=True)
class Signature:
    """One name, parsed.

    Two names can mean the same model only when ``vendor`` (as far as known),
    ``stem`` and ``sizes`` are equal; the other attributes are compared by rules.

    Attributes:
        vendor: The lab whose brand the name carries, or None.
        core: Variant words and versions in order of appearance, as written.
        stem: The core in comparable form. A single version stands last, because
            labs write ``claude-3-5-sonnet`` and ``claude-sonnet-3.5`` for one
            model; with more, their places are identity (``llama-3.1-tulu-3``).
        sizes: Parameter counts as named: ``("235b", "a22b")``.
        stamp: The snapshot's date, or None.
        thinking: True or False when the name pins the mode, else None.
        budget: Thinking budget in tokens, or None.
        effort: Reasoning effort, where the name says so beyond doubt
            (``thinking-minimal``, ``high-32k``); see ``effort_reading``.
        preview: The name says preview or beta.
        latest: The name floats (``-latest``).
        revision: 1 for ``-001`` and a final ``-v1``, 2 for ``-002``, else None.
        chat_format: A format word (instruct, it, chat), or None.
        serving: Precision words, then lane words, sorted: the weights are the same.
        settings: Call settings that a board adds, sorted: ``2k``, ``web-search``.
    """

    vendor: str | None = None
    core: tuple[str, ...] = ()
    stem: str = ""
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
    def key(self) -> str:
        """The name in one canonical spelling; parsing it gives this signature."""
        parts = [*_apart(self.core), *self.sizes]
        if self.chat_format:
            parts.append(self.chat_format)
        if self.stamp is not None:
            parts.append(str(self.stamp))
        if self.revision is not None:
            parts.append(f"{self.revision:03}")
        if self.preview:
            parts.append("preview")
        if self.latest:
            parts.append("latest")
        parts += self.serving
        if self.thinking is not None:
            parts.append("thinking" if self.thinking else "no-thinking")
        if self.effort is not None:
            parts.append(self.effort)
        if self.budget is not None:
            parts.append(f"{self.budget}tok")
        parts += (f"[{setting}]" for setting in self.settings)
        name = "-".join(parts)
        return f"{self.vendor}/{name}" if self.vendor else name


def _apart(core: tuple[str, ...]) -> Iterator[str]:
    """Write a second number in a row with a v, lest the two read as a decimal."""
    before = ""
    for token in core:
        follows_number = is_version(before) and is_version(token)
        yield f"v{token}" if follows_number and token[0].isdigit() else token
        before = token


def stem_of(core: tuple[str, ...]) -> str:
    """Return the comparable form of a core; see ``Signature.stem``."""
    words = [token for token in core if not is_version(token)]
    versions = [token for token in core if is_version(token)]
    if len(versions) > 1:
        return " ".join(map(plain, core))
    return " ".join([*words, *map(plain, versions)])


def words_of(signature: Signature) -> str:
    """Return the words of a name without its versions, with its size if any."""
    words = sorted(token for token in signature.stem.split() if not is_version(token))
    return " ".join([*words, *signature.sizes[:1]])


def marks_of(signature: Signature) -> set[str]:
    """Return what tells generations of a name apart: version, date, revision."""
    marks = {token for token in signature.stem.split() if is_version(token)}
    if signature.stamp is not None:
        marks.add(str(signature.stamp))
    if signature.revision is not None:
        marks.add(f"revision {signature.revision}")
    return marks
