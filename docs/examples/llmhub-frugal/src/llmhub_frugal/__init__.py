"""The best models that one monthly budget for all roles allows.

A selector sees one role at a time, so the budget is divided before anybody ranks:
what a role may spend follows from the options and its name alone. It does not depend
on the order of the roles, on what the others took, or on which of them are pinned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from attrs import field, frozen

from llmhub_core.contracts import SelectorContext
from llmhub_core.records.candidate import Candidate, Ranked, Ranking
from llmhub_core.records.need import RoleNeed

__all__ = ["Frugal", "FrugalOptions"]


def _positive(_: object, attribute: Any, value: float) -> None:
    if not 0 < value < float("inf"):
        message = f"{attribute.name!r} must be more than 0: {value!r}"
        raise ValueError(message)


@frozen(kw_only=True)
class FrugalOptions:
    """Options of the selector ``frugal``.

    Attributes:
        usd_per_month: What all roles together may cost, in US dollars.
        roles: How many roles share it, those in ``shares`` included.
        shares: By role, its fraction of the budget; the other roles divide what is
            left in equal parts.
        requests_per_month: Counts for a role whose workload does not say.
    """

    usd_per_month: float = field(default=100.0, validator=_positive)
    roles: int = field(default=1, validator=_positive)
    shares: Mapping[str, float] = field(factory=dict)
    requests_per_month: int = field(default=10_000, validator=_positive)

    @shares.validator
    def _divides(self, _: object, shares: Mapping[str, float]) -> None:
        total = sum(shares.values())
        unnamed = self.roles - len(shares)
        if unnamed < 0:
            message = f"'shares' names {len(shares)} roles, and 'roles' is {self.roles}"
            raise ValueError(message)
        # What is left must feed the others; rounding of thirds is forgiven.
        if not all(share > 0 for share in shares.values()) or (
            total > 1 + 1e-9 or (unnamed and total > 1 - 1e-9)
        ):
            message = (
                f"'shares' adds up to {total:g}: each must be more than 0, and all "
                f"together {'less than' if unnamed else 'at most'} 1"
            )
            raise ValueError(message)

    def allowance(self, role: str) -> float:
        """What one role may cost per month, in US dollars."""
        if role in self.shares:
            return self.usd_per_month * self.shares[role]
        left = 1 - sum(self.shares.values())
        # A role too many, where all are named, still gets a part like the others'.
        unnamed = max(self.roles - len(self.shares), 1)
        return self.usd_per_month * max(left, 0.0) / unnamed


class Frugal:
    """Best rating within the role's part of one monthly budget; then the cheapest."""

    contract_version: ClassVar[int] = 1
    options_class: ClassVar[type[Any] | None] = FrugalOptions

    def __init__(self, options: FrugalOptions) -> None:
        self._options = options

    def rank(
        self, need: RoleNeed, candidates: Sequence[Candidate], context: SelectorContext
    ) -> Ranking:
        """Rank what the role can afford; the others are no backups either.

        Where nothing is affordable the cheapest is returned alone, with a note, and
        where no price is known every candidate in id order, with a note.
        """
        allowance = self._options.allowance(need.role)
        said = need.workload.requests_per_month
        requests = self._options.requests_per_month if said is None else said
        # No price is not a price of 0: such a model is never within a budget.
        bills = {
            candidate.canonical_id: candidate.cost.usd_per_request * requests
            for candidate in candidates
            if candidate.cost is not None
        }
        if not bills:
            return Ranking(
                order=tuple(
                    Ranked(
                        canonical_id=name,
                        reason=f"none of {len(candidates)} has a price",
                    )
                    for name in sorted(c.canonical_id for c in candidates)
                ),
                notes=("no candidate has a price: the budget was not applied",),
            )
        affordable = [
            candidate
            for candidate in candidates
            if bills.get(candidate.canonical_id, float("inf")) <= allowance
        ]
        if affordable:
            return Ranking(
                order=tuple(
                    _place(candidate, bills[candidate.canonical_id], allowance)
                    for candidate in sorted(affordable, key=lambda c: _key(c, bills))
                )
            )
        bill, name = min((bill, name) for name, bill in bills.items())
        note = (
            f"over budget: the cheapest costs ${bill:,.2f} a month, and "
            f"${allowance:,.2f} is this role's part of "
            f"${self._options.usd_per_month:,.2f}"
        )
        cheapest = next(c for c in candidates if c.canonical_id == name)
        return Ranking(order=(_place(cheapest, bill, allowance),), notes=(note,))


def _key(
    candidate: Candidate, bills: Mapping[str, float]
) -> tuple[bool, float, float, str]:
    quality = candidate.quality
    rating = 0.0 if quality is None else quality.value
    name = candidate.canonical_id
    return quality is None, -rating, bills[name], name


def _place(candidate: Candidate, bill: float, allowance: float) -> Ranked:
    quality = candidate.quality
    rating = "not rated" if quality is None else f"rated {quality.value:.0f}"
    return Ranked(
        canonical_id=candidate.canonical_id,
        reason=f"{rating}, ${bill:,.2f} a month of ${allowance:,.2f}",
    )
