"""The source models-dev, on the form of the real documents."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmhub_core.errors import SourceDataError, SourceUnavailableError
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Facts
from llmhub_core.records.observation import Harvest
from llmhub_sources.models_dev import ModelsDevOptions, ModelsDevSource
from llmhub_sources.models_dev.rows import base_model, served_model

API = "https://models.dev/api.json"
MODELS = "https://models.dev/models.json"

#: A row as small as upstream's schema lets it be.
ROW: dict[str, Any] = {
    "id": "m-1",
    "name": "M 1",
    "attachment": False,
    "reasoning": False,
    "tool_call": True,
    "open_weights": False,
    "release_date": "2025-01-01",
    "last_updated": "2025-02-01",
    "modalities": {"input": ["text"], "output": ["text"]},
    "limit": {"context": 128_000, "output": 8_000},
    "cost": {"input": 1, "output": 2},
}


def _fetch(context: Any, options: ModelsDevOptions | None = None) -> Harvest:
    return asyncio.run(ModelsDevSource(options).fetch(context))


def _read(changes: dict[str, Any], *, key: str = "m-1") -> tuple[Facts, list[Refusal]]:
    row = {name: value for name, value in (ROW | changes).items() if value is not ...}
    model, refused = served_model("acme", key, row)
    assert model is not None
    return model.facts, refused


@pytest.fixture
def harvest(answers: Callable[..., Any], data: Path) -> Harvest:
    """The real rows of tests/data, read."""
    folder = data / "models_dev"
    given = {
        API: (folder / "api.json").read_bytes(),
        MODELS: (folder / "models.json").read_bytes(),
    }
    return _fetch(answers(given))


def _facts(harvest: Harvest, record: str) -> Facts:
    (model,) = (model for model in harvest.served if model.record == record)
    return model.facts


def test_every_real_row_is_served_or_refused(harvest: Harvest, data: Path) -> None:
    """No row is lost without a word, and these are all sound."""
    document = json.loads((data / "models_dev" / "api.json").read_bytes())
    rows = {f"{p}/{m}" for p, entry in document.items() for m in entry["models"]}
    whole = {refusal.record for refusal in harvest.refused if refusal.field is None}
    assert {model.record for model in harvest.served} | whole == rows
    assert len(harvest.served) + len(whole) == len(rows)
    assert not whole
    assert harvest.notes == ()


def test_a_real_row_has_its_facts(harvest: Harvest) -> None:
    """Every field of one row, as upstream states it."""
    facts = _facts(harvest, "openai/gpt-5.5")
    assert facts.display_name == "GPT-5.5"
    assert facts.kind == "chat"
    assert facts.supports_reasoning is True
    assert facts.supports_structured_output is True
    assert facts.supports_temperature is False
    assert facts.reasoning_efforts == ("none", "low", "medium", "high", "xhigh")
    assert facts.reasoning_toggle is False
    assert facts.input_modalities == ("text", "image", "pdf")
    assert facts.context_tokens == 1_050_000
    assert facts.max_input_tokens == 922_000
    assert facts.max_output_tokens == 128_000
    assert facts.price_basis == "listed"
    assert facts.price_cache_read_per_million == 0.5
    assert facts.price_tiers is not None
    assert [t.above_context_tokens for t in facts.price_tiers] == [272_000]
    assert facts.knowledge_cutoff == "2025-12-01"
    assert facts.status == "stable"


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ("openai/text-embedding-3-small", "embedding"),
        ("google/gemini-embedding-001", "embedding"),
        ("mistral/mistral-embed", "embedding"),
        ("vercel/cohere/rerank-v3.5", "rerank"),
        ("openai/gpt-image-1", "image"),
        ("xai/grok-imagine-image", "image"),
        ("google/gemini-2.5-flash-image", "image"),
        ("google/gemini-2.5-flash-preview-tts", "audio"),
        ("groq/whisper-large-v3", "audio"),
        ("openrouter/google/lyria-3-clip-preview", "audio"),
        ("groq/openai/gpt-oss-safeguard-20b", "moderation"),
        ("nvidia/nvidia/synthetic-video-detector", "other"),
        ("poe/openai/gpt-5.4", "chat"),
        ("azure/gpt-5.1", "chat"),
        ("openrouter/openrouter/auto", "chat"),
        ("azure/model-router", "chat"),
    ],
)
def test_real_kinds(harvest: Harvest, record: str, kind: str) -> None:
    """Rows that look alike are told apart."""
    assert _facts(harvest, record).kind == kind


@pytest.mark.parametrize(
    ("record", "basis", "price"),
    [
        ("openrouter/google/gemma-4-31b-it:free", "free", 0.0),
        ("zai/glm-4.5-flash", "zero", None),
        ("zai-coding-plan/glm-4.7", "subscription", None),
        ("github-models/openai/gpt-4o", "subscription", None),
        ("openai/text-embedding-3-small", "listed", 0.02),
        ("xai/grok-imagine-image", None, None),
    ],
)
def test_real_price_bases(
    harvest: Harvest, record: str, basis: str | None, price: float | None
) -> None:
    """0/0 never becomes a number unless the name says free."""
    facts = _facts(harvest, record)
    assert (facts.price_basis, facts.price_input_per_million) == (basis, price)


def test_real_oddities(harvest: Harvest) -> None:
    """Dates that no calendar has, a fee for a price, a tab in a name."""
    refused = {(refusal.record, refusal.field) for refusal in harvest.refused}
    assert refused == {
        ("azure/claude-haiku-4-5", "knowledge"),
        ("azure/model-router", "cost.output"),
        ("frogbot/gpt-oss-20b", "release_date"),
        ("frogbot/gpt-oss-20b", "last_updated"),
    }
    router = _facts(harvest, "azure/model-router")
    assert router.price_input_per_million == 0.14
    assert router.price_output_per_million is None
    name = _facts(harvest, "novita-ai/deepseek/deepseek-v3-turbo").display_name
    assert name == "DeepSeek V3 (Turbo)"
    # null is "leave the parameter out", no effort of that name.
    efforts = _facts(harvest, "sarvam/sarvam-30b").reasoning_efforts
    assert efforts == ("low", "medium", "high")


def test_a_vector_is_no_output(harvest: Harvest) -> None:
    """The size of a vector never stands as an output limit."""
    for record in ("openai/text-embedding-3-small", "google/gemini-embedding-001"):
        assert _facts(harvest, record).max_output_tokens is None
    assert _facts(harvest, "mistral/mistral-embed").context_tokens == 8000


def test_status_is_stable_unless_said(harvest: Harvest) -> None:
    """models.dev marks what is not."""
    assert _facts(harvest, "azure/claude-sonnet-5").status == "beta"
    retired = _facts(harvest, "anthropic/claude-3-5-sonnet-20240620")
    assert retired.status == "deprecated"


def test_underlying_models_have_no_price(harvest: Harvest) -> None:
    """A base model belongs to its lab and costs nothing by itself."""
    bases = {base.record: base for base in harvest.bases}
    assert len(bases) == 5
    base = bases["openai/gpt-oss-120b"]
    assert (base.lab, base.model_id) == ("openai", "gpt-oss-120b")
    assert base.facts.price_basis is None
    assert bases["openai/whisper-large-v3"].facts.kind == "audio"
    assert bases["google/gemini-embedding-001"].facts.kind == "embedding"


def test_the_date_is_the_newest_that_had_come(
    answers: Callable[..., Any], data: Path
) -> None:
    """A row that is dated ahead of its document does not date it."""
    rows = {
        "m-1": ROW | {"last_updated": "2026-06-30"},
        "m-2": ROW | {"id": "m-2", "last_updated": "2031-01-01"},
        "m-3": ROW | {"id": "m-3", "last_updated": "2026-06"},
    }
    harvest = _fetch(answers({API: {"acme": {"models": rows}}, MODELS: {}}))
    assert harvest.as_of == "2026-06-30"
    undated = {"m-1": ROW | {"last_updated": None}}
    harvest = _fetch(answers({API: {"acme": {"models": undated}}, MODELS: {}}))
    assert harvest.as_of is None


def test_absent_is_unknown() -> None:
    """A row that says nothing is served with nothing known but its status."""
    model, refused = served_model("acme", "m-1", {})
    assert model is not None
    assert model.facts == Facts(status="stable")
    assert refused == []


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"context": 0, "output": 0}, (None, None, None)),
        ({"context": 8, "input": 4, "output": 2}, (8, 4, 2)),
        ({"context": 8.0, "output": 2}, (8, None, 2)),
    ],
)
def test_a_limit_of_zero_is_unknown(limit: object, expected: tuple[object]) -> None:
    """Upstream writes 0 where it does not know."""
    facts, refused = _read({"limit": limit})
    limits = (facts.context_tokens, facts.max_input_tokens, facts.max_output_tokens)
    assert limits == expected
    assert refused == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": 5}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"family": ["gpt"]}, "family"),
        ({"reasoning": "yes"}, "reasoning"),
        ({"tool_call": 1}, "tool_call"),
        ({"open_weights": 0}, "open_weights"),
        ({"structured_output": "true"}, "structured_output"),
        ({"modalities": ["text"]}, "modalities"),
        ({"modalities": {"input": ["text", 1]}}, "modalities.input"),
        ({"modalities": {"output": "text"}}, "modalities.output"),
        ({"limit": 128_000}, "limit"),
        ({"limit": {"context": -1}}, "limit.context"),
        ({"limit": {"context": 1e400}}, "limit.context"),
        ({"limit": {"output": True}}, "limit.output"),
        ({"cost": [1, 2]}, "cost"),
        ({"cost": {"input": -1, "output": 2}}, "cost.input"),
        ({"release_date": "soon"}, "release_date"),
        ({"last_updated": 20250101}, "last_updated"),
        ({"knowledge": "2024-13"}, "knowledge"),
        ({"status": "gone"}, "status"),
        ({"status": 5}, "status"),
    ],
)
def test_a_bad_field_costs_itself(changes: dict[str, Any], field: str) -> None:
    """The row stands, the field is unknown, and the refusal names it."""
    facts, refused = _read(changes)
    assert [refusal.field for refusal in refused] == [field]
    assert {refusal.record for refusal in refused} == {"acme/m-1"}
    assert facts.supports_attachment is False
    good, _ = _read({})
    changed = [
        name for name in Facts.__slots__ if getattr(facts, name) != getattr(good, name)
    ]
    unknown = [name for name in changed if getattr(facts, name) is None]
    assert changed == unknown


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ((), False, None, None)),
        ([{"type": "toggle"}], ((), True, None, None)),
        ([{"type": "budget_tokens", "min": 1024}], ((), False, 1024, None)),
        ([{"type": "budget_tokens", "min": -1, "max": 99}], ((), False, None, 99)),
        ([{"type": "budget_tokens", "min": 0}], ((), False, 0, None)),
        (
            [{"type": "toggle"}, {"type": "effort", "values": ["low", None, "low"]}],
            (("low",), True, None, None),
        ),
    ],
)
def test_reasoning_options(options: object, expected: tuple[object, ...]) -> None:
    """An empty list reasons and can't be steered; -1 is no bound."""
    facts, refused = _read({"reasoning": True, "reasoning_options": options})
    assert refused == []
    assert (
        facts.reasoning_efforts,
        facts.reasoning_toggle,
        facts.reasoning_budget_min_tokens,
        facts.reasoning_budget_max_tokens,
    ) == expected


