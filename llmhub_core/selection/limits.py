"""What can be asked of a model: how it is compared, explained, and loosened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Protocol, TypeAlias

from attrs import field, frozen

from llmhub_core.records.candidate import Quality
from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed, Test
from llmhub_core.selection.pricing import rates

__all__ = ["LIMITS", "Frame", "Limit", "Step"]

#: A value that a limit may be loosened to, and how far that is from the wish.
Step: TypeAlias = tuple[Any, float]


@frozen(kw_only=True)
class Frame:
    """What a comparison needs beside the model.

    Attributes:
        need: The role; its workload decides which price tier holds.
        qualities: Ratings on the scale of its task, by canonical id.
    """

    need: RoleNeed
    qualities: Mapping[str, Quality] = field(repr=False)


class Limit(Protocol):
    """One kind of limit. ``wanted`` is what the spec asks for."""

    def value(self, model: CanonicalModel, frame: Frame) -> Any:
        """What is compared; None is unknown."""

    def holds(self, value: Any, wanted: Any) -> bool:
        """Whether the limit is satisfied; unknown never satisfies a need."""

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        """Say why it is not, to be read after the model's name."""

    def step(self, value: Any, wanted: Any) -> Step | None:
        """The nearest limit that the value satisfies; None: it must go wholly."""


class _Firm:
    """A limit without a middle: it holds or it is gone."""

    def step(self, value: Any, wanted: Any) -> Step | None:
        return None


class _Kind(_Firm):
    def value(self, model: CanonicalModel, frame: Frame) -> Any:
        return model.kind

    def holds(self, value: Any, wanted: Any) -> bool:
        return bool(value == wanted)

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        return f"is of kind {value or 'unknown'}, not {wanted}"


class _Callable(_Firm):
    def value(self, model: CanonicalModel, frame: Frame) -> Any:
        return model.callable

    def holds(self, value: Any, wanted: Any) -> bool:
        return value in ({"yes"} if wanted == "yes" else {"yes", "not_probed"})

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        if value == "no":
            return f"can't be called: {model.callable_note or 'not listed'}"
        return f"was not listed: {model.provider} was not asked"


class _Status(_Firm):
    def value(self, model: CanonicalModel, frame: Frame) -> Any:
        return model.status

    def holds(self, value: Any, wanted: Any) -> bool:
        # Nothing said: every state but deprecated, unknown included.
        return value in wanted if wanted else value != "deprecated"

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        if not wanted:
            return "is deprecated"
        return f"has status {value or 'unknown'}, not {_either(wanted)}"


class _ProviderIn(_Firm):
    def value(self, model: CanonicalModel, frame: Frame) -> Any:
        return model.provider

    def holds(self, value: Any, wanted: Any) -> bool:
        return value in wanted

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        return f"is at {value}, not at {_either(wanted)}"


class _ProviderNotIn(_ProviderIn):
    def holds(self, value: Any, wanted: Any) -> bool:
        return value not in wanted

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        return f"is at {value}"


class _IdMatches(_Firm):
    def value(self, model: CanonicalModel, frame: Frame) -> Any:
        return model.canonical_id

    def holds(self, value: Any, wanted: Any) -> bool:
        return _matching(value, wanted) is not None

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        return f"matches none of {', '.join(wanted)}"


class _IdMatchesNone(_IdMatches):
    def holds(self, value: Any, wanted: Any) -> bool:
        return _matching(value, wanted) is None

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        return f"matches {_matching(value, wanted)}"


class _ModelIs(_Firm):
    def value(self, model: CanonicalModel, frame: Frame) -> Any:
        return model.model_id

    def holds(self, value: Any, wanted: Any) -> bool:
        return bool(value == wanted)

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        return f"is not {wanted}"


@frozen
class _Capability(_Firm):
    field: str
    does: str

    def value(self, model: CanonicalModel, frame: Frame) -> Any:
        return getattr(model, self.field)

    def holds(self, value: Any, wanted: Any) -> bool:
        return value is wanted

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        if value is None:
            return f"is not known {'to' if wanted else 'not to'} {self.does}"
        return f"is known {'not to' if wanted else 'to'} {self.does}"


