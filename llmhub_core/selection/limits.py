"""Every kind of limit: how it is compared, explained, and loosened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import eq, is_
from typing import Any, TypeAlias

from attrs import field, frozen

from llmhub_core.catalog.endpoints import elsewhere
from llmhub_core.numerals import plain
from llmhub_core.records.candidate import Quality
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed, Test
from llmhub_core.selection.pricing import rates
from llmhub_core.spec.reach import matches

__all__ = ["LIMITS", "Frame", "Limit", "Step"]

#: A value that a limit may be loosened to, and how far that is from the wish.
Step: TypeAlias = tuple[Any, float]


@frozen(kw_only=True)
class Frame:
    """What a comparison needs beside the model.

    Attributes:
        need: The role; its workload decides which price tier holds.
        qualities: Ratings on the scale of its task, by canonical id.
        callers: Providers that any-llm knows by name.
    """

    need: RoleNeed
    qualities: Mapping[str, Quality] = field(repr=False)
    callers: frozenset[str] = field(repr=False)


@frozen(kw_only=True)
class Limit:
    """One kind of limit.

    Attributes:
        value: Takes from a model what is compared; None is unknown.
        holds: Whether a value satisfies what is wanted; unknown never does where
            something is asked for.
        why: Says why it does not, to be read after the model's name: from model,
            value and what is wanted.
        step: The nearest thing to what is wanted that a value satisfies; None: the
            limit must go wholly.
    """

    value: Callable[[CanonicalModel, Frame], Any]
    holds: Callable[[Any, Any], bool]
    why: Callable[[CanonicalModel, Any, Any], str]
    step: Callable[[Any, Any], Step | None] = lambda value, wanted: None


def _field(name: str) -> Callable[[CanonicalModel, Frame], Any]:
    return lambda model, frame: getattr(model, name)


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)


# ------------------------------------------------------------------ what it is
#: Kinds of the catalog that a spec has no word for but ``other``.
_NAMELESS = frozenset({"moderation", "rerank", "video"})


def _callable(model: CanonicalModel, frame: Frame) -> str:
    # A provider that any-llm lacks is called at the address that the spec gives.
    own = model.provider in frame.need.open_providers
    return (
        "not_probed" if own and model.provider not in frame.callers else model.callable
    )


def _why_not_callable(model: CanonicalModel, value: Any, wanted: Any) -> str:
    if value == "no":
        return f"can't be called: {model.callable_note or 'not listed'}"
    return f"was not listed: {model.provider} was not asked"


def _elsewhere(model: CanonicalModel, frame: Frame) -> str | None:
    # What answers at an address of the user's own, the user knows.
    own = model.provider in frame.need.open_providers
    return None if own else elsewhere(model.provider, model.model_id)


def _why_status(model: CanonicalModel, value: Any, wanted: Any) -> str:
    if not wanted:
        return "is deprecated"
    return f"has status {value or 'unknown'}, not {_either(wanted)}"


def _matching(canonical_id: str, globs: Iterable[str]) -> str | None:
    return next((glob for glob in globs if matches(canonical_id, glob)), None)


# ------------------------------------------------------------------ what it can
def _capability(name: str, does: str) -> Limit:
    def why(model: CanonicalModel, value: Any, wanted: Any) -> str:
        known = "is not known" if value is None else "is known"
        plain = wanted is (value is None)
        return f"{known} {'to' if plain else 'not to'} {does}"

    return Limit(value=_field(name), holds=is_, why=why)


def _modalities(name: str, does: str) -> Limit:
    def missing(value: Any, wanted: Any) -> list[str]:
        return [item for item in wanted if item not in (value or ())]

    def why(model: CanonicalModel, value: Any, wanted: Any) -> str:
        lead = "is not known to" if value is None else "does not"
        return f"{lead} {does} {', '.join(missing(value, wanted))}"

    def step(value: Any, wanted: Any) -> Step | None:
        kept = tuple(item for item in wanted if item in (value or ()))
        return (kept, float(len(wanted) - len(kept))) if kept else None

    return Limit(
        value=_field(name),
        holds=lambda value, wanted: not missing(value, wanted),
        why=why,
        step=step,
    )


# ------------------------------------------------------------------ how much
def _at_least(name: str, noun: str, distance: Callable[[Any, Any], float]) -> Limit:
    def why(model: CanonicalModel, value: Any, wanted: Any) -> str:
        if value is None:
            return f"has no known {noun}"
        return f"has a {noun} of {value}, under {wanted}"

    return Limit(
        value=_field(name),
        holds=lambda value, wanted: value is not None and value >= wanted,
        why=why,
        step=lambda value, wanted: (
            None if value is None else (value, distance(value, wanted))
        ),
    )


def _no_less(name: str, why: str) -> Limit:
    """A limit for what is known only: unknown is no reason to turn a model away."""
    return Limit(
        value=_field(name),
        holds=lambda value, wanted: value is None or value >= wanted,
        why=lambda model, value, wanted: why.format(value=value, wanted=wanted),
    )


def _months(value: str, wanted: str) -> float:
    def count(date: str) -> float:
        # In the order of the comparison, where 2025-12 comes before 2025-12-01.
        year, month, day = (*map(int, date.split("-")), 0, 0)[:3]
        return year * 12 + month + day / 32

    return count(wanted) - count(value)


def _price(side: str) -> Limit:
    def why(model: CanonicalModel, value: Any, wanted: Any) -> str:
        if value is None:
            return f"has no known {side} price"
        return f"costs {plain(value)} per million {side} tokens, over {plain(wanted)}"

    def step(value: Any, wanted: Any) -> Step | None:
        if value is None:
            return None
        # A share of the wish, so that two ceilings under one key add up.
        return value, value / max(wanted, 1e-9) - 1

    return Limit(
        value=lambda model, frame: getattr(
            rates(model, frame.need.workload.input_tokens), side
        ),
        holds=lambda value, wanted: value is not None and value <= wanted,
        why=why,
        step=step,
    )


# ------------------------------------------------------------------ how good
def _rating(model: CanonicalModel, frame: Frame) -> Quality | None:
    return frame.qualities.get(model.canonical_id)


def _why_rating(model: CanonicalModel, value: Quality | None, wanted: Any) -> str:
    if value is None:
        return "has no rating for the task"
    place = f"{value.board}/{value.category}"
    return f"is rated {value.score:.0f} in {place}, under {wanted:g}"


def _why_measured(model: CanonicalModel, value: Quality | None, wanted: Any) -> str:
    if value is None:
        return "has no rating for the task"
    return f"has a rating that is {value.basis}, not measured"


LIMITS: Mapping[Test, Limit] = {
    "kind": Limit(
        value=_field("kind"),
        holds=lambda value, wanted: (
            value == wanted or (wanted == "other" and value in _NAMELESS)
        ),
        why=lambda model, value, wanted: (
            f"is of kind {value or 'unknown'}, not {wanted}"
        ),
    ),
    "callable": Limit(
        value=_callable,
        holds=lambda value, wanted: value in {"yes", wanted},
        why=_why_not_callable,
    ),
    "status": Limit(
        value=_field("status"),
        # Nothing said: every state but deprecated, unknown included.
        holds=lambda value, wanted: (
            value in wanted if wanted else value != "deprecated"
        ),
        why=_why_status,
    ),
    "paid": Limit(
        value=_field("price_basis"),
        holds=lambda value, wanted: value != "free",
        why=lambda model, value, wanted: (
            "is offered free of charge, so it is limited in ways no price list tells"
        ),
    ),
    "within_call": Limit(
        value=_elsewhere,
        holds=lambda value, wanted: value is None,
        why=lambda model, value, wanted: f"is {value}",
    ),
    "provider_in": Limit(
        value=_field("provider"),
        holds=lambda value, wanted: value in wanted,
        why=lambda model, value, wanted: f"is at {value}, not at {_either(wanted)}",
    ),
    "provider_not_in": Limit(
        value=_field("provider"),
        holds=lambda value, wanted: value not in wanted,
        why=lambda model, value, wanted: f"is at {value}",
    ),
    "id_matches": Limit(
        value=_field("canonical_id"),
        holds=lambda value, wanted: _matching(value, wanted) is not None,
        why=lambda model, value, wanted: f"matches none of {', '.join(wanted)}",
    ),
    "id_matches_none": Limit(
        value=_field("canonical_id"),
        holds=lambda value, wanted: _matching(value, wanted) is None,
        why=lambda model, value, wanted: f"matches {_matching(value, wanted)}",
    ),
    "model_is": Limit(
        value=_field("model_id"),
        holds=eq,
        why=lambda model, value, wanted: f"is not {wanted}",
    ),
    "tools": _capability("supports_tool_call", "call tools"),
    "structured_output": _capability(
        "supports_structured_output", "follow a JSON schema"
    ),
    "reasoning": _capability("supports_reasoning", "reason"),
    "open_weights": _capability("open_weights", "have open weights"),
    "takes": _modalities("input_modalities", "take"),
    "gives": _modalities("output_modalities", "give"),
    "context": _at_least(
        "context_tokens", "context window", lambda value, wanted: 1 - value / wanted
    ),
    "output": _at_least(
        "max_output_tokens", "output limit", lambda value, wanted: 1 - value / wanted
    ),
    "room": _no_less(
        "context_tokens",
        "has a context window of {value}, and a request takes {wanted}",
    ),
    "answer": _no_less(
        "max_output_tokens",
        "has an output limit of {value}, and an answer takes {wanted}",
    ),
    "knowledge": _at_least("knowledge_cutoff", "knowledge cutoff", _months),
    "price_input": _price("input"),
    "price_output": _price("output"),
    "quality": Limit(
        value=_rating,
        holds=lambda value, wanted: value is not None and value.score >= wanted,
        why=_why_rating,
        step=lambda value, wanted: (
            None if value is None else (value.score, wanted - value.score)
        ),
    ),
    "measured": Limit(
        value=_rating,
        holds=lambda value, wanted: (
            value is not None and value.basis in {"measured", "proxy"}
        ),
        why=_why_measured,
    ),
}
