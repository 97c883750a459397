"""From a role's name to candidates: parameters, settings, fallbacks, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from llmhub_runtime import (
    CallNotAllowedError,
    CallSettings,
    FallbackConfig,
    ProviderConfig,
    RoleConfig,
    RuntimeConfig,
    UnknownProviderError,
    UnknownRoleError,
    resolve_role,
)


@pytest.fixture
def config() -> RuntimeConfig:
    """Two providers, a chat role with two fallbacks, an embedding role, defaults."""
    return RuntimeConfig(
        project="p",
        env="e",
        providers={
            "openai": ProviderConfig(settings=CallSettings(timeout_seconds=20)),
            "anthropic": ProviderConfig(env_key="A_KEY"),
        },
        roles={
            "chat": RoleConfig(
                provider="openai",
                model="gpt",
                params={"temperature": 0.5, "stop": ["a"]},
                fallbacks=(
                    FallbackConfig(provider="anthropic", model="claude"),
                    FallbackConfig(provider="openai", model="o", params={"seed": 1}),
                ),
                settings=CallSettings(num_retries=1),
            ),
            "embed": RoleConfig(
                provider="openai", model="e", mode="embedding", params={"dimensions": 8}
            ),
        },
        defaults=RoleConfig(
            provider="anthropic", model="base", params={"max_tokens": 9, "seed": 0}
        ),
        settings=CallSettings(timeout_seconds=90, num_retries=5, allowed_fails=2),
    )


def test_parameters_of_every_candidate(config: RuntimeConfig) -> None:
    """Defaults lie under the role's, or a fallback's own, and the override on top."""
    resolved = resolve_role(config, "chat", {"temperature": 0})
    assert [(one.provider, one.model, one.params) for one in resolved.candidates] == [
        (
            "openai",
            "gpt",
            {"max_tokens": 9, "seed": 0, "temperature": 0, "stop": ["a"]},
        ),
        (
            "anthropic",
            "claude",
            {"max_tokens": 9, "seed": 0, "temperature": 0, "stop": ["a"]},
        ),
        ("openai", "o", {"max_tokens": 9, "seed": 1, "temperature": 0}),
    ]
    assert (resolved.role, resolved.mode) == ("chat", "chat")
    assert (resolved.provider, resolved.model) == ("openai", "gpt")
    assert resolved.params is resolved.candidates[0].params
    assert not resolved.from_defaults


def test_defaults_of_other_calls_stay_away(config: RuntimeConfig) -> None:
    """An embedding does not get the parameters of a chat."""
    assert resolve_role(config, "embed").params == {"dimensions": 8}
    other = evolve(config.roles["embed"], mode="other")
    mixed = evolve(config, roles={"x": other})
    assert resolve_role(mixed, "x").params == {
        "max_tokens": 9,
        "seed": 0,
        "dimensions": 8,
    }


def test_each_call_has_parameters_of_its_own(config: RuntimeConfig) -> None:
    """What a call changes reaches neither the config, nor the next call."""
    override: dict[str, Any] = {"tools": [{"name": "f"}]}
    first = resolve_role(config, "chat", override)
    first.params["stop"].append("b")  # type: ignore[attr-defined]
    first.params["tools"][0]["name"] = "g"  # type: ignore[index]
    second = resolve_role(config, "chat", override)
    assert second.params["stop"] == ["a"]
    assert second.params["tools"] == [{"name": "f"}]
    assert first.candidates[1].params["stop"] == ["a"]


def test_nearest_setting_wins(config: RuntimeConfig) -> None:
    """Role, then the candidate's provider, then the top, for each key by itself."""
    resolved = resolve_role(config, "chat")
    assert [one.settings for one in resolved.candidates] == [
        CallSettings(num_retries=1, timeout_seconds=20, allowed_fails=2),
        CallSettings(num_retries=1, timeout_seconds=90, allowed_fails=2),
        CallSettings(num_retries=1, timeout_seconds=20, allowed_fails=2),
    ]
    assert resolved.candidates[1].endpoint.env_key == "A_KEY"


def test_defaults_serve_what_is_not_there(config: RuntimeConfig) -> None:
    """Unless that is forbidden, or there are none."""
    resolved = resolve_role(config, "new", {"seed": 3})
    assert resolved.from_defaults
    assert (resolved.role, resolved.model) == ("new", "base")
    assert resolved.params == {"max_tokens": 9, "seed": 3}
    with pytest.raises(UnknownRoleError, match="Roles: chat, embed"):
        resolve_role(config, "new", strict=True)
    with pytest.raises(UnknownRoleError):
        resolve_role(evolve(config, defaults=None), "new")


def test_mode_is_checked_when_the_call_is_known(config: RuntimeConfig) -> None:
    """A name alone resolves; a call that the mode is not for does not."""
    assert resolve_role(config, "embed").mode == "embedding"
    assert resolve_role(config, "embed", call="embedding").model == "e"
    with pytest.raises(CallNotAllowedError):
        resolve_role(config, "embed", call="completion")
    with pytest.raises(CallNotAllowedError):
        resolve_role(config, "new", call="embedding")
    for mode in ("image", "audio"):
        role = evolve(config.roles["chat"], mode=mode)
        for call in ("completion", "embedding"):
            with pytest.raises(CallNotAllowedError):
                resolve_role(evolve(config, roles={"x": role}), "x", call=call)  # type: ignore[arg-type]


def test_provider_must_be_declared(config: RuntimeConfig) -> None:
    """Also that of a fallback: a fallback that can't work is better known early."""
    role = RoleConfig(provider="opnai", model="m")
    with pytest.raises(UnknownProviderError, match="providers of the config: no prov"):
        resolve_role(evolve(config, roles={"x": role}), "x")
    fallback = FallbackConfig(provider="xai", model="m")
    role = RoleConfig(provider="openai", model="m", fallbacks=(fallback,))
    with pytest.raises(UnknownProviderError, match="'xai'"):
        resolve_role(evolve(config, roles={"x": role}), "x")


def test_settings_over_farther_ones() -> None:
    """Each key by itself; an empty tuple and a zero are values, not gaps."""
    near = CallSettings(num_retries=0, retry_on=())
    far = CallSettings(num_retries=4, retry_on=("auth",), commit="complete")
    assert near.over(far) == CallSettings(num_retries=0, retry_on=(), commit="complete")
    assert near.over(CallSettings()) == near
    assert CallSettings().over(far) == far
