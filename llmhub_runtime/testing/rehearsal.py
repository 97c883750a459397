"""A user's role on loopback: the same models, settings and order, other addresses.

No key of the user's is read, and every address is 127.0.0.1, past any proxy.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

from attrs import evolve, frozen

from llmhub_runtime.config import ProviderConfig, RoleConfig, RuntimeConfig
from llmhub_runtime.resilience.policy import TTFT_SECONDS, Policy
from llmhub_runtime.settings import BackoffSettings, CallSettings
from llmhub_runtime.testing.server import Lane
from llmhub_runtime.testing.tempo import scaled
from llmhub_runtime.values import duration, thawed

__all__ = ["KEY_VARIABLE", "Part", "on_loopback", "parts_of", "safe_environment"]

Speech: TypeAlias = Literal["openai", "anthropic"]

KEY_VARIABLE = "LLMHUB_DRILL_KEY"
_KEY = "no-key-of-yours"
_HOST = "127.0.0.1"

# Nobody listens on it, and nothing is sent: it is seen whether it is kept.
_PROBE = f"http://{_HOST}:9/v1"

_lock = threading.Lock()
_users = 0
_before: dict[str, str | None] = {}


@frozen(kw_only=True)
class Part:
    """Who plays one of the user's providers.

    Attributes:
        provider: The provider of the config.
        plays: any-llm's name under which it is called.
        speaks: The API that it is spoken to in.
        note: What the user should know of that, or nothing.
    """

    provider: str
    plays: str
    speaks: Speech
    note: str = ""


def parts_of(config: RuntimeConfig, role: RoleConfig) -> Mapping[str, Part]:
    """Cast the providers of a role.

    Returns:
        By the provider's name in the config. One whose SDK is missing, or can't be
        sent to another address, is played by an OpenAI-compatible one.
    """
    names = dict.fromkeys([role.provider, *(one.provider for one in role.fallbacks)])
    return {name: _part(name) for name in names}


def _part(name: str) -> Part:
    from any_llm import AnyLLM
    from any_llm.exceptions import UnsupportedProviderError
    from any_llm.providers.anthropic.base import BaseAnthropicProvider
    from any_llm.providers.openai.base import BaseOpenAIProvider

    try:
        kind = AnyLLM.get_provider_class(name)
        if not issubclass(kind, (BaseOpenAIProvider, BaseAnthropicProvider)):
            return _stand_in(name, "its own protocol is not played here")
        client = AnyLLM.create(name, _KEY, _PROBE)
    except UnsupportedProviderError:
        return _stand_in(name, "any-llm does not know it")
    except ImportError:
        return _stand_in(name, "its SDK is not installed")
    except Exception as error:  # noqa: BLE001 (two dozen constructors of others)
        return _stand_in(name, f"its client needs more ({type(error).__name__})")
    address = str(getattr(getattr(client, "client", None), "base_url", ""))
    if not address.startswith(_PROBE):
        return _stand_in(name, "any-llm does not send it to another address")
    speaks: Speech = "openai" if issubclass(kind, BaseOpenAIProvider) else "anthropic"
    return Part(provider=name, plays=name, speaks=speaks)


def _stand_in(name: str, why: str) -> Part:
    return Part(
        provider=name,
        plays=f"{name}-stand-in",
        speaks="openai",
        note=f"{name} is driven as an OpenAI-compatible provider: {why}",
    )


def on_loopback(
    config: RuntimeConfig,
    role: str,
    parts: Mapping[str, Part],
    lane: Lane,
    *,
    scale: float,
    settings: CallSettings,
) -> RuntimeConfig:
    """Return a config with this role alone, on a lane, in scaled time.

    Traffic that it shares with other roles is left out: those have drills of their own.

    Args:
        config: The user's.
        role: The role's name.
        parts: Who plays its providers.
        lane: Where.
        scale: How fast time goes.
        settings: Settings over the role's own.
    """
    spec = config.roles[role]
    providers = {
        part.plays: ProviderConfig(
            env_key=KEY_VARIABLE,
            api_base=lane.url(name) if part.speaks == "openai" else lane.bare_url(name),
            settings=_scaled(_endpoint(config, name).settings, scale),
        )
        for name, part in parts.items()
    }
    fallbacks = [
        evolve(
            one,
            provider=parts[one.provider].plays,
            params=None if one.params is None else _quick_params(one.params, scale),
        )
        for one in spec.fallbacks
    ]
    recast = evolve(
        spec,
        provider=parts[spec.provider].plays,
        params=_quick_params(spec.params, scale),
        fallbacks=tuple(fallbacks),
        candidates={},
        sticky_by=None,
        shadow={},
        settings=_scaled(settings.over(spec.settings), scale),
    )
    return RuntimeConfig(
        project=config.project,
        env=config.env,
        providers=providers,
        roles={role: recast},
        settings=_scaled(config.settings.over(_defaults(bool(fallbacks))), scale),
    )


def _endpoint(config: RuntimeConfig, name: str) -> ProviderConfig:
    return config.providers.get(name, ProviderConfig())


def _scaled(settings: CallSettings, scale: float) -> CallSettings:
    """Scale whatever the settings hold in seconds."""
    backoff = settings.backoff
    return evolve(
        scaled(settings, scale),
        backoff=None if backoff is None else scaled(backoff, scale),
    )


def _quick_params(params: Mapping[str, Any], scale: float) -> dict[str, Any]:
    plain = {name: thawed(value) for name, value in params.items()}
    given: Any = plain.get("timeout")
    if given is not None:
        plain["timeout"] = duration(given) * scale
    return plain


def _defaults(fallbacks: bool) -> CallSettings:  # noqa: FBT001 (its one argument)
    """Spell the default limits out, so that they are scaled as well.

    The deadline is left out: what it bounds is not the same when it is given. So is
    the limit of the first token for a role without fallbacks, which has none.
    """
    policy = Policy()
    return CallSettings(
        timeout_seconds=policy.timeout_seconds,
        ttft_timeout_seconds=TTFT_SECONDS if fallbacks else None,
        stream_idle_timeout_seconds=policy.stream_idle_timeout_seconds,
        cooldown_seconds=policy.cooldown_seconds,
        max_retry_after_seconds=policy.max_retry_after_seconds,
        backoff=BackoffSettings(
            initial_seconds=policy.backoff_initial_seconds,
            max_seconds=policy.backoff_max_seconds,
        ),
    )


@contextmanager
def safe_environment() -> Iterator[None]:
    """Have a key that is none, and no proxy before loopback, while it lasts."""
    global _users  # noqa: PLW0603 (the environment is the process's, too)
    with _lock:
        _users += 1
        if _users == 1:
            for name in ("NO_PROXY", "no_proxy"):
                direct = os.environ.get(name)
                _change(name, f"{direct},{_HOST}" if direct else _HOST)
            _change(KEY_VARIABLE, _KEY)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                for name, value in _before.items():
                    if value is None:
                        del os.environ[name]
                    else:
                        os.environ[name] = value
                _before.clear()


def _change(name: str, value: str) -> None:
    _before[name] = os.environ.get(name)
    os.environ[name] = value
