"""From one row of models.dev to one observation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Facts, Status
from llmhub_core.records.observation import BaseModel, ServedModel
from llmhub_sources.documents import Fields, is_sound, said
from llmhub_sources.kinds import kind_of
from llmhub_sources.models_dev.benchmarks import read_benchmarks
from llmhub_sources.models_dev.prices import price_facts

__all__ = ["base_model", "misnamed", "served_model"]

_STATUSES: Final[Mapping[str, Status]] = {
    "alpha": "alpha",
    "beta": "beta",
    "deprecated": "deprecated",
    "stable": "stable",
}
#: What an embedding model has as `limit.output` is the size of its vector, or
#: nonsense; none of these kinds generates tokens.
_NO_OUTPUT_TOKENS: Final = frozenset({"embedding", "rerank"})


def _limit(limits: Fields, name: str) -> int | None:
    # Upstream writes 0 where it does not know.
    return limits.count(name) or None


def _budget(option: Fields, name: str) -> int | None:
    tokens = option.count(name, least=-1)
    # -1 asks for a budget that the model chooses: no bound.
    return None if tokens == -1 else tokens


def _effort_words(option: Fields, row: Fields) -> tuple[str, ...] | None:
    values = option.raw("values")
    if isinstance(values, list):
        # null stands for "leave the parameter out", which needs no name.
        words = [word for word in values if word is not None]
        if all(isinstance(word, str) and is_sound(word) for word in words):
            return tuple(dict.fromkeys(words))
    row.refuse("reasoning_options", f"{said(values)} is not a list of efforts")
    return None


def _reasoning(row: Fields) -> dict[str, Any]:
    """Read ``reasoning_options``; one that can't be read makes all unknown."""
    before = len(row.refused)
    options = row.items("reasoning_options")
    if options is None:
        return {}
    found: dict[str, Any] = {"reasoning_efforts": (), "reasoning_toggle": False}
    for option in options:
        kind = option.text("type")
        if kind == "toggle":
            found["reasoning_toggle"] = True
        elif kind == "effort":
            found["reasoning_efforts"] = _effort_words(option, row)
        elif kind == "budget_tokens":
            found["reasoning_budget_min_tokens"] = _budget(option, "min")
            found["reasoning_budget_max_tokens"] = _budget(option, "max")
        else:
            row.refuse("reasoning_options", f"{said(kind)} is not a known option")
    return {} if len(row.refused) > before else found


def _status(row: Fields) -> Status | None:
    before = len(row.refused)
    text = row.text("status")
    if text is None:
        return None if len(row.refused) > before else "stable"
    if text not in _STATUSES:
        row.refuse("status", f"{said(text)} is not a known status")
    return _STATUSES.get(text)


def _described(row: Fields) -> dict[str, Any]:
    """What served and underlying models say alike, all but kind and price."""
    modalities = row.table("modalities")
    reasoning = row.flag("reasoning")
    return {
        "display_name": row.text("name"),
        "family": row.text("family"),
        "supports_reasoning": reasoning,
        "supports_tool_call": row.flag("tool_call"),
        "supports_structured_output": row.flag("structured_output"),
        "supports_temperature": row.flag("temperature"),
        "supports_attachment": row.flag("attachment"),
        **(_reasoning(row) if reasoning else {}),
        "input_modalities": modalities.words("input") if modalities else None,
        "output_modalities": modalities.words("output") if modalities else None,
        "knowledge_cutoff": row.day("knowledge"),
        "release_date": row.day("release_date"),
        "last_updated": row.day("last_updated"),
        "open_weights": row.flag("open_weights"),
        "status": _status(row),
    }


def _limits(row: Fields) -> dict[str, Any]:
    limits = row.table("limit")
    if limits is None:
        return {}
    return {
        "context_tokens": _limit(limits, "context"),
        "max_input_tokens": _limit(limits, "input"),
        "max_output_tokens": _limit(limits, "output"),
    }


def _facts(row: Fields, model_id: str, *, provider: str | None = None) -> Facts:
    facts = _described(row)
    prices: Mapping[str, Any] = {}
    if provider is not None and (cost := row.table("cost")) is not None:
        prices = price_facts(
            cost,
            provider=provider,
            model_id=model_id,
            display_name=facts["display_name"],
        )
    kind = kind_of(
        model_id,
        family=facts["family"],
        inputs=facts["input_modalities"],
        outputs=facts["output_modalities"],
        tools=facts["supports_tool_call"],
        reasoning=facts["supports_reasoning"],
        price_input=prices.get("price_input_per_million"),
        price_output=prices.get("price_output_per_million"),
    )
    limits = _limits(row)
    if kind in _NO_OUTPUT_TOKENS:
        limits.pop("max_output_tokens", None)
    if kind == "chat" and prices.get("price_basis") == "listed":
        prices = _without_halves(row, prices)
    return Facts(**facts, **limits, **prices, kind=kind)


def _without_halves(row: Fields, prices: Mapping[str, Any]) -> Mapping[str, Any]:
    """Drop the zero of a chat price of which the other half is not zero.

    Such a row prices something else, such as a router's own fee.
    """
    known = dict(prices)
    for side in ("input", "output"):
        if known[f"price_{side}_per_million"] == 0.0:
            row.refuse(f"cost.{side}", "0 beside a price is none for a chat model")
            known[f"price_{side}_per_million"] = None
    return known


def misnamed(row: Fields, key: str) -> str | None:
    """Why the own id of a row or a provider disqualifies it, or None."""
    own = row.raw("id")
    if own is None or own == key:
        return None
    return f"is listed as {said(key)} and calls itself {said(own)}"


def _record(*parts: str) -> str:
    """An id for a refusal, printable whatever upstream wrote."""
    text = "/".join(parts)
    return text if is_sound(text) else said(text).strip("'")


def served_model(
    provider: str, key: str, data: object
) -> tuple[ServedModel | None, list[Refusal]]:
    """Read one model of one provider.

    Args:
        provider: The provider's id.
        key: The key of the row, which is the id to call.
        data: The row.

    Returns:
        The observation, None when the row as a whole is refused, and a refusal
        per field, or for the row, that could not be used.
    """
    record = _record(provider, key)
    if not is_sound(key):
        return None, [Refusal(record=record, reason="has an id that can't be one")]
    if not isinstance(data, dict):
        return None, [Refusal(record=record, reason=f"{said(data)} is not an object")]
    row = Fields(data, record)
    if (wrong := misnamed(row, key)) is not None:
        return None, [Refusal(record=record, reason=wrong)]
    facts = _facts(row, key, provider=provider)
    model = ServedModel(provider=provider, model_id=key, record=record, facts=facts)
    return model, row.refused


def base_model(key: str, data: object) -> tuple[BaseModel | None, list[Refusal]]:
    """Read one record of ``models.json``, keyed ``lab/model``.

    Returns:
        The observation, or None, and what was refused.
    """
    record = _record(key)
    lab, slash, name = key.partition("/")
    if not (is_sound(key) and slash and lab and name):
        reason = "has a key that is not lab/model"
        return None, [Refusal(record=record, reason=reason)]
    if not isinstance(data, dict):
        return None, [Refusal(record=record, reason=f"{said(data)} is not an object")]
    row = Fields(data, record)
    if (wrong := misnamed(row, key)) is not None:
        return None, [Refusal(record=record, reason=wrong)]
    facts = _facts(row, name)
    base = BaseModel(
        lab=lab,
        model_id=name,
        record=record,
        facts=facts,
        benchmarks=read_benchmarks(row),
    )
    return base, row.refused
