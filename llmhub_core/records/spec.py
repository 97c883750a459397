"""What is wanted: the effective spec of one environment.

Everything here is already merged: ``defaults`` under every role, the chosen
environment over the rest. A field that nobody wrote is None (or the default that
is documented for it), so "not said" never reads as "no".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

__all__ = [
    "Kind",
    "Level",
    "MaxPrice",
    "Policy",
    "Preferences",
    "ProviderSpec",
    "Require",
    "RoleSpec",
    "Scalar",
    "Spec",
    "Status",
    "Workload",
]

Level: TypeAlias = Literal["low", "medium", "high"]
Kind: TypeAlias = Literal["chat", "embedding", "image", "audio", "tool", "other"]
Status: TypeAlias = Literal["stable", "beta", "alpha", "deprecated"]
Scalar: TypeAlias = str | int | float | bool | None


@frozen(kw_only=True)
class MaxPrice:
    """Price ceilings in US dollars per million tokens; None sets no ceiling."""

    input: float | None = None
    output: float | None = None


@frozen(kw_only=True)
class ProviderSpec:
    """One entry under ``providers``.

    Attributes:
        enabled: False takes every model of this provider out of the choice.
        env_key: Name of the variable that holds the key; None is any-llm's own.
        env_keys: More such variables, whose keys take turns.
        api_base: Base address of the endpoint; None is the provider's own.
    """

    enabled: bool = True
    env_key: str | None = None
    env_keys: tuple[str, ...] = ()
    api_base: str | None = None


@frozen(kw_only=True)
class Preferences:
    """Soft wishes (the three levels) and the hard lists that stand beside them.

    Attributes:
        quality: How much rating counts.
        cost: How much a low price counts: ``low`` wants cheap, ``high`` may cost.
        latency: How much speed counts: ``low`` wants a quick answer.
        providers: Allowlist, hard; its order breaks ties. Empty allows all.
        provider_blocklist: Providers that are out, hard.
        model_denylist: Globs on canonical ids (``provider:model``) that are out.
    """

    quality: Level | None = None
    cost: Level | None = None
    latency: Level | None = None
    providers: tuple[str, ...] = ()
    provider_blocklist: tuple[str, ...] = ()
    model_denylist: tuple[str, ...] = ()


@frozen(kw_only=True)
class Require:
    """Hard needs of a role; None or empty asks nothing.

    Attributes:
        tools: The model must (True) or must not (False) call tools.
        structured_output: Likewise for answers that follow a JSON schema.
        reasoning: Likewise for a reasoning mode.
        input_modalities: All of these must go in (``text``, ``image``, ...).
        output_modalities: All of these must come out.
        context_tokens: Smallest context window, in tokens.
        max_output_tokens: Smallest output limit, in tokens.
        open_weights: The weights must (True) or must not (False) be open.
        knowledge_after: Earliest knowledge cutoff, ``YYYY``, ``YYYY-MM`` or
            ``YYYY-MM-DD``.
        max_price: Ceilings in US dollars per million tokens.
        min_quality: Lowest arena rating in the category of the role's task.
        measured_quality: True wants a measured rating, not an inherited one.
        status: Release states that may serve; empty is every state except
            ``deprecated``.
    """

    tools: bool | None = None
    structured_output: bool | None = None
    reasoning: bool | None = None
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    open_weights: bool | None = None
    knowledge_after: str | None = None
    max_price: MaxPrice = MaxPrice()
    min_quality: float | None = None
    measured_quality: bool | None = None
    status: tuple[Status, ...] = ()


@frozen(kw_only=True)
class Workload:
    """What one request of a role looks like; prices are reckoned on it.

    Attributes:
        input_tokens: Tokens sent per request, cached ones included.
        output_tokens: Tokens generated per request, reasoning included.
        cached_input: Share of the input read from the provider's cache, 0 to 1.
        requests_per_month: For monthly sums; None leaves them out.
    """

    input_tokens: int = 1000
    output_tokens: int = 300
    cached_input: float = 0.0
    requests_per_month: int | None = None


@frozen(kw_only=True)
class Policy:
    """Hard limits for every role; ``generate --check`` holds the lock to them.

    Attributes:
        providers_allow: Providers that may serve; empty allows all.
        providers_deny: Providers that may not.
        models_allow: Globs on canonical ids that may serve; empty allows all.
        models_deny: Globs on canonical ids that may not.
        open_weights_only: True keeps only models whose weights are open.
        max_price: Ceilings in US dollars per million tokens.
    """

    providers_allow: tuple[str, ...] = ()
    providers_deny: tuple[str, ...] = ()
    models_allow: tuple[str, ...] = ()
    models_deny: tuple[str, ...] = ()
    open_weights_only: bool = False
    max_price: MaxPrice = MaxPrice()


@frozen(kw_only=True)
class RoleSpec:
    """One role, with ``defaults`` and the environment already merged in.

    Attributes:
        name: The role's name; dots are part of it.
        kind: What the role calls.
        description: For people, and for selectors that read it.
        task: ``general``, ``coding``, ... or a language; None is ``general``.
        preferences: Soft wishes and the lists beside them.
        require: Hard needs.
        relax: Names of needs in ``require`` that may give way, in this order.
        workload: The typical request.
        selector: This role's own selector, or None for the spec's.
        selector_options: Options for ``selector``, over ``Spec.selectors``.
        fallbacks: How many backups to emit, or exactly these
            (``provider:model``, in this order).
        force_provider: Only this provider.
        force_model: Only this model, as its provider calls it.
        mode_params: Call parameters, passed on as written.
        runtime: Settings for the runtime, passed on as written.
    """

    name: str
    kind: Kind = "chat"
    description: str | None = None
    task: str | None = None
    preferences: Preferences = Preferences()
    require: Require = Require()
    relax: tuple[str, ...] = ()
    workload: Workload = Workload()
    selector: str | None = None
    selector_options: Mapping[str, Any] = field(factory=dict, hash=False)
    fallbacks: int | tuple[str, ...] = 2
    force_provider: str | None = None
    force_model: str | None = None
    mode_params: Mapping[str, Any] = field(factory=dict, hash=False)
    runtime: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class Spec:
    """The effective spec of one environment.

    Attributes:
        project: The application's name.
        env: The environment that this is the spec of.
        environments: Every environment that the file knows, the default first; not
            part of equality.
        selector: Selector for every role that names none; None is the default.
        providers: By name, as written; one that is not listed is not out.
        roles: By name, in the order of the file; never empty.
        policy: Hard limits for every role.
        sources: Options of source plugins, by plugin name.
        selectors: Options of selector plugins, by plugin name.
        path: The file this came from, or None.
        lines: 1-based line of every written key by its ``/``-joined path
            (``roles/llm.inference/kind``); not part of equality.
    """

    project: str
    env: str = "dev"
    environments: tuple[str, ...] = field(default=("dev",), eq=False)
    selector: str | None = None
    providers: Mapping[str, ProviderSpec] = field(factory=dict, hash=False)
    roles: Mapping[str, RoleSpec] = field(hash=False)
    policy: Policy = Policy()
    sources: Mapping[str, Mapping[str, Any]] = field(factory=dict, hash=False)
    selectors: Mapping[str, Mapping[str, Any]] = field(factory=dict, hash=False)
    path: Path | None = field(default=None, eq=False)
    lines: Mapping[str, int] = field(factory=dict, eq=False, repr=False)

    def line(self, *keys: str) -> int | None:
        """The 1-based line where a key was written, or of its nearest parent."""
        for depth in range(len(keys), 0, -1):
            if (line := self.lines.get("/".join(keys[:depth]))) is not None:
                return line
        return None
