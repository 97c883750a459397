"""The source openrouter keeps the contract, and reads what OpenRouter answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from llmhub_openrouter import OpenRouter, OpenRouterOptions

from llmhub_core.contracts import CatalogSource
from llmhub_core.errors import SourceDataError, SourceUnavailableError
from llmhub_core.records.model import Facts
from llmhub_core.records.observation import Harvest
from llmhub_core.testing import CatalogSourceContract, FakeSourceContext

URL = "https://openrouter.ai/api/v1/models"
ANSWER = Path(__file__).with_name("data") / "models.json"
DATA = json.loads(ANSWER.read_text(encoding="utf-8"))


class TestOpenRouter(CatalogSourceContract):
    """All that the contract asks."""

    @pytest.fixture
    def source(self) -> CatalogSource:
        """Return what is under test."""
        return OpenRouter(OpenRouterOptions())

    @pytest.fixture
    def answers(self) -> Mapping[str, Any]:
        """Return what OpenRouter answers."""
        return {URL: ANSWER.read_bytes()}


def _fetch(answer: Any, url: str = URL) -> Harvest:
    source = OpenRouter(OpenRouterOptions(url=url))
    return asyncio.run(source.fetch(FakeSourceContext(answers={url: answer})))


def _facts(name: str) -> Facts:
    (facts,) = (m.facts for m in _fetch(DATA).served if m.model_id == name)
    return facts


def _one(**changes: Any) -> tuple[Facts, Harvest]:
    row = {"id": "maker/model", "pricing": {"prompt": "0.1", "completion": "0.1"}}
    harvest = _fetch({"data": [row | changes]})
    (model,) = harvest.served
    return model.facts, harvest


def test_prices_per_token_become_prices_per_million() -> None:
    """Exactly: the decimal text is multiplied as decimals, cache and audio too."""
    facts = _facts("google/gemini-3.1-flash-lite")
    assert facts.price_basis == "listed"
    assert facts.price_input_per_million == 0.25
    assert facts.price_output_per_million == 1.5
    assert facts.price_reasoning_per_million == 1.5
    assert facts.price_cache_read_per_million == 0.025
    assert facts.price_cache_write_per_million == 0.08333333333333334
    assert facts.price_input_audio_per_million == 0.5
    assert _facts("perceptron/perceptron-mk1").price_input_per_million == 0.15


def test_free_is_what_says_so() -> None:
    """0 under an id that ends in `:free` is a price; a bare 0 is none."""
    free = _facts("inclusionai/ring-2.6-1t:free")
    assert (free.price_basis, free.price_input_per_million) == ("free", 0.0)
    router = _facts("openrouter/free")
    assert (router.price_basis, router.price_input_per_million) == ("zero", None)


def test_a_price_that_depends_is_unknown() -> None:
    """-1 stands at a router that leads to models of many prices."""
    facts = _facts("openrouter/auto")
    assert (facts.price_basis, facts.price_input_per_million) == (None, None)
    assert facts.context_tokens == 2_000_000


def test_limits_modalities_and_capabilities_are_read() -> None:
    """In the words of the catalog: OpenRouter's files are PDFs."""
    facts = _facts("openai/gpt-5.4-mini")
    assert facts.display_name == "GPT-5.4 Mini"
    assert (facts.context_tokens, facts.max_output_tokens) == (400_000, 128_000)
    assert facts.input_modalities == ("image", "pdf", "text")
    assert (facts.kind, facts.output_modalities) == ("chat", ("text",))
    assert facts.knowledge_cutoff == "2025-08-31"
    assert facts.supports_tool_call is True
    assert facts.supports_structured_output is True
    assert facts.supports_reasoning is True
    assert facts.supports_temperature is False
    assert facts.status is None


def test_what_is_not_said_stays_unknown() -> None:
    """No list of parameters says nothing of capabilities; a painter is no chat."""
    facts = _facts("openrouter/bodybuilder")
    assert facts.supports_tool_call is None
    assert facts.max_output_tokens is None
    assert _facts("openai/gpt-5.4-image-2").kind is None
    assert _facts("google/lyria-3-clip-preview").kind is None


