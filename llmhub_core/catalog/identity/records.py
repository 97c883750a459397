"""What goes into identity and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

from llmhub_core.catalog.identity.signature import Signature, Stamp
from llmhub_core.catalog.identity.tables import Tables

__all__ = [
    "Candidate",
    "Group",
    "Grouping",
    "Join",
    "JoinResult",
    "Label",
    "Placement",
    "RatedName",
    "RatingChoice",
    "ServedRow",
    "Unmatched",
]


@attrs.frozen(kw_only=True)
class ServedRow:
    """What identity needs to know about one served model.

    Attributes:
        provider: Any source's name of the provider; it is made canonical.
        model_id: The id exactly as the provider writes it.
        display_name: The human-readable name, or None.
        release_date: ``YYYY-MM[-DD]`` of the first release, or None.
        last_updated: ``YYYY-MM[-DD]`` of the newest version, or None.
        reasoning: Whether it can reason; None is unknown.
        efforts: Efforts that it accepts; None is unknown, empty is none.
    """

    provider: str
    model_id: str
    display_name: str | None = None
    release_date: str | None = None
    last_updated: str | None = None
    reasoning: bool | None = None
    efforts: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class RatedName:
    """A name on a leaderboard.

    Attributes:
        name: The display name as published.
        organization: As published; empty is unknown.
        board: ``text``, ``vision``, ``webdev``, ...
    """

    name: str
    organization: str = ""
    board: str = "text"


@attrs.frozen(kw_only=True)
class Placement:
    """Where one served row belongs, and why.

    Attributes:
        row_id: ``provider:model_id`` with any-llm's provider name.
        group: Id of its group.
        thinking: The mode that the row pins (``:thinking``), or None.
        effort: The effort that the row pins (``o3-mini-high``), or None.
        serving: Precision and serving words of its id.
        suspicion: Why its id and its name can't both be right, or None. A
            suspicious row stands in a group of its own and takes no rating.
        rules: Names of the rules that put it there.
    """

    row_id: str
    group: str
    thinking: bool | None = None
    effort: str | None = None
    serving: tuple[str, ...] = ()
    suspicion: str | None = None
    rules: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Group:
    """One underlying model: the same weights at every host.

    Attributes:
        id: Readable and stable: ``anthropic/claude-opus-4-5``.
        vendor: The lab, or None.
        signature: The most specific signature that all its rows share.
        rows: Row ids, sorted.
        released: When it came out, by its date, the lab, or most hosts; or None.
        predecessor: The group before it in the same line and size class, or None.
    """

    id: str
    vendor: str | None
    signature: Signature
    rows: tuple[str, ...]
    released: str | None = None
    predecessor: str | None = None


@attrs.frozen(kw_only=True)
class Candidate:
    """What joining needs to know of a group.

    Attributes:
        group: Its id.
        vendor: The lab, or None.
        at_vendor: The lab itself sells it.
        sizes: Parameter counts; empty where its names leave them out.
        unsized: Some of its names leave the sizes out.
        stamps: Dates that its rows carry, canonical.
        undated: It has rows without a date.
        vendor_updates: ``last_updated`` of the lab's own undated rows.
        vendor_stamps: Dates that the lab lists for this name, in any group.
        is_undatable: Nothing says when it was made, and its lab gives every
            release one dated snapshot.
        preview: Every row is a preview.
        latest: It floats.
        revision: 2 and more where the name says so, else None.
        says_first: Some of its names say the first revision.
        thinking: The mode, where it is a model of its own, else None.
        plain: It is the X that is not X-instruct.
        untuned: All that is served of it are plain names of repositories, under
            which labs publish what a model was before tuning.
        reasoning: Whether it reasons, by the lab's word or else most hosts'.
        efforts: Efforts that it is known to accept, or None.
        instruct: A row's name says instruct.
    """

    group: str
    vendor: str | None
    at_vendor: bool
    sizes: tuple[str, ...]
    unsized: bool
    stamps: tuple[Stamp, ...]
    undated: bool
    vendor_updates: tuple[str, ...]
    vendor_stamps: tuple[Stamp, ...]
    is_undatable: bool
    preview: bool
    latest: bool
    revision: int | None
    says_first: bool
    thinking: bool | None
    plain: bool
    untuned: bool
    reasoning: bool | None
    efforts: frozenset[str] | None
    instruct: bool


@attrs.frozen(kw_only=True)
class Grouping:
    """Every served row in exactly one group.

    Attributes:
        groups: By id, sorted by id.
        placements: By row id, sorted by row id.
        candidates: What joining needs, by stem.
        versions: Versions and dates seen beside each set of words.
        learned: Aliases that the labs' own display names gave.
    """

    groups: Mapping[str, Group]
    placements: Mapping[str, Placement]
    candidates: Mapping[str, tuple[Candidate, ...]] = attrs.field(repr=False)
    versions: Mapping[str, frozenset[str]] = attrs.field(repr=False)
    learned: Tables


@attrs.frozen(kw_only=True)
class Label:
    """Under which setting a rating was earned.

    Attributes:
        thinking: True or False when the rated name says so, else None.
        budget: Thinking budget in tokens, or None.
        effort: Reasoning effort, or None.
        stamp: Date of the rated snapshot as written, or None.
        preview: The preview was rated.
        serving: Rated precision: ``fp8``.
        settings: Other settings of the rating: ``2k``, ``codex-harness``.
    """

    thinking: bool | None = None
    budget: int | None = None
    effort: str | None = None
    stamp: str | None = None
    preview: bool = False
    serving: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Join:
    """One rated name found its model.

    Attributes:
        rated: The name as published.
        group: The underlying model.
        rows: Row ids that carry the rating, sorted: the group's rows whose own
            pins (mode, effort) do not contradict the label.
        label: The setting under which it was rated.
        rules: Names of the rules that made the join, in order of use.
    """

    rated: RatedName
    group: str
    rows: tuple[str, ...]
    label: Label
    rules: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Unmatched:
    """One rated name that found none.

    Attributes:
        rated: The name as published.
        reason: ``ambiguous`` with candidates, ``no-row`` or ``denied``.
        detail: One sentence for people.
        candidates: Ids of the groups that could not be told apart, or that came
            nearest.
    """

    rated: RatedName
    reason: Literal["ambiguous", "no-row", "denied"]
    detail: str
    candidates: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class JoinResult:
    """What became of every rated name, in order of name, organization, board."""

    joins: tuple[Join, ...]
    unmatched: tuple[Unmatched, ...]


@attrs.frozen(kw_only=True)
class RatingChoice:
    """Which of several ratings stands for a row.

    Attributes:
        join: The chosen one.
        proxy: It was earned in a mode or at an effort that the call may not use.
        reason: One sentence for people.
    """

    join: Join
    proxy: bool
    reason: str
