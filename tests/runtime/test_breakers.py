"""Circuit breakers, by a clock of the test's own."""

from __future__ import annotations

import os
import threading

import pytest

from llmhub_runtime.resilience.breaker import Breaker, Breakers


def fail(
    breaker: Breaker, now: float, *, probe: bool = False, allowed: int = 3
) -> bool:
    """Tell a breaker of a failure."""
    return breaker.failed(
        now, allowed_fails=allowed, cooldown_seconds=20.0, probe=probe
    )


def test_failures_in_a_row_open_it() -> None:
    """The third in a row does, and a success in between begins the row anew."""
    breaker = Breaker()
    assert [fail(breaker, 0.0), fail(breaker, 0.0)] == [False, False]
    assert not breaker.succeeded(0.0)
    assert [fail(breaker, 70.0 + i) for i in range(3)] == [False, False, True]
    assert not breaker.is_closed
    assert breaker.rest_seconds(72.0) == 20.0


def test_half_of_five_within_a_minute_open_it() -> None:
    """Without three in a row; fewer than five attempts don't tell."""
    breaker = Breaker()
    for now in (0.0, 20.0, 40.0):
        breaker.succeeded(now)
        opened = fail(breaker, now)
    assert opened
    lenient = Breaker()
    assert not any(fail(lenient, 0.0, allowed=99) for _ in range(98))
    assert fail(lenient, 0.0, allowed=99)
    early = Breaker()
    early.succeeded(0.0)
    assert [fail(early, 1.0), fail(early, 2.0)] == [False, False]


def test_what_is_a_minute_ago_is_forgotten() -> None:
    """Also by a breaker that saw nothing but successes since."""
    breaker = Breaker()
    for now in range(0, 100, 10):
        fail(breaker, float(now), allowed=99) if now < 20 else breaker.succeeded(now)
    for _ in range(2):
        assert not fail(breaker, 100.0)
    assert len(breaker._slices) <= 7


def test_open_one_is_probed_by_one_call_at_a_time() -> None:
    """After the cooldown; a probe that never tells gives way after a while."""
    breaker = Breaker()
    assert fail(breaker, 0.0, allowed=1)
    assert not breaker.admit(19.9, 5.0)
    assert breaker.admit(20.0, 5.0)
    assert not breaker.admit(20.1, 5.0)
    assert breaker.admit(25.0, 5.0)
    breaker.release()
    assert breaker.admit(25.1, 5.0)


def test_probe_decides() -> None:
    """Its failure begins the cooldown again, its success closes the breaker."""
    breaker = Breaker()
    fail(breaker, 0.0, allowed=1)
    assert breaker.admit(20.0, 5.0)
    assert not fail(breaker, 21.0, probe=True)
    assert breaker.rest_seconds(21.0) == 20.0
    assert breaker.admit(41.0, 5.0)
    assert breaker.succeeded(42.0)
    assert breaker.admit(42.0, 5.0)
    assert breaker.admit(42.0, 5.0)
    assert not fail(breaker, 42.0, allowed=2)


def test_late_failures_do_not_prolong_the_rest() -> None:
    """Calls that were under way when it opened tell nothing new."""
    breaker = Breaker()
    fail(breaker, 0.0, allowed=1)
    assert not fail(breaker, 15.0)
    assert breaker.rest_seconds(15.0) == 5.0


def test_one_of_many_threads_gets_the_probe() -> None:
    """However close together they ask."""
    breaker = Breaker()
    fail(breaker, 0.0, allowed=1)
    start = threading.Barrier(8)
    admitted: list[bool] = []

    def ask() -> None:
        start.wait()
        admitted.append(breaker.admit(20.0, 5.0))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(admitted) == [False] * 7 + [True]


def test_each_guarded_thing_has_one_breaker() -> None:
    """The same for the same, another for another."""
    breakers = Breakers()
    assert breakers["a"] is breakers["a"]
    assert breakers["a"] is not breakers["b"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_child_has_breakers_of_its_own() -> None:
    """A lock that the parent held at the fork can't block the child for ever."""
    breakers = Breakers()
    inherited = breakers["a"]
    with inherited._lock:
        child = os.fork()
        if child == 0:  # pragma: no cover (in the child)
            fresh = breakers["a"]
            os._exit(0 if fresh is not inherited and not fail(fresh, 0.0) else 1)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
