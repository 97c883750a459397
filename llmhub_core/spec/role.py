"""The keys of a role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from llmhub_core.records.spec import (
    Kind,
    Level,
    Preferences,
    Workload,
)
from llmhub_core.spec.quantities import Number, Whole
from llmhub_core.spec.require import REQUIRE
from llmhub_core.spec.running import RUNTIME
from llmhub_core.spec.tables import Either, Free, Key, Keys, ListOf
from llmhub_core.spec.words import Choice, ModelId, Text

__all__ = [
    "GLOBS",
    "LANGUAGES",
    "NAME",
    "PROVIDERS",
    "ROLE",
    "SELECTOR",
    "SHARED",
    "TASKS",
]

LANGUAGES = (
    "chinese",
    "english",
    "french",
    "german",
    "japanese",
    "korean",
    "polish",
    "russian",
    "spanish",
)
TASKS = (
    "general",
    "coding",
    "math",
    "reasoning",
    "creative_writing",
    "instruction_following",
    "long_context",
    "multi_turn",
    "vision",
    *LANGUAGES,
)

NAME = r"\w[\w.-]*"
_PROVIDER = Text(says="a provider name", pattern=NAME)
PROVIDERS = ListOf(item=_PROVIDER)
_GLOB = Text(says="a glob on provider:model", pattern=r"\S+")
GLOBS = ListOf(item=_GLOB)
_LEVEL = Choice(words=get_args(Level))
SELECTOR = Text(says="the name of a selector", pattern=NAME)


_PREFERENCES = Keys(
    make=Preferences,
    keys={
        "quality": Key(
            shape=_LEVEL,
            means="How good answers must be; also sets the quality floor.",
            example="high",
        ),
        "cost": Key(
            shape=_LEVEL,
            means="How much it may cost: `low` weighs a low price most.",
            example="medium",
        ),
        "latency": Key(
            shape=_LEVEL,
            means="How long it may take: `low` weighs speed most.",
            example="medium",
        ),
        "providers": Key(
            shape=PROVIDERS,
            means="Allowlist, hard; its order breaks ties.",
            default="`defaults.providers`; else every provider",
            example="[openai, anthropic]",
        ),
        "provider_blocklist": Key(
            shape=PROVIDERS,
            means="Providers that may not serve this role, hard.",
            example="[deepseek]",
        ),
        "model_denylist": Key(
            shape=GLOBS,
            means="Globs on canonical ids (`provider:model`) that may not serve, hard.",
            example='["openai:*-preview", "*:free"]',
        ),
    },
)

_WORKLOAD = Keys(
    make=Workload,
    keys={
        "input_tokens": Key(
            shape=Whole(unit="tokens"),
            means="Tokens sent per request, cached ones included.",
            default="1000",
            example="2000",
        ),
        "output_tokens": Key(
            shape=Whole(unit="tokens"),
            means="Tokens generated per request, reasoning included.",
            default="300",
            example="400",
        ),
        "cached_input": Key(
            shape=Number(maximum=1, unit="share of the input"),
            means="How much of the input is read from the provider's cache.",
            default="0",
            example="0.5",
        ),
        "requests_per_month": Key(
            shape=Whole(unit="requests"),
            means="For the monthly sums in reports and diffs.",
            default="none; no monthly sums",
            example="100000",
        ),
    },
)

SHARED: Mapping[str, Key] = {
    "kind": Key(
        shape=Choice(words=get_args(Kind)),
        means="What the role calls; an embedding role never gets a chat model. `other` "
        "is all else, reranking and moderation too.",
        default="must be written, here or in `defaults`",
        example="chat",
        required=True,
    ),
    "task": Key(
        shape=Choice(words=TASKS),
        means="What it is used for, or a language: picks the rating that counts.",
        default="general",
        example="coding",
    ),
    "preferences": Key(
        shape=_PREFERENCES,
        means="Soft wishes, and the hard lists beside them.",
        example="{quality: high, cost: low}",
    ),
    "require": Key(
        shape=REQUIRE,
        means="Hard needs; never relaxed unless `relax` says so.",
        example="{tools: true, context_tokens: 100000}",
    ),
    "relax": Key(
        shape=ListOf(item=Choice(words=tuple(REQUIRE.keys))),
        means="The needs in `require` that may give way, in this order.",
        example="[context_tokens]",
    ),
    "workload": Key(
        shape=_WORKLOAD,
        means="A typical request: costs are reckoned on it, and a chat model must "
        "hold it.",
        example="{input_tokens: 2000, output_tokens: 400}",
    ),
    "selector": Key(
        shape=SELECTOR,
        means="Selector for this role.",
        default="the spec's `selector`",
        example="quality-first",
    ),
    "selector_options": Key(
        shape=Free(),
        means="Options for this role's own `selector`, over those in `selectors`.",
        example="{gap: 50}",
    ),
    "fallbacks": Key(
        shape=Either(one=Whole(), many=ListOf(item=ModelId())),
        means="How many backups to emit, or exactly these, in this order.",
        default="2",
        example="[anthropic:claude-sonnet-4-5]",
    ),
    "force_provider": Key(
        shape=_PROVIDER, means="Only this provider.", example="openai"
    ),
    "force_model": Key(
        shape=Text(says="a model id", pattern=r"\S+"),
        means="Only this model, as its provider names it; `provider:model` names both.",
        example="gpt-4o",
    ),
    "mode_params": Key(
        shape=Free(),
        means="Call parameters; fitted to the model that is chosen.",
        example="{temperature: 0.2, max_tokens: 2048}",
    ),
    "runtime": Key(
        shape=RUNTIME,
        means="Settings of `llmhub_runtime` for this role.",
        default="the runtime's own",
        example="{timeout: 60s, num_retries: 2}",
    ),
}

ROLE = Keys(
    keys={
        "kind": SHARED["kind"],
        "description": Key(
            shape=Text(),
            means="For people, and for selectors that read it.",
            example="Answers questions about invoices",
        ),
        **{name: key for name, key in SHARED.items() if name != "kind"},
    }
)
