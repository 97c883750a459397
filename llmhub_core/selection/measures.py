"""The numbers of one catalog, each reckoned once for all roles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from llmhub_core.catalog.identity.providers import canonical_provider
from llmhub_core.catalog.identity.providers import providers as known_providers
from llmhub_core.records.candidate import Candidate, Latency, Quality
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RatingKey, RoleNeed
from llmhub_core.selection.latency import latency
from llmhub_core.selection.pricing import expected_cost
from llmhub_core.selection.quality import Standings, qualities, standings

__all__ = ["Measures", "Sifted"]

T = TypeVar("T")

#: Who is left after some limits, and per limit the ids of those who are not.
Sifted: TypeAlias = tuple[Sequence[CanonicalModel], Mapping[str, tuple[str, ...]]]


class Measures:
    """What models cost, how good and how fast they are.

    Costs depend on the workload and ratings on the task, so roles that share them
    share the work. Make one for a catalog and hand it to every stage.

    Args:
        catalog: Fused models in canonical-id order.
        provider_name: Makes the name of a provider or lab canonical.
        providers: Names of the providers that any-llm calls; None asks the table.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        provider_name: Callable[[str], str] = canonical_provider,
        providers: Collection[str] | None = None,
    ) -> None:
        self.catalog = catalog
        self.ids = frozenset(model.canonical_id for model in catalog)
        self.callers = frozenset(known_providers() if providers is None else providers)
        self.provider_name = provider_name
        self.passing: dict[object, frozenset[str]] = {}
        self.sifted: dict[object, Sifted] = {}
        self._standings: Standings | None = None
        self._qualities: dict[tuple[RatingKey, ...], Mapping[str, Quality]] = {}
        self._candidates: dict[object, dict[str, Candidate]] = {}
        self._groups: dict[str, list[CanonicalModel]] | None = None
        self._latencies: dict[str, Latency] = {}
        self._releases: dict[str, str | None] = {}
        self._homes: dict[tuple[str, str], bool] = {}

    def candidates(
        self, models: Iterable[CanonicalModel], need: RoleNeed
    ) -> tuple[Candidate, ...]:
        """Put the numbers of models for one role beside them."""
        load = need.workload
        # How many requests there are in a month changes none of them.
        key = (load.input_tokens, load.output_tokens, load.cached_input, need.ratings)
        known = self._candidates.setdefault(key, {})
        ratings = self.qualities(need.ratings)
        found: list[Candidate] = []
        for model in models:
            name = model.canonical_id
            candidate = known.get(name)
            # A model that the catalog lacks is made anew for each role.
            if candidate is None or candidate.model is not model:
                candidate = known[name] = Candidate(
                    model=model,
                    cost=expected_cost(model, load),
                    quality=ratings.get(name),
                    latency=self.latency(model),
                    at_home=self.at_home(model),
                    released_on=self.released_on(model),
                )
            found.append(candidate)
        return tuple(found)

    def qualities(self, keys: tuple[RatingKey, ...]) -> Mapping[str, Quality]:
        """See :func:`~llmhub_core.selection.quality.qualities`."""
        if self._standings is None:
            self._standings = standings(self.catalog)
        if keys not in self._qualities:
            self._qualities[keys] = qualities(self._standings, keys)
        return self._qualities[keys]

    def latency(self, model: CanonicalModel) -> Latency:
        """See :func:`~llmhub_core.selection.latency.latency`.

        The hosts of one model disagree on its name, its switches and its price; a
        proxy made of these must not tell them apart. So all of them have the median
        of theirs.
        """
        hosts = self._hosts(model)
        if model.group is None or not hosts:
            return latency(model)
        if model.group not in self._latencies:
            self._latencies[model.group] = _middle(
                sorted(map(latency, hosts), key=lambda each: (each.value, each.reason))
            )
        return self._latencies[model.group]

    def released_on(self, model: CanonicalModel) -> str | None:
        """When a model was released: what its lab says, else the median of its hosts.

        Some hosts give the day on which they took it up, or the first of a year.
        """
        if model.group is None:
            return model.release_date
        if model.group not in self._releases:
            self._releases[model.group] = _agreed(
                (self.at_home(host), host.release_date)
                for host in self._hosts(model)
                if host.release_date is not None
            )
        return self._releases[model.group] or model.release_date

    def at_home(self, model: CanonicalModel) -> bool:
        """Whether a model is served by the lab that made it."""
        if model.lab is None:
            return False
        key = (model.lab, model.provider)
        if key not in self._homes:
            self._homes[key] = self.provider_name(model.lab) == model.provider
        return self._homes[key]

    def _hosts(self, model: CanonicalModel) -> Sequence[CanonicalModel]:
        """Everybody in the catalog who serves the same underlying model."""
        if self._groups is None:
            self._groups = {}
            for each in self.catalog:
                if each.group is not None:
                    self._groups.setdefault(each.group, []).append(each)
        return self._groups.get(model.group or "", ())


def _agreed(said: Iterable[tuple[bool, str]]) -> str | None:
    """The lower median of what labs say, else of what hosts say."""
    ordered = sorted((not home, date) for home, date in said)
    dates = [date for away, date in ordered if away == ordered[0][0]]
    return _middle(dates) if dates else None


def _middle(ordered: Sequence[T]) -> T:
    """The lower median."""
    return ordered[(len(ordered) - 1) // 2]