@frozen
class _Modalities:
    field: str
    does: str

    def value(self, model: CanonicalModel, frame: Frame) -> Any:
        return getattr(model, self.field)

    def holds(self, value: Any, wanted: Any) -> bool:
        return all(item in (value or ()) for item in wanted)

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        if value is None:
            return f"is not known to {self.does} {', '.join(wanted)}"
        missing = [item for item in wanted if item not in value]
        return f"does not {self.does} {', '.join(missing)}"

    def step(self, value: Any, wanted: Any) -> Step | None:
        kept = tuple(item for item in wanted if item in (value or ()))
        return (kept, float(len(wanted) - len(kept))) if kept else None


@frozen
class _AtLeast:
    field: str
    noun: str

    def value(self, model: CanonicalModel, frame: Frame) -> Any:
        return getattr(model, self.field)

    def holds(self, value: Any, wanted: Any) -> bool:
        return value is not None and value >= wanted

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        if value is None:
            return f"has no known {self.noun}"
        return f"has a {self.noun} of {value}, under {wanted}"

    def step(self, value: Any, wanted: Any) -> Step | None:
        if value is None:
            return None
        return min(value, wanted), max(0.0, 1 - value / wanted)


class _Knowledge(_AtLeast):
    def step(self, value: Any, wanted: Any) -> Step | None:
        if value is None:
            return None
        granted = min(value, wanted)
        return granted, _months(wanted) - _months(granted)


class _PriceAtMost:
    side: str

    def value(self, model: CanonicalModel, frame: Frame) -> Any:
        found = rates(model, frame.need.workload.input_tokens)
        return getattr(found, self.side)

    def holds(self, value: Any, wanted: Any) -> bool:
        return value is not None and value <= wanted

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        if value is None:
            return f"has no known {self.side} price"
        return f"costs {value:g} per million {self.side} tokens, over {wanted:g}"

    def step(self, value: Any, wanted: Any) -> Step | None:
        if value is None:
            return None
        # Shares of the wish, so that two ceilings under one key add up.
        return max(value, wanted), max(0.0, value / max(wanted, 1e-9) - 1)


class _PriceInput(_PriceAtMost):
    side = "input"


class _PriceOutput(_PriceAtMost):
    side = "output"


class _Rated:
    def value(self, model: CanonicalModel, frame: Frame) -> Any:
        return frame.qualities.get(model.canonical_id)

    def holds(self, value: Any, wanted: Any) -> bool:
        return value is not None and value.score >= wanted

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        if value is None:
            return "has no rating for the task"
        place = f"{value.board}/{value.category}"
        return f"is rated {value.score:.0f} in {place}, under {wanted:g}"

    def step(self, value: Any, wanted: Any) -> Step | None:
        if value is None:
            return None
        return min(value.score, wanted), max(0.0, wanted - value.score)


class _Measured(_Firm, _Rated):
    def holds(self, value: Any, wanted: Any) -> bool:
        return value is not None and value.basis in {"measured", "proxy"}

    def why(self, model: CanonicalModel, value: Any, wanted: Any) -> str:
        if value is None:
            return "has no rating for the task"
        return f"has a rating that is {value.basis}, not measured"


def _matching(canonical_id: str, globs: Iterable[str]) -> str | None:
    return next((glob for glob in globs if fnmatchcase(canonical_id, glob)), None)


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)


def _months(date: str) -> float:
    year, month, day = (*map(int, date.split("-")), 1, 1)[:3]
    return year * 12 + month + day / 31


LIMITS: Mapping[Test, Limit] = {
    "kind": _Kind(),
    "callable": _Callable(),
    "status": _Status(),
    "provider_in": _ProviderIn(),
    "provider_not_in": _ProviderNotIn(),
    "id_matches": _IdMatches(),
    "id_matches_none": _IdMatchesNone(),
    "model_is": _ModelIs(),
    "tools": _Capability("supports_tool_call", "call tools"),
    "structured_output": _Capability(
        "supports_structured_output", "follow a JSON schema"
    ),
    "reasoning": _Capability("supports_reasoning", "reason"),
    "open_weights": _Capability("open_weights", "have open weights"),
    "takes": _Modalities("input_modalities", "take"),
    "gives": _Modalities("output_modalities", "give"),
    "context": _AtLeast("context_tokens", "context window"),
    "output": _AtLeast("max_output_tokens", "output limit"),
    "knowledge": _Knowledge("knowledge_cutoff", "knowledge cutoff"),
    "price_input": _PriceInput(),
    "price_output": _PriceOutput(),
    "quality": _Rated(),
    "measured": _Measured(),
}
