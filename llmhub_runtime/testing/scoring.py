"""What a fault came to, judged from both ends of the wire.

The caller's end says whether there was an answer, whether it was whole, who gave it
and how long that took. The provider's end says how often it was asked, and when.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from attrs import field, frozen

from llmhub_runtime.testing.server import Received

__all__ = [
    "Check",
    "Finding",
    "Judgement",
    "Outcome",
    "Trial",
    "Verdict",
    "judge",
]

_LONGEST = 160

Verdict: TypeAlias = Literal["pass", "partial", "safe", "fail", "n/a"]


@frozen(kw_only=True)
class Outcome:
    """One call as its caller saw it.

    Attributes:
        began_seconds: When, since the fault began.
        seconds: How long it took; for a stream, to its end.
        ended: ``answer``; ``error``; ``hang`` when it had not ended by its deadline.
        whole: The answer was all of what the provider had to say, and nothing else.
        words: How many words of it were handed out.
        error: Class and text of the error, else empty.
        typed: The error is one of the runtime's or of any-llm's, with a text.
        model: The model that the answer names.
        usage: The input and output tokens that the answer reports.
        cost_usd: The cost that the answer reports.
    """

    began_seconds: float = 0.0
    seconds: float
    ended: Literal["answer", "error", "hang"]
    whole: bool = False
    words: int = 0
    error: str = ""
    typed: bool = True
    model: str | None = None
    usage: tuple[int, int] | None = None
    cost_usd: float | None = None


@frozen(kw_only=True)
class Trial:
    """One fault, from both ends.

    Attributes:
        outcomes: The calls that were made, in order.
        primary: What the candidate that failed was asked.
        others: What the other candidates were asked.
        has_fallback: Whether there were others.
        streamed: Whether the answers were streamed.
        scale: How fast time went: 0.1 makes six seconds of a minute.
        outage_seconds: When the primary was healthy again, in scaled time.
        alive: Whether a call was served afterwards, when all was well again; None when
            that was not tried.
        priced_usd: What the answer cost by the config's prices; None when unknown.
    """

    outcomes: tuple[Outcome, ...] = field(converter=tuple[Outcome, ...])
    primary: tuple[Received, ...] = field(default=(), converter=tuple[Received, ...])
    others: tuple[Received, ...] = field(default=(), converter=tuple[Received, ...])
    has_fallback: bool = False
    streamed: bool = False
    scale: float = 1.0
    outage_seconds: float | None = None
    alive: bool | None = None
    priced_usd: float | None = None

    @property
    def seconds(self) -> float:
        """How long the longest call took, in the time of the fault."""
        return max(one.seconds for one in self.outcomes) / self.scale

    @property
    def at(self) -> tuple[float, ...]:
        """When the primary was asked, in the time of the fault."""
        return tuple(one.at_seconds / self.scale for one in self.primary)

    @property
    def served(self) -> bool:
        """Whether every call got its whole answer."""
        return all(one.ended == "answer" and one.whole for one in self.outcomes)

    @property
    def errors(self) -> tuple[Outcome, ...]:
        """The calls that ended with an error."""
        return tuple(one for one in self.outcomes if one.ended == "error")


@frozen(kw_only=True)
class Check:
    """Something that holds when a client behaves.

    Attributes:
        name: What holds, in a few words.
        holds: Looks; None when there was nothing to look at.
        required: Whether a client that fails it fails the fault. Of the others it is
            noted that the answer came in spite of them.
    """

    name: str
    holds: Callable[[Trial], bool | None]
    required: bool = True


@frozen(kw_only=True)
class Finding:
    """A check that was made.

    Attributes:
        name: The check.
        held: Whether it held; None when there was nothing to look at.
        required: See ``Check``.
    """

    name: str
    held: bool | None
    required: bool


@frozen(kw_only=True)
class Judgement:
    """What a fault came to.

    Attributes:
        verdict: ``pass``: as good as can be. ``partial``: served, but not as it should
            be. ``safe``: not served; the caller was told so plainly and in time.
            ``fail``: a hang, half an answer as a success, or a provider that was
            hammered.
        reason: Why, in a few words.
        findings: The checks that were made.
    """

    verdict: Verdict
    reason: str
    findings: tuple[Finding, ...]


def _no_hang(trial: Trial) -> bool:
    return all(one.ended != "hang" for one in trial.outcomes)


def _no_half_success(trial: Trial) -> bool:
    return all(one.whole for one in trial.outcomes if one.ended == "answer")


def _typed_errors(trial: Trial) -> bool | None:
    return all(one.typed for one in trial.errors) if trial.errors else None


# Whatever the fault, no client may do otherwise.
_ALWAYS = (
    Check(name="ends by its deadline", holds=_no_hang),
    Check(name="no half answer as a success", holds=_no_half_success),
    Check(name="errors are typed and say why", holds=_typed_errors),
)


def judge(trial: Trial, checks: tuple[Check, ...], ideal: str = "answer") -> Judgement:
    """Judge a trial.

    Args:
        trial: What happened.
        checks: What should hold, besides what should always.
        ideal: ``answer``, or ``error`` where the right answer is the provider's own
            refusal.
    """
    findings = tuple(
        Finding(name=one.name, held=one.holds(trial), required=one.required)
        for one in (*_ALWAYS, *checks)
    )
    broken = [one.name for one in findings if one.held is False and one.required]
    lapses = [one.name for one in findings if one.held is False and not one.required]
    verdict, reason = _verdict(trial, broken, lapses, ideal)
    return Judgement(verdict=verdict, reason=reason, findings=findings)


def _verdict(
    trial: Trial, broken: list[str], lapses: list[str], ideal: str
) -> tuple[Verdict, str]:
    if broken:
        return "fail", f"not so: {'; '.join(broken)}{_first_error(trial)}"
    if ideal == "error":
        if trial.served:
            return "partial", "answered by going round the refusal"
        reached = bool(trial.errors)
    else:
        reached = trial.served
    if not reached:
        return "safe", f"not served{_first_error(trial)}"
    if lapses:
        return "partial", f"served, but not so: {'; '.join(lapses)}"
    return "pass", "refused as it should be" if ideal == "error" else _served_by(trial)


def _served_by(trial: Trial) -> str:
    if not trial.others:
        times = len(trial.primary)
        return "served" if times <= 1 else f"served by attempt {times}"
    return "served by the fallback" if len(trial.outcomes) == 1 else "served"


def _first_error(trial: Trial) -> str:
    if not trial.errors:
        return ""
    told = trial.errors[0].error
    return f": {told if len(told) <= _LONGEST else told[: _LONGEST - 3] + '...'}"
