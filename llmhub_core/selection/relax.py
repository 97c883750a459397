"""Limits that give way, when the spec allows it and nothing else is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import floor
from typing import Any

from attrs import evolve

from llmhub_core.numerals import plain
from llmhub_core.records.candidate import Relaxation
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import Constraint, RoleNeed
from llmhub_core.selection.eligibility import eligible, frame
from llmhub_core.selection.limits import LIMITS, Frame
from llmhub_core.selection.measures import Measures

__all__ = ["nearest", "relax"]

_Limits = tuple[Constraint, ...]


def relax(
    need: RoleNeed, measures: Measures
) -> tuple[RoleNeed, tuple[Relaxation, ...]]:
    """Loosen a need that no model satisfies, as little as will do.

    Of the keys in ``need.relax``, in their order, the shortest run is taken whose
    removal leaves a candidate. Then each of them, the last one first, is tightened
    again as far as a candidate remains: a limit to the nearest value that some
    model has, a list to as many of its items as one model can satisfy. So an
    earlier key gives way before a later one, and none further than it must.

    Args:
        need: A need without an eligible model.
        measures: Numbers of the catalog.

    Returns:
        The loosened need and what gave way, in the order of ``need.relax``. The
        need as it was and nothing, when even without all of them none is left.
    """
    run: list[str] = []
    for key in need.relax:
        run.append(f"require.{key}")
        if eligible(need.without(*run), measures):
            break
    else:
        return need, ()
    granted: dict[str, _Limits] = dict.fromkeys(run, ())
    for name in reversed(run):
        ids = eligible(_with(need, granted), measures)
        models = (model for model in measures.catalog if model.canonical_id in ids)
        granted[name] = _tightest(_named(need, name), models, frame(need, measures))
    return _with(need, granted), tuple(
        Relaxation(
            constraint=name.removeprefix("require."),
            wanted=_text(_named(need, name)),
            granted=_text(granted[name]),
        )
        for name in run
        if granted[name] != _named(need, name)
    )


def nearest(need: RoleNeed, name: str, measures: Measures) -> str | None:
    """Say how far a limit would have to move for one model to satisfy the need.

    Args:
        need: A need without an eligible model.
        name: One of its limits.
        measures: Numbers of the catalog.

    Returns:
        The nearest value that lets a model in, in the words of a relaxation; None
        where the limit would have to go wholly, or even that is not enough.
    """
    limits = _named(need, name)
    ids = eligible(need.without(name), measures)
    models = (model for model in measures.catalog if model.canonical_id in ids)
    moved = _tightest(limits, models, frame(need, measures))
    return _text(moved) if moved and len(moved) == len(limits) else None


def _with(need: RoleNeed, granted: Mapping[str, _Limits]) -> RoleNeed:
    """Put other limits in the place of those of the same names."""
    constraints: list[Constraint] = []
    placed: set[str] = set()
    for constraint in need.constraints:
        if constraint.name not in granted:
            constraints.append(constraint)
        elif constraint.name not in placed:
            placed.add(constraint.name)
            constraints += granted[constraint.name]
    return evolve(need, constraints=tuple(constraints))


def _named(need: RoleNeed, name: str) -> _Limits:
    return tuple(c for c in need.constraints if c.name == name)


def _tightest(
    limits: _Limits, models: Iterable[CanonicalModel], around: Frame
) -> _Limits:
    """The limits nearest to those wanted that at least one model satisfies."""
    best: tuple[tuple[int, float], _Limits] | None = None
    for model in models:
        found = _loosened(limits, model, around)
        if best is None or found[0] < best[0]:
            best = found
    return best[1] if best else ()


def _loosened(
    limits: _Limits, model: CanonicalModel, around: Frame
) -> tuple[tuple[int, float], _Limits]:
    """Limits moved until one model satisfies them, and how far that was.

    A limit that can't be moved to the model is taken away; that is farther than
    any step.
    """
    moved: list[Constraint] = []
    gone, distance = 0, 0.0
    for limit in limits:
        test = LIMITS[limit.test]
        value = test.value(model, around)
        if test.holds(value, limit.wanted):
            moved.append(limit)
        elif (step := test.step(value, limit.wanted)) is not None:
            moved.append(evolve(limit, wanted=step[0]))
            distance += step[1]
        else:
            gone += 1
    return (gone, distance), tuple(moved)


def _text(limits: _Limits) -> str:
    return ", ".join(_said(limit) for limit in limits) or "anything"


def _said(limit: Constraint) -> str:
    value: Any = limit.wanted
    if limit.test in {"price_input", "price_output"}:
        return f"{limit.test.removeprefix('price_')} {plain(value)}"
    if limit.test == "quality":
        # Rounded down: at what is said, the model is still in.
        return f"{floor(value * 10) / 10:g}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)
