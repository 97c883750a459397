"""The keys that the chosen models are called with: which are set, and which are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from llmhub_core.catalog.identity.providers import providers
from llmhub_core.lock.emit import to_config
from llmhub_core.records.choice import Choice
from llmhub_core.records.spec import Spec

__all__ = ["Key", "keys"]


@frozen(kw_only=True)
class Key:
    """The key of one provider.

    Attributes:
        provider: any-llm's name of it.
        variables: Where the key is read from, as a phrase: ``A``, ``A or B``.
        is_set: Whether it was found there.
    """

    provider: str
    variables: str
    is_set: bool


def keys(
    spec: Spec, choices: Sequence[Choice], environ: Mapping[str, str]
) -> tuple[Key, ...]:
    """Say of each provider that may be called whether its key is set.

    Args:
        spec: How providers are reached.
        choices: Whose providers are meant, those of backups too.
        environ: The environment variables.

    Returns:
        In order of the providers' names; none for a provider that needs no key, or
        of which nobody knows where it reads its key.

    Raises:
        SpecError: The spec says something that the runtime does not take.
    """
    return tuple(_keys(spec, choices, environ))


def _keys(
    spec: Spec, choices: Sequence[Choice], environ: Mapping[str, str]
) -> Iterator[Key]:
    for name, entry in to_config(spec, choices).providers.items():
        known = providers().get(name)
        variables, all_needed = entry.variables, False
        if not variables and known is not None and not known.is_local:
            variables, all_needed = known.env, known.env_all
        if not variables:
            continue
        found = [bool(environ.get(variable)) for variable in variables]
        yield Key(
            provider=name,
            variables=(" and " if all_needed else " or ").join(variables),
            is_set=all(found) if all_needed else any(found),
        )
