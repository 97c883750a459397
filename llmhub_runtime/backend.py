"""Single attempts: one candidate, one answer or one exception.

A client is built once per provider, address, key variable and event loop. Inside an
attempt a key that is refused gives way to the provider's next one, and a parameter that
is refused is left out, as long as that leaves something else to ask.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
)
from functools import lru_cache, partial
from inspect import signature
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    NamedTuple,
    TypeAlias,
    TypeVar,
)

from llmhub_runtime.clients import ClientPool, Held
from llmhub_runtime.config import RuntimeConfig
from llmhub_runtime.connecting import (
    aclose,
    close_client,
    connect,
    import_provider,
    secret_of,
)
from llmhub_runtime.errors import LLMHubRuntimeError
from llmhub_runtime.fitting import Fitting
from llmhub_runtime.keys import Key, KeyRing, rest_seconds
from llmhub_runtime.metering.usage import read_usage
from llmhub_runtime.redaction import redact
from llmhub_runtime.request import Call, Request
from llmhub_runtime.resilience.incoming import Incoming
from llmhub_runtime.resilience.policy import policy_of
from llmhub_runtime.resolve import Candidate
from llmhub_runtime.sending import (
    last_response,
    nothing_more_to_send,
    nothing_sent,
    unsendable,
)

if TYPE_CHECKING:
    from llmhub_runtime.connecting import Client

__all__ = ["Backend"]

T = TypeVar("T")

_Send: TypeAlias = "Callable[[Client, dict[str, Any]], Awaitable[T]]"
_Opened: TypeAlias = tuple[Any, Any, AsyncIterator[Any], Any]

# An SDK's own limit comes a little later than ours, so that ours is the one that acts.
_SDK_GRACE_SECONDS = 1.0

# any-llm's method for each call, and its names for what we call otherwise.
_METHODS: Mapping[Call, tuple[str, Mapping[str, str]]] = {
    "completion": ("acompletion", {}),
    "embedding": ("aembedding", {"input": "inputs"}),
    "image": ("aimage_generation", {}),
    "rerank": ("arerank", {}),
    "responses": ("aresponses", {"input": "input_data"}),
    "speech": ("aspeech", {}),
    "transcription": ("atranscription", {}),
}
# Of these any-llm says what becomes of a ``timeout``.
_TIMED = ("completion", "responses")

# OpenAI's own way to ask for a stream's usage, which comes after the last choice.
# The others tell it unasked, or would refuse the question.
_ASKED_FOR_USAGE = frozenset(
    {"azureopenai", "deepseek", "fireworks", "openai", "openrouter", "together", "vllm"}
)


class Backend:
    """Makes attempts."""

    def __init__(self) -> None:
        self._pool: ClientPool[Client] = ClientPool(close_client)
        self._imported: dict[str, type[Client] | None] = {}
        self._fitting = Fitting()
        self._rings: dict[tuple[str, tuple[str, ...], str], KeyRing] = {}

    def prepare(self, candidate: Candidate) -> Awaitable[None] | None:
        """Import a candidate's provider, which takes a second, unless that was done.

        What is wrong with the provider the attempt will say.
        """
        if candidate.provider in self._imported:
            return None
        return self._prepare(candidate)

    async def _prepare(self, candidate: Candidate) -> None:
        with contextlib.suppress(LLMHubRuntimeError):
            await self._import(candidate)

    async def _import(self, candidate: Candidate) -> None:
        # On a thread, as the event loop has other work to do.
        provider = await asyncio.to_thread(import_provider, candidate)
        self._imported[candidate.provider] = provider

    async def ask(self, candidate: Candidate, request: Request) -> Any:
        """Ask for a whole answer.

        Raises:
            AnyLLMError: Whatever the provider answered with.
        """

        def send(client: Client, params: dict[str, Any]) -> Awaitable[Any]:
            return _method(client, request)(candidate.model, **params)

        sent = await self._attempt(candidate, request, candidate.params, send)
        await self._pool.give_back(sent.held)
        request.usage = read_usage(sent.answer)
        return sent.answer

    async def stream(self, candidate: Candidate, request: Request) -> Incoming[Any]:
        """Ask for an answer in parts, and wait for the first of them.

        Raises:
            AnyLLMError: Whatever the provider answered with.
        """
        params = candidate.params
        if self._asks_for_usage(candidate, request):
            params = {**params, "stream_options": {"include_usage": True}}

        async def send(client: Client, params: dict[str, Any]) -> _Opened:
            parts = await _method(client, request)(
                candidate.model, stream=True, **params
            )
            response = last_response()
            try:
                iterator = aiter(parts)
                return parts, response, iterator, await anext(iterator, None)
            except BaseException:
                await _close(parts, response)
                raise

        sent = await self._attempt(candidate, request, params, send)
        parts, response, iterator, first = sent.answer
        return Incoming(
            parts=iterator,
            close=partial(self._close, sent, parts, response),
            first=first,
            # Some tell their usage unasked: whoever reads ``choices[0]`` of one
            # provider's chunks must be able to read another's.
            keeps_usage=(
                request.call == "completion"
                and "stream_options" not in candidate.params
            ),
            clear=partial(self._clear, client=sent.held.client, key=sent.key),
        )

    async def _close(self, sent: _Sent[_Opened], parts: Any, response: Any) -> None:
        try:
            await _close(parts, response)
        finally:
            await self._pool.give_back(sent.held)

    def keep(self, config: RuntimeConfig) -> None:
        """Close the clients of endpoints that a config no longer has, when idle."""
        wanted = {
            (name, endpoint.api_base, variable)
            for name, endpoint in config.providers.items()
            for variable in endpoint.variables or (None,)
        }
        self._pool.keep(wanted.__contains__)

    def close(self) -> None:
        """Ask every event loop to close its clients as soon as it runs."""
        self._pool.close()

    async def aclose(self) -> None:
        """Close the running loop's clients, and ask other loops to close theirs."""
        await self._pool.aclose()

    async def _attempt(
        self,
        candidate: Candidate,
        request: Request,
        params: Mapping[str, Any],
        send: _Send[T],
    ) -> _Sent[T]:
        """Send until something other than keys and parameters decides."""
        ring = self._ring(candidate)
        key = ring.first()
        tried = [key]
        while True:
            held = await self._client(candidate, key)
            client = held.client
            try:
                fitted = self._fitting.fit(candidate, request, params)
                if request.call in _TIMED and client.TIMEOUT_SUPPORT != "unsupported":
                    limit = policy_of(candidate.settings).longest_silence_seconds
                    fitted["timeout"] = limit + _SDK_GRACE_SECONDS
                nothing_sent()
                return _Sent(held, key, await send(client, fitted))
            except BaseException as error:
                await self._pool.give_back(held)
                if not isinstance(error, Exception):
                    raise
                self._clear(error, client, key)
                rest = rest_seconds(error)
                if rest is None:
                    usual = _usual(type(client), request.call)
                    if self._fitting.learn(candidate, request, params, error, usual):
                        continue
                    sdk = getattr(client, "client", None)
                    wrong = unsendable(candidate, sdk, error, usual)
                    if wrong is not None:
                        raise wrong from error
                    raise
                following = ring.after(tried, rest)
                if following is None:
                    raise
                status = getattr(error, "status_code", None)
                request.note(
                    f"{key.variable}: {candidate.provider} answered {status}, "
                    f"{following.variable} was sent instead"
                )
                key = following
                tried.append(key)
            finally:
                nothing_more_to_send()

    def _clear(self, error: Exception, client: Client, key: Key) -> None:
        """Take the key out of an error, and the blame for what closing the hub does."""
        redact(error, secret_of(client, key.value))
        self._pool.check_open()

    def _asks_for_usage(self, candidate: Candidate, request: Request) -> bool:
        """Whether a stream must be asked for its usage, which only prices need."""
        return (
            request.call == "completion"
            and candidate.pricing is not None
            and "stream_options" not in candidate.params
            and (
                candidate.provider in _ASKED_FOR_USAGE
                # Unknown to any-llm: a server that speaks as OpenAI does.
                or self._imported.get(candidate.provider, type(self)) is None
            )
        )

    def _ring(self, candidate: Candidate) -> KeyRing:
        identity = candidate.provider, candidate.endpoint.variables, candidate.model
        ring = self._rings.get(identity)
        if ring is None:
            # Two threads at once may make two; one of them is forgotten.
            ring = self._rings[identity] = KeyRing(
                candidate.provider, candidate.endpoint.variables
            )
        return ring

    async def _client(self, candidate: Candidate, key: Key) -> Held[Client]:
        # Another key in the same variable needs another client. The key itself lives
        # in that alone.
        stamp = hash(key.value)
        identity = (candidate.provider, candidate.endpoint.api_base, key.variable)
        held = self._pool.find(identity, stamp)
        if held is not None:
            return held

        async def build() -> Client:
            if candidate.provider not in self._imported:
                await self._import(candidate)
            # It reads the certificates of the system, and connects to nobody yet.
            return await asyncio.to_thread(connect, candidate, key.value)

        return await self._pool.make(identity, stamp, build)


class _Sent(NamedTuple, Generic[T]):
    """What came of an attempt, and the client that it still uses."""

    held: Held[Client]
    key: Key
    answer: T


async def _close(parts: Any, response: Any) -> None:
    """Close a stream, and what it reads if it left that open."""
    try:
        await aclose(parts)
    finally:
        await aclose(response)


def _method(client: Client, request: Request) -> Callable[..., Awaitable[Any]]:
    name, renamed = _METHODS[request.call]
    arguments = {renamed.get(k, k): v for k, v in request.arguments.items()}
    return partial(getattr(client, name), **arguments)


@lru_cache
def _usual(client: type, call: Call) -> frozenset[str]:
    """Names of parameters that any-llm has itself, whatever the provider."""
    return frozenset(signature(getattr(client, _METHODS[call][0])).parameters)
