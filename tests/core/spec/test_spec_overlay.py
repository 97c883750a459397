"""Environments over the file, roles over the defaults."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llmhub_core.errors import SpecError
from llmhub_core.records.spec import RoleSpec
from llmhub_core.spec import parse_spec

BASE = """\
project: x
env: dev
selector: balanced
roles:
  a:
    kind: chat
    require: {tools: true, context_tokens: 8000}
    preferences: {quality: high, providers: [openai, groq]}
  b: {kind: embedding}
"""


def role(text: str, name: str = "a", env: str | None = None) -> RoleSpec:
    """One role of a spec in one environment."""
    return parse_spec(text, env=env).roles[name]


def test_mappings_merge_and_scalars_and_lists_replace() -> None:
    """An environment changes what it names and leaves the rest."""
    text = BASE + (
        "environments:\n  prod:\n    selector: cost-first\n    roles:\n      a:\n"
        "        require: {context_tokens: 32000}\n"
        "        preferences: {providers: [anthropic]}\n"
    )
    dev, prod = parse_spec(text), parse_spec(text, env="prod")
    assert (dev.env, prod.env) == ("dev", "prod")
    assert dev.environments == prod.environments == ("dev", "prod")
    assert (dev.selector, prod.selector) == ("balanced", "cost-first")
    assert dev.roles["a"] == role(BASE)
    assert prod.roles["a"].require.tools is True
    assert prod.roles["a"].require.context_tokens == 32_000
    assert prod.roles["a"].preferences.quality == "high"
    assert prod.roles["a"].preferences.providers == ("anthropic",)
    assert prod.roles["b"] == dev.roles["b"]


def test_file_without_environments_knows_its_own() -> None:
    """The default environment exists without being listed."""
    assert parse_spec(BASE, env="dev") == parse_spec(BASE)
    assert parse_spec("project: x\nenv: qa\nroles: {a: {kind: chat}}\n").env == "qa"


def test_default_environment_may_have_an_overlay_too() -> None:
    """What is written for the default environment holds without --env."""
    text = BASE + "environments: {dev: {selector: cost-first}, prod: {}}\n"
    assert parse_spec(text).selector == "cost-first"
    assert parse_spec(text, env="prod").selector == "balanced"


def test_unknown_environment_lists_those_that_exist(
    refusal: Callable[..., SpecError],
) -> None:
    """--env with a misspelt name is one line with the right one."""
    text = BASE + "environments:\n  prod: {}\n  staging: {}\n"
    error = refusal(text, env="stagin")
    assert error.problem == (
        "there is no environment 'stagin'. Did you mean 'staging'? "
        "Known here: dev, prod, staging."
    )
    assert error.line == 10
    assert refusal(BASE, env="prod").line is None


def test_environment_may_add_and_take_away_roles() -> None:
    """A new role is complete in its environment; null takes one out."""
    text = BASE + (
        "environments:\n  prod:\n    roles:\n      b: null\n      c: {kind: image}\n"
    )
    for tail in ("", "defaults: {task: math}\n"):
        assert list(parse_spec(text + tail).roles) == ["a", "b"]
        assert list(parse_spec(text + tail, env="prod").roles) == ["a", "c"]


def test_role_that_an_environment_adds_must_be_complete(
    refusal: Callable[..., SpecError],
) -> None:
    """A role that lacks its kind in one environment is refused there."""
    text = BASE + "environments:\n  prod:\n    roles:\n      c: {task: math}\n"
    parse_spec(text)
    error = refusal(text, env="prod")
    assert (error.line, error.problem) == (
        13,
        "roles.c lacks 'kind': write `kind: chat`.",
    )


def test_null_takes_away_and_blank_says_nothing() -> None:
    """Null removes what is inherited, from the defaults too."""
    text = BASE + (
        "defaults: {require: {open_weights: true}, task: math}\n"
        "environments:\n  prod:\n    roles:\n      a:\n        task: ~\n"
        "        preferences:\n"
        "        require: {tools: null, open_weights: null}\n"
    )
    dev, prod = role(text), role(text, env="prod")
    assert (dev.require.tools, dev.require.open_weights) == (True, True)
    assert (prod.require.tools, prod.require.open_weights) == (None, None)
    assert (dev.task, prod.task) == ("math", None)
    assert prod.require.context_tokens == 8000
    assert prod.preferences == dev.preferences


def test_null_alone_is_as_if_it_were_not_written() -> None:
    """Null where nothing is inherited changes nothing."""
    assert role(BASE + "policy: null\ndefaults: null\n") == role(BASE)
    text = BASE.replace("tools: true", "tools: true, reasoning: null")
    assert role(text) == role(BASE)


def test_a_mapping_may_come_back_over_null() -> None:
    """An environment's mapping stands where the file said null."""
    text = BASE.replace("b: {kind: embedding}", "b: null") + (
        "environments: {prod: {roles: {b: {kind: image}}}}\n"
    )
    assert list(parse_spec(text).roles) == ["a"]
    assert role(text, "b", "prod").kind == "image"


