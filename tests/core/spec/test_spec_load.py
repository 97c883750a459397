"""Reading a spec file: what it becomes, and which files are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmhub_core.errors import SpecError
from llmhub_core.records.spec import (
    MaxPrice,
    Policy,
    Preferences,
    ProviderSpec,
    Require,
    RoleSpec,
    Spec,
    Workload,
)
from llmhub_core.spec import load_spec, parse_spec, read_spec_text


def test_full_spec_becomes_the_record_it_says(full: str) -> None:
    """Every section of a spec arrives in its field, typed."""
    assert parse_spec(full) == Spec(
        project="my-shop",
        env="dev",
        selector="balanced",
        providers={
            "openai": ProviderSpec(
                enabled=True,
                env_key="OPENAI_API_KEY",
                api_base="https://llm.example.com/v1",
            ),
            "deepseek": ProviderSpec(enabled=False),
            "anthropic": ProviderSpec(),
        },
        roles={
            "llm.inference": RoleSpec(
                name="llm.inference",
                kind="chat",
                description="Answers questions, politely",
                task="coding",
                preferences=Preferences(
                    quality="high",
                    cost="medium",
                    latency="low",
                    providers=("openai", "anthropic"),
                    model_denylist=("openai:*-preview",),
                ),
                require=Require(
                    tools=True,
                    structured_output=True,
                    reasoning=False,
                    input_modalities=("text", "image"),
                    output_modalities=("text",),
                    context_tokens=100_000,
                    max_output_tokens=4000,
                    open_weights=False,
                    knowledge_after="2024-06",
                    max_price=MaxPrice(input=3.0, output=15.0),
                    min_quality=1350.0,
                    measured_quality=True,
                    status=("stable", "beta"),
                ),
                relax=("context_tokens", "max_price"),
                workload=Workload(
                    input_tokens=2000,
                    output_tokens=400,
                    cached_input=0.5,
                    requests_per_month=100_000,
                ),
                selector="quality-first",
                selector_options={"floor": 0.5},
                fallbacks=("anthropic:claude-x", "openai:gpt-y"),
                force_provider="openai",
                force_model="gpt-4o",
                mode_params={
                    "temperature": 0.2,
                    "max_tokens": 2048,
                    "stop": ("\n", "end"),
                    "seed": "7",
                },
                runtime={
                    "timeout": "60s",
                    "num_retries": 2,
                    "cache": {"mode": "on", "ttl": "1h"},
                    "budget": {"limit": 5.0, "period": "1d"},
                },
            ),
            "llm.embedding": RoleSpec(
                name="llm.embedding",
                kind="embedding",
                preferences=Preferences(providers=("openai", "anthropic")),
                workload=Workload(output_tokens=0),
            ),
        },
        policy=Policy(
            providers_deny=("deepseek",),
            models_deny=("*:free",),
            max_price=MaxPrice(output=30.0),
        ),
        sources={"arena": {"board": "text"}},
        selectors={"quality-first": {"floor": 0.1, "ceiling": 2}},
    )


def test_smallest_spec_has_the_documented_defaults() -> None:
    """What nobody wrote is None, empty, or the documented default."""
    spec = parse_spec("project: x\nroles:\n  a.b: {kind: chat}\n")
    assert (spec.env, spec.environments, spec.selector) == ("dev", ("dev",), None)
    role = spec.roles["a.b"]
    assert role == RoleSpec(name="a.b")
    assert role.require == Require()
    assert role.workload == Workload(input_tokens=1000, output_tokens=300)
    assert (role.fallbacks, role.task, role.description) == (2, None, None)


def test_roles_keep_the_order_of_the_file() -> None:
    """Roles come in the order they were written."""
    names = [f"r{n}" for n in (3, 1, 2)]
    text = "project: x\nroles:\n" + "".join(f"  {n}: {{kind: chat}}\n" for n in names)
    assert list(parse_spec(text).roles) == names


def test_line_of_a_key_is_where_it_was_written(full: str) -> None:
    """Spec.line names the line of a key, or of its nearest written parent."""
    spec = parse_spec(full)
    rows = full.splitlines()
    line = spec.line("roles", "llm.inference", "require", "context_tokens")
    assert line is not None
    assert "context_tokens" in rows[line - 1]
    parent = spec.line("roles", "llm.embedding", "require", "tools")
    assert parent is not None
    assert rows[parent - 1] == "  llm.embedding:"
    assert spec.line("nothing") is None


def test_loading_a_file_remembers_its_path(tmp_path: Path, full: str) -> None:
    """load_spec reads a file, and equality does not ask where it lay."""
    path = tmp_path / "llmhub.spec.yaml"
    path.write_text(full, encoding="utf-8")
    spec = load_spec(str(path))
    assert spec.path == path
    assert spec == parse_spec(full)


def test_byte_order_mark_and_windows_lines_are_read(tmp_path: Path, full: str) -> None:
    """A file saved by a Windows editor is the same spec."""
    path = tmp_path / "spec.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + full.replace("\n", "\r\n").encode())
    assert load_spec(path) == parse_spec(full)


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", None, "empty: `llmhub init`"),
        (b"# only a comment\n", None, "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", 1, "not UTF-8 text"),
        (b"project: x\nroles: \xff\n", 2, "not UTF-8 text"),
        ("project: x".encode("utf-16"), None, "UTF-16"),
        (b"project: x\nroles: \x00\n", 2, "U+0000"),
        (b"#" * (1024 * 1024 + 1), None, "over 1 MiB"),
        (b"- a\n- b\n", 1, "`project: NAME`"),
        (b"hello\n", 1, "`project: NAME`"),
    ],
)
def test_files_that_are_no_spec_are_refused(
    tmp_path: Path, data: bytes, line: int | None, words: str
) -> None:
    """An empty, binary or foreign file is one line with its path, and a way out."""
    path = tmp_path / "llmhub.spec.yaml"
    path.write_bytes(data)
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    assert (caught.value.path, caught.value.line) == (path, line)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    """A spec that is not there points to `llmhub init`."""
    with pytest.raises(SpecError, match="no such file: `llmhub init`"):
        load_spec(tmp_path / "llmhub.spec.yaml")


def test_folder_instead_of_a_file_is_refused(tmp_path: Path) -> None:
    """A path that can't be read as a file says so."""
    with pytest.raises(SpecError, match="can't be read"):
        read_spec_text(tmp_path)


