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
    CallFailedError,
    CallNotAllowedError,
    CircuitOpenError,
    ConfigError,
    EnvVarMissingError,
    HubClosedError,
    LLMHubRuntimeError,
    ProviderNotInstalledError,
    StreamInterruptedError,
    UnknownProviderError,
    UnknownRoleError,
    UnsendableRequestError,
    UnusableAnswerError,
)
from llmhub_runtime.hub import LLMHub
from llmhub_runtime.metadata import Attempt, CallMetadata, call_metadata
from llmhub_runtime.metering.pricing import Pricing, PricingTier
from llmhub_runtime.resolve import Candidate, ResolvedCall, resolve_role
from llmhub_runtime.settings import BackoffSettings, CallSettings

__all__ = [
    "Attempt",
    "AttemptTimeoutError",
    "BackoffSettings",
    "CallFailedError",
    "CallMetadata",
    "CallNotAllowedError",
    "CallSettings",
    "Candidate",
    "CircuitOpenError",
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
    "StreamInterruptedError",
    "UnknownProviderError",
    "UnknownRoleError",
    "UnsendableRequestError",
    "UnusableAnswerError",
    "__version__",
    "call_metadata",
    "dump_config",
    "load_config",
    "parse_config",
    "parse_settings",
    "resolve_role",
]

__version__ = "26.11.0"
