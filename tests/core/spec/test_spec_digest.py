"""Digests follow the meaning of a spec, not its text."""

from __future__ import annotations

import pytest

from llmhub_core.records.spec import Spec
from llmhub_core.spec import parse_spec, role_digest, selector_for, spec_digest

TEXT = """\
project: x
providers: {openai: {env_key: A}, groq: {enabled: true}}
roles:
  a:
    kind: chat
    description: Thinks
    preferences: {quality: high, provider_blocklist: [p, q]}
    require: {tools: true, input_modalities: [text, image]}
    runtime: {timeout: 5s}
  b: {kind: embedding, selector: cost-first}
policy: {models: {deny: ["*:free", "*:beta"]}}
selectors: {cost-first: {floor: 1}, llm-assisted: {shortlist: 4}}
"""


def changed(old: str, new: str) -> Spec:
    """The spec with one piece of its text replaced."""
    assert old in TEXT
    return parse_spec(TEXT.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("project: x\n", "# a comment\nproject: x\n"),
        ("project: x\n", "project: 'x'\nenv: other\n"),
        ("[text, image]", "[image, text]"),
        ("[p, q]", "[q, p]"),
        ('"*:free", "*:beta"', '"*:beta", "*:free"'),
        ("kind: chat\n", "kind: chat\n    fallbacks: 2\n"),
        ("kind: chat\n", "kind: chat\n    workload: {input_tokens: 1000}\n"),
        ("description: Thinks", "description: Ponders"),
        ("tools: true", "tools: true, context_tokens: null"),
        (", groq: {enabled: true}", ", groq: {}"),
    ],
)
def test_rewording_changes_no_digest(old: str, new: str) -> None:
    """Comments, order without meaning and defaults written out change nothing."""
    before, after = parse_spec(TEXT), changed(old, new)
    assert spec_digest(after) == spec_digest(before)
    for role in "ab":
        assert role_digest(after, role) == role_digest(before, role)


def test_order_of_roles_changes_no_digest() -> None:
    """Roles may be moved about."""
    head, rest = TEXT.split("  a:\n")
    body, tail = rest.split("  b:")
    line, end = tail.split("\npolicy", 1)
    moved = f"{head}  b:{line}\n  a:\n{body}policy{end}"
    assert list(parse_spec(moved).roles) == ["b", "a"]
    assert spec_digest(parse_spec(moved)) == spec_digest(parse_spec(TEXT))


@pytest.mark.parametrize(
    ("old", "new", "roles"),
    [
        ("quality: high", "quality: low", "a"),
        ("tools: true", "tools: false", "a"),
        ("kind: chat", "kind: chat\n    fallbacks: 1", "a"),
        ("kind: chat", "kind: chat\n    fallbacks: [x:y]", "a"),
        ("kind: chat", "kind: chat\n    mode_params: {temperature: 0}", "a"),
        ("kind: chat", "kind: chat\n    workload: {output_tokens: 9}", "a"),
        ("kind: chat", "kind: chat\n    selector: quality-first", "a"),
        ("selector: cost-first}", "selector: balanced}", "b"),
        ("{floor: 1}", "{floor: 2}", "b"),
        (
            "selector: cost-first}",
            "selector: cost-first, selector_options: {n: 1}}",
            "b",
        ),
        ("{shortlist: 4}", "{shortlist: 5}", ""),
        ("project: x\n", "project: x\nselector: latency-first\n", "a"),
        ('"*:beta"', '"*:alpha"', "ab"),
        ("groq: {enabled: true}", "groq: {enabled: false}", "ab"),
        ("env_key: A", "env_key: B", ""),
        ("timeout: 5s", "timeout: 6s", ""),
        ("project: x\n", "project: y\n", ""),
        ("project: x\n", "project: x\nsources: {arena: {board: vision}}\n", ""),
    ],
)
def test_change_of_meaning_reaches_the_roles_it_touches(
    old: str, new: str, roles: str
) -> None:
    """A choice is stale exactly where something that decides it has changed."""
    before, after = parse_spec(TEXT), changed(old, new)
    stale = [r for r in "ab" if role_digest(after, r) != role_digest(before, r)]
    assert "".join(stale) == roles
    only_unused = old == "{shortlist: 4}"
    assert (spec_digest(after) == spec_digest(before)) is only_unused


@pytest.mark.parametrize("selector", ["llm-assisted", "somebodys-own"])
def test_description_counts_for_selectors_that_may_read_it(selector: str) -> None:
    """A description changes a choice only where the selector can see it."""
    before, after = parse_spec(TEXT), changed("Thinks", "Ponders")
    assert role_digest(before, "a") == role_digest(after, "a")
    assert role_digest(before, "a", selector) != role_digest(after, "a", selector)
    assert spec_digest(before, selector) != spec_digest(after, selector)


def test_digest_is_a_sha256_and_stands_still() -> None:
    """The form of the digest is part of the lock format: it may not drift."""
    digest = role_digest(parse_spec("project: x\nroles: {a: {kind: chat}}\n"), "a")
    assert digest == "1379eae9842728afd37e98c13680fb6878873eb089f1d449a05ffb69cae50806"


def test_unknown_role_has_no_digest() -> None:
    """Asking for a role that is not there is a mistake of the caller."""
    with pytest.raises(KeyError):
        role_digest(parse_spec(TEXT), "zzz")


@pytest.mark.parametrize(
    ("role", "override", "expected"),
    [
        ("a", None, ("balanced", {})),
        ("b", None, ("cost-first", {"floor": 1, "ceiling": 3})),
        ("a", "cost-first", ("cost-first", {"floor": 1})),
        ("b", "llm-assisted", ("llm-assisted", {"shortlist": 4})),
    ],
)
def test_nearest_selector_wins_with_its_options(
    role: str, override: str | None, expected: tuple[str, dict[str, int]]
) -> None:
    """--selector over the role's, over the spec's, over balanced."""
    found = changed(
        "selector: cost-first", "selector: cost-first, selector_options: {ceiling: 3}"
    )
    assert selector_for(found, found.roles[role], override) == expected


def test_spec_selector_serves_roles_without_one() -> None:
    """The selector at the top is for roles that name none."""
    found = changed("project: x\n", "project: x\nselector: quality-first\n")
    assert selector_for(found, found.roles["a"])[0] == "quality-first"
    assert selector_for(found, found.roles["b"])[0] == "cost-first"
