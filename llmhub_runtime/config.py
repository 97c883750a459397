"""What ``llmhub.yaml`` says: the records, and how they are read and written.

The runtime owns the format: ``llmhub generate`` writes through ``dump_config``, and
``parse_config(dump_config(config)) == config`` for every config.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from attrs import Factory, field, frozen
from attrs.converters import optional

from llmhub_runtime.codec import (
    Entry,
    Many,
    MisfitError,
    Named,
    Place,
    Scalar,
    Short,
    Table,
)
from llmhub_runtime.errors import ConfigError
from llmhub_runtime.metering.pricing import PRICING, Pricing
from llmhub_runtime.settings import SETTINGS, UNSET, CallSettings
from llmhub_runtime.values import (
    Data,
    Mode,
    address,
    mode,
    params,
    parts,
    positive_count,
    provider_and_model,
    shares,
    text,
    thawed,
    variable,
    variables,
)

__all__ = [
    "FallbackConfig",
    "ProviderConfig",
    "RoleConfig",
    "RuntimeConfig",
    "dump_config",
    "load_config",
    "parse_config",
    "parse_fallback",
    "parse_settings",
]

T = TypeVar("T")


@frozen(kw_only=True)
class ProviderConfig:
    """How a provider is reached.

    Attributes:
        env_key: The variable whose value is sent as the key. None leaves it to
            any-llm, which reads a variable of its own, or needs none.
        env_keys: More such variables: their keys take turns.
        api_base: Where the provider is. None is any-llm's own address for it.
        settings: Call settings for every role on this provider.
    """

    env_key: str | None = field(default=None, converter=optional(variable))
    env_keys: tuple[str, ...] = field(default=(), converter=variables)
    api_base: str | None = field(default=None, converter=optional(address))
    settings: CallSettings = UNSET

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables with its keys: none, one or several."""
        first = () if self.env_key is None else (self.env_key,)
        return (*first, *(name for name in self.env_keys if name not in first))


@frozen(kw_only=True)
class FallbackConfig:
    """A model that may answer when the role's own can't.

    Attributes:
        provider: A name under ``providers``.
        model: The provider's own id of the model.
        params: Call parameters instead of the role's; None takes the role's.
        context_tokens: How long a context it takes; None means unknown.
        pricing: What it costs; None means unknown.
    """

    provider: str = field(converter=text)
    model: str = field(converter=text)
    params: Mapping[str, Data] | None = field(
        default=None, converter=optional(params), hash=False
    )
    context_tokens: int | None = field(default=None, converter=optional(positive_count))
    pricing: Pricing | None = None


@frozen(kw_only=True)
class RoleConfig:
    """The model behind a role, also the form of ``defaults``.

    Attributes:
        provider: A name under ``providers``.
        model: The provider's own id of the model.
        mode: Which calls the role is for.
        params: Call parameters, passed on as they are.
        fallbacks: Who may answer instead, best first.
        context_tokens: How long a context the model takes; None means unknown.
        pricing: What the model costs; None means unknown.
        candidates: Other roles that answer a share of the calls, from 0 to 1; what
            they leave over is this role's own.
        sticky_by: The parameter that tells whom a call is for: who is the same always
            gets the same candidate. Dots lead into it, as in ``metadata.tenant``.
        shadow: Other roles that get a copy of a share of the calls.
        settings: Call settings of this role.
    """

    provider: str = field(converter=text)
    model: str = field(converter=text)
    mode: Mode = field(default="chat", converter=mode)
    params: Mapping[str, Data] = field(
        default=Factory(dict), converter=params, hash=False
    )
    fallbacks: tuple[FallbackConfig, ...] = field(
        default=(), converter=tuple[FallbackConfig, ...]
    )
    context_tokens: int | None = field(default=None, converter=optional(positive_count))
    pricing: Pricing | None = None
    candidates: Mapping[str, float] = field(
        default=Factory(dict), converter=parts, hash=False
    )
    sticky_by: str | None = field(default=None, converter=optional(text))
    shadow: Mapping[str, float] = field(
        default=Factory(dict), converter=shares, hash=False
    )
    settings: CallSettings = UNSET


def _providers(value: Mapping[str, ProviderConfig]) -> Mapping[str, ProviderConfig]:
    return dict(value)


def _roles(value: Mapping[str, RoleConfig]) -> Mapping[str, RoleConfig]:
    return dict(value)


@frozen(kw_only=True)
class RuntimeConfig:
    """A whole ``llmhub.yaml``.

    Attributes:
        project: The name of the app.
        env: The environment that the file is for, such as ``dev``.
        providers: By any-llm's name of the provider.
        roles: By the name that the app calls them.
        defaults: What serves a role that is not there; its ``params`` also lie under
            those of every role that serves the same calls.
        settings: Call settings for every role.
    """

    project: str = field(converter=text)
    env: str = field(converter=text)
    providers: Mapping[str, ProviderConfig] = field(
        default=Factory(dict), converter=_providers, hash=False
    )
    roles: Mapping[str, RoleConfig] = field(
        default=Factory(dict), converter=_roles, hash=False
    )
    defaults: RoleConfig | None = None
    settings: CallSettings = UNSET


