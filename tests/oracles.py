"""Two sources of a third party: price lists that were drawn up independently.

They read data that comes inside the packages ``genai-prices`` and ``model-prices``,
without the network, and import nothing of LLM Hub but its public contracts. Tests
install them as a distribution with entry points.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from importlib.resources import files
from typing import Any, ClassVar

import genai_prices.data
import genai_prices.types
import model_prices
from attrs import frozen

from llmhub_core.contracts import CONTRACT_VERSION, SourceContext
from llmhub_core.errors import SourceDataError
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Facts, PriceTier
from llmhub_core.records.observation import Harvest, ServedModel

__all__ = ["ENTRY_POINTS", "GenaiPrices", "ModelPrices"]

ENTRY_POINTS = """\
[llmhub.sources]
genai-prices = oracles:GenaiPrices
model-prices = oracles:ModelPrices
"""

#: Labs that sell their own models; others resell them.
LABS = (
    "alibaba anthropic cohere deepseek google minimax mistral moonshotai openai "
    "perplexity xai zai"
).split()

#: What the packages call a rate, and what the catalog calls it.
RATES = {
    "input": "price_input_per_million",
    "output": "price_output_per_million",
    "cache_read": "price_cache_read_per_million",
    "cache_write": "price_cache_write_per_million",
    "input_audio": "price_input_audio_per_million",
}

#: DeepSeek asks twice as much in its peak hours, 1 to 4 and 6 to 10 o'clock UTC.
_OFF_PEAK = "2026-11-22T12:00:00+00:00"


@frozen(kw_only=True)
class OracleOptions:
    """Options of both oracles.

    Attributes:
        at: The moment whose prices are meant, ISO 8601.
    """

    at: str = _OFF_PEAK


class _Oracle:
    """A source that asks a package: what it says is recorded, then parsed."""

    contract_version: ClassVar[int] = CONTRACT_VERSION
    options_class: ClassVar[type[OracleOptions]] = OracleOptions
    package: ClassVar[str]

    def __init__(self, options: OracleOptions) -> None:
        self.at = datetime.fromisoformat(options.at).astimezone(UTC)

    async def fetch(self, context: SourceContext) -> Harvest:
        """See ``llmhub_core.contracts.CatalogSource``."""

        async def ask() -> bytes:
            said = {"as_of": self.as_of(), "models": dict(self.rates())}
            return json.dumps(said).encode()

        payload = await context.recorded(f"{self.package} {version(self.package)}", ask)
        try:
            said = json.loads(payload.body)
            return _parsed(said["as_of"], said["models"])
        except (ValueError, LookupError, TypeError) as error:
            raise SourceDataError(payload.url, "is not what was recorded") from error

    def as_of(self) -> str:
        """Date of the package's data."""
        raise NotImplementedError

    def rates(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield ``provider/model`` and what the package says of it."""
        raise NotImplementedError


class ModelPrices(_Oracle):
    """Prices of the labs, from the price history of model-prices."""

    package = "model-prices"

    def as_of(self) -> str:
        """Date of the models.dev commit that the data was built from."""
        return model_prices.data_as_of().date().isoformat()

    def rates(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Ask for every model that the snapshot lists, by its exact id."""
        snapshot = json.loads(
            files(model_prices).joinpath("snapshot.json").read_bytes()
        )
        for provider in LABS:
            for model in sorted(snapshot["prices"].get(provider, {})):
                rates = model_prices.rates(model, at=self.at, provider=provider)
                if rates is None or (rates.provider, rates.model) != (provider, model):
                    continue
                said: dict[str, Any] = {
                    name: getattr(rates, name, None)
                    for name in ("input", "output", "cache_read", "cache_write")
                }
                said["tiers"] = [
                    [tier.above, tier.input, tier.output, tier.cache_read]
                    for tier in rates.tiers
                ]
                yield f"{provider}/{model}", said


class GenaiPrices(_Oracle):
    """Prices and context windows of the labs, as genai-prices has them."""

    package = "genai-prices"

    def as_of(self) -> str:
        """The package dates no price: its release is of this month."""
        return "2026-11"

    def rates(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Ask for every id that the package lists in full."""
        for provider in genai_prices.data.providers:
            lab = {"x-ai": "xai"}.get(provider.id, provider.id)
            if lab not in LABS:
                continue
            for model in provider.models:
                price = model.get_prices(self.at)
                said = {
                    name: _number(getattr(price, key, None))
                    for name, key in (
                        ("input", "input_mtok"),
                        ("output", "output_mtok"),
                        ("cache_read", "cache_read_mtok"),
                        ("cache_write", "cache_write_mtok"),
                        ("input_audio", "input_audio_mtok"),
                    )
                }
                for name in sorted({model.id, *_names(model.match)}):
                    yield f"{lab}/{name}", {**said, "context": model.context_window}


def _number(price: Any) -> float | None:
    if isinstance(price, genai_prices.types.TieredPrices):
        price = price.base
    return float(price) if isinstance(price, (Decimal, int, float)) else None


def _names(match: Any) -> Iterator[str]:
    """Names that are matched as a whole; prefixes match what they should not."""
    if isinstance(match, genai_prices.types.ClauseEquals):
        yield match.equals
    for part in getattr(match, "or_", ()):
        yield from _names(part)


def _parsed(as_of: str, models: dict[str, dict[str, Any]]) -> Harvest:
    served, refused = [], []
    for record, said in sorted(models.items()):
        provider, _, model_id = record.partition("/")
        prices = {field: said.get(name) for name, field in RATES.items()}
        if not any(prices.values()):
            refused.append(Refusal(record=record, reason="has no price per token"))
            continue
        tiers = tuple(
            PriceTier(
                above_context_tokens=above,
                input_per_million=price_input,
                output_per_million=price_output,
                cache_read_per_million=cache_read,
            )
            for above, price_input, price_output, cache_read in said.get("tiers", ())
        )
        facts = Facts(
            price_basis="listed",
            context_tokens=said.get("context"),
            price_tiers=tiers or None,
            **prices,
        )
        served.append(
            ServedModel(
                provider=provider, model_id=model_id, record=record, facts=facts
            )
        )
    return Harvest(served=tuple(served), refused=tuple(refused), as_of=as_of)
