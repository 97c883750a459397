"""Reading ``llmhub.yaml``: what is accepted, and what is said of what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmhub_runtime import (
    CallSettings,
    ConfigError,
    FallbackConfig,
    LLMHub,
    Pricing,
    PricingTier,
    ProviderConfig,
    RoleConfig,
    RuntimeConfig,
    UnknownProviderError,
    dump_config,
    load_config,
    parse_config,
    parse_settings,
)

# A file as the original LLM Hub wrote it.
ORIGINAL = """\
project: memory
env: dev

providers:
  openai:
    env_key: OPENAI_API_KEY
  anthropic:
    env_key: ANTHROPIC_API_KEY
  local: {}

roles:
  llm.preprocess:
    provider: openai
    model: gpt-4o-mini
    mode: chat
    params:
      temperature: 0.2
      max_tokens: 512

  llm.embedding:
    provider: openai
    model: text-embedding-3-small
    mode: embedding
    params:
      embedding_dim: 1536

defaults:
  provider: openai
  model: gpt-4o-mini
  mode: chat
  params:
    temperature: 0.3
"""

HEAD = "project: p\nenv: e\n"
ROLE = f"{HEAD}roles:\n  r:\n    provider: openai\n    model: m\n"

EVERYTHING = """\
project: p
env: prod
timeout: 1m
providers:
  openai:
    env_key: OPENAI_API_KEY
    api_base: http://127.0.0.1:8080/v1
    num_retries: 0
roles:
  llm.inference:
    provider: openai
    model: gpt-x
    mode: chat
    params: {max_tokens: 512, stop: [a, b], flag: true, nothing: null}
    fallbacks:
      - {provider: anthropic, model: claude-y, params: {max_tokens: 1}}
      - provider: openai
        model: gpt-z
        context_tokens: 1000000
        pricing: {input: 1}
    num_retries: 2
    timeout: 60s
    deadline: 120
    ttft_timeout: 250ms
    stream_idle_timeout: 1.5m
    allowed_fails: 3
    cooldown_time: 1h
    commit: complete
    retry_on: [rate_limit, timeout]
    fallback_on: []
    context_tokens: 128000
    pricing:
      input: 1.25
      output: 10
      cache_read: 0.125
      cache_write: 1.5
      reasoning: 10
      input_audio: 2
      output_audio: 3
      tiers: [{above_tokens: 200000, input: 2.5}]
