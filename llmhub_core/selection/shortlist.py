"""From a need to its candidates, or to why there are none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from llmhub_core.errors import (
    IneligibleModelError,
    NoCandidatesError,
)
from llmhub_core.records.candidate import Candidates, Relaxation
from llmhub_core.records.model import CanonicalModel, Catalog
from llmhub_core.records.need import Constraint, RoleNeed
from llmhub_core.selection.eligibility import eligible, passing, why_not
from llmhub_core.selection.measures import Measures
from llmhub_core.selection.relax import relax
from llmhub_core.selection.stranger import stranger

__all__ = ["shortlist"]

_HELPS = 3


def shortlist(
    catalog: Catalog, need: RoleNeed, measures: Measures | None = None
) -> Candidates:
    """Keep the models that satisfy every hard limit of one role.

    Args:
        catalog: Fused models in canonical-id order; may be empty.
        need: Limits in tokens, ceilings in US dollars per million tokens.
        measures: Numbers of this catalog; hand in one object for all roles, so
            that they share the work.

    Returns:
        Kept models in catalog order, and per constraint the ids that it turned
        away first: together every model of the catalog once. A forced model that
        only its provider knows (a deployment, a local server's) is kept beside
        them, with everything about it unknown.

    Raises:
        NoCandidatesError: Nothing is left, even after what may give way has.
        UnknownModelError: The forced model is not in the catalog, and its provider
            is not one where any id may be right.
        IneligibleModelError: Policy, kind or a deny list forbids the forced model.
    """
    numbers = measures or Measures(catalog)
    ids = eligible(need, numbers)
    relaxed: tuple[Relaxation, ...] = ()
    if not ids and need.forced is not None:
        model = _forced(need, need.forced, numbers)
        return Candidates(
            need=need,
            kept=(numbers.candidate(model, need),),
            considered=len(catalog),
            rejected=dict(_rejected(need, numbers)),
        )
    if not ids and need.relax:
        need, relaxed = relax(need, numbers)
        ids = eligible(need, numbers)
    if not ids:
        counts = {name: len(out) for name, out in _rejected(need, numbers)}
        raise NoCandidatesError(need.role, counts, _helps(need, numbers))
    kept = [model for model in catalog if model.canonical_id in ids]
    return Candidates(
        need=need,
        kept=tuple(numbers.candidate(model, need) for model in kept),
        considered=len(catalog),
        rejected=dict(_rejected(need, numbers)),
        relaxed=relaxed,
    )


def _rejected(
    need: RoleNeed, measures: Measures
) -> Iterator[tuple[str, tuple[str, ...]]]:
    left = frozenset(model.canonical_id for model in measures.catalog)
    out: dict[str, frozenset[str]] = {}
    for constraint in need.constraints:
        passed = left & passing(constraint, need, measures)
        if len(passed) < len(left):
            out[constraint.name] = out.get(constraint.name, frozenset()) | (
                left - passed
            )
        left = passed
    for name, ids in out.items():
        yield (
            name,
            tuple(m.canonical_id for m in measures.catalog if m.canonical_id in ids),
        )


def _helps(need: RoleNeed, measures: Measures) -> list[tuple[str, int]]:
    """Keys whose removal would let models in, best first; pairs if no single does."""
    names = list(dict.fromkeys(c.name for c in need.constraints if _may_go(c)))
    for size in (1, 2):
        gains = [
            (" with ".join(together), len(eligible(need.without(*together), measures)))
            for together in combinations(names, size)
        ]
        found = sorted((g for g in gains if g[1]), key=lambda gain: (-gain[1], gain[0]))
        if found:
            return found[:_HELPS]
    return []


def _may_go(constraint: Constraint) -> bool:
    return constraint.name not in {"kind", "callable", "status"}


def _forced(need: RoleNeed, forced: str, measures: Measures) -> CanonicalModel:
    """The forced model that the catalog lacks, or why it can't be had."""
    placing = [c for c in need.constraints if c.name.startswith("force_")]
    sets = [passing(constraint, need, measures) for constraint in placing]
    named = [m for m in measures.catalog if all(m.canonical_id in s for s in sets)]
    if not named:
        named = [stranger(forced, need, measures)]
    rejection = why_not(named[0], need, measures)
    if rejection.reasons:
        raise IneligibleModelError(need.role, rejection.canonical_id, rejection.reasons)
    return named[0]
