"""Which models may serve a role: every hard limit with a reason.

What is unknown never satisfies a limit: a model that is not known to call tools is
out where tools are required, and so is one without a price under a ceiling.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import takewhile

from llmhub_core.records.candidate import Rejection
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import Constraint, RoleNeed
from llmhub_core.selection.limits import LIMITS, Frame
from llmhub_core.selection.measures import Measures, Sifted

__all__ = ["eligible", "frame", "passing", "sieve", "warnings", "why_not"]

#: Limits that many roles have in common: whoever passes them is worth keeping.
_COMMON = frozenset(
    {
        "kind",
        "callable",
        "status",
        "paid",
        "within_call",
        "provider_in",
        "provider_not_in",
        "id_matches",
        "id_matches_none",
    }
)


def frame(need: RoleNeed, measures: Measures) -> Frame:
    """Gather what the comparisons of one role need."""
    return Frame(
        need=need,
        qualities=measures.qualities(need.ratings),
        callers=measures.callers,
    )


def eligible(need: RoleNeed, measures: Measures) -> frozenset[str]:
    """Ids of the models that satisfy every constraint of a need."""
    sets = (passing(constraint, need, measures) for constraint in need.constraints)
    return reduce(frozenset.intersection, sets, measures.ids)


def sieve(need: RoleNeed, measures: Measures) -> Sifted:
    """Part the catalog by the constraints of a need, one after the other.

    Returns:
        The models that satisfy all of them, and per constraint the ids that it was
        the first to turn away; both in catalog order.
    """
    around = frame(need, measures)
    common = tuple(takewhile(lambda c: c.test in _COMMON, need.constraints))
    left, out = _sifted(common, need, measures)
    for constraint in need.constraints[len(common) :]:
        if constraint.test in _COMMON:
            fine = passing(constraint, need, measures)
            passed = [model for model in left if model.canonical_id in fine]
        else:
            passed = _satisfying(constraint, left, around)
        left, out = passed, _counted(out, constraint.name, left, passed)
    return left, {name: tuple(sorted(ids)) for name, ids in out.items()}


def _sifted(
    common: tuple[Constraint, ...], need: RoleNeed, measures: Measures
) -> Sifted:
    """Part the catalog by the limits that roles begin with, once for all of them."""
    if not common:
        return measures.catalog.models, {}
    *before, constraint = common
    key = tuple((limit.name, _key(limit, need)) for limit in common)
    known = measures.sifted.get(key)
    if known is None:
        left, out = _sifted(tuple(before), need, measures)
        passed = tuple(_satisfying(constraint, left, frame(need, measures)))
        known = passed, _counted(out, constraint.name, left, passed)
        measures.sifted[key] = known
    return known


def _satisfying(
    constraint: Constraint, models: Iterable[CanonicalModel], around: Frame
) -> list[CanonicalModel]:
    holds = LIMITS[constraint.test].holds
    value = LIMITS[constraint.test].value
    wanted = constraint.wanted
    return [model for model in models if holds(value(model, around), wanted)]


def _counted(
    out: Mapping[str, tuple[str, ...]],
    name: str,
    left: Sequence[CanonicalModel],
    passed: Sequence[CanonicalModel],
) -> Mapping[str, tuple[str, ...]]:
    """Those who were out before, and under one name those who did not pass."""
    if len(passed) == len(left):
        return out
    kept = {model.canonical_id for model in passed}
    turned = (m.canonical_id for m in left if m.canonical_id not in kept)
    return {**out, name: (*out.get(name, ()), *turned)}


def passing(
    constraint: Constraint, need: RoleNeed, measures: Measures
) -> frozenset[str]:
    """Ids of the models that satisfy one constraint.

    Args:
        constraint: One limit.
        need: The role that it belongs to; its workload and ratings count for
            limits on price and quality.
        measures: Numbers of the catalog; keeps the answer for other roles.
    """
    key = _key(constraint, need)
    known = measures.passing.get(key)
    if known is None:
        around = frame(need, measures)
        fine = _satisfying(constraint, measures.catalog, around)
        known = frozenset(model.canonical_id for model in fine)
        measures.passing[key] = known
    return known


def _key(constraint: Constraint, need: RoleNeed) -> tuple[object, ...]:
    """A limit and all of the role that its answer depends on."""
    key: tuple[object, ...] = (constraint.test, constraint.wanted)
    if constraint.test in {"quality", "measured"}:
        key += need.ratings
    elif constraint.test in {"price_input", "price_output"}:
        key += (need.workload.input_tokens,)
    elif constraint.test in {"callable", "within_call"}:
        key += need.open_providers
    return key


def why_not(model: CanonicalModel, need: RoleNeed, measures: Measures) -> Rejection:
    """Give every reason why a model is out.

    Args:
        model: A model, of the catalog or not.
        need: The role.
        measures: Numbers of the catalog.

    Returns:
        All constraints that fail, each with the numbers that were compared; with
        those constraints taken away (``need.without(...)``) the model is eligible.
    """
    return Rejection(
        canonical_id=model.canonical_id,
        reasons=_reasons(model, need.constraints, frame(need, measures)),
    )


def warnings(
    model: CanonicalModel, need: RoleNeed, measures: Measures
) -> tuple[str, ...]:
    """Say which limits a forced model fails that were set aside for it."""
    reasons = _reasons(model, need.waived, frame(need, measures))
    return tuple(f"forced, although it {why} ({name})" for name, why in reasons)


def _reasons(
    model: CanonicalModel, constraints: Iterable[Constraint], around: Frame
) -> tuple[tuple[str, str], ...]:
    reasons: list[tuple[str, str]] = []
    for constraint in constraints:
        limit = LIMITS[constraint.test]
        value = limit.value(model, around)
        if not limit.holds(value, constraint.wanted):
            why = limit.why(model, value, constraint.wanted)
            reasons.append((constraint.name, why))
    return tuple(reasons)
