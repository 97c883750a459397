"""From what an application asks for to a call that is ready to go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import field, frozen

from llmhub_runtime.backend import Backend
from llmhub_runtime.config import RuntimeConfig
from llmhub_runtime.hooks import Hooks, Witness
from llmhub_runtime.resolve import Call, Candidate, ResolvedCall, resolve_role

if TYPE_CHECKING:
    from llmhub_runtime.backend import CreateEmbeddingResponse

__all__ = ["Planned", "Planner"]

T = TypeVar("T")

logger = logging.getLogger("llmhub_runtime")


@frozen
class Planned(Generic[T]):
    """A call that is ready to go.

    Attributes:
        resolved: Who may answer.
        witness: What its hooks are told.
        attempt: Makes one attempt, on the candidate that it is given.
        streams: The answer is an async generator of its parts.
    """

    resolved: ResolvedCall
    witness: Witness
    attempt: Callable[[Candidate], Coroutine[Any, Any, T]]
    streams: bool = False

    async def answer(self) -> T:
        """Ask the first candidate. The others are there for failover to ask."""
        return await self.attempt(self.resolved.candidates[0])


@frozen(kw_only=True)
class Planner:
    """Plans the calls of one config.

    Attributes:
        config: Where the roles are.
        hooks: Who watches the calls.
        backend: Who makes the attempts.
        strict_roles: Whether ``defaults`` may not serve a role that is not there.
    """

    config: RuntimeConfig
    hooks: Hooks
    backend: Backend
    strict_roles: bool
    _warned: set[str] = field(factory=set, init=False)

    def completion(
        self,
        role: str,
        messages: Sequence[Any],
        override: Mapping[str, Any],
        *,
        stream: bool | None,
    ) -> Planned[Any]:
        """Plan a chat completion; the argument ``stream`` wins over the parameter."""
        resolved = self._resolved("completion", role, override)
        wished = [one.params.pop("stream", None) for one in resolved.candidates]
        streams = bool(wished[0] if stream is None else stream)
        ask = self.backend.stream if streams else self.backend.complete
        witness = self.hooks.witness(resolved, messages=messages)
        return Planned(resolved, witness, lambda one: ask(one, messages), streams)

    def embedding(
        self, role: str, texts: str | Sequence[str], override: Mapping[str, Any]
    ) -> Planned[CreateEmbeddingResponse]:
        """Plan embeddings."""
        resolved = self._resolved("embedding", role, override)
        witness = self.hooks.witness(resolved, input=texts)
        return Planned(resolved, witness, lambda one: self.backend.embed(one, texts))

    def _resolved(
        self, call: Call, role: str, override: Mapping[str, Any]
    ) -> ResolvedCall:
        resolved = resolve_role(
            self.config, role, override, call=call, strict=self.strict_roles
        )
        if resolved.from_defaults and role not in self._warned:
            self._warned.add(role)
            logger.warning(
                "no role %r in the config of %r: its defaults serve it, %s of %s",
                role,
                self.config.project,
                resolved.model,
                resolved.provider,
            )
        return resolved
