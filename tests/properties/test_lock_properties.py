"""What holds of every lock, every emitted config and every seal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from llmhub_core.codec import unstructure
from llmhub_core.lock.check import check
from llmhub_core.lock.diff import diff
from llmhub_core.lock.emit import emit, to_config
from llmhub_core.lock.file import dump_lock, parse_lock
from llmhub_core.lock.freeze import choices, freeze, merge
from llmhub_core.lock.integrity import edits
from llmhub_core.lock.lines import places
from llmhub_core.lock.plan import plan
from llmhub_core.lock.seal import is_ours, seal
from llmhub_core.records.candidate import Cost, Latency, Quality, Relaxation
from llmhub_core.records.catalog import Catalog, SourceStatus
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.records.lock import Lock, LockedEnvironment
from llmhub_core.records.model import PriceTier
from llmhub_core.records.spec import RoleSpec, Spec
from llmhub_runtime.config import parse_config

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
NAMES = st.from_regex(r"[a-z][a-z0-9.]{0,8}", fullmatch=True)
NUMBERS = st.floats(0, 1e9, allow_nan=False) | st.integers(0, 10**9)
PRICES = st.none() | NUMBERS
TOKENS = st.none() | st.integers(1, 10**7)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
    ),
    max_leaves=6,
)
PARAMS = st.dictionaries(
    TEXT.filter(lambda name: name != "api_key"), VALUES, max_size=3
)

TIERS = st.builds(
    PriceTier,
    above_context_tokens=st.integers(1, 10**6),
    input_per_million=PRICES,
    output_per_million=PRICES,
)
QUALITY = st.builds(
    Quality,
    value=NUMBERS,
    score=NUMBERS,
    ci_low=NUMBERS,
    ci_high=NUMBERS,
    board=NAMES,
    category=NAMES,
    name=TEXT,
    basis=st.sampled_from(["measured", "inherited", "proxy"]),
)
PICKS = st.builds(
    Pick,
    canonical_id=TEXT,
    provider=NAMES,
    model_id=NAMES,
    reason=TEXT,
    score=PRICES,
    cost=st.none()
    | st.builds(
        Cost, usd_per_request=NUMBERS, basis=st.sampled_from(["listed", "free"])
    ),
    quality=st.none() | QUALITY,
    latency=st.none()
    | st.builds(
        Latency,
        value=NUMBERS,
        basis=st.sampled_from(["measured", "proxy"]),
        reason=TEXT,
    ),
    price_input_per_million=PRICES,
    price_output_per_million=PRICES,
    price_tiers=st.lists(TIERS, max_size=2).map(tuple),
    context_tokens=TOKENS,
    capabilities=st.lists(NAMES, max_size=3).map(tuple),
    params=PARAMS,
    dropped_params=st.dictionaries(NAMES, TEXT, max_size=2),
    notes=st.lists(TEXT, max_size=2).map(tuple),
)
RELAXED = st.builds(Relaxation, constraint=NAMES, wanted=TEXT, granted=TEXT)


@st.composite
def decisions(draw: st.DrawFn) -> tuple[Spec, tuple[Choice, ...]]:
    """A spec and a choice for each of its roles."""
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    spec = Spec(
        project=draw(NAMES),
        env=draw(NAMES),
        roles={name: RoleSpec(name=name) for name in names},
    )
    chosen = [
        Choice(
            role=name,
            mode="chat",
            primary=draw(PICKS),
            backups=tuple(draw(st.lists(PICKS, max_size=2))),
            selector="balanced",
            eligible=draw(st.integers(0, 9)),
            considered=draw(st.integers(0, 9)),
            relaxed=tuple(draw(st.lists(RELAXED, max_size=2))),
            answer=draw(st.none() | TEXT),
        )
        for name in names
    ]
    return spec, tuple(chosen)


CATALOGS = st.builds(
    Catalog,
    models=st.just(()),
    digest=TEXT,
    sources=st.lists(
        st.builds(
            SourceStatus, name=NAMES, state=st.just("fresh"), version=st.none() | TEXT
        ),
        max_size=2,
    ).map(tuple),
)


def frozen(decided: tuple[Spec, tuple[Choice, ...]], catalog: Catalog) -> Lock:
    """The lock of one run."""
    spec, chosen = decided
    return merge(None, spec, freeze(spec, chosen, catalog=catalog))


def places_of(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every value of plain data, in the order in which it is written."""
    yield place
    items: Any = ()
    if isinstance(data, dict):
        items = sorted(data.items())
    elif isinstance(data, list | tuple):
        items = enumerate(data)
    for key, value in items:
        yield from places_of(value, (*place, key))


