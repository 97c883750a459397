"""Backups that do the same work, and share as little fate as can be."""

from __future__ import annotations

from collections.abc import Sequence

from llmhub_core.records.candidate import Candidate, Ranked
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed

__all__ = ["ONE_MODEL", "apart", "shared_fate"]

#: Kinds of which only another host of the same model can take over.
ONE_MODEL = frozenset({"embedding", "other"})


def apart(
    need: RoleNeed,
    primary: tuple[Candidate, Ranked],
    rest: Sequence[tuple[Candidate, Ranked]],
) -> list[tuple[Candidate, Ranked]]:
    """Find the backups of a primary, one by one.

    Of the candidates that are left, the one that shares least with those before it,
    and among these the highest in the ranking.

    Args:
        need: The role; says how many.
        primary: The first of the ranking.
        rest: The others, in its order.
    """
    chain = [primary[0]]
    left = [pair for pair in rest if _does_the_work(need, pair[0].model, chain[0])]
    found: list[tuple[Candidate, Ranked]] = []
    while left and len(found) < need.backups:
        best, least = 0, 5
        for place, (candidate, _) in enumerate(left):
            shared = _shared(candidate.model, chain)
            if shared < least:
                best, least = place, shared
            if not shared:
                break  # nobody below shares less
        found.append(left.pop(best))
        chain.append(found[-1][0])
    return found


def shared_fate(model: CanonicalModel, chain: Sequence[Candidate]) -> tuple[str, ...]:
    """Say what a backup shares with the models before it."""
    same_model = any(_same(model.group, other.model.group) for other in chain)
    shared: dict[str, list[str]] = {}
    for field, noun in (
        ("provider", "provider"),
        # Who shares the model shares its lab: no news.
        ("group", "model") if same_model else ("lab", "lab"),
    ):
        name = getattr(model, field)
        others = [o for o in chain if _same(name, getattr(o.model, field))]
        if others:
            shared.setdefault(others[0].canonical_id, []).append(noun)
    return tuple(
        f"shared fate: same {' and '.join(nouns)} as {other}"
        for other, nouns in shared.items()
    )


def _does_the_work(need: RoleNeed, model: CanonicalModel, primary: Candidate) -> bool:
    """Whether a model can take over, where its kind alone does not say so.

    An index is made of one model's vectors, and another's can't be compared with them;
    models of kind other have nothing in common. Speech is no backup of transcription,
    unless the role itself says what goes in and what comes out.
    """
    first = primary.model
    if need.kind in ONE_MODEL:
        return _same(model.group, first.group)
    if need.kind != "audio":
        return True
    said = {limit.test for limit in need.constraints}
    return (
        "takes" in said or _has(model.input_modalities, first.input_modalities)
    ) and ("gives" in said or _has(model.output_modalities, first.output_modalities))


def _has(offered: Sequence[str] | None, wanted: Sequence[str] | None) -> bool:
    return set(wanted or ()) <= set(offered or ())


def _shared(model: CanonicalModel, chain: Sequence[Candidate]) -> int:
    """How much fate a model shares with those before it: 0 none, 4 everything."""
    provider = any(model.provider == other.model.provider for other in chain)
    same = any(_same(model.group, other.model.group) for other in chain)
    lab = any(_same(model.lab, other.model.lab) for other in chain)
    if provider:
        return 4 if same else 3
    return 2 if same else int(lab)


def _same(one: str | None, other: str | None) -> bool:
    """Whether two names are known and equal: unknown is not held against anyone."""
    return one is not None and one == other
