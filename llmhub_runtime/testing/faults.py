"""The sixteen faults.

They are those of Failover Bench v0.1 (https://github.com/failoverbench/failoverbench,
2026-09), under its numbers: what is wrong, for how long, and what a client has to do
about it. Its limits are here in the same seconds.
"""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from llmhub_runtime.testing.acts import (
    HEALTHY,
    Answer,
    Refusal,
    Reset,
    Script,
    Silence,
)
from llmhub_runtime.testing.checks import (
    attempts_at_most,
    begins_soon,
    blames_no_prefill,
    few_probes,
    is_back_in_time,
    keeps_the_reason,
    names_the_fallback,
    not_more_than,
    prices_the_fallback,
    reports_usage,
    serves_in_outage,
    waits_as_told,
    within,
)
from llmhub_runtime.testing.scoring import Check

__all__ = ["FAULTS", "Fault"]


_ALL_WELL = Script()


@frozen(kw_only=True)
class Fault:
    """Something that goes wrong with a provider.

    Attributes:
        id: ``S01`` to ``S16``.
        name: What it is.
        wire: What happens on the wire.
        passes: What a client has to do.
        safe: What it may do when no other provider is left.
        primary: What the role's first candidate does.
        fallback: What the others do.
        ideal: ``error`` where the provider's refusal is the right answer.
        calls: How many calls are made.
        interval_seconds: From one call to the next.
        streams_only: It can't happen to an answer in one piece.
        alive_after: Whether it is seen to that the role is served again, when all is
            well, at once or after the breaker's cooldown.
        checks: What has to hold, besides what always has to.
    """

    id: str
    name: str
    wire: str
    passes: str
    safe: str
    primary: Script
    fallback: Script = _ALL_WELL
    ideal: Literal["answer", "error"] = "answer"
    calls: int = 1
    interval_seconds: float = 0.0
    streams_only: bool = False
    alive_after: bool = False
    checks: tuple[Check, ...] = field(default=(), converter=tuple[Check, ...])


_OVERLOADED = Refusal(status=503, code="overloaded")
_CUT = Answer(ending="cut", words=40)