"""


def test_a_file_of_the_original_loads(tmp_path: Path) -> None:
    """Unchanged, with the meaning that it had."""
    file = tmp_path / "llmhub.yaml"
    file.write_text(ORIGINAL)
    config = load_config(file)
    assert (config.project, config.env) == ("memory", "dev")
    assert config.providers["openai"].env_key == "OPENAI_API_KEY"
    assert config.providers["local"] == ProviderConfig()
    assert list(config.roles) == ["llm.preprocess", "llm.embedding"]
    assert config.roles["llm.embedding"].mode == "embedding"
    assert config.roles["llm.embedding"].params == {"embedding_dim": 1536}
    assert config.defaults is not None
    assert config.defaults.params == {"temperature": 0.3}


def test_every_key_reaches_its_record() -> None:
    """Durations become seconds, lists tuples, prices floats."""
    config = parse_config(EVERYTHING)
    assert config == RuntimeConfig(
        project="p",
        env="prod",
        settings=CallSettings(timeout_seconds=60),
        providers={
            "openai": ProviderConfig(
                env_key="OPENAI_API_KEY",
                api_base="http://127.0.0.1:8080/v1",
                settings=CallSettings(num_retries=0),
            )
        },
        roles={
            "llm.inference": RoleConfig(
                provider="openai",
                model="gpt-x",
                params={
                    "max_tokens": 512,
                    "stop": ("a", "b"),
                    "flag": True,
                    "nothing": None,
                },
                fallbacks=(
                    FallbackConfig(
                        provider="anthropic", model="claude-y", params={"max_tokens": 1}
                    ),
                    FallbackConfig(
                        provider="openai",
                        model="gpt-z",
                        context_tokens=1_000_000,
                        pricing=Pricing(input_per_million=1),
                    ),
                ),
                settings=CallSettings(
                    num_retries=2,
                    timeout_seconds=60,
                    deadline_seconds=120,
                    ttft_timeout_seconds=0.25,
                    stream_idle_timeout_seconds=90,
                    allowed_fails=3,
                    cooldown_seconds=3600,
                    commit="complete",
                    retry_on=("rate_limit", "timeout"),
                    fallback_on=(),
                ),
                context_tokens=128_000,
                pricing=Pricing(
                    input_per_million=1.25,
                    output_per_million=10,
                    cache_read_per_million=0.125,
                    cache_write_per_million=1.5,
                    reasoning_per_million=10,
                    input_audio_per_million=2,
                    output_audio_per_million=3,
                    tiers=(PricingTier(above_tokens=200000, input_per_million=2.5),),
                ),
            )
        },
    )


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", None, "is empty"),
        ("# nothing\n", None, "is empty"),
        ("- a\n", None, "must be a mapping, not a list"),
        ("just text\n", None, "must be a mapping, not text"),
        ("env: e\n", None, "the key 'project' is missing"),
        (f"{HEAD}rolse: {{}}\n", 3, "rolse: unknown key. Did you mean 'roles'?"),
        (f"{HEAD}zzz: 1\n", 3, "zzz: unknown key. Known: project, env, providers,"),
        (f"{HEAD}env: f\n", 3, "the key 'env' is there twice"),
        (f"{HEAD}\troles: {{}}\n", 3, "not YAML: found a tab character that viol"),
        (f"{HEAD}roles: [a\n", 4, "not YAML: "),
        (f"{HEAD}roles:\n  r: 3\n", 4, "roles.r: must be a mapping, not a number"),
        (
            f"{HEAD}roles:\n  a.b:\n    model: m\n",
            4,
            "roles['a.b']: the key 'provider'",
        ),
        (f"{HEAD}roles:\n  r: {{}}\n---\n", 5, "not YAML: but found another document"),
        (f"{HEAD}? [a]\n: b\n", 3, "a key must be text"),
        (f"{HEAD}roles: !!python/name:os.system x\n", 3, "not YAML: could not determ"),
        (
            f"{HEAD}roles: &a {{r: *a}}\n",
            3,
            "an alias stands for a value that contains",
        ),
        (f"{HEAD}<<: 3\n", 3, "<< must be given a mapping"),
        ("project: 3\nenv: e\n", 1, "project: must be text, not a number: put it in"),
        ("project: p\nenv: on\n", 2, "env: must be text, not true or false: put it"),
        ("project: p\nenv: [a]\n", 2, "env: must be text, not a list"),
        ("project: '  '\nenv: e\n", 1, "project: must not be empty"),
        (
            f"{ROLE}    mode: chatt\n",
            7,
            "roles.r.mode: must be one of chat, embedding,",
        ),
        (f"{ROLE}    modl: m\n", 7, "roles.r.modl: unknown key. Did you mean 'mod"),
        (
            f"{ROLE}    params: [1]\n",
            7,
            "roles.r.params: must be a mapping, not a list",
        ),
        (
            f"{ROLE}    params: {{a: .nan}}\n",
            7,
            "roles.r.params: must hold nothing that",
        ),
        (
            f"{ROLE}    params: {{a: !!binary eA==}}\n",
            7,
            "roles.r.params: must hold no",
        ),
        (
            f"{ROLE}    params: {{api_key: k}}\n",
            7,
            "roles.r.params: must not hold an ap",
        ),
        (f"{ROLE}    timeout: soon\n", 7, "roles.r.timeout: must be a duration above"),
        (
            f"{ROLE}    timeout: 0\n",
            7,
            "in seconds or with a unit (250ms, 30s, 5m, 1h)",
        ),
        (f"{ROLE}    timeout: .inf\n", 7, "roles.r.timeout: must be a duration"),
        (f"{ROLE}    timeout: true\n", 7, "roles.r.timeout: must be a duration"),
        (
            f"{ROLE}    num_retries: -1\n",
            7,
            "must be a whole number, zero or more, not",
        ),
        (f"{ROLE}    num_retries: true\n", 7, "must be a whole number, zero or more"),
        (f"{ROLE}    num_retries: [2]\n", 7, "zero or more, not a list"),
        (
            f"{ROLE}    allowed_fails: 0\n",
            7,
            "must be a whole number, one or more, not",
        ),
        (f"{ROLE}    commit: never\n", 7, "must be one of first_token, complete, not"),
        (
            f"{ROLE}    retry_on: timeout\n",
            7,
            "must be a list of error classes, not t",
        ),
        (
            f"{ROLE}    retry_on: [timeuot]\n",
            7,
            "must be one of rate_limit, timeout, c",
        ),
        (f"{ROLE}    retry_on: [auth, auth]\n", 7, "must name each error class once"),
        (
            f"{ROLE}    fallbacks: {{}}\n",
            7,
            "roles.r.fallbacks: must be a list, not a m",
        ),
        (
            f"{ROLE}    fallbacks:\n    - {{provider: a, model: b}}\n    - {{}}\n",
            9,
            "roles.r.fallbacks[1]: the key 'provider' is missing",
        ),
        (
            f"{ROLE}    pricing: {{input: -1}}\n",
            7,
            "roles.r.pricing.input: must be a nu",
        ),
        (
            f"{ROLE}    pricing: {{tiers: [{{}}]}}\n",
            7,
            "the key 'above_tokens' is missing",
        ),
        (
            f"{ROLE}    cache: {{mode: exact}}\n",
            7,
            "roles.r.cache: is planned, and not",
        ),
        (
            f"{ROLE}    candidates: {{a: 0.6, b: 0.5}}\n",
            7,
            "roles.r.candidates: must have shares of at most 1 in all, not 1.1",
        ),
        (
            f"{ROLE}    shadow: {{a: 5}}\n",
            7,
            "roles.r.shadow: must give each role its share of the calls, a number fr",
        ),
        (f"{ROLE}    shadow: [a]\n", 7, "roles.r.shadow: must be a mapping, not a l"),
        (
            f"{ROLE}    candidates: {{x: 0.5}}\n",
            7,
            "roles.r.candidates.x: is no role of this config",
        ),
        (
            f"{ROLE}    shadow: {{r: 0.5}}\n",
            7,
            "roles.r.shadow.r: is the role itself, which has what the others leave",
        ),
        (
            (
                f"{ROLE}    candidates: {{e: 0.5}}\n"
                "  e: {provider: a, model: b, mode: embedding}\n"
            ),
            7,
            "roles.r.candidates.e: has mode 'embedding', the role itself 'chat'",
        ),
        (
            (
                f"{ROLE}    candidates: {{s: 0.5}}\n"
                "  s: {provider: a, model: b, candidates: {t: 1}}\n"
                "  t: {provider: a, model: b}\n"
            ),
            7,
            "roles.r.candidates.s: has candidates of its own: name those",
        ),
        (
            f"{ROLE}defaults: {{provider: a, model: b, shadow: {{r: 1}}}}\n",
            7,
            "defaults: can't have candidates or shadow: give them to a role",
        ),
        (f"{HEAD}policy: {{}}\n", 3, "policy: is planned, and not supported by this"),
        (
            f"{HEAD}providers: {{openai: {{env_key: sk-abc}}}}\n",
            3,
            "providers.openai.env_key: must be the name of an environment variable",
        ),
        (
            f"{HEAD}providers: {{openai: {{env_keys: [A, sk-abc]}}}}\n",
            3,
            "providers.openai.env_keys: must be the name of an environment variable",
        ),
        (
            f"{HEAD}providers: {{openai: {{api_base: 127.0.0.1}}}}\n",
            3,
            "must be an address that begins with http:// or https://",
        ),
        (f"{HEAD}a: {'[' * 5000}{']' * 5000}\n", None, "nested too deeply"),
        (f"{HEAD}a: {'9' * 5000}\n", None, "not YAML that can be read"),
        ("project: a\x01b\n", 1, "not YAML: "),
    ],
    ids=lambda value: None,
)
def test_bad_file_is_refused_on_one_line(
    tmp_path: Path, text: str, line: int | None, problem: str
) -> None:
    """The error names the file, the line where there is one, the place and why."""
    file = tmp_path / "llmhub.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    said = str(caught.value)
    assert problem in said
    assert "\n" not in said
    assert caught.value.line == line
    assert said.startswith(f"{file}:{line}: " if line else f"{file}: ")


def test_bomb_of_aliases_is_refused() -> None:
    """Aliases of aliases may not stand for more than memory holds."""
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(ConfigError, match="far too much"):
        parse_config("\n".join(rows))


def test_many_brackets_are_not_depth() -> None:
    """A large config in flow style is read."""
    roles = ", ".join(f"r{n}: {{provider: a, model: m}}" for n in range(200))
    assert len(parse_config(f"{HEAD}roles: {{{roles}}}").roles) == 200


def test_shared_and_merged_values_are_read() -> None:
    """Anchors, aliases and merge keys, of which a key of one's own wins."""
    config = parse_config(
        f"""{HEAD}
defaults: &base
  provider: openai
  model: m
  params: &params {{temperature: 0.1}}
  timeout: 5
roles:
  one: {{provider: openai, model: n, params: *params}}
  two:
    timeout: 9
    <<: *base
  three:
    <<: [{{provider: xai}}, *base]
"""
    )
    base = config.defaults
    assert base is not None
    assert config.roles["one"].params == base.params
    two, three = config.roles["two"], config.roles["three"]
    assert (two.model, two.settings.timeout_seconds) == ("m", 9)
    assert (three.provider, three.model) == ("xai", "m")


