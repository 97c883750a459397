"""The one door to any-llm: clients, credentials and single attempts.

any-llm is imported at the first call. Its function API builds a client, with its
connections, for every call; here a client is built once per provider, address, key
and event loop. Its own retries, and those of the SDK below it, are off, so that only
one layer retries; its unified exceptions are on.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from llmhub_runtime.clients import ClientPool
from llmhub_runtime.errors import (
    AttemptTimeoutError,
    ConfigError,
    EnvVarMissingError,
    ProviderNotInstalledError,
    UnknownProviderError,
)
from llmhub_runtime.redaction import redact
from llmhub_runtime.resolve import Candidate
from llmhub_runtime.values import duration

if TYPE_CHECKING:
    from any_llm import AnyLLM
    from any_llm.types import completion

    ChatCompletion: TypeAlias = completion.ChatCompletion
    ChatCompletionChunk: TypeAlias = completion.ChatCompletionChunk
    CreateEmbeddingResponse: TypeAlias = completion.CreateEmbeddingResponse

__all__ = ["Backend", "api_key"]

T = TypeVar("T")

logger = logging.getLogger("llmhub_runtime")

# An SDK's own limit comes a little later than ours, so that ours is the one that acts.
_SDK_GRACE_SECONDS = 1.0


def api_key(candidate: Candidate) -> str | None:
    """Read the key of a candidate's provider from the environment, afresh each time.

    Returns:
        The value of the provider's ``env_key``, without surrounding space; None when
        it names none, which leaves the key to any-llm.

    Raises:
        EnvVarMissingError: The variable is not set or empty.
        ConfigError: Its value can't be sent in a header; it is not shown.
    """
    name = candidate.endpoint.env_key
    if name is None:
        return None
    key = os.environ.get(name, "").strip()
    if not key:
        raise EnvVarMissingError({name: candidate.provider})
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"the value of {name} holds characters that no key can have")
    return key


class Backend:
    """Makes attempts: one candidate, one request, one answer or one exception."""

    def __init__(self) -> None:
        self._pool: ClientPool[AnyLLM] = ClientPool(_close)
        self._imported: set[str] = set()

    async def complete(
        self, candidate: Candidate, messages: Sequence[Any]
    ) -> ChatCompletion:
        """Ask for a chat completion.

        Raises:
            AttemptTimeoutError: No answer within the candidate's ``timeout``.
            AnyLLMError: Whatever else the provider answered with.
        """
        key = api_key(candidate)
        client = await self._client(candidate, key)
        limit, params = _limits(candidate, client)
        answer = client.acompletion(
            model=candidate.model, messages=list(messages), stream=False, **params
        )
        secret = _secret(client, key)
        return cast("ChatCompletion", await _attempt(answer, limit, candidate, secret))

    async def stream(
        self, candidate: Candidate, messages: Sequence[Any]
    ) -> AsyncGenerator[ChatCompletionChunk, None]:
        """Ask for a streamed chat completion, and wait for its first chunk.

        Returns:
            The chunks, first one included. It is started: dropping or closing it, at
            any time, closes the connection.

        Raises:
            AttemptTimeoutError: No first chunk within the candidate's ``timeout``.
            AnyLLMError: Whatever else the provider answered with.
        """
        key = api_key(candidate)
        client = await self._client(candidate, key)
        limit, params = _limits(candidate, client)
        secret = _secret(client, key)

        async def relay() -> AsyncGenerator[ChatCompletionChunk | None, None]:
            chunks = await client.acompletion(
                model=candidate.model, messages=list(messages), stream=True, **params
            )
            try:
                iterator = aiter(chunks)
                first = await anext(iterator, None)
                yield None  # to the caller below, not to the user
                if first is not None:
                    yield first
                async for chunk in iterator:
                    yield chunk
            except Exception as error:
                redact(error, secret)
                raise
            finally:
                await _aclose(chunks)

        stream = relay()
        await _attempt(anext(stream), limit, candidate, secret)
        return cast("AsyncGenerator[ChatCompletionChunk, None]", stream)

    async def embed(
        self, candidate: Candidate, inputs: str | Sequence[str]
    ) -> CreateEmbeddingResponse:
        """Ask for embeddings.

        Raises:
            AttemptTimeoutError: No answer within the candidate's ``timeout``.
            AnyLLMError: Whatever else the provider answered with.
        """
        key = api_key(candidate)
        client = await self._client(candidate, key)
        limit, params = _limits(candidate)
        if "embedding_dim" in params:  # what the first llmhub.yaml files called it
            params.setdefault("dimensions", params.pop("embedding_dim"))
        texts = inputs if isinstance(inputs, str) else list(inputs)
        answer = client.aembedding(candidate.model, texts, **params)
        return await _attempt(answer, limit, candidate, _secret(client, key))

    def close(self) -> None:
        """Ask every event loop to close its clients as soon as it runs."""
        self._pool.close()

    async def aclose(self) -> None:
        """Close the running loop's clients, and ask other loops to close theirs."""
        await self._pool.aclose()

    async def _client(self, candidate: Candidate, key: str | None) -> AnyLLM:
        clients = await self._pool.clients()
        digest = hashlib.sha256(key.encode()).digest() if key else None
        identity = (candidate.provider, candidate.endpoint.api_base, digest)
        client = clients.get(identity)
        if client is None:
            if candidate.provider not in self._imported:
                # It takes a second, in which the event loop has other work to do.
                await asyncio.to_thread(_provider_class, candidate)
                self._imported.add(candidate.provider)
            # Without a pause from here on: whoever comes second finds the client.
            client = clients.get(identity)
            if client is None:
                client = clients[identity] = _connected(candidate, key)
        return client


