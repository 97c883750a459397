"""When a rated name and a group are one model: every rule, one function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from attrs import frozen

from llmhub_core.catalog.identity.dates import days_between
from llmhub_core.catalog.identity.lexicon import lexicon
from llmhub_core.catalog.identity.records import Candidate
from llmhub_core.catalog.identity.signature import Signature, Stamp
from llmhub_core.catalog.identity.sizes import fits
from llmhub_core.catalog.identity.snapshots import window_days

__all__ = ["RULES", "is_near_labs_row", "judge"]

RULES: Mapping[str, str] = MappingProxyType(
    {
        # how a served row was read
        "host-words": "words that the host puts on everybody's names were cut off",
        "derivative": "another organisation's work on a known model",
        "hosts-own": "a router or default of the host's own",
        "alias": "an entry of the alias table",
        "completed-from-name": "the display name gave what the id leaves out",
        "point-from-name": "the display name gave the version's lost point",
        "model-from-name": "the display name names a known model, the id none",
        "altered-by-name": "the display name says that the weights were altered",
        # how it found its group
        "named-by-lab": "the lab's display name gives the snapshot's version",
        "effort-pinned": "the id is a model at one reasoning effort",
        "lab-from-others": "others name one lab for this model",
        "size-from-names": "display names give the size that the id leaves out",
        "size-completed": "one full size fits the part that the name gives",
        "date-completed": "one full date fits the part that the name gives",
        "undated-means-snapshot": "an undated name means the only snapshot it can",
        "only-the-preview-is-sold": "the lab sells only the preview of it",
        # how a rated name found the group
        "same-name": "lab, words, versions and sizes are equal",
        "size-left-out": "the rated name leaves the size out, as served names do",
        "first-revision": "the first revision is the model without one",
        "same-date": "both name the same date",
        "date-of-the-labs-row": "the lab last updated its undated row at that date",
        "only-known-date": "nothing dates the model, and no other date of it is known",
        "preview-of-that-date": "both name the same date, one calls it a preview",
        "only-the-preview-is-served": "the model is served as its preview only",
        "same-mode": "both name the mode, which is a model of its own",
        "thinking-mode": "the model, thinking",
        "non-thinking-mode": "the model, not thinking",
        "effort": "the model at that reasoning effort",
        "found-at-lab": "the lab itself serves it; hosts carry its rating",
        "found-at-hosts": "the lab does not serve it, hosts do",
    }
)
"""Every rule by the name that joins and placements store, in one sentence."""


@frozen
class _Verdict:
    """What one rule says: the rule that did something, or why it is not the one."""

    rule: str = ""
    obstacle: str = ""


_FINE = _Verdict()


def judge(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> tuple[tuple[str, ...], str]:
    """Hold a rated name against a group of the same stem.

    Args:
        rated: The rated name.
        candidate: The group.
        siblings: All groups of that stem, the candidate among them.

    Returns:
        The rules that applied and an empty text, or no rules and the first obstacle.
    """
    rules: list[str] = []
    for rule in _JUDGES:
        verdict = rule(rated, candidate, siblings)
        if verdict.obstacle:
            return (), verdict.obstacle
        if verdict.rule:
            rules.append(verdict.rule)
    return tuple(rules), ""


def _vendor(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> _Verdict:
    if rated.vendor and candidate.vendor and rated.vendor != candidate.vendor:
        return _Verdict(obstacle=f"it is {candidate.vendor}'s, not {rated.vendor}'s")
    return _FINE


def _sizes(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> _Verdict:
    if rated.sizes == candidate.sizes:
        return _FINE
    if not rated.sizes:
        if candidate.unsized:
            return _Verdict(rule="size-left-out")
        return _Verdict(obstacle="the rated name gives no size")
    if not candidate.sizes or not fits(rated.sizes, candidate.sizes):
        return _Verdict(obstacle="another size")
    meant = {
        sibling.sizes
        for sibling in siblings
        if sibling.sizes and fits(rated.sizes, sibling.sizes)
    }
    if len(meant) > 1:
        return _Verdict(obstacle="the size fits several models")
    return _Verdict(rule="size-completed")


def _format(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> _Verdict:
    told_apart = any(
        sibling.plain
        and sibling.sizes == candidate.sizes
        and sibling.stamps == candidate.stamps
        for sibling in siblings
    )
    if rated.chat_format and candidate.untuned:
        return _Verdict(obstacle="it may be the model before tuning")
    wants_plain = rated.chat_format is None
    if told_apart and candidate.thinking is None and candidate.plain is not wants_plain:
        return _Verdict(obstacle="the plain and the instruct model differ")
    return _FINE


def _floating(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> _Verdict:
    if rated.latest != candidate.latest:
        return _Verdict(obstacle="one of the two names floats (latest)")
    return _FINE


def _revision(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> _Verdict:
    if (rated.revision or 1) != (candidate.revision or 1):
        return _Verdict(obstacle="another revision")
    return _Verdict(rule="first-revision") if rated.revision == 1 else _FINE


def _snapshot(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> _Verdict:
    if rated.stamp is not None:
        return _dated(rated.stamp, rated, candidate)
    if candidate.stamps and any(
        sibling.undated
        and not sibling.stamps
        and sibling.latest == candidate.latest
        and sibling.sizes == candidate.sizes
        for sibling in siblings
    ):
        return _Verdict(obstacle="it is a dated snapshot beside the undated model")
    if not candidate.undated:
        return _Verdict(obstacle="every served name of it carries a date")
    return _FINE


def _dated(stamp: Stamp, rated: Signature, candidate: Candidate) -> _Verdict:
    if any(stamp.agrees_with(other) for other in candidate.stamps):
        return _Verdict(rule="same-date")
    if candidate.stamps:
        return _Verdict(obstacle="another date")
    if any(not stamp.agrees_with(other) for other in candidate.vendor_stamps):
        return _Verdict(obstacle="the lab lists other dates of it")
    if is_near_labs_row(stamp, candidate):
        return _Verdict(rule="date-of-the-labs-row")
    is_full = stamp.year is not None and stamp.day is not None
    if is_full and candidate.is_undatable and candidate.preview is rated.preview:
        return _Verdict(rule="only-known-date")
    return _Verdict(obstacle="no served name of it carries that date")


def is_near_labs_row(
    stamp: Stamp, candidate: Candidate, *, within_days: int | None = None
) -> bool:
    """Whether the lab last updated an undated row of the group at that date.

    Args:
        stamp: The date.
        candidate: The group.
        within_days: How near is near; by default as the date's kind allows.
    """
    window = window_days(stamp) if within_days is None else within_days
    distances = (days_between(stamp, date) for date in candidate.vendor_updates)
    return any(distance is not None and distance <= window for distance in distances)


def _preview(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> _Verdict:
    if rated.preview == candidate.preview:
        return _FINE
    stamp = rated.stamp
    if stamp and any(stamp.agrees_with(other) for other in candidate.stamps):
        return _Verdict(rule="preview-of-that-date")
    if rated.preview:
        return _Verdict(obstacle="the rated model is a preview")
    if any(
        not sibling.preview and sibling.sizes == candidate.sizes for sibling in siblings
    ):
        return _Verdict(obstacle="it is a preview and the model itself is served")
    return _Verdict(rule="only-the-preview-is-served")


def _mode(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> _Verdict:
    if candidate.thinking is not None:
        if rated.thinking is not candidate.thinking:
            return _Verdict(obstacle="another mode is a model of its own")
        return _Verdict(rule="same-mode")
    if rated.thinking is None:
        return _FINE
    if rated.chat_format == "instruct" or candidate.instruct:
        return _Verdict(obstacle="an instruct model has no thinking mode")
    if any(
        sibling.thinking is rated.thinking
        and sibling.sizes == candidate.sizes
        and (sibling.stamps == candidate.stamps or rated.stamp is None)
        for sibling in siblings
    ):
        return _Verdict(obstacle="that mode is a model of its own")
    return _mode_of(rated, candidate)


def _mode_of(rated: Signature, candidate: Candidate) -> _Verdict:
    if candidate.reasoning is None or (rated.thinking and not candidate.reasoning):
        return _Verdict(obstacle="it is not known to reason")
    return _Verdict(rule="thinking-mode" if rated.thinking else "non-thinking-mode")


def _effort(
    rated: Signature, candidate: Candidate, siblings: Sequence[Candidate]
) -> _Verdict:
    if rated.effort is None:
        return _FINE
    if rated.budget is None:  # a budget in tokens is no effort that a row could list
        efforts = candidate.efforts
        if efforts is not None and rated.effort not in efforts:
            return _Verdict(obstacle=f"it has no effort {rated.effort!r}")
        if efforts is None and lexicon().is_product_word(rated.effort, rated.core):
            return _Verdict(obstacle=f"it is not known to have {rated.effort!r}")
        if efforts is None and candidate.reasoning is not True:
            return _Verdict(obstacle="it is not known to reason")
    return _Verdict(rule="effort")


_JUDGES = (
    _vendor,
    _sizes,
    _format,
    _floating,
    _revision,
    _snapshot,
    _preview,
    _mode,
    _effort,
)