@pytest.mark.parametrize(
    "options",
    ["high", [1], [{"type": "dial"}], [{}], [{"type": "effort", "values": "high"}],
     [{"type": "effort", "values": [{}]}], [{"type": "effort"}],
     [{"type": "toggle"}, {"type": "budget_tokens", "min": "many"}]],
)  # fmt: skip
def test_one_bad_reasoning_option_makes_all_unknown(options: object) -> None:
    """Half of the controls would read as the whole."""
    facts, refused = _read({"reasoning": True, "reasoning_options": options})
    assert len(refused) == 1
    assert facts.reasoning_efforts is None
    assert facts.reasoning_toggle is None


def test_what_does_not_reason_has_no_controls() -> None:
    """Controls of a row that does not reason are not read."""
    facts, refused = _read({"reasoning_options": [{"type": "toggle"}]})
    assert (facts.reasoning_efforts, facts.reasoning_toggle) == (None, None)
    assert refused == []
    facts, _ = _read({"reasoning": True})
    assert (facts.reasoning_efforts, facts.reasoning_toggle) == (None, None)


@pytest.mark.parametrize(
    ("key", "row", "reason"),
    [
        ("m-1", [], "a list is not an object"),
        ("m-1", None, "null is not an object"),
        ("m-1", ROW | {"id": "m-2"}, "calls itself 'm-2'"),
        ("m-1", ROW | {"id": 1}, "calls itself 1"),
        ("", ROW, "an id that can't be one"),
        ("m 1", ROW, "an id that can't be one"),
        ("\ud800", ROW, "an id that can't be one"),
        ("m" * 300, ROW, "an id that can't be one"),
    ],
)
def test_a_row_without_a_sound_id_is_refused(
    key: str, row: object, reason: str
) -> None:
    """Such a row could only be joined to the wrong model."""
    model, (refusal,) = served_model("acme", key, row)
    assert model is None
    assert refusal.field is None
    assert reason in refusal.reason
    assert refusal.record.isprintable()
    assert len(refusal.record) < 220


