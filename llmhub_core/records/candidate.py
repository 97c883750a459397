"""Models that may serve a role, those turned away, and their ranking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed

__all__ = [
    "Candidate",
    "Candidates",
    "Cost",
    "Latency",
    "Quality",
    "Ranked",
    "Ranking",
    "Rejection",
    "Relaxation",
]


@frozen(kw_only=True)
class Cost:
    """Expected cost of one request of the role's workload.

    Attributes:
        usd_per_request: US dollars.
        basis: ``listed`` or ``free``.
    """

    usd_per_request: float
    basis: Literal["listed", "free"]


@frozen(kw_only=True)
class Quality:
    """How good a model is at the role's task, on the scale of that task.

    Attributes:
        value: Lower end of the rating's 95 % interval: what is compared.
        score: The rating itself.
        ci_low: Lower end of the interval; equal to ``value``.
        ci_high: Upper end of the interval.
        board: Board of the scale.
        category: Category of the scale.
        name: Name on the board.
        basis: ``measured`` in the task's own category; ``proxy`` when another
            mode or effort of the model was rated there; ``translated`` from
            another category; ``inherited`` from a predecessor.
        note: What the number rests on, where it is not simply measured.
    """

    value: float
    score: float
    ci_low: float
    ci_high: float
    board: str
    category: str
    name: str
    basis: Literal["measured", "proxy", "translated", "inherited"]
    note: str | None = None


@frozen(kw_only=True)
class Latency:
    """How slow a model is; smaller is faster.

    Attributes:
        value: Seconds when measured; a unit-less rank proxy otherwise. Values
            of different bases do not compare.
        basis: ``measured`` or ``proxy``.
        reason: What the number rests on.
    """

    value: float
    basis: Literal["measured", "proxy"]
    reason: str


@frozen(kw_only=True)
class Candidate:
    """An eligible model with the numbers that selectors compare.

    Attributes:
        model: The catalog's record.
        cost: None when the price is unknown; never to be read as free.
        quality: None when the model has no rating.
        latency: Always there, at least as a proxy.
        at_home: Whether the provider is the lab that made the model.
        released_on: When the model was released: what its lab says, else the
            median of its hosts, of which some give the day that they took it up.
            A year, a month or a day; None when nobody says. By default that of
            the record.
    """

    model: CanonicalModel
    cost: Cost | None
    quality: Quality | None
    latency: Latency
    at_home: bool = False
    released_on: str | None = field()

    @released_on.default
    def _as_listed(self) -> str | None:
        return self.model.release_date

    @property
    def canonical_id(self) -> str:
        """The model's canonical id."""
        return self.model.canonical_id


@frozen(kw_only=True)
class Rejection:
    """Why one model is out; take all of it away, and the model is eligible.

    Attributes:
        canonical_id: The model.
        reasons: ``(constraint, why)`` pairs in the order of the constraints;
            empty for a model that is eligible.
    """

    canonical_id: str
    reasons: tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class Relaxation:
    """A constraint that gave way because the spec allows it.

    Attributes:
        constraint: Its name in ``require``.
        wanted: The limit in the spec, as text.
        granted: The limit that was used instead, as text.
    """

    constraint: str
    wanted: str
    granted: str


@frozen(kw_only=True)
class Candidates:
    """The eligible models of one role and all that were turned away.

    Attributes:
        need: The role, after relaxation.
        kept: Eligible models in canonical-id order.
        considered: How many models the catalog holds.
        rejected: Per constraint, in their order, the ids that it turned away
            first, in canonical-id order. Every model of the catalog is either
            kept or in exactly one of these.
        relaxed: What gave way.
    """

    need: RoleNeed
    kept: tuple[Candidate, ...]
    considered: int
    rejected: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)
    relaxed: tuple[Relaxation, ...] = ()


@frozen(kw_only=True)
class Ranked:
    """One place of a ranking.

    Attributes:
        canonical_id: The candidate.
        reason: Why it stands here, in one line that names a number.
        score: The selector's own score, larger is better, or None.
    """

    canonical_id: str
    reason: str
    score: float | None = None


@frozen(kw_only=True)
class Ranking:
    """A selector's answer: candidates, best first.

    Attributes:
        order: At least one place; each candidate at most once. Candidates that
            are left out are never chosen, not as a backup either.
        notes: Remarks for the user, such as a fall-back of the selector.
        answer: Text that the selector wants pinned in the lock, so that a
            re-run can do without asking again; None for most.
    """

    order: tuple[Ranked, ...]
    notes: tuple[str, ...] = ()
    answer: str | None = None