def _provider_class(candidate: Candidate) -> type[AnyLLM] | None:
    """Import any-llm and the provider's SDK.

    Returns:
        any-llm's class for the provider; None for an address of the config's own,
        under a name that any-llm does not know.
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


def _connected(candidate: Candidate, key: str | None) -> AnyLLM:
    from any_llm import AnyLLM
    from any_llm.exceptions import MissingApiKeyError

    name, api_base = candidate.provider, candidate.endpoint.api_base
    provider = _provider_class(candidate)
    if provider is None:
        return AnyLLM.create_openai_compatible(
            name, cast("str", api_base), key, unified_exceptions=True, max_retries=0
        )
    # Some SDKs have no such setting, and any-llm refuses it for them.
    retries = None if provider.MAX_RETRIES_SUPPORT == "unsupported" else 0
    try:
        return AnyLLM.create(
            name, key, api_base, unified_exceptions=True, max_retries=retries
        )
    except MissingApiKeyError as error:
        raise EnvVarMissingError({error.env_var_name: name}) from None


def _limits(
    candidate: Candidate, client: AnyLLM | None = None
) -> tuple[float | None, dict[str, Any]]:
    """Split what bounds an attempt from the parameters that are sent.

    A ``timeout`` among the parameters is one for this call. The SDK gets it too when
    ``client`` says that it takes one: its own default may be shorter.
    """
    params = dict(candidate.params)
    given = params.pop("timeout", None)
    limit = candidate.settings.timeout_seconds
    if given is not None:
        try:
            limit = duration(cast("float | str", given))
        except ValueError as error:
            raise ConfigError(f"timeout: {error}") from None
    if limit and client is not None and client.TIMEOUT_SUPPORT != "unsupported":
        params["timeout"] = limit + _SDK_GRACE_SECONDS
    return limit, params


async def _attempt(
    answer: Awaitable[T], limit: float | None, candidate: Candidate, secret: str | None
) -> T:
    clock = asyncio.timeout(limit)
    try:
        async with clock:
            return await answer
    except Exception as error:
        if limit is not None and clock.expired():
            raise AttemptTimeoutError(
                candidate.provider, candidate.model, limit
            ) from None
        redact(error, secret)
        raise


def _secret(client: AnyLLM, key: str | None) -> str | None:
    """Return the key that is sent: ours, or what any-llm found by itself."""
    found = key or getattr(getattr(client, "client", None), "api_key", None)
    return found if isinstance(found, str) else None


async def _close(client: AnyLLM) -> None:
    """Close the connections of a client, whatever its SDK calls that."""
    sdk = getattr(client, "client", None)
    try:
        await _aclose(sdk)
    except Exception as error:  # noqa: BLE001 (a dozen SDKs, and nothing to be done)
        logger.debug(
            "closing a client of %s: %s", client.PROVIDER_NAME, type(error).__name__
        )


async def _aclose(thing: object) -> None:
    close = getattr(thing, "aclose", None) or getattr(thing, "close", None)
    if callable(close):
        done = close()
        if inspect.isawaitable(done):
            await done
