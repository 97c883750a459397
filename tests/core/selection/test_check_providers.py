"""Providers that a spec names and nobody knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmhub_core.errors import SpecError
from llmhub_core.records.spec import (
    Policy,
    Preferences,
    ProviderSpec,
    RoleSpec,
    Spec,
)
from llmhub_core.selection import check_providers

KNOWN = {"openai", "anthropic", "gemini", "vercel"}


def spec(*, role: dict[str, Any] | None = None, **more: Any) -> Spec:
    """A spec with one role, written in a file."""
    return Spec(
        project="p",
        roles={"r": RoleSpec(name="r", **(role or {}))},
        path=Path("llmhub.spec.yaml"),
        lines={"policy": 2, "providers": 3, "roles/r": 7, "roles/r/preferences": 9},
        **more,
    )


@pytest.mark.parametrize(
    ("made", "place", "line"),
    [
        (spec(providers={"opnai": ProviderSpec()}), "providers.opnai", 3),
        (
            spec(policy=Policy(providers_allow=("opnai",))),
            "policy.providers.allow",
            2,
        ),
        (spec(policy=Policy(providers_deny=("opnai",))), "policy.providers.deny", 2),
        (
            spec(role={"preferences": Preferences(providers=("openai", "opnai"))}),
            "roles.r.preferences.providers",
            9,
        ),
        (
            spec(role={"preferences": Preferences(provider_blocklist=("opnai",))}),
            "roles.r.preferences.provider_blocklist",
            9,
        ),
        (spec(role={"force_provider": "opnai"}), "roles.r.force_provider", 7),
        (spec(role={"fallbacks": ("opnai:gpt-5",)}), "roles.r.fallbacks", 7),
    ],
)
def test_a_mistyped_provider_is_refused_with_its_line(
    made: Spec, place: str, line: int
) -> None:
    """Wherever it stands, with the nearest right name."""
    with pytest.raises(SpecError) as caught:
        check_providers(made, KNOWN)
    assert str(caught.value).startswith(
        f"llmhub.spec.yaml:{line}: {place} names 'opnai', which is no provider of "
        "any-llm or the catalog. Did you mean 'openai'?"
    )


def test_names_of_models_dev_are_known() -> None:
    """`google` is `gemini`, and is right."""
    check_providers(spec(role={"force_provider": "google"}), KNOWN)


def test_nothing_near_nothing_suggested() -> None:
    """A name like no other gets no suggestion."""
    with pytest.raises(SpecError) as caught:
        check_providers(spec(role={"force_provider": "zzz"}), KNOWN)
    assert "Did you mean" not in str(caught.value)


def test_an_address_makes_a_provider_of_ones_own() -> None:
    """It may then be named everywhere."""
    made = spec(
        providers={"mygw": ProviderSpec(api_base="http://127.0.0.1:9/v1")},
        role={"preferences": Preferences(providers=("mygw",)), "fallbacks": 1},
    )
    check_providers(made, KNOWN)


def test_a_spec_that_names_only_known_providers_passes() -> None:
    """Quietly."""
    check_providers(
        spec(
            role={"fallbacks": ("openai:gpt-5", "vercel:x")},
            policy=Policy(providers_deny=("anthropic",)),
        ),
        KNOWN,
    )
