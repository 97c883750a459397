"""Verdicts, from what the caller and the provider saw."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from llmhub_runtime.testing import (
    FAULTS,
    HEALTHY,
    Judgement,
    Outcome,
    Received,
    Trial,
    judge,
)

WHOLE = Outcome(
    seconds=0.5,
    ended="answer",
    whole=True,
    words=60,
    model="second",
    usage=(106, 60),
    cost_usd=0.5,
)
ERROR = Outcome(seconds=0.5, ended="error", error="CallFailedError: it is down")
FILTERED = evolve(ERROR, error="CallFailedError: content filter: no")
HANG = Outcome(seconds=99, ended="hang")
HALF = evolve(WHOLE, whole=False, words=40)


def asked(model: str, *times: float) -> tuple[Received, ...]:
    """Return requests to a model at these times."""
    return tuple(
        Received(
            provider="p",
            model=model,
            at_seconds=at,
            body={},
            usage=(100 + len(model), 60),
            act=HEALTHY,
        )
        for at in times
    )


def judged(fault: str, *outcomes: Outcome, **trial: Any) -> Judgement:
    """Judge what a fault came to."""
    found = next(one for one in FAULTS if one.id == fault)
    seen = {"primary": asked("first", 0.0), "has_fallback": True, "streamed": True}
    return judge(Trial(outcomes=outcomes, **seen | trial), found.checks, found.ideal)


FALLBACK = asked("second", 1.0)


@pytest.mark.parametrize(
    ("fault", "outcome", "trial", "verdict", "reason"),
    [
        (
            "S01",
            WHOLE,
            {"primary": asked("first", 0, 2)},
            "pass",
            "served by attempt 2",
        ),
        (
            "S01",
            WHOLE,
            {"primary": asked("first", 0, 0.1)},
            "partial",
            "as long as told",
        ),
        ("S01", WHOLE, {"others": FALLBACK}, "partial", "waits as long as told"),
        ("S01", ERROR, {}, "safe", "not served: CallFailedError: it is down"),
        ("S02", WHOLE, {"others": FALLBACK}, "pass", "served by the fallback"),
        (
            "S02",
            WHOLE,
            {"primary": asked("first", 0, 0.1, 0.2, 0.3, 0.4), "others": FALLBACK},
            "fail",
            "at most 4 attempts within 3 s",
        ),
        (
            "S04",
            WHOLE,
            {"primary": asked("first", *range(7)), "others": FALLBACK},
            "fail",
            "at most 6 attempts",
        ),
        (
            "S03",
            WHOLE,
            {"others": FALLBACK},
            "partial",
            "asks the same candidate again",
        ),
        ("S04", HANG, {}, "fail", "ends by its deadline"),
        ("S04", HALF, {}, "fail", "no half answer as a success"),
        ("S04", evolve(ERROR, typed=False), {}, "fail", "errors are typed"),
        (
            "S06",
            evolve(WHOLE, seconds=95),
            {"primary": asked("first", 0, 30), "others": FALLBACK},
            "partial",
            "at most 1 attempt",
        ),
        ("S06", evolve(ERROR, seconds=101), {}, "fail", "ends within 100 s"),
        ("S07", evolve(WHOLE, seconds=14), {"others": FALLBACK}, "pass", "fallback"),
        ("S07", evolve(WHOLE, seconds=21), {}, "partial", "ends within 15 s"),
        ("S07", evolve(WHOLE, seconds=21), {"has_fallback": False}, "pass", "served"),
        ("S07", evolve(WHOLE, seconds=21), {"streamed": False}, "pass", "served"),
        ("S09", evolve(WHOLE, seconds=46), {"alive": True}, "fail", "within 45 s"),
        (
            "S09",
            evolve(WHOLE, seconds=46),
            {"alive": True, "streamed": False},
            "pass",
            "served",
        ),
        ("S09", ERROR, {"alive": False}, "fail", "serves again afterwards"),
        ("S10", WHOLE, {"alive": True}, "pass", "served"),
        ("S11", evolve(WHOLE, usage=(105, 60)), {}, "pass", "served"),
        ("S11", evolve(WHOLE, usage=None), {}, "partial", "reports the usage"),
        ("S11", evolve(WHOLE, seconds=9), {}, "fail", "ends within 8 s"),
        ("S12", WHOLE, {"primary": asked("first", 0, 1)}, "fail", "at most 1 attempt"),
        ("S13", FILTERED, {}, "pass", "refused as it should be"),
        ("S13", ERROR, {}, "partial", "keeps the reason"),
        ("S13", WHOLE, {"others": FALLBACK}, "partial", "going round the refusal"),
        ("S14", evolve(ERROR, error="X: no prefill"), {}, "fail", "blame the prefill"),
        ("S16", WHOLE, {"others": FALLBACK, "priced_usd": 0.5}, "pass", "fallback"),
        (
            "S16",
            evolve(WHOLE, model="first"),
            {"others": FALLBACK},
            "fail",
            "names the model",
        ),
        (
            "S16",
            evolve(WHOLE, usage=(105, 60)),
            {"others": FALLBACK},
            "partial",
            "reports its usage",
        ),
        (
            "S16",
            evolve(WHOLE, cost_usd=None),
            {"others": FALLBACK, "priced_usd": 0.5},
            "partial",
            "reports its cost",
        ),
    ],
)
def test_verdicts(
    fault: str, outcome: Outcome, trial: dict[str, Any], verdict: str, reason: str
) -> None:
    """Each check of a fault decides, and is named when it does."""
    judgement = judged(fault, outcome, **trial)
    assert (judgement.verdict, reason in judgement.reason) == (verdict, True), judgement


@pytest.mark.parametrize(
    ("outcomes", "times", "verdict", "reason"),
    [
        ([WHOLE] * 20, (0, 1, 2, 20, 40, 61), "pass", "served"),
        ([WHOLE] * 20, (0, 1, 2, 20, 40), "fail", "is back within 30 s"),
        ([WHOLE] * 20, (0, 1, 2, 91), "fail", "is back within 30 s"),
        ([*[WHOLE] * 19, ERROR], (0, 61), "safe", "it is down"),
        ([ERROR, *[WHOLE] * 19], (0, 61), "fail", "serves every call of the outage"),
        ([WHOLE] * 20, (*range(20), 61), "partial", "no more probes than calls"),
    ],
)
def test_an_outage_is_judged_over_all_calls(
    outcomes: list[Outcome], times: tuple[float, ...], verdict: str, reason: str
) -> None:
    """Served while it lasts, few probes, and back in time."""
    begun = [evolve(one, began_seconds=4.0 * n) for n, one in enumerate(outcomes)]
    judgement = judged(
        "S15",
        *begun,
        primary=asked("first", *times),
        others=FALLBACK,
        outage_seconds=60.0,
    )
    assert (judgement.verdict, reason in judgement.reason) == (verdict, True), judgement


def test_scaled_time_is_judged_as_real_time() -> None:
    """Seconds and gaps are those of the fault, however fast it was played."""
    quick = evolve(WHOLE, seconds=1.4)
    assert judged("S07", quick, scale=0.1, others=FALLBACK).verdict == "pass"
    assert judged("S07", quick, scale=0.05, others=FALLBACK).verdict == "partial"
    gap = {"primary": asked("first", 0, 0.2)}
    assert judged("S01", WHOLE, scale=0.1, **gap).verdict == "pass"
    assert judged("S01", WHOLE, scale=0.2, **gap).verdict == "partial"


def test_long_errors_are_cut() -> None:
    """A reason is one line that fits a table."""
    judgement = judged("S04", evolve(ERROR, error="x" * 500))
    assert judgement.reason.endswith("xxx...")
    assert len(judgement.reason) < 200
