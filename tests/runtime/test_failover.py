"""The state machine of a call, told what happens by a clock of the test's own."""

from __future__ import annotations

from itertools import groupby
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub_runtime.resilience.breaker import Breaker
from llmhub_runtime.resilience.failover import Failover, GiveUp, Route, Try
from llmhub_runtime.resilience.fault import Fault
from llmhub_runtime.resilience.policy import Policy
from llmhub_runtime.values import ErrorClass

CLASSES: tuple[ErrorClass, ...] = get_args(ErrorClass)
TRANSIENT: tuple[ErrorClass, ...] = (
    "rate_limit",
    "timeout",
    "connection",
    "server_error",
)


def route(credential: str = "", size: int | None = None, **policy: Any) -> Route:
    """Return a candidate of its own provider."""
    return Route(Policy(**policy), Breaker(), Breaker(), credential or object(), size)


def calm(routes: list[Route], **named: Any) -> Failover:
    """Begin a call at time 0 whose waits are as long as they can be."""
    return Failover(routes, 0.0, chance=lambda: 0.0, **named)


def fault(error_class: ErrorClass, **named: Any) -> Fault:
    """Return a fault."""
    return Fault(error_class=error_class, **named)


def test_first_candidate_is_asked_first() -> None:
    """At once, for as long as its timeout allows."""
    decision = calm([route(timeout_seconds=7), route()]).begin(0.0)
    assert decision == Try(0, 0.0, 7.0, 0)


@pytest.mark.parametrize("error_class", TRANSIENT)
def test_transient_failure_is_tried_again_then_elsewhere(
    error_class: ErrorClass,
) -> None:
    """Twice more with growing waits, then the next candidate at once."""
    call = calm([route(allowed_fails=9), route()])
    call.begin(0.0)
    assert call.failed(fault(error_class), 1.0) == Try(0, 0.5, 60.0, 1)
    assert call.failed(fault(error_class), 2.0) == Try(0, 1.0, 60.0, 2)
    assert call.failed(fault(error_class), 3.0) == Try(1, 0.0, 60.0, 0)


@pytest.mark.parametrize("error_class", ["context_window", "auth", "not_found"])
def test_what_another_try_cannot_help_goes_elsewhere(error_class: ErrorClass) -> None:
    """Without a second request to the same candidate."""
    call = calm([route(), route()])
    call.begin(0.0)
    assert call.failed(fault(error_class), 1.0) == Try(1, 0.0, 60.0, 0)


def asked_after(error_class: ErrorClass, *sizes: int | None) -> list[int]:
    """Return who is asked in which order when everybody fails alike."""
    call = calm([route(size=size, num_retries=0) for size in sizes])
    decision = call.begin(0.0)
    order = []
    while isinstance(decision, Try):
        order.append(decision.candidate)
        decision = call.failed(fault(error_class), 1.0)
    return order


@pytest.mark.parametrize(
    ("sizes", "order"),
    [
        ((128, 128, 64, 1000), [0, 3, 1, 2]),
        ((128, 200, 128, 1000), [0, 1, 3, 2]),
        ((128, None, 64, 1000), [0, 1, 3, 2]),
        ((None, 64, 128), [0, 1, 2]),
        ((128, 64), [0, 1]),
    ],
)
def test_context_that_is_too_long_goes_to_larger_models_first(
    sizes: tuple[int | None, ...], order: list[int]
) -> None:
    """Unknown may be larger; the rest is not given up, as no server keeps to a book."""
    assert asked_after("context_window", *sizes) == order


def test_other_failures_do_not_look_at_contexts() -> None:
    """The order of the config holds."""
    assert asked_after("server_error", 128, 64, 1000) == [0, 1, 2]


@pytest.mark.parametrize("error_class", ["content_filter", "bad_request"])
def test_what_is_the_requests_own_fault_ends_the_call(error_class: ErrorClass) -> None:
    """No retry, and nobody else is asked to let it pass."""
    call = calm([route(), route()])
    call.begin(0.0)
    assert call.failed(fault(error_class), 1.0) == GiveUp("refused")