def test_keys_and_dates_are_text() -> None:
    """``on:`` is a key named "on", and what looks like a date is text."""
    config = parse_config(
        f"{HEAD}roles:\n  on: {{provider: openai, model: 2024-11-20}}\n"
    )
    assert config.roles["on"].model == "2024-11-20"


def test_key_without_a_value_counts_as_absent() -> None:
    """``params:`` with nothing behind it is no parameters."""
    config = parse_config(f"{ROLE}    params:\n    fallbacks:\nproviders:\n  openai:\n")
    assert config.roles["r"].params == {}
    assert config.providers["openai"] == ProviderConfig()


def test_plain_data_is_a_source_too() -> None:
    """A mapping of the same form; its errors have a place but no line."""
    data: dict[str, Any] = {"project": "p", "env": "e", "roles": {}}
    assert parse_config(data) == parse_config(HEAD)
    data["roles"] = {"r": {"provider": "a", "model": 1}}
    with pytest.raises(ConfigError, match=r"^roles\.r\.model: must be text") as caught:
        parse_config(data)
    assert caught.value.line is None
    with pytest.raises(ConfigError, match="must have text for keys, not 1"):
        parse_config({"project": "p", "env": "e", "roles": {1: {}}})


def test_error_of_text_without_a_file_has_its_line() -> None:
    """The line alone helps as well."""
    with pytest.raises(ConfigError, match=r"^line 3: zzz: unknown key"):
        parse_config(f"{HEAD}zzz: 1\n")


