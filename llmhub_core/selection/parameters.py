"""Call parameters, fitted to the model that is called."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from llmhub_core.records.model import CanonicalModel
from llmhub_core.records.need import RoleNeed

__all__ = ["TEMPERATURES", "Fitted", "fit"]

#: Temperature of tasks with an answer that is right, and of those that want many
#: different ones. Other tasks leave it to the provider.
TEMPERATURES: Mapping[str, float] = {
    "coding": 0.2,
    "creative_writing": 1.0,
    "math": 0.2,
}

_LIMITS = ("max_completion_tokens", "max_tokens")

#: Parameters of a chat that other calls do not take.
_CHAT_ONLY = frozenset(
    {
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "n",
        "parallel_tool_calls",
        "presence_penalty",
        "reasoning_effort",
        "response_format",
        "seed",
        "stop",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
    }
)


@frozen(kw_only=True)
class Fitted:
    """Parameters for one model.

    Attributes:
        params: What to send, by name, in sorted order.
        dropped: What was left out, each with the reason.
        notes: What was changed.
    """

    params: Mapping[str, object]
    dropped: Mapping[str, str]
    notes: tuple[str, ...] = ()


def fit(need: RoleNeed, model: CanonicalModel) -> Fitted:
    """Fit the author's parameters to a model, and add what the task suggests.

    Dropped is what the model is known not to take; where nothing is known, the
    author's word stands. A limit on the answer is lowered to the model's own.
    A temperature is added for coding, math (0.2) and creative writing (1.0), when
    the author names none, sets no reasoning effort, and the model is known to take
    one.

    Args:
        need: The role, with the author's parameters.
        model: The model they are for.
    """
    params: dict[str, object] = {}
    dropped: dict[str, str] = {}
    notes: list[str] = []
    for name, value in sorted(need.mode_params.items()):
        reason = _unfit(name, value, need, model)
        if reason is not None:
            dropped[name] = reason
            continue
        limit = model.max_output_tokens
        if name in _LIMITS and limit and isinstance(value, int) and value > limit:
            notes.append(f"{name} lowered from {value} to the model's {limit}")
            params[name] = limit
        else:
            params[name] = value
    if need.kind == "chat" and not {"temperature", "reasoning_effort"} & {
        *need.mode_params
    }:
        temperature = TEMPERATURES.get(need.task)
        if temperature is not None and model.supports_temperature is True:
            params["temperature"] = temperature
    return Fitted(
        params=dict(sorted(params.items())), dropped=dropped, notes=tuple(notes)
    )


def _unfit(
    name: str, value: object, need: RoleNeed, model: CanonicalModel
) -> str | None:
    if need.kind != "chat":
        return f"a call of kind {need.kind} takes none" if name in _CHAT_ONLY else None
    if name == "temperature" and model.supports_temperature is False:
        return "the model takes no temperature"
    if name == "reasoning_effort":
        return _unfit_effort(value, model)
    if name in {"tools", "tool_choice", "parallel_tool_calls"}:
        return "the model calls no tools" if model.supports_tool_call is False else None
    if name == "response_format" and model.supports_structured_output is False:
        return "the model follows no JSON schema"
    return None


def _unfit_effort(value: object, model: CanonicalModel) -> str | None:
    if model.supports_reasoning is False:
        return "the model does not reason"
    efforts = model.reasoning_efforts
    if efforts is None or value in efforts:
        return None
    if not efforts:
        return "the model's effort can't be set"
    return f"the model takes {', '.join(efforts)}"