def test_three_thousand_lines_are_read() -> None:
    """A large spec is read whole; its last role is as good as its first."""
    role = "".join(
        f"    {line}\n"
        for line in (
            "kind: chat  # each",
            "task: coding",
            "preferences:",
            "  quality: high",
            "  providers: [openai, anthropic]",
            "require: {tools: true, max_price: {input: 3}}",
        )
    )
    text = "project: x\nroles:\n" + "".join(f"  r{n}:\n{role}" for n in range(450))
    assert text.count("\n") > 3_000
    spec = parse_spec(text)
    assert len(spec.roles) == 450
    assert spec.roles["r449"].require == spec.roles["r0"].require
    assert spec.line("roles", "r449", "task") == 2 + 449 * 7 + 3


@pytest.mark.parametrize(
    ("written", "allowed", "provider", "model"),
    [
        ("openai:gpt-4o", "", "openai", "gpt-4o"),
        ("openai:gpt-4o", "openai, anthropic", "openai", "gpt-4o"),
        ("llama3:8b", "ollama", None, "llama3:8b"),
        ("meta/llama:free", "openrouter", None, "meta/llama:free"),
        ("gpt-4o", "openai", None, "gpt-4o"),
    ],
)
def test_forced_model_may_name_its_provider(
    written: str, allowed: str, provider: str | None, model: str
) -> None:
    """`provider:model` forces both, unless the allowlist says it is all model."""
    text = (
        "project: x\nroles:\n  r:\n    kind: chat\n"
        f"    force_model: {written}\n    preferences: {{providers: [{allowed}]}}\n"
    )
    role = parse_spec(text).roles["r"]
    assert (role.force_provider, role.force_model) == (provider, model)


def test_forced_provider_leaves_the_model_as_written() -> None:
    """With force_provider, a colon in the model is part of its name."""
    text = (
        "project: x\nroles:\n  r: {kind: chat, force_provider: ollama, "
        "force_model: 'llama3:8b'}\n"
    )
    role = parse_spec(text).roles["r"]
    assert (role.force_provider, role.force_model) == ("ollama", "llama3:8b")
