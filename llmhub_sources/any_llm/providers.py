"""Which of any-llm's providers can be asked here, told without importing any-llm.

``providers.json`` repeats what any-llm says of its providers, because importing it
takes over a second: nobody without a key should pay that. A test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from attrs import field, frozen

from llmhub_core.records.spec import ProviderSpec

__all__ = ["Provider", "Target", "load_providers", "targets"]

Listing = Literal["all", "some", "none"]

#: Holds the name of a project; the credential is the machine's own.
_PROJECT = "GOOGLE_CLOUD_PROJECT"


@frozen(kw_only=True)
class Provider:
    """One provider of any-llm.

    Attributes:
        keys: Alternatives of variables that hold its credential, the first whole
            one wins; all variables of one alternative are needed.
        base: Variable with its base address, or None.
        listing: ``all`` when a model that it does not list can't be called,
            ``some`` when it serves unlisted ones too, ``none`` without a listing.
        keyless: A local server or a gateway that may want no key.
        arguments: Arguments of the listing, such as a page size, because most
            SDKs read the first page alone.
        why: Why the listing is partial.
    """

    keys: tuple[tuple[str, ...], ...]
    base: str | None
    listing: Listing
    keyless: bool = False
    arguments: Mapping[str, Any] = field(factory=dict)
    why: str | None = None


@frozen(kw_only=True)
class Target:
    """One provider that is to be asked, with what it takes.

    Attributes:
        name: any-llm's name for it.
        provider: What is known of it.
        api_key: The key, or None when any-llm finds the credential by itself.
        api_base: Base address, or None for the provider's own.
    """

    name: str
    provider: Provider
    api_key: str | None = field(default=None, repr=False)
    api_base: str | None = None


@cache
def load_providers() -> Mapping[str, Provider]:
    """Read the table that comes with the package."""
    rows = json.loads(Path(__file__).with_name("providers.json").read_bytes())
    return {
        name: Provider(**row | {"keys": tuple(tuple(group) for group in row["keys"])})
        for name, row in rows.items()
    }


def targets(
    environ: Mapping[str, str], specs: Mapping[str, ProviderSpec]
) -> tuple[Target, ...]:
    """Pick the providers that have a key here.

    A provider that may want no key is asked only where the user named it: in the
    spec, or by its base address, or by a key after all. An empty variable is none.

    Args:
        environ: Environment variables.
        specs: Provider settings of the spec by name; ``env_key`` and ``api_base``
            win over any-llm's own variables.
    """
    found = []
    for name, provider in load_providers().items():
        spec = specs.get(name)
        if spec is not None and not spec.enabled:
            continue
        base = (spec and spec.api_base) or environ.get(provider.base or "") or None
        groups = ((spec.env_key,),) if spec and spec.env_key else provider.keys
        held = next((g for g in groups if all(environ.get(key) for key in g)), None)
        if held is None and not (provider.keyless and (base or spec is not None)):
            continue
        # Several variables, or none: any-llm's SDK reads them itself.
        single = held is not None and len(held) == 1 and held[0] != _PROJECT
        key = environ[held[0]] if held is not None and single else None
        found.append(Target(name=name, provider=provider, api_key=key, api_base=base))
    return tuple(found)
