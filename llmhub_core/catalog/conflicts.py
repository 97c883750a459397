"""What sources disagree on, over a whole catalog, the weightiest first."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Literal, TypeAlias, get_args

from attrs import fields_dict, frozen

from llmhub_core.catalog.flags import FLAGS
from llmhub_core.catalog.likeness import distance
from llmhub_core.catalog.lookup import find, hosts
from llmhub_core.catalog.query import Filters, checked
from llmhub_core.errors import FilterError
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel, Conflict, Facts, Origin

__all__ = [
    "KINDS",
    "Asked",
    "Disagreement",
    "Kind",
    "Side",
    "Suspicion",
    "disagreements",
    "suspicions",
]

#: ``group`` is what is said of the same weights elsewhere, whatever the field.
Kind: TypeAlias = Literal["price", "capability", "limit", "date", "name", "group"]

#: In the order in which they are listed: money first, wording last.
KINDS: tuple[Kind, ...] = get_args(Kind)

#: What a model is and can do stands before its dates, as in the record.
_FIELDS = {name: place for place, name in enumerate(fields_dict(Facts))}
_DATES = frozenset({"knowledge_cutoff", "release_date", "last_updated"})
_NAMES = frozenset({"display_name", "family"})


@frozen(kw_only=True)
class Side:
    """One of two values that can't both be right.

    Attributes:
        value: As JSON has it; None where a price list is silent.
        source: Name of the source plugin that says so.
        date: Of the source's data, or else when it was fetched; None when neither
            is known.
        via: ``base`` or ``group`` when it was said of the underlying model or of
            another row of it, see :class:`~llmhub_core.records.model.Origin`.
        said_of: That record, or that row.
    """

    value: Any
    source: str
    date: str | None = None
    via: str | None = None
    said_of: str | None = None


@frozen(kw_only=True)
class Disagreement:
    """One fact of one row on which sources differ.

    Attributes:
        canonical_id: The row.
        group: Its underlying model.
        kind: What sort of fact it is.
        field: Which fact.
        kept: What the catalog has.
        lost: What it does not have.
        size: How far two numbers are apart, relative to the smaller one: 0.1 is
            10 %; infinity between a price and 0; None where nothing can be measured.
    """

    canonical_id: str
    group: str | None
    kind: Kind
    field: str
    kept: Side
    lost: Side
    size: float | None = None


@frozen(kw_only=True)
class Suspicion:
    """One check that one row fails.

    Attributes:
        canonical_id: The row.
        flag: Name of the check, one of :data:`~llmhub_core.catalog.flags.FLAGS`.
        says: What is odd, with the figures.
    """

    canonical_id: str
    flag: str
    says: str


@frozen(kw_only=True)
class Asked:
    """Which disagreements are asked for; what is None is no condition.

    Attributes:
        field: Name of a field of :class:`~llmhub_core.records.model.Facts`.
        provider: By any-llm's name, or by that of models.dev.
        model: Id of a row, or a name without its provider for all rows of a model.
        source: This source is one of the two.
        kind: This sort.
        min_size: Numbers at least so far apart; leaves out what has no size.
    """

    field: str | None = None
    provider: str | None = None
    model: str | None = None
    source: str | None = None
    kind: Kind | None = None
    min_size: float | None = None


def disagreements(
    catalog: Catalog, asked: Asked | None = None
) -> tuple[Disagreement, ...]:
    """List what sources disagree on.

    Args:
        catalog: Where to look.
        asked: Which ones; all when None.

    Returns:
        By kind in the order of :data:`KINDS`, the farthest apart first, then what
        can't be measured: models that can be called before others, by field and by
        canonical id.

    Raises:
        FilterError: There is no such field, provider or source.
        UnknownModelError: There is no such model.
    """
    asked = asked or Asked()
    dates = {
        source.name: source.as_of or (source.fetched_at or "")[:10] or None
        for source in catalog.sources
    }
    _check(asked, dates)
    found = [
        (model.callable == "no", told)
        for model in _models(catalog, asked)
        for told in _of_model(model, dates)
        if _fits(told, asked)
    ]
    return tuple(told for _, told in sorted(found, key=lambda pair: _weight(*pair)))


def suspicions(catalog: Catalog, asked: Asked | None = None) -> tuple[Suspicion, ...]:
    """List rows that fail a check.

    Args:
        catalog: Where to look.
        asked: Of which provider or model; the other conditions do not count.

    Returns:
        By flag, the most telling first, then by canonical id.

    Raises:
        FilterError: There is no such provider.
        UnknownModelError: There is no such model.
    """
    order = {name: place for place, name in enumerate(FLAGS)}
    found = [
        Suspicion(canonical_id=model.canonical_id, flag=flag, says=says)
        for model in _models(catalog, asked or Asked())
        for flag, says in model.flags.items()
    ]
    # A catalog of another version may have flags of its own.
    return tuple(
        sorted(
            found, key=lambda one: (order.get(one.flag, len(order)), one.canonical_id)
        )
    )


def _check(asked: Asked, sources: Collection[str]) -> None:
    for noun, name, names in (
        ("field", asked.field, fields_dict(Facts)),
        ("source", asked.source, sources),
    ):
        if name is not None and name not in names:
            raise FilterError(noun, name, get_close_matches(name, sorted(names), n=2))


def _models(catalog: Catalog, asked: Asked) -> Iterator[CanonicalModel]:
    chosen: Collection[str] | None = None
    if asked.model is not None:
        one = find(catalog, asked.model)
        same = (one,) if one is not None else hosts(catalog, asked.model)
        chosen = {model.canonical_id for model in same}
    provider: str | None = None
    if asked.provider is not None:
        filters = checked(catalog, Filters(providers=(asked.provider,)))
        (provider,) = filters.providers
    for model in catalog:
        if chosen is not None and model.canonical_id not in chosen:
            continue
        if provider in {None, model.provider}:
            yield model


def _of_model(
    model: CanonicalModel, dates: Mapping[str, str | None]
) -> Iterator[Disagreement]:
    for conflict in model.conflicts:
        kept, lost = json.loads(conflict.kept), json.loads(conflict.lost)
        yield Disagreement(
            canonical_id=model.canonical_id,
            group=model.group,
            kind=_kind(conflict),
            field=conflict.field,
            kept=_side(kept, conflict.kept_from, dates),
            lost=_side(lost, conflict.lost_from, dates, conflict.said_of),
            size=distance(kept, lost),
        )


def _side(
    value: Any,
    origin: Origin,
    dates: Mapping[str, str | None],
    said_of: str | None = None,
) -> Side:
    return Side(
        value=value,
        source=origin.source,
        date=origin.as_of or dates.get(origin.source),
        via=origin.via,
        said_of=said_of,
    )


def _kind(conflict: Conflict) -> Kind:
    if conflict.lost_from.via is not None:
        return "group"
    if conflict.field.startswith("price_"):
        return "price"
    if conflict.field.endswith("_tokens"):
        return "limit"
    if conflict.field in _DATES:
        return "date"
    return "name" if conflict.field in _NAMES else "capability"


def _fits(told: Disagreement, asked: Asked) -> bool:
    far_enough = asked.min_size is None or (
        told.size is not None and told.size >= asked.min_size
    )
    return (
        far_enough
        and asked.field in {None, told.field}
        and asked.kind in {None, told.kind}
        and asked.source in {None, told.kept.source, told.lost.source}
    )


def _weight(
    beyond_reach: bool,  # noqa: FBT001
    told: Disagreement,
) -> tuple[int, float, bool, int, str, str, str]:
    return (
        KINDS.index(told.kind),
        1.0 if told.size is None else -told.size,
        beyond_reach,
        _FIELDS[told.field],
        told.canonical_id,
        told.lost.source,
        told.lost.said_of or "",
    )
