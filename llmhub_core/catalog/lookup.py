"""Find models in a catalog by what people type."""

from __future__ import annotations

import re
from collections.abc import Mapping

from llmhub_core.catalog.identity.providers import parse_model_id
from llmhub_core.catalog.query import ordered
from llmhub_core.catalog.search import search
from llmhub_core.errors import UnknownModelError
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel

__all__ = [
    "find",
    "goes_by",
    "hosts",
    "is_served",
    "of_group",
    "rated_nearby",
    "suggest",
]

_RATED = 3
_BREAK = re.compile(r"[^\w.]+|_+")


def find(catalog: Catalog, text: str) -> CanonicalModel | None:
    """Return the model of an id in any of its forms, or None.

    Args:
        catalog: Where to look.
        text: ``provider:model``, ``provider/model`` or ``model@provider``; the
            provider by any-llm's name or by that of models.dev.
    """
    exact = catalog.get(text)
    if exact is not None:
        return exact
    parsed = parse_model_id(text)
    return catalog.get(":".join(parsed)) if parsed is not None else None


def hosts(catalog: Catalog, name: str) -> tuple[CanonicalModel, ...]:
    """Return everybody who serves a model, by price, unknown prices last.

    What a source calls free of charge comes first, as a price of zero.

    Args:
        catalog: Where to look.
        name: Id of the underlying model, with its lab or without
            (``openai/gpt-5``), or the id of a model without its provider.

    Raises:
        UnknownModelError: Nothing is called that; carries near ids.
    """
    groups = {
        model.group
        for model in catalog
        if model.group is not None and goes_by(name, model.model_id, model.group)
    }
    if not groups:
        raise UnknownModelError(name, suggest(catalog, name), _unserved(catalog, name))
    return ordered([model for model in catalog if model.group in groups], "price")


def goes_by(name: str, model_id: str, group: str) -> bool:
    """Whether a name without a provider is that of a served model.

    Args:
        name: As people type it, in capitals or not.
        model_id: The model's id at its provider.
        group: The underlying model, with its lab.
    """
    wanted, whole = name.casefold(), group.casefold()
    return wanted in (whole, whole.partition("/")[2], model_id.casefold())


def is_served(catalog: Catalog, name: str) -> bool:
    """Whether anybody serves a model that goes by a name without a provider."""
    return any(goes_by(name, model.model_id, model.group or "") for model in catalog)


def _unserved(catalog: Catalog, name: str) -> str | None:
    """Say how boards call a model that nobody lists, where nothing else is meant."""
    if any(hit.match in ("exact", "prefix") for hit in search(catalog, name)):
        return None
    rated = sorted(
        {miss.name for miss in catalog.unmatched if _begins(miss.name, name)}
    )
    if not rated:
        return None
    more = f" and {len(rated) - _RATED} more" if len(rated) > _RATED else ""
    return (
        f"listed by nobody, but rated as {', '.join(rated[:_RATED])}{more} "
        "(`llmhub catalog unmatched`)"
    )


def _begins(name: str, text: str) -> bool:
    """Whether a name begins with a text and goes on with another word, if at all."""
    whole, wanted = (_BREAK.sub("-", one.casefold()).strip("-") for one in (name, text))
    return bool(wanted) and f"{whole}-".startswith(f"{wanted}-")


def of_group(catalog: Catalog, group: str | None) -> tuple[CanonicalModel, ...]:
    """Return everybody who serves an underlying model, in the order of hosts."""
    same = [m for m in catalog if group is not None and m.group == group]
    return ordered(same, "price")


def rated_nearby(catalog: Catalog, group: str | None) -> Mapping[str, str]:
    """Return names on boards that come near an underlying model and are not it.

    Args:
        catalog: Where to look.
        group: Its id.

    Returns:
        Why not, by name.
    """
    start = f"{group}: "
    return {
        miss.name: why.removeprefix(start)
        for miss in catalog.unmatched
        for why in miss.detail.split("; ")
        if why.startswith(start)
    }


def suggest(catalog: Catalog, text: str) -> tuple[str, ...]:
    """Return up to three ids that come nearest to what was typed.

    Ids of models for an id, and those of underlying models for a name by itself.
    """
    if parse_model_id(text) is None:
        named = tuple(hit.group for hit in search(catalog, text)[:3])
        if named:
            return named
    from rapidfuzz import fuzz, process

    ids = [model.canonical_id for model in catalog]
    found = process.extract(
        text.replace("/", ":", 1), ids, scorer=fuzz.WRatio, limit=3, score_cutoff=60
    )
    return tuple(canonical_id for canonical_id, _, _ in found)
