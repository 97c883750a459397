"""Whether two values of a field say the same, and how far apart they are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import inf, isclose
from typing import Any

from attrs import asdict

__all__ = ["alike", "distance", "written"]

_SETS = frozenset({"input_modalities", "output_modalities"})
_DATES = frozenset({"knowledge_cutoff", "last_updated", "release_date"})
#: Prices are computed from prices per token or per thousand; what is left of that in
#: the last digits is no disagreement.
_ROUNDING = 1e-9


def alike(name: str, one: Any, other: Any) -> bool:
    """Tell whether two values of a field say the same.

    The order of modalities means nothing, ``2025-01`` is any day of that month, and
    the last digits of a price are rounding.

    Args:
        name: The field of :class:`~llmhub_core.records.model.Facts`.
        one: Its value at one place, or None.
        other: Its value at another.
    """
    if one is None or other is None:
        return one is other
    if name in _SETS:
        return set(one) == set(other)
    if name in _DATES:
        return bool(one.startswith(other) or other.startswith(one))
    if name == "price_tiers":
        return distance(*([asdict(tier) for tier in v] for v in (one, other))) == 0
    if _is_number(one) and _is_number(other):
        return isclose(one, other, rel_tol=_ROUNDING)
    return bool(one == other)


def distance(one: Any, other: Any) -> float | None:
    """Measure how far two numbers are apart, relative to the smaller one.

    Args:
        one: A number, price tiers as JSON has them, or anything else.
        other: Likewise.

    Returns:
        0.1 when one is 10 % more than the other, whichever of them that is;
        infinity when one of them is 0. Of price tiers at the same steps it is the
        largest one. None for all that has no distance.
    """
    if _is_number(one) and _is_number(other):
        low, high = sorted((one, other))
        if isclose(low, high, rel_tol=_ROUNDING):
            return 0.0
        return high / low - 1 if low > 0 else inf
    if _is_tiers(one) and _is_tiers(other):
        return _farthest(one, other)
    return None


def written(value: Any) -> str:
    """Write a value as JSON text."""
    return json.dumps(value, default=asdict, sort_keys=True, ensure_ascii=False)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_tiers(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(tier, dict) for tier in value)


def _farthest(
    one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]
) -> float | None:
    steps = [[tier["above_context_tokens"] for tier in tiers] for tiers in (one, other)]
    if steps[0] != steps[1]:
        return None
    farthest = 0.0
    for mine, yours in zip(one, other, strict=True):
        for name in mine.keys() - {"above_context_tokens"}:
            if (apart := distance(mine[name], yours[name])) is not None:
                farthest = max(farthest, apart)
            elif mine[name] != yours[name]:
                return None
    return farthest
