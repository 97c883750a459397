"""From what an application asks for to a call that is ready to go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, Generic, TypeVar, cast

from attrs import evolve, field, frozen

from llmhub_runtime.backend import Backend
from llmhub_runtime.config import (
    FallbackConfig,
    RuntimeConfig,
    parse_fallback,
    parse_settings,
)
from llmhub_runtime.errors import ConfigError
from llmhub_runtime.hooks import Hooks, Witness
from llmhub_runtime.journal import Journal
from llmhub_runtime.metadata import attach
from llmhub_runtime.request import Call, Request
from llmhub_runtime.resilience.answer import check_answer
from llmhub_runtime.resilience.attempts import Course, answer
from llmhub_runtime.resilience.breaker import Breakers
from llmhub_runtime.resilience.progress import ChatProgress, ResponsesProgress
from llmhub_runtime.resilience.stream import open_stream
from llmhub_runtime.resolve import Candidate, ResolvedCall, resolve_role
from llmhub_runtime.settings import SETTINGS
from llmhub_runtime.shadow import Shadows
from llmhub_runtime.traffic import find_route
from llmhub_runtime.values import kind

__all__ = ["Planned", "Planner"]

T = TypeVar("T")

logger = logging.getLogger("llmhub_runtime")


@frozen
class Planned(Generic[T]):
    """A call that is ready to go.

    Attributes:
        resolved: Who may answer.
        witness: What its hooks are told.
        request: What is asked; it also collects the notes and the usage.
        attempt: Makes one attempt, on the candidate that it is given.
        backend: Makes the attempts.
        breakers: Who is left alone at present.
        journal: What happens in the call.
    """

    resolved: ResolvedCall
    witness: Witness
    request: Request
    attempt: Callable[[Candidate], Coroutine[Any, Any, Any]]
    backend: Backend
    breakers: Breakers
    journal: Journal

    @property
    def streams(self) -> bool:
        """Whether the answer is an async generator of its parts."""
        return self.request.streams

    async def answer(self) -> T:
        """Get the answer from the first candidate that has one.

        Returns:
            A whole answer; or a stream, of which the first token has arrived.

        Raises:
            CallFailedError: Nobody answered.
            Exception: What was raised that is no failure of a provider.
        """
        request = self.request
        candidates = self.resolved.candidates
        prepare = self.backend.prepare
        if not request.streams:
            course = Course(candidates, self.breakers, self.journal, prepare=prepare)
            check = partial(check_answer, request)
            response: T = await answer(course, self.attempt, check)
            self.journal.end()
            attach(response, self.journal.record())
            return response
        course = Course(
            candidates, self.breakers, self.journal, prepare=prepare, streams=True
        )
        progress = ResponsesProgress if request.call == "responses" else ChatProgress
        stream: Any = await open_stream(course, self.attempt, progress)
        return cast("T", stream)


@frozen
class _Asked:
    """What an application asks for, whoever is going to answer."""

    call: Call
    role: str
    arguments: Mapping[str, Any]
    override: Mapping[str, Any]
    stream: bool | None


@frozen(kw_only=True)
class Planner:
    """Plans the calls of one config.

    Attributes:
        config: Where the roles are.
        hooks: Who watches the calls.
        backend: Who makes the attempts.
        strict_roles: Whether ``defaults`` may not serve a role that is not there.
        breakers: Who is left alone at present; they outlive a config.
        shadows: Who sends the copies of calls; they outlive a config, too.
    """

    config: RuntimeConfig
    hooks: Hooks
    backend: Backend
    strict_roles: bool
    breakers: Breakers
    shadows: Shadows
    _warned: set[str] = field(factory=set, init=False)
    _kept: dict[tuple[Call, str], ResolvedCall] = field(factory=dict, init=False)

    def plan(
        self,
        call: Call,
        role: str,
        arguments: Mapping[str, Any],
        override: Mapping[str, Any],
        *,
        stream: bool | None = False,
        sticky: str | None = None,
    ) -> Planned[Any]:
        """Plan a call.

        Args:
            call: Which call it is.
            role: The role's name.
            arguments: What is asked, by the names that hooks see.
            override: Parameters for this call, over the role's.
            stream: Whether the answer is wanted in parts; None does as the parameter
                of that name says.
            sticky: Whoever the call is for: who is the same gets the same candidate.

        Raises:
            LLMHubRuntimeError: See ``resolve_role``.
        """
        asked = _Asked(call, role, arguments, override, stream)
        route = find_route(self.config, role, override, sticky)
        planned = self._planned(asked, route.role, self.hooks)
        if route.role != role:
            planned.request.note(f"candidate: {route.role}")
        if not route.copies:
            return planned
        asked = evolve(asked, stream=planned.streams)
        copies = [partial(self._copy, asked, name) for name in route.copies]
        attempt = self.shadows.beside(planned.attempt, copies, arguments)
        return evolve(planned, attempt=attempt)

    def _copy(
        self, asked: _Asked, role: str, arguments: Mapping[str, Any]
    ) -> Planned[Any]:
        """Plan what a shadow is asked: the before-hook may veto it, too."""
        hooks = Hooks(self.hooks.before, self.shadows.hook)
        copied = evolve(asked, role=role, arguments=arguments)
        return self._planned(copied, role, hooks, shadow_of=asked.role)

    def _planned(
        self, asked: _Asked, role: str, hooks: Hooks, **told: object
    ) -> Planned[Any]:
        resolved = self._resolved(asked, role, alone=not (asked.override or hooks))
        if role != asked.role:
            resolved = evolve(resolved, role=asked.role)
        wished = [one.params.pop("stream", None) for one in resolved.candidates]
        streams = bool(wished[0] if asked.stream is None else asked.stream)
        request = Request(call=asked.call, arguments=asked.arguments, streams=streams)
        ask = self.backend.stream if streams else self.backend.ask
        journal = Journal(resolved, request)
        return Planned(
            resolved,
            hooks.witness(resolved, journal, {**asked.arguments, **told}),
            request,
            lambda one: ask(one, request),
            self.backend,
            self.breakers,
            journal,
        )

    def _resolved(self, asked: _Asked, role: str, *, alone: bool) -> ResolvedCall:
        """Find out what a role means to a call.

        Args:
            asked: The call.
            role: Who is to answer it.
            alone: Nobody else changes the role's parameters, so that the next call may
                find them as this one leaves them.
        """
        if alone:
            kept = self._kept.get((asked.call, role))
            if kept is not None:
                return kept
        config, override = self.config, asked.override
        if "fallbacks" in override:
            override = dict(override)
            given = override.pop("fallbacks")
            if given is not None:
                config = _with_fallbacks(config, role, given)
        resolved = resolve_role(
            config, role, override, call=asked.call, strict=self.strict_roles
        )
        if resolved.from_defaults and role not in self._warned:
            self._warned.add(role)
            logger.warning(
                "no role %r in the config of %r: its defaults serve it, %s of %s",
                role,
                config.project,
                resolved.model,
                resolved.provider,
            )
        if not all(_NOT_SENT.isdisjoint(one.params) for one in resolved.candidates):
            settled = tuple(map(_settled, resolved.candidates))
            resolved = evolve(resolved, candidates=settled)
        if alone and not resolved.from_defaults and _is_plain(resolved):
            self._kept[asked.call, role] = resolved
        return resolved


def _is_plain(resolved: ResolvedCall) -> bool:
    """Whether an SDK can't change the parameters, of which it gets a copy."""
    return not any(
        name == "stream" or isinstance(value, (dict, list))
        for one in resolved.candidates
        for name, value in one.params.items()
    )