FAULTS: tuple[Fault, ...] = (
    Fault(
        id="S01",
        name="429 with Retry-After",
        wire="The first attempt gets 429 and `Retry-After: 2`, later ones an answer.",
        passes="Waits as long as it is told, and asks again.",
        safe="A typed error, and no attempt before the two seconds are over.",
        primary=Script(acts=(Refusal(status=429, retry_after_seconds=2), HEALTHY)),
        checks=(
            not_more_than(2, 1.5),
            Check(name="waits as long as told", holds=waits_as_told, required=False),
        ),
    ),
    Fault(
        id="S02",
        name="429 for good",
        wire="Every attempt gets 429, and no Retry-After.",
        passes="Waits longer each time, gives up soon, and asks the next candidate.",
        safe="A typed rate limit error after at most six attempts.",
        primary=Script(acts=(Refusal(status=429),)),
        checks=(not_more_than(4, 3), attempts_at_most(6)),
    ),
    Fault(
        id="S03",
        name="500 once",
        wire="The first attempt gets 500; later ones are answered.",
        passes="Asks the same candidate again.",
        safe="A typed error.",
        primary=Script(acts=(Refusal(status=500), HEALTHY)),
        checks=(
            Check(
                name="asks the same candidate again",
                holds=lambda trial: len(trial.primary) >= 2,
                required=False,
            ),
        ),
    ),
    Fault(
        id="S04",
        name="503 for good",
        wire="Every attempt gets 503.",
        passes="Asks the next candidate after at most six attempts.",
        safe="A typed error with the provider's own words.",
        primary=Script(acts=(_OVERLOADED,)),
        checks=(attempts_at_most(6),),
    ),
    Fault(
        id="S05",
        name="Connection reset",
        wire="The first attempt's connection is reset before a byte of an answer.",
        passes="Asks again, here or elsewhere.",
        safe="A typed error.",
        primary=Script(acts=(Reset(), HEALTHY)),
        checks=(attempts_at_most(6),),
    ),
    Fault(
        id="S06",
        name="No answer at all",
        wire="The request is taken and not answered, for 120 s.",
        passes="Goes to the next candidate after the first timeout.",
        safe="A typed timeout error within 100 s.",
        primary=Script(acts=(Silence(seconds=120),)),
        checks=(within(100), attempts_at_most(1, required=False)),
    ),
    Fault(
        id="S07",
        name="Slow first token",
        wire="The headers come at once, the first token after 20 s.",
        passes="A stream goes to the next candidate before that, within 15 s.",
        safe="Waits for the answer, or a typed timeout error.",
        primary=Script(acts=(Answer(wait_seconds=20),)),
        checks=(Check(name="ends within 15 s", holds=begins_soon, required=False),),
    ),
    Fault(
        id="S08",
        name="Stream cut",
        wire="The connection ends after 40 of 60 words, without an end of the stream.",
        passes="The whole answer, from the next candidate.",
        safe="A typed error. Never half an answer as a success.",
        primary=Script(acts=(_CUT,)),
        checks=(attempts_at_most(6),),
    ),
    Fault(
        id="S09",
        name="Stream stalls",
        wire="After 20 of 60 words the connection is silent for 30 s, and then closed.",
        passes="Notices within 45 s, and gets the whole answer elsewhere.",
        safe="A typed error within 45 s.",
        primary=Script(acts=(Answer(ending="stalled", words=20, stall_seconds=30),)),
        alive_after=True,
        checks=(
            Check(
                name="ends within 45 s",
                # The bytes of an answer in one piece are seen by nobody: there the
                # attempt's timeout counts, as in S06.
                holds=lambda trial: trial.seconds <= (45 if trial.streamed else 100),
            ),
            Check(name="serves again afterwards", holds=lambda trial: trial.alive),
        ),
    ),
    Fault(
        id="S10",
        name="Malformed chunk",
        wire="An event before the eleventh word is not JSON; the rest of the stream is "
        "whole. An answer in one piece is not JSON at all.",
        passes="The whole answer: without that event, or from another attempt.",
        safe="A typed error; later calls are served.",
        primary=Script(acts=(Answer(garbage_at=10),)),
        alive_after=True,
        checks=(
            Check(name="serves again afterwards", holds=lambda trial: trial.alive),
            attempts_at_most(6),
        ),
    ),
    Fault(
        id="S11",
        name="No [DONE]",
        wire="A whole stream without the sentinel `data: [DONE]`.",
        passes="Ends at once, with the usage.",
        safe="The same.",
        primary=Script(acts=(Answer(ending="no_done"),)),
        streams_only=True,
        checks=(
            within(8),
            Check(name="reports the usage", holds=reports_usage, required=False),
        ),
    ),
    Fault(
        id="S12",
        name="Context too long",
        wire="Every attempt gets 400: the context length is exceeded.",
        passes="Does not ask the same model again; asks the next candidate.",
        safe="A typed error after one attempt.",
        primary=Script(acts=(Refusal(status=400, code="context_length_exceeded"),)),
        checks=(attempts_at_most(1),),
    ),
    Fault(
        id="S13",
        name="Content filter",
        wire="Every attempt gets 400: the content policy is violated.",
        passes="One attempt, no way round, and an error with the provider's reason.",
        safe="The same.",
        primary=Script(acts=(Refusal(status=400, code="content_policy_violation"),)),
        ideal="error",
        checks=(
            attempts_at_most(1),
            Check(name="keeps the reason", holds=keeps_the_reason, required=False),
        ),
    ),
    Fault(
        id="S14",
        name="Fallback without prefill",
        wire="The first candidate's stream is cut after 40 words; the others refuse "
        "requests in which the assistant has the last word.",
        passes="The whole answer, from the start, from the next candidate.",
        safe="A typed error about the cut, not about the prefill.",
        primary=Script(acts=(_CUT,)),
        fallback=Script(acts=(Answer(prefill=False),)),
        checks=(
            Check(name="does not blame the prefill", holds=blames_no_prefill),
            attempts_at_most(6),
        ),
    ),
    Fault(
        id="S15",
        name="Outage for a minute",
        wire="Every attempt gets 503 for 60 s; then all is well. Twenty calls, one "
        "every 4 s.",
        passes="Every call is served, with few probes, and the first candidate is back "
        "within 30 s of its recovery.",
        safe="Typed errors during the outage, answers within 30 s of its end.",
        primary=Script(acts=(_OVERLOADED, HEALTHY), outage_seconds=60),
        calls=20,
        interval_seconds=4,
        checks=(
            Check(name="serves every call of the outage", holds=serves_in_outage),
            Check(name="is back within 30 s", holds=is_back_in_time),
            Check(name="no more probes than calls", holds=few_probes, required=False),
        ),
    ),
    Fault(
        id="S16",
        name="Who is paid",
        wire="Every attempt gets 503; the next candidate answers.",
        passes="Model, usage and cost are those of the candidate that answered.",
        safe="A typed error.",
        primary=Script(acts=(_OVERLOADED,)),
        checks=(
            Check(name="names the model that answered", holds=names_the_fallback),
            Check(name="reports its usage", holds=reports_usage, required=False),
            Check(name="reports its cost", holds=prices_the_fallback, required=False),
            attempts_at_most(6),
        ),
    ),
)
"""All of them, in order."""