_TEXT = Scalar(text)
_PARAMS = Scalar(params, thawed)
_CONTEXT = Entry("context_tokens", Scalar(positive_count))

_PLANNED = "is planned, and not supported by this version: remove it"

_PROVIDER = Table(
    ProviderConfig,
    Entry("env_key", Scalar(variable)),
    Entry("env_keys", Scalar(variables, list)),
    Entry("api_base", Scalar(address)),
    inlined={"settings": SETTINGS},
)
_FALLBACK = Table(
    FallbackConfig,
    Entry("provider", _TEXT),
    Entry("model", _TEXT),
    Entry("params", _PARAMS),
    _CONTEXT,
    Entry("pricing", PRICING),
)
_FALLBACK_OR_NAME = Short(_FALLBACK, provider_and_model)
_ROLE = Table(
    RoleConfig,
    Entry("provider", _TEXT),
    Entry("model", _TEXT),
    Entry("mode", Scalar(mode), always=True),
    Entry("params", _PARAMS),
    Entry("fallbacks", Many(_FALLBACK_OR_NAME)),
    _CONTEXT,
    Entry("pricing", PRICING),
    Entry("candidates", Scalar(parts, dict)),
    Entry("sticky_by", _TEXT),
    Entry("shadow", Scalar(shares, dict)),
    inlined={"settings": SETTINGS},
    refused=dict.fromkeys(("budget", "cache"), _PLANNED),
)
_CONFIG = Table(
    RuntimeConfig,
    Entry("project", _TEXT),
    Entry("env", _TEXT),
    Entry("providers", Named(_PROVIDER), always=True),
    Entry("roles", Named(_ROLE), always=True),
    Entry("defaults", _ROLE),
    inlined={"settings": SETTINGS},
    refused=dict.fromkeys(("audit", "budget", "cache", "policy"), _PLANNED),
)


def load_config(path: str | os.PathLike[str]) -> RuntimeConfig:
    """Read a config file.

    Args:
        path: A ``llmhub.yaml``, in UTF-8.

    Returns:
        The config, with every value checked.

    Raises:
        ConfigError: There is no such file, it can't be read, or it does not hold a
            valid config; the text is one line with file and, where one is to blame,
            line.
    """
    file = Path(path)
    try:
        content = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problem = "no such file: `llmhub generate` writes one"
        raise ConfigError(problem, file) from None
    except UnicodeDecodeError:
        raise ConfigError("is not a text file in UTF-8", file) from None
    except OSError as error:
        raise ConfigError(f"can't be read: {error.strerror}", file) from None
    return parse_config(content, path=file)


def parse_config(
    source: str | Mapping[str, object], *, path: str | os.PathLike[str] | None = None
) -> RuntimeConfig:
    """Read a config from YAML text, or from plain data of the same form.

    Args:
        source: The text of a ``llmhub.yaml``, or what it would hold as a mapping.
        path: The file that errors should name, if the text came from one.

    Returns:
        The config, with every value checked.

    Raises:
        ConfigError: See ``load_config``.
    """
    from llmhub_runtime.traffic import check_traffic

    return _parsed(_CONFIG, source, path, check_traffic)


def parse_settings(source: Mapping[str, object]) -> CallSettings:
    """Read call settings from plain data with the keys of ``llmhub.yaml``.

    Raises:
        ConfigError: A key is unknown or a value does not fit.
    """
    return _parsed(SETTINGS, source, None)


def parse_fallback(source: object, place: Place = ()) -> FallbackConfig:
    """Read a fallback from plain data, as in ``llmhub.yaml``.

    Args:
        source: ``provider:model``, or a mapping.
        place: Where it is, for errors.

    Raises:
        ConfigError: A key is unknown or missing, or a value does not fit.
    """
    try:
        return _FALLBACK_OR_NAME.read(source, place)
    except MisfitError as misfit:
        raise ConfigError(str(misfit)) from None


def dump_config(config: RuntimeConfig, *, header: str = "") -> str:
    """Write a config as the YAML that ``parse_config`` reads back as the same config.

    Args:
        config: The config; roles and providers are written in its order.
        header: Lines of a comment at the head of the file, without their ``#``.

    Returns:
        The text of the file, the same for the same config. Keys stand in a fixed
        order, those with their default are left out, and text that some YAML reader
        could take for something else is in quotes.
    """
    from llmhub_runtime.document import write_document

    return write_document(_CONFIG.write(config), header=header)


def _parsed(
    table: Table[T],
    source: str | Mapping[str, object],
    path: str | os.PathLike[str] | None,
    check: Callable[[T], None] = lambda _: None,
) -> T:
    from llmhub_runtime.document import line_of, read_document

    file = None if path is None else Path(path)
    try:
        data, lines = read_document(source) if isinstance(source, str) else (source, {})
    except ConfigError as error:
        raise ConfigError(error.problem, file, error.line) from None
    if data is None:
        raise ConfigError("is empty: `llmhub generate` writes a config", file)
    try:
        record = table.read(data, ())
        check(record)
    except MisfitError as misfit:
        raise ConfigError(str(misfit), file, line_of(lines, misfit.place)) from None
    return record