def test_routing_around_a_content_filter_can_be_asked_for() -> None:
    """``fallback_on`` decides."""
    call = calm([route(fallback_on=frozenset({"content_filter"})), route()])
    call.begin(0.0)
    assert call.failed(fault("content_filter"), 1.0) == Try(1, 0.0, 60.0, 0)


def test_silence_is_not_waited_for_twice() -> None:
    """The next candidate is asked; without one the call ends."""
    call = calm([route(), route()])
    call.begin(0.0)
    silence = fault("timeout", silent=True)
    assert call.failed(silence, 60.0) == Try(1, 0.0, 60.0, 0)
    assert call.failed(silence, 100.0) == GiveUp("exhausted")


def test_failure_that_takes_its_time_is_like_silence() -> None:
    """A candidate that breaks off after long is not waited for again."""
    call = calm([route(), route()])
    call.begin(0.0)
    assert call.failed(fault("connection"), 14.0) == Try(0, 0.5, 60.0, 1)
    assert call.failed(fault("connection"), 29.5) == Try(1, 0.0, 60.0, 0)


def test_retry_after_is_waited_for() -> None:
    """As long as the provider says, not as the backoff would have it."""
    call = calm([route(), route()])
    call.begin(0.0)
    limited = fault("rate_limit", retry_after_seconds=2.0)
    assert call.failed(limited, 1.0) == Try(0, 2.0, 60.0, 1)


@pytest.mark.parametrize(
    ("asked", "policy"),
    [(61.0, {}), (50.0, {"deadline_seconds": 40.0}), (3.0, {"num_retries": 0})],
)
def test_retry_after_that_is_too_long_goes_elsewhere(
    asked: float, policy: dict[str, Any]
) -> None:
    """Longer than the cap, than the deadline allows, or without a retry left."""
    call = calm([route(**policy), route()])
    call.begin(0.0)
    decision = call.failed(fault("rate_limit", retry_after_seconds=asked), 1.0)
    assert isinstance(decision, Try)
    assert decision.candidate == 1


def test_retry_after_may_be_ignored() -> None:
    """With ``respect_retry_after: false`` the backoff holds."""
    call = calm([route(respect_retry_after=False)])
    call.begin(0.0)
    limited = fault("rate_limit", retry_after_seconds=300.0)
    assert call.failed(limited, 1.0) == Try(0, 0.5, 60.0, 1)


def test_refused_key_is_not_sent_again() -> None:
    """Candidates with the same key are passed over in this call."""
    call = calm([route("k"), route("k"), route("other")])
    call.begin(0.0)
    assert call.failed(fault("auth"), 1.0) == Try(2, 0.0, 60.0, 0)


def test_attempts_end_at_the_deadline() -> None:
    """An attempt gets what is left, and none begins when nothing is."""
    call = calm([route(deadline_seconds=70.0), route(), route()])
    call.begin(0.0)
    silence = fault("timeout", silent=True)
    assert call.failed(silence, 60.0) == Try(1, 0.0, 10.0, 0)
    assert call.failed(silence, 70.0) == GiveUp("deadline")


def test_wait_that_reaches_the_deadline_is_not_begun() -> None:
    """The next candidate gets that time instead."""
    call = calm([route(deadline_seconds=10.0), route()])
    call.begin(0.0)
    assert call.failed(fault("server_error"), 9.6) == Try(1, 0.0, pytest.approx(0.4), 0)


def test_stream_waits_for_its_first_token_only() -> None:
    """Ten seconds while another candidate is left; what is set holds for all."""
    routes = [route(), route()]
    call = calm(routes, streams=True)
    assert call.begin(0.0) == Try(0, 0.0, 10.0, 0)
    assert call.failed(fault("not_found"), 1.0) == Try(1, 0.0, 60.0, 0)
    quick = calm([route(timeout_seconds=2.0), route()], streams=True)
    assert quick.begin(0.0) == Try(0, 0.0, 2.0, 0)
    strict = calm([route(ttft_timeout_seconds=3.0)], streams=True)
    assert strict.begin(0.0) == Try(0, 0.0, 3.0, 0)


