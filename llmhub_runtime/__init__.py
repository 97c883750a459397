"""Call the model behind a role.

``LLMHub`` reads the ``llmhub.yaml`` that ``llmhub generate`` wrote, or that you wrote,
and calls its models through any-llm, which is imported at the first call.
"""

from __future__ import annotations

from llmhub_runtime.config import (
    FallbackConfig,
    ProviderConfig,
    RoleConfig,
    RuntimeConfig,
    dump_config,
    load_config,
    parse_config,
    parse_settings,
)
from llmhub_runtime.errors import (
    AttemptTimeoutError,
    CallNotAllowedError,
    ConfigError,
    EnvVarMissingError,
    HubClosedError,
    LLMHubRuntimeError,
    ProviderNotInstalledError,
    UnknownProviderError,
    UnknownRoleError,
)
from llmhub_runtime.hub import LLMHub
from llmhub_runtime.metering.pricing import Pricing, PricingTier
from llmhub_runtime.resolve import Candidate, ResolvedCall, resolve_role
from llmhub_runtime.settings import CallSettings

__all__ = [
    "AttemptTimeoutError",
    "CallNotAllowedError",
    "CallSettings",
    "Candidate",
    "ConfigError",
    "EnvVarMissingError",
    "FallbackConfig",
    "HubClosedError",
    "LLMHub",
    "LLMHubRuntimeError",
    "Pricing",
    "PricingTier",
    "ProviderConfig",
    "ProviderNotInstalledError",
    "ResolvedCall",
    "RoleConfig",
    "RuntimeConfig",
    "UnknownProviderError",
    "UnknownRoleError",
    "__version__",
    "dump_config",
    "load_config",
    "parse_config",
    "parse_settings",
    "resolve_role",
]

__version__ = "26.11.0"
