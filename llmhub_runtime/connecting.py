"""The one door to any-llm: its providers, and a client for each.

any-llm is imported at the first call. Its own retries, and those of the SDK below it,
are off, so that only one layer retries; its unified exceptions are on.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from llmhub_runtime.errors import (
    ConfigError,
    EnvVarMissingError,
    ProviderNotInstalledError,
    UnknownProviderError,
)
from llmhub_runtime.parsing import validate_first
from llmhub_runtime.pools import (
    close_whole_lists,
    set_no_timers,
    use_network,
)
from llmhub_runtime.resilience.sse import skip_malformed_events
from llmhub_runtime.resolve import Candidate
from llmhub_runtime.sending import note_sending
from llmhub_runtime.transforms import skip_needless_transforms

if TYPE_CHECKING:
    from any_llm import AnyLLM
    from any_llm.types import audio, completion, image, rerank, responses

    Client: TypeAlias = AnyLLM
    ChatCompletion: TypeAlias = completion.ChatCompletion
    ChatCompletionChunk: TypeAlias = completion.ChatCompletionChunk
    CreateEmbeddingResponse: TypeAlias = completion.CreateEmbeddingResponse
    ImagesResponse: TypeAlias = image.ImagesResponse
    RerankResponse: TypeAlias = rerank.RerankResponse
    Response: TypeAlias = responses.Response
    ResponseStreamEvent: TypeAlias = responses.ResponseStreamEvent
    Transcription: TypeAlias = audio.Transcription

__all__ = ["close_client", "connect", "import_provider", "secret_of"]

logger = logging.getLogger("llmhub_runtime")

_BUILD = "_init_client"

# any-llm leaves the address out for these. What their SDK calls it; None: not at all.
_ADDRESSES: Mapping[str, str | None] = {
    "cerebras": "base_url",
    "cohere": "base_url",
    "groq": "base_url",
    "vertexai": None,
    "vertexaianthropic": None,
    "voyage": "base_url",
    "xai": None,
}


def import_provider(candidate: Candidate) -> type[AnyLLM] | None:
    """Import any-llm and the provider's SDK, which takes a second.

    Returns:
        any-llm's class for the provider; None for an address of the config's own,
        under a name that any-llm does not know.

    Raises:
        UnknownProviderError: any-llm does not know it, and there is no ``api_base``.
        ProviderNotInstalledError: Its extra is not installed.
    """
    from any_llm import AnyLLM
    from any_llm.exceptions import UnsupportedProviderError

    name = candidate.provider
    try:
        provider = AnyLLM.get_provider_class(name)
    except UnsupportedProviderError:
        if candidate.endpoint.api_base is None:
            known = AnyLLM.get_supported_providers()
            raise UnknownProviderError(name, known, "any-llm") from None
        return None
    except ImportError as error:
        raise ProviderNotInstalledError(name, str(error)) from error
    if provider.MISSING_PACKAGES_ERROR is not None:
        missing = provider.MISSING_PACKAGES_ERROR
        raise ProviderNotInstalledError(name, str(missing)) from missing
    return provider


def connect(candidate: Candidate, key: str | None) -> AnyLLM:
    """Build a client; it connects when it is first used.

    Args:
        candidate: Whose provider and endpoint it is for.
        key: What authenticates it; None leaves that to any-llm.

    Raises:
        ConfigError: The provider can't be sent to another address.
        EnvVarMissingError: any-llm looked for a key and found none.
        UnknownProviderError, ProviderNotInstalledError: See ``import_provider``.
    """
    from any_llm import AnyLLM
    from any_llm.exceptions import MissingApiKeyError

    name, api_base = candidate.provider, candidate.endpoint.api_base
    provider = import_provider(candidate)
    transport = _transport(provider)
    if provider is None:
        compatible = AnyLLM.create_openai_compatible(
            name,
            cast("str", api_base),
            key,
            unified_exceptions=True,
            max_retries=0,
            **transport,
        )
        return _mended(compatible, name)
    # Some SDKs have no such setting, and any-llm refuses it for them.
    retries = None if provider.MAX_RETRIES_SUPPORT == "unsupported" else 0
    try:
        client = AnyLLM.create(
            name,
            key,
            api_base,
            unified_exceptions=True,
            max_retries=retries,
            **transport,
            **_address(name, api_base),
        )
    except MissingApiKeyError as error:
        raise EnvVarMissingError({error.env_var_name: name}) from None
    return _mended(client, name)


def _address(name: str, api_base: str | None) -> dict[str, Any]:
    """Say where a provider is to those that any-llm does not tell it."""
    if api_base is None or name not in _ADDRESSES:
        return {}
    called = _ADDRESSES[name]
    if called is None:
        raise ConfigError(
            f"providers.{name}.api_base: {name} can't be sent to another address "
            "than its own: remove it"
        )
    return {called: api_base}


def _mended(client: AnyLLM, name: str) -> AnyLLM:
    """Make up for what the SDK below, and its HTTP client, do not bear."""
    sdk = getattr(client, "client", None)
    skip_needless_transforms(sdk)
    skip_malformed_events(sdk, name)
    validate_first(sdk)
    close_whole_lists(sdk)
    set_no_timers(sdk)
    use_network(sdk)
    note_sending(sdk)
    return client


def has_aiohttp_extra() -> bool:
    """Whether the extra ``aiohttp`` is installed; aiohttp alone may be others'."""
    return find_spec("httpx_aiohttp") is not None


def _transport(provider: type[AnyLLM] | None) -> dict[str, Any]:
    """Let OpenAI's SDK send through aiohttp, if the extra for that is installed."""
    if not has_aiohttp_extra():
        return {}
    from any_llm.providers.openai.base import BaseOpenAIProvider

    # Who builds the SDK's client in a way of his own may not take a transport.
    usual = (None, getattr(BaseOpenAIProvider, _BUILD))
    if getattr(provider, _BUILD, None) not in usual:
        return {}
    from openai import DefaultAioHttpClient

    return {"http_client": DefaultAioHttpClient()}


def secret_of(client: AnyLLM, key: str | None) -> str | None:
    """Return the key that is sent: ours, or what any-llm found by itself."""
    found = key or getattr(getattr(client, "client", None), "api_key", None)
    return found if isinstance(found, str) else None


async def close_client(client: AnyLLM) -> None:
    """Close the connections of a client, whatever its SDK calls that."""
    sdk = getattr(client, "client", None)
    try:
        # Google's keeps its async half apart.
        await aclose(getattr(sdk, "aio", sdk))
    except Exception as error:  # noqa: BLE001 (a dozen SDKs, and nothing to be done)
        logger.debug(
            "closing a client of %s: %s", client.PROVIDER_NAME, type(error).__name__
        )


async def aclose(thing: Any) -> None:
    """Close a client or a stream, whatever it calls that."""
    close = getattr(thing, "aclose", None) or getattr(thing, "close", None)
    if callable(close):
        done = close()
        if inspect.isawaitable(done):
            await done
    elif hasattr(thing, "__aexit__"):  # all that Cohere's and Mistral's have
        await thing.__aexit__(None, None, None)
