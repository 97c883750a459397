"""The JSON schema and the reader agree, and the starter is a good start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import fastjsonschema
import pytest

from llmhub_core.errors import SpecError
from llmhub_core.spec import (
    STARTER_ROLES,
    edit_role,
    parse_spec,
    spec_json_schema,
    starter_spec,
)
from llmhub_core.spec.language import FILE, every_key
from llmhub_core.spec.syntax import parse
from llmhub_core.spec.tables import plain

VALID = fastjsonschema.compile(spec_json_schema())


def as_json(text: str) -> Any:
    """A spec as an editor's YAML 1.2 reader hands it to a JSON schema."""
    return json.loads(json.dumps(plain(parse(text))))


def test_schema_is_json_and_draft_7() -> None:
    """The schema can be written to a file that editors understand."""
    schema = spec_json_schema()
    assert json.loads(json.dumps(schema)) == schema
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["required"] == ["project", "roles"]


def test_schema_accepts_what_the_reader_accepts(full: str) -> None:
    """A full spec passes; yes/no spellings are the reader's own kindness."""
    VALID(
        as_json(
            full.replace(": yes", ": true")
            .replace(": off", ": false")
            .replace("100_000", "100000")
            .replace("  anthropic:\n", "")
            .replace("openai/gpt-y", "openai:gpt-y")
        )
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("task: coding", "tsak: coding"),
        ("task: coding", "task: codign"),
        ("kind: embedding", "kind: 5"),
        ("quality: high", "quality: [high]"),
        ("context_tokens: 100_000", "context_tokens: 0"),
        ("min_quality: 1350", "min_quality: 0"),
        ("cached_input: 0.5", "cached_input: 1.5"),
        ("[text, image]", "[text, text]"),
        ("2024-06", "June"),
        ("timeout: 60s", "timeout: soon"),
        ("project: my-shop", "# project: my-shop"),
        ("anthropic:claude-x", "claude-x"),
        ("env_key: OPENAI_API_KEY", "env_key: sk-1"),
        ("prod:\n", "pr/od:\n"),
    ],
)
def test_schema_refuses_what_the_reader_refuses(full: str, old: str, new: str) -> None:
    """Typos, wrong words, wrong types and bounds are marked while one types."""
    text = full.replace(": yes", ": true").replace(": off", ": false")
    text = text.replace("  anthropic:\n", "")
    assert old in text
    text = text.replace(old, new)
    with pytest.raises(SpecError):
        parse_spec(text)
    with pytest.raises(fastjsonschema.JsonSchemaException):
        VALID(as_json(text.replace("100_000", "100000")))


def test_schema_knows_every_key_with_its_meaning() -> None:
    """Each key of the language is in the schema, described."""
    for path, key in every_key():
        found: Mapping[str, Any] = spec_json_schema()
        for part in path:
            inner = [found, *found.get("anyOf", ())]
            table = next(s for s in inner if s.get("type") == "object")
            found = (
                table["additionalProperties"]
                if part.startswith("<")
                else table["properties"][part]
            )
        assert found["description"] == key.means, path


@pytest.mark.parametrize(
    "providers",
    [{}, {"openai": "OPENAI_API_KEY", "ollama": None}, {"x-ai": "K"}],
)
def test_starter_is_a_valid_spec(providers: dict[str, str | None]) -> None:
    """What `init` writes can be used, and edited, as it is."""
    text = starter_spec("My app: v2", providers, env="prod")
    spec = parse_spec(text)
    VALID(as_json(text))
    assert (spec.project, spec.env) == ("My app: v2", "prod")
    assert list(spec.roles) == list(STARTER_ROLES)
    assert list(spec.providers) == list(providers)
    for role in spec.roles.values():
        assert role.preferences.providers == tuple(providers)
    assert edit_role(text, "llm.inference", {"task": "math"}).count("\n") > 10


def test_starter_takes_other_roles() -> None:
    """A guided `init` hands in the roles it asked for."""
    text = starter_spec("x", {}, roles={"llm.embedding": {"kind": "embedding"}})
    assert list(parse_spec(text).roles) == ["llm.embedding"]


def test_starter_refuses_what_no_spec_can_hold() -> None:
    """A wrong name is an error before a file is written."""
    with pytest.raises(SpecError, match="provider name"):
        starter_spec("x", {"open ai": None})


def test_root_of_the_language_is_a_mapping_of_sections() -> None:
    """The top level has the sections that the design names, in their order."""
    assert list(FILE.keys) == [
        "project",
        "env",
        "selector",
        "providers",
        "roles",
        "defaults",
        "policy",
        "sources",
        "selectors",
        "environments",
    ]