@pytest.mark.parametrize(
    ("key", "row"),
    [("gpt-5", {}), ("/gpt-5", {}), ("openai/", {}), ("openai/gpt-5", 3),
     ("openai/gpt-5", {"id": "openai/gpt-6"}), ("a b/c", {})],
)  # fmt: skip
def test_a_base_record_without_a_sound_key_is_refused(key: str, row: object) -> None:
    """A base model has a lab and a name."""
    base, (refusal,) = base_model(key, row)
    assert base is None
    assert refusal.field is None


def test_a_bad_provider_spoils_no_other(answers: Callable[..., Any]) -> None:
    """Each is named; the sound one is read."""
    document = {
        "acme": {"models": {"m-1": ROW}},
        "broken": {"models": []},
        "nothing": 5,
        "two words": {"models": {"m-1": ROW}},
        "empty": {"models": {}},
        "named": {"id": "named", "models": {}},
        "swapped": {"id": "acme", "models": {"m-1": ROW}},
    }
    harvest = _fetch(answers({API: document, MODELS: {}}))
    assert [model.record for model in harvest.served] == ["acme/m-1"]
    assert [refusal.record for refusal in harvest.refused] == [
        "broken",
        "nothing",
        "two words",
        "swapped",
    ]


def test_one_id_listed_twice_is_refused(answers: Callable[..., Any]) -> None:
    """Two rows under one id: nobody knows which one holds."""
    row, other = json.dumps(ROW), json.dumps(ROW | {"cost": {"input": 9, "output": 9}})
    body = f'{{"acme": {{"models": {{"m-1": {row}, "m-1": {other}, "m-2": {{}}}}}}}}'
    harvest = _fetch(answers({API: body.encode(), MODELS: {}}))
    assert [model.model_id for model in harvest.served] == ["m-2"]
    (refusal,) = harvest.refused
    assert refusal.record == "acme/m-1"
    assert refusal.reason == "two different values is not an object"


