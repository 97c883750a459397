"""What happened to models between refreshes."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from llmhub_core.numerals import plain

__all__ = ["Change", "ChangeKind", "Retirement", "Tombstone"]

ChangeKind = Literal[
    "added", "removed", "price", "limits", "status", "capability", "rating"
]


@frozen(kw_only=True)
class Change:
    """One thing that a refresh found different.

    Attributes:
        found_at: When the sources were asked, ISO 8601 UTC: it may have happened
            any time since the refresh before.
        canonical_id: The model.
        kind: What sort of change it is.
        field: The field that changed; None when the model came or went.
        before: Its value before, or None when it was unknown.
        after: Its value since, or None when it is unknown now.
    """

    found_at: str
    canonical_id: str
    kind: ChangeKind
    field: str | None = None
    before: object = None
    after: object = None

    @property
    def provider(self) -> str:
        """any-llm's name of the provider."""
        return self.canonical_id.partition(":")[0]

    @property
    def percent(self) -> float | None:
        """By how many percent a number changed; None where that means nothing."""
        old, new = self.before, self.after
        if isinstance(old, bool) or isinstance(new, bool):
            return None
        if not isinstance(old, int | float) or not isinstance(new, int | float):
            return None
        return 100 * (new - old) / old if old else None


@frozen(kw_only=True)
class Tombstone:
    """A model that everybody who listed it lists no more.

    Attributes:
        canonical_id: The model.
        last_listed_at: When it was last seen listed, ISO 8601 UTC.
        gone_at: When it was found missing, ISO 8601 UTC.
        listed_by: Who had listed it: names of sources, ``source:provider`` where
            the provider itself was asked.
        display_name: Its name, or None.
        family: Its family, or None.
        group: Its underlying model, or None.
        kind: Its kind, or None.
        status: Its last status, or None.
        release_date: When it was released, or None.
        price_input_per_million: Last price, US dollars per million tokens, or None.
        price_output_per_million: The same for output.
        successors: Ids of what may replace it and is listed, best first; filled
            when the tombstone is looked up.
    """

    canonical_id: str
    last_listed_at: str
    gone_at: str
    listed_by: tuple[str, ...] = ()
    display_name: str | None = None
    family: str | None = None
    group: str | None = None
    kind: str | None = None
    status: str | None = None
    release_date: str | None = None
    price_input_per_million: float | None = None
    price_output_per_million: float | None = None
    successors: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = (
            f"no longer listed since {self.gone_at[:10]} (last seen "
            f"{self.last_listed_at[:10]})"
        )
        prices = self.price_input_per_million, self.price_output_per_million
        if prices != (None, None):
            money = (f"${plain(p)}" if p is not None else "unknown" for p in prices)
            said += "; last price {} in, {} out per 1M tokens".format(*money)
        if self.successors:
            said += f"; listed instead: {', '.join(self.successors)}"
        return said


@frozen(kw_only=True)
class Retirement:
    """Why a model should not be relied on for long, as the kept catalog has it.

    Attributes:
        canonical_id: The model.
        reason: ``deprecated`` where a source says so; ``gone`` where nobody lists
            it any more; ``refused`` where its provider was asked and does not
            list it; ``unlisted`` where it was never seen in this cache and its
            provider's other models are.
        checked_at: Time of the kept catalog, ISO 8601 UTC.
        since: When that was first seen, or None where it always was so.
        successors: Ids of what may replace it, best first.
    """

    canonical_id: str
    reason: Literal["deprecated", "gone", "refused", "unlisted"]
    checked_at: str
    since: str | None = None
    successors: tuple[str, ...] = ()

    def __str__(self) -> str:
        provider = self.canonical_id.partition(":")[0]
        since = f" since {self.since[:10]}" if self.since else ""
        said = {
            "deprecated": f"is deprecated{since}",
            "gone": f"is no longer listed{since}",
            "refused": f"is not among the models that {provider} lists{since}",
            "unlisted": "is not listed",
        }[self.reason]
        said += f" (catalog of {self.checked_at[:10]}"
        if self.successors:
            said += f"; listed: {', '.join(self.successors)}"
        return f"{said})"
