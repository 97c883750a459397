"""List the models of a catalog that one asks for, in an order that is total."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from operator import contains, eq, ge, le
from typing import Any, Literal, TypeAlias, get_args

from attrs import evolve, frozen

from llmhub_core.catalog.identity.providers import canonical_provider, providers
from llmhub_core.catalog.statistics import reference_price
from llmhub_core.errors import FilterError
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel, Kind

__all__ = [
    "CAPABILITIES",
    "ORDERS",
    "Filters",
    "Listing",
    "Order",
    "checked",
    "list_models",
    "ordered",
]

Order: TypeAlias = Literal["rating", "price", "context", "name", "released"]
Condition: TypeAlias = Callable[[CanonicalModel], bool | None]

ORDERS: tuple[Order, ...] = get_args(Order)


def _where(field: str, holds: Callable[[Any], bool]) -> Condition:
    """Ask about one field; what is not known is not decided."""

    def answer(model: CanonicalModel) -> bool | None:
        value = getattr(model, field)
        return None if value is None else holds(value)

    return answer


def _has(field: str, item: str) -> Condition:
    return _where(field, lambda known: item in known)


#: What a model may be able to do, by the name that people type.
CAPABILITIES: Mapping[str, Condition] = {
    "attachment": _where("supports_attachment", bool),
    "audio-input": _has("input_modalities", "audio"),
    "audio-output": _has("output_modalities", "audio"),
    "image-output": _has("output_modalities", "image"),
    "pdf-input": _has("input_modalities", "pdf"),
    "reasoning": _where("supports_reasoning", bool),
    "structured-output": _where("supports_structured_output", bool),
    "temperature": _where("supports_temperature", bool),
    "tools": _where("supports_tool_call", bool),
    "video-input": _has("input_modalities", "video"),
    "video-output": _has("output_modalities", "video"),
    "vision": _has("input_modalities", "image"),
}


@frozen(kw_only=True)
class Filters:
    """What models must be to be listed; what is left empty is no condition.

    Attributes:
        providers: One of these, by any-llm's name or by that of models.dev.
        kinds: One of these.
        labs: Made by one of these.
        capabilities: All of these, names of :data:`CAPABILITIES`.
        tags: All of these.
        max_price_input: US dollars per million input tokens, at most.
        max_price_output: US dollars per million output tokens, at most.
        min_context: Tokens of context, at least.
        min_rating: Overall text rating, at least.
        open_weights: Whether the weights are open.
        callable: ``yes`` for models that the user's keys reach, ``possible`` for
            those that any-llm may be able to call.
    """

    providers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    labs: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    max_price_input: float | None = None
    max_price_output: float | None = None
    min_context: int | None = None
    min_rating: float | None = None
    open_weights: bool | None = None
    callable: Literal["yes", "possible"] | None = None


@frozen(kw_only=True)
class Listing:
    """Models that were asked for.

    Attributes:
        models: Those that are known to fit, in the order asked for.
        undecided: Number of those that nothing rules out, and of which something
            that was asked for is not known.
    """

    models: tuple[CanonicalModel, ...]
    undecided: int = 0


def list_models(
    catalog: Catalog,
    filters: Filters | None = None,
    *,
    order: Order = "rating",
    among: Iterable[CanonicalModel] | None = None,
) -> Listing:
    """Return the models that fit.

    Args:
        catalog: Where to look.
        filters: What they must be; everything fits when it is None.
        order: ``rating``, ``context`` and ``released`` from the highest,
            ``price`` from the lowest, ``name`` by canonical id. What is not known
            comes last (prices by why that is), and equal models by canonical id.
        among: Models of the catalog to choose from; all of them when None.

    Raises:
        FilterError: No model of the catalog can be what was asked for: the name
            of a provider, kind, lab, capability or tag is unknown.
    """
    conditions = tuple(_conditions(checked(catalog, filters or Filters())))
    fitting = []
    undecided = 0
    for model in catalog.models if among is None else among:
        answers = {condition(model) for condition in conditions}
        if False in answers:
            continue
        if None in answers:
            undecided += 1
        else:
            fitting.append(model)
    return Listing(models=ordered(fitting, order), undecided=undecided)


def ordered(
    models: Collection[CanonicalModel], order: Order
) -> tuple[CanonicalModel, ...]:
    """Sort models as :func:`list_models` does."""
    return tuple(sorted(models, key=_KEYS[order]))


def checked(catalog: Catalog, filters: Filters) -> Filters:
    """Replace names by those of the catalog.

    Raises:
        FilterError: A name that the catalog does not know, with near ones.
    """
    known: tuple[tuple[str, str, Collection[str]], ...] = (
        ("providers", "provider", {*providers(), *(m.provider for m in catalog)}),
        ("kinds", "kind", get_args(Kind)),
        ("labs", "lab", {m.lab for m in catalog if m.lab is not None}),
        ("capabilities", "capability", CAPABILITIES),
        ("tags", "tag", {tag for model in catalog for tag in model.tags}),
    )
    found: dict[str, Any] = {
        field: tuple(_known(name, noun, names) for name in getattr(filters, field))
        for field, noun, names in known
    }
    return evolve(filters, **found)


def _known(name: str, noun: str, names: Collection[str]) -> str:
    read = name.strip().lower()
    if noun == "provider":
        read = canonical_provider(read)
    if read in names:
        return read
    raise FilterError(noun, name, get_close_matches(read, sorted(names), n=2))


def _conditions(filters: Filters) -> Iterator[Condition]:
    for field, names in (
        ("provider", filters.providers),
        ("kind", filters.kinds),
        ("lab", filters.labs),
    ):
        if names:
            yield _where(field, partial(contains, names))
    yield from (CAPABILITIES[name] for name in filters.capabilities)
    yield from (_has("tags", tag) for tag in filters.tags)
    for field, limit, compared in (
        ("price_input_per_million", filters.max_price_input, ge),
        ("price_output_per_million", filters.max_price_output, ge),
        ("context_tokens", filters.min_context, le),
        ("arena_score", filters.min_rating, le),
        ("open_weights", filters.open_weights, eq),
    ):
        if limit is not None:
            yield _where(field, partial(compared, limit))
    if filters.callable is not None:
        accepted = ("yes",) if filters.callable == "yes" else ("yes", "not_probed")
        yield _where("callable", partial(contains, accepted))


def _id(model: CanonicalModel) -> str:
    return model.canonical_id


def _highest(field: str) -> Callable[[CanonicalModel], tuple[bool, float, str]]:
    def key(model: CanonicalModel) -> tuple[bool, float, str]:
        value = getattr(model, field)
        return value is None, -(value or 0), model.canonical_id

    return key


def _cheapest(model: CanonicalModel) -> tuple[bool, float, str, str]:
    price = reference_price(model)
    basis = model.price_basis or "~unknown"  # last of those without a price
    return price is None, price or 0.0, basis if price is None else "", _id(model)


def _newest(model: CanonicalModel) -> tuple[bool, int, str]:
    digits = (model.release_date or "").replace("-", "").ljust(8, "0")
    return model.release_date is None, -int(digits), model.canonical_id


_KEYS: Mapping[Order, Callable[[CanonicalModel], tuple[object, ...]]] = {
    "rating": _highest("arena_score"),
    "price": _cheapest,
    "context": _highest("context_tokens"),
    "name": lambda model: (_id(model),),
    "released": _newest,
}
