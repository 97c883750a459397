"""What has to hold after a fault, besides what always has to.

Where a function answers None, the question does not arise.
"""

from __future__ import annotations

from llmhub_runtime.testing.scoring import Check, Trial

__all__ = [
    "attempts_at_most",
    "begins_soon",
    "blames_no_prefill",
    "few_probes",
    "is_back_in_time",
    "keeps_the_reason",
    "names_the_fallback",
    "not_more_than",
    "prices_the_fallback",
    "reports_usage",
    "serves_in_outage",
    "waits_as_told",
    "within",
]


def attempts_at_most(most: int, *, required: bool = True) -> Check:
    """Make the check that the first candidate is asked so often at most."""
    return Check(
        name=f"at most {most} {'attempt' if most == 1 else 'attempts'}",
        holds=lambda trial: len(trial.primary) <= most,
        required=required,
    )


def not_more_than(most: int, seconds: float) -> Check:
    """Make the check that it is not asked oftener within the first seconds."""

    def holds(trial: Trial) -> bool:
        return sum(at - trial.at[0] < seconds for at in trial.at) <= most

    return Check(name=f"at most {most} attempts within {seconds:g} s", holds=holds)


def within(seconds: float) -> Check:
    """Make the check that the trial ends within so many seconds."""
    return Check(
        name=f"ends within {seconds:g} s", holds=lambda trial: trial.seconds <= seconds
    )


def waits_as_told(trial: Trial) -> bool:
    """Whether the second attempt came after the ``Retry-After`` of two seconds."""
    return len(trial.at) > 1 and trial.at[1] - trial.at[0] >= 1.8


def begins_soon(trial: Trial) -> bool | None:
    """Whether a stream went elsewhere within 15 s; None where it can't."""
    return trial.seconds <= 15 if trial.has_fallback and trial.streamed else None


def reports_usage(trial: Trial) -> bool | None:
    """Whether the usage is what the answering provider said; None without one."""
    answered = [one for one in trial.outcomes if one.ended == "answer"]
    asked = trial.others or trial.primary
    if not answered or not asked:
        return None
    return answered[-1].usage == asked[-1].usage


def names_the_fallback(trial: Trial) -> bool | None:
    """Whether the answer names the model that gave it; None without one."""
    answered = [one for one in trial.outcomes if one.ended == "answer"]
    if not answered or not trial.others:
        return None
    return answered[-1].model == trial.others[-1].model


def prices_the_fallback(trial: Trial) -> bool | None:
    """Whether the cost is that of the model that answered; None if unknown."""
    answered = [one for one in trial.outcomes if one.ended == "answer"]
    if not answered or trial.priced_usd is None:
        return None
    cost = answered[-1].cost_usd
    return cost is not None and abs(cost - trial.priced_usd) < 1e-12


def keeps_the_reason(trial: Trial) -> bool | None:
    """Whether every error tells of the filter; None without errors."""
    told = [one.error.lower() for one in trial.errors]
    words = ("safety", "content filter", "content_policy", "content policy")
    return all(any(word in text for word in words) for text in told) if told else None


def blames_no_prefill(trial: Trial) -> bool:
    """Whether no error is about what only a retry put into a request."""
    return not any("prefill" in one.error for one in trial.errors)


def _during(trial: Trial, *, served: bool) -> int:
    end = trial.outage_seconds or 0.0
    inside = [one for one in trial.outcomes if one.began_seconds < end]
    return sum(one.ended == "answer" for one in inside) if served else len(inside)


def serves_in_outage(trial: Trial) -> bool | None:
    """Whether every call of the outage was served; None with no one else."""
    if not trial.has_fallback:
        return None
    return _during(trial, served=True) == _during(trial, served=False) > 0


def is_back_in_time(trial: Trial) -> bool:
    """Whether the first candidate was asked within 30 s of its recovery."""
    end = (trial.outage_seconds or 0.0) / trial.scale
    return any(end <= at <= end + 30 for at in trial.at)


def few_probes(trial: Trial) -> bool:
    """Whether it was asked no oftener than there were calls in its outage."""
    end = (trial.outage_seconds or 0.0) / trial.scale
    return sum(at < end for at in trial.at) <= _during(trial, served=False)