def test_number_of_fallbacks_is_bounded() -> None:
    """``max_fallbacks`` of the role."""
    call = calm([route(max_fallbacks=1), route(), route()])
    call.begin(0.0)
    assert call.failed(fault("not_found"), 1.0) == Try(1, 0.0, 60.0, 0)
    assert call.failed(fault("not_found"), 1.0) == GiveUp("exhausted")


def test_failures_in_a_row_open_the_breaker_for_others() -> None:
    """The next call goes to the fallback at once, and back after the cooldown."""
    routes = [route(), route()]
    call = calm(routes)
    call.begin(0.0)
    for now in (1.0, 2.0, 3.0):
        decision = call.failed(fault("server_error"), now)
    assert decision == Try(1, 0.0, 60.0, 0)
    call.succeeded(3.1)
    assert calm(routes).begin(4.0) == Try(1, 0.0, 60.0, 0)
    probe, beside = calm(routes), calm(routes)
    assert probe.begin(23.0) == Try(0, 0.0, 60.0, 0)
    assert beside.begin(23.0) == Try(1, 0.0, 60.0, 0)
    assert probe.succeeded(23.1)
    assert calm(routes).begin(23.2) == Try(0, 0.0, 60.0, 0)


def test_failed_probe_goes_elsewhere_at_once() -> None:
    """One request per cooldown is what an outage costs."""
    routes = [route(allowed_fails=1), route()]
    call = calm(routes)
    call.begin(0.0)
    call.failed(fault("server_error"), 0.0)
    probe = calm(routes)
    assert probe.begin(20.0) == Try(0, 0.0, 60.0, 0)
    assert probe.failed(fault("server_error"), 20.1) == Try(1, 0.0, 60.0, 0)
    assert calm(routes).begin(40.0) == Try(1, 0.0, 60.0, 0)
    assert calm(routes).begin(40.2) == Try(0, 0.0, 60.0, 0)


def test_broken_off_probe_lets_another_one() -> None:
    """A cancelled call does not keep the breaker open."""
    routes = [route(allowed_fails=1)]
    call = calm(routes)
    call.begin(0.0)
    call.failed(fault("server_error"), 0.0)
    probe = calm(routes)
    probe.begin(20.0)
    assert calm(routes).begin(20.0) == GiveUp("resting", 60.0)
    probe.abandoned()
    assert calm(routes).begin(20.0) == Try(0, 0.0, 60.0, 0)


def test_one_candidate_has_a_breaker_too() -> None:
    """A call that is at it may go on, new ones are turned away."""
    routes = [route(allowed_fails=1)]
    call = calm(routes)
    call.begin(0.0)
    assert call.failed(fault("server_error"), 1.0) == Try(0, 0.5, 60.0, 1)
    assert calm(routes).begin(1.2) == GiveUp("resting", pytest.approx(19.8))
    assert call.succeeded(1.6)
    assert calm(routes).begin(1.7) == Try(0, 0.0, 60.0, 0)


def silence() -> Fault:
    """Return a fault that it took long to notice."""
    return fault("timeout", silent=True)


def test_cooldown_is_short_when_nobody_lives() -> None:
    """A fallback's silence during an outage costs two seconds, not twenty."""
    routes = [route(allowed_fails=1, num_retries=0) for _ in range(2)]
    call = calm(routes)
    call.begin(0.0)
    call.failed(silence(), 0.0)
    assert call.failed(silence(), 1.0) == GiveUp("exhausted")
    assert calm(routes).begin(1.5) == GiveUp("resting", pytest.approx(0.5))
    probe = calm(routes)
    assert probe.begin(2.0) == Try(0, 0.0, 60.0, 0)
    assert calm(routes).begin(2.5) == GiveUp("resting", pytest.approx(0.5))
    other = calm(routes)
    assert other.begin(3.0) == Try(1, 0.0, 60.0, 0)
    assert other.succeeded(3.1)
    assert calm(routes).begin(3.2) == Try(1, 0.0, 60.0, 0)
    assert probe.failed(silence(), 4.0) == Try(1, 0.0, 60.0, 0)


