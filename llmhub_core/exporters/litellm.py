"""The exporter that writes a ``config.yaml`` for LiteLLM's proxy and router."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from llmhub_core.contracts import ExportContext, ExportedFile
from llmhub_core.errors import ExportError
from llmhub_core.exporters.addresses import ADDRESSES
from llmhub_core.exporters.naming import file_name
from llmhub_core.lock.emit import to_config
from llmhub_core.records.choice import Choice, Pick
from llmhub_runtime.config import ProviderConfig, RuntimeConfig
from llmhub_runtime.document import write_document
from llmhub_runtime.settings import CallSettings

__all__ = ["LiteLLMExporter"]

#: LiteLLM's prefix for each of any-llm's providers. Where it has no adapter, it is led
#: to the provider's OpenAI-compatible address.
_PREFIXES: Mapping[str, str] = {
    "anthropic": "anthropic",
    "azure": "azure_ai",
    "azureopenai": "azure",
    "bedrock": "bedrock",
    "cerebras": "cerebras",
    "cohere": "cohere_chat",
    "dashscope": "dashscope",
    "databricks": "databricks",
    "deepinfra": "deepinfra",
    "deepseek": "deepseek",
    "fireworks": "fireworks_ai",
    "gemini": "gemini",
    "github": "github",
    "groq": "groq",
    "huggingface": "huggingface",
    "inception": "inception",
    "llama": "meta_llama",
    "llamafile": "llamafile",
    "lmstudio": "lm_studio",
    "mistral": "mistral",
    "moonshot": "moonshot",
    "nebius": "nebius",
    "ollama": "ollama_chat",
    "openai": "openai",
    "openrouter": "openrouter",
    "perplexity": "perplexity",
    "sagemaker": "sagemaker_chat",
    "sambanova": "sambanova",
    "together": "together_ai",
    "vertexai": "vertex_ai",
    "vertexaianthropic": "vertex_ai",
    "vllm": "hosted_vllm",
    "voyage": "voyage",
    "watsonx": "watsonx",
    "xai": "xai",
    "zai": "zai",
}
_EMBEDDING_PREFIXES: Mapping[str, str] = {"cohere": "cohere", "ollama": "ollama"}
_GOOGLE_CLOUD: Mapping[str, str] = {
    "vertex_project": "GOOGLE_CLOUD_PROJECT",
    "vertex_location": "GOOGLE_CLOUD_LOCATION",
}
#: What any-llm reads from the environment and LiteLLM looks for elsewhere.
_SURROUNDINGS: Mapping[str, Mapping[str, str]] = {
    "azure": {"api_base": "AZURE_AI_CHAT_ENDPOINT"},
    "azureopenai": {"api_base": "AZURE_OPENAI_ENDPOINT"},
    "vertexai": _GOOGLE_CLOUD,
    "vertexaianthropic": _GOOGLE_CLOUD,
}
_MODES: Mapping[str, str] = {
    "audio": "audio_speech",
    "image": "image_generation",
    "other": "chat",
    "tool": "chat",
}


class LiteLLMExporter:
    """Writes ``litellm.config.yaml``: models, fallbacks, order, prices.

    A role becomes a model name. Its group holds the primary with ``order: 1`` and the
    backups behind it, so that a primary in its cooldown is passed over; and
    ``fallbacks`` leads a call that fails at once to each backup in turn, under the
    name ``ROLE/backup-N``.
    """

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = None

    def export(self, context: ExportContext) -> tuple[ExportedFile, ...]:
        """Return ``litellm.config.yaml``, or ``litellm.config.ENV.yaml``.

        Raises:
            ExportError: LiteLLM has no adapter for a provider, and the spec no
                address of it.
            SpecError: The spec says something that the runtime does not take.
        """
        config = to_config(context.spec, context.choices)
        models: list[Mapping[str, Any]] = []
        fallbacks: list[Mapping[str, Any]] = []
        for choice in context.choices:
            settings = config.roles[choice.role].settings
            names = [
                f"{choice.role}/backup-{n + 1}" for n in range(len(choice.backups))
            ]
            for order, pick in enumerate((choice.primary, *choice.backups), 1):
                entry = _entry(config, choice, pick, settings)
                models.append(_named(choice.role, entry, order=order))
            for name, pick in zip(names, choice.backups, strict=True):
                models.append(_named(name, _entry(config, choice, pick, settings)))
            if names:
                fallbacks.append({choice.role: names})
        document: dict[str, Any] = {"model_list": models}
        routing = _routing(config.settings, fallbacks)
        if routing:
            document["router_settings"] = routing
        # A parameter that a backup does not take must not fail it.
        document["litellm_settings"] = {"drop_params": True}
        text = write_document(document, header="\n".join(context.head))
        name = file_name(context.spec, "litellm.config", ".yaml")
        return (ExportedFile(name=name, text=text, comment="#"),)


def _named(
    name: str, entry: Mapping[str, Any], *, order: int | None = None
) -> Mapping[str, Any]:
    params = entry["litellm_params"]
    if order is not None:
        params = {**params, "order": order}
    return {"model_name": name, **entry, "litellm_params": params}


def _entry(
    config: RuntimeConfig, choice: Choice, pick: Pick, settings: CallSettings
) -> Mapping[str, Any]:
    provider = config.providers[pick.provider]
    params: dict[str, Any] = {"model": _model(choice, pick, provider)}
    for name, variable in _SURROUNDINGS.get(pick.provider, {}).items():
        params[name] = f"os.environ/{variable}"
    if provider.env_key is not None:
        params["api_key"] = f"os.environ/{provider.env_key}"
    if (address := _address(pick, provider)) is not None:
        params["api_base"] = address
    if settings.num_retries is not None:
        params["num_retries"] = settings.num_retries
    if settings.timeout_seconds is not None:
        params["timeout"] = settings.timeout_seconds
    if settings.stream_idle_timeout_seconds is not None:
        params["stream_timeout"] = settings.stream_idle_timeout_seconds
    params |= {name: _plain(value) for name, value in sorted(pick.params.items())}
    return {"litellm_params": params, "model_info": _info(choice, pick)}


def _address(pick: Pick, provider: ProviderConfig) -> str | None:
    """The author's address; else, where LiteLLM has no adapter, the known one."""
    if provider.api_base is not None or pick.provider in _PREFIXES:
        return provider.api_base
    return ADDRESSES.get(pick.provider)


