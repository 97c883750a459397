"""From a role's name to what is called: the resolved call and its candidates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, reduce

from attrs import field, frozen

from llmhub_runtime.config import (
    FallbackConfig,
    ProviderConfig,
    RoleConfig,
    RuntimeConfig,
)
from llmhub_runtime.errors import (
    OF_THE_CONFIG,
    CallNotAllowedError,
    UnknownProviderError,
    UnknownRoleError,
)
from llmhub_runtime.metering.pricing import Pricing
from llmhub_runtime.request import SERVED, Call
from llmhub_runtime.settings import CallSettings
from llmhub_runtime.values import Mode, thawed

__all__ = ["Candidate", "ResolvedCall", "reachable_providers", "resolve_role"]


@frozen(kw_only=True)
class Candidate:
    """One model that may answer a call.

    Attributes:
        provider: any-llm's name of the provider.
        endpoint: How the config says that it is reached.
        model: The provider's own id of the model.
        params: The call's parameters for this model: dicts and lists of its own.
        settings: Limits that hold for an attempt on it.
        context_tokens: How long a context it takes; None means unknown.
        pricing: What it costs; None means unknown.
        stands_in: It is a fallback: parameters that it does not take were not written
            for it, and are left out.
    """

    provider: str
    endpoint: ProviderConfig
    model: str
    params: dict[str, object] = field(hash=False)
    settings: CallSettings
    context_tokens: int | None = None
    pricing: Pricing | None = None
    stands_in: bool = False


@frozen(kw_only=True)
class ResolvedCall:
    """A role as one call sees it.

    Attributes:
        role: The name that was asked for.
        mode: The role's mode.
        candidates: Who may answer, best first; the first is the role's own model.
        from_defaults: The config has no such role, its ``defaults`` serve it.
    """

    role: str
    mode: Mode
    candidates: tuple[Candidate, ...]
    from_defaults: bool = False

    @property
    def provider(self) -> str:
        """The first candidate's provider."""
        return self.candidates[0].provider

    @property
    def model(self) -> str:
        """The first candidate's model."""
        return self.candidates[0].model

    @property
    def params(self) -> dict[str, object]:
        """The first candidate's parameters."""
        return self.candidates[0].params


def resolve_role(
    config: RuntimeConfig,
    role: str,
    params_override: Mapping[str, object] | None = None,
    *,
    call: Call | None = None,
    strict: bool = False,
) -> ResolvedCall:
    """Find out what a role means.

    Parameters are ``defaults.params``, then the role's ``params``, then the override;
    for each name the last one wins. ``defaults.params`` are left out where the
    defaults are for other calls than the role: an embedding takes no temperature.

    Args:
        config: The config.
        role: The role's name.
        params_override: Parameters of this call alone.
        call: What is to be called, to be checked against the role's mode.
        strict: Refuse a role that only ``defaults`` could serve.

    Returns:
        The role's own model first, then its fallbacks.

    Raises:
        UnknownRoleError: No such role, and no ``defaults`` that may serve it.
        UnknownProviderError: A model's provider is not under ``providers``.
        CallNotAllowedError: The role's mode is for other calls.
    """
    found = config.roles.get(role)
    spec = found or (None if strict else config.defaults)
    if spec is None:
        raise UnknownRoleError(role, config.roles)
    if call is not None and spec.mode not in SERVED[call]:
        raise CallNotAllowedError(role, spec.mode, call, SERVED[call])
    under = _shared_params(config.defaults, spec)
    candidates = []
    models: tuple[RoleConfig | FallbackConfig, ...] = (spec, *spec.fallbacks)
    for one in models:
        endpoint = _endpoint(config, one.provider)
        params = spec.params if one.params is None else one.params
        candidates.append(
            Candidate(
                provider=one.provider,
                endpoint=endpoint,
                model=one.model,
                params=_merged(under, params, params_override or {}),
                settings=_layered(spec.settings, endpoint.settings, config.settings),
                context_tokens=one.context_tokens,
                pricing=one.pricing,
                stands_in=one is not spec,
            )
        )
    return ResolvedCall(
        role=role,
        mode=spec.mode,
        candidates=tuple(candidates),
        from_defaults=found is None,
    )


def reachable_providers(config: RuntimeConfig) -> Mapping[str, ProviderConfig]:
    """Return the providers that some role, fallback or ``defaults`` leads to.

    A config without any of those, which only its author can tell the use of, is taken
    to reach all its providers.

    Raises:
        UnknownProviderError: One of them is not under ``providers``.
    """
    specs = [*config.roles.values()]
    if config.defaults is not None:
        specs.append(config.defaults)
    names = {
        name
        for spec in specs
        for name in (spec.provider, *(other.provider for other in spec.fallbacks))
    }
    return {
        name: _endpoint(config, name) for name in sorted(names or set(config.providers))
    }


def _endpoint(config: RuntimeConfig, provider: str) -> ProviderConfig:
    try:
        return config.providers[provider]
    except KeyError:
        raise UnknownProviderError(provider, config.providers, OF_THE_CONFIG) from None


def _shared_params(
    defaults: RoleConfig | None, spec: RoleConfig
) -> Mapping[str, object]:
    if defaults is None or defaults is spec:
        return {}
    served = any(
        defaults.mode in modes and spec.mode in modes for modes in SERVED.values()
    )
    return defaults.params if served else {}


@lru_cache(maxsize=1024)
def _layered(*nearest_first: CallSettings) -> CallSettings:
    return reduce(CallSettings.over, nearest_first)


def _merged(*layers: Mapping[str, object]) -> dict[str, object]:
    return {name: thawed(value) for layer in layers for name, value in layer.items()}