@given(decided=decisions(), catalog=CATALOGS)
def test_every_lock_reads_back_as_itself(
    decided: tuple[Spec, tuple[Choice, ...]], catalog: Catalog
) -> None:
    """Read what was written: the same record, the same bytes, and no edit."""
    lock = frozen(decided, catalog)
    data = dump_lock(lock)
    again = parse_lock(data.decode())
    assert again == lock
    assert dump_lock(again) == data
    assert edits(again) == ()


@given(decided=decisions(), catalog=CATALOGS)
def test_every_lock_covers_what_it_was_made_from(
    decided: tuple[Spec, tuple[Choice, ...]], catalog: Catalog
) -> None:
    """Nothing changed: everything is pinned, nothing differs, freezing is idle."""
    spec, _ = decided
    lock = frozen(decided, catalog)
    locked = lock.environments[spec.env]
    assert plan(spec, locked).pinned == tuple(spec.roles)
    assert freeze(spec, (), catalog=None, locked=locked) == locked
    assert diff(locked, locked) == ()


@given(decided=decisions(), catalog=CATALOGS, data=st.data())
def test_every_edit_of_one_value_is_named(
    decided: tuple[Spec, tuple[Choice, ...]], catalog: Catalog, data: st.DataObject
) -> None:
    """Whichever text is edited, in whichever lock, the finding is its path."""
    plain = json.loads(dump_lock(frozen(decided, catalog)))
    texts = [
        place
        for place in places_of(plain)
        if place and place[-1] != "basis" and isinstance(at(plain, place), str)
    ]
    place = data.draw(st.sampled_from(texts))
    holder = at(plain, place[:-1])
    holder[place[-1]] = data.draw(TEXT.filter(lambda text: text != at(plain, place)))
    (edit,) = edits(parse_lock(json.dumps(plain)))
    assert (edit.place, edit.exact) == (place, True)


@given(decided=decisions(), catalog=CATALOGS)
def test_every_value_has_a_line(
    decided: tuple[Spec, tuple[Choice, ...]], catalog: Catalog
) -> None:
    """The places of the text are those of the data, in the same order."""
    lock = frozen(decided, catalog)
    text = dump_lock(lock).decode()
    assert [place for place, _ in places(text)] == [*places_of(json.loads(text))]


@given(decided=decisions(), catalog=CATALOGS)
def test_every_config_is_the_same_from_choice_and_from_lock(
    decided: tuple[Spec, tuple[Choice, ...]], catalog: Catalog
) -> None:
    """Emitting anew changes no byte, and the runtime reads what was meant."""
    spec, chosen = decided
    lock = parse_lock(dump_lock(frozen(decided, catalog)).decode())
    text = emit(spec, choices(spec, lock.environments[spec.env]))
    assert text == emit(spec, chosen)
    assert is_ours(text)
    assert parse_config(text) == to_config(spec, chosen)


@given(decided=decisions(), catalog=CATALOGS)
def test_every_run_agrees_with_itself(
    decided: tuple[Spec, tuple[Choice, ...]], catalog: Catalog
) -> None:
    """A check right after a run finds only that the head comment was left out."""
    spec, chosen = decided
    text = dump_lock(frozen(decided, catalog)).decode()
    found = check(spec, lock_text=text, config_text=emit(spec, chosen))
    assert [finding.kind for finding in found] == ["config-stale"]


@given(decided=decisions(), catalog=CATALOGS, data=st.data())
def test_a_difference_is_found_from_both_sides(
    decided: tuple[Spec, tuple[Choice, ...]], catalog: Catalog, data: st.DataObject
) -> None:
    """What differs forwards differs backwards, with the sides exchanged."""
    spec, chosen = decided
    one = freeze(spec, chosen, catalog=catalog)
    other = [evolve(c, primary=data.draw(PICKS)) for c in chosen]
    two: LockedEnvironment = freeze(spec, other, catalog=catalog)
    forwards, backwards = diff(one, two), diff(two, one)
    assert [(c.role, c.differs) for c in forwards] == [
        (c.role, c.differs) for c in backwards
    ]
    assert [(c.before, c.after) for c in forwards] == [
        (c.after, c.before) for c in backwards
    ]
    json.dumps(unstructure(forwards))


@given(
    text=st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufeff")
        | st.sampled_from("#\n")
    ),
    data=st.data(),
)
def test_every_edit_breaks_the_seal(text: str, data: st.DataObject) -> None:
    """Whatever is put in or taken out, anywhere, the file is no longer ours."""
    sealed = seal(text)
    assert is_ours(sealed)
    start = data.draw(st.integers(0, len(sealed)))
    end = data.draw(st.integers(start, min(start + 3, len(sealed))))
    put = data.draw(st.text("ab#0\n ", max_size=3))
    edited = sealed[:start] + put + sealed[end:]
    assert is_ours(edited) == (edited == sealed)


def at(data: Any, place: tuple[Any, ...]) -> Any:
    """The value of a place."""
    for step in place:
        data = data[step]
    return data
