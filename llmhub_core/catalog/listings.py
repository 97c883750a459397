"""Whether a model can be called, told from what its provider lists."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from llmhub_core.catalog.identity.providers import canonical_provider, providers
from llmhub_core.records.model import Callable
from llmhub_core.records.observation import Harvest

__all__ = ["Listings", "read_listings"]


@frozen(kw_only=True)
class _Listing:
    """The models that one provider listed, and whether those are all it serves."""

    ids: frozenset[str] = frozenset()
    complete: bool = True


@frozen(kw_only=True)
class Listings:
    """What every provider answered that was asked and has a listing."""

    _by_provider: Mapping[str, _Listing] = field(alias="by_provider")

    @property
    def providers(self) -> tuple[str, ...]:
        """Those who answered, in order."""
        return tuple(sorted(self._by_provider))

    def callable(self, provider: str, model_id: str) -> tuple[Callable, str | None]:
        """Say whether a model can be called, and if not, why."""
        if provider not in providers():
            return "no", f"any-llm has no provider {provider!r}"
        listing = self._by_provider.get(provider)
        if listing is None:
            return "not_probed", None
        if model_id in listing.ids:
            return "yes", None
        if not listing.complete:
            return "not_probed", f"{provider} also serves what it does not list"
        return "no", f"{provider} was asked and does not list it"


def read_listings(harvests: Mapping[str, Harvest]) -> Listings:
    """Collect the answers of providers.

    Args:
        harvests: By source name, in any order; answers of one provider add up.
    """
    found: dict[str, _Listing] = {}
    for harvest in harvests.values():
        for probe in harvest.probes:
            if probe.model_ids is not None:
                provider = canonical_provider(probe.provider)
                before = found.get(provider, _Listing())
                found[provider] = _Listing(
                    ids=before.ids.union(probe.model_ids),
                    complete=before.complete and probe.complete,
                )
    return Listings(by_provider=found)
