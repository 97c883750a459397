"""Which keys the chosen models are called with, and which are not set."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from llmhub_core.lock.keys import keys
from llmhub_core.records.choice import Choice, Pick
from llmhub_core.spec import parse_spec

SPEC = """\
project: shop
providers:
  openai: {env_key: SHOP_OPENAI_KEY}
roles:
  answer: {kind: chat}
"""


def chosen(*providers: str) -> Choice:
    """A decision whose primary and backups are of these providers."""
    primary, *backups = (
        Pick(
            canonical_id=f"{name}:m", provider=name, model_id="m", reason="", params={}
        )
        for name in providers
    )
    return Choice(
        role="answer",
        mode="chat",
        selector="balanced",
        primary=primary,
        backups=tuple(backups),
        eligible=1,
        considered=1,
    )


def told(
    environ: Mapping[str, str], *providers: str, spec: str = SPEC
) -> list[tuple[str, str, bool]]:
    """Provider, variables and whether they are set."""
    found = keys(parse_spec(spec), [chosen(*providers)], environ)
    return [(key.provider, key.variables, key.is_set) for key in found]


def test_the_spec_says_which_variable() -> None:
    """What any-llm would read by itself does not count then; nothing empty is set."""
    for environ in ({}, {"OPENAI_API_KEY": "k"}, {"SHOP_OPENAI_KEY": ""}):
        assert told(environ, "openai") == [("openai", "SHOP_OPENAI_KEY", False)]
    assert told({"SHOP_OPENAI_KEY": "k"}, "openai")[0][2]


def test_one_of_several_keys_is_enough() -> None:
    """Those that take turns: what is empty is passed over."""
    spec = SPEC.replace("SHOP_OPENAI_KEY", "A, env_keys: [B]")
    assert told({}, "openai", spec=spec) == [("openai", "A or B", False)]
    assert told({"B": "k"}, "openai", spec=spec) == [("openai", "A or B", True)]


def test_backups_need_keys_too() -> None:
    """In order of names, each provider once."""
    found = told({"HF_TOKEN": "k"}, "mistral", "huggingface", "mistral")
    assert found == [
        ("huggingface", "HF_TOKEN", True),
        ("mistral", "MISTRAL_API_KEY", False),
    ]


@pytest.mark.parametrize(
    ("provider", "both", "alone"),
    [
        ("gemini", "GEMINI_API_KEY or GOOGLE_API_KEY", True),
        ("sagemaker", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", False),
    ],
)
def test_one_of_several_variables(provider: str, both: str, alone: bool) -> None:
    """One is enough where any-llm takes either, and is not where it needs both."""
    first = both.split(maxsplit=1)[0]
    assert told({first: "k"}, provider) == [(provider, both, alone)]


def test_who_needs_no_key_is_left_out() -> None:
    """A local server, and a provider of which nothing is known."""
    assert told({}, "ollama", "a-house-of-our-own") == []
