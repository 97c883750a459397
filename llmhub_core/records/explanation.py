"""Why a role got its models: what ``--explain`` shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

from llmhub_core.records.candidate import Cost, Latency, Quality, Relaxation

__all__ = ["Explanation", "Flip", "Place"]


@frozen(kw_only=True)
class Place:
    """One place of the ranking, with the numbers that were compared.

    Attributes:
        place: 1 for the first.
        canonical_id: The model.
        use: ``primary``, ``backup 1``, ... or None.
        reason: The selector's words.
        score: The selector's score, or None.
        cost: Expected cost of one request, or None.
        quality: Rating on the scale of the task, or None.
        latency: Latency, at least as a proxy.
        context_tokens: Context window, or None.
        on_front: Whether no eligible model beats it on cost and quality both;
            None without a price or a rating.
        hosts: How many eligible candidates serve the same underlying model.
    """

    place: int
    canonical_id: str
    use: str | None
    reason: str
    score: float | None
    cost: Cost | None
    quality: Quality | None
    latency: Latency
    context_tokens: int | None
    on_front: bool | None
    hosts: int = 1


@frozen(kw_only=True)
class Flip:
    """At which price another model would be the first.

    Attributes:
        canonical_id: The other model.
        side: Which of its prices moves.
        price_per_million: US dollars per million tokens today.
        below_per_million: It is first from this price down, all else unchanged.
    """

    canonical_id: str
    side: Literal["input", "output"]
    price_per_million: float
    below_per_million: float


@frozen(kw_only=True)
class Explanation:
    """One role's choice, laid open.

    Attributes:
        role: Name of the role.
        selector: Name of the selector.
        eligible: How many models satisfied every hard limit.
        considered: How many models the catalog holds.
        places: The head of the ranking, each underlying model at its best host, and
            whatever was chosen below it.
        rejected: Per constraint, how many models it turned away first.
        relaxed: What gave way.
        flips: For the runners-up, the price at which they would be first.
        notes: Remarks of the selector and of the assembly.
    """

    role: str
    selector: str
    eligible: int
    considered: int
    places: tuple[Place, ...]
    rejected: Mapping[str, int] = field(factory=dict, hash=False)
    relaxed: tuple[Relaxation, ...] = ()
    flips: tuple[Flip, ...] = ()
    notes: tuple[str, ...] = ()