def test_settings_alone() -> None:
    """The same keys, for whoever writes them elsewhere."""
    assert parse_settings({"timeout": "2m", "num_retries": 1}) == CallSettings(
        timeout_seconds=120, num_retries=1
    )
    with pytest.raises(
        ConfigError, match=r"timeuot: unknown key\. Did you mean 'timeou"
    ):
        parse_settings({"timeuot": 1})


def test_records_check_their_values_without_a_file() -> None:
    """A record made in code is held to the same rules."""
    with pytest.raises(ValueError, match="must be one of chat"):
        RoleConfig(provider="openai", model="m", mode="chatt")
    with pytest.raises(ValueError, match="must be a duration"):
        CallSettings(timeout_seconds=-1)
    assert CallSettings(timeout_seconds="1m").timeout_seconds == 60
    with pytest.raises(ValueError, match="must be text, not set"):
        RoleConfig(provider={"openai"}, model="m")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="must have text for keys"):
        RoleConfig(provider="openai", model="m", params={"a": {1: 2}})  # type: ignore[dict-item]


def test_records_keep_copies() -> None:
    """What is changed afterwards in what a record was made from does not reach it."""
    params: dict[str, Any] = {"stop": ["a"]}
    roles = {"r": RoleConfig(provider="openai", model="m", params=params)}
    config = RuntimeConfig(project="p", env="e", roles=roles)
    params["stop"].append("b")
    roles.clear()
    assert config.roles["r"].params == {"stop": ("a",)}
    assert hash(config) == hash(RuntimeConfig(project="p", env="e"))


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    """No file, a folder, a picture: one line each, with what to do."""
    with pytest.raises(ConfigError, match="no such file: `llmhub generate` writes one"):
        load_config(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="can't be read: "):
        load_config(tmp_path)
    file = tmp_path / "picture.yaml"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    with pytest.raises(ConfigError, match="is not a text file in UTF-8"):
        load_config(file)
    file.write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    assert load_config(file).project == "p"


