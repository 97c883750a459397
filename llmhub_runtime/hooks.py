"""What a user's hooks see of a call, and what they may do to it.

Before the call a hook may veto it, by raising, and may change ``params`` in place:
what it leaves there is sent, and what it changed there is changed for the fallbacks,
too. After the call it is a witness: what it raises is logged and changes nothing. A
stream's call ends with the stream.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

from llmhub_runtime.journal import Journal
from llmhub_runtime.resolve import ResolvedCall

__all__ = ["CallContext", "CallResult", "Hook", "Hooks", "Witness"]

CallContext: TypeAlias = dict[str, Any]
"""Role, provider, model, mode, params, and messages or input, under those names."""

CallResult: TypeAlias = dict[str, Any]
"""The same, of who answered, and success, error, response, attempts, input_tokens,
output_tokens, cost_usd, duration_seconds and time_to_first_token_seconds."""

Hook: TypeAlias = Callable[[dict[str, Any]], object]
"""A function, or a coroutine function, of one of these."""

logger = logging.getLogger("llmhub_runtime")

_NONE = object()


class Hooks:
    """A user's two hooks.

    Args:
        before: Called with a ``CallContext`` before anything is sent.
        after: Called with a ``CallResult`` when the call has ended, however it ended.
    """

    def __init__(self, before: Hook | None, after: Hook | None) -> None:
        self.before = before
        self.after = after

    def __bool__(self) -> bool:
        return self.before is not None or self.after is not None

    def witness(
        self, resolved: ResolvedCall, journal: Journal, content: Mapping[str, object]
    ) -> Witness:
        """Begin to watch one call; ``content`` is its messages or its input."""
        if not self:
            return Witness(self, {}, journal)
        context = {
            "role": resolved.role,
            "provider": resolved.provider,
            "model": resolved.model,
            "mode": resolved.mode,
            "params": resolved.params,
            **content,
        }
        return Witness(self, context, journal)


class Witness:
    """One call as its hooks see it; False when there are none."""

    def __init__(self, hooks: Hooks, context: CallContext, journal: Journal) -> None:
        self._hooks = hooks
        self._context = context
        self._journal = journal

    def __bool__(self) -> bool:
        return bool(self._context)

    def before(self, wait: Callable[[Awaitable[Any]], object]) -> None:
        """Run the before-hook; ``wait`` is given what a coroutine function returns.

        Raises:
            Exception: Whatever the hook raised, which vetoes the call.
        """
        if self._hooks.before is not None:
            params = dict(self._context["params"])
            result = self._hooks.before(self._context)
            if inspect.isawaitable(result):
                wait(result)
            self._pass_on(params)

    async def abefore(self) -> None:
        """Run the before-hook; see ``before``."""
        if self._hooks.before is not None:
            params = dict(self._context["params"])
            result = self._hooks.before(self._context)
            if inspect.isawaitable(result):
                await result
            self._pass_on(params)

    def after(
        self,
        wait: Callable[[Awaitable[Any]], object],
        *,
        response: object = None,
        error: BaseException | None = None,
    ) -> None:
        """Run the after-hook; ``wait`` is given what a coroutine function returns."""
        if self._hooks.after is not None:
            with self._logged():
                result = self._hooks.after(self._result(response, error))
                if inspect.isawaitable(result):
                    wait(result)

    async def aafter(
        self, *, response: object = None, error: BaseException | None = None
    ) -> None:
        """Run the after-hook; see ``after``."""
        if self._hooks.after is not None:
            with self._logged():
                result = self._hooks.after(self._result(response, error))
                if inspect.isawaitable(result):
                    await result

    @property
    def keeps(self) -> bool:
        """Whether somebody will want to see the response."""
        return self._hooks.after is not None

    def _pass_on(self, was: dict[str, Any]) -> None:
        """Make a hook's changes of the parameters for the fallbacks, too."""
        params, *others = [one.params for one in self._journal.candidates]
        changed = {k: v for k, v in params.items() if was.get(k, _NONE) is not v}
        for other in others:
            other.update(changed)
            for name in was.keys() - params.keys():
                other.pop(name, None)

    def _result(self, response: object, error: BaseException | None) -> CallResult:
        self._journal.end()
        record = self._journal.record()
        return {
            **self._context,
            "provider": record.provider,
            "model": record.model,
            "params": self._journal.candidate.params,
            "success": error is None,
            "error": error,
            "response": response,
            "attempts": record.attempts,
            "input_tokens": record.input_tokens,
            "output_tokens": record.output_tokens,
            "cost_usd": record.cost_usd,
            "duration_seconds": record.duration_seconds,
            "time_to_first_token_seconds": record.time_to_first_token_seconds,
        }

    @contextmanager
    def _logged(self) -> Generator[None, None, None]:
        try:
            yield
        except Exception:
            role = self._context["role"]
            logger.exception("the after-call hook failed for role %r", role)
