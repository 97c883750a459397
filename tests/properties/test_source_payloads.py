"""Whatever an upstream answers: no crash, no wrong number, nothing lost in silence.

Rows start sound and are damaged at one or more places. What is read afterwards must
be the value that the undamaged row has, or unknown: nothing else counts as right.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llmhub_core.errors import LLMHubError, SourceDataError
from llmhub_core.records.catalog import Refusal
from llmhub_core.records.model import Facts
from llmhub_core.records.observation import Harvest, Payload
from llmhub_sources.any_llm import AnyLLMSource
from llmhub_sources.arena import ArenaOptions, ArenaSource
from llmhub_sources.documents import read_document
from llmhub_sources.models_dev import ModelsDevOptions, ModelsDevSource
from llmhub_sources.models_dev.rows import served_model

DATA = Path(__file__).parent.parent / "data"
ROWS = [
    (provider, key, row)
    for provider, entry in json.loads(
        (DATA / "models_dev" / "api.json").read_bytes()
    ).items()
    for key, row in entry["models"].items()
]
BOARD = json.loads((DATA / "arena" / "text_style_control.json").read_bytes())

#: Text that JSON can carry, half surrogate pairs and control characters included.
words = st.text(st.characters(), max_size=20)
numbers = st.one_of(
    st.integers(),
    st.integers(min_value=10**15, max_value=10**40),
    st.floats(),
    st.sampled_from([-1, 0, -0.0, 1e308, -1e-308, 10**400]),
)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3)
    ),
    max_leaves=6,
)
_GONE = object()


def _paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    found = [path]
    for step, below in steps:
        found += _paths(below, (*path, step))
    return found


def _damage(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Copy a JSON value with one place replaced, or dropped."""
    if not path:
        return value
    step, *rest = path
    copy = dict(node) if isinstance(node, dict) else list(node)
    if value is _GONE and not rest:
        del copy[step]
    else:
        copy[step] = _damage(node[step], tuple(rest), value)
    return copy


@st.composite
def damaged(draw: st.DrawFn, sound: Any) -> tuple[Any, set[Any]]:
    """One to three places of a JSON value, damaged; and the top keys hit."""
    node, hit = sound, set()
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(_paths(node)[1:] or [()]))
        if not path:
            break
        node = _damage(node, path, draw(st.just(_GONE) | values))
        hit.add(path[0])
    return node, hit


def _finite(record: Any) -> bool:
    """Whether every number of a record is finite and no price or limit negative."""
    numbers_of = [
        value
        for value in attrs.astuple(record, recurse=False)
        if type(value) in {int, float}
    ]
    return all(math.isfinite(number) and number >= 0 for number in numbers_of)


def _through_json(node: Any) -> Any:
    """What a source would get: the document written out and read again."""
    # 10**400 is a number in JSON, and Python prints it.
    body = json.dumps(node).encode()
    payload = Payload(url="x", body=body, fetched_at="", transferred=True)
    return read_document(payload)


#: Which facts the parts of a row tell. `cost`, `modalities`, `tool_call`,
#: `reasoning` and `family` also bear on the kind, and the kind on the price of what
#: only looks like chat.
TELLS = {
    "name": {"display_name", "price_basis"},
    "attachment": {"supports_attachment"},
    "temperature": {"supports_temperature"},
    "structured_output": {"supports_structured_output"},
    "knowledge": {"knowledge_cutoff"},
    "release_date": {"release_date"},
    "last_updated": {"last_updated"},
    "open_weights": {"open_weights"},
    "status": {"status"},
    "limit": {"context_tokens", "max_input_tokens", "max_output_tokens"},
    "reasoning_options": {
        "reasoning_efforts",
        "reasoning_toggle",
        "reasoning_budget_min_tokens",
        "reasoning_budget_max_tokens",
    },
}


@given(st.data())
def test_a_damaged_row_is_right_where_it_is_whole(data: st.DataObject) -> None:
    """Damage reaches the facts that it hit, and no other."""
    provider, key, row = data.draw(st.sampled_from(ROWS))
    broken, hit = data.draw(damaged(row))
    model, refused = served_model(provider, key, _through_json(broken))
    if model is None:
        assert [refusal.field for refusal in refused] == [None]
        assert "id" in hit
        return
    assert _finite(model.facts)
    assert all(_finite(tier) for tier in model.facts.price_tiers or ())
    assert all(refusal.field and refusal.reason for refusal in refused)
    if not hit <= set(TELLS):
        return
    sound, _ = served_model(provider, key, row)
    assert sound is not None
    may_differ = {fact for part in hit for fact in TELLS[part]}
    if "name" in hit:
        may_differ |= {name for name in Facts.__slots__ if name.startswith("price_")}
    for name in Facts.__slots__:
        if name not in may_differ:
            assert getattr(model.facts, name) == getattr(sound.facts, name), name


@given(row=st.sampled_from(ROWS), value=values)
@pytest.mark.parametrize("part", ["input", "output", "cache_read"])
def test_a_price_is_the_written_one_or_none(
    part: str, row: tuple[str, str, dict[str, Any]], value: Any
) -> None:
    """A value that is no price never turns into another one."""
    provider, key, sound = row
    assume(sound.get("cost", {}).get("input"))
    cost = sound["cost"] | {part: value}
    model, refused = served_model(provider, key, _through_json(sound | {"cost": cost}))
    assert model is not None
    got = getattr(model.facts, f"price_{part}_per_million")
    if type(value) in {int, float} and 0 <= value <= 100_000:
        assert got in {float(value), None}
    else:
        assert got is None
        if value is not None:
            assert f"cost.{part}" in {refusal.field for refusal in refused}


