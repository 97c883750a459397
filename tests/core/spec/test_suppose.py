"""A spec with some keys said otherwise."""

from __future__ import annotations

import pytest

from llmhub_core.errors import SpecError
from llmhub_core.records.spec import Spec
from llmhub_core.spec import parse_spec, supposition

SPEC = """\
project: shop
roles:
  chat.main:
    kind: chat
    preferences: {cost: medium, quality: high}
environments:
  prod:
    roles:
      chat.main: {preferences: {cost: low}}
"""


def supposing(*changes: str, env: str | None = None) -> Spec:
    """The spec with these changes, all of the role ``chat.main``."""
    said = [supposition(change, role="chat.main") for change in changes]
    return parse_spec(SPEC, env=env, suppose=said)


def test_a_key_of_the_role_is_said_otherwise_and_the_rest_stands() -> None:
    """Keys are dotted, and beside them nothing changes."""
    role = supposing("preferences.cost=high").roles["chat.main"]
    assert (role.preferences.cost, role.preferences.quality) == ("high", "high")


def test_a_supposition_wins_over_the_environment() -> None:
    """It is laid over the effective spec, whatever that came from."""
    assert supposing(env="prod").roles["chat.main"].preferences.cost == "low"
    role = supposing("preferences.cost=high", env="prod").roles["chat.main"]
    assert role.preferences.cost == "high"


def test_a_key_that_no_role_has_is_the_files() -> None:
    """So policies can be supposed as well."""
    spec = supposing("policy.max_price.output=5", "policy.open_weights_only=true")
    assert spec.policy.max_price.output == 5.0
    assert spec.policy.open_weights_only is True


def test_lists_and_mappings_are_written_as_in_the_file() -> None:
    """The value is YAML on one line."""
    role = supposing(
        "require.input_modalities=[text, image]", "require={tools: true}"
    ).roles["chat.main"]
    assert role.require.input_modalities == ("text", "image")
    assert role.require.tools is True


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("preferences.cost", "a supposition is KEY=VALUE"),
        ("=low", "a supposition is KEY=VALUE"),
        ("a..b=low", "a supposition is KEY=VALUE"),
        ("preferences.cost=", "a supposition is KEY=VALUE"),
        ("require.tools=}", "the value is not YAML on one line"),
        ("task=[coding", "the value is not YAML on one line"),
        ("preferences.cots=low", "Did you mean 'cost'?"),
        ("preferences.cost=cheap", "low, medium, high"),
        ("polices.open_weights_only=true", "Did you mean 'policy'?"),
    ],
)
def test_what_can_not_be_supposed_is_refused(change: str, said: str) -> None:
    """With the right word, where there is one."""
    with pytest.raises(SpecError, match=said.replace("?", r"\?")):
        supposing(change)
