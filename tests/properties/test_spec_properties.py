"""What holds for every spec: one meaning in every spelling, edits that keep words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from llmhub_core.errors import SpecError
from llmhub_core.spec import (
    add_role,
    edit_role,
    parse_spec,
    remove_role,
    role_digest,
    spec_digest,
)
from llmhub_core.spec.language import FILE
from llmhub_core.spec.overlay import merge
from llmhub_core.spec.quantities import Duration, Month, Number, Whole
from llmhub_core.spec.role import ROLE as ROLE_KEYS
from llmhub_core.spec.shape import Shape
from llmhub_core.spec.surgery import comments
from llmhub_core.spec.syntax import Table, parse
from llmhub_core.spec.tables import Either, Free, Keys, ListOf, MapOf, plain
from llmhub_core.spec.words import Choice, Flag, ModelId, Text
from llmhub_core.spec.writing import inline, lines

NAMES = st.from_regex(r"[a-z][a-z0-9_.-]{0,8}", fullmatch=True)
WORDS = st.text(min_size=1, max_size=12).filter(lambda text: text.strip() == text)
FREE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**15), max_value=10**15)
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda x: round(x, 6))
    | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3)
    ),
    max_leaves=6,
)


def number(shape: Number) -> st.SearchStrategy[float]:
    """Floats within the bounds that survive rounding."""
    least = shape.minimum + (0.01 if shape.above else 0)
    most = 10_000.0 if shape.maximum is None else shape.maximum
    return st.floats(least, most).map(lambda found: round(found, 4))


def text(shape: Text) -> st.SearchStrategy[str]:
    """Texts of the three forms that the language asks for."""
    if shape.pattern is None:
        return WORDS
    if "address" in shape.says:
        return NAMES.map("https://{}/v1".format)
    if shape.secret:
        return st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True)
    return NAMES


@st.composite
def mapping(draw: st.DrawFn, shape: Keys, most: int = 4) -> dict[str, Any]:
    """A mapping with its required keys and a few of the others."""
    free = [name for name, key in shape.keys.items() if not key.required]
    some = draw(st.lists(st.sampled_from(free), unique=True, max_size=most))
    chosen = [n for n, key in shape.keys.items() if key.required or n in some]
    return {name: draw(values(shape.keys[name].shape)) for name in chosen}


MAKERS: dict[type[Any], Callable[[Any], st.SearchStrategy[Any]]] = {
    Flag: lambda shape: st.booleans(),
    Choice: lambda shape: st.sampled_from(shape.words),
    Whole: lambda shape: st.integers(shape.minimum, 10**9),
    Number: number,
    Duration: lambda shape: st.integers(1, 99) | st.sampled_from(["5s", "1.5m", "1d"]),
    Month: lambda shape: st.sampled_from(["2024", "2024-06", "2025-02-28"]),
    ModelId: lambda shape: st.tuples(NAMES, NAMES).map(":".join),
    ListOf: lambda shape: st.lists(values(shape.item), max_size=3, unique=True),
    Either: lambda shape: values(shape.one) | values(shape.many),
    Free: lambda shape: st.dictionaries(WORDS, FREE, max_size=2),
    MapOf: lambda shape: st.dictionaries(NAMES, values(shape.item), max_size=2),
    Keys: mapping,
    Text: text,
}


def values(shape: Shape) -> st.SearchStrategy[Any]:
    """What a place of the spec accepts, as one would hand it to a writer."""
    return st.deferred(lambda: MAKERS[type(shape)](shape))


FILES = values(FILE)


def usable(data: dict[str, Any]) -> str:
    """Text of a spec that passes the rules too, or give this example up."""
    text = "\n".join(row for key, value in data.items() for row in lines(key, value))
    try:
        parse_spec(text)
    except SpecError:
        assume(condition=False)
    return text


# Keys that no rule joins to others, so that nearly every example is a valid spec.
PLAIN = Keys(
    keys={
        name: ROLE_KEYS.keys[name]
        for name in ("kind", "task", "preferences", "workload", "mode_params")
    }
)
ROLE = mapping(PLAIN)
SMALL = st.fixed_dictionaries(
    {"project": WORDS, "roles": st.dictionaries(NAMES, ROLE, min_size=1, max_size=3)},
    optional={"selectors": values(FILE.keys["selectors"].shape)},
)


@given(FILES)
def test_a_spec_means_the_same_in_every_spelling(data: dict[str, Any]) -> None:
    """Blocks and flow style are read alike, and as what was written."""
    block = "\n".join(row for key, value in data.items() for row in lines(key, value))
    flow = inline(data)
    found = FILE.read(parse(block), "")
    assert found == FILE.read(parse(flow), "")
    assert plain(parse(block)) == plain(parse(flow)) == _tuples(data)


@given(FILES)
def test_every_written_value_arrives(data: dict[str, Any]) -> None:
    """No key of a role is lost or changed on the way into the tables."""
    found = FILE.read(parse(inline(data)), "")
    for name, role in data["roles"].items():
        for key, value in role.items():
            got = found["roles"][name][key]
            if isinstance(value, dict) and not isinstance(got, dict):
                got = {k: getattr(got, k) for k in value}
            if key not in {"require", "runtime"}:
                assert got == _tuples(value)


@given(SMALL, SMALL)
def test_overlay_is_a_merge_of_mappings(
    base: dict[str, Any], over: dict[str, Any]
) -> None:
    """Merging trees is merging the mappings they say; twice is once."""
    below, above = parse(inline(base)), parse(inline(over))
    merged = merge(below, above)
    assert plain(merged) == _tuples(_merged(base, over))
    assert plain(merge(merged, above)) == plain(merged)
    assert plain(merge(below, below)) == plain(below)


@given(SMALL, st.randoms())
def test_order_of_roles_changes_no_digest(data: dict[str, Any], random: Any) -> None:
    """Shuffled roles are the same spec to the lock."""
    text = usable(data)
    names = list(data["roles"])
    random.shuffle(names)
    moved = usable({**data, "roles": {n: data["roles"][n] for n in names}})
    assert spec_digest(parse_spec(moved)) == spec_digest(parse_spec(text))


@given(SMALL, st.data())
def test_change_of_one_role_leaves_the_others_pinned(
    data: dict[str, Any], draw: st.DataObject
) -> None:
    """The digest of a role depends on that role alone among the roles."""
    name = draw.draw(st.sampled_from(list(data["roles"])))
    before = parse_spec(usable(data))
    changed = {**data["roles"], name: draw.draw(ROLE)}
    after = parse_spec(usable({**data, "roles": changed}))
    for role in data["roles"]:
        if role != name:
            assert role_digest(before, role) == role_digest(after, role)
    same = evolved(before, name) == evolved(after, name)
    assert (role_digest(before, name) == role_digest(after, name)) is same


def evolved(spec: Any, name: str) -> Any:
    """A role in the form in which its choice sees it."""
    role = spec.roles[name]
    unordered = {
        key: tuple(sorted(getattr(role.preferences, key)))
        for key in ("provider_blocklist", "model_denylist")
    }
    return evolve(
        role,
        description=None,
        runtime={},
        preferences=evolve(role.preferences, **unordered),
    )


@given(SMALL, ROLE, st.data())
def test_edits_keep_every_other_line_and_comment(
    data: dict[str, Any], role: dict[str, Any], draw: st.DataObject
) -> None:
    """Add, edit and remove touch their own lines; comments all survive an edit."""
    usable({"project": "p", "roles": {"zz-new": role}})
    rows = usable(data).split("\n")
    text = "\n".join(f"{row}  # note {n}" for n, row in enumerate(rows)) + "\n# end\n"
    assert parse_spec(text) == parse_spec(usable(data))
    notes = Counter(note for _, note in comments(text, parse(text)))
    assert notes.total() == len(rows) + 1

    added = add_role(text, "zz-new", role)
    assert set(text.splitlines()) <= set(added.splitlines())
    assert parse_spec(added).roles["zz-new"].kind == role["kind"]
    assert remove_role(added, "zz-new") == text

    name = draw.draw(st.sampled_from(list(data["roles"])))
    role = _said(role)
    edited = edit_role(text, name, role)
    kept = Counter(note for _, note in comments(edited, parse(edited)))
    assert kept == notes
    found = parse(edited).get("roles", name)
    assert isinstance(found, Table)
    assert plain(found) == _tuples(_merged(data["roles"][name], role))


@given(st.text())
def test_any_text_is_a_spec_or_one_line(text: str) -> None:
    """Whatever is in the file, the answer is a spec or a one-line error."""
    _spec_or_one_line(text)


@given(
    SMALL,
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 3),
            st.text(alphabet=":{}[]#-'\"&*!|>%@` \n\tax0~,?", max_size=3),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_damaged_spec_is_a_spec_or_one_line(
    data: dict[str, Any], damage: list[tuple[float, int, str]]
) -> None:
    """Characters lost or put in anywhere never escape as another error."""
    text = "\n".join(row for key, value in data.items() for row in lines(key, value))
    for place, length, new in damage:
        at = int(place * len(text))
        text = f"{text[:at]}{new}{text[at + length :]}"
    _spec_or_one_line(text)


def _spec_or_one_line(text: str) -> None:
    try:
        assert parse_spec(text, path="llmhub.spec.yaml").roles
    except SpecError as error:
        found = error
    else:
        return
    assert str(found).startswith("llmhub.spec.yaml:")
    assert len(str(found).splitlines()) == 1
    assert found.line is None or 1 <= found.line <= len(text) + 1


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    return value


def _said(value: Any) -> Any:
    # To an edit, None is the order to take a key out.
    if isinstance(value, dict):
        return {key: _said(item) for key, item in value.items()}
    return 0 if value is None else value


def _merged(base: Any, over: Any) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        both = {key: _merged(base[key], over[key]) for key in base if key in over}
        return {**base, **over, **both}
    return over
