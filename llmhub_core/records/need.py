"""What one role needs, ready to be compared with models."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from llmhub_core.records.model import Kind
from llmhub_core.records.spec import Level, Workload

__all__ = ["Constraints", "RatingKey", "RoleNeed", "Weights"]


@frozen(kw_only=True)
class RatingKey:
    """A board and one of its categories.

    Attributes:
        board: ``text``, ``vision``, ...
        category: ``overall``, ``coding``, ...
    """

    board: str
    category: str


@frozen(kw_only=True)
class Weights:
    """How much each wish counts; the three add up to 1.

    Attributes:
        quality: Share of quality.
        cost: Share of cost.
        latency: Share of latency.
    """

    quality: float
    cost: float
    latency: float


@frozen(kw_only=True)
class Constraints:
    """The hard limits of one role; None means no limit.

    Role, policy and preferences are already folded in: a ceiling is the lowest
    of those given, a deny list the union of all.

    Attributes:
        kind: What the model must be.
        tools: Whether tool calls must (True) or must not (False) be supported.
        structured_output: The same for structured output.
        reasoning: The same for reasoning.
        open_weights: The same for open weights.
        input_modalities: Modalities that it must take.
        output_modalities: Modalities that it must give.
        context_tokens: Least context window.
        max_output_tokens: Least output limit.
        knowledge_after: Earliest knowledge cutoff, ``YYYY-MM[-DD]``.
        max_price_input: Ceiling, US dollars per million input tokens.
        max_price_output: Ceiling, US dollars per million output tokens.
        min_quality: Least rating of the task's category.
        measured_quality: True when an inherited rating does not count.
        statuses: Statuses that are acceptable.
        providers: Allowlist of provider names; None allows every provider.
        denied_providers: Providers that are out.
        models: Allowlist of globs on canonical ids; None allows every model.
        denied_models: Globs on canonical ids that are out.
        callable_only: True when models that were not probed are out too.
    """

    kind: Kind
    tools: bool | None = None
    structured_output: bool | None = None
    reasoning: bool | None = None
    open_weights: bool | None = None
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    knowledge_after: str | None = None
    max_price_input: float | None = None
    max_price_output: float | None = None
    min_quality: float | None = None
    measured_quality: bool = False
    statuses: tuple[str, ...] = ("stable", "beta", "alpha")
    providers: tuple[str, ...] | None = None
    denied_providers: tuple[str, ...] = ()
    models: tuple[str, ...] | None = None
    denied_models: tuple[str, ...] = ()
    callable_only: bool = False


@frozen(kw_only=True)
class RoleNeed:
    """One role, interpreted.

    Attributes:
        role: Name of the role.
        description: The author's words, data for selectors that read.
        task: Task name, such as ``general`` or ``coding``.
        ratings: Where its quality is looked up, first found wins.
        quality: Wished level, or None.
        cost: Wished level, or None.
        latency: Wished level, or None.
        weights: The levels as shares.
        constraints: Hard limits.
        relax: Constraint names that may give way, in this order.
        workload: What a typical request looks like.
        backups: How many backups to emit.
        explicit_backups: Canonical ids that the author named as backups.
        forced: Canonical id that the author forces, or None.
        mode_params: Call parameters of the author.
    """

    role: str
    constraints: Constraints
    description: str | None = None
    task: str = "general"
    ratings: tuple[RatingKey, ...] = ()
    quality: Level | None = None
    cost: Level | None = None
    latency: Level | None = None
    weights: Weights = Weights(quality=1 / 3, cost=1 / 3, latency=1 / 3)
    relax: tuple[str, ...] = ()
    workload: Workload = field(factory=Workload)
    backups: int = 2
    explicit_backups: tuple[str, ...] = ()
    forced: str | None = None
    mode_params: Mapping[str, object] = field(factory=dict, hash=False)
