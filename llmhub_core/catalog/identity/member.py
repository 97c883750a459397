"""One served row on its way into a group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from attrs import evolve, frozen

from llmhub_core.catalog.identity.lexicon import lexicon
from llmhub_core.catalog.identity.naming import effort_reading
from llmhub_core.catalog.identity.reading import Reading
from llmhub_core.catalog.identity.signature import Signature
from llmhub_core.catalog.identity.sizes import fits

__all__ = [
    "Member",
    "by",
    "fold_efforts",
    "known_efforts",
    "reasons",
]

_Key = TypeVar("_Key", bound=Hashable)


@frozen(kw_only=True)
class Member:
    """A row, its signature as far as it is settled, and how it was settled.

    Attributes:
        reading: What the row says of itself.
        signature: What it is taken to mean.
        effort: The effort that its id pins, or None.
        is_undated: Neither id, name nor alias gives a date.
        suspicion: Why it can't be trusted, or None.
        rules: Names of the rules used so far.
    """

    reading: Reading
    signature: Signature
    effort: str | None = None
    is_undated: bool = False
    suspicion: str | None = None
    rules: tuple[str, ...] = ()

    @property
    def provider(self) -> str:
        """any-llm's name of its provider."""
        return self.reading.row_id.partition(":")[0]

    def adopt(self, rule: str, **changes: object) -> Member:
        """Return it with some of its signature settled by a rule."""
        return evolve(
            self,
            signature=evolve(self.signature, **changes),  # type: ignore[arg-type]
            rules=(*self.rules, rule),
        )


def by(
    members: Iterable[Member], key: Callable[[Member], _Key]
) -> dict[_Key, list[Member]]:
    """Sort members into lists by key."""
    found: dict[_Key, list[Member]] = {}
    for member in members:
        found.setdefault(key(member), []).append(member)
    return found


def reasons(members: Sequence[Member]) -> bool | None:
    """Whether a model reasons: the lab's word, else what most hosts say; None is open.

    Hosts' flags are unreliable one by one (Grok 3 reasons at two of four).
    """
    for shops in (True, False):
        votes = Counter(
            member.reading.row.reasoning
            for member in members
            if member.reading.is_vendor is shops
            and member.reading.row.reasoning is not None
        )
        if votes[True] != votes[False]:
            return votes[True] > votes[False]
    return None


def known_efforts(members: Sequence[Member]) -> frozenset[str] | None:
    """Efforts that a model accepts by the lab's word, else by any host's."""
    for shops in (True, False):
        efforts = frozenset(
            effort
            for member in members
            if member.reading.is_vendor is shops
            for effort in member.reading.row.efforts or ()
        )
        if efforts:
            return efforts
    return None


def fold_efforts(members: list[Member]) -> list[Member]:
    """Take ids that end in an effort for a model at that effort, where it is one.

    ``o3-mini-high`` is o3-mini, because there is an o3-mini that reasons and does
    not rule the effort out. ``qwen3-max`` stays: there is no qwen3.
    """
    plain = by(members, lambda member: member.signature.stem)
    return [_folded(member, plain) for member in members]


def _folded(member: Member, plain: dict[str, list[Member]]) -> Member:
    shorter = effort_reading(member.signature)
    if shorter is None or shorter.effort is None:
        return member
    models = [
        other
        for other in plain.get(shorter.stem, ())
        if bool(other.signature.sizes) is bool(shorter.sizes)
        and fits(other.signature.sizes, shorter.sizes)
        and other.signature.vendor in (shorter.vendor, None)
    ]
    efforts = known_efforts(models)
    if not models or not reasons(models):
        return member
    if efforts is None and lexicon().is_product_word(shorter.effort, shorter.core):
        return member
    if efforts is not None and shorter.effort not in efforts:
        return member
    return evolve(
        member,
        signature=shorter,
        effort=shorter.effort,
        rules=(*member.rules, "effort-pinned"),
    )
