"""How good models are at a task: ratings brought to one scale.

Every board and category has a scale of its own: on Arena's boards of October 2026
the same models stand 42 points higher in text/coding than in text/overall, and 199
lower in vision/overall. So ratings of different categories are never compared as
they stand. The task's own category is the scale; a model that it does not rate is
translated from another category by what both say of the models that they share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from attrs import evolve, frozen

from llmhub_core.records.candidate import Quality
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RatingKey
from llmhub_core.records.rating import Rating

__all__ = ["ENOUGH", "Shift", "Standings", "qualities", "shift_between", "standings"]

#: Fewer rated names than this make no scale, and fewer shared ones no translation.
ENOUGH = 20

Standings = Mapping[RatingKey, Mapping[str, Rating]]


@frozen(kw_only=True)
class Shift:
    """How ratings of one category are brought to the scale of another.

    Attributes:
        points: What is added.
        margin: By how much the interval widens on either side: 95 % of the shared
            names lie within it.
    """

    points: float
    margin: float


def standings(models: Iterable[CanonicalModel]) -> Standings:
    """Index the default rating of every model in every category.

    Args:
        models: Their ratings have the default of each category first. A rating of
            the predecessor counts where the model's own is missing.

    Returns:
        Per board and category, ratings by canonical id.
    """
    # The hosts of a model share its ratings, so these are looked through once.
    sharing: dict[tuple[int, int], tuple[CanonicalModel, list[str]]] = {}
    for model in models:
        same = (id(model.ratings), id(model.inherited_ratings))
        sharing.setdefault(same, (model, []))[1].append(model.canonical_id)
    found: dict[tuple[str, str], dict[str, Rating]] = {}
    for model, names in sharing.values():
        defaults: dict[tuple[str, str], Rating] = {}
        for rating in (*model.ratings, *model.inherited_ratings):
            defaults.setdefault((rating.board, rating.category), rating)
        for key, rating in defaults.items():
            found.setdefault(key, {}).update(dict.fromkeys(names, rating))
    return {
        RatingKey(board=board, category=category): ratings
        for (board, category), ratings in found.items()
    }


def shift_between(
    scale: Mapping[str, Rating], other: Mapping[str, Rating]
) -> Shift | None:
    """Measure how to translate one category's ratings to another's scale.

    The shift is the median difference over the names that both rate, each pair of
    names once, however many hosts serve the model. The margin is the 95th
    percentile (nearest rank) of what the shift leaves unexplained.

    Args:
        scale: Ratings by canonical id on the scale.
        other: Ratings by canonical id in the other category.

    Returns:
        The shift, or None when fewer than 20 names are shared.
    """
    pairs = {
        (scale[model].name, rating.name): scale[model].score - rating.score
        for model, rating in other.items()
        if model in scale
    }
    if len(pairs) < ENOUGH:
        return None
    points = median(pairs.values())
    left = sorted(abs(difference - points) for difference in pairs.values())
    return Shift(points=points, margin=left[-(-95 * len(left) // 100) - 1])


def qualities(found: Standings, keys: Sequence[RatingKey]) -> Mapping[str, Quality]:
    """Bring all models to the scale of a task.

    The scale is the first category that rates at least 20 names; where none does,
    the first that rates any.

    Args:
        found: Ratings of the whole catalog.
        keys: Where quality is looked up, in order.

    Returns:
        By canonical id; a model without a usable rating is absent.
    """
    present = [key for key in keys if key in found]
    if not present:
        return {}
    scale = next((key for key in present if _names(found[key]) >= ENOUGH), present[0])
    result = _measured_all(found[scale])
    for key in present:
        shift = shift_between(found[scale], found[key]) if key != scale else None
        if shift is None:
            continue
        for model, quality in _measured_all(found[key]).items():
            if model not in result:
                result[model] = _translated(quality, shift, key, scale)
    return result


def _names(ratings: Mapping[str, Rating]) -> int:
    return len({rating.name for rating in ratings.values()})


def _widest(ratings: Iterable[Rating]) -> float:
    """The widest half-interval below a rating: what an unpublished one may be."""
    return max((r.score - r.ci_low for r in ratings if r.ci_low is not None), default=0)


def _measured_all(ratings: Mapping[str, Rating]) -> dict[str, Quality]:
    widest = _widest(ratings.values())
    # The hosts of a model share its rating, so they share what is made of it.
    shared: dict[int, Quality] = {}
    result: dict[str, Quality] = {}
    for model, rating in ratings.items():
        quality = shared.get(id(rating))
        if quality is None:
            quality = shared[id(rating)] = _measured(rating, widest)
        result[model] = quality
    return result


def _measured(rating: Rating, widest: float) -> Quality:
    low = rating.score - widest if rating.ci_low is None else rating.ci_low
    high = rating.score + widest if rating.ci_high is None else rating.ci_high
    label = " ".join(part for part in (rating.mode, rating.effort) if part)
    quality = Quality(
        value=low,
        score=rating.score,
        ci_low=low,
        ci_high=high,
        board=rating.board,
        category=rating.category,
        name=rating.name,
        basis="measured",
    )
    if rating.basis == "inherited":
        note = f"rating of its predecessor {rating.inherited_from}"
        return evolve(quality, basis="inherited", note=note)
    if rating.proxy:
        note = (
            f"rated as {rating.name} ({label})" if label else f"rated as {rating.name}"
        )
        return evolve(quality, basis="proxy", note=note)
    return quality


def _translated(
    quality: Quality, shift: Shift, origin: RatingKey, scale: RatingKey
) -> Quality:
    low = quality.ci_low + shift.points - shift.margin
    return evolve(
        quality,
        value=low,
        score=quality.score + shift.points,
        ci_low=low,
        ci_high=quality.ci_high + shift.points + shift.margin,
        board=scale.board,
        category=scale.category,
        basis="inherited" if quality.basis == "inherited" else "translated",
        note=f"{quality.score:.0f} in {origin}, {shift.points:+.0f} to {scale}",
    )
