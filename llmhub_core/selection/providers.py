"""The providers that a spec names, checked against those that exist."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches

from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.errors import SpecError
from llmhub_core.records.spec import RoleSpec, Spec

__all__ = ["check_providers"]


def check_providers(
    spec: Spec,
    known: Collection[str],
    *,
    provider_name: Callable[[str], str] = canonical_provider,
) -> None:
    """Refuse a spec that names a provider which nobody knows.

    A provider with an ``api_base`` of its own needs no one to know it.

    Args:
        spec: The effective spec.
        known: Canonical names of all providers of any-llm and of the catalog.
        provider_name: Makes a provider's name canonical.

    Raises:
        SpecError: Names the first such provider, its line, and the nearest right
            names.
    """
    names = set(known)
    names.update(
        provider_name(name) for name, entry in spec.providers.items() if entry.api_base
    )
    for place, name in _named(spec):
        if provider_name(name) not in names:
            near = get_close_matches(provider_name(name), sorted(names), n=2)
            hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
            problem = (
                f"{'.'.join(place)} names {name!r}, which is no provider of any-llm "
                f"or the catalog.{hint} `llmhub catalog show` lists models by "
                "provider; an api_base under `providers` declares one of your own."
            )
            raise SpecError(problem, path=spec.path, line=spec.line(*place))


def _named(spec: Spec) -> Iterator[tuple[tuple[str, ...], str]]:
    for name in spec.providers:
        yield ("providers", name), name
    for name in spec.policy.providers_allow:
        yield ("policy", "providers", "allow"), name
    for name in spec.policy.providers_deny:
        yield ("policy", "providers", "deny"), name
    for role in spec.roles.values():
        yield from _named_by(role)


def _named_by(role: RoleSpec) -> Iterator[tuple[tuple[str, ...], str]]:
    where = ("roles", role.name)
    for name in role.preferences.providers:
        yield (*where, "preferences", "providers"), name
    for name in role.preferences.provider_blocklist:
        yield (*where, "preferences", "provider_blocklist"), name
    if role.force_provider is not None:
        yield (*where, "force_provider"), role.force_provider
    if not isinstance(role.fallbacks, int):
        for model in role.fallbacks:
            yield (*where, "fallbacks"), model.partition(":")[0]
