"""A hub whose attempts end here: roles, hooks and metadata are real, providers not."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from attrs import evolve

from llmhub_runtime.execution import Execution
from llmhub_runtime.hub import LLMHub
from llmhub_runtime.metering.usage import read_usage
from llmhub_runtime.plan import Planned, Planner
from llmhub_runtime.request import Call, Request
from llmhub_runtime.resilience.breaker import Breaker, Breakers
from llmhub_runtime.resilience.incoming import Incoming
from llmhub_runtime.resolve import Candidate

__all__ = ["DoubleHub"]


class DoubleHub(LLMHub):
    """An ``LLMHub`` that has answers of its own where it would ask a provider.

    Nothing is sent, so that no key is read and any-llm builds no client. Circuit
    breakers stay closed: one test's failures are no reason to refuse another's calls.
    """

    @abstractmethod
    async def _answer(self, role: str, candidate: Candidate, request: Request) -> Any:
        """Return a whole answer, or raise what a provider would."""

    @abstractmethod
    async def _stream(
        self, role: str, candidate: Candidate, request: Request
    ) -> Incoming[Any]:
        """Open an answer in parts, or raise what a provider would."""

    def _open(self) -> tuple[Execution, Planner]:
        execution, planner = super()._open()
        return execution, cast("Planner", _Diversion(self, planner))

    async def _ask(self, role: str, request: Request, candidate: Candidate) -> Any:
        if request.streams:
            return await self._stream(role, candidate, request)
        answer = await self._answer(role, candidate, request)
        request.usage = read_usage(answer)
        return answer


class _Diversion:
    """A planner whose calls go to a double."""

    def __init__(self, double: DoubleHub, planner: Planner) -> None:
        self._double = double
        self._planner = evolve(planner, breakers=_Closed())

    def plan(
        self,
        call: Call,
        role: str,
        arguments: Mapping[str, Any],
        *rest: Any,
        **more: Any,
    ) -> Planned[Any]:
        """Plan a call; see ``Planner.plan``."""
        planned = self._planner.plan(call, role, arguments, *rest, **more)
        ask = self._double._ask  # noqa: SLF001
        return evolve(planned, attempt=partial(ask, role, planned.request))


class _Closed(Breakers):
    """Circuit breakers that have never seen a failure."""

    def __getitem__(self, guarded: object) -> Breaker:
        return Breaker()