@pytest.mark.parametrize(
    "document",
    [{}, [], None, "x", {"acme": {"models": {}}}, {"acme": {"models": {"m": 1}}}],
)
def test_a_document_without_a_model_is_no_catalog(
    answers: Callable[..., Any], document: object
) -> None:
    """An empty answer must not empty the catalog."""
    with pytest.raises(SourceDataError, match=r"api\.json"):
        _fetch(answers({API: document, MODELS: {}}))


def test_api_json_is_needed(answers: Callable[..., Any]) -> None:
    """Without it the source fails; the other document does not help."""
    with pytest.raises(SourceUnavailableError, match="HTTP 404"):
        _fetch(answers({MODELS: {"openai/gpt-5": {}}}))


@pytest.mark.parametrize(
    "models", [SourceUnavailableError(MODELS, "HTTP 500"), b"<html>", [], {}]
)
def test_models_json_is_not(answers: Callable[..., Any], models: object) -> None:
    """Without it a remark is made and everything else stands."""
    api = {"acme": {"models": {"m-1": ROW}}}
    harvest = _fetch(answers({API: api, MODELS: models}))
    assert len(harvest.served) == 1
    assert harvest.bases == ()
    (note,) = harvest.notes
    assert note.startswith("underlying models: https://models.dev/models.json: ")
    assert note.endswith("; none are known")