def test_those_who_rest_are_asked_when_nobody_lives() -> None:
    """Each once, who rests least first: trying costs little, giving up an answer."""
    routes = [route(allowed_fails=1), route(allowed_fails=1)]
    first = calm(routes)
    first.begin(0.0)
    first.failed(fault("server_error"), 5.0)
    first.failed(fault("server_error"), 6.0)
    routes[0].model.failed(
        9.0, allowed_fails=1, cooldown_seconds=20, probe=True, silent=False
    )
    calls = [calm(routes) for _ in range(3)]
    assert [call.begin(10.0) for call in calls] == [Try(1, 0.0, 60.0, 0)] * 3
    assert calls[0].failed(fault("server_error"), 11.0) == Try(0, 0.0, 60.0, 0)
    assert calls[0].failed(fault("server_error"), 12.0) == GiveUp("exhausted")
    assert calls[1].succeeded(13.0)
    assert calm(routes).begin(13.0) == Try(1, 0.0, 60.0, 0)


def test_who_was_passed_over_is_asked_in_the_end() -> None:
    """One that rests is nobody's first choice, and better than no answer."""
    routes = [route(allowed_fails=1), route(num_retries=0)]
    opened = calm(routes)
    opened.begin(0.0)
    opened.failed(fault("server_error"), 0.0)
    call = calm(routes)
    assert call.begin(1.0) == Try(1, 0.0, 60.0, 0)
    assert call.failed(fault("server_error"), 2.0) == Try(0, 0.0, 60.0, 0)
    assert call.failed(fault("server_error"), 3.0) == GiveUp("exhausted")
    assert calm(routes).begin(4.0) == Try(1, 0.0, 60.0, 0)


def test_unreachable_provider_rests_as_a_whole() -> None:
    """Its other models are passed over, too; a failing model is not its provider."""
    provider = Breaker()
    one = Route(Policy(allowed_fails=1), Breaker(), provider, "k")
    two = Route(Policy(allowed_fails=1), Breaker(), provider, "k")
    away = route()
    call = calm([one, two, away])
    call.begin(0.0)
    assert call.failed(fault("server_error"), 1.0) == Try(1, 0.0, 60.0, 0)
    decision = call.failed(fault("connection", unreachable=True), 2.0)
    assert decision == Try(2, 0.0, 60.0, 0)
    assert calm([two, away]).begin(3.0) == Try(1, 0.0, 60.0, 0)


def test_refusals_say_that_the_provider_is_there() -> None:
    """What is the request's fault counts as a success for the breakers."""
    routes = [route(allowed_fails=2)]
    for now, error_class in enumerate(("server_error", "bad_request") * 2):
        call = calm(routes)
        assert isinstance(call.begin(float(now)), Try)
        call.failed(fault(error_class), float(now))  # type: ignore[arg-type]
    assert routes[0].model.is_closed


def test_interrupted_streams_open_the_breaker() -> None:
    """A model that always breaks off is no better than one that does not begin."""
    routes = [route()]
    for now in (0.0, 1.0, 2.0):
        call = calm(routes, streams=True)
        call.begin(now)
        call.interrupted(fault("connection"), now)
    assert call.opened == (routes[0].model,)
    assert calm(routes).begin(3.0) == GiveUp("resting", pytest.approx(19.0))


def test_who_rests_with_its_provider_is_asked_last() -> None:
    """It was passed over, and its turn comes when all the others have failed."""
    away = Breaker()
    policy = Policy(num_retries=0, allowed_fails=1)
    routes = [Route(policy, Breaker(), away, "a") for _ in range(2)]
    routes.append(Route(policy, Breaker(), Breaker(), "b"))
    call = calm(routes)
    asked = [call.begin(0.0)]
    asked.append(call.failed(fault("connection", unreachable=True), 0.0))
    asked += [call.failed(fault("server_error"), 0.0) for _ in range(2)]
    assert [getattr(one, "candidate", None) for one in asked] == [0, 2, 1, None]
    assert asked[-1] == GiveUp("exhausted")


