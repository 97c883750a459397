"""Two configs are compared by what they mean."""

from __future__ import annotations

import pytest

from llmhub_core.lock.drift import ConfigError, drift
from llmhub_runtime.config import parse_config

MEANT = """\
project: p
env: dev
providers: {openai: {env_key: K}}
roles:
  llm.a: {provider: openai, model: m, params: {stop: [x]}, timeout: 60s,
    fallbacks: [
      {provider: openai, model: f, pricing: {input: 1, output: 2, cache_read: 3}}]}
  b: {provider: openai, model: m}
"""


def test_passes_over_comments_order_and_layout() -> None:
    """Only what the runtime reads is compared."""
    other = """\
# a comment
env: "dev"
project: p
roles:
  b:
    mode: chat
    model: m
    provider: openai
  llm.a: {timeout: 60.0, params: {stop: ["x"]}, model: m, provider: openai, fallbacks:
    [{pricing: {output: 2.0, input: 1, cache_read: 3}, model: f, provider: openai}]}
providers:
  openai:
    env_key: K
"""
    assert drift(parse_config(MEANT), other) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("b: {provider: openai, model: m}", "b: {provider: openai, model: n}", 8,
         "role 'b': model is 'n' and should be 'm'"),
        ("stop: [x]", "stop: [y]", 5,
         "role 'llm.a': params.stop is ['y'] and should be ['x']"),
        (", timeout: 60s", "", 5, "role 'llm.a': timeout is missing"),
        ("model: m,", "num_retries: 3, model: m,", 5,
         "role 'llm.a': num_retries is there and should not be"),
        ("model: f,", "model: g,", 7,
         "role 'llm.a': fallbacks.0.model is 'g' and should be 'f'"),
        ("3}}]}", "3}}, {provider: o, model: f}]}", 6,
         "role 'llm.a': fallbacks is not what it should be"),
        ("  b: {provider: openai, model: m}\n", "", 4, "role 'b' is missing"),
        ("  b: {", "  c: {provider: openai, model: m}\n  b: {", 8,
         "role 'c' is there and should not be"),
        ("env_key: K", "env_key: L", 3,
         "the config: providers.openai.env_key is 'L' and should be 'K'"),
        ("project: p", "project: q", 1, "the config: project is 'q' and should be 'p'"),
        ("stop: [x]", f"stop: [{'x' * 120}]", 5,
         "role 'llm.a': params.stop is not what it should be"),
    ],
)  # fmt: skip
def test_names_role_key_and_line(old: str, new: str, line: int, said: str) -> None:
    """Each difference says whose, which, what is there and what should be."""
    (found,) = drift(parse_config(MEANT), MEANT.replace(old, new))
    assert (str(found), found.line) == (said, line)


def test_refuses_what_is_no_config() -> None:
    """A config that can't be read can't be compared."""
    with pytest.raises(ConfigError) as caught:
        drift(parse_config(MEANT), MEANT.replace("timeout: 60s", "timeout: soon"))
    assert caught.value.line == 5
