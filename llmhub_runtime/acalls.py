"""The asynchronous calls of a hub: every call's twin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from llmhub_runtime.request import readable

if TYPE_CHECKING:
    from llmhub_runtime.connecting import (
        ChatCompletion,
        ChatCompletionChunk,
        CreateEmbeddingResponse,
        ImagesResponse,
        RerankResponse,
        Response,
        ResponseStreamEvent,
        Transcription,
    )
    from llmhub_runtime.execution import Execution
    from llmhub_runtime.plan import Planner

__all__ = ["AsyncCalls"]


class AsyncCalls(ABC):
    """What a hub can be asked, to be awaited; ``Calls`` says what it means."""

    @abstractmethod
    def _open(self) -> tuple[Execution, Planner]:
        """Return what plans calls and what carries them out."""

    @overload
    async def acompletion(
        self,
        role: str,
        messages: Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: Literal[True],
        sticky: str | None = None,
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
        sticky: str | None = None,
        **params: Any,
    ) -> ChatCompletion: ...

    async def acompletion(
        self,
        role: str,
        messages: Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: bool | None = None,
        sticky: str | None = None,
        **params: Any,
    ) -> ChatCompletion | AsyncGenerator[ChatCompletionChunk, None]:
        """Ask the role's model for a chat completion; see ``completion``."""
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.plan(
            "completion",
            role,
            {"messages": messages},
            override,
            stream=stream,
            sticky=sticky,
        )
        if planned.streams:
            return await execution.astream(planned)
        answer: ChatCompletion = await execution.acall(planned)
        return answer

    @overload
    async def aresponses(
        self,
        role: str,
        input: str | Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: Literal[True],
        sticky: str | None = None,
        **params: Any,
    ) -> AsyncGenerator[ResponseStreamEvent, None]: ...

    @overload
    async def aresponses(
        self,
        role: str,
        input: str | Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: Literal[False] | None = None,
        sticky: str | None = None,
        **params: Any,
    ) -> Response: ...

    async def aresponses(
        self,
        role: str,
        input: str | Sequence[Any],  # noqa: A002 (any-llm's name)
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: bool | None = None,
        sticky: str | None = None,
        **params: Any,
    ) -> Response | AsyncGenerator[ResponseStreamEvent, None]:
        """Ask the role's model for a response; see ``responses``."""
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.plan(
            "responses", role, {"input": input}, override, stream=stream, sticky=sticky
        )
        if planned.streams:
            return await execution.astream(planned)
        answer: Response = await execution.acall(planned)
        return answer

    async def aembedding(
        self,
        role: str,
        input: str | Sequence[str],  # noqa: A002 (the original's name)
        params_override: Mapping[str, Any] | None = None,
        *,
        sticky: str | None = None,
        **params: Any,
    ) -> CreateEmbeddingResponse:
        """Ask the role's model for embeddings; see ``embedding``."""
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.plan(
            "embedding", role, {"input": input}, override, sticky=sticky
        )
        answer: CreateEmbeddingResponse = await execution.acall(planned)
        return answer

    async def aimage(
        self,
        role: str,
        prompt: str,
        params_override: Mapping[str, Any] | None = None,
        *,
        sticky: str | None = None,
        **params: Any,
    ) -> ImagesResponse:
        """Ask the role's model for images; see ``image``."""
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.plan(
            "image", role, {"prompt": prompt}, override, sticky=sticky
        )
        answer: ImagesResponse = await execution.acall(planned)
        return answer

    async def aspeech(
        self,
        role: str,
        input: str,  # noqa: A002 (any-llm's name)
        params_override: Mapping[str, Any] | None = None,
        *,
        sticky: str | None = None,
        **params: Any,
    ) -> bytes:
        """Ask the role's model to speak a text; see ``speech``."""
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.plan(
            "speech", role, {"input": input}, override, sticky=sticky
        )
        answer: bytes = await execution.acall(planned)
        return answer

    async def atranscription(
        self,
        role: str,
        file: Any,
        params_override: Mapping[str, Any] | None = None,
        *,
        sticky: str | None = None,
        **params: Any,
    ) -> Transcription:
        """Ask the role's model to write down what is spoken; see ``transcription``."""
        arguments, named = readable(file)
        execution, planner = self._open()
        override = {**named, **(params_override or {}), **params}
        planned = planner.plan(
            "transcription", role, arguments, override, sticky=sticky
        )
        answer: Transcription = await execution.acall(planned)
        return answer

    async def arerank(
        self,
        role: str,
        query: str,
        documents: Sequence[str],
        params_override: Mapping[str, Any] | None = None,
        *,
        sticky: str | None = None,
        **params: Any,
    ) -> RerankResponse:
        """Ask the role's model to order documents; see ``rerank``."""
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.plan(
            "rerank",
            role,
            {"query": query, "documents": documents},
            override,
            sticky=sticky,
        )
        answer: RerankResponse = await execution.acall(planned)
        return answer
