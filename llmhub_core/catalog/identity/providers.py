"""Providers: one name for each, whatever a source calls it."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from attrs import frozen

from llmhub_core.catalog.identity.packaged import read_data

__all__ = ["Provider", "canonical_provider", "parse_model_id", "providers"]


@frozen(kw_only=True)
class Provider:
    """What is known of a provider that any-llm can call.

    Attributes:
        name: any-llm's name.
        aliases: Other sources' names of it.
        env: Variables that any-llm reads the key from.
        env_all: All of them are needed; otherwise any one is enough.
        fallback_env: What models.dev calls the variable, where it differs.
        is_local: Runs on the user's own machines; a key is optional.
        country: Seat of the company, ISO 3166-1 alpha-2, or None.
    """

    name: str
    aliases: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    env_all: bool = False
    fallback_env: tuple[str, ...] = ()
    is_local: bool = False
    country: str | None = None


@functools.cache
def providers() -> Mapping[str, Provider]:
    """Return every provider that any-llm knows, by its name, sorted."""
    return {
        name: Provider(
            name=name,
            aliases=tuple(entry.get("aliases", ())),
            env=tuple(entry["env"]),
            env_all=entry.get("env_all", False),
            fallback_env=tuple(entry.get("fallback_env", ())),
            is_local=entry.get("local", False),
            country=entry.get("country"),
        )
        for name, entry in sorted(read_data("providers.toml").items())
    }


@functools.cache
def _canonical_names() -> Mapping[str, str]:
    return {
        name: provider.name
        for provider in providers().values()
        for name in (provider.name, *provider.aliases)
    }


@functools.lru_cache(maxsize=4096)
def canonical_provider(name: str) -> str:
    """Return any-llm's name of a provider; names that it does not know stay.

    One to one: no two providers of a source get one name, so ``alibaba`` (the
    international endpoint) is not ``dashscope`` (the Chinese one).
    """
    text = name.strip().lower()
    return _canonical_names().get(text, text)


def parse_model_id(text: str) -> tuple[str, str] | None:
    """Split a model id that names its provider.

    ``provider:model`` and ``provider/model`` are split at the first of the two
    marks, whichever comes first, because model ids contain both; so does any-llm.
    ``model@provider`` is read so only when what follows the last ``@`` is a known
    provider, because ``@`` dates Vertex's ids (``claude-opus-4@20250514``).

    Returns:
        any-llm's name of the provider and the model id as written, or None when
        the text names no provider or no model.
    """
    text = text.strip()
    model, _, provider = text.rpartition("@")
    if model and provider.lower() in _canonical_names():
        return canonical_provider(provider), model
    places = [place for mark in ":/" if (place := text.find(mark)) > 0]
    if not places or min(places) == len(text) - 1:
        return None
    first = min(places)
    return canonical_provider(text[:first]), text[first + 1 :]
