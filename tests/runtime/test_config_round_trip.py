"""What is written is read back as the same config, whatever it holds."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from llmhub_runtime import (
    CallSettings,
    FallbackConfig,
    Pricing,
    PricingTier,
    ProviderConfig,
    RoleConfig,
    RuntimeConfig,
    dump_config,
    parse_config,
)

texts = st.text(min_size=1).filter(str.strip) | st.sampled_from(
    [
        *("on", "No", "null", "~", "1e3", "0x1f", "1:30", "012", ".5", "2024-11-20"),
        *("a: b", "- x", "#c", "<<", "=", "@x", "a #b", "%y", "'q'", '"', " x ", "a:"),
        *("anthropic.claude-v1:0", "@cf/x", "~anthropic/opus", "{}", "!t", "&a", "*a"),
        *("é", "x\x85", "\u2028x", "\ufeff", "\x00", "\x7f", "\U0001f600", "y", "1_0"),
    ]
)
names = texts
floats = st.floats(allow_nan=False, allow_infinity=False)
prices = st.none() | st.floats(0, 1e6) | st.integers(0, 1000)
seconds = st.none() | st.floats(1e-9, 1e9, exclude_min=True) | st.integers(1, 10**6)
scalars = st.none() | st.booleans() | st.integers() | floats | st.text()
json_data = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)
params = st.dictionaries(st.text().filter(lambda name: name != "api_key"), json_data)
classes = st.none() | st.lists(
    st.sampled_from(["rate_limit", "timeout", "auth", "not_found"]), unique=True
)
settings = st.builds(
    CallSettings,
    num_retries=st.none() | st.integers(0, 100),
    timeout_seconds=seconds,
    deadline_seconds=seconds,
    ttft_timeout_seconds=seconds,
    stream_idle_timeout_seconds=seconds,
    allowed_fails=st.none() | st.integers(1, 100),
    cooldown_seconds=seconds,
    commit=st.none() | st.sampled_from(["first_token", "complete"]),
    retry_on=classes,
    fallback_on=classes,
)
tiers = st.builds(
    PricingTier,
    above_tokens=st.integers(1, 10**7),
    input_per_million=prices,
    output_per_million=prices,
    cache_read_per_million=prices,
    cache_write_per_million=prices,
)
pricing = st.none() | st.builds(
    Pricing,
    input_per_million=prices,
    output_per_million=prices,
    cache_read_per_million=prices,
    cache_write_per_million=prices,
    reasoning_per_million=prices,
    input_audio_per_million=prices,
    output_audio_per_million=prices,
    tiers=st.lists(tiers, max_size=2),
)
fallbacks = st.builds(
    FallbackConfig,
    provider=texts,
    model=texts,
    params=st.none() | params,
    context_tokens=st.none() | st.integers(1, 10**7),
    pricing=pricing,
)
roles = st.builds(
    RoleConfig,
    provider=texts,
    model=texts,
    mode=st.sampled_from(["chat", "embedding", "image", "audio", "tool", "other"]),
    params=params,
    fallbacks=st.lists(fallbacks, max_size=2),
    context_tokens=st.none() | st.integers(1, 10**7),
    pricing=pricing,
    settings=settings,
    sticky_by=st.none() | texts,
)
variables = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True)
providers = st.builds(
    ProviderConfig,
    env_key=st.none() | variables,
    env_keys=st.lists(variables, max_size=2, unique=True),
    api_base=st.none() | st.text().map("https://x/{}".format),
    settings=settings,
)
plain_configs = st.builds(
    RuntimeConfig,
    project=texts,
    env=texts,
    providers=st.dictionaries(names, providers, max_size=2),
    roles=st.dictionaries(names, roles, max_size=3),
    defaults=st.none() | roles,
    settings=settings,
)


@st.composite
def traffic(draw: st.DrawFn) -> RuntimeConfig:
    """A config, of which one role may give shares of its calls to others."""
    config = draw(plain_configs)
    for name, role in config.roles.items():
        others = [
            k for k, v in config.roles.items() if v.mode == role.mode and k != name
        ]
        shares = st.dictionaries(st.sampled_from(others), st.floats(0, 0.5), max_size=2)
        if others:
            sharing = evolve(role, candidates=draw(shares), shadow=draw(shares))
            return evolve(config, roles={**config.roles, name: sharing})
    return config


configs = plain_configs | traffic()


@given(config=configs, header=st.text())
def test_written_config_is_read_back_the_same(
    config: RuntimeConfig, header: str
) -> None:
    """Every value survives, names keep their order, and the header is a comment."""
    text = dump_config(config, header=header)
    again = parse_config(text)
    assert again == config
    assert list(again.roles) == list(config.roles)
    assert dump_config(again, header=header) == text


@given(data=json_data)
def test_any_safe_yaml_reader_agrees(data: Any) -> None:
    """Parameters mean the same to PyYAML's own reader, so to its quotes as well."""
    role = RoleConfig(provider="a", model="b", params={"x": data})
    config = RuntimeConfig(project="p", env="e", roles={"r": role})
    loaded = yaml.safe_load(dump_config(config))
    assert loaded["roles"]["r"].get("params", {"x": None})["x"] == data


WRITTEN = """\
# llmhub 26.11.0
#
# lock sha256:abc
project: p
env: dev
providers:
  openai:
    env_key: OPENAI_API_KEY
  "no": {}
roles:
  llm.b:
    provider: openai
    model: gpt-4o-mini
    mode: chat
    params:
      temperature: 0.2
      stop:
        - "on"
        - "1e3"
    fallbacks:
      - provider: openai
        model: accounts/x/models/y
        params: {}
    pricing:
      input: 0.15
    timeout: 60s
    ttft_timeout: 0.25s
    retry_on:
      - rate_limit
  llm.a:
    provider: openai
    model: "2024-11-20"
    mode: embedding
num_retries: 1
"""


def test_written_config_looks_like_this() -> None:
    """A fixed order of keys, no defaults, quotes where a reader could be misled."""
    config = RuntimeConfig(
        project="p",
        env="dev",
        providers={
            "openai": ProviderConfig(env_key="OPENAI_API_KEY"),
            "no": ProviderConfig(),
        },
        roles={
            "llm.b": RoleConfig(
                provider="openai",
                model="gpt-4o-mini",
                params={"temperature": 0.2, "stop": ["on", "1e3"]},
                fallbacks=[
                    FallbackConfig(
                        provider="openai", model="accounts/x/models/y", params={}
                    )
                ],
                pricing=Pricing(input_per_million=0.15),
                settings=CallSettings(
                    timeout_seconds=60,
                    ttft_timeout_seconds=0.25,
                    retry_on=["rate_limit"],
                ),
            ),
            "llm.a": RoleConfig(
                provider="openai", model="2024-11-20", mode="embedding"
            ),
        },
        settings=CallSettings(num_retries=1),
    )
    assert dump_config(config, header="llmhub 26.11.0\n\nlock sha256:abc") == WRITTEN
    assert parse_config(WRITTEN) == config


@pytest.mark.parametrize("seconds", [1e-7, 1e16, 1e22, 0.1 + 0.2, 86400.0, math.pi])
def test_durations_are_written_exactly(seconds: float) -> None:
    """Not one bit of a float is lost."""
    config = RuntimeConfig(
        project="p", env="e", settings=CallSettings(timeout_seconds=seconds)
    )
    assert parse_config(dump_config(config)).settings.timeout_seconds == seconds