def test_a_model_that_expires_is_deprecated() -> None:
    """OpenRouter says from when it answers no more."""
    assert _facts("x-ai/grok-4").status == "deprecated"


def test_an_alias_is_refused_by_name() -> None:
    """What moves from model to model can't be pinned."""
    harvest = _fetch(DATA)
    (refusal,) = harvest.refused
    assert refusal.record == "~anthropic/claude-haiku-latest"
    assert refusal.reason == "is an alias that moves from model to model"
    assert len(harvest.served) == len(DATA["data"]) - 1


@pytest.mark.parametrize(
    ("row", "record"),
    [
        (None, "data[0]"),
        ({"id": 1}, "data[0]"),
        ({"id": "no-maker"}, "data[0]"),
        ({"id": "maker/mo del"}, "data[0]"),
    ],
)
def test_a_row_without_an_id_is_refused_by_its_place(row: object, record: str) -> None:
    """There is nothing else to call it by."""
    harvest = _fetch({"data": [row]})
    assert harvest.served == ()
    assert [r.record for r in harvest.refused] == [record]
    assert harvest.refused[0].reason == "has no id of the form 'maker/model'"


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("context_length", -5, "int is not a number of tokens"),
        ("context_length", True, "bool is not a number of tokens"),
        ("name", "two\nlines", r"'two\nlines' is not a line of text"),
        ("knowledge_cutoff", "2025-02-30", "'2025-02-30' is not a date"),
        ("knowledge_cutoff", "1970-01-01", "'1970-01-01' is not a date"),
        ("expiration_date", 5, "int is not a date"),
        ("supported_parameters", "tools", "'tools' is not a list of words"),
    ],
)
def test_a_field_that_cannot_be_meant_is_refused_alone(
    field: str, value: object, reason: str
) -> None:
    """The rest of the row stands."""
    facts, harvest = _one(**{field: value})
    assert [(r.field, r.reason) for r in harvest.refused] == [(field, reason)]
    assert facts.price_input_per_million == 100_000.0


def test_what_is_no_modality_is_refused() -> None:
    """One odd word spoils the list: what is left would be half a truth."""
    facts, harvest = _one(architecture={"input_modalities": ["text", "BAD WORD"]})
    assert facts.input_modalities is None
    assert harvest.refused[0].field == "architecture.input_modalities"


@pytest.mark.parametrize("price", ["-2", "abc", "NaN", "1e9", 0.5])
def test_one_bad_price_takes_the_others_with_it(price: object) -> None:
    """Half a price list would make a model look cheap."""
    facts, harvest = _one(pricing={"prompt": "0.1", "completion": price})
    assert (facts.price_basis, facts.price_input_per_million) == (None, None)
    assert [r.field for r in harvest.refused] == ["pricing.completion"]


def test_a_price_of_one_side_is_no_price() -> None:
    """Without the price of its output a model has no price."""
    facts, _ = _one(pricing={"prompt": "0.1"})
    assert (facts.price_basis, facts.price_input_per_million) == (None, None)


def test_a_second_row_of_one_id_is_refused() -> None:
    """The first counts, and the second is told."""
    row = {"id": "maker/model"}
    harvest = _fetch({"data": [row, row]})
    assert len(harvest.served) == 1
    assert [r.reason for r in harvest.refused] == [
        "is listed twice: the first row counts"
    ]


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"data": []}', b'{"data": 1}'])
def test_another_document_is_an_error_with_its_address(answer: bytes) -> None:
    """The source is skipped, or its last good answer stands in."""
    with pytest.raises(SourceDataError, match="mirror"):
        _fetch(answer, "https://mirror.example/models")


def test_an_upstream_that_is_down_is_told() -> None:
    """Nothing hides that there was no answer."""
    with pytest.raises(SourceUnavailableError, match="HTTP 404"):
        asyncio.run(OpenRouter(OpenRouterOptions()).fetch(FakeSourceContext()))
