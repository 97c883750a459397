"""hypothesis strategies for what people ask of a role."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import strategies as st

from llmhub_core.records.need import RoleNeed, Weights
from llmhub_core.records.spec import (
    Level,
    MaxPrice,
    Policy,
    Preferences,
    ProviderSpec,
    Require,
    RoleSpec,
    Spec,
    Workload,
)
from llmhub_core.testing.likenesses import PRICES, PROVIDERS, or_unknown, some

__all__ = ["needs", "role_specs", "specs"]

T = TypeVar("T")

_LEVELS: st.SearchStrategy[Level | None] = st.sampled_from(
    (None, "low", "medium", "high")
)
_TASKS = ("general", "coding", "reasoning", "vision", "german")


def _rarely(values: st.SearchStrategy[T], otherwise: T) -> st.SearchStrategy[T]:
    """Mostly nothing: a role that asks for everything has no candidates."""
    return st.integers(0, 3).flatmap(
        lambda roll: values if roll == 0 else st.just(otherwise)
    )


def _max_price() -> st.SearchStrategy[MaxPrice]:
    price = or_unknown(PRICES[1:])
    return st.builds(MaxPrice, input=price, output=price)


def _require() -> st.SearchStrategy[Require]:
    flag: st.SearchStrategy[bool | None] = _rarely(st.booleans(), None)
    return st.builds(
        Require,
        tools=flag,
        structured_output=flag,
        reasoning=flag,
        open_weights=flag,
        input_modalities=_rarely(st.sampled_from((("text",), ("text", "image"))), ()),
        output_modalities=_rarely(st.just(("text",)), ()),
        context_tokens=_rarely(st.sampled_from((8_000, 128_000, 2_000_000)), None),
        max_output_tokens=_rarely(st.sampled_from((4_096, 9_000)), None),
        knowledge_after=_rarely(st.sampled_from(("2024", "2024-06", "2025-02")), None),
        max_price=_rarely(_max_price(), MaxPrice()),
        min_quality=_rarely(st.sampled_from((1300.0, 1401.5)), None),
        measured_quality=_rarely(st.booleans(), None),
        status=_rarely(some(("stable", "beta", "deprecated")), ()),
    )


def role_specs() -> st.SearchStrategy[RoleSpec]:
    """A role that asks for a few things, so that a few models remain."""
    return st.builds(
        RoleSpec,
        name=st.just("role"),
        kind=st.sampled_from(("chat", "chat", "chat", "tool", "embedding")),
        task=or_unknown(_TASKS),
        preferences=st.builds(
            Preferences,
            quality=_LEVELS,
            cost=_LEVELS,
            latency=_LEVELS,
            providers=_rarely(some(PROVIDERS), ()),
            provider_blocklist=_rarely(some(PROVIDERS), ()),
            model_denylist=_rarely(some(("*:free", "openai:*", "*mini*")), ()),
        ),
        require=_require(),
        workload=st.builds(
            Workload,
            input_tokens=st.sampled_from((0, 1_000, 4_000)),
            output_tokens=st.sampled_from((0, 300)),
            cached_input=st.sampled_from((0.0, 0.5, 1.0)),
        ),
        fallbacks=st.integers(0, 3),
    ).filter(lambda role: not (role.kind == "tool" and role.require.tools is False))


def specs() -> st.SearchStrategy[Spec]:
    """A spec with one role, named ``role``, and a policy over it."""
    policy = st.builds(
        Policy,
        providers_allow=_rarely(some(PROVIDERS), ()),
        providers_deny=_rarely(some(PROVIDERS), ()),
        models_allow=_rarely(st.just(("*:alpha*", "groq:*")), ()),
        models_deny=_rarely(some(("*:free", "mistral:*")), ()),
        open_weights_only=_rarely(st.booleans(), otherwise=False),
        max_price=_rarely(_max_price(), MaxPrice()),
    )
    return st.builds(
        lambda role, policy, off: Spec(
            project="p",
            roles={"role": role},
            policy=policy,
            providers={name: ProviderSpec(enabled=False) for name in off},
        ),
        role_specs(),
        policy,
        _rarely(some(PROVIDERS), ()),
    )


@st.composite
def needs(draw: st.DrawFn) -> RoleNeed:
    """A need with wishes and weights, as a selector gets it."""
    shares = [draw(st.sampled_from((1, 2, 4))) for _ in range(3)]
    quality, cost, latency = (share / sum(shares) for share in shares)
    return RoleNeed(
        role="role",
        quality=draw(_LEVELS),
        cost=draw(_LEVELS),
        latency=draw(_LEVELS),
        weights=Weights(quality=quality, cost=cost, latency=latency),
        preferred_providers=draw(some(PROVIDERS)),
        workload=Workload(input_tokens=draw(st.sampled_from((0, 1_000)))),
        backups=draw(st.integers(0, 3)),
    )