def _model(choice: Choice, pick: Pick, provider: ProviderConfig) -> str:
    prefix = _PREFIXES.get(pick.provider)
    if choice.mode == "embedding":
        prefix = _EMBEDDING_PREFIXES.get(pick.provider, prefix)
    if prefix is None:
        if _address(pick, provider) is None:
            problem = (
                f"role {choice.role!r}: LiteLLM has no adapter for {pick.provider}: "
                f"give providers.{pick.provider}.api_base in the spec, the address of "
                "its OpenAI-compatible service, or keep the provider out of the role."
            )
            raise ExportError("litellm", problem)
        prefix = "openai"
    return f"{prefix}/{pick.model_id}"


def _mode(mode: str, pick: Pick) -> str:
    hears = "takes audio" in pick.capabilities
    if mode == "audio" and hears and "gives audio" not in pick.capabilities:
        return "audio_transcription"
    return _MODES.get(mode, mode)


def _info(choice: Choice, pick: Pick) -> Mapping[str, Any]:
    prices = {
        "input_cost_per_token": pick.price_input_per_million,
        "output_cost_per_token": pick.price_output_per_million,
        "cache_read_input_token_cost": pick.price_cache_read_per_million,
        "cache_creation_input_token_cost": pick.price_cache_write_per_million,
    }
    limits = {
        "max_input_tokens": pick.context_tokens,
        "max_output_tokens": pick.max_output_tokens,
    }
    return {
        "mode": _mode(choice.mode, pick),
        # Per million to per token; rounded so that 0.1 stays what it is.
        **{k: round(v / 1e6, 15) for k, v in prices.items() if v is not None},
        **{k: v for k, v in limits.items() if v is not None},
    }


def _routing(
    settings: CallSettings, fallbacks: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    known = {
        "num_retries": settings.num_retries,
        "timeout": settings.timeout_seconds,
        "allowed_fails": settings.allowed_fails,
        "cooldown_time": settings.cooldown_seconds,
        "fallbacks": list(fallbacks) or None,
    }
    return {name: value for name, value in known.items() if value is not None}


def _plain(value: Any) -> Any:
    """Mappings and tuples as YAML knows them."""
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
