"""Modes and formats: what is a way to run one model and what another model."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from llmhub_core.catalog.identity.member import Member, by, reasons
from llmhub_core.catalog.identity.naming import owner_of

__all__ = [
    "doubt_ambiguous_modes",
    "doubt_untuned",
    "is_untuned_name",
    "settle_modes",
]


def settle_modes(members: Sequence[Member]) -> list[tuple[Member, bool | None, str]]:
    """Tell modes and formats of one model from models of their own.

    ``X-thinking`` is a mode of ``X`` where X itself reasons and is no instruct
    model, or where only it and ``X-no-thinking`` are sold; else it is a model of
    its own. ``X`` is ``X-instruct`` unless X reasons and X-instruct does not.

    Returns:
        With every member the mode that its group has for itself, or None, and
        ``plain`` for the X that is not X-instruct, else empty.
    """
    pinned = by(members, lambda member: member.signature.thinking)
    base = pinned.get(None, [])
    tuned = [member for member in base if member.signature.chat_format]
    plain = [member for member in base if not member.signature.chat_format]
    is_pair = not base and True in pinned and False in pinned
    is_instruct = any(m.signature.chat_format == "instruct" for m in tuned)
    is_split = bool(tuned) and (
        reasons(tuned) is False or (is_instruct and True in pinned)
    )
    apart = is_split and reasons(plain) is True and _any_at_vendor(plain)
    does_reason = None if is_split else reasons(base)
    settled: list[tuple[Member, bool | None, str]] = []
    for member in members:
        mode = member.signature.thinking
        if mode is None:
            is_plain = apart and not member.signature.chat_format
            settled.append((member, None, "plain" if is_plain else ""))
        elif is_pair or does_reason or (mode is False and reasons(base) is False):
            settled.append((member, None, ""))
        elif mode is False and apart:
            settled.append((member, None, "plain"))
        else:
            settled.append((member, mode, ""))
    return settled


def doubt_ambiguous_modes(members: Sequence[Member]) -> list[Member]:
    """Doubt hosts' X that reasons where X-instruct and X-thinking are two models.

    Unless the lab itself sells an X, it must be one of the two.
    """
    pinned = by(members, lambda member: member.signature.thinking)
    base = pinned.get(None, [])
    tuned = [member for member in base if member.signature.chat_format]
    plain = [member for member in base if not member.signature.chat_format]
    if True not in pinned or reasons(tuned) is not False or _any_at_vendor(plain):
        return list(members)
    return [
        evolve(member, suspicion="it may be the thinking or the instruct model")
        if member.suspicion is None
        and member.signature.thinking is None
        and not member.signature.chat_format
        and member.reading.row.reasoning
        else member
        for member in members
    ]


def _any_at_vendor(members: Sequence[Member]) -> bool:
    return any(member.reading.is_vendor for member in members)


def doubt_untuned(members: Sequence[Member]) -> list[Member]:
    """Doubt an X that may be what X-instruct was before tuning.

    So it is where one host sells both of one date, and where the id is a
    repository of Hugging Face, where the plain name is the untuned model's.
    """
    tuned = {_shop(member) for member in members if member.signature.chat_format}
    return [
        evolve(
            member,
            suspicion="an instruct model of that name exists, this may be its base",
        )
        if not member.signature.chat_format
        and member.signature.thinking is None
        and not member.reading.is_vendor
        and not member.reading.row.reasoning
        and (_shop(member) in tuned or (tuned and is_untuned_name(member)))
        else member
        for member in members
    ]


def is_untuned_name(member: Member) -> bool:
    """Whether an id is one under which Hugging Face has a model before tuning.

    It names a size and no format. Capitals tell a repository from a host's path.
    """
    model_id = member.reading.row.model_id
    signature = member.signature
    owner, *leaf = model_id.split("/")
    return (
        len(leaf) == 1
        and owner_of([owner]) is not None
        and (model_id != model_id.lower() or member.provider == "huggingface")
        and bool(signature.sizes)
        and not (signature.chat_format or signature.serving or signature.stamp)
        and not member.reading.is_vendor
    )


def _shop(member: Member) -> tuple[str, tuple[str, ...]]:
    return member.provider, member.signature.serving
