"""When a rated name and a group are one model: every rule, one function."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from llmhub_core.catalog.identity.dates import days_between
from llmhub_core.catalog.identity.records import Candidate
from llmhub_core.catalog.identity.signature import Signature
from llmhub_core.catalog.identity.sizes import fits
from llmhub_core.catalog.identity.snapshots import window_days

__all__ = ["Verdict", "judge"]


@frozen
class Verdict:
    """What one rule says.

    Attributes:
        rule: Name of the rule, where it did something; empty where it had nothing
            to do.
        obstacle: Why it is not the same model, or empty.
    """

    rule: str = ""
    obstacle: str = ""


_FINE = Verdict()


def judge(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> tuple[tuple[str, ...], str]:
    """Hold a rated name against a group of the same stem.

    Args:
        rated: The rated name.
        candidate: The group.
        siblings: All groups of that stem, the candidate among them.

    Returns:
        The rules that applied and an empty text, or the first obstacle.
    """
    rules: list[str] = []
    for rule in (
        _vendor,
        _sizes,
        _format,
        _floating,
        _revision,
        _snapshot,
        _preview,
        _mode,
        _effort,
    ):
        verdict = rule(rated, candidate, siblings)
        if verdict.obstacle:
            return (), verdict.obstacle
        if verdict.rule:
            rules.append(verdict.rule)
    return tuple(rules), ""


def _vendor(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> Verdict:
    if rated.vendor and candidate.vendor and rated.vendor != candidate.vendor:
        return Verdict(obstacle=f"it is {candidate.vendor}'s, not {rated.vendor}'s")
    return _FINE


def _sizes(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> Verdict:
    if rated.sizes == candidate.sizes:
        return _FINE
    if not rated.sizes:
        if candidate.unsized:
            return Verdict(rule="size-left-out")
        return Verdict(obstacle="the rated name gives no size")
    if not candidate.sizes or not fits(rated.sizes, candidate.sizes):
        return Verdict(obstacle="another size")
    meant = {
        sibling.sizes
        for sibling in siblings
        if sibling.sizes and fits(rated.sizes, sibling.sizes)
    }
    if len(meant) > 1:
        return Verdict(obstacle="the size fits several models")
    return Verdict(rule="size-completed")


def _format(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> Verdict:
    told_apart = any(
        sibling.plain and sibling.sizes == candidate.sizes for sibling in siblings
    )
    if told_apart and candidate.thinking is None:
        wants_plain = rated.chat_format is None
        if candidate.plain is not wants_plain:
            return Verdict(obstacle="the plain and the instruct model differ")
    return _FINE


def _floating(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> Verdict:
    if rated.latest != candidate.latest:
        return Verdict(obstacle="one of the two names floats (latest)")
    return _FINE


def _revision(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> Verdict:
    if (rated.revision or 1) != (candidate.revision or 1):
        return Verdict(obstacle="another revision")
    return Verdict(rule="first-revision") if rated.revision == 1 else _FINE


def _snapshot(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> Verdict:
    stamp = rated.stamp
    if stamp is None:
        if candidate.stamps and any(
            sibling.undated and not sibling.stamps and sibling.sizes == candidate.sizes
            for sibling in siblings
        ):
            return Verdict(obstacle="it is a dated snapshot beside the undated model")
        if candidate.undated:
            return _FINE
        return Verdict(obstacle="every served name of it carries a date")
    if any(stamp.agrees_with(other) for other in candidate.stamps):
        return Verdict(rule="same-date")
    if candidate.stamps:
        return Verdict(obstacle="another date")
    if any(not stamp.agrees_with(other) for other in candidate.vendor_stamps):
        return Verdict(obstacle="the lab lists other dates of it")
    distances = (days_between(stamp, date) for date in candidate.vendor_updates)
    if any(
        distance is not None and distance <= window_days(stamp)
        for distance in distances
    ):
        return Verdict(rule="date-of-the-labs-row")
    return Verdict(obstacle="no served name of it carries that date")


def _preview(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> Verdict:
    if rated.preview == candidate.preview:
        return _FINE
    if rated.stamp is not None and any(
        rated.stamp.agrees_with(other) for other in candidate.stamps
    ):
        return Verdict(rule="preview-of-that-date")
    if rated.preview:
        return Verdict(obstacle="the rated model is a preview")
    if any(
        not sibling.preview and sibling.sizes == candidate.sizes for sibling in siblings
    ):
        return Verdict(obstacle="it is a preview and the model itself is served")
    return Verdict(rule="only-the-preview-is-served")


def _mode(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> Verdict:
    wanted = rated.thinking
    if candidate.thinking is not None:
        if wanted is not candidate.thinking:
            return Verdict(obstacle="another mode is a model of its own")
        return Verdict(rule="same-mode")
    if wanted is None:
        return _FINE
    if rated.chat_format == "instruct" or candidate.instruct:
        return Verdict(obstacle="an instruct model has no thinking mode")
    if any(
        sibling.thinking is wanted
        and sibling.sizes == candidate.sizes
        and sibling.stamps == candidate.stamps
        for sibling in siblings
    ):
        return Verdict(obstacle="that mode is a model of its own")
    if wanted and candidate.reasoning is not True:
        return Verdict(obstacle="it is not known to reason")
    if candidate.reasoning is None:
        return Verdict(obstacle="it is not known whether it reasons")
    return Verdict(rule="thinking-mode" if wanted else "non-thinking-mode")


def _effort(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> Verdict:
    if rated.effort is None:
        return _FINE
    if rated.budget is None:
        if candidate.efforts is not None and rated.effort not in candidate.efforts:
            return Verdict(obstacle=f"it has no effort {rated.effort!r}")
        if candidate.efforts is None and candidate.reasoning is not True:
            return Verdict(obstacle="it is not known to reason")
    return Verdict(rule="effort")
