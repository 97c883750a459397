"""Two configs are compared by what they mean."""

from __future__ import annotations

import pytest

from llmhub_core.lock.drift import ConfigError, drift

MEANT = """\
project: p
env: dev
providers: {openai: {env_key: K}}
roles:
  llm.a: {provider: openai, model: m, params: {stop: [x]}, timeout: 60s}
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
  llm.a: {timeout: 60.0, params: {stop: ["x"]}, model: m, provider: openai}
providers:
  openai:
    env_key: K
"""
    assert drift(MEANT, other) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("b: {provider: openai, model: m}", "b: {provider: openai, model: n}", 6,
         "role 'b': model is 'n', not 'm'"),
        ("stop: [x]", "stop: [y]", 5, "role 'llm.a': params.stop is ['y'], not ['x']"),
        (", timeout: 60s", "", 5, "role 'llm.a': timeout is not there, not '60s'"),
        ("model: m,", "num_retries: 3, model: m,", 5,
         "role 'llm.a': num_retries is 3, not not there"),
        ("  b: {provider: openai, model: m}\n", "", 4, "role 'b' is missing"),
        ("  b: {", "  c: {provider: openai, model: m}\n  b: {", 6,
         "role 'c' is too much"),
        ("env_key: K", "env_key: L", 3,
         "the config: providers.openai.env_key is 'L', not 'K'"),
        ("project: p", "project: q", 1, "the config: project is 'q', not 'p'"),
        ("stop: [x]", f"stop: [{'x' * 60}]", 5,
         "role 'llm.a': params.stop is something else, not ['x']"),
    ],
)  # fmt: skip
def test_names_role_key_and_line(old: str, new: str, line: int, said: str) -> None:
    """Each difference says whose, which, what is there and what should be."""
    (found,) = drift(MEANT, MEANT.replace(old, new))
    assert (str(found), found.line) == (said, line)


def test_refuses_what_is_no_config() -> None:
    """A config that can't be read can't be compared."""
    with pytest.raises(ConfigError) as caught:
        drift(MEANT, MEANT.replace("timeout: 60s", "timeout: soon"))
    assert caught.value.line == 5
