"""What the history compares: each model's facts, and who told them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

from attrs import frozen

from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.numerals import plain
from llmhub_core.records.catalog import SourceStatus
from llmhub_core.records.history import ChangeKind
from llmhub_core.records.model import CanonicalModel, PriceTier
from llmhub_core.records.observation import Harvest

__all__ = ["FIELDS", "KINDS", "Answers", "Standing", "read_answers", "stand"]

#: Fields of a model whose change is told, and what kind of change that is.
KINDS: Mapping[str, ChangeKind] = {
    "price_input_per_million": "price",
    "price_output_per_million": "price",
    "price_reasoning_per_million": "price",
    "price_cache_read_per_million": "price",
    "price_cache_write_per_million": "price",
    "price_input_audio_per_million": "price",
    "price_output_audio_per_million": "price",
    "price_tiers": "price",
    "price_basis": "price",
    "context_tokens": "limits",
    "max_input_tokens": "limits",
    "max_output_tokens": "limits",
    "status": "status",
    "callable": "status",
    "kind": "capability",
    "supports_reasoning": "capability",
    "supports_tool_call": "capability",
    "supports_structured_output": "capability",
    "supports_temperature": "capability",
    "input_modalities": "capability",
    "output_modalities": "capability",
    "open_weights": "capability",
    "arena_score": "rating",
}

#: All that is kept of a model: the fields above, and what its tombstone will say.
FIELDS = (
    *KINDS,
    "arena_ci_low",
    "arena_ci_high",
    "display_name",
    "family",
    "group",
    "release_date",
)

_values = attrgetter(*FIELDS)
_TOLD = tuple(KINDS)
_PLACE = {name: place for place, name in enumerate(FIELDS)}
_CALLABLE = _PLACE["callable"]


@frozen(kw_only=True)
class Answers:
    """Who answered in full, so that what they do not list is not there.

    A *lister* is a source, or ``source:provider`` where a source asks a provider
    with the user's key: it knows of that provider's models alone, and is silent
    without the key.

    Attributes:
        listers: Everybody who answered in full.
        asking: Names of the sources that ask providers.
        probed: By provider, the lister that has its complete listing.
    """

    listers: frozenset[str] = frozenset()
    asking: frozenset[str] = frozenset()
    probed: Mapping[str, str]

    def lister(self, source: str, provider: str) -> str:
        """Name who speaks when a source speaks of a provider's model."""
        return f"{source}:{provider}" if source in self.asking else source


@frozen
class Standing:
    """One model as it was last told.

    Attributes:
        listers: Who lists it.
        values: Its values, in the order of :data:`FIELDS`, as JSON has them.
        told_by: Who told each of the first of them, those of :data:`KINDS`; None
            where nobody knows.
        last_listed_at: When it was last in the catalog; None when it is there now.
    """

    listers: frozenset[str]
    values: tuple[Any, ...]
    told_by: tuple[str | None, ...]
    last_listed_at: str | None = None

    def __getitem__(self, name: str) -> Any:
        return self.values[_PLACE[name]]


def read_answers(
    statuses: Iterable[SourceStatus], harvests: Mapping[str, Harvest]
) -> Answers:
    """Tell who answered in full.

    Args:
        statuses: How it went; a source that an older answer stands in for did not
            answer.
        harvests: By source name.
    """
    answered = {s.name for s in statuses if s.state in {"fresh", "cached"}}
    asking = {name for name, harvest in harvests.items() if harvest.probes}
    probed = {
        provider: f"{name}:{provider}"
        for name in sorted(answered & asking)
        for probe in harvests[name].probes
        if probe.model_ids is not None and probe.complete
        for provider in [canonical_provider(probe.provider)]
    }
    return Answers(
        listers=frozenset(answered - asking) | frozenset(probed.values()),
        asking=frozenset(asking),
        probed=probed,
    )


def stand(model: CanonicalModel, answers: Answers) -> Standing:
    """Take down what is known of a model now."""
    values = tuple(map(_plain, _values(model)))
    told = [
        None if origin is None else answers.lister(origin.source, model.provider)
        for origin in map(model.provenance.get, _TOLD)
    ]
    told[_CALLABLE] = answers.probed.get(model.provider)
    return Standing(
        listers=frozenset(
            answers.lister(source, model.provider) for source in model.source_ids
        ),
        values=values,
        told_by=tuple(told),
    )


def _plain(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    if value and isinstance(value[0], PriceTier):
        return "; ".join(map(_tier, value))
    return ", ".join(sorted(value))


def _tier(tier: PriceTier) -> str:
    prices = (
        ("in", tier.input_per_million),
        ("out", tier.output_per_million),
        ("cache read", tier.cache_read_per_million),
        ("cache write", tier.cache_write_per_million),
    )
    said = ", ".join(
        f"{plain(price)} {what}" for what, price in prices if price is not None
    )
    return f"above {tier.above_context_tokens:,} tokens {said}"
