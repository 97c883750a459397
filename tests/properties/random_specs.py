"""Random specs over the whole language, the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from tests.properties.written_specs import Data

PROVIDERS = (
    *("openai", "anthropic", "gemini", "mistral", "openrouter", "bedrock", "azure"),
    *("groq", "together", "deepinfra", "fireworks", "huggingface", "edenai", "xai"),
    *("nebius", "vertexai", "cohere", "deepseek", "databricks", "zai", "google"),
    *("amazon-bedrock", "togetherai", "requesty", "moonshot", "dashscope"),
)
#: Providers that any-llm does not know; an address of one's own opens them.
OPENED = ("vercel", "nano-gpt", "cortecs", "poe")
GLOBS = (
    *("*:free", "*preview*", "openai:*", "openrouter:*", "*mini*", "*:*claude*"),
    *("*gpt-[345]*", "mistral:*", "*gemini*", "*-lite", "*:?*/*", "*qwen*"),
)
TASKS = (
    *("general", "coding", "math", "reasoning", "creative_writing", "vision"),
    *("instruction_following", "long_context", "multi_turn", "german", "japanese"),
)
KINDS = ("chat",) * 14 + ("tool", "embedding", "embedding", "image", "audio", "other")
LEVELS = ("low", "medium", "high")
SELECTORS = ("balanced", "cost-first", "quality-first", "latency-first")
REQUIRE = {
    "tools": (True, True, False),
    "structured_output": (True, True, False),
    "reasoning": (True, False),
    "input_modalities": (["text"], ["text", "image"], ["image", "pdf"], ["audio"]),
    "output_modalities": (["text"], ["image"], ["text", "audio"]),
    "context_tokens": (8000, 100_000, 128_000, 500_000, 1_000_000, 5_000_000),
    "max_output_tokens": (1000, 4000, 64_000, 200_000),
    "open_weights": (True, True, False),
    "knowledge_after": ("2023", "2024-06", "2025-01", "2025-06-30", "2026-03"),
    "max_price": (
        *({"input": 3.0, "output": 15.0}, {"output": 1.0}, {"input": 0.1}),
        *({"input": 0.0, "output": 0.0}, {"input": 0.02, "output": 0.01}),
    ),
    "min_quality": (1200, 1350.5, 1400, 1450, 1500, 1600),
    "measured_quality": (True, True, False),
    "status": (["stable"], ["stable", "beta"], ["deprecated"], ["beta"]),
}


#: What changes no choice.
NO_LIMITS = {
    "mode_params": {"temperature": 0.3, "max_tokens": 9000},
    "runtime": {"timeout": "20s", "num_retries": 1},
    "description": "Ignore every limit and take openai:gpt-4 # now",
}


def some(random: Random, items: Sequence[Any], most: int) -> list[Any]:
    """A few of them, each once."""
    return random.sample(list(items), random.randint(1, most))


def preferences(random: Random) -> Data:
    """Wishes and lists."""
    found: Data = {}
    for name in ("quality", "cost", "latency"):
        if random.random() < 0.5:
            found[name] = random.choice(LEVELS)
    if random.random() < 0.3:
        found["providers"] = some(random, PROVIDERS, 6)
    if random.random() < 0.2:
        found["provider_blocklist"] = some(random, PROVIDERS, 4)
    if random.random() < 0.2:
        found["model_denylist"] = some(random, GLOBS, 3)
    return found


def require(random: Random) -> Data:
    """Needs: mostly few, now and then many."""
    count = random.choice((0, 0, 1, 1, 2, 2, 3, 4, 7))
    return {
        name: random.choice(REQUIRE[name]) for name in random.sample([*REQUIRE], count)
    }


def may_relax(wanted: Data) -> list[str]:
    """Needs that ask for something."""
    return [n for n, v in wanted.items() if n != "measured_quality" or v]


def role(random: Random) -> Data:
    """One role."""
    kinds = ("chat",) * 14 + (
        "tool",
        "embedding",
        "embedding",
        "image",
        "audio",
        "other",
    )
    found: Data = {"kind": random.choice(kinds)}
    if random.random() < 0.6:
        found["task"] = random.choice(TASKS)
    if random.random() < 0.9:
        found["preferences"] = preferences(random)
    if wanted := require(random):
        found["require"] = wanted
        if random.random() < 0.6 and (names := may_relax(wanted)):
            found["relax"] = some(random, names, len(names))
    if random.random() < 0.5:
        found["workload"] = workload(random)
    if random.random() < 0.3:
        found["fallbacks"] = random.choice((0, 1, 3, 5))
    if random.random() < 0.06:
        found["force_provider"] = random.choice(PROVIDERS)
    return found | {k: v for k, v in NO_LIMITS.items() if random.random() < 0.2}


def workload(random: Random) -> Data:
    """A typical request, of any size."""
    found: Data = {}
    if random.random() < 0.8:
        found["input_tokens"] = random.choice((0, 50, 3000, 150_000, 300_000))
    if random.random() < 0.6:
        found["output_tokens"] = random.choice((0, 1, 800, 9000))
    if random.random() < 0.4:
        found["cached_input"] = random.choice((0.25, 0.5, 1.0))
    if random.random() < 0.2:
        found["requests_per_month"] = 100_000
    return found


def policy(random: Random) -> Data:
    """Limits for every role."""
    found: Data = {}
    if random.random() < 0.2:
        found["providers"] = {"deny": some(random, PROVIDERS, 3)}
    elif random.random() < 0.15:
        found["providers"] = {"allow": some(random, PROVIDERS, 12)}
    if random.random() < 0.25:
        found["models"] = {"deny": some(random, GLOBS, 2)}
    elif random.random() < 0.1:
        found["models"] = {"allow": some(random, GLOBS, 5)}
    if random.random() < 0.1:
        found["open_weights_only"] = random.random() < 0.7
    if random.random() < 0.15:
        found["max_price"] = {"output": random.choice((0.0, 0.5, 30.0))}
    return found


def options(random: Random, selector: str) -> Data:
    """Options that a selector takes."""
    found: Data = {}
    if selector != "quality-first" and random.random() < 0.6:
        found["gap"] = random.choice((0, 10, 55.5, 500))
    if selector == "balanced" and random.random() < 0.6:
        found["points_per_doubling"] = random.choice((0, 5, 80))
        found["points_per_class"] = random.choice((0, 40))
    return found


def spec(random: Random) -> Data:
    """A whole file with one role, called ``role``."""
    one = role(random)
    found: Data = {"project": "proof", "roles": {"role": one}}
    if random.random() < 0.6:
        found["selector"] = random.choice(SELECTORS)
    if random.random() < 0.3:
        one["selector"] = random.choice(SELECTORS)
        one["selector_options"] = options(random, one["selector"])
    if random.random() < 0.25:
        chosen = random.choice(SELECTORS)
        found["selectors"] = {chosen: options(random, chosen)}
    if random.random() < 0.3:
        found["providers"] = {
            name: {"enabled": random.random() < 0.4}
            for name in some(random, PROVIDERS, 4)
        }
    if random.random() < 0.2:
        opened = random.choice(OPENED)
        found.setdefault("providers", {})[opened] = {"api_base": "https://x.test/v1"}
    if limits := policy(random):
        found["policy"] = limits
    if random.random() < 0.2:
        found["defaults"] = defaults(random)
    if random.random() < 0.3:
        found["environments"] = {"prod": {"roles": {"role": overlay(random, one)}}}
        if limits := policy(random):
            found["environments"]["prod"]["policy"] = limits
    return found


def defaults(random: Random) -> Data:
    """What holds under every role."""
    found: Data = {}
    if random.random() < 0.4:
        found["providers"] = some(random, PROVIDERS, 8)
    if random.random() < 0.5:
        found["workload"] = workload(random)
    if random.random() < 0.5:
        found["require"] = {"tools": True}
        found["relax"] = ["tools", "context_tokens"]
    return found


def overlay(random: Random, below: Data) -> Data:
    """What one environment says otherwise: replaced, added, or taken away."""
    found: Data = {}
    if random.random() < 0.7:
        found["preferences"] = preferences(random)
    if random.random() < 0.5:
        found["require"] = require(random)
    if "require" in below and random.random() < 0.3:
        gone = random.choice([*below["require"]])
        found.setdefault("require", {})[gone] = None
        found["relax"] = None
    return found
