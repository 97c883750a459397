"""Models that the spec names and the catalog does not list."""

from __future__ import annotations

from difflib import get_close_matches

from llmhub_core.errors import UnknownModelError
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed
from llmhub_core.selection.measures import Measures

__all__ = ["near_ids", "stranger"]

#: Providers whose model ids are the user's own: deployments (Azure, SageMaker,
#: Databricks), what a local server has loaded, the repositories of a hub, and
#: gateways that route by names of their own.
_OPEN_ENDED = frozenset(
    {
        "azure",
        "azureanthropic",
        "azureopenai",
        "cascadia",
        "databricks",
        "huggingface",
        "llamacpp",
        "llamafile",
        "lmstudio",
        "mzai",
        "ollama",
        "otari",
        "portkey",
        "sagemaker",
        "vllm",
        "watsonx",
    }
)


def near_ids(name: str, catalog: Catalog) -> tuple[str, ...]:
    """Up to three ids that look like a mistyped one.

    Ids at the same provider come first; a bare model id is looked for at all.
    """
    provider, colon, model_id = name.partition(":")
    if not colon:
        model_id = provider
    by_model: dict[str, list[str]] = {}
    for model in catalog:
        if not colon or model.provider == provider:
            by_model.setdefault(model.model_id, []).append(model.canonical_id)
    found = get_close_matches(model_id, sorted(by_model), n=3)
    ids = [canonical_id for near in found for canonical_id in by_model[near]]
    if not ids and colon:
        ids = get_close_matches(name, [m.canonical_id for m in catalog], n=3)
    return tuple(ids[:3])


def stranger(name: str, need: RoleNeed, measures: Measures) -> CanonicalModel:
    """Make a record of a model that the catalog lacks, where any id may be right.

    That is so at providers whose ids are the user's own, at an address of the
    author's own, and at a provider of which the catalog has no row at all, so that
    it can't say what is missing.

    Args:
        name: ``provider:model``; a bare model id where the role allows only one
            provider.
        need: The role.
        measures: Numbers of the catalog.

    Returns:
        A record in which everything but the names is unknown.

    Raises:
        UnknownModelError: The provider is well known, the model is not.
    """
    provider, colon, model_id = name.partition(":")
    if not colon and len(need.preferred_providers) == 1:
        (provider,), model_id = need.preferred_providers, name
    served = any(model.provider == provider for model in measures.catalog)
    unheard = provider in measures.callers and not served
    if not (unheard or provider in _OPEN_ENDED or provider in need.open_providers):
        raise UnknownModelError(name, near_ids(name, measures.catalog))
    return CanonicalModel(
        canonical_id=f"{provider}:{model_id}",
        provider=provider,
        model_id=model_id,
        kind=need.kind,
    )
