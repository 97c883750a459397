"""Provider names of a spec, checked against those that exist."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches

from llmhub_core.errors import SpecError
from llmhub_core.records.spec import Spec

__all__ = ["check_providers"]


def check_providers(
    spec: Spec, known: Collection[str], *, provider_name: Callable[[str], str] = str
) -> None:
    """Refuse a spec that names a provider nobody knows.

    Args:
        spec: The effective spec.
        known: Canonical names of all providers: any-llm's and the catalog's.
        provider_name: Makes a provider's name canonical.

    Raises:
        SpecError: Names the first unknown one with its line and the nearest known.
    """
    for keys, name in _named(spec):
        entry = spec.providers.get(name)
        # An endpoint of the user's own may be called anything.
        if entry is not None and entry.api_base is not None:
            continue
        if provider_name(name) not in known:
            near = get_close_matches(name, sorted(known), n=1)
            hint = f"did you mean {near[0]!r}?" if near else "see `llmhub catalog show`"
            raise SpecError(
                f"no provider is named {name!r}: {hint} A provider of your own needs "
                f"an api_base under providers.",
                path=spec.path,
                line=spec.line(*keys),
            )


def _named(spec: Spec) -> Iterator[tuple[tuple[str, ...], str]]:
    for name in spec.providers:
        yield ("providers", name), name
    for name in (*spec.policy.providers_allow, *spec.policy.providers_deny):
        yield ("policy", "providers"), name
    for role in spec.roles.values():
        wishes = role.preferences
        where = ("roles", role.name, "preferences")
        for name in wishes.providers:
            yield (*where, "providers"), name
        for name in wishes.provider_blocklist:
            yield (*where, "provider_blocklist"), name
        if role.force_provider is not None:
            yield ("roles", role.name, "force_provider"), role.force_provider
