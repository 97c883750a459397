"""The model that ``llm-assisted`` selectors may ask, called through the runtime."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from llmhub_core.contracts import Ask, SelectorContext
from llmhub_core.errors import LLMHubError, NoCandidatesError, SelectionError
from llmhub_core.records.catalog import Catalog
from llmhub_core.records.choice import Choice
from llmhub_core.records.spec import RoleSpec, Spec
from llmhub_core.selection.chosen import choose
from llmhub_core.settings import Settings

__all__ = ["SELECTOR_ROLE", "asking", "replaying"]

#: The role of a spec that does the thinking.
SELECTOR_ROLE = "llmhub.selector"

#: Unless the role says otherwise: how long an answer may take.
_PATIENCE = {"timeout": "30s", "deadline": "45s", "num_retries": 1}
_MOST_TOKENS = 2_000


def asking(
    spec: Spec,
    catalog: Catalog,
    *,
    settings: Settings,
    model: str | None = None,
    allowed: bool = True,
) -> SelectorContext:
    """Prepare what selectors are handed.

    Args:
        spec: The effective spec; its role ``llmhub.selector`` is asked.
        catalog: What that role is chosen from.
        settings: The run's settings.
        model: ``provider:model`` to ask instead, from ``--selector-model``.
        allowed: False forbids the call, as ``--no-llm`` does.

    Returns:
        A context that can ask, or one that says why it can't. Nothing is chosen,
        imported or sent before the first question.
    """
    if not allowed:
        return SelectorContext(unasked="--no-llm forbids to ask a model")
    if settings.offline:
        return SelectorContext(unasked="offline, no model is asked")
    if model is None and SELECTOR_ROLE not in spec.roles:
        return SelectorContext(
            unasked=f"no model to ask: add a role {SELECTOR_ROLE}, or give "
            "--selector-model"
        )
    return SelectorContext(ask=_Thinker(_thinking(spec, model), catalog, settings))


def _thinking(spec: Spec, model: str | None) -> Spec:
    """The spec of the role that thinks, alone; it is never chosen by thinking."""
    role = spec.roles.get(SELECTOR_ROLE) or RoleSpec(name=SELECTOR_ROLE, kind="chat")
    if model is not None:
        provider, _, name = model.partition(":")
        role = evolve(role, force_provider=provider, force_model=name)
    role = evolve(
        role,
        selector=None if role.selector == "llm-assisted" else role.selector,
        fallbacks=0 if model is not None else role.fallbacks,
        runtime={**_PATIENCE, **role.runtime},
    )
    kept = None if spec.selector == "llm-assisted" else spec.selector
    return evolve(spec, roles={SELECTOR_ROLE: role}, selector=kept)


class _Thinker:
    """Chooses the model at the first question, and keeps it for the next ones."""

    def __init__(self, spec: Spec, catalog: Catalog, settings: Settings) -> None:
        self._spec = spec
        self._catalog = catalog
        self._settings = settings
        self._lock = threading.Lock()
        self._choice: Choice | None = None

    def __call__(
        self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """See :class:`llmhub_core.contracts.Ask`."""
        with self._lock:
            choice = self._choice = self._choice or self._chosen()
        text = _answered(self._spec, choice, messages, schema)
        return _object(text)

    def _chosen(self) -> Choice:
        """Prefer what a key was found for; without any, the call will say so."""
        try:
            try:
                return self._among(callable_only=True)
            except NoCandidatesError:
                return self._among(callable_only=False)
        except LLMHubError as error:
            raise SelectionError(f"no model can be asked: {error}") from error

    def _among(self, *, callable_only: bool) -> Choice:
        found = choose(
            self._spec,
            self._catalog,
            callable_only=callable_only,
            settings=self._settings,
        )
        return found[SELECTOR_ROLE].choice


def _answered(
    spec: Spec,
    choice: Choice,
    messages: Sequence[Mapping[str, str]],
    schema: Mapping[str, Any],
) -> str:
    """Ask once, and return the text of the answer.

    Raises:
        SelectionError: No key, no connection, no answer in time, a refusal; in
            words without the key.
    """
    from llmhub_core.lock.emit import to_config
    from llmhub_runtime import LLMHub

    name = choice.primary.canonical_id
    params: dict[str, Any] = {}
    if "structured_output" in choice.primary.capabilities:
        form = {"name": "ranking", "schema": schema, "strict": True}
        params["response_format"] = {"type": "json_schema", "json_schema": form}
    if choice.primary.max_output_tokens is None:
        params["max_tokens"] = _MOST_TOKENS
    try:
        with LLMHub(config_obj=to_config(spec, [choice])) as hub:
            answer = hub.completion(SELECTOR_ROLE, list(messages), **params)
    # A dozen SDKs raise what they like, and every failure has the same answer: the
    # lock keeps it, so it names the kind of failure and nothing that varies.
    except Exception as error:
        problem = f"{name} gave no answer ({_kind(error)})"
        raise SelectionError(problem) from error
    text = answer.choices[0].message.content
    if not isinstance(text, str) or not text.strip():
        raise SelectionError(f"{name} gave no answer")
    return text


def _kind(error: Exception) -> str:
    """What went wrong first, in words that are the same every time."""
    attempts = getattr(error, "attempts", ())
    if not attempts:
        return type(error).__name__
    first = attempts[0]
    status = f" {first.status}" if first.status is not None else ""
    return f"{first.error_class}{status}"


def _object(text: str) -> Mapping[str, Any]:
    """Read the JSON object of an answer, which may stand in a fence."""
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1])
    except ValueError as error:
        raise SelectionError("its answer is not JSON") from error
    if not isinstance(found, dict):
        raise SelectionError("its answer is not a JSON object")
    return found


def replaying(pinned: str | None) -> SelectorContext:
    """Answer with what the lock pins, where it is asked the same question.

    Args:
        pinned: ``Choice.answer`` of the lock, or None.
    """
    if pinned is None:
        return SelectorContext(unasked="to explain, no model is asked")

    def ask(
        messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        said = json.dumps(list(messages), ensure_ascii=False, sort_keys=True)
        kept = _object(pinned)
        if kept.get("question_sha256") != hashlib.sha256(said.encode()).hexdigest():
            raise SelectionError("the pinned answer is to another question")
        answer = kept.get("answer")
        return answer if isinstance(answer, dict) else {}

    replay: Ask = ask
    return SelectorContext(ask=replay)
