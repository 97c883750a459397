"""From one row of OpenRouter's list to what LLM Hub calls a served model.

Every field is read on its own: one that can't be meant is unknown, and a refusal
says so; the rest of the row stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Facts
from llmhub_core.records.observation import ServedModel

__all__ = ["Row", "served_model"]

#: Our field, and OpenRouter's under ``pricing``: US dollars per token. What is priced
#: per image, request or search has no place among prices of tokens.
_PRICES: Final = (
    ("price_input_per_million", "prompt"),
    ("price_output_per_million", "completion"),
    ("price_reasoning_per_million", "internal_reasoning"),
    ("price_cache_read_per_million", "input_cache_read"),
    ("price_cache_write_per_million", "input_cache_write"),
    ("price_input_audio_per_million", "audio"),
)
#: OpenRouter's name of a kind of input, where it is not that of other sources.
_MODALITIES: Final = {"file": "pdf"}
_MOST_USD_PER_TOKEN = Decimal("0.1")
_MOST_TOKENS = 1_000_000_000
_ID: Final = re.compile(r"[^\s/]+/[^\s/]+")
_WORD: Final = re.compile(r"[a-z]{1,20}")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: No date of a language model is older than the transformer.
_YEARS: Final = range(2017, 2101)


class Row:
    """A row that remembers what of it was refused.

    Args:
        data: The row, whatever it is.
        name: What to call it as long as its id is not known.
    """

    def __init__(self, data: object, name: str) -> None:
        self._data: Mapping[str, Any] = data if isinstance(data, dict) else {}
        self.name = name
        self.refused: list[Refusal] = []

    def refuse(self, reason: str, field: str | None = None) -> None:
        """Note that a field, or the whole row, was not used."""
        self.refused.append(Refusal(record=self.name, reason=reason, field=field))

    def get(self, path: str) -> Any:
        """What stands at a dotted path, or None."""
        value: Any = self._data
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def text(self, path: str) -> str | None:
        """One line of text."""
        value = self.get(path)
        if value is None:
            return None
        if isinstance(value, str) and value.isprintable() and 0 < len(value) <= 200:
            return value
        self._unfit(path, value, "a line of text")
        return None

    def tokens(self, path: str) -> int | None:
        """A number of tokens."""
        value = self.get(path)
        if value is None:
            return None
        if type(value) is int and 0 < value <= _MOST_TOKENS:
            return value
        self._unfit(path, value, "a number of tokens")
        return None

    def words(self, path: str) -> tuple[str, ...] | None:
        """A list of words, sorted; None where it is empty."""
        value = self.get(path)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(w, str) for w in value):
            self._unfit(path, value, "a list of words")
            return None
        return tuple(sorted(set(value))) or None

    def day(self, path: str) -> str | None:
        """A date, ``YYYY-MM-DD``."""
        value = self.get(path)
        if value is None:
            return None
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                if date.fromisoformat(value).year in _YEARS:
                    return value
            except ValueError:
                pass  # a day that the calendar does not have
        self._unfit(path, value, "a date")
        return None

    def usd_per_million(self, path: str) -> float | None:
        """A price per million tokens, from a decimal text per token.

        -1 is OpenRouter's word for a price that depends on where a router leads.
        """
        value = self.get(path)
        if value is None:
            return None
        try:
            usd = Decimal(value) if isinstance(value, str) else Decimal("NaN")
        except InvalidOperation:
            usd = Decimal("NaN")
        if usd == -1:
            return None
        if usd.is_finite() and 0 <= usd <= _MOST_USD_PER_TOKEN:
            # As decimals: 0.00000015 times a million is 0.15, not 0.15000000000000002.
            return float(usd * 1_000_000)
        self._unfit(path, value, "a price in US dollars per token")
        return None

    def _unfit(self, path: str, value: object, wanted: str) -> None:
        shown = ascii(value)[:40] if isinstance(value, str) else type(value).__name__
        self.refuse(f"{shown} is not {wanted}", path)


def served_model(row: Row) -> ServedModel | None:
    """Read one row.

    Returns:
        The model, or None when the row can't be used; ``row.refused`` says why.
    """
    name = row.get("id")
    if not isinstance(name, str) or not _ID.fullmatch(name) or not _fit(name):
        row.refuse("has no id of the form 'maker/model'")
        return None
    row.name = name
    if name.startswith("~"):
        row.refuse("is an alias that moves from model to model")
        return None
    inputs = _modalities(row, "architecture.input_modalities")
    outputs = _modalities(row, "architecture.output_modalities")
    return ServedModel(
        provider="openrouter",
        model_id=name,
        record=name,
        facts=Facts(
            display_name=_display_name(row),
            # What draws or sings as well is left to sources that know its kind.
            kind="chat" if outputs == ("text",) else None,
            input_modalities=inputs,
            output_modalities=outputs,
            context_tokens=row.tokens("context_length"),
            max_output_tokens=row.tokens("top_provider.max_completion_tokens"),
            knowledge_cutoff=row.day("knowledge_cutoff"),
            status=None if row.day("expiration_date") is None else "deprecated",
            **_capabilities(row),
            **_prices(row, name),
        ),
    )


def _fit(name: str) -> bool:
    return name.isprintable() and len(name) <= 200


def _display_name(row: Row) -> str | None:
    name = row.text("name")
    # "Anthropic: Claude Opus 4.7": the maker stands in the id already.
    return None if name is None else name.partition(": ")[2] or name


def _modalities(row: Row, path: str) -> tuple[str, ...] | None:
    words = row.words(path)
    if words is None:
        return None
    if not all(_WORD.fullmatch(word) for word in words):
        row.refuse("holds what is no modality", path)
        return None
    return tuple(sorted({_MODALITIES.get(word, word) for word in words}))


def _capabilities(row: Row) -> dict[str, Any]:
    """What the model's parameters tell; without a list of them, nothing."""
    known = row.words("supported_parameters")

    def takes(parameter: str) -> bool | None:
        return None if known is None else parameter in known

    return {
        "supports_tool_call": takes("tools"),
        "supports_structured_output": takes("structured_outputs"),
        "supports_reasoning": takes("reasoning"),
        "supports_temperature": takes("temperature"),
    }


def _prices(row: Row, name: str) -> dict[str, Any]:
    """All prices of the row, or none: half a price list is worse than no price."""
    before = len(row.refused)
    prices = {
        ours: price
        for ours, theirs in _PRICES
        if (price := row.usd_per_million(f"pricing.{theirs}")) is not None
    }
    both = {"price_input_per_million", "price_output_per_million"} <= prices.keys()
    if len(row.refused) > before or not both:
        return {}
    if any(prices.values()):
        return {"price_basis": "listed", **prices}
    if name.endswith(":free"):
        return {"price_basis": "free", **prices}
    # A preview, or a router to whatever is free today: 0 is no promise.
    return {"price_basis": "zero"}
