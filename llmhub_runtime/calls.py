"""The calls of a hub, for code without an event loop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
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

__all__ = ["Calls"]


class Calls(ABC):
    """What a hub can be asked, by role."""

    @abstractmethod
    def _open(self) -> tuple[Execution, Planner]:
        """Return what plans calls and what carries them out."""

    @overload
    def completion(
        self,
        role: str,
        messages: Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: Literal[True],
        sticky: str | None = None,
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
        sticky: str | None = None,
        **params: Any,
    ) -> ChatCompletion: ...

    def completion(
        self,
        role: str,
        messages: Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: bool | None = None,
        sticky: str | None = None,
        **params: Any,
    ) -> ChatCompletion | Generator[ChatCompletionChunk, None, None]:
        """Ask the role's model for a chat completion.

        Args:
            role: The role's name. Its mode must be chat, tool or other.
            messages: Chat messages in OpenAI's form.
            params_override: Parameters for this call, over the role's.
            stream: Hand the answer out as it is made. None does as ``stream`` in the
                role's parameters says, which is not to unless it is there.
            sticky: Whoever this call is for, when the role has ``candidates``: the
                same text always gets the same one.
            **params: More parameters for this call, over ``params_override``: of
                any-llm, such as ``tools`` or ``response_format``.

        Returns:
            any-llm's ``ChatCompletion``, with ``parsed`` where ``response_format`` is
            a type; with ``stream``, a generator of its ``ChatCompletionChunk``, whose
            first chunk has arrived already.

        Raises:
            UnknownRoleError, CallNotAllowedError, UnknownProviderError,
            ProviderNotInstalledError, EnvVarMissingError: Nothing was sent.
            AttemptTimeoutError: No answer within the role's ``timeout``.
            HubClosedError: The hub is closed.
            AnyLLMError: any-llm's unified exceptions, for what the provider answered.
        """
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
            return execution.stream(planned)
        answer: ChatCompletion = execution.call(planned)
        return answer

    @overload
    def responses(
        self,
        role: str,
        input: str | Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: Literal[True],
        sticky: str | None = None,
        **params: Any,
    ) -> Generator[ResponseStreamEvent, None, None]: ...

    @overload
    def responses(
        self,
        role: str,
        input: str | Sequence[Any],
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: Literal[False] | None = None,
        sticky: str | None = None,
        **params: Any,
    ) -> Response: ...

    def responses(
        self,
        role: str,
        input: str | Sequence[Any],  # noqa: A002 (any-llm's name)
        params_override: Mapping[str, Any] | None = None,
        *,
        stream: bool | None = None,
        sticky: str | None = None,
        **params: Any,
    ) -> Response | Generator[ResponseStreamEvent, None, None]:
        """Ask the role's model for a response of OpenAI's Responses API.

        Args:
            role: The role's name. Its mode must be chat, tool or other, and its
                provider one that has this API.
            input: A text, or a list of input items.
            params_override: Parameters for this call, over the role's. A chat's
                ``max_tokens`` and ``reasoning_effort`` are sent by their names here.
            stream: Hand out events as they come; None as for ``completion``.
            sticky: See ``completion``.
            **params: More parameters for this call, over ``params_override``.

        Returns:
            any-llm's ``Response``, or one of its kind; with ``stream``, a generator of
            ``ResponseStreamEvent``.

        Raises:
            LLMHubRuntimeError, AnyLLMError: See ``completion``.
        """
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.plan(
            "responses", role, {"input": input}, override, stream=stream, sticky=sticky
        )
        if planned.streams:
            return execution.stream(planned)
        answer: Response = execution.call(planned)
        return answer

    def embedding(
        self,
        role: str,
        input: str | Sequence[str],  # noqa: A002 (the original's name)
        params_override: Mapping[str, Any] | None = None,
        *,
        sticky: str | None = None,
        **params: Any,
    ) -> CreateEmbeddingResponse:
        """Ask the role's model for embeddings.

        Args:
            role: The role's name. Its mode must be embedding or other.
            input: One text, or several.
            params_override: Parameters for this call, over the role's.
            sticky: See ``completion``.
            **params: More parameters for this call, over ``params_override``.

        Returns:
            any-llm's ``CreateEmbeddingResponse``, one vector per text, in order.

        Raises:
            LLMHubRuntimeError, AnyLLMError: See ``completion``.
        """
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.plan(
            "embedding", role, {"input": input}, override, sticky=sticky
        )
        answer: CreateEmbeddingResponse = execution.call(planned)
        return answer

    def image(
        self,
        role: str,
        prompt: str,
        params_override: Mapping[str, Any] | None = None,
        *,
        sticky: str | None = None,
        **params: Any,
    ) -> ImagesResponse:
        """Ask the role's model for images.

        Args:
            role: The role's name. Its mode must be image or other.
            prompt: What they should show.
            params_override: Parameters for this call, over the role's.
            sticky: See ``completion``.
            **params: More parameters for this call, over ``params_override``, such as
                ``n`` and ``size``.

        Returns:
            any-llm's ``ImagesResponse``.

        Raises:
            LLMHubRuntimeError, AnyLLMError: See ``completion``.
        """
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.plan(
            "image", role, {"prompt": prompt}, override, sticky=sticky
        )
        answer: ImagesResponse = execution.call(planned)
        return answer

    def speech(
        self,
        role: str,
        input: str,  # noqa: A002 (any-llm's name)
        params_override: Mapping[str, Any] | None = None,
        *,
        sticky: str | None = None,
        **params: Any,
    ) -> bytes:
        """Ask the role's model to speak a text.

        Args:
            role: The role's name. Its mode must be audio or other.
            input: The text.
            params_override: Parameters for this call, over the role's.
            sticky: See ``completion``.
            **params: More parameters for this call, over ``params_override``. A
                ``voice`` must be among the parameters somewhere.

        Returns:
            The audio, as bytes.

        Raises:
            LLMHubRuntimeError, AnyLLMError: See ``completion``.
        """
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.plan(
            "speech", role, {"input": input}, override, sticky=sticky
        )
        answer: bytes = execution.call(planned)
        return answer

    def transcription(
        self,
        role: str,
        file: Any,
        params_override: Mapping[str, Any] | None = None,
        *,
        sticky: str | None = None,
        **params: Any,
    ) -> Transcription:
        """Ask the role's model to write down what is spoken.

        Args:
            role: The role's name. Its mode must be audio or other.
            file: The audio: bytes, a path, or a binary file, which is read at once.
            params_override: Parameters for this call, over the role's.
            sticky: See ``completion``.
            **params: More parameters for this call, over ``params_override``, such as
                ``language``, and ``filename`` for audio without a name.

        Returns:
            any-llm's ``Transcription``.

        Raises:
            LLMHubRuntimeError, AnyLLMError: See ``completion``.
        """
        arguments, named = readable(file)
        execution, planner = self._open()
        override = {**named, **(params_override or {}), **params}
        planned = planner.plan(
            "transcription", role, arguments, override, sticky=sticky
        )
        answer: Transcription = execution.call(planned)
        return answer

    def rerank(
        self,
        role: str,
        query: str,
        documents: Sequence[str],
        params_override: Mapping[str, Any] | None = None,
        *,
        sticky: str | None = None,
        **params: Any,
    ) -> RerankResponse:
        """Ask the role's model to order documents by what they say on a query.

        Args:
            role: The role's name. Its mode must be other.
            query: What is looked for.
            documents: Texts.
            params_override: Parameters for this call, over the role's.
            sticky: See ``completion``.
            **params: More parameters for this call, over ``params_override``, such as
                ``top_n``.

        Returns:
            any-llm's ``RerankResponse``: positions in ``documents`` and scores, the
            best first.

        Raises:
            LLMHubRuntimeError, AnyLLMError: See ``completion``.
        """
        execution, planner = self._open()
        override = {**(params_override or {}), **params}
        planned = planner.plan(
            "rerank",
            role,
            {"query": query, "documents": documents},
            override,
            sticky=sticky,
        )
        answer: RerankResponse = execution.call(planned)
        return answer
