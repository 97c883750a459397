"""Find models in a catalog by what people type."""

from __future__ import annotations

from collections.abc import Mapping

from llmhub_core.catalog.identity.providers import parse_model_id
from llmhub_core.catalog.query import ordered
from llmhub_core.catalog.search import search
from llmhub_core.errors import UnknownModelError
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel

__all__ = ["find", "hosts", "of_group", "rated_nearby", "suggest"]


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
    wanted = name.casefold()
    groups = {
        model.group
        for model in catalog
        if model.group is not None and wanted in _names(model, model.group.casefold())
    }
    if not groups:
        raise UnknownModelError(name, suggest(catalog, name))
    return ordered([model for model in catalog if model.group in groups], "price")


def _names(model: CanonicalModel, group: str) -> tuple[str, ...]:
    return group, group.partition("/")[2], model.model_id.casefold()


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
