"""The drill: sixteen faults against a role as the user has it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen

from llmhub_runtime.config import FallbackConfig, RoleConfig, RuntimeConfig
from llmhub_runtime.errors import LLMHubRuntimeError, UnknownRoleError
from llmhub_runtime.hub import LLMHub
from llmhub_runtime.metering.cost import cost_usd
from llmhub_runtime.metering.usage import Usage
from llmhub_runtime.resilience.policy import policy_of
from llmhub_runtime.resolve import resolve_role
from llmhub_runtime.settings import UNSET, CallSettings
from llmhub_runtime.testing.acts import HEALTHY, Refusal, Script
from llmhub_runtime.testing.caller import Caller
from llmhub_runtime.testing.faults import FAULTS, Fault
from llmhub_runtime.testing.rehearsal import (
    Part,
    on_loopback,
    parts_of,
    safe_environment,
)
from llmhub_runtime.testing.scorecard import Form, Row, Scorecard, Style
from llmhub_runtime.testing.scoring import Outcome, Trial, judge
from llmhub_runtime.testing.server import FaultServer, Lane, Received

__all__ = ["DrillError", "adrill", "can_drill", "drill"]

_WORD_SECONDS = 0.015
# What the machine may take on top of a deadline before it counts as a hang.
_GRACE_SECONDS = 2.0
_AT_ONCE = 16
# Sends a call on, and is no sign of an outage.
_NOT_HERE = Script(acts=(Refusal(status=404, code="model_not_found"),))
_STREAMS_ONLY = "only a stream can have it"


class DrillError(LLMHubRuntimeError):
    """The role does not even answer when nothing is wrong.

    Args:
        role: The role's name.
        problem: What came instead of an answer.
    """

    def __init__(self, role: str, problem: str) -> None:
        super().__init__(role, problem)
        self.role = role
        self.problem = problem

    def __str__(self) -> str:
        return (
            f"role {self.role!r} can't be drilled: a healthy provider was not "
            f"understood: {self.problem}"
        )


def can_drill(role: RoleConfig) -> bool:
    """Say whether there are faults for a role: those of chat and embedding roles."""
    return role.mode in ("chat", "tool", "other", "embedding")


def drill(
    config: RuntimeConfig,
    role: str,
    *,
    form: Form = "whole",
    style: Style = "async",
    scale: float = 1.0,
    faults: Iterable[Fault] = FAULTS,
    settings: CallSettings = UNSET,
) -> Scorecard:
    """Put a role through the faults, on loopback; see ``adrill``."""
    card = adrill(
        config,
        role,
        form=form,
        style=style,
        scale=scale,
        faults=faults,
        settings=settings,
    )
    return asyncio.run(card)


async def adrill(
    config: RuntimeConfig,
    role: str,
    *,
    form: Form = "whole",
    style: Style = "async",
    scale: float = 1.0,
    faults: Iterable[Fault] = FAULTS,
    settings: CallSettings = UNSET,
) -> Scorecard:
    """Put a role through the faults, on loopback.

    The role keeps its models, parameters and settings. Its providers are played by a
    server on 127.0.0.1; no key is read and nothing leaves the machine. The faults run
    side by side, each with a hub of its own.

    Args:
        config: The user's config.
        role: The role's name.
        form: Whole answers or streams.
        style: The hub's async or its sync interface.
        scale: How fast time goes: 0.1 makes six seconds of a minute, for the faults
            and the settings alike.
        faults: Which ones.
        settings: Settings over the role's own, such as ``commit``.

    Returns:
        One row per fault.

    Raises:
        UnknownRoleError: The config has no such role.
        DrillError: The role does not answer when nothing is wrong.
        ValueError: There are no faults for calls of the role's mode, or no streams.
    """
    if role not in config.roles:
        raise UnknownRoleError(role, config.roles)
    spec = config.roles[role]
    if not can_drill(spec):
        raise ValueError(f"role {role!r}: there are no faults for {spec.mode} calls")
    if form == "stream" and spec.mode == "embedding":
        raise ValueError(f"role {role!r}: embeddings are not streamed")
    parts = await asyncio.to_thread(parts_of, config, spec)
    gate = asyncio.Semaphore(_AT_ONCE)
    with (
        safe_environment(),
        FaultServer(word_seconds=_WORD_SECONDS * scale) as server,
    ):
        stage = _Stage(
            config=config,
            role=role,
            parts=parts,
            form=form,
            style=style,
            scale=scale,
            settings=settings,
            server=server,
        )

        async def row(fault: Fault) -> Row:
            async with gate:
                return await stage.play(fault)

        try:
            async with asyncio.TaskGroup() as group:
                # The one that takes longest begins first.
                queue = sorted(faults, key=lambda one: -one.calls)
                rows = [group.create_task(row(fault)) for fault in queue]
        except* LLMHubRuntimeError as errors:
            raise errors.exceptions[0] from None
    return Scorecard(
        role=role,
        form=form,
        style=style,
        scale=scale,
        candidates=tuple("/".join(one) for one in _models(spec)),
        notes=tuple(_notes(spec, parts, scale)),
        rows=tuple(sorted((one.result() for one in rows), key=lambda row: row.id)),
    )


def _notes(role: RoleConfig, parts: Mapping[str, Part], scale: float) -> Iterator[str]:
    """Say what is not as it is in production."""
    if scale != 1:
        yield (
            f"time runs {1 / scale:g} times as fast, for faults and settings alike; "
            "seconds are those of real time"
        )
    yield from (part.note for part in parts.values() if part.note)
    if role.candidates or role.shadow:
        others = ", ".join({**role.candidates, **role.shadow})
        yield f"no call goes to {others}: drill them under their own names"


@frozen(kw_only=True)
class _Stage:
    """Where the faults of one card are played; see ``adrill``."""

    config: RuntimeConfig
    role: str
    parts: Mapping[str, Part]
    form: Form
    style: Style
    scale: float
    settings: CallSettings
    server: FaultServer
    warm: asyncio.Lock = field(factory=asyncio.Lock)

    @property
    def spec(self) -> RoleConfig:
        return self.config.roles[self.role]

    async def play(self, fault: Fault) -> Row:
        """Play one fault and judge what came of it."""
        if fault.streams_only and self.form != "stream":
            return Row(
                id=fault.id, name=fault.name, verdict="n/a", reason=_STREAMS_ONLY
            )
        lane = self.server.lane()
        config = on_loopback(
            self.config,
            self.role,
            self.parts,
            lane,
            scale=self.scale,
            settings=self.settings,
        )
        async with LLMHub(config_obj=config) as hub:
            caller = Caller(
                hub=hub,
                role=self.role,
                form=self.form,
                style=self.style,
                embeds=self.spec.mode == "embedding",
                limit_seconds=self._deadline(config) + _GRACE_SECONDS,
            )
            async with self.warm:
                await self._warm_up(caller, lane)
            trial = await self._try(fault, caller, lane)
        judgement = judge(trial, fault.checks, fault.ideal)
        return Row(
            id=fault.id,
            name=fault.name,
            verdict=judgement.verdict,
            reason=judgement.reason,
            seconds=trial.seconds,
            primary_requests=len(trial.primary),
            other_requests=len(trial.others),
            findings=judgement.findings,
        )

    async def _warm_up(self, caller: Caller, lane: Lane) -> None:
        """Connect to each candidate, and see that the role is called as it wants to be.

        To build a client takes a machine so long that quick motion would show it.
        """
        first = await caller.call()
        if not first.whole:
            first = await caller.call()
        if not first.whole:
            raise DrillError(self.role, first.error or "no whole answer in time")
        models = _models(self.spec)
        for place in range(1, len(models)):
            lane.arm(dict.fromkeys(models[:place], _NOT_HERE))
            await caller.call()

    async def _try(self, fault: Fault, caller: Caller, lane: Lane) -> Trial:
        primary, *others = _models(self.spec)
        scripts = dict.fromkeys(others, fault.fallback.scaled(self.scale))
        scripts[primary] = fault.primary.scaled(self.scale)
        lane.arm(scripts)
        outcomes = await self._calls(fault, caller)
        received = lane.received
        asked = tuple(one for one in received if _who(one) == primary)
        elsewhere = tuple(one for one in received if _who(one) != primary)
        return Trial(
            outcomes=outcomes,
            primary=asked,
            others=elsewhere,
            has_fallback=any(one != primary for one in others),
            streamed=self.form == "stream",
            scale=self.scale,
            outage_seconds=scripts[primary].outage_seconds,
            alive=await self._alive(caller, lane) if fault.alive_after else None,
            priced_usd=self._price(elsewhere),
        )

    async def _alive(self, caller: Caller, lane: Lane) -> bool:
        """See whether the role is served when all is well, after a cooldown at last."""
        lane.arm(HEALTHY)
        if (await caller.call()).whole:
            return True
        settings = resolve_role(caller.hub.config, self.role).candidates[0].settings
        await asyncio.sleep(policy_of(settings).cooldown_seconds * 1.1)
        return (await caller.call()).whole

    async def _calls(self, fault: Fault, caller: Caller) -> tuple[Outcome, ...]:
        began = time.monotonic()
        outcomes = []
        for number in range(fault.calls):
            due = began + number * fault.interval_seconds * self.scale
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            outcomes.append(await caller.call(time.monotonic() - began))
        return tuple(outcomes)

    def _deadline(self, config: RuntimeConfig) -> float:
        """Return the whole call's deadline, in scaled time."""
        settings = resolve_role(config, self.role).candidates[0].settings
        given = settings.deadline_seconds
        return (
            policy_of(UNSET).deadline_seconds * self.scale if given is None else given
        )

    def _price(self, elsewhere: tuple[Received, ...]) -> float | None:
        """Price what the last candidate that was asked answered."""
        if not elsewhere:
            return None
        who = _who(elsewhere[-1])
        found: FallbackConfig | None = next(
            (one for one in self.spec.fallbacks if (one.provider, one.model) == who),
            None,
        )
        sent, made = elsewhere[-1].usage
        usage = Usage(input_tokens=sent, output_tokens=made)
        return cost_usd(found.pricing if found else None, usage)


def _models(spec: RoleConfig) -> list[tuple[str, str]]:
    """Return provider and model of a role's candidates, the first one first."""
    others = [(one.provider, one.model) for one in spec.fallbacks]
    return [(spec.provider, spec.model), *others]


def _who(received: Received) -> tuple[str, str]:
    return received.provider, received.model
