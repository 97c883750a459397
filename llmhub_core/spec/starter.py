"""The spec that ``llmhub init`` writes: small, commented, and valid as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmhub_core.spec.load import parse_spec
from llmhub_core.spec.writing import inline, lines, word

__all__ = ["STARTER_ROLES", "starter_spec"]

STARTER_ROLES: Mapping[str, Mapping[str, Any]] = {
    "llm.inference": {
        "kind": "chat",
        "description": "Main model for answering questions",
        "preferences": {"quality": "high", "cost": "medium", "latency": "medium"},
        "require": {"tools": True},
    },
    "llm.summarizer": {
        "kind": "chat",
        "description": "Shortens long texts at a low price",
        "preferences": {"quality": "medium", "cost": "low", "latency": "low"},
        "workload": {"input_tokens": 4000, "output_tokens": 300},
    },
}


def starter_spec(
    project: str,
    providers: Mapping[str, str | None],
    *,
    env: str = "dev",
    roles: Mapping[str, Mapping[str, Any]] = STARTER_ROLES,
) -> str:
    """Write a spec to start from.

    Args:
        project: Name of the app.
        providers: Per provider the variable with its key, or None for any-llm's
            own. They become the default allowlist; empty allows every provider.
        env: The default environment.
        roles: Per role its settings, as in the file.

    Returns:
        Text that ``parse_spec`` accepts.

    Raises:
        SpecError: A name or a setting can't stand in a spec.
    """
    rows = [
        "# What this app needs from language models; `llmhub generate` chooses them.",
        f"project: {word(project)}",
        f"env: {word(env)}",
        "selector: balanced  # or cost-first, quality-first",
    ]
    if providers:
        rows.append("providers:  # variables that hold the keys")
        for name, env_key in providers.items():
            entry = {} if env_key is None else {"env_key": env_key}
            rows.append(f"  {word(name)}: {inline(entry)}")
    rows.append("roles:")
    for name, settings in roles.items():
        rows += lines(name, settings, indent=2)
    if providers:
        allowed = inline(list(providers))
        rows += [
            "defaults:",
            f"  providers: {allowed}  # who may serve; order breaks ties",
        ]
    text = "\n".join((*rows, ""))
    parse_spec(text)
    return text
