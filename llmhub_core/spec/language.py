"""Every key of the spec: what may be written, what holds otherwise, what it means.

The reader, the JSON schema, the reference in the docs and the typo test all come
from these tables, so none of them can know a key that another does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from llmhub_core.records.spec import Policy, ProviderSpec
from llmhub_core.spec.require import MAX_PRICE
from llmhub_core.spec.role import (
    GLOBS,
    NAME,
    PROVIDERS,
    ROLE,
    SELECTOR,
    SHARED,
)
from llmhub_core.spec.running import ROLE_NAME
from llmhub_core.spec.shape import Shape
from llmhub_core.spec.tables import Free, Key, Keys, ListOf, MapOf
from llmhub_core.spec.words import Flag, Text

__all__ = ["EFFECTIVE", "FILE", "every_key"]

_VARIABLE = Text(
    says="the name of an environment variable (never the key itself)",
    pattern=r"[A-Za-z_][A-Za-z0-9_]*",
    secret=True,
)
_PROVIDER_ENTRY = Keys(
    make=ProviderSpec,
    keys={
        "enabled": Key(
            shape=Flag(),
            means="`false` takes all models of this provider out.",
            default="true",
            example="true",
        ),
        "env_key": Key(
            shape=_VARIABLE,
            means="The variable whose value authenticates calls.",
            default="any-llm's own for this provider",
            example="OPENAI_API_KEY",
        ),
        "env_keys": Key(
            shape=ListOf(item=_VARIABLE),
            means="More such variables; their keys take turns.",
            example="[OPENAI_API_KEY_2]",
        ),
        "api_base": Key(
            shape=Text(says="an http or https address", pattern=r"https?://\S+"),
            means="Base address of the endpoint, for proxies and own servers.",
            default="the provider's own",
            example="https://llm.example.com/v1",
        ),
    },
)


def _optional(keys: Mapping[str, Key]) -> dict[str, Key]:
    return {name: evolve(key, required=False) for name, key in keys.items()}


_PARTIAL_ROLE = Keys(keys=_optional(ROLE.keys))

_DEFAULTS = Keys(
    keys={
        "providers": Key(
            shape=PROVIDERS,
            means="Allowlist of every role without `preferences.providers`.",
            default="every provider",
            example="[openai, anthropic]",
        ),
        **_optional(SHARED),
    }
)


def _lists(item: ListOf, noun: str) -> Keys:
    return Keys(
        keys={
            "allow": Key(
                shape=item,
                means=f"{noun} that may serve.",
                default="all",
                example="[openai]" if item is PROVIDERS else '["openai:*"]',
            ),
            "deny": Key(
                shape=item,
                means=f"{noun} that may not.",
                example="[deepseek]" if item is PROVIDERS else '["*:free"]',
            ),
        }
    )


def _policy(
    providers: Mapping[str, Any] | None = None,
    models: Mapping[str, Any] | None = None,
    **rest: Any,
) -> Policy:
    lists = {
        f"{noun}_{verb}": names
        for noun, found in (("providers", providers), ("models", models))
        for verb, names in (found or {}).items()
    }
    return Policy(**lists, **rest)


_POLICY = Keys(
    make=_policy,
    keys={
        "providers": Key(
            shape=_lists(PROVIDERS, "Providers"),
            means="Which providers may serve any role.",
            example="{deny: [deepseek]}",
        ),
        "models": Key(
            shape=_lists(GLOBS, "Globs on canonical ids"),
            means="Which models may serve any role.",
            example='{deny: ["*:free"]}',
        ),
        "open_weights_only": Key(
            shape=Flag(),
            means="`true` keeps only models whose weights are open.",
            default="false",
            example="true",
        ),
        "max_price": Key(
            shape=MAX_PRICE,
            means="Price ceilings for every role.",
            example="{output: 30.0}",
        ),
    },
)


def _sections(role: Keys, *, required: bool) -> dict[str, Key]:
    return {
        "selector": Key(
            shape=SELECTOR,
            means="Selector for every role that names none; `--selector` overrides.",
            default="balanced",
            example="cost-first",
        ),
        "providers": Key(
            shape=MapOf(item=_PROVIDER_ENTRY, noun="provider", name=NAME),
            means="Settings per provider. A provider that is not listed is not out.",
            example="{openai: {env_key: OPENAI_API_KEY}}",
        ),
        "roles": Key(
            shape=MapOf(item=role, noun="role", name=ROLE_NAME),
            means="What your app needs models for; dots are part of a role's name.",
            example="{llm.inference: {kind: chat}}",
            required=required,
        ),
        "defaults": Key(
            shape=_DEFAULTS,
            means="Merged under every role.",
            example="{providers: [openai, anthropic]}",
        ),
        "policy": Key(
            shape=_POLICY,
            means="Hard limits for every role; `--check` holds the lock to them.",
            example="{providers: {deny: [deepseek]}}",
        ),
        "sources": Key(
            shape=MapOf(item=Free(), noun="source", name=NAME),
            means="Options of source plugins, by name; each plugin checks its own.",
            example="{models-dev: {url: /srv/mirrors/models.dev}}",
        ),
        "selectors": Key(
            shape=MapOf(item=Free(), noun="selector", name=NAME),
            means="Options of selector plugins, by name; each plugin checks its own.",
            example="{balanced: {gap: 50}}",
        ),
    }


_OVERLAY = Keys(keys=_sections(_PARTIAL_ROLE, required=False))

_HEAD = {
    "project": Key(
        shape=Text(), means="Name of your app.", example="my-app", required=True
    ),
    "env": Key(
        shape=Text(says="an environment name", pattern=NAME),
        means="The environment that holds without `--env`.",
        default="dev",
        example="dev",
    ),
}

FILE = Keys(
    keys={
        **_HEAD,
        **_sections(_PARTIAL_ROLE, required=True),
        "environments": Key(
            shape=MapOf(item=_OVERLAY, noun="environment", name=NAME),
            means="Per environment what differs; deep-merged over the rest.",
            example="{prod: {selector: quality-first}}",
        ),
    }
)
"""What people write."""

EFFECTIVE = Keys(keys={**_HEAD, **_sections(ROLE, required=True)})
"""What it comes to in one environment, after the merges: roles are complete."""


def every_key(
    table: Keys = FILE, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Key]]:
    """Every key that can be written, with its path.

    Yields:
        Paths such as ``("roles", "<role>", "require", "tools")`` with their keys,
        parents first; a name that people choose stands in angle brackets.
    """
    for name, key in table.keys.items():
        place = (*path, name)
        yield place, key
        shape: Shape = key.shape
        if isinstance(shape, MapOf):
            place, shape = (*place, f"<{shape.noun}>"), shape.item
        if isinstance(shape, Keys):
            yield from every_key(shape, place)