def test_hub_finds_its_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path, else the variable, else llmhub.yaml in the working directory."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"^llmhub\.yaml: no such file"):
        LLMHub()
    for name in ("llmhub", "other", "given"):
        (tmp_path / f"{name}.yaml").write_text(f"project: {name}\nenv: e\n")
    assert LLMHub().config.project == "llmhub"
    monkeypatch.setenv("LLMHUB_CONFIG", "other.yaml")
    assert LLMHub().config.project == "other"
    assert LLMHub(tmp_path / "given.yaml").config.project == "given"
    config = parse_config(HEAD)
    assert LLMHub(config_obj=config).config is config
    with pytest.raises(ValueError, match="not both"):
        LLMHub(config_path="given.yaml", config_obj=config)


def test_strict_env_checks_what_roles_can_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Roles, fallbacks and defaults count; a provider that nobody uses does not."""
    from llmhub_runtime import EnvVarMissingError

    text = f"""{HEAD}
providers:
  openai: {{env_key: A_KEY}}
  anthropic: {{env_key: B_KEY}}
  xai: {{env_key: C_KEY}}
  groq: {{env_key: D_KEY}}
  ollama: {{}}
roles:
  r:
    provider: openai
    model: m
    fallbacks: [{{provider: anthropic, model: n}}, {{provider: ollama, model: o}}]
defaults: {{provider: xai, model: m}}
"""
    config = parse_config(text)
    monkeypatch.setenv("C_KEY", " ")
    with pytest.raises(EnvVarMissingError) as caught:
        LLMHub(config_obj=config, strict_env=True)
    assert caught.value.variables == ("A_KEY", "B_KEY", "C_KEY")
    for name in caught.value.variables:
        monkeypatch.setenv(name, "a-key")
    LLMHub(None, config, True)  # noqa: FBT003 (positions as the original had them)


def test_strict_env_of_a_config_without_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    """All providers are checked then, as the original did."""
    from llmhub_runtime import EnvVarMissingError

    config = RuntimeConfig(
        project="p", env="e", providers={"openai": ProviderConfig(env_key="A_KEY")}
    )
    LLMHub(config_obj=config)
    with pytest.raises(EnvVarMissingError, match="A_KEY"):
        LLMHub(config_obj=config, strict_env=True)


def test_strict_env_finds_providers_that_are_not_declared() -> None:
    """A role, or a fallback, whose provider is not under ``providers``."""
    config = parse_config(f"{ROLE}providers: {{opnai: {{}}}}\n")
    with pytest.raises(UnknownProviderError, match="Did you mean 'opnai'"):
        LLMHub(config_obj=config, strict_env=True)


@pytest.mark.parametrize(
    ("short", "provider", "model"),
    [
        ("anthropic:claude-y", "anthropic", "claude-y"),
        ("openrouter/meta/llama:free", "openrouter", "meta/llama:free"),
        ("bedrock:amazon.nova-v1:0", "bedrock", "amazon.nova-v1:0"),
    ],
)
def test_fallback_in_short(short: str, provider: str, model: str) -> None:
    """``provider:model`` or ``provider/model``, parted at whichever comes first."""
    config = parse_config(f'{ROLE}    fallbacks: ["{short}"]\n')
    fallback = FallbackConfig(provider=provider, model=model)
    assert config.roles["r"].fallbacks == (fallback,)
    assert parse_config(dump_config(config)) == config


@pytest.mark.parametrize("short", ["gpt-x", "openai:", ":gpt-x", "openai: "])
def test_fallback_in_short_needs_both(short: str) -> None:
    """Without a provider, or without a model, nobody is meant."""
    with pytest.raises(ConfigError, match=r"r\.fallbacks\[0\]: must be 'provider:mod"):
        parse_config(f'{ROLE}    fallbacks: ["{short}"]\n')