policies = st.builds(
    Policy,
    num_retries=st.integers(0, 4),
    timeout_seconds=st.floats(0.1, 100),
    deadline_seconds=st.floats(0.1, 200),
    ttft_timeout_seconds=st.none() | st.floats(0.1, 100),
    allowed_fails=st.integers(1, 5),
    cooldown_seconds=st.floats(0.1, 50),
    retry_on=st.frozensets(st.sampled_from(CLASSES)),
    fallback_on=st.frozensets(st.sampled_from(CLASSES)),
    backoff_jitter=st.floats(0, 1),
    max_fallbacks=st.integers(0, 5),
)
outcomes = st.tuples(
    st.sampled_from(CLASSES),
    st.booleans(),  # silent
    st.booleans(),  # unreachable
    st.none() | st.floats(0, 100),  # retry after
    st.floats(0, 1),  # which part of its limit the attempt takes
    st.booleans(),  # succeeds
)


@given(
    policies=st.lists(policies, min_size=1, max_size=4),
    credentials=st.lists(st.sampled_from("ab"), min_size=4, max_size=4),
    calls=st.lists(st.lists(outcomes, max_size=30), min_size=1, max_size=6),
    streams=st.booleans(),
    chance=st.floats(0, 1),
)
def test_no_course_breaks_the_rules(
    policies: list[Policy],
    credentials: list[str],
    calls: list[list[Any]],
    streams: bool,
    chance: float,
) -> None:
    """Whatever happens in however many calls, the promises of every one are kept."""
    providers = {name: Breaker() for name in credentials}
    routes = [
        Route(policy, Breaker(), providers[name], name)
        for policy, name in zip(policies, credentials, strict=False)
    ]
    now = 0.0
    for outcomes in calls:
        began = now
        call = Failover(routes, now, streams=streams, chance=lambda: chance)
        deadline = began + routes[0].policy.deadline_seconds
        decision = call.begin(now)
        asked = [0] * len(routes)
        dead: set[object] = set()
        seen: list[int] = []
        error_before: ErrorClass | None = None
        for error_class, silent, unreachable, after, part, succeeds in outcomes:
            if isinstance(decision, GiveUp):
                break
            at = decision.candidate
            asked[at] += 1
            seen.append(at)
            chosen = routes[at]
            assert asked[at] <= 1 + chosen.policy.num_retries
            # Who rested is asked last of all, and so after candidates behind it.
            assert len(list(groupby(seen))) == len(set(seen)), "never back to one"
            assert at <= routes[0].policy.max_fallbacks
            assert chosen.credential not in dead
            assert decision.wait_seconds >= 0
            assert (
                now + decision.wait_seconds + decision.limit_seconds <= deadline + 1e-6
            )
            if decision.retry and not (
                chosen.model.is_closed and chosen.provider.is_closed
            ):
                last = min(len(routes), 1 + routes[0].policy.max_fallbacks)
                assert not any(
                    one.credential not in dead
                    and one.model.rest_seconds(now) <= 0
                    and one.provider.rest_seconds(now) <= 0
                    and error_before in routes[0].policy.fallback_on
                    for one in routes[at + 1 : last]
                ), "a breaker is open while another candidate lives"
            now += decision.wait_seconds + part * decision.limit_seconds
            if succeeds:
                call.succeeded(now)
                break
            happened = Fault(
                error_class=error_class,
                silent=silent,
                unreachable=unreachable,
                retry_after_seconds=after,
            )
            error_before = error_class
            decision = call.failed(happened, now)
            moved = isinstance(decision, GiveUp) or decision.candidate != at
            if error_class == "auth" and moved:
                dead.add(chosen.credential)
            if isinstance(decision, Try) and decision.candidate == at:
                assert not silent
                assert error_class in chosen.policy.retry_on
                assert after is None or decision.wait_seconds >= after
            elif isinstance(decision, Try):
                assert error_class in routes[0].policy.fallback_on
        else:
            call.abandoned()
        now += 1.0
