"""A caller of a hub as applications are: sync or async, whole answers or streams."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from attrs import field, frozen

from llmhub_runtime.errors import LLMHubRuntimeError
from llmhub_runtime.hub import LLMHub
from llmhub_runtime.metadata import call_metadata
from llmhub_runtime.testing.dialects import TEXT
from llmhub_runtime.testing.scorecard import Form, Style
from llmhub_runtime.testing.scoring import Outcome

__all__ = ["Caller"]

T = TypeVar("T")

_ASK = ({"role": "user", "content": "In sixty words: when does a provider do harm?"},)


@frozen(kw_only=True)
class Caller:
    """Makes calls, and says of each what a caller sees of it.

    Attributes:
        hub: Who is called.
        role: For which role.
        form: Whole answers or streams.
        style: Through which interface.
        embeds: The role is for embeddings.
        limit_seconds: A call that takes longer hangs.
    """

    hub: LLMHub
    role: str
    form: Form
    style: Style
    embeds: bool
    limit_seconds: float
    _params: Mapping[str, Any] = field(init=False)

    @_params.default
    def _usage_wished(self) -> Mapping[str, Any]:
        if self.form == "stream":
            return {"stream": True, "stream_options": {"include_usage": True}}
        return {} if self.embeds else {"stream": False}

    async def call(self, began_seconds: float = 0.0) -> Outcome:
        """Make one call and see it through to its end.

        Args:
            began_seconds: Is noted in the outcome.
        """
        started = time.perf_counter()
        seen = _Seen()
        try:
            async with asyncio.timeout(self.limit_seconds):
                if self.style == "async":
                    await self._acall(seen)
                else:
                    await _in_thread(lambda: self._call(seen))
        except TimeoutError:
            ended, error = "hang", None
        except Exception as raised:  # noqa: BLE001 (whatever it is, it is the result)
            ended, error = "error", raised
        else:
            ended, error = "answer", None
        record = seen.record
        return Outcome(
            began_seconds=began_seconds,
            seconds=time.perf_counter() - started,
            ended=ended,  # type: ignore[arg-type]
            whole=seen.whole,
            words=len("".join(seen.text).split()),
            error="" if error is None else f"{type(error).__name__}: {error}",
            typed=error is None or _is_typed(error),
            model=seen.model,
            usage=seen.usage,
            cost_usd=None if record is None else record.cost_usd,
        )

    def _call(self, seen: _Seen) -> None:
        if self.embeds:
            seen.embedding(self.hub.embedding(self.role, ["a", "b"]))
        elif self.form == "whole":
            seen.answer(self.hub.completion(self.role, _ASK, **self._params))
        else:
            chunks = self.hub.completion(self.role, _ASK, **self._params)
            for chunk in chunks:
                seen.chunk(chunk)
            seen.note(chunks)

    async def _acall(self, seen: _Seen) -> None:
        if self.embeds:
            seen.embedding(await self.hub.aembedding(self.role, ["a", "b"]))
        elif self.form == "whole":
            seen.answer(await self.hub.acompletion(self.role, _ASK, **self._params))
        else:
            chunks = await self.hub.acompletion(self.role, _ASK, **self._params)
            async for chunk in chunks:
                seen.chunk(chunk)
            seen.note(chunks)


class _Seen:
    """What of an answer has been seen."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.model: str | None = None
        self.usage: tuple[int, int] | None = None
        self.record: Any = None
        self._rows: int | None = None

    @property
    def whole(self) -> bool:
        if self._rows is not None:
            return self._rows == 2
        return "".join(self.text) == TEXT

    def answer(self, answer: Any) -> None:
        self.text.append(answer.choices[0].message.content or "")
        self._noted(answer)
        self.note(answer)

    def chunk(self, chunk: Any) -> None:
        self.text += [one.delta.content or "" for one in chunk.choices[:1]]
        self._noted(chunk)

    def embedding(self, answer: Any) -> None:
        self._rows = sum(len(row.embedding) == 3 for row in answer.data)
        self.model = answer.model
        self.usage = (answer.usage.prompt_tokens, 0)
        self.note(answer)

    def note(self, answer: Any) -> None:
        self.record = call_metadata(answer)

    def _noted(self, piece: Any) -> None:
        self.model = piece.model or self.model
        if piece.usage is not None:
            self.usage = (piece.usage.prompt_tokens, piece.usage.completion_tokens)


def _is_typed(error: Exception) -> bool:
    from any_llm.exceptions import AnyLLMError

    return isinstance(error, (LLMHubRuntimeError, AnyLLMError)) and bool(str(error))


async def _in_thread(work: Callable[[], T]) -> T:
    """Run something on a thread that nobody waits for when it hangs."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():  # given up
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def run() -> None:
        try:
            outcome: tuple[Any, BaseException | None] = work(), None
        except BaseException as error:  # noqa: BLE001 (it is handed on)
            outcome = None, error
        try:
            loop.call_soon_threadsafe(settle, *outcome)
        except RuntimeError:  # the loop is closed: nobody listens
            return

    threading.Thread(target=run, daemon=True).start()
    return await future
