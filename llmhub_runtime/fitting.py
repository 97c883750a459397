"""Parameters that a model takes, out of those that a call has.

A role's parameters are written for its own model, and a fallback may not take them
all. What any-llm or a provider refuses by name is left out and asked again, within the
same attempt, and remembered; what has another name there is renamed. What the caller
can't do without, such as ``tools``, is never left out: then the refusal stands.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Container, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeAlias

from llmhub_runtime.request import Request
from llmhub_runtime.resolve import Candidate
from llmhub_runtime.sending import unknown_argument

__all__ = ["Fitting"]

logger = logging.getLogger("llmhub_runtime")

# Without these the answer would be another one than was asked for.
_ESSENTIAL = frozenset(
    {
        "audio",
        "extra_body",
        "extra_headers",
        "extra_query",
        "input",
        "modalities",
        "previous_response_id",
        "response_format",
        "store",
        "text",
        "timeout",
        "tool_choice",
        "tools",
        "voice",
    }
)

# Sampling is fixed in OpenAI's reasoning models: "Features not supported" in
# https://platform.openai.com/docs/guides/reasoning and .../guides/latest-model.
_FIXED = re.compile(r"(o1|o3|o4|gpt-5)(-(mini|nano|pro))?(-\d{4}-\d\d-\d\d)?")
_SAMPLING = (
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "logit_bias",
)
# https://docs.anthropic.com/en/api/messages: "ranges from 0.0 to 1.0".
_COOL = ("anthropic", "azureanthropic", "vertexaianthropic")

_REFUSAL = re.compile(
    r"unsupported|not supported|(does|do)(n't| not) support|unknown|unrecognized"
    r"|unexpected|not permitted|not allowed|cannot both|not available|deprecated"
    r"|extra (inputs|fields)",
    re.IGNORECASE,
)
# Names of fields as they are told from words.
_MENTION = re.compile(r"(?<=[`'\"])\w+(?=[`'\"])|\b\w+(?=:)")
_REJECTED = (400, 422)
_OTHER_CAUSES = ("ContextLengthExceededError", "ContentFilterError")

_NEW_LIMIT = "max_completion_tokens"

_Model: TypeAlias = tuple[str, str | None, str]
_Circumstances: TypeAlias = tuple[str, frozenset[str], str]


class Fitting:
    """What each model was found not to take."""

    def __init__(self) -> None:
        self._refused: dict[_Model, dict[_Circumstances, tuple[str, ...]]] = {}

    def fit(
        self, candidate: Candidate, request: Request, params: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return parameters as this model takes them, and note what was changed."""
        fitted = _renamed(request, params)
        known = self._refused.get(_model(candidate))
        names = known.get(_circumstances(request, fitted), ()) if known else ()
        if candidate.provider == "openai" and _FIXED.fullmatch(candidate.model):
            for name in _SAMPLING:
                if fitted.get(name) not in (None, 1, False):
                    del fitted[name]
                    request.note(_left_out(candidate, name))
        elif candidate.provider in _COOL and _above_one(fitted.get("temperature")):
            fitted["temperature"] = 1.0
            request.note(f"temperature: 1 is the highest that {_who(candidate)} takes")
        for name in names:
            if name != _NEW_LIMIT or "max_tokens" not in names:
                _leave_out(candidate, request, fitted, name)
        return fitted

    def learn(
        self,
        candidate: Candidate,
        request: Request,
        params: Mapping[str, Any],
        error: Exception,
        usual: Container[str] = (),
    ) -> bool:
        """Find out from an error which parameter the model does not take.

        Args:
            candidate: Who was asked.
            request: What was asked.
            params: The parameters, as they were given to ``fit``.
            error: What the attempt raised.
            usual: Names that any-llm has for every provider, so they are spelt well.

        Returns:
            Whether ``fit`` will now make something else of the same parameters.
        """
        renamed = _renamed(request, params)
        row = _circumstances(request, renamed)
        rows = self._refused.setdefault(_model(candidate), {})
        known = rows.get(row, ())
        said, misspelt = _refusal(candidate, error)
        name = _named(said, renamed.keys(), known)
        if name is None or (misspelt and name not in usual):
            return False
        rows[row] = (*known, name)
        logger.warning("parameter.refused: %s", _left_out(candidate, name))
        return True


