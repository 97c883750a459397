"""``LLMHub``: calls by role."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from llmhub_runtime.config import RuntimeConfig, load_config
from llmhub_runtime.errors import EnvVarMissingError, HubClosedError
from llmhub_runtime.hooks import Hook, Hooks
from llmhub_runtime.resolve import reachable_providers

if TYPE_CHECKING:
    from llmhub_runtime.backend import (
        ChatCompletion,
        ChatCompletionChunk,
        CreateEmbeddingResponse,
    )
    from llmhub_runtime.execution import Execution
    from llmhub_runtime.plan import Planner

__all__ = ["LLMHub"]


class LLMHub:
    """Calls the models behind the roles of one config.

    One hub serves a whole program: it is safe to share between threads and between
    event loops, and it keeps its connections. ``with`` and ``async with`` close it.

    Args:
        config_path: The config file. Without it and ``config_obj``, the file that the
            variable ``LLMHUB_CONFIG`` names, else ``llmhub.yaml`` in the working
            directory.
        config_obj: The config itself.
        strict_env: Check at once that the ``env_key`` of every provider that some role
            can reach is in the environment.
        on_before_call: Called with a dict of ``role``, ``provider``, ``model``,
            ``mode``, ``params`` and ``messages`` or ``input``. What it raises vetoes
            the call; what it changes in ``params`` is sent.
        on_after_call: Called, when the call has ended, with the same and ``success``,
            ``error``, ``response`` and ``duration_seconds``. What it raises is logged.
            The response of a stream is the tuple of the chunks that were handed out.
        strict_roles: Refuse roles that the config does not have, also when it has
            ``defaults`` to serve them.

    Raises:
        ValueError: Both ``config_path`` and ``config_obj`` are given.
        ConfigError: The config can't be used.
        EnvVarMissingError: With ``strict_env``: names every missing variable.
        UnknownProviderError: With ``strict_env``: a role names a provider that is not
            under ``providers``.
    """

    def __init__(
        self,
        config_path: str | os.PathLike[str] | None = None,
        config_obj: RuntimeConfig | None = None,
        strict_env: bool = False,  # noqa: FBT001, FBT002 (the original's signature)
        on_before_call: Hook | None = None,
        on_after_call: Hook | None = None,
        *,
        strict_roles: bool = False,
    ) -> None:
        if config_path is not None and config_obj is not None:
            raise ValueError("give config_path or config_obj, not both")
        if config_obj is None:
            path = config_path or os.environ.get("LLMHUB_CONFIG") or "llmhub.yaml"
            config_obj = load_config(path)
        if strict_env:
            _check_environment(config_obj)
        self.config = config_obj
        self.strict_roles = strict_roles
        self._hooks = Hooks(on_before_call, on_after_call)
        self._lock = threading.Lock()
        self._opened: tuple[Execution, Planner] | None = None
        self._closed = False

    @overload
    def completion(
        self,
        role: str,
        messages: Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: Literal[True],
        **params: Any,
    ) -> Generator[ChatCompletionChunk, None, None]: ...

    @overload
    def completion(
        self,
        role: str,
        messages: Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: Literal[False] | None = None,
        **params: Any,
    ) -> ChatCompletion: ...

    def completion(
        self,
        role: str,
        messages: Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: bool | None = None,
        **params: Any,
    ) -> ChatCompletion | Generator[ChatCompletionChunk, None, None]:
        """Ask the role's model for a chat completion.

        Args:
            role: The role's name. Its mode must be chat, tool or other.
            messages: Chat messages in OpenAI's form.
            params_override: Parameters for this call, over the role's.
            stream: Hand the answer out as it is made. None does as ``stream`` in the
                role's parameters says, which is not to unless it is there.
            **params: More parameters for this call, over ``params_override``.

        Returns:
            any-llm's ``ChatCompletion``; with ``stream``, a generator of its
            ``ChatCompletionChunk``, whose first chunk has arrived already.

        Raises:
            UnknownRoleError, CallNotAllowedError, UnknownProviderError,
            ProviderNotInstalledError, EnvVarMissingError: Nothing was sent.
            AttemptTimeoutError: No answer within the role's ``timeout``.
            HubClosedError: The hub is closed.
            AnyLLMError: any-llm's unified exceptions, for what the provider answered.
        """
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.completion(role, messages, override, stream=stream)
        if planned.streams:
            return execution.stream(planned)
        answer: ChatCompletion = execution.call(planned)
        return answer

    @overload
    async def acompletion(
        self,
        role: str,
        messages: Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: Literal[True],
        **params: Any,
    ) -> AsyncGenerator[ChatCompletionChunk, None]: ...

    @overload
    async def acompletion(
        self,
        role: str,
        messages: Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: Literal[False] | None = None,
        **params: Any,
    ) -> ChatCompletion: ...

    async def acompletion(
        self,
        role: str,
        messages: Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: bool | None = None,
        **params: Any,
    ) -> ChatCompletion | AsyncGenerator[ChatCompletionChunk, None]:
        """Ask the role's model for a chat completion; see ``completion``."""
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.completion(role, messages, override, stream=stream)
        if planned.streams:
            return await execution.astream(planned)
        return await execution.acall(planned)

    def embedding(
        self,
        role: str,
        input: str | Sequence[str],  # noqa: A002 (the original's name)
        params_override: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> CreateEmbeddingResponse:
        """Ask the role's model for embeddings.

        Args:
            role: The role's name. Its mode must be embedding or other.
            input: One text, or several.
            params_override: Parameters for this call, over the role's.
            **params: More parameters for this call, over ``params_override``.

        Returns:
            any-llm's ``CreateEmbeddingResponse``, one vector per text, in order.

        Raises:
            LLMHubRuntimeError, AnyLLMError: See ``completion``.
        """
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.embedding(role, input, override)
        return execution.call(planned)

    async def aembedding(
        self,
        role: str,
        input: str | Sequence[str],  # noqa: A002 (the original's name)
        params_override: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> CreateEmbeddingResponse:
        """Ask the role's model for embeddings; see ``embedding``."""
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.embedding(role, input, override)
        return await execution.acall(planned)

    def close(self) -> None:
        """Close the connections. Calls that still run fail; later ones are refused."""
        self._closed = True
        if self._opened is not None:
            self._opened[0].close()

    async def aclose(self) -> None:
        """Close the connections, those of the running event loop before returning."""
        self._closed = True
        if self._opened is not None:
            await self._opened[0].aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        config = self.config
        return f"<LLMHub {config.project} {config.env}: {', '.join(config.roles)}>"

    def _open(self) -> tuple[Execution, Planner]:
        if self._closed:
            raise HubClosedError
        with self._lock:
            if self._opened is None:
                # asyncio and what else a call needs is no burden of the import.
                from llmhub_runtime.execution import Execution
                from llmhub_runtime.plan import Planner

                execution = Execution()
                planner = Planner(
                    config=self.config,
                    hooks=self._hooks,
                    backend=execution.backend,
                    strict_roles=self.strict_roles,
                )
                self._opened = execution, planner
            return self._opened


def _check_environment(config: RuntimeConfig) -> None:
    missing = {
        endpoint.env_key: name
        for name, endpoint in reachable_providers(config).items()
        if endpoint.env_key and not os.environ.get(endpoint.env_key, "").strip()
    }
    if missing:
        raise EnvVarMissingError(missing)
