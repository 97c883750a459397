"""Decisions become the config that the runtime loads."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest
from attrs import evolve

from llmhub_core.errors import SpecError
from llmhub_core.lock.emit import config_name, emit, head, to_config
from llmhub_core.lock.file import dump_lock, parse_lock
from llmhub_core.lock.freeze import choices
from llmhub_core.lock.integrity import environment_digest
from llmhub_core.lock.seal import is_ours
from llmhub_core.records.choice import Choice
from llmhub_core.records.lock import Lock, LockedEnvironment
from llmhub_core.records.spec import Spec
from llmhub_core.spec import parse_spec
from llmhub_runtime.config import ProviderConfig, parse_config

EXPECTED = """\
project: shop
env: dev
providers:
  gemini: {}
  mistral:
    env_key: MISTRAL_API_KEY
  openai:
    env_key: SHOP_OPENAI_KEY
    api_base: http://127.0.0.1:9/v1
roles:
  llm.answers:
    provider: openai
    model: gpt-x
    mode: chat
    params:
      extra:
        b: 1
      stop:
        - "\\n\\n"
      temperature: 0.2
    fallbacks:
      - provider: gemini
        model: flash
        params:
          extra:
            b: 1
          stop:
            - "\\n\\n"
          temperature: 0.2
        context_tokens: 400000
        pricing:
          input: 1.25
          output: 10.0
          cache_read: 0.125
          tiers:
            - above_tokens: 200000
              input: 2.5
    context_tokens: 400000
    pricing:
      input: 1.25
      output: 10.0
      cache_read: 0.125
      tiers:
        - above_tokens: 200000
          input: 2.5
    num_retries: 2
    timeout: 60s
  embed:
    provider: mistral
    model: embed
    mode: embedding
    params:
      extra:
        b: 1
      stop:
        - "\\n\\n"
      temperature: 0.2
    context_tokens: 400000
    pricing:
      input: 1.25
      output: 10.0
      cache_read: 0.125
      tiers:
        - above_tokens: 200000
          input: 2.5
"""


def body(text: str) -> str:
    """A config without its head comment."""
    return "".join(
        row for row in text.splitlines(keepends=True) if not row.startswith("#")
    )


def test_writes_the_whole_config(spec: Spec, chosen: tuple[Choice, ...]) -> None:
    """Used providers with key and address, roles in the spec's order, all settings."""
    assert body(emit(spec, chosen)) == EXPECTED


def test_writes_what_the_runtime_reads_back(
    spec: Spec, chosen: tuple[Choice, ...]
) -> None:
    """The runtime takes the text for the very config that was meant."""
    assert parse_config(emit(spec, chosen)) == to_config(spec, chosen)


def test_heads_the_file_with_tool_lock_and_seal(
    spec: Spec, locked: LockedEnvironment, chosen: tuple[Choice, ...]
) -> None:
    """The head comment names the tool's version and the state of the lock."""
    text = emit(spec, chosen, head("26.11.0", locked))
    first, second, third, *rest = text.splitlines()
    assert first.startswith("# Written by llmhub 26.11.0: ")
    assert second == (
        f"# sha256 of the lock's environment: {environment_digest(locked)}"
    )
    assert third.startswith("# sha256 of all other lines: ")
    assert rest == EXPECTED.splitlines()
    assert is_ours(text)


def test_emits_from_the_lock_what_it_emitted_from_the_choice(
    spec: Spec, lock: Lock, chosen: tuple[Choice, ...]
) -> None:
    """A run that chooses and one that reads the lock give the same bytes."""
    read = parse_lock(dump_lock(lock).decode()).environments["dev"]
    assert emit(spec, choices(spec, read)) == emit(spec, chosen)


@pytest.mark.parametrize(
    ("provider", "written", "entry"),
    [
        ("anthropic", "", {"env_key": "ANTHROPIC_API_KEY"}),
        ("anthropic", "anthropic: {}", {"env_key": "ANTHROPIC_API_KEY"}),
        ("anthropic", "anthropic: {env_key: MINE}", {"env_key": "MINE"}),
        # any-llm reads one of two variables, or none is needed: nothing is claimed.
        ("gemini", "", {}),
        ("ollama", "", {}),
        ("somebodys-own", "", {}),
        # The spec may use the name that models.dev has.
        ("gemini", "google: {env_key: MINE}", {"env_key": "MINE"}),
        (
            "gemini",
            "google: {env_key: THEIRS}, gemini: {env_key: MINE}",
            {"env_key": "MINE"},
        ),
        (
            "openai",
            'openai: {api_base: "http://h/v1"}',
            {"env_key": "OPENAI_API_KEY", "api_base": "http://h/v1"},
        ),
        (
            "openai",
            "openai: {env_key: MINE, env_keys: [A, B]}",
            {"env_key": "MINE", "env_keys": ("A", "B")},
        ),
        # Nobody's key but those that are named takes a turn.
        (
            "openai",
            "openai: {env_keys: [A, B]}",
            {"env_key": "A", "env_keys": ("B",)},
        ),
    ],
)
def test_says_how_a_provider_is_reached(
    make_choice: Callable[..., Choice],
    provider: str,
    written: str,
    entry: dict[str, Any],
) -> None:
    """The spec's key variable and address, or else any-llm's own where it is one."""
    text = f"project: p\nproviders: {{{written}}}\nroles: {{chat: {{kind: chat}}}}\n"
    config = to_config(parse_spec(text), [make_choice("chat", f"{provider}:m")])
    assert list(config.providers) == [provider]
    found = config.providers[provider]
    assert found == ProviderConfig(**entry)


