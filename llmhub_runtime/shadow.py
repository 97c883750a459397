"""Copies of calls, for models on trial: nobody waits for them, nobody misses them."""

from __future__ import annotations

import copy
import logging
import weakref
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from llmhub_runtime.errors import HubClosedError
from llmhub_runtime.fork import begins_anew
from llmhub_runtime.hooks import Hook
from llmhub_runtime.resolve import Candidate
from llmhub_runtime.runner import LoopThread

if TYPE_CHECKING:
    from llmhub_runtime.execution import Execution
    from llmhub_runtime.plan import Planned

__all__ = ["Shadows"]

logger = logging.getLogger("llmhub_runtime")

_Attempt: TypeAlias = Callable[[Candidate], Coroutine[Any, Any, Any]]
_Plan: TypeAlias = "Callable[[Mapping[str, Any]], Planned[Any]]"

_MOST_AT_ONCE = 16


class Shadows:
    """Sends copies of calls, on a thread and over connections of its own.

    At most 16 are under way at once; more are not sent. Each keeps to the limits of its
    own role, and what it raises is logged.

    Args:
        execution: Carries them out.
        hook: Called with the result of each, like an after-hook.
    """

    def __init__(self, execution: Execution, hook: Hook | None) -> None:
        self.hook = hook
        self._execution = execution
        self._runner = LoopThread()
        self._under_way: set[object] = set()
        weakref.finalize(self, self._runner.stop)
        begins_anew(self)

    def beside(
        self,
        attempt: _Attempt,
        plans: Sequence[_Plan],
        arguments: Mapping[str, Any],
    ) -> _Attempt:
        """Send copies beside the first attempt of a call, once its hooks let it pass.

        Args:
            attempt: Makes an attempt of the call.
            plans: Plan a copy of the arguments each.
            arguments: What is asked; copied before the caller can change it.

        Returns:
            What makes an attempt, and at the first one sends the copies.
        """
        waiting = list(plans)

        def first(candidate: Candidate) -> Coroutine[Any, Any, Any]:
            while waiting:
                self._send(waiting.pop(0), arguments)
            return attempt(candidate)

        return first

    def close(self) -> None:
        """Cancel what is under way and end the thread."""
        self._runner.stop()

    def forget(self) -> None:
        """Begin anew in a forked child: what is under way is the parent's."""
        self._under_way = set()

    def _send(self, plan: _Plan, arguments: Mapping[str, Any]) -> None:
        if len(self._under_way) >= _MOST_AT_ONCE:
            logger.info("shadow.skipped: %s are under way", _MOST_AT_ONCE)
            return
        try:
            future = self._runner.submit(
                self._carry_out(plan, copy.deepcopy(arguments))
            )
        except HubClosedError:
            return
        except Exception as error:  # noqa: BLE001 (the call itself must go on)
            logger.warning("shadow.failed: %s", type(error).__name__)
            return
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)

    async def _carry_out(self, plan: _Plan, arguments: Mapping[str, Any]) -> None:
        try:
            planned = plan(arguments)
            if planned.streams:
                async for _ in await self._execution.astream(planned):
                    pass
            else:
                await self._execution.acall(planned)
        except Exception as error:  # noqa: BLE001 (nobody waits for it)
            logger.warning("shadow.failed: %s: %s", type(error).__name__, error)