def test_trouble_of_another_kind_is_not_hidden(answers: Callable[..., Any]) -> None:
    """A full disk is no upstream that is down."""
    api = {"acme": {"models": {"m-1": ROW}}}
    with pytest.raises(OSError, match="disk full"):
        _fetch(answers({API: api, MODELS: OSError("disk full")}))


def test_kept_underlying_models_stand_in(answers: Callable[..., Any]) -> None:
    """What is known of them does not come and go with one document."""
    api = {"acme": {"models": {"m-1": ROW}}}
    context = answers(
        {API: api, MODELS: b"<html>"}, kept={MODELS: {"openai/gpt-5": {"name": "G"}}}
    )
    harvest = _fetch(context)
    assert [base.record for base in harvest.bases] == ["openai/gpt-5"]
    (note,) = harvest.notes
    assert note.endswith("; kept answer taken")
    # What could not be read is not to replace what can.
    assert MODELS not in context.committed


def test_a_refused_base_record_is_counted(answers: Callable[..., Any]) -> None:
    """Refusals of both documents are in the harvest."""
    api = {"acme": {"models": {"m-1": ROW}}}
    models = {"openai/gpt-5": {"name": 5}, "gpt-6": {}}
    harvest = _fetch(answers({API: api, MODELS: models}))
    assert [(r.record, r.field) for r in harvest.refused] == [
        ("openai/gpt-5", "name"),
        ("gpt-6", None),
    ]


def test_both_documents_are_asked_for_at_once(answers: Callable[..., Any]) -> None:
    """The second request does not wait for the first."""
    api = {"acme": {"models": {"m-1": ROW}}}
    context = answers({API: api, MODELS: {}})
    _fetch(context)
    assert context.most_under_way == 2


def test_the_base_address_is_a_setting(answers: Callable[..., Any]) -> None:
    """A mirror or a folder does as well."""
    api = {"acme": {"models": {"m-1": ROW}}}
    for url in ("http://127.0.0.1:9/mirror/", "/srv/models", "file:///srv/models"):
        base = url.rstrip("/")
        context = answers({f"{base}/api.json": api, f"{base}/models.json": {}})
        harvest = _fetch(context, ModelsDevOptions(url=url))
        assert len(harvest.served) == 1
        assert context.asked == [f"{base}/api.json", f"{base}/models.json"]


@pytest.mark.parametrize("url", ["", None, 5])
def test_an_address_is_a_text(url: Any) -> None:
    """A setting that can't be an address is refused at once."""
    with pytest.raises((TypeError, ValueError), match="url"):
        ModelsDevOptions(url=url)