@given(key=words, row=values)
def test_any_value_may_stand_for_a_row(key: str, row: Any) -> None:
    """It is a model with a sound id, or one refusal that can be printed anywhere."""
    model, refused = served_model("acme", key, _through_json(row))
    if model is None:
        (refusal,) = refused
        assert refusal.record.isprintable()
    else:
        assert model.model_id == key
        assert key.isprintable()
        assert _finite(model.facts)
    for refusal in refused:
        f"{refusal.record}: {refusal.field}: {refusal.reason}".encode()


class _Files:
    """A context that answers from a mapping of addresses to bytes."""

    environ: Mapping[str, str] = {"OPENAI_API_KEY": "k"}
    providers: Mapping[str, Any] = {}
    offline = True
    timeout_seconds = 1.0

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self._bodies = bodies

    async def get(self, url: str, *, params: Any = None, name: Any = None) -> Payload:
        file = url.rpartition("/")[2]
        body = self._bodies.get(file, self._bodies.get("*", b"[]"))
        return Payload(
            url=url, body=body, fetched_at="2026-07-01T00:00:00Z", transferred=True
        )

    kept = get

    def together(self) -> contextlib.AbstractContextManager[_Files]:
        return contextlib.nullcontext(self)

    async def recorded(self, key: str, probe: Any) -> Payload:
        return await self.get(key)


def _accounted(refused: tuple[Refusal, ...]) -> int:
    return sum(refusal.field is None for refusal in refused)


@given(st.data())
def test_no_row_of_a_document_is_lost(data: st.DataObject) -> None:
    """Rows that were served and rows that were refused are all rows."""
    rows = data.draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=4))
    document: dict[str, Any] = {}
    for provider, key, row in rows:
        entry = document.setdefault(provider, {"models": {}})
        broken, _ = data.draw(damaged(row)) if data.draw(st.booleans()) else (row, ())
        entry["models"][key] = broken
    body = json.dumps(document).encode()
    source = ModelsDevSource(ModelsDevOptions(url="/x"))
    bodies = {"api.json": body, "models.json": b"{}"}
    total = sum(len(entry["models"]) for entry in document.values())
    try:
        harvest = asyncio.run(source.fetch(_Files(bodies)))
    except SourceDataError:
        return  # nothing could be read: the older catalog stays
    assert len(harvest.served) + _accounted(harvest.refused) == total


@given(st.data())
def test_no_rating_is_lost_or_invented(data: st.DataObject) -> None:
    """A rating is the one that is written under its name, or it is refused."""
    rows = [
        data.draw(damaged(row))[0] if data.draw(st.booleans()) else row
        for row in data.draw(
            st.lists(st.sampled_from(BOARD), min_size=1, max_size=5, unique_by=id)
        )
    ]
    body = json.dumps(rows).encode()
    source = ArenaSource(ArenaOptions(dataset_url="/x", catalog_url="/y"))
    bodies = {"webdev.json": body, "*": b"nothing"}
    try:
        harvest = asyncio.run(source.fetch(_Files(bodies)))
    except LLMHubError:
        return
    assert len(harvest.ratings) + _accounted(harvest.refused) == len(rows)
    for rating in harvest.ratings:
        written = [
            row["rating"]
            for row in rows
            if isinstance(row, dict)
            and str(row.get("model_name")).strip() == rating.name
            and str(row.get("category")).strip() == rating.category
            and type(row.get("rating")) in {int, float}
        ]
        assert rating.score in written
        assert rating.ci_low is None or rating.ci_low <= rating.score
        assert rating.ci_high is None or rating.ci_high >= rating.score


@given(st.one_of(st.binary(max_size=200), values.map(lambda v: json.dumps(v).encode())))
def test_any_bytes_end_in_a_harvest_or_in_our_own_error(body: bytes) -> None:
    """Every source, with the same bytes behind every address."""
    bodies = {"*": body}
    sources = (
        ModelsDevSource(ModelsDevOptions(url="/x")),
        ArenaSource(ArenaOptions(dataset_url="/x", catalog_url="/y")),
        ArenaSource(ArenaOptions(dataset_url="http://127.0.0.1:9")),
        AnyLLMSource(),
    )
    for source in sources:
        try:
            harvest = asyncio.run(source.fetch(_Files(bodies)))
        except LLMHubError as error:
            str(error).encode()
        else:
            assert isinstance(harvest, Harvest)


@given(st.data())
def test_a_document_with_damaged_text_ends_well(data: st.DataObject) -> None:
    """Bytes cut, doubled or flipped in the middle of a real document."""
    whole = (DATA / "models_dev" / "api.json").read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    length = data.draw(st.integers(0, 200))
    new = data.draw(st.binary(max_size=5) | st.just(whole[place : place + 40] * 2))
    body = whole[:place] + new + whole[place + length :]
    source = ModelsDevSource(ModelsDevOptions(url="/x"))
    try:
        harvest = asyncio.run(source.fetch(_Files({"*": body})))
    except LLMHubError:
        return
    assert all(_finite(model.facts) for model in harvest.served)
