"""A hub for tests of an application: scripted answers, no provider, no network."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from llmhub_runtime.config import (
    ProviderConfig,
    RoleConfig,
    RuntimeConfig,
    load_config,
)
from llmhub_runtime.errors import LLMHubRuntimeError
from llmhub_runtime.hooks import Hook
from llmhub_runtime.request import Call, Request
from llmhub_runtime.resilience.incoming import Incoming
from llmhub_runtime.resolve import Candidate
from llmhub_runtime.settings import CallSettings
from llmhub_runtime.testing.double import DoubleHub
from llmhub_runtime.testing.scripted import Item, answer_of, parts_of_answer

__all__ = ["FakeCall", "FakeHub", "NoAnswerLeftError"]


@frozen(kw_only=True)
class FakeCall:
    """A call that reached a fake hub.

    Attributes:
        role: The role that was called.
        call: Which call it was: ``completion``, ``embedding``, ...
        provider: Whom the config would have asked.
        model: For which model.
        arguments: ``messages``, ``input`` or what the call has.
        params: The parameters that would have been sent.
        streams: Whether the answer was wanted in parts.
    """

    role: str
    call: Call
    provider: str
    model: str
    arguments: Mapping[str, Any] = field(hash=False)
    params: Mapping[str, Any] = field(hash=False)
    streams: bool


Script: TypeAlias = "Item | Sequence[Item] | Callable[[FakeCall], Item]"


class NoAnswerLeftError(LLMHubRuntimeError):
    """A role was called more often than it has answers, or has none at all.

    Args:
        role: The role's name.
        calls: How often it was called before.
    """

    def __init__(self, role: str, calls: int) -> None:
        super().__init__(role, calls)
        self.role = role
        self.calls = calls

    def __str__(self) -> str:
        if not self.calls:
            return f"the fake hub has no answer for role {self.role!r}: script one"
        return (
            f"the fake hub's script for role {self.role!r} ended after "
            f"{self.calls} calls: script more answers, or one that is not in a list"
        )


class FakeHub(DoubleHub):
    """An ``LLMHub`` whose models say what they are told to.

    Every call of the hub works, sync and async, whole and streamed, with its hooks
    and its metadata. A call meets one item of its role's script; there are no retries
    and no fallbacks, so that an error in the script is an error of the call.

    Args:
        answers: By role: a list with one item per call, one item for all of them, or
            a function that makes an item of a ``FakeCall``. An item is a text, ``Say``,
            ``Embed``, ``Fail``, ``Break``, an exception, or an object of any-llm; for a
            stream also a tuple of its parts.
        config_path: A config whose roles the calls are checked against.
        config_obj: The config itself. Without both, the roles of ``answers`` exist,
            and serve any call.
        on_before_call: As for ``LLMHub``.
        on_after_call: As for ``LLMHub``.
        strict_roles: As for ``LLMHub``.

    Attributes:
        config: The config, without fallbacks.
    """

    def __init__(
        self,
        answers: Mapping[str, Script],
        config_path: str | os.PathLike[str] | None = None,
        config_obj: RuntimeConfig | None = None,
        *,
        on_before_call: Hook | None = None,
        on_after_call: Hook | None = None,
        strict_roles: bool = False,
    ) -> None:
        if config_path is not None:
            config_obj = load_config(config_path)
        config = config_obj or _config_for(answers)
        super().__init__(
            config_obj=_plain(config),
            on_before_call=on_before_call,
            on_after_call=on_after_call,
            strict_roles=strict_roles,
        )
        self._answers = dict(answers)
        self._calls: list[FakeCall] = []
        self._counts: dict[str, int] = {}
        self._guard = threading.Lock()

    @property
    def calls(self) -> tuple[FakeCall, ...]:
        """Every call that was made, in order."""
        with self._guard:
            return tuple(self._calls)

    def calls_to(self, role: str) -> tuple[FakeCall, ...]:
        """Return the calls to one role, in order."""
        return tuple(one for one in self.calls if one.role == role)

    def script(self, role: str, answers: Script) -> None:
        """Give a role a new script, from its first item on."""
        with self._guard:
            self._answers[role] = answers
            self._counts[role] = 0

    async def _answer(self, role: str, candidate: Candidate, request: Request) -> Any:
        return answer_of(self._next(role, candidate, request), candidate, request)

    async def _stream(
        self, role: str, candidate: Candidate, request: Request
    ) -> Incoming[Any]:
        item = self._next(role, candidate, request)

        async def parts() -> AsyncGenerator[Any, None]:
            for part in parts_of_answer(item, candidate, request):
                yield part

        return Incoming.of(parts())

    def _next(self, role: str, candidate: Candidate, request: Request) -> Item:
        call = FakeCall(
            role=role,
            call=request.call,
            provider=candidate.provider,
            model=candidate.model,
            arguments=dict(request.arguments),
            params=dict(candidate.params),
            streams=request.streams,
        )
        with self._guard:
            number = self._counts.get(role, 0)
            self._counts[role] = number + 1
            self._calls.append(call)
            if role not in self._answers:
                raise NoAnswerLeftError(role, 0)
            script = self._answers[role]
        if isinstance(script, list):
            if number >= len(script):
                raise NoAnswerLeftError(role, number)
            item = script[number]
        else:
            item = script
        return item(call) if callable(item) and not isinstance(item, type) else item


_ONE_ATTEMPT = CallSettings(num_retries=0)


def _config_for(answers: Mapping[str, Script]) -> RuntimeConfig:
    """Make a config in which the scripted roles serve every call."""
    return RuntimeConfig(
        project="fake",
        env="test",
        providers={"fake": ProviderConfig()},
        roles={
            name: RoleConfig(provider="fake", model="fake", mode="other")
            for name in answers
        },
    )


def _plain(config: RuntimeConfig) -> RuntimeConfig:
    """Take out what would make several attempts of one call."""
    return evolve(
        config,
        roles={name: _alone(role) for name, role in config.roles.items()},
        defaults=None if config.defaults is None else _alone(config.defaults),
    )


def _alone(role: RoleConfig) -> RoleConfig:
    return evolve(role, fallbacks=(), settings=_ONE_ATTEMPT.over(role.settings))