def test_defaults_stand_under_every_role() -> None:
    """A default reaches each role that says nothing else, key by key."""
    text = BASE + (
        "defaults:\n  task: coding\n  fallbacks: 1\n  workload: {input_tokens: 5}\n"
        "  preferences: {quality: low, cost: low}\n  runtime: {timeout: 5s}\n"
    )
    a, b = role(text), role(text, "b")
    assert (a.task, b.task, a.fallbacks, b.fallbacks) == ("coding", "coding", 1, 1)
    assert (a.preferences.quality, b.preferences.quality) == ("high", "low")
    assert a.preferences.cost == b.preferences.cost == "low"
    assert a.workload.input_tokens == 5
    assert b.runtime == {"timeout": "5s"}


def test_default_providers_serve_roles_without_a_list() -> None:
    """defaults.providers is the allowlist of roles that have none."""
    text = BASE + "defaults: {providers: [mistral]}\n"
    assert role(text).preferences.providers == ("openai", "groq")
    assert role(text, "b").preferences.providers == ("mistral",)


@pytest.mark.parametrize("blank", ["", "null"])
def test_default_providers_may_be_left_blank(blank: str) -> None:
    """A blank or null default allowlist allows everybody."""
    assert role(BASE + f"defaults:\n  providers: {blank}\n") == role(BASE)


def test_environment_may_change_the_defaults() -> None:
    """Defaults are merged after the environment, so it can change them."""
    text = BASE + (
        "defaults: {providers: [mistral]}\n"
        "environments: {prod: {defaults: {providers: [groq]}}}\n"
    )
    assert role(text, "b").preferences.providers == ("mistral",)
    assert role(text, "b", "prod").preferences.providers == ("groq",)


def test_default_providers_are_said_once(refusal: Callable[..., SpecError]) -> None:
    """Two default allowlists are a contradiction, not a silent pick."""
    error = refusal(
        BASE + "defaults:\n  providers: [a]\n  preferences: {providers: [b]}\n"
    )
    assert error.line == 11
    assert "say the same thing: keep one" in error.problem


def test_default_relax_speaks_of_what_a_role_requires() -> None:
    """A default relax is no dead rule where a role requires nothing of it."""
    text = BASE + "defaults: {relax: [context_tokens, min_quality]}\n"
    assert role(text).relax == ("context_tokens",)
    assert role(text, "b").relax == ()
    gone = BASE.replace("context_tokens: 8000", "context_tokens: null")
    assert role(gone + "defaults: {relax: [context_tokens]}\n").relax == ()


def test_default_allowlist_gives_way_to_a_forced_provider() -> None:
    """What a role forces by name is not held against a default list."""
    text = BASE + "  c: {kind: chat, force_provider: groq, preferences: {cost: low}}\n"
    found = role(text + "defaults: {providers: [mistral]}\n", "c")
    assert found.force_provider == "groq"
    assert found.preferences.providers == ()
    assert found.preferences.cost == "low"


def test_default_scalar_preferences_null_in_a_role() -> None:
    """A role that nulls its preferences takes none of the default ones."""
    text = BASE + "  c: {kind: chat, preferences: ~, force_provider: groq}\n"
    found = role(text + "defaults: {preferences: {cost: low}}\n", "c")
    assert found.preferences.cost is None
