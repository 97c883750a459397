"""Who is asked, in which order, and when to stop: the whole state machine of a call.

It makes no request, reads no clock and draws its own chance from a function: it is
told what happened and when, and answers what to do. Each call has one of its own;
calls share only the circuit breakers.

::

            begin            failed(fault)
              |      .------------------------------------------.
              v      v                                          |
            next live candidate --> Try --> Try the same again, after a wait
              | nobody lives:                while its retries last, its class is in
              | one that rests, once         retry_on, it failed soon enough, and
              |                              its breaker is closed
              | nobody left, no time,
              | class not in fallback_on
              v
            GiveUp
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Hashable, Sequence
from typing import Literal, TypeAlias

from attrs import frozen

from llmhub_runtime.resilience.backoff import backoff_seconds
from llmhub_runtime.resilience.breaker import Breaker
from llmhub_runtime.resilience.fault import Fault
from llmhub_runtime.resilience.policy import Policy

__all__ = ["Decision", "Failover", "GiveUp", "Reason", "Route", "Try"]

_EARLY = 0.9  # which part of its cooldown a silent one is spared when nobody lives

Reason: TypeAlias = Literal["refused", "exhausted", "deadline", "resting"]


@frozen
class Route:
    """One candidate, as far as failover is concerned.

    Attributes:
        policy: What holds for it.
        model: The breaker of its model at its provider.
        provider: The breaker of its provider.
        credential: Candidates with the same one share its death.
        context_tokens: How long a context its model takes; None when unknown.
    """

    policy: Policy
    model: Breaker
    provider: Breaker
    credential: Hashable
    context_tokens: int | None = None


@frozen
class Try:
    """Ask this candidate next.

    Attributes:
        candidate: Its place among the routes.
        wait_seconds: How long to wait before.
        limit_seconds: How long it may take.
        retry: Which retry it is; 0 for the first attempt on this candidate.
    """

    candidate: int
    wait_seconds: float
    limit_seconds: float
    retry: int


@frozen
class GiveUp:
    """Stop here.

    Attributes:
        reason: ``refused``: asking anybody else would not help, or is not wished.
            ``exhausted``: everybody was asked. ``deadline``: the time is over.
            ``resting``: who is left failed lately and is left alone.
        rest_seconds: After which time one of those who rest may be asked again.
    """

    reason: Reason
    rest_seconds: float | None = None


Decision: TypeAlias = Try | GiveUp


class Failover:
    """The course of one call.

    Args:
        routes: The candidates, best first; at least one. The first one's policy has
            the call's own numbers: deadline, ``fallback_on``, ``max_fallbacks``.
        now: The time at which the call began, in seconds of any steady clock.
        streams: Whether an attempt lasts until the first token only.
        chance: Draws a number from 0 to 1 for the jitter.

    Attributes:
        deadline: When the time is over.
        opened: The breakers that the last failure opened.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        now: float,
        *,
        streams: bool = False,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._call = routes[0].policy
        self._routes = routes[: 1 + self._call.max_fallbacks]
        self._order = list(range(len(self._routes)))
        self.deadline = now + self._call.deadline_seconds
        self.opened: tuple[Breaker, ...] = ()
        self._streams = streams
        self._chance = chance
        self._at = 0
        self._retries = 0
        self._asked = now
        self._probe = False
        self._tried: set[int] = set()
        self._dead: set[Hashable] = set()

    def begin(self, now: float) -> Decision:
        """Return whom to ask first."""
        return self._ask_next(now)

    def extend(self, seconds: float) -> None:
        """Grant the time that went by before the candidate could be asked at all."""
        self.deadline += seconds
        self._asked += seconds

    def succeeded(self, now: float) -> bool:
        """Take note that the candidate answered; return whether that ends an outage."""
        route = self._routes[self._at]
        closed = route.model.succeeded(now)
        return route.provider.succeeded(now) or closed

    def failed(self, fault: Fault, now: float) -> Decision:
        """Take note that the attempt failed and return what to do."""
        route = self._routes[self._at]
        self._tell_breakers(route, fault, now)
        # What the role's own model can't be asked is a mistake; what a fallback can't
        # be asked was not written for it.
        of_fallback = fault.unsent and self._at > 0
        elsewhere = of_fallback or fault.error_class in self._call.fallback_on
        again = self._again(route, fault, now, elsewhere=elsewhere)
        if again is not None:
            return again
        if fault.error_class == "auth":
            self._dead.add(route.credential)
        if fault.error_class == "context_window":
            self._put_small_last(route.context_tokens)
        return self._ask_next(now) if elsewhere else GiveUp("refused")

    def interrupted(self, fault: Fault, now: float) -> None:
        """Take note that an answer broke off when it was too late to ask others."""
        self._tell_breakers(self._routes[self._at], fault, now)

    def abandoned(self) -> None:
        """Take note that the attempt was broken off without a result."""
        if self._probe:
            self._routes[self._at].model.release()
            self._routes[self._at].provider.release()

    def _tell_breakers(self, route: Route, fault: Fault, now: float) -> None:
        self.opened = ()
        if fault.unsent:
            self.abandoned()
            return
        if not fault.tells_of_outage:
            # An answer all the same: whoever refuses is there.
            route.model.succeeded(now)
            route.provider.succeeded(now)
            return
        if not fault.unreachable:
            route.provider.succeeded(now)
        guards = (route.model, route.provider) if fault.unreachable else (route.model,)
        self.opened = tuple(
            breaker
            for breaker in guards
            if breaker.failed(
                now,
                allowed_fails=route.policy.allowed_fails,
                cooldown_seconds=route.policy.cooldown_seconds,
                probe=self._probe,
                silent=fault.silent,
            )
        )

    def _again(
        self, route: Route, fault: Fault, now: float, *, elsewhere: bool
    ) -> Try | None:
        policy = route.policy
        if (
            fault.silent
            or fault.unsent
            # A failure that is so long in coming is no better than silence.
            or now - self._asked >= policy.stream_idle_timeout_seconds
            or fault.error_class not in policy.retry_on
            or self._retries >= policy.num_retries
        ):
            return None
        resting = not (route.model.is_closed and route.provider.is_closed)
        # Nobody else can serve: a call that is at it already may go on, new ones can't.
        if resting and (self._probe or (elsewhere and self._somebody_else(now))):
            return None
        wait = self._wait(policy, fault)
        left = self.deadline - now - wait if wait is not None else 0.0
        if wait is None or left <= 0:
            return None
        self._retries += 1
        self._asked = now + wait
        return Try(self._at, wait, min(left, self._limit(self._at, now)), self._retries)

    def _wait(self, policy: Policy, fault: Fault) -> float | None:
        wait = backoff_seconds(policy, self._retries + 1, self._chance)
        asked = fault.retry_after_seconds
        if asked is None or not policy.respect_retry_after:
            return wait
        return asked if asked <= policy.max_retry_after_seconds else None

    def _put_small_last(self, too_small: int | None) -> None:
        """Let those with a larger context go first, and those that may have one.

        The others are asked all the same if nobody else is left: a server may be set
        to less than its model could take.
        """
        if too_small is not None:
            sizes = [route.context_tokens for route in self._routes]
            self._order.sort(key=lambda at: (sizes[at] or math.inf) <= too_small)

    def _somebody_else(self, now: float) -> bool:
        return any(
            at not in self._tried
            and route.credential not in self._dead
            and route.model.rest_seconds(now) <= 0
            and route.provider.rest_seconds(now) <= 0
            for at, route in enumerate(self._routes)
        )

    def _ask_next(self, now: float) -> Decision:
        if now >= self.deadline:
            return GiveUp("deadline")
        rests: dict[int, float] = {}
        for at in self._order:
            route = self._routes[at]
            if at in self._tried or route.credential in self._dead:
                continue
            rest = self._admitted(route, now)
            if rest <= 0:
                return self._try(at, now)
            rests[at] = rest
        if not rests:
            return GiveUp("exhausted")
        if len(self._routes) > 1:
            for at in sorted(rests, key=rests.__getitem__):
                rests[at] = self._admitted(self._routes[at], now, anyway=True)
                if rests[at] <= 0:
                    return self._try(at, now)
        return GiveUp("resting", min(rests.values()))

    def _try(self, at: int, now: float) -> Try:
        self._tried.add(at)
        self._at, self._retries, self._asked = at, 0, now
        limit = min(self.deadline - now, self._limit(at, now))
        return Try(at, 0.0, limit, 0)

    def _admitted(self, route: Route, now: float, *, anyway: bool = False) -> float:
        """Return zero when the route may be asked, else how long it rests.

        Args:
            route: Whom to ask.
            now: The time.
            anyway: Nobody else is left. Who refused or broke off is asked then, since
                trying costs little; who went silent has to have rested for a while.
        """
        self._probe = not (route.model.is_closed and route.provider.is_closed)
        if not self._probe:
            return 0.0
        policy = route.policy
        if anyway and not (route.model.fell_silent or route.provider.fell_silent):
            return 0.0
        cut = _EARLY * policy.cooldown_seconds if anyway else 0.0
        patience = policy.limit_seconds(streams=self._streams, last=True)
        if not route.provider.admit(now, patience, cut):
            return max(route.provider.rest_seconds(now, cut), 1e-9)
        if not route.model.admit(now, patience, cut):
            route.provider.release()
            return max(route.model.rest_seconds(now, cut), 1e-9)
        return 0.0

    def _limit(self, at: int, now: float) -> float:
        last = self._streams and not self._somebody_else(now)
        return self._routes[at].policy.limit_seconds(streams=self._streams, last=last)
