"""From decisions to ``llmhub.yaml``, through the runtime's own reader and writer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmhub_core.catalog.identity.providers import canonical_provider, providers
from llmhub_core.errors import SpecError
from llmhub_core.lock.integrity import environment_digest
from llmhub_core.lock.seal import seal
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.records.lock import LockedEnvironment
from llmhub_core.records.spec import ProviderSpec, RoleSpec, Spec
from llmhub_runtime.config import RuntimeConfig, dump_config, parse_config
from llmhub_runtime.errors import ConfigError

__all__ = ["config_name", "emit", "head", "to_config"]

# Kinds of model for which the runtime has no mode of their own.
_MODES = {"moderation": "other", "rerank": "other", "video": "other"}


def to_config(spec: Spec, choices: Sequence[Choice]) -> RuntimeConfig:
    """Say what the runtime has to do.

    Args:
        spec: The effective spec: how providers are reached, and the runtime
            settings of each role.
        choices: A decision per role, in the order in which they are written.

    Returns:
        The config, with the providers that some role needs, by name.

    Raises:
        SpecError: The spec says something that the runtime does not take; names
            the line.
    """
    roles = {c.role: _role(c, spec.roles[c.role]) for c in choices}
    try:
        return parse_config(
            {
                "project": spec.project,
                "env": spec.env,
                "providers": _providers(spec, choices),
                "roles": roles,
            }
        )
    except ConfigError as error:
        raise _blame(spec, choices) or SpecError(
            f"the runtime takes no such config: {error.problem}", path=spec.path
        ) from error


def emit(spec: Spec, choices: Sequence[Choice], comment: Sequence[str] = ()) -> str:
    """Write the text of ``llmhub.yaml``: same input, same bytes.

    Args:
        spec: See :func:`to_config`.
        choices: A decision per role.
        comment: Lines of the head comment, without comment signs; see :func:`head`.

    Raises:
        SpecError: The spec says something that the runtime does not take.
    """
    return seal(dump_config(to_config(spec, choices), header="\n".join(comment)))


def head(version: str, environment: LockedEnvironment) -> tuple[str, ...]:
    """The head comment: who wrote this, and from which state of the lock.

    Args:
        version: Version of the tool.
        environment: What the lock says of the environment.
    """
    return (
        f"Written by llmhub {version}: change the spec and run `llmhub generate`.",
        f"sha256 of the lock's environment: {environment_digest(environment)}",
    )


def config_name(spec: Spec) -> str:
    """``llmhub.yaml`` for the spec's default environment, else ``llmhub.ENV.yaml``."""
    default = spec.environments[0]
    return "llmhub.yaml" if spec.env == default else f"llmhub.{spec.env}.yaml"


def _providers(
    spec: Spec, choices: Sequence[Choice]
) -> Mapping[str, Mapping[str, Any]]:
    used = {pick.provider for choice in choices for pick in _picks(choice)}
    return {name: _provider(_entry(spec, name), name) for name in sorted(used)}


def _entry(spec: Spec, name: str) -> ProviderSpec:
    if name in spec.providers:
        return spec.providers[name]
    written = {canonical_provider(other): other for other in spec.providers}
    return spec.providers[written[name]] if name in written else ProviderSpec()


def _provider(entry: ProviderSpec, name: str) -> Mapping[str, Any]:
    first, more = entry.env_key, entry.env_keys
    if first is None and more:
        first, more = more[0], more[1:]
    return {
        "env_key": first or _key_variable(name),
        "env_keys": more,
        "api_base": entry.api_base,
    }


def _key_variable(name: str) -> str | None:
    # Where any-llm reads one of several variables, or needs none, it is left to it.
    known = providers().get(name)
    if known is None or known.is_local or len(known.env) != 1:
        return None
    return known.env[0]


def _role(choice: Choice, role: RoleSpec) -> Mapping[str, Any]:
    return {
        **role.runtime,
        **_model(choice.primary),
        "mode": _mode(choice),
        "fallbacks": [_model(backup) for backup in choice.backups],
    }


def _mode(choice: Choice) -> str:
    return _MODES.get(choice.mode, choice.mode)


def _model(pick: Pick) -> Mapping[str, Any]:
    return {
        "provider": pick.provider,
        "model": pick.model_id,
        "params": _ordered(pick.params),
        "context_tokens": pick.context_tokens,
        "pricing": _pricing(pick),
    }


def _pricing(pick: Pick) -> Mapping[str, Any] | None:
    prices: dict[str, Any] = {
        "input": pick.price_input_per_million,
        "output": pick.price_output_per_million,
        "cache_read": pick.price_cache_read_per_million,
        "cache_write": pick.price_cache_write_per_million,
        "reasoning": pick.price_reasoning_per_million,
        "input_audio": pick.price_input_audio_per_million,
        "output_audio": pick.price_output_audio_per_million,
    }
    if all(price is None for price in prices.values()):
        return None
    prices["tiers"] = [
        {
            "above_tokens": tier.above_context_tokens,
            "input": tier.input_per_million,
            "output": tier.output_per_million,
            "cache_read": tier.cache_read_per_million,
            "cache_write": tier.cache_write_per_million,
        }
        for tier in pick.price_tiers
    ]
    return prices


def _ordered(value: Any) -> Any:
    # As the lock sorts them: a decision of now and one read back emit alike.
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    return value


def _picks(choice: Choice) -> tuple[Pick, ...]:
    return (choice.primary, *choice.backups)


def _blame(spec: Spec, choices: Sequence[Choice]) -> SpecError | None:
    """The first key of the spec that the runtime refuses by itself."""
    bare = {
        choice.role: {"provider": "any", "model": "any", "mode": _mode(choice)}
        for choice in choices
    }
    if _refusal(bare) is not None:
        return None
    for choice in choices:
        role = spec.roles[choice.role]
        for place, keys in _sayings(role):
            refusal = _refusal(bare | {choice.role: {**bare[choice.role], **keys}})
            if refusal is not None:
                inside, _, problem = refusal.partition(": ")
                deeper = inside.rpartition(next(iter(keys)))[2]
                return SpecError(
                    f"role {choice.role!r}: {'.'.join(place)}{deeper} {problem}",
                    path=spec.path,
                    line=spec.line("roles", choice.role, *place),
                )
    return None


def _refusal(roles: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the place and the problem that the runtime finds in some roles."""
    try:
        parse_config({"project": "any", "env": "any", "roles": roles})
    except ConfigError as error:
        return error.problem
    return None


def _sayings(role: RoleSpec) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    for key, value in role.runtime.items():
        yield ("runtime", key), {key: value}
    yield ("mode_params",), {"params": role.mode_params}
