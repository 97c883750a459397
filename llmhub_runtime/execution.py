"""Carries out planned calls: hooks around attempts, sync or async, whole or streamed.

Everything that talks to a provider is a coroutine. A synchronous call runs it on the
hub's own thread and its hooks on the thread of the caller.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import AsyncGenerator, Generator
from typing import TypeVar, cast

from llmhub_runtime.backend import Backend
from llmhub_runtime.hooks import Witness
from llmhub_runtime.journal import Journal
from llmhub_runtime.plan import Planned
from llmhub_runtime.resilience.breaker import Breakers
from llmhub_runtime.runner import LoopThread
from llmhub_runtime.streams import AnswerStream, AsyncAnswerStream

__all__ = ["Execution"]

T = TypeVar("T")


class Execution:
    """The clients and the thread behind one hub.

    When it is dropped without being closed, or the program ends, the thread ends and
    closes its connections; those of other event loops end with their loops.
    """

    def __init__(self) -> None:
        self.backend = Backend()
        self.breakers = Breakers()
        self._runner = LoopThread()
        weakref.finalize(self, self._runner.stop)

    def call(self, planned: Planned[T]) -> T:
        """Carry out a call and wait for its answer."""
        self._runner.check_caller()
        if not planned.witness:
            return self._runner.run(planned.answer())
        planned.witness.before(self._runner.settle)
        try:
            response = self._runner.run(planned.answer())
        except BaseException as error:
            planned.witness.after(self._runner.settle, error=error)
            raise
        planned.witness.after(self._runner.settle, response=response)
        return response

    async def acall(self, planned: Planned[T]) -> T:
        """Carry out a call."""
        if not planned.witness:
            return await planned.answer()
        await planned.witness.abefore()
        try:
            response = await planned.answer()
        except BaseException as error:
            await planned.witness.aafter(error=error)
            raise
        await planned.witness.aafter(response=response)
        return response

    def stream(self, planned: Planned[AsyncGenerator[T, None]]) -> AnswerStream[T]:
        """Open a stream, wait for its first token, and hand out its items."""
        self._runner.check_caller()
        planned.witness.before(self._runner.settle)
        try:
            source = self._runner.run(planned.answer())
        except BaseException as error:
            planned.witness.after(self._runner.settle, error=error)
            raise
        items = self._items(source, planned.witness, planned.journal)
        next(items)  # started, so that its end is seen even when nobody reads it
        return AnswerStream(cast("Generator[T, None, None]", items), planned.journal)

    async def astream(
        self, planned: Planned[AsyncGenerator[T, None]]
    ) -> AsyncAnswerStream[T]:
        """Open a stream, wait for its first token, and hand out its items."""
        if not planned.witness:
            return AsyncAnswerStream(await planned.answer(), planned.journal)
        await planned.witness.abefore()
        try:
            source = await planned.answer()
        except BaseException as error:
            await planned.witness.aafter(error=error)
            raise
        items = self._aitems(source, planned.witness, planned.journal)
        await anext(items)  # as above
        started = cast("AsyncGenerator[T, None]", items)
        return AsyncAnswerStream(started, planned.journal)

    def close(self) -> None:
        """Close the connections and end the thread."""
        self._runner.stop()  # first: its loop closes its own clients as it ends
        self.backend.close()

    async def aclose(self) -> None:
        """Close the connections and end the thread."""
        self._runner.stop()
        await self.backend.aclose()

    def _items(
        self, source: AsyncGenerator[T, None], witness: Witness, journal: Journal
    ) -> Generator[T | None, None, None]:
        kept: list[T] = []
        error: BaseException | None = None
        try:
            with contextlib.closing(self._runner.read(source)) as items:
                yield None
                keeps = witness.keeps
                for item in items:
                    if keeps:
                        kept.append(item)
                    yield item
        except GeneratorExit:  # the caller has heard enough
            raise
        except BaseException as raised:
            error = raised
            raise
        finally:
            journal.end()
            witness.after(self._runner.settle, response=tuple(kept), error=error)

    async def _aitems(
        self, source: AsyncGenerator[T, None], witness: Witness, journal: Journal
    ) -> AsyncGenerator[T | None, None]:
        kept: list[T] = []
        error: BaseException | None = None
        try:
            async with contextlib.aclosing(source):
                yield None
                keeps = witness.keeps
                async for item in source:
                    if keeps:
                        kept.append(item)
                    yield item
        except GeneratorExit:
            raise
        except BaseException as raised:
            error = raised
            raise
        finally:
            journal.end()
            await witness.aafter(response=tuple(kept), error=error)