def test_leaves_out_prices_that_are_not_known(
    make_choice: Callable[..., Choice],
) -> None:
    """Unknown is unknown, and never zero; free is zero."""
    unknown = dict.fromkeys(
        (
            "price_input_per_million",
            "price_output_per_million",
            "price_cache_read_per_million",
        )
    )
    spec = parse_spec("project: p\nroles: {chat: {kind: chat}}\n")
    choice = make_choice("chat", "openai:a")
    primary = evolve(choice.primary, price_tiers=(), params={}, **unknown)
    role = to_config(spec, [evolve(choice, primary=primary)]).roles["chat"]
    assert role.pricing is None
    free = evolve(primary, price_input_per_million=0.0)
    role = to_config(spec, [evolve(choice, primary=free)]).roles["chat"]
    assert role.pricing is not None
    assert role.pricing.input_per_million == 0.0
    assert role.pricing.output_per_million is None


def test_gives_each_fallback_its_own_parameters(
    make_choice: Callable[..., Choice],
) -> None:
    """A fallback that takes no parameters says so, and inherits none."""
    spec = parse_spec("project: p\nroles: {chat: {kind: chat}}\n")
    choice = make_choice("chat", "openai:a", "xai:b")
    backup = evolve(choice.backups[0], params={})
    config = to_config(spec, [evolve(choice, backups=(backup,))])
    assert config.roles["chat"].params["temperature"] == 0.2
    assert config.roles["chat"].fallbacks[0].params == {}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("runtime: {budget: {limit: 5}}", "runtime.budget is planned"),
        ("runtime: {timeout: 60s, cache: {mode: on}}", "runtime.cache is planned"),
        ("runtime: {shadow: {chat: 1}}", "runtime.shadow.chat is the role itself"),
        (
            "runtime: {candidates: {other: 0.6, third: 0.6}}",
            "runtime.candidates must have shares of at most 1 in all, not 1.2",
        ),
    ],
)
def test_names_the_line_of_what_the_runtime_refuses(
    make_choice: Callable[..., Choice], line: str, problem: str
) -> None:
    """The runtime's own parser judges the settings; the error names the spec."""
    text = dedent(f"""\
        project: p
        roles:
          other: {{kind: chat, runtime: {{timeout: 5s, shadow: {{third: 1}}}}}}
          chat:
            kind: chat
            {line}
          third: {{kind: chat}}
        """)
    spec = parse_spec(text, path="my.yaml")
    chosen = [make_choice(role, "openai:a") for role in ("other", "chat", "third")]
    with pytest.raises(SpecError, match=problem) as caught:
        emit(spec, chosen)
    assert str(caught.value).startswith("my.yaml:6: role 'chat': ")


def test_keeps_keys_out_of_the_config(
    spec: Spec, make_choice: Callable[..., Choice]
) -> None:
    """A key among the parameters of a spec made in code is refused, and not shown."""
    params = {"api_key": "sk-canary"}
    role = evolve(spec.roles["embed"], mode_params=params)
    choice = make_choice("embed", "mistral:embed")
    choice = evolve(choice, primary=evolve(choice.primary, params=params))
    with pytest.raises(
        SpecError, match="mode_params must not hold an api_key"
    ) as caught:
        emit(evolve(spec, roles={"embed": role}), [choice])
    assert caught.value.line == 13
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("kind", ["rerank", "moderation", "video"])
def test_calls_other_what_the_runtime_has_no_mode_for(
    spec: Spec, make_choice: Callable[..., Choice], kind: str
) -> None:
    """A role of any kind can be emitted; the runtime refuses it no call."""
    config = to_config(spec, [make_choice("embed", "mistral:embed", mode=kind)])
    assert config.roles["embed"].mode == "other"


def test_says_what_the_runtime_refuses_of_a_choice(
    spec: Spec, make_choice: Callable[..., Choice]
) -> None:
    """What no line of the spec is to blame for is told in the runtime's words."""
    with pytest.raises(
        SpecError, match=r"takes no such config: .*mode: must be one of"
    ):
        emit(spec, [make_choice("embed", "mistral:embed", mode="telepathy")])


def test_names_the_file_after_the_environment(spec_text: str) -> None:
    """The default environment has llmhub.yaml, every other one its own file."""
    assert config_name(parse_spec(spec_text)) == "llmhub.yaml"
    assert config_name(parse_spec(spec_text, env="dev")) == "llmhub.yaml"
    assert config_name(parse_spec(spec_text, env="prod")) == "llmhub.prod.yaml"
