"""From a need to its candidates, or to why there are none."""

from __future__ import annotations

from itertools import combinations

from llmhub_core.errors import (
    IneligibleModelError,
    NoCandidatesError,
)
from llmhub_core.records.candidate import Candidates, Relaxation
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import Constraint, RoleNeed
from llmhub_core.selection.eligibility import eligible, passing, sieve, why_not
from llmhub_core.selection.measures import Measures
from llmhub_core.selection.relax import nearest, relax
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
    kept, rejected = sieve(need, numbers)
    relaxed: tuple[Relaxation, ...] = ()
    if not kept and need.forced is not None:
        kept = [_forced(need, need.forced, numbers)]
    if not kept and need.relax:
        need, relaxed = relax(need, numbers)
        kept, rejected = sieve(need, numbers)
    if not kept:
        counts = {name: len(ids) for name, ids in rejected.items()}
        helps = _helps(need, numbers)
        near = {name: nearest(need, name, numbers) for name, _ in helps}
        raise NoCandidatesError(
            need.role,
            counts,
            helps,
            _absent(need, catalog),
            {name: value for name, value in near.items() if value},
        )
    return Candidates(
        need=need,
        kept=numbers.candidates(kept, need),
        considered=len(catalog),
        rejected=rejected,
        relaxed=relaxed,
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


def _absent(need: RoleNeed, catalog: Catalog) -> tuple[str, ...]:
    """Allowed providers without a single model, such as a local server's."""
    served = {model.provider for model in catalog}
    allowed = (
        provider
        for limit in need.constraints
        if limit.name in {"preferences.providers", "force_provider"}
        and isinstance(limit.wanted, tuple)
        for provider in limit.wanted
    )
    return tuple(sorted({name for name in allowed if name not in served}))


def _may_go(constraint: Constraint) -> bool:
    return constraint.name not in {"kind", "callable", "status", "endpoint"}


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
