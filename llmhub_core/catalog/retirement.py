"""Whether models that somebody relies on are still listed, and what may follow."""

from __future__ import annotations

from typing import Any, Literal

from attrs import frozen

from llmhub_core.cache import Cache
from llmhub_core.catalog.annals import Annals, open_annals
from llmhub_core.records.history import Retirement

__all__ = ["Register", "open_register", "successors"]

_SUCCESSORS = 3


@frozen
class Register:
    """What the kept catalog says of models, told without loading it."""

    _kept: Annals

    def retirement(
        self, canonical_id: str, *, was_listed: bool = False
    ) -> Retirement | None:
        """Say why a model should not be relied on for long; None when it may be.

        Args:
            canonical_id: The model.
            was_listed: Whether some catalog is known to have listed it. Then it
                is missed where this one never did and lists others of its
                provider.
        """
        kept = self._kept
        stone = kept.tombstones.get(canonical_id)
        if stone is not None:
            return self._retired(canonical_id, "gone", stone.gone_at)
        standing = kept.standing(canonical_id)
        if standing is None:
            missed = was_listed and self._lists(canonical_id.partition(":")[0])
            return self._retired(canonical_id, "unlisted", None) if missed else None
        if standing["status"] == "deprecated":
            since = self._since(canonical_id, "status", "deprecated")
            return self._retired(canonical_id, "deprecated", since)
        if standing["callable"] == "no":
            since = self._since(canonical_id, "callable", "no")
            return self._retired(canonical_id, "refused", since)
        return None

    def _retired(
        self,
        canonical_id: str,
        reason: Literal["deprecated", "gone", "refused", "unlisted"],
        since: str | None,
    ) -> Retirement:
        return Retirement(
            canonical_id=canonical_id,
            reason=reason,
            checked_at=self._kept.checked_at,
            since=since,
            successors=successors(self._kept, canonical_id),
        )

    def _since(self, canonical_id: str, field: str, value: str) -> str | None:
        """When a field took its value, as far as the history goes back."""
        for change in reversed(self._kept.changes):
            if change.canonical_id == canonical_id and change.field == field:
                return change.found_at if change.after == value else None
        return None

    def _lists(self, provider: str) -> bool:
        """Whether the price list of a provider is in the catalog."""
        return any(
            name.partition(":")[0] == provider
            and standing.last_listed_at is None
            and standing["price_input_per_million"] is not None
            for name, standing in self._kept.standings.items()
        )


def open_register(cache: Cache) -> Register | None:
    """Open what the kept catalog says; None when no refresh was recorded."""
    kept = open_annals(cache)
    return None if kept is None else Register(kept)


def successors(kept: Annals, canonical_id: str) -> tuple[str, ...]:
    """Name up to three listed models that may take a model's place.

    First come models of the same provider and family, the newest first, then other
    hosts of the same underlying model, the cheapest first.

    Args:
        kept: The history.
        canonical_id: The model, gone or listed.
    """
    family, group, kind = _kinship(kept, canonical_id)
    provider = canonical_id.partition(":")[0]
    kin: list[tuple[str, str]] = []
    hosts: list[tuple[Any, ...]] = []
    for name, other in kept.standings.items():
        if (
            name == canonical_id
            or other.last_listed_at is not None
            or other["kind"] != kind
            or other["status"] == "deprecated"
            or other["callable"] == "no"
        ):
            continue
        same_provider = name.partition(":")[0] == provider
        if same_provider and family is not None and other["family"] == family:
            kin.append((other["release_date"] or "", name))
        elif group is not None and other["group"] == group:
            price = other["price_input_per_million"]
            hosts.append((price is None, price or 0.0, name))
    kin.sort(reverse=True)
    found = [*(name for _, name in kin), *(name for *_, name in sorted(hosts))]
    return tuple(found[:_SUCCESSORS])


def _kinship(kept: Annals, canonical_id: str) -> tuple[str | None, ...]:
    """Family, underlying model and kind of a model; unknown for strangers."""
    stone = kept.tombstones.get(canonical_id)
    if stone is not None:
        return stone.family, stone.group, stone.kind
    standing = kept.standing(canonical_id)
    if standing is not None:
        return standing["family"], standing["group"], standing["kind"]
    return None, None, None