def _renamed(request: Request, params: Mapping[str, Any]) -> dict[str, Any]:
    """Call parameters by the names that any-llm has for them in this call."""
    fitted = dict(params)
    match request.call:
        case "completion":
            # any-llm turns it back into the new name wherever that is the one.
            if "max_completion_tokens" in fitted:
                fitted["max_tokens"] = fitted.pop("max_completion_tokens")
        case "responses":
            for name in ("max_tokens", "max_completion_tokens"):
                if name in fitted:
                    fitted.setdefault("max_output_tokens", fitted.pop(name))
            if "reasoning_effort" in fitted:
                effort = fitted.pop("reasoning_effort")
                fitted.setdefault("reasoning", {"effort": effort})
        case "embedding":
            # What the first llmhub.yaml files called it.
            if "embedding_dim" in fitted:
                fitted.setdefault("dimensions", fitted.pop("embedding_dim"))
        case _:
            pass
    return fitted


def _leave_out(
    candidate: Candidate, request: Request, fitted: dict[str, Any], name: str
) -> None:
    if name == _NEW_LIMIT:
        fitted["extra_body"] = {
            **fitted.get("extra_body", {}),
            "max_tokens": fitted.pop("max_tokens"),
        }
        request.note(f"max_tokens: {_who(candidate)} does not take its new name")
    elif fitted.pop(name, None) is not None:
        request.note(_left_out(candidate, name))


def _refusal(candidate: Candidate, error: Exception) -> tuple[str, bool]:
    """Return what an error says of a parameter, and whether it may be misspelt."""
    said: str | None = getattr(error, "parameter_name", None)
    if said is not None:
        return said, False
    text = str(getattr(error, "message", error))
    status = getattr(error, "status_code", None)
    if status is None:
        # An SDK's own refusal, for which nothing was sent. A role's parameters are
        # written for its own model: what that does not take is most likely a mistake.
        return unknown_argument(text), not candidate.stands_in
    if status not in _REJECTED or type(error).__name__ in _OTHER_CAUSES:
        return "", False
    param = getattr(error, "param", None)
    if _REFUSAL.search(f"{getattr(error, 'code', None)} {text}"):
        return param or text, False
    if candidate.stands_in:  # a value that was not written for it
        return param or " ".join(_MENTION.findall(text)), False
    return "", False


def _named(said: str, names: AbstractSet[str], known: Sequence[str]) -> str | None:
    """Return the first of some parameters that is named and can be left out."""
    if _NEW_LIMIT in said and "max_tokens" in names and "max_tokens" not in known:
        return "max_tokens" if _NEW_LIMIT in known else _NEW_LIMIT
    for found in re.finditer(r"\w+", said):
        word = found[0]
        if word in names and word not in known and word not in _ESSENTIAL:
            return word
    return None


def _model(candidate: Candidate) -> _Model:
    return candidate.provider, candidate.endpoint.api_base, candidate.model


def _circumstances(request: Request, renamed: Mapping[str, Any]) -> _Circumstances:
    # Some are refused only beside others, or at some efforts.
    effort = renamed.get("reasoning_effort")
    return request.call, frozenset(renamed), str(effort)


def _above_one(value: object) -> bool:
    return isinstance(value, (int, float)) and value > 1


def _left_out(candidate: Candidate, name: str) -> str:
    return f"{name}: {_who(candidate)} does not take it"


def _who(candidate: Candidate) -> str:
    return f"{candidate.model} of {candidate.provider}"
