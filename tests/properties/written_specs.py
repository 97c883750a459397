"""The rules of the documentation, written a second time, from a plain mapping.

Nothing in these modules asks the code that it judges: a spec is the mapping that was
written, a model is its record in the catalog, and every limit, number and selector is
reckoned from docs/explanation/selection.md and docs/reference/selectors.md. Here: what
a file comes to in one environment.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Data = dict[str, Any]

#: How models.dev calls providers that any-llm calls otherwise.
ALIASES = {
    "google": "gemini",
    "amazon-bedrock": "bedrock",
    "togetherai": "together",
    "fireworks-ai": "fireworks",
    "moonshotai": "moonshot",
}


def merged(base: Any, over: Any) -> Any:
    """One mapping over another; None takes away."""
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    return {**base, **{k: merged(base.get(k), v) for k, v in over.items()}}


def without_none(data: Any) -> Any:
    """What is left when what was taken away is gone."""
    if not isinstance(data, dict):
        return data
    return {k: without_none(v) for k, v in data.items() if v is not None}


def effective(data: Data, env: str) -> Data:
    """What a file comes to in one environment, defaults under every role."""
    whole = merged(data, data.get("environments", {}).get(env, {}))
    defaults = dict(whole.pop("defaults", {}))
    if "providers" in defaults:
        allowed = {"providers": defaults.pop("providers")}
        defaults = merged({"preferences": allowed}, defaults)
    roles = {}
    for name, own in whole["roles"].items():
        role = without_none(merged(defaults, own))
        if "relax" not in own:
            require = role.get("require", {})
            role["relax"] = [key for key in role.get("relax", ()) if key in require]
        if "force_provider" in own and "providers" not in own.get("preferences", {}):
            role.get("preferences", {}).pop("providers", None)
        roles[name] = role
    found: Data = without_none({**whole, "roles": roles})
    policy = found.get("policy", {}).get("max_price", {})
    for role in found["roles"].values():
        require = role.get("require", {})
        # What was written asks for these, whatever gives way.
        ceilings = (*require.get("max_price", {}).values(), *policy.values())
        role["asks_for_free"] = 0 in ceilings
        role["asks_for_deprecated"] = "deprecated" in require.get("status", ())
    return found


def provider_of(name: str) -> str:
    """any-llm's name of a provider."""
    return ALIASES.get(name, name)


def providers_of(names: Iterable[str]) -> list[str]:
    """any-llm's names, each once, in their order."""
    return list(dict.fromkeys(map(provider_of, names)))


def workload(role: Data) -> Data:
    """The typical request, with its defaults."""
    plain = {"input_tokens": 1000, "output_tokens": 300, "cached_input": 0.0}
    return {**plain, **role.get("workload", {})}
