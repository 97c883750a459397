"""What one role needs, ready to be compared with models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from llmhub_core.records.model import Kind
from llmhub_core.records.spec import Level, Workload

__all__ = ["Constraint", "RatingKey", "RoleNeed", "Test", "Weights"]

Test: TypeAlias = Literal[
    "kind",
    "callable",
    "status",
    "paid",
    "within_call",
    "provider_in",
    "provider_not_in",
    "id_matches",
    "id_matches_none",
    "model_is",
    "tools",
    "structured_output",
    "reasoning",
    "open_weights",
    "takes",
    "gives",
    "context",
    "output",
    "room",
    "answer",
    "knowledge",
    "price_input",
    "price_output",
    "quality",
    "measured",
]


@frozen(kw_only=True)
class Constraint:
    """One hard limit: where the spec says it, and what it asks of a model.

    Attributes:
        name: Dotted key of the spec that it comes from, such as
            ``require.tools`` or ``policy.providers.deny``; ``callable``,
            ``endpoint`` and ``free`` come from the catalog. Several constraints may
            share a name: taking the key away takes all of them away.
        test: What is compared.
        wanted: What it is compared with: a truth for capabilities, tokens for
            limits, US dollars per million tokens for prices, a rating for
            ``quality``, names or globs for the rest.
    """

    name: str
    test: Test
    wanted: str | bool | float | tuple[str, ...]


@frozen(kw_only=True)
class RatingKey:
    """A board and one of its categories.

    Attributes:
        board: ``text``, ``vision``, ...
        category: ``overall``, ``coding``, ...
    """

    board: str
    category: str

    def __str__(self) -> str:
        return f"{self.board}/{self.category}"


@frozen(kw_only=True)
class Weights:
    """How much each wish counts; the three add up to 1.

    Attributes:
        quality: Share of quality.
        cost: Share of cost.
        latency: Share of latency.
    """

    quality: float = 1 / 3
    cost: float = 1 / 3
    latency: float = 1 / 3


@frozen(kw_only=True)
class RoleNeed:
    """One role, interpreted.

    Attributes:
        role: Name of the role.
        kind: What the model must be.
        description: The author's words, data for selectors that read.
        task: Task name, such as ``general`` or ``coding``.
        ratings: Where its quality is looked up: the first is the scale, the
            others stand in for models that it does not rate.
        quality: Wished level, or None.
        cost: Wished level, or None.
        latency: Wished level, or None.
        weights: The levels as shares.
        constraints: Hard limits; a model is eligible when all of them hold.
        waived: Limits that a forced model sets aside; reported, not enforced.
        relax: Keys of ``require`` that may give way, in this order.
        preferred_providers: The allowlist in its order, which breaks ties.
        open_providers: Providers with an address of the author's own: any model
            id may be right there.
        workload: What a typical request looks like.
        backups: How many backups to emit.
        explicit_backups: Canonical ids that the author named as backups; when
            there are any, no others are emitted.
        forced: The author's ``force_model``, as ``provider:model`` where the
            provider is named too, or None.
        mode_params: Call parameters of the author.
    """

    role: str
    kind: Kind = "chat"
    description: str | None = None
    task: str = "general"
    ratings: tuple[RatingKey, ...] = ()
    quality: Level | None = None
    cost: Level | None = None
    latency: Level | None = None
    weights: Weights = Weights()
    constraints: tuple[Constraint, ...] = ()
    waived: tuple[Constraint, ...] = ()
    relax: tuple[str, ...] = ()
    preferred_providers: tuple[str, ...] = ()
    open_providers: tuple[str, ...] = ()
    workload: Workload = field(factory=Workload)
    backups: int = 2
    explicit_backups: tuple[str, ...] = ()
    forced: str | None = None
    mode_params: Mapping[str, object] = field(factory=dict, hash=False)

    def without(self, *names: str) -> RoleNeed:
        """The same need with every constraint of these names taken away."""
        kept = tuple(c for c in self.constraints if c.name not in names)
        return evolve(self, constraints=kept)