_SETTINGS = frozenset(SETTINGS.keys)
_OF_THE_CONFIG = {
    "api_base": "the provider's api_base in the config says where it is",
    "api_key": "a key stays in the variable that the provider's env_key names",
    "model": "the role says which model is asked: give fallbacks, or another role",
    "provider": "the role says who is asked: give fallbacks, or another role",
}
_NOT_SENT = _SETTINGS | _OF_THE_CONFIG.keys()


def _settled(candidate: Candidate) -> Candidate:
    """Move what is a setting out of the parameters: it is not for the provider."""
    params = candidate.params
    for name, why in _OF_THE_CONFIG.items():
        if name in params:
            raise ConfigError(f"{name}: is no parameter of a call: {why}")
    given = {name: params.pop(name) for name in _SETTINGS.intersection(params)}
    return evolve(candidate, settings=parse_settings(given).over(candidate.settings))


def _with_fallbacks(
    config: RuntimeConfig, role: str, fallbacks: Sequence[Any]
) -> RuntimeConfig:
    """Give a role the fallbacks of one call, instead of its own."""
    if isinstance(fallbacks, (str, Mapping)) or not isinstance(fallbacks, Sequence):
        raise ConfigError(f"fallbacks: must be a list, not {kind(fallbacks)}")
    chosen = tuple(
        one
        if isinstance(one, FallbackConfig)
        else parse_fallback(one, ("fallbacks", number))
        for number, one in enumerate(fallbacks)
    )
    if role in config.roles:
        spec = evolve(config.roles[role], fallbacks=chosen)
        return evolve(config, roles={**config.roles, role: spec})
    spec_of_all = config.defaults and evolve(config.defaults, fallbacks=chosen)
    return evolve(config, defaults=spec_of_all)
