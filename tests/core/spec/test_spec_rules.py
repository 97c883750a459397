"""Rules that join several keys: contradictions, and rules that can't apply."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llmhub_core.errors import SpecError
from llmhub_core.spec import parse_spec
from llmhub_core.spec.reach import covers


def spec(role: str, rest: str = "", kind: str = "chat") -> str:
    """A spec whose single role has one more line, the fifth, and a tail."""
    return f"project: x\nroles:\n  r:\n    kind: {kind}\n    {role}\n{rest}"


@pytest.mark.parametrize(
    ("role", "rest", "line", "words"),
    [
        ("relax: [tools]", "", 5, "may relax 'tools', which it does not require"),
        (
            "relax: [measured_quality]\n    require: {measured_quality: false}",
            "",
            5,
            "does not require",
        ),
        ("relax: [status]\n    require: {status: []}", "", 5, "does not require"),
        ("relax: [max_price]\n    require: {max_price: {}}", "", 5, "not require"),
        (
            "require: {context_tokens: 100, max_output_tokens: 200}",
            "",
            5,
            "requires 200 max_output_tokens, so its context_tokens 100 can never",
        ),
        (
            "require: {open_weights: false}",
            "policy: {open_weights_only: true}\n",
            5,
            "requires closed weights and policy.open_weights_only open ones",
        ),
        (
            "preferences: {providers: [a], provider_blocklist: [a]}",
            "",
            5,
            "has no provider left: a is in provider_blocklist.",
        ),
        (
            "preferences: {providers: [a, b]}",
            "policy: {providers: {deny: [a]}}\nproviders: {b: {enabled: false}}\n",
            5,
            "a is denied by policy.providers; b is not enabled in providers.",
        ),
        (
            "preferences: {providers: [a]}",
            "policy: {providers: {allow: [b]}}\n",
            5,
            "a is not allowed by policy.providers.",
        ),
        (
            "preferences: {providers: [a]}",
            "policy: {models: {deny: ['a:*']}}\n",
            5,
            "a is denied by policy.models.",
        ),
        (
            "preferences: {providers: [a]}",
            "policy: {models: {allow: ['b:*']}}\n",
            5,
            "a is not allowed by policy.models.",
        ),
        (
            "preferences: {providers: [a], model_denylist: ['a*']}",
            "",
            5,
            "a is denied by model_denylist.",
        ),
        ("preferences: {model_denylist: ['*']}", "", 5, "denies every model"),
        (
            "task: math",
            "policy: {models: {deny: ['*:*']}}\n",
            6,
            "policy.models denies every model.",
        ),
        (
            "task: math",
            "policy: {models: {allow: ['a:x*', 'b:*'], deny: ['a:*', 'b:*']}}\n",
            6,
            "allows only what it denies",
        ),
        (
            "task: math",
            "policy: {providers: {allow: [a]}}\nproviders: {a: {enabled: false}}\n",
            6,
            "allows only what is denied or not enabled",
        ),
        ("force_model: gpt", "", 5, "forces 'gpt' and no provider: add force_provider"),
        (
            "force_provider: a",
            "providers: {a: {enabled: false}}\n",
            5,
            "forces 'a', which is not enabled in providers.",
        ),
        (
            "force_provider: a\n    preferences: {providers: [b]}",
            "",
            5,
            "forces 'a', which is not in its preferences.providers.",
        ),
        (
            "force_model: 'a:m:free'",
            "policy: {models: {deny: ['*:free']}}\n",
            5,
            "forces 'm:free', which is denied by policy.models.",
        ),
        (
            "force_model: a:m\n    preferences: {model_denylist: ['a:m*']}",
            "",
            5,
            "forces 'm', which is in model_denylist.",
        ),
        (
            "force_model: a:m",
            "policy: {models: {allow: ['a:n*']}}\n",
            5,
            "forces 'm', which is not allowed by policy.models.",
        ),
        (
            "fallbacks: [a:m]\n    preferences: {providers: [b]}",
            "",
            5,
            "'a:m', which is of 'a', which is not in its preferences.providers.",
        ),
        (
            "fallbacks: [a:m]",
            "policy: {providers: {deny: [a]}}\n",
            5,
            "which is of 'a', which is denied by policy.providers.",
        ),
        (
            "fallbacks: [b:n, a:m]",
            "policy: {models: {deny: ['a:m']}}\n",
            5,
            "names the fallback 'a:m', which is denied by policy.models.",
        ),
        ("fallbacks: [a:m]\n    force_model: a:m", "", 5, "is also its forced model"),
        ("selector_options: {a: 1}", "", 5, "selector_options and no selector"),
        (
            "runtime: {timeout: 2m, deadline: 60}",
            "",
            5,
            "a timeout of 2m, longer than its deadline of 60",
        ),
        (
            "runtime: {ttft_timeout: 61s, timeout: 1m}",
            "",
            5,
            "a ttft_timeout of 61s, longer than its timeout of 1m",
        ),
        (
            "runtime: {shadow: {trail: 0.1}}",
            "  trial: {kind: chat}\n",
            5,
            "shadow names 'trail', which is no role of this spec. Did you mean 'trial'",
        ),
    ],
)
def test_rule_that_can_not_be_meant_is_refused(
    role: str, rest: str, line: int, words: str, refusal: Callable[..., SpecError]
) -> None:
    """A contradiction or a dead rule is named with its line."""
    error = refusal(spec(role, rest))
    assert words in error.problem
    assert error.line == line


@pytest.mark.parametrize("need", ["tools", "structured_output", "reasoning"])
def test_embedding_roles_can_not_be_asked_to_speak(
    need: str, refusal: Callable[..., SpecError]
) -> None:
    """An embedding role that requires tools would never find a model."""
    error = refusal(spec(f"require: {{{need}: true}}", kind="embedding"))
    assert f"of kind 'embedding' and requires '{need}'" in error.problem
    parse_spec(spec(f"require: {{{need}: false}}", kind="embedding"))


def test_tool_roles_need_tools(refusal: Callable[..., SpecError]) -> None:
    """A role of kind tool that requires a model without tools contradicts itself."""
    error = refusal(spec("require: {tools: false}", kind="tool"))
    assert "requires a model without tools" in error.problem
    parse_spec(spec("require: {tools: true}", kind="tool"))


def test_key_in_the_call_parameters_is_refused(
    refusal: Callable[..., SpecError],
) -> None:
    """A credential does not belong into a spec, and is not repeated."""
    error = refusal(spec("mode_params: {api_key: sk-verysecret}"))
    assert "holds an api_key" in error.problem
    assert "verysecret" not in str(error)


@pytest.mark.parametrize(
    ("role", "rest"),
    [
        ("relax: [tools]\n    require: {tools: false}", ""),
        ("relax: [max_price]\n    require: {max_price: {input: 0}}", ""),
        ("require: {context_tokens: 200, max_output_tokens: 200}", ""),
        ("preferences: {providers: [a, b], provider_blocklist: [a]}", ""),
        ("preferences: {providers: [a]}", "policy: {models: {deny: ['a:x*']}}\n"),
        ("preferences: {providers: [a]}", "policy: {models: {allow: ['*:x']}}\n"),
        ("preferences: {providers: [a]}", "policy: {models: {allow: ['x*']}}\n"),
        ("preferences: {model_denylist: ['*:free']}", ""),
        ("task: math", "policy: {models: {allow: ['a:*'], deny: ['a:x']}}\n"),
        ("task: math", "policy: {models: {allow: ['a:*'], deny: ['a:?']}}\n"),
        ("force_model: gpt\n    preferences: {providers: [a, b]}", ""),
        ("force_provider: a\n    preferences: {providers: [a]}", ""),
        ("fallbacks: [a:m]\n    force_model: b:m", ""),
        ("selector_options: {a: 1}\n    selector: s", ""),
        ("runtime: {timeout: 60s, deadline: 1m}", ""),
        ("task: math", "policy: {open_weights_only: true}\n"),
    ],
)
def test_rule_that_can_be_meant_is_accepted(role: str, rest: str) -> None:
    """What may still leave a model to choose is not second-guessed."""
    parse_spec(spec(role, rest))


def test_first_of_several_problems_is_reported(
    refusal: Callable[..., SpecError],
) -> None:
    """Of several contradictions, the one highest in the file is named."""
    role = "selector_options: {a: 1}\n    relax: [tools]"
    assert refusal(spec(role)).line == 5
    role = "relax: [tools]\n    selector_options: {a: 1}"
    assert "relax" in refusal(spec(role)).problem


def test_rules_hold_in_the_environment_that_was_asked_for(
    refusal: Callable[..., SpecError],
) -> None:
    """A contradiction that only one environment makes is found there."""
    text = spec(
        "require: {open_weights: false}",
        "environments: {prod: {policy: {open_weights_only: true}}}\n",
    )
    parse_spec(text)
    assert "open_weights_only" in refusal(text, env="prod").problem


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("a:*", "a:x*", True),
        ("*", "a:[bc]", True),
        ("a:?", "a:*", False),
        ("a:[*]", "a:*", False),
        ("a:?", "a:?", True),
        ("a:x*", "a:*", False),
    ],
)
def test_one_glob_covers_another_only_when_that_is_certain(
    outer: str, inner: str, expected: bool
) -> None:
    """A rule is called dead only on proof."""
    assert covers(outer, inner) is expected
